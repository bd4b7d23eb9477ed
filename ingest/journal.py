"""The journal: every byte that a PBX sent, appended to disk before anybody interprets it.

`append` never waits: bytes go to a bounded memory ring, and a thread of the journal writes them.
What is written reaches the disk itself within `fsync_seconds`; a kill of this process loses at most
the ring (milliseconds), a power cut at most that time. While the disk is full the ring holds what
comes; when the ring is full too, the rest is lost, and the connection ends in the journal with
JOURNAL_FULL at that moment, so that a gap tells of it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from data.errors import JournalError
from data.settings import JournalSettings
from ingest.housekeeping import keep_house
from ingest.segment_writer import SegmentWriter
from ingest.segments import CONTINUED, OWN_RESTART, Segment, hour_of, new_segment, recover

log = structlog.get_logger()

JOURNAL_FULL = "journal_full"
RING_BYTES = 32 << 20
SEGMENT_BYTES = 256 << 20  # a segment is cut at this size too, so that a restart need not read a whole busy hour
_BATCH_BYTES = 1 << 20
_RETRY_S = 1.0
_COMPLAIN_S = 60.0
_HOUSEKEEPING_S = 600.0


@dataclass(frozen=True, slots=True)
class _Piece:
    at: float
    data: bytes
    closing: bool = False  # the last one of its segment


@dataclass(frozen=True, slots=True)
class _Begin:
    at: float


@dataclass(frozen=True, slots=True)
class _End:
    at: float
    cause: str


_Item = _Piece | _Begin | _End


@dataclass(frozen=True, slots=True)
class Position:
    """How far the journal is written: everything before it can be read."""

    segment: Segment | None = None
    bytes: int = 0
    closed: bool = False


class Journal:
    """The raw stream of one PBX on disk. One process writes it; `tail.Tail` reads it."""

    def __init__(
        self,
        folder: Path,
        settings: JournalSettings,
        *,
        clock: Callable[[], float] = time.time,
        ring_bytes: int = RING_BYTES,
        segment_bytes: int = SEGMENT_BYTES,
        retry_s: float = _RETRY_S,
        needed_from: Callable[[], int] = lambda: 0,
        lowest_first: int = 1,
        retention_days: Callable[[], int] | None = None,
    ) -> None:
        """needed_from: number of the earliest message that somebody still has to read.

        retention_days: asked whenever the house is kept; that of `settings` unless given.

        lowest_first: no new message gets a lower number, whatever was lost from the disk.
        """
        self.folder = folder
        self.position = Position()
        self.grown = threading.Condition()  # notified after every write
        self.dropped_bytes = 0
        self.is_failing = False  # the last write was refused; what comes waits in memory
        self._retention_days = retention_days or (lambda: settings.retention_days)
        self._settings = settings
        self._clock = clock
        self._ring_bytes = ring_bytes
        self._segment_bytes = segment_bytes
        self._retry_s = retry_s
        self._needed_from = needed_from
        self._writer: SegmentWriter | None = None
        self._is_cut = False  # the next piece begins a new segment
        self._first = lowest_first
        self._connection = 0
        self._ring: deque[_Item] = deque()
        self._waiting_bytes = 0
        self._full_since: float | None = None
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._stopping = False
        self._tidy = threading.Event()
        self._complained_at = -_COMPLAIN_S
        self._writing = threading.Thread(target=self._write_loop, name=f"journal-{folder.name}", daemon=True)
        self._tidying = threading.Thread(target=self._keep_house, name=f"journal-keeper-{folder.name}", daemon=True)

    # ---------------------------------------------------------------- for the reader of the socket

    def start(self) -> None:
        """Recover what an earlier process left, then take bytes. Raises JournalError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            first, self._connection = recover(self.folder)
        except OSError as error:
            raise JournalError(
                f"The journal in {self.folder} cannot be opened: {error.strerror}. "
                "Check the rights of that folder and the space on its disk."
            ) from error
        self._first = max(first, self._first)
        self._tidy.set()
        self._writing.start()
        self._tidying.start()

    def begin(self, at: float) -> None:
        """A connection begins: what is appended from here on belongs to it."""
        with self._work:
            self._full_since = None
            self._ring.append(_Begin(at))
            self._work.notify()

    def append(self, at: float, data: bytes) -> bool:
        """Keep bytes as received at unix time `at`, without waiting; False where they had to be dropped."""
        with self._work:
            if self._full_since is None and self._waiting_bytes + len(data) > self._ring_bytes:
                self._full_since = at
            if self._full_since is not None:
                self.dropped_bytes += len(data)
                return False
            self._waiting_bytes += len(data)
            self._ring.append(_Piece(at, data))
            self._work.notify()
            return True

    def end(self, at: float, cause: str) -> None:
        """The connection ended for `cause`; where bytes were dropped, it ended with the first of them."""
        with self._work:
            if self._full_since is not None:
                at, cause = self._full_since, JOURNAL_FULL
            self._ring.append(_End(at, cause))
            self._work.notify()

    @property
    def overflowed(self) -> bool:
        """Bytes of the present connection were dropped: only a new connection makes the stream whole again."""
        return self._full_since is not None

    @property
    def waiting_bytes(self) -> int:
        """What came and is not on disk yet."""
        return self._waiting_bytes

    @property
    def drained(self) -> bool:
        """Everything that was kept is on disk."""
        with self._lock:
            return not self._ring

    def wait_for_more(self, seen: Position, seconds: float) -> None:
        """Wait until more is written than at `seen`, but no longer than `seconds`."""
        with self.grown:
            self.grown.wait_for(lambda: self.position != seen, seconds)

    def close(self) -> None:
        """Write what is kept, as far as the disk allows, and stop."""
        with self._work:
            self._stopping = True
            self._work.notify()
        self._writing.join()
        self._tidy.set()
        self._tidying.join()
        with self.grown:
            self.grown.notify_all()

    # ---------------------------------------------------------------- the thread that writes

    def _write_loop(self) -> None:
        synced_at = time.monotonic()
        while True:
            with self._work:
                if not self._ring and not self._stopping:
                    due = synced_at + self._settings.fsync_seconds - time.monotonic()
                    self._work.wait(max(0.0, due) if self._writer and self._writer.dirty else None)
                stopping = self._stopping
                head = self._ring[0] if self._ring else None
            if head is None and stopping:
                break
            try:
                if head is not None:
                    self._write(head)
                if self._writer and self._writer.dirty and time.monotonic() - synced_at >= self._settings.fsync_seconds:
                    synced_at = time.monotonic()
                    self._writer.sync()
                self._recovered()
            except OSError as error:
                self.is_failing = True
                self._complain(error)
                if stopping:
                    break
                with self._work:
                    self._work.wait_for(lambda: self._stopping, self._retry_s)
        self._stop_writing()

    def _write(self, head: _Item) -> None:
        """Write the head of the ring and remove it; an OSError leaves it there for the next try."""
        if isinstance(head, _Piece):
            self._write_pieces(head)
        elif isinstance(head, _Begin):
            self._end_segment(OWN_RESTART, head.at)
            self._connection += 1
            self._settle(1)
        else:
            self._end_segment(head.cause, head.at)
            self._settle(1)
        with self.grown:
            self.grown.notify_all()

    def _write_pieces(self, head: _Piece) -> None:
        if self._writer and self._is_cut:
            self._end_segment(CONTINUED, head.at)
        pieces = [head]
        if self._writer is None:
            segment = new_segment(self.folder, first=self._first, at=head.at, connection=self._connection)
            self._writer = SegmentWriter(segment)
        elif not self._is_due(self._writer, head) or head.closing:
            pieces = self._pieces_of_hour(head)
        elif (cut := self._writer.cut_in(head.data)) is not None:
            self._split(head, cut)
            return
        self._writer.append([(piece.at, piece.data) for piece in pieces])
        self._is_cut = head.closing
        self.position = Position(self._writer.segment, self._writer.bytes)
        self._settle(len(pieces))

    def _is_due(self, writer: SegmentWriter, head: _Piece) -> bool:
        return hour_of(head.at) != writer.segment.hour or writer.bytes >= self._segment_bytes

    def _split(self, head: _Piece, cut: int) -> None:
        """Part the head of the ring where a message ends: what follows goes to a new segment."""
        parts = [_Piece(head.at, head.data[:cut], closing=True), _Piece(head.at, head.data[cut:])]
        with self._lock:
            self._ring.popleft()
            self._ring.extendleft(part for part in reversed(parts) if part.data or part.closing)

    def _pieces_of_hour(self, head: _Piece) -> list[_Piece]:
        """The pieces from `head` on that may be written in one go."""
        if head.closing:
            return [head]
        hour, size, pieces = head.at // 3600, 0, []
        with self._lock:
            for item in self._ring:
                if not isinstance(item, _Piece) or item.closing or size > _BATCH_BYTES or item.at // 3600 != hour:
                    break
                size += len(item.data)
                pieces.append(item)
        return pieces

    def _end_segment(self, cause: str, at: float) -> None:
        if self._writer is None:
            return
        self._writer.end(cause, at)
        self._writer.close()
        self.position = Position(self._writer.segment, self._writer.bytes, closed=True)
        self._first = self._writer.segment.first + self._writer.messages
        self._writer = None
        self._is_cut = False
        self._tidy.set()

    def _settle(self, count: int) -> None:
        with self._lock:
            for _ in range(count):
                item = self._ring.popleft()
                if isinstance(item, _Piece):
                    self._waiting_bytes -= len(item.data)

    def _stop_writing(self) -> None:
        if self._waiting_bytes:
            log.error("journal closed before everything was written", lost_bytes=self._waiting_bytes)
        if self._writer is None:
            return
        try:
            self._end_segment(OWN_RESTART, self._clock())
        except OSError as error:
            log.error("journal could not be closed, the next start repairs it", reason=error.strerror)

    def _recovered(self) -> None:
        if self.is_failing:
            self.is_failing = False
            self._complained_at = -_COMPLAIN_S
            log.info("journal is written again", folder=str(self.folder), dropped_bytes=self.dropped_bytes)

    def _complain(self, error: OSError) -> None:
        if time.monotonic() - self._complained_at < _COMPLAIN_S:
            return
        self._complained_at = time.monotonic()
        log.error(
            "journal cannot be written, what comes is kept in memory; free space on its disk",
            folder=str(self.folder),
            reason=error.strerror,
            waiting_bytes=self._waiting_bytes,
            ring_bytes=self._ring_bytes,
            dropped_bytes=self.dropped_bytes,
        )

    # ---------------------------------------------------------------- the thread that tidies

    def _keep_house(self) -> None:
        while not self._stopping:
            self._tidy.wait(_HOUSEKEEPING_S)
            self._tidy.clear()
            if self._stopping:
                return
            try:
                keep_house(
                    self.folder,
                    now=self._clock(),
                    retention_days=self._retention_days(),
                    needed_from=self._needed_from(),
                )
            except OSError as error:
                log.error("journal cannot be tidied", folder=str(self.folder), reason=str(error))
