"""Behind the webhooks: the accounts and their secrets as they were a moment ago."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.concurrency import run_in_threadpool

from data.errors import CallboardError, StoreError
from data.identity.actor import system
from data.identity.secrets import Secrets
from data.messaging import Messenger
from data.services.messenger_accounts import accounts, secrets_of
from data.settings import Settings
from data.store.protocol import Store

_KNOWN_FOR_S = 5.0
_LONGEST_S = 60.0  # an older answer is good for nothing
DOUBTED_FOR_S = 0.1  # an account that is not there may have been made this moment, or its secret changed

ACTOR = system("web")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Known:
    """An account as its webhook needs it."""

    messenger: Messenger
    secrets: Mapping[str, str]


class Book:
    """The accounts and their secrets, read anew every few seconds at most."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._secrets = Secrets(settings)
        self._known: dict[str, Known] = {}
        self._read_at: float | None = None
        self._lock = threading.Lock()

    async def known(self, account: str, *, for_s: float | None = None) -> Known | None:
        """The account as it was lately, or `for_s` ago; one that was not there is looked for. Raises StoreError."""
        found = self._known.get(account)
        if found is None or for_s is not None or not self._is_fresh(_LONGEST_S):
            return await run_in_threadpool(self.get, account, for_s=DOUBTED_FOR_S if for_s is None else for_s)
        if not self._is_fresh(_KNOWN_FOR_S) and not self._lock.locked():
            # Nobody waits for the next look: the store may be busy, or away.
            asyncio.get_running_loop().run_in_executor(None, self.look)
        return found

    def look(self) -> None:
        """Read the accounts anew; trouble is only told."""
        try:
            self.get("")
        except Exception as error:
            log.warning("the accounts of messengers cannot be read", reason=str(error))

    def get(self, account: str, *, for_s: float = _KNOWN_FOR_S) -> Known | None:
        """None where there is no such account, or it is switched off. Raises StoreError while nothing is known."""
        with self._lock:
            if not self._is_fresh(for_s):
                try:
                    self._known = self._read()
                except StoreError:
                    if self._read_at is None:
                        raise
                self._read_at = time.monotonic()
            return self._known.get(account)

    def _is_fresh(self, for_s: float) -> bool:
        return self._read_at is not None and time.monotonic() - self._read_at <= for_s

    def _read(self) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for one in accounts(self._store, ACTOR):
            if not one.enabled:
                continue
            try:
                found[one.account] = Known(one.messenger, secrets_of(self._secrets, one.account))
            except CallboardError as error:
                log.error("the secrets of an account cannot be read", account=one.account, reason=str(error))
        return found
