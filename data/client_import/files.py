"""A table in a file, as rows of texts: CSV in the encodings and separators that offices use, and XLSX.

The file comes from a stranger: its size, rows, columns and cells have limits, and whatever passes them is
refused with one line that says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from data.client_import.sheets import MOST_COLUMNS, sheet_rows
from data.errors import BadInput

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
LONGEST_CELL = 20_000

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 30  # lines that tell the separator

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What stands in a file: the first row names the columns."""

    columns: Row
    path: Path

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Line number and cells of every row below the head that is not empty, as many cells as columns."""
        width = len(self.columns)
        for line, cells in islice(_lines(self.path), 1, None):
            if any(cells):
                yield line, (cells + ("",) * width)[:width]


def open_table(path: Path) -> Table:
    """The table of the file. Raises BadInput for a file that is none, or is too large."""
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"The file has more than {MOST_BYTES // 2**20} MB. Split it.")
    first = next(_lines(path), None)
    if first is None:
        raise BadInput("The file is empty. Choose one whose first line names the columns.")
    columns = first[1]
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise BadInput("The first line of the file is empty. It must name the columns.")
    return Table(columns=columns, path=path)


def _lines(path: Path) -> Iterator[tuple[int, Row]]:
    """Line number and cells, the head included, as far as the limits allow."""
    with path.open("rb") as file:
        is_workbook = file.read(4) == b"PK\x03\x04"
    rows = sheet_rows(path) if is_workbook else _csv_rows(path)
    for count, (line, cells) in enumerate(rows):
        if count > MOST_ROWS:
            raise BadInput(f"The file has more than {MOST_ROWS} rows. Split it.")
        if len(cells) > MOST_COLUMNS:
            raise BadInput(f"Line {line} has {len(cells)} columns, at most {MOST_COLUMNS} are read. Remove some.")
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise BadInput(f"A cell of line {line} has more than {LONGEST_CELL} characters. Shorten it.")
        yield line, tuple(" ".join(cell.split()) if "\n" not in cell else cell.strip() for cell in cells)


def _csv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    text = _decoded(path.read_bytes())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        for cells in reader:
            yield reader.line_num, tuple(cells)
    except csv.Error as error:
        raise BadInput(f"Line {reader.line_num} of the file cannot be read: {error}. Save it as CSV anew.") from None


def _decoded(content: bytes) -> str:
    """The text: UTF-8 or UTF-16 with its mark, else UTF-8, else Windows-1251. Raises BadInput for no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strictly(content, encoding)
    if b"\x00" in content:
        raise BadInput("This is no CSV and no XLSX file. Save the table in one of these forms.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "cp1251")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(f"Byte {error.start} of the file is no text in {encoding}. Save the file as UTF-8.") from None


def _separator(text: str) -> str:
    """The separator by which most of the first lines have as many cells as the head."""
    head = list(islice(io.StringIO(text, newline=""), _LOOKED_AT))

    def agreement(separator: str) -> tuple[int, int]:
        try:
            widths = [len(cells) for cells in csv.reader(head, delimiter=separator) if cells]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] < 2:
            return 0, 0
        return sum(width == widths[0] for width in widths), widths[0]

    return max(_SEPARATORS, key=agreement)
