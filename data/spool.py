"""Records that are safe on disk before anybody is told so, until they are safe elsewhere.

One file, which a process has to itself, is appended to in groups and emptied when everything in it was taken. Whoever
dies leaves a file that the next one to come takes over, all but a last record that never came to be safe.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_HEAD = struct.Struct(">II")  # length and checksum of a record
_LARGEST = 1 << 30  # bytes that may wait
_AT_ONCE = 16 << 20  # bytes that are given out together
_MOST_FILES = 64
SUFFIX = ".spool"


class SpoolFull(OSError):
    """More waits than may wait."""


class SpoolBusy(OSError):
    """A process works with the file."""


class Spool:
    """`add` and `take` may be called by two threads."""

    def __init__(self, folder: Path, *, largest: int = _LARGEST) -> None:
        """Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._largest = largest
        self._lock = threading.Lock()
        self._given: int | None = None  # up to where records were given out
        self._file, self._size = _claimed(folder)
        self._begin = 0  # everything before it was taken
        for file, size in _left_behind(folder):
            try:
                self.add([record for record, _ in _records(file, 0, size)])
                os.ftruncate(file, 0)
            finally:
                os.close(file)

    def add(self, records: Sequence[bytes]) -> None:
        """They are on the disk itself when this returns. Raises OSError; then none of them is kept."""
        frames = b"".join(_HEAD.pack(len(record), zlib.crc32(record)) + record for record in records)
        with self._lock:
            if self._size + len(frames) > self._largest:
                raise SpoolFull(f"{self._size >> 20} MB wait already")
            try:
                if os.pwrite(self._file, frames, self._size) != len(frames):
                    raise OSError("the disk took only a part")
                os.fdatasync(self._file)
            except OSError:
                os.ftruncate(self._file, self._size)
                raise
            self._size += len(frames)

    def take(self, limit: int) -> list[bytes]:
        """The oldest records, again and again until `taken` is called."""
        with self._lock:
            found: list[bytes] = []
            end = self._begin
            for record, after in _records(self._file, self._begin, self._size):
                if len(found) == limit or (found and after - self._begin > _AT_ONCE):
                    break
                found.append(record)
                end = after
            self._given = end
            return found

    def taken(self) -> None:
        """What `take` gave last is safe elsewhere."""
        with self._lock:
            if self._given is not None:
                self._begin, self._given = self._given, None
            if self._begin == self._size:
                os.ftruncate(self._file, 0)
                self._begin = self._size = 0

    def close(self) -> None:
        """Leave the file to whoever comes next."""
        with self._lock:
            os.close(self._file)


def overwrite(file: Path, clean: Callable[[bytes], bytes]) -> bool:
    """Change the records of a file that nobody has, each in its length; whether any changed.

    Raises SpoolBusy where a process has the file and one would change: it passes its records on by itself.
    """
    opened = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        size = os.fstat(opened).st_size
        is_free, met, at = _is_free(opened), False, 0
        for record, after in _records(opened, 0, size):
            if (cleaned := clean(record)) != record:
                if not is_free:
                    raise SpoolBusy(f"{file} holds records that wait for the store.")
                os.pwrite(opened, _HEAD.pack(len(cleaned), zlib.crc32(cleaned)) + cleaned, at)
                met = True
            at = after
        if met:
            os.fdatasync(opened)
        return met
    finally:
        os.close(opened)


def _claimed(folder: Path) -> tuple[int, int]:
    """A file that no other process has, and where its last whole record ends."""
    for number in range(_MOST_FILES):
        file = os.open(folder / f"{number}{SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if _is_free(file):
            return file, _whole(file)
        os.close(file)
    raise SpoolFull(f"{_MOST_FILES} processes have a file in {folder} already")


def _left_behind(folder: Path) -> Iterator[tuple[int, int]]:
    """Files with records that nobody has any more. They are never removed: somebody may be opening them now."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.stat().st_size == 0:
            continue
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if _is_free(file):
            yield file, _whole(file)
        else:
            os.close(file)


def _is_free(file: int) -> bool:
    """Whether the file is ours from now on; a process that dies lets it go."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _whole(file: int) -> int:
    """Where the last whole record ends; what lies behind it was never safe and is cut off."""
    size = os.fstat(file).st_size
    end = max((after for _, after in _records(file, 0, size)), default=0)
    if end < size:
        os.ftruncate(file, end)
    return end


def _records(file: int, begin: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Each whole record, and where it ends."""
    while begin + _HEAD.size <= end:
        length, checksum = _HEAD.unpack(os.pread(file, _HEAD.size, begin))
        after = begin + _HEAD.size + length
        if after > end:
            return
        record = os.pread(file, length, begin + _HEAD.size)
        if zlib.crc32(record) != checksum:
            return
        yield record, after
        begin = after
