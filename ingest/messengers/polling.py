"""Asks services for deliveries where they do not call us: one thread an account, longer and longer apart in trouble."""

from __future__ import annotations

import threading
from functools import partial

import structlog

from data.errors import StoreError
from data.store.protocol import Store
from ingest.messengers.accounts import Line, Lines
from ingest.messengers.adapter import SendFailed
from ingest.messengers.inbox import keep

log = structlog.get_logger()

_WAIT_S = 25.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0


class Polls:
    """The accounts that are asked."""

    def __init__(self, store: Store, lines: Lines, *, wait_s: float = _WAIT_S) -> None:
        self._store, self._lines, self._wait_s = store, lines, wait_s
        self._running: dict[str, tuple[Line, threading.Event]] = {}

    def follow(self) -> None:
        """Begin with accounts that are new, and end with those that changed or are gone."""
        wanted = {line.account.account: line for line in self._lines.all() if line.adapter.polls}
        for name, (line, stop) in list(self._running.items()):
            if wanted.get(name) is not line:
                stop.set()
                del self._running[name]
        for name, line in wanted.items():
            if name not in self._running:
                stop = threading.Event()
                self._running[name] = (line, stop)
                threading.Thread(target=self._ask, args=(line, stop), name=f"poll-{name}", daemon=True).start()

    def close(self) -> None:
        for _, stop in self._running.values():
            stop.set()

    def _ask(self, line: Line, stop: threading.Event) -> None:
        pause_s, name = _FIRST_PAUSE_S, line.account.account
        is_well = False
        while not stop.is_set():
            try:
                line.adapter.poll(partial(keep, self._store, name), wait_s=self._wait_s)
                if not is_well:
                    self._lines.tell(name, None)
                pause_s, is_well = _FIRST_PAUSE_S, True
                continue
            except SendFailed as trouble:
                if is_well or pause_s == _FIRST_PAUSE_S:
                    log.warning("a messenger cannot be asked", account=name, reason=str(trouble))
                self._lines.tell(name, trouble)
                pause_s = max(pause_s, trouble.after_s or 0.0)
            except StoreError as trouble:
                log.debug("what a messenger told cannot be stored for now", account=name, reason=str(trouble))
            except Exception:
                log.exception("asking a messenger failed", account=name)
            is_well = False
            stop.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
