"""The adapters of all enabled accounts, made anew where an account or a secret of it changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from data.errors import CallboardError, StoreError
from data.identity.actor import system
from data.messaging import Messenger
from data.services.messenger_accounts import AccountState, MessengerAccount, accounts, note_state, secrets_of
from data.settings import Settings
from data.store.protocol import Store
from ingest.messengers.adapter import Adapter, MakeAdapter, SendFailed
from ingest.messengers.making import ADAPTERS

log = structlog.get_logger()

ACTOR = system("ingest")


@dataclass(frozen=True, slots=True)
class Line:
    """An account at work."""

    account: MessengerAccount
    adapter: Adapter


class Lines:
    """Who speaks for which account now. Safe to use from many threads."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        makers: Mapping[Messenger, MakeAdapter] = ADAPTERS,
    ) -> None:
        self._store, self._settings = store, settings
        self._makers = makers
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()

    def refresh(self) -> None:
        """Look at the accounts again. Raises StoreError."""
        with self._refreshing:  # else an older look might undo a newer one
            self._refresh()

    def get(self, account: str) -> Line | None:
        """None where there is no such account, or it is switched off."""
        with self._lock:
            return self._lines.get(account)

    def all(self) -> list[Line]:
        with self._lock:
            return list(self._lines.values())

    def close(self) -> None:
        for line in self.all():
            line.adapter.close()

    def tell(self, account: str, trouble: SendFailed | None, answer: str | None = None) -> None:
        """Keep whether the messenger answered; a store that is away is not told."""
        state = AccountState.FAILING if trouble else AccountState.WORKING
        line = self.get(account)
        if line is not None and trouble is None and answer is None and line.account.state is AccountState.WORKING:
            return
        try:
            note_state(self._store, ACTOR, account, state, str(trouble) if trouble else answer, now=datetime.now(UTC))
        except StoreError as error:
            log.debug("the state of an account is not stored", account=account, reason=str(error))

    def _refresh(self) -> None:
        found = {one.account: one for one in accounts(self._store, ACTOR) if one.enabled}
        with self._lock:
            for name, line in list(self._lines.items()):
                present = found.get(name)
                if present is None or present.version != line.account.version:
                    # Not closed: a request may be under way in it. It closes with its last user.
                    del self._lines[name]
            for name, account in found.items():
                if name not in self._lines and (adapter := self._made(account)) is not None:
                    self._lines[name] = Line(account, adapter)

    def _made(self, account: MessengerAccount) -> Adapter | None:
        from data.identity.secrets import Secrets  # where there is no account, no database of users is loaded

        try:
            secrets = secrets_of(Secrets(self._settings), account.account)
            return self._makers[account.messenger](account, secrets, self._settings)
        except (CallboardError, ValueError) as error:
            log.warning("an account of a messenger cannot be used", account=account.account, reason=str(error))
            return None
