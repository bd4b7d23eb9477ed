"""Who is writing where, for a few seconds and in the memory of the web process only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LASTS_S = 6.0
_MOST = 5_000


@dataclass(slots=True, kw_only=True)
class Presence:
    """tell: called with the chat's id when somebody begins to write, or is still at it after a while."""

    tell: Callable[[str], None] = lambda chat_id: None
    clock: Callable[[], float] = time.monotonic
    _writing: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def writes(self, chat_id: str, login: str, name: str) -> bool:
        """Note that the user writes; whether that is news."""
        at = self.clock()
        with self._lock:
            if len(self._writing) > _MOST:
                self._writing = {key: kept for key, kept in self._writing.items() if kept[0] > at}
            until, _ = self._writing.get((chat_id, login), (0.0, ""))
            if until - at > LASTS_S / 2:
                return False
            self._writing[chat_id, login] = (at + LASTS_S, name)
        self.tell(chat_id)
        return True

    def stops(self, chat_id: str, login: str) -> None:
        """The user has sent it, or thought better of it."""
        with self._lock:
            known = self._writing.pop((chat_id, login), None)
        if known is not None:
            self.tell(chat_id)

    def writers(self, chat_id: str, *, but: str) -> list[str]:
        """The names of the others who write there now."""
        at = self.clock()
        with self._lock:
            return sorted(
                name
                for (chat, login), (until, name) in self._writing.items()
                if chat == chat_id and login != but and until > at
            )
