"""Writes the segment that is open now: bytes, their times, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ingest.segments import BLANK_LINE, TIMES_HEADING, Ending, Segment, count_messages, times_line


class SegmentWriter:
    """The open files of one segment. Every method may be called again after an OSError.

    Bytes are placed by offset, so that a second try overwrites what the first one left half done.
    """

    def __init__(self, segment: Segment) -> None:
        segment.folder.mkdir(exist_ok=True)
        self.segment = segment
        self.bytes = 0
        self.messages = 0
        self.dirty = False  # something is not yet on the disk itself
        self.tail = b""  # the last bytes, where a blank line may have begun
        self._events = _create(segment.events)
        try:
            self._times = _create(segment.times)
            try:
                self._times_bytes = _put(self._times, TIMES_HEADING, 0)
                _sync_folder(segment)
            except OSError:
                os.close(self._times)
                raise
        except OSError:
            os.close(self._events)  # on a full disk this is tried again every second: nothing may leak
            raise

    def append(self, pieces: Sequence[tuple[float, bytes]]) -> None:
        """Pieces of the stream with the unix times at which they came."""
        lines, offset = [], self.bytes
        for at, data in pieces:
            lines.append(times_line(offset, at))
            offset += len(data)
        data = b"".join(data for _, data in pieces)
        # Times first: who reads the bytes always finds when they came.
        times_bytes = _put(self._times, b"".join(lines), self._times_bytes)
        self.bytes = _put(self._events, data, self.bytes)
        self._times_bytes = times_bytes
        self.messages += count_messages(self.tail, data)
        self.tail = (self.tail + data[-3:])[-3:]
        self.dirty = True

    def cut_in(self, data: bytes) -> int | None:
        """Where the first message that `data` completes ends in it, 0 where one ended just before; None: nowhere."""
        window = self.tail + data
        cuts = (blank.end() - len(self.tail) for blank in BLANK_LINE.finditer(window))
        return next((cut for cut in cuts if cut >= 0), None)

    def sync(self) -> None:
        """Make sure that a power cut takes nothing of what was appended."""
        os.fsync(self._times)
        os.fsync(self._events)
        self.dirty = False

    def end(self, cause: str, at: float) -> None:
        """Write down how the segment ended; the files are closed by `close`."""
        self.sync()
        self.segment.end(Ending(cause=cause, at=at, bytes=self.bytes, messages=self.messages))

    def close(self) -> None:
        os.close(self._times)
        os.close(self._events)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)


def _put(file: int, data: bytes, offset: int) -> int:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view = view[written:]
        offset += written
    return offset


def _sync_folder(segment: Segment) -> None:
    for folder in (segment.folder, segment.folder.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
