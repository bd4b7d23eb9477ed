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

    def items(self, report: Report) -> Iterator[Item]:
        aside = Aside(self._state.file.with_suffix(".bad.csv"), self._file.path)
        for row in self._file.rows(self._offset, self._file.lines_before(self._offset)):
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
            self._offset, self._number = row.until, max(self._number, row.number)
            report.rows += 1
        if aside.count:
            report.set_aside.append(aside.path)

    def first(self) -> Item | None:
        """The first item of the file, wherever reading stands; None where the first line cannot be used."""
        line = self._file.first_line
        try:
            return self._parse(Row(0, 1, len(line), line.rstrip(b"\r\n"), line.endswith(b"\n")))
        except BadRow:
            return None

    @property
    def done_share(self) -> float:
        return self._file.packed_position / max(1, self._file.packed_bytes)

    def save(self, oldest: int | None) -> None:
        self._state.offset = self._offset if oldest is None else min(self._offset, oldest)
        self._state.number = self._number
        self._state.save()

    def close(self) -> None:
        self._file.close()
