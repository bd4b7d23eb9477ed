"""The first sheet of an XLSX workbook as rows of texts, read as a stream.

A workbook is a ZIP of XML that a stranger made: what unpacks to too much is refused before it is unpacked,
and a document type, by which XML grows without bound, is refused where it stands.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from data.errors import BadInput

MOST_UNPACKED = 200 * 1024 * 1024
MOST_FILES = 1_000
MOST_COLUMNS = 100
HIGHEST_RATIO = 150  # of XML as spreadsheets write it, thirty is much

_CHUNK = 1 << 16
_NO_WORKBOOK = "This is no XLSX workbook. Save the table as XLSX or CSV anew."
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")

Cells = list[str]


def sheet_rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Number and cells of every row of the first sheet. Raises BadInput for what is none, or a bomb."""
    try:
        with zipfile.ZipFile(path) as book:
            _refuse_bomb(book)
            names = set(book.namelist())
            sheet = _first_sheet(book, names)
            strings = _shared(book) if "xl/sharedStrings.xml" in names else []
            yield from _rows(book, sheet, strings)
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise BadInput(_NO_WORKBOOK) from None


def _refuse_bomb(book: zipfile.ZipFile) -> None:
    parts = book.infolist()
    unpacked = sum(part.file_size for part in parts)
    dense = any(part.file_size > 2**20 and part.file_size > HIGHEST_RATIO * part.compress_size for part in parts)
    if len(parts) > MOST_FILES or unpacked > MOST_UNPACKED or dense:
        raise BadInput("The workbook unpacks to far more than it is worth. Save only the table as CSV.")


def _first_sheet(book: zipfile.ZipFile, names: set[str]) -> str:
    """The path of the sheet that stands first in the workbook."""
    wanted: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, values: dict[str, str]) -> None:
        if name == "sheet":
            wanted.append(next((value for key, value in values.items() if key.endswith(":id")), ""))

    def relation(name: str, values: dict[str, str]) -> None:
        if name == "Relationship":
            targets[values.get("Id", "")] = values.get("Target", "")

    if "xl/_rels/workbook.xml.rels" in names:
        _parse(book, "xl/workbook.xml", start=sheet)
        _parse(book, "xl/_rels/workbook.xml.rels", start=relation)
    target = targets.get(wanted[0], "") if wanted else ""
    found = posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    chosen = found if target and found in names else "xl/worksheets/sheet1.xml"
    if chosen not in names:
        raise BadInput(_NO_WORKBOOK)
    return chosen


def _shared(book: zipfile.ZipFile) -> list[str]:
    """The texts that cells refer to by number; readings above characters are left out."""
    found: list[str] = []
    parts: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            parts.clear()
        if name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name == "si":
            found.append("".join(parts))
        if name in inside:
            inside[name] = False

    def text(data: str) -> None:
        if inside["t"] and not inside["rPh"]:
            parts.append(data)

    _parse(book, "xl/sharedStrings.xml", start=start, end=end, text=text)
    return found


def _rows(book: zipfile.ZipFile, sheet: str, strings: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = _SheetReader(strings)
    parser = _parser(reader.start, reader.end, reader.text)
    with book.open(sheet) as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from reader.taken()
        parser.Parse(b"", True)
        yield from reader.taken()


class _SheetReader:
    """Collects the rows of a sheet while its XML passes by."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings
        self._done: list[tuple[int, tuple[str, ...]]] = []
        self._cells: Cells = []
        self._line = 0
        self._place = -1  # of the present cell
        self._kind = ""
        self._parts: list[str] = []
        self._listens = False

    def taken(self) -> list[tuple[int, tuple[str, ...]]]:
        rows, self._done = self._done, []
        return rows

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "row":
            given = values.get("r", "")
            self._line = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else self._line + 1
            self._cells = []
            self._place = -1
        elif name == "c":
            self._place = _column(values.get("r", ""), self._place + 1)
            self._kind = values.get("t", "n")
            self._parts = []
        elif name in ("v", "t"):
            self._listens = True

    def end(self, name: str) -> None:
        if name == "row":
            self._done.append((self._line, tuple(self._cells)))
        elif name == "c":
            self._put(self._value("".join(self._parts)))
        elif name in ("v", "t"):
            self._listens = False

    def text(self, data: str) -> None:
        if self._listens:
            self._parts.append(data)

    def _put(self, value: str) -> None:
        """Cells that only have a look, far to the right, take no room; one that holds something there is too much."""
        if not value:
            return
        if self._place >= MOST_COLUMNS:
            raise BadInput(
                f"Line {self._line} has {self._place + 1} columns, at most {MOST_COLUMNS} are read. Remove some."
            )
        self._cells += [""] * (self._place - len(self._cells))
        self._cells.append(value)

    def _value(self, text: str) -> str:
        if self._kind == "s":
            return self._strings[int(text)] if text.isdigit() and int(text) < len(self._strings) else ""
        if self._kind == "n" and ("." in text or "E" in text.upper()):
            return _whole(text)
        return "" if self._kind == "e" else text


def _whole(text: str) -> str:
    """A number without its needless part: 7.9161112233E10 is 79161112233."""
    try:
        value = float(text)
    except ValueError:
        return text
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else text


def _column(reference: str, following: int) -> int:
    """The place of a cell such as "C5"; one without a reference follows the last."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return following
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - 64
    return max(place - 1, following)


def _parse(
    book: zipfile.ZipFile,
    name: str,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = _parser(start, end, text)
    with book.open(name) as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None,
    text: Callable[[str], None] | None,
) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, values: start(name.rpartition(":")[2], values)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


def _refuse_doctype(*_: object) -> None:
    raise BadInput("The workbook declares a document type, which no spreadsheet needs. Save it anew.")
