"""Tables in files that people make: CSV of any usual make, and the first sheet of an Excel workbook.

A workbook is a packed folder of XML from a stranger: its size is limited before it is unpacked, document
types are refused, and nothing but cells is read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from data.errors import ImportFailed

_LARGEST_BYTES = 32 << 20
_MOST_ROWS = 100_000
_MOST_CELLS = 200  # of a row
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+")
_FIRST_DAY = date(1899, 12, 30)


class SheetRow(NamedTuple):
    """One row that is not empty, and its number as a person counts."""

    number: int
    values: list[str]


def sheet_rows(path: Path) -> Iterator[SheetRow]:
    """The rows of a .csv or .xlsx file. Raises ImportFailed."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ImportFailed(f"{path} is larger than {_LARGEST_BYTES >> 20} MB. Split it.")
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read: {error.strerror or error}. Name a file that is there.") from error
    read = _workbook(path, raw) if raw.startswith(b"PK") else _text(path, raw)
    for number, values in read:
        if number > _MOST_ROWS:
            raise ImportFailed(f"{path} has more than {_MOST_ROWS} rows. Split it.")
        if any(values):
            yield SheetRow(number, values[:_MOST_CELLS])


def excel_date(text: str) -> date | None:
    """The day that a cell holds as a number."""
    number = float(text) if re.fullmatch(r"\d{1,6}(?:\.0+)?", text) else 0.0
    return _FIRST_DAY + timedelta(days=int(number)) if number else None


def _text(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1251", "replace")  # as Excel saves in Russia
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for values in reader:
            yield reader.line_num, [value.strip() for value in values]
    except csv.Error as error:
        raise ImportFailed(f"{path}, line {reader.line_num}: {error}. Save it as CSV with quotes anew.") from error


def _workbook(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            if sum(part.file_size for part in book.infolist()) > 4 * _LARGEST_BYTES:
                raise ImportFailed(f"{path} is too large once it is unpacked. Split it.")
            names = book.namelist()
            shared = _shared(_xml(path, book.read("xl/sharedStrings.xml"))) if "xl/sharedStrings.xml" in names else []
            sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if not sheets:
                raise ImportFailed(f"{path} has no sheet. Save it as .xlsx or .csv anew.")
            root = _xml(path, book.read(sheets[0]))
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise ImportFailed(f"{path} is no Excel workbook: {error}. Save it as .xlsx or .csv anew.") from error
    for count, row in enumerate(root.iter(f"{_MAIN}row"), 1):
        told = row.get("r", "")
        yield int(told) if told.isdecimal() else count, _cells(row, shared)


def _xml(path: Path, raw: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ImportFailed(f"{path} holds a document type, which no workbook needs. Save it as .xlsx anew.")
    try:
        return ElementTree.fromstring(raw)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError as error:
        raise ImportFailed(f"{path} is damaged: {error}. Save it as .xlsx or .csv anew.") from error


def _shared(root: ElementTree.Element) -> list[str]:
    return ["".join(part.text or "" for part in item.iter(f"{_MAIN}t")) for item in root.iter(f"{_MAIN}si")]


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    values: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        place = _REFERENCE.match(cell.get("r", ""))
        column = _column(place[1]) if place else len(values)
        if column >= _MOST_CELLS:
            break
        values += [""] * (column + 1 - len(values))
        values[column] = _value(cell, shared).strip()
    return values


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    found = cell.find(f"{_MAIN}v")
    text = found.text or "" if found is not None else ""
    if kind == "s":
        return shared[int(text)] if text.isdecimal() and int(text) < len(shared) else ""
    return text.removesuffix(".0") if kind == "n" else text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
