"""Reads the journal of one PBX from any message on, and goes on as it grows.

What comes out is in order: where a connection begins, its messages, how it ended.
"""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import structlog

from data.errors import JournalError
from ingest.journal import Position
from ingest.segments import CONTINUED, Ending, Segment, segments, start_of
from ingest.stream import Framer, Message

log = structlog.get_logger()

READ_BYTES = 256 << 10
JOURNAL_DAMAGED = "journal_damaged"  # a cause: what the PBX sent can no longer be read
_TIMES_CHUNK = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A connection begins; sequence: of its first message."""

    at: float
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A connection ended; sequence: of the first message that cannot belong to it any more."""

    at: float
    sequence: int
    cause: str


Item = Message | Began | Ended


class Tail:
    """A reading position in the journal of one PBX."""

    def __init__(
        self, journal: Path, *, start: int = 0, position: Callable[[], Position] = Position, limit: int = READ_BYTES
    ) -> None:
        """start: number of the first message wanted; position: how far the journal is written by now.

        Without `position` only closed segments are read.
        """
        self.oversized = 0  # messages that were cut at the size limit
        self.torn = 0  # connections that ended within a message
        self._journal = journal
        self._start = start
        self._position = position
        self._limit = limit
        self._passed: Segment | None = None  # the last segment that was read to its end
        self._opening: Segment | None = None
        self._open: _OpenSegment | None = None
        self._connection: int | None = None

    def read(self) -> list[Item]:
        """What follows, about `limit` bytes of it; nothing where the journal ends for now."""
        try:
            return self._read()
        except JournalError as error:
            # One damaged hour must not keep all later ones from being read; the gap tells of it.
            log.error("part of the journal is skipped", reason=str(error))
            return self._skip()

    def _read(self) -> list[Item]:
        if self._open is None:
            segment = self._next_segment()
            if segment is None:
                return []
            self._open = _OpenSegment(segment)
        current, position = self._open, self._position()
        ending: Ending | None = None
        if position.segment == current.segment and not position.closed:
            until = position.bytes
        else:
            ending = current.segment.ending()
            until = ending.bytes if ending else 0
        messages = current.read(min(until - current.bytes, self._limit))
        items: list[Item] = [message for message in messages if message.sequence >= self._start]
        if current.began_at is not None and self._connection != current.segment.connection:
            self._connection = current.segment.connection
            items.insert(0, Began(at=current.began_at, sequence=current.segment.first))
        if ending and current.bytes >= ending.bytes:
            items += self._pass(current.segment, ending)
        return items

    @property
    def behind_bytes(self) -> int:
        """How much of the newest segment is not yet read; a whole segment behind counts as its size."""
        position = self._position()
        if self._open is not None and position.segment == self._open.segment:
            return position.bytes - self._open.bytes
        return position.bytes

    @property
    def place(self) -> tuple[Segment | None, Segment | None, int]:
        """How far it has read: it stays the same only where nothing more can be read."""
        return self._passed, self._open.segment if self._open else None, self._open.bytes if self._open else 0

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _next_segment(self) -> Segment | None:
        position = self._position()
        if self._passed is not None and position.segment == self._passed:
            return None  # spares a look into the folder at every call while nothing happens
        found = segments(self._journal)
        if self._passed is None:
            # All before the last one that begins at or before the message wanted hold earlier ones only.
            earlier = [segment for segment in found if segment.first <= self._start]
            following = found[len(earlier) - 1 :] if earlier else found
        else:
            passed = (self._passed.first, self._passed.connection)
            following = [segment for segment in found if (segment.first, segment.connection) > passed]
        if not following:
            return None
        self._opening = following[0]
        is_readable = self._opening == position.segment or self._opening.ending() is not None
        return self._opening if is_readable else None

    def _skip(self) -> list[Item]:
        segment = self._opening
        if segment is None:
            return []
        at, read = (self._open.now, self._open.messages) if self._open else (start_of(segment), 0)
        return self._pass(segment, Ending(cause=JOURNAL_DAMAGED, at=at, bytes=0, messages=read))

    def _pass(self, segment: Segment, ending: Ending) -> list[Item]:
        if self._open is not None:
            self.oversized += self._open.oversized
            self.torn += self._open.is_torn
            self._open.close()
        self._passed, self._open, self._opening = segment, None, None
        if ending.cause == CONTINUED:
            return []
        self._connection = None
        return [Ended(at=ending.at, sequence=segment.first + ending.messages, cause=ending.cause)]


class _OpenSegment:
    """One segment while it is read: cuts its bytes into messages and gives each its number and time."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.bytes = 0
        self.began_at: float | None = None
        self._framer = Framer()
        self.messages = 0
        self._events = segment.open(segment.events)
        self._times = _Times(segment.open(segment.times))

    @property
    def now(self) -> float:
        """When the last message that was read came."""
        return self._times.now

    @property
    def oversized(self) -> int:
        return self._framer.oversized

    @property
    def is_torn(self) -> bool:
        return bool(self._framer.torn())

    def read(self, count: int) -> list[Message]:
        if count <= 0:
            return []
        try:
            data = self._events.read(count)
        except (OSError, EOFError) as error:
            raise JournalError(f"{self.segment.folder} cannot be read: {error}. Is the disk sound?") from error
        if len(data) < count:
            raise JournalError(
                f"{self.segment.folder} ends after {self.bytes + len(data)} bytes, but more were written. "
                "Was the file changed by hand?"
            )
        self.bytes += count
        if self.began_at is None:
            self.began_at = self._times.at(0)
        found = []
        for raw, end in self._framer.feed(data):
            found.append(Message(self.segment.first + self.messages, self._times.at(end - 1), raw))
            self.messages += 1
        return found

    def close(self) -> None:
        self._events.close()
        self._times.close()


class _Times:
    """The time at which each byte came; asked in rising order only, for bytes that can be read."""

    def __init__(self, file: FileIO | gzip.GzipFile) -> None:
        self._file = file
        self._rest = b""
        self._coming: deque[tuple[int, float]] = deque()
        self.now = 0.0

    def at(self, offset: int) -> float:
        while True:
            while self._coming and self._coming[0][0] <= offset:
                self.now = self._coming.popleft()[1]
            if self._coming or not self._read_more():
                return self.now

    def _read_more(self) -> bool:
        data = self._file.read(_TIMES_CHUNK)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            offset, _, at = line.partition(b",")
            if offset.isdigit():  # the heading is not
                self._coming.append((int(offset), float(at)))
        return bool(data)

    def close(self) -> None:
        self._file.close()
