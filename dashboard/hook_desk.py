"""Behind the webhooks: the accounts as they were a moment ago, and the writer whose transactions several share."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool

from dashboard.context import utc_now
from data.errors import CallboardError, StoreError
from data.identity.actor import system
from data.identity.secrets import Secrets
from data.messaging import Messenger
from data.services.messenger_accounts import accounts, secrets_of
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic

_MOST_TOGETHER = 200
_MOST_BYTES = 16 << 20  # of requests that wait to be stored; more are told to come again
_KNOWN_FOR_S = 5.0
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

    async def known(self, account: str, *, for_s: float = _KNOWN_FOR_S) -> Known | None:
        """The account as it was `for_s` ago; one that was not there then is looked for again. Raises StoreError."""
        found = self._known.get(account)
        if found is None or not self._is_fresh(for_s):
            return await run_in_threadpool(self.get, account, for_s=DOUBTED_FOR_S if found is None else for_s)
        return found

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


class Writer:
    """Stores requests: while one transaction is under way, the next ones gather."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[str, bytes, str, asyncio.Future[bool]]] = []
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    async def store(self, account: str, body: bytes, headers: str) -> bool:
        """Whether it is stored for good."""
        if self._bytes + len(body) > _MOST_BYTES:
            return False
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((account, body, headers, done))
        self._bytes += len(body)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            now = utc_now()
            params = {
                "hook_ids": [str(uuid4()) for _ in batch],
                "accounts": [account for account, _, _, _ in batch],
                "moments": [now] * len(batch),
                "bodies": [body for _, body, _, _ in batch],
                "headers": [headers for _, _, headers, _ in batch],
            }
            step = Statement(name="hook_events_insert", params=params, expect_rows=len(batch))
            stored = True
            try:
                await run_in_threadpool(self._store.transact, [step], actor=ACTOR, touches={Topic.HOOKS: ()})
            except Exception as error:
                log.error("webhooks cannot be stored; the messengers will tell them again", reason=str(error))
                stored = False
            for _, body, _, done in batch:
                self._bytes -= len(body)
                if not done.done():  # its request may have been broken off
                    done.set_result(stored)
