"""Text files of a PBX, a line a row: read from an offset on, plain or packed, never stopped by a bad line."""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from data.errors import ImportFailed
from ingest.sources.cdr import BadRow

_LONGEST_BYTES = 65_536  # a longer line is garbage; it is read in pieces, each a bad row
_NEAR_BYTES = 262_144  # so near a search by time need not be exact
_TRIED_ROWS = 20  # lines that are looked at for one that tells its time


class Row(NamedTuple):
    """One line of a file."""

    offset: int  # of its first byte, unpacked
    number: int  # from 1, as an editor counts
    until: int  # the offset behind it
    raw: bytes
    is_whole: bool  # its end of line is written


class RowFile:
    """One file: its rows in order, and single rows by offset."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115 - closed by close
            self._file = cast(BinaryIO, opened)
            self.first_line = self._file.readline(_LONGEST_BYTES)
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ImportFailed(f"{path} cannot be read: {reason}. Name a file that is there and readable.") from error

    @property
    def fingerprint(self) -> str:
        """The same for a file that has grown, was renamed or packed since."""
        return hashlib.sha256(self.first_line).hexdigest()[:32]

    @property
    def packed_position(self) -> int:
        """How far reading has come, in bytes on the disk."""
        raw = getattr(self._file, "fileobj", None)
        return int(raw.tell() if raw is not None else self._file.tell())

    @property
    def packed_bytes(self) -> int:
        return self.path.stat().st_size

    def rows(self, offset: int, number: int = 0) -> Iterator[Row]:
        """All rows from `offset` on, behind `number` lines. Raises ImportFailed where a packed file is damaged."""
        try:
            self._file.seek(offset)
            while raw := self._file.readline(_LONGEST_BYTES):
                number += 1
                row = Row(offset, number, offset + len(raw), raw.rstrip(b"\r\n"), raw.endswith(b"\n"))
                offset = row.until
                if row.raw:
                    yield row
        except (OSError, EOFError) as error:
            raise ImportFailed(f"{self.path} is damaged behind byte {offset}: {error}.") from error

    def offset_at(self, at: float, time_of: Callable[[Row], float | None]) -> int:
        """A line before which nothing is of the moment `at` or later, in a log that is sorted by time.

        time_of: when a line was written; None: it does not tell. Packed files are read from their beginning.
        """
        if self.path.suffix == ".gz":
            return 0
        low, high = 0, self.packed_bytes
        while high - low > _NEAR_BYTES:
            middle = (low + high) // 2
            self._file.seek(middle)
            begin = middle + len(self._file.readline())
            told = next((when for row in self._some(begin) if (when := time_of(row)) is not None), None)
            if told is None or told >= at:
                high = middle
            else:
                low = begin
        return low

    def _some(self, offset: int) -> Iterator[Row]:
        return islice(self.rows(offset), _TRIED_ROWS)

    def lines_before(self, offset: int) -> int:
        """How many lines end at or before `offset`."""
        self._file.seek(0)
        count = 0
        while offset > 0 and (piece := self._file.read(min(offset, 1 << 20))):
            count += piece.count(b"\n")
            offset -= len(piece)
        return count

    def is_replaced(self, path: Path, read_bytes: int) -> bool:
        """Whether another file stands at the path, or this one was cut and begins anew."""
        try:
            there = path.stat()
        except OSError:
            return False  # it was renamed, and the new one is not there yet
        number = self._file.fileno()
        opened = os.fstat(number)
        if (there.st_ino, there.st_dev) != (opened.st_ino, opened.st_dev) or there.st_size < read_bytes:
            return True
        return os.pread(number, len(self.first_line), 0) != self.first_line

    def row(self, offset: int) -> Row:
        """The one row that begins there."""
        return next(self.rows(offset))

    def close(self) -> None:
        self._file.close()


def values_of(raw: bytes) -> list[str]:
    """The values of a line of comma separated values. Raises BadRow."""
    text = raw.decode("utf-8", "replace")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise BadRow(f"quotes do not match: {error}") from None
