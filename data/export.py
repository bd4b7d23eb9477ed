"""Rows as files, made while they are read: CSV, XLSX and Parquet in bounded memory.

What strangers wrote (names shown by telephones, comments) never becomes a formula in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from data.xlsx import SHEET_ROWS, Cell, Head, duration_cell, flag_cell, moment_cell, number_cell, text_cell, workbook

Row = Sequence[Any]
Blocks = Iterable[Sequence[Row]]

_CHUNK_BYTES = 1 << 18
_SHEET_ROWS = SHEET_ROWS

# A cell that begins so may be calculated. Full-width forms are folded to these by some programs.
_FORMULA = re.compile(r"^[\s\u00a0]*[=+\-@\t\r|＝＋－＠]")
# A telephone number of ours: blanks between its digits keep spreadsheets from calculating it.
_TELEPHONE = re.compile(r"^\+\d{1,3} [\d ()\-]+$")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Kind(StrEnum):
    TEXT = "text"
    MOMENT = "moment"
    SECONDS = "seconds"
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an export. name: for machines (Parquet); title: for people."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 16  # characters, in a spreadsheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A file that comes into being while its chunks are taken."""

    media_type: str
    chunks: Iterator[bytes]


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might calculate it."""
    if _FORMULA.match(text) and not _TELEPHONE.match(text):
        return f"'{text}"
    return text


def export_rows(form: str, columns: Sequence[Column], blocks: Blocks, *, zone: ZoneInfo) -> ExportFile:
    """The rows of `blocks` as the file `form` (csv, xlsx, parquet); times are local except in Parquet."""
    media_type, write = _WRITERS[form]
    return ExportFile(media_type=media_type, chunks=write(columns, blocks, zone))


def _csv(columns: Sequence[Column], blocks: Blocks, zone: ZoneInfo) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")  # tells spreadsheets that this is UTF-8
    writer.writerow([harmless(column.title) for column in columns])
    for block in blocks:
        for row in block:
            writer.writerow([_text(value, zone) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()


def _text(value: Any, zone: ZoneInfo) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.1f}"
    return harmless(_CONTROLS.sub(" ", value)) if isinstance(value, str) else value


def _xlsx(columns: Sequence[Column], blocks: Blocks, zone: ZoneInfo) -> Iterator[bytes]:
    heads = [Head(title=_plain(column.title), width=column.width) for column in columns]
    kinds = [column.kind for column in columns]
    lines = ([_line(kinds, values, zone) for values in block] for block in blocks)
    return workbook(heads, lines, rows_a_sheet=_SHEET_ROWS)


def _line(kinds: Sequence[Kind], values: Row, zone: ZoneInfo) -> list[Cell]:
    return [_cell(kind, value, zone) for kind, value in zip(kinds, values, strict=True)]


def _cell(kind: Kind, value: Any, zone: ZoneInfo) -> Cell:
    if value is None:
        return None
    if kind is Kind.MOMENT:
        return moment_cell(value.astimezone(zone))
    if kind is Kind.SECONDS:
        return duration_cell(value)
    if kind is Kind.FLAG:
        return flag_cell(value)
    if kind is Kind.NUMBER:
        return number_cell(value)
    # A cell of the type text is never calculated, so nothing is put before it.
    return text_cell(_plain(value))


def _plain(text: str) -> str:
    """Without what no sheet can hold: control characters, and halves of characters."""
    return _CONTROLS.sub(" ", text).encode("utf-8", "replace").decode()


_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.SECONDS: pa.float64(),
    Kind.NUMBER: pa.int64(),
    Kind.FLAG: pa.bool_(),
}


def _parquet(columns: Sequence[Column], blocks: Blocks, zone: ZoneInfo) -> Iterator[bytes]:
    schema = pa.schema([(column.name, _ARROW[column.kind]) for column in columns])
    with tempfile.TemporaryDirectory(prefix="callboard-export-") as folder:
        file = Path(folder) / "export.parquet"
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for block in blocks:
                values = zip(*block, strict=True) if block else ([] for _ in columns)
                arrays = [pa.array(list(given), kind.type) for given, kind in zip(values, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        yield from _chunks_of(file)


def _chunks_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk


_Writer = Callable[[Sequence[Column], Blocks, ZoneInfo], Iterator[bytes]]
_WRITERS: dict[str, tuple[str, _Writer]] = {
    "csv": ("text/csv", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "parquet": ("application/vnd.apache.parquet", _parquet),
}
FORMATS = tuple(_WRITERS)
