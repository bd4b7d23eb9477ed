"""Fetches files of clients at once, for their addresses live minutes, into our own storage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from data.errors import StoreError
from data.media import MediaFolder, Stored
from data.messaging import MediaState, MessageKind, word_of
from data.queries import read
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic
from ingest.messengers.accounts import ACTOR, Lines
from ingest.messengers.adapter import MediaFailed

log = structlog.get_logger()

_MB = 1 << 20
LARGEST: Mapping[MessageKind, int] = {
    MessageKind.IMAGE: 16 * _MB,
    MessageKind.STICKER: 4 * _MB,
    MessageKind.VOICE: 32 * _MB,
    MessageKind.AUDIO: 32 * _MB,
    MessageKind.VIDEO: 100 * _MB,
    MessageKind.DOCUMENT: 100 * _MB,
}
_ELSE = 16 * _MB
_AT_ONCE = 3
_MOST_WAITING = 200
_TRIES = 6
_FIRST_PAUSE = timedelta(seconds=5)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Tried:
    times: int
    not_before: datetime


class MediaFetcher:
    """Files of all accounts. `take` is called by one thread."""

    def __init__(
        self, store: Store, lines: Lines, settings: Settings, *, put_off: Callable[[], None] = lambda: None
    ) -> None:
        self._store, self._lines = store, lines
        self._tell_put_off = put_off  # called when `take` has another moment to tell than before
        self._folder = MediaFolder(settings)
        self._fetchers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="media")
        self._busy: set[str] = set()
        self._tried: dict[str, _Tried] = {}
        self._lock = threading.Lock()

    def take(self) -> datetime | None:
        """Begin to fetch what is expected; when to look again, where something waits. Raises StoreError."""
        now = datetime.now(UTC)
        rows = self._store.query(read("chats/media_expected"), {"limit": _MOST_WAITING}, actor=ACTOR).to_pylist()
        waiting: list[datetime] = []
        if rows:
            self._lines.refresh()
        with self._lock:
            expected = {row["message_id"] for row in rows}
            self._tried = {key: tried for key, tried in self._tried.items() if key in expected}
            for row in rows:
                tried = self._tried.get(row["message_id"])
                if tried is not None and tried.not_before > now:
                    waiting.append(tried.not_before)
                elif row["message_id"] not in self._busy:
                    self._busy.add(row["message_id"])
                    self._fetchers.submit(self._carry_out, row)
        return min(waiting, default=None)

    def close(self) -> None:
        self._fetchers.shutdown(wait=False, cancel_futures=True)

    def _carry_out(self, row: Row) -> None:
        try:
            self._fetch(row)
        except StoreError as error:
            log.warning("a file of a chat is not stored", message_id=row["message_id"], reason=str(error))
        except Exception:
            log.exception("fetching a file failed", message_id=row["message_id"])
            self._put_off(row)
        finally:
            with self._lock:
                self._busy.discard(row["message_id"])

    def _fetch(self, row: Row) -> None:
        kind = word_of(MessageKind, row["kind"]) or MessageKind.UNSUPPORTED
        most = LARGEST.get(kind, _ELSE)
        if (row["media_bytes"] or 0) > most:
            self._note(row, MediaState.TOO_LARGE)
            return
        line = self._lines.get(row["account"])
        try:
            if line is None:
                raise MediaFailed(f"there is no enabled account {row['account']}", again=True)
            with self._folder.draft() as draft:
                line.adapter.fetch_media(row["media_ref"], draft, most_bytes=most)
                stored = draft.keep()
        except MediaFailed as trouble:
            self._give_up(row, trouble)
            return
        self._note(row, MediaState.PRESENT, stored)

    def _give_up(self, row: Row, trouble: MediaFailed) -> None:
        log.warning("a file of a chat did not come", message_id=row["message_id"], reason=str(trouble))
        if trouble.too_large:
            self._note(row, MediaState.TOO_LARGE)
        elif not trouble.again:
            self._note(row, MediaState.REFUSED)
        elif self._put_off(row) >= _TRIES:
            self._note(row, MediaState.FAILED)

    def _put_off(self, row: Row) -> int:
        """Try again later, longer and longer; how often it was tried."""
        with self._lock:
            former = self._tried.get(row["message_id"])
            times = 1 + (former.times if former else 0)
            pause = _FIRST_PAUSE * 3 ** (times - 1)
            self._tried[row["message_id"]] = _Tried(times, datetime.now(UTC) + pause)
        self._tell_put_off()
        return times

    def _note(self, row: Row, state: MediaState, stored: Stored | None = None) -> None:
        params = {
            "message_id": row["message_id"],
            "media_state": state.value,
            "media": stored.media if stored else None,
            "media_type": stored.media_type if stored else None,
            "media_bytes": stored.size_bytes if stored else None,
        }
        step = Statement(name="message_media", params=params)
        self._store.transact([step], actor=ACTOR, touches={Topic.CHATS: [row["chat_id"]]})
