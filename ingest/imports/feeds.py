"""A source that is read on from where its last import stopped, whatever it is: a file, a table, our own journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from ingest.imports.aside import Aside
from ingest.imports.progress import Report
from ingest.imports.state import FileState
from ingest.sources.cdr import BadRow
from ingest.sources.cdr_files import Row, RowFile

Item = TypeVar("Item")
T_co = TypeVar("T_co", covariant=True)


class Feed(Protocol[T_co]):
    """Items in order, each with a place of its own that rises."""

    name: str

    def items(self, report: Report) -> Iterator[T_co]:
        """What follows; rows that cannot be used are counted in the report and set aside."""

    @property
    def done_share(self) -> float:
        """How far reading has come, 0 to 1."""

    def save(self, oldest: int | None) -> None:
        """Keep how far that is. oldest: place of the first item that must come again; None: none."""

    def close(self) -> None: ...


class FileFeed(Feed[Item]):
    """A text file of a PBX, a line an item; the place of an item is its byte offset."""

    def __init__(self, path: Path, parse: Callable[[Row], Item], *, kind: str, pbx: str, folder: Path) -> None:
        """folder: where it is kept how far reading came. Raises ImportFailed."""
        self._file = RowFile(path)
        self.name = path.name
        self._parse = parse
        self._state = FileState.load(folder, kind=kind, pbx=pbx, fingerprint=self._file.fingerprint)
        self._offset, self._number = self._state.offset, self._state.number
        self._line: int | None = None  # how many lines are before the offset

    def items(self, report: Report) -> Iterator[Item]:
        aside = Aside(self._state.file.with_suffix(".bad.csv"), self._file.path)
        if self._line is None:
            self._line = self._file.lines_before(self._offset)
        for row in self._file.rows(self._offset, self._line):
            try:
                item = self._parse(row)
            except BadRow as problem:
                if not row.is_whole:
                    break  # it is being written now: the next import takes it
                if row.number > self._number:
                    aside.put(row.number, row.raw, str(problem))
                    report.bad_rows += 1
            else:
                yield item
            self._offset, self._line = row.until, row.number
            self._number = max(self._number, row.number)
            report.rows += 1
        if aside.count and aside.path not in report.set_aside:
            report.set_aside.append(aside.path)

    def first(self) -> Item | None:
        """The first item of the file, wherever reading stands; None where the first line cannot be used."""
        line = self._file.first_line
        try:
            return self._parse(Row(0, 1, len(line), line.rstrip(b"\r\n"), line.endswith(b"\n")))
        except BadRow:
            return None

    @property
    def is_empty(self) -> bool:
        """Whether nothing stood in it when it was opened."""
        return not self._file.first_line

    @property
    def is_known(self) -> bool:
        """Whether this file was read before."""
        return self._state.offset > 0

    def begin_at(self, at: float, time_of: Callable[[Row], float | None]) -> None:
        """Leave out what was written before a moment; for a log that is sorted by time."""
        self._offset = self._file.offset_at(at, time_of)
        self._number = self._line = self._file.lines_before(self._offset)

    def is_replaced(self, path: Path) -> bool:
        """Whether another file stands at the path now, or this one was cut."""
        return self._file.is_replaced(path, self._offset)

    @property
    def done_share(self) -> float:
        return self._file.packed_position / max(1, self._file.packed_bytes)

    def save(self, oldest: int | None) -> None:
        self._state.offset = self._offset if oldest is None else min(self._offset, oldest)
        self._state.number = self._number
        self._state.save()

    def close(self) -> None:
        self._file.close()
