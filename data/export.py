"""Rows as files, made while they are read: CSV, XLSX and Parquet in bounded memory.

What strangers wrote (names shown by telephones, comments) never becomes a formula in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from data.pipe import Pipe
from data.xlsx import SHEET_ROWS, Head, duration_cell, flag_cell, moment_cell, number_cell, text_cell, workbook

Row = Sequence[Any]
Blocks = Iterable[Sequence[Row]]
_Cell = Callable[[Any], Any]  # what a value, which is not None, becomes in a file

_GROUP_ROWS = 10_000  # of a Parquet file
_SECOND = len("2026-11-22 09:30:00")

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
    texts = _csv_texts(zone)
    cells = [texts[column.kind] for column in columns]
    for block in blocks:
        writer.writerows(_line(cells, row, "") for row in block)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()


def _csv_texts(zone: ZoneInfo) -> dict[Kind, _Cell]:
    return {
        Kind.TEXT: lambda text: text if _is_simple(text) else harmless(_CONTROLS.sub(" ", text)),
        Kind.MOMENT: lambda moment: moment.astimezone(zone).isoformat(" ", "seconds")[:_SECOND],
        Kind.SECONDS: lambda seconds: f"{seconds:.1f}",
        Kind.NUMBER: str,
        Kind.FLAG: int,
    }


def _is_simple(text: str) -> bool:
    """What most texts are: nothing in them that must be changed."""
    return text.isprintable() and text[:1].isalnum()


def _xlsx(columns: Sequence[Column], blocks: Blocks, zone: ZoneInfo) -> Iterator[bytes]:
    heads = [Head(title=_plain(column.title), width=column.width) for column in columns]
    made = _xlsx_cells(zone)
    cells = [made[column.kind] for column in columns]
    return workbook(heads, ([_line(cells, row, None) for row in block] for block in blocks), rows_a_sheet=SHEET_ROWS)


def _xlsx_cells(zone: ZoneInfo) -> dict[Kind, _Cell]:
    return {
        Kind.TEXT: _text_cell,
        Kind.MOMENT: lambda moment: moment_cell(moment.astimezone(zone)),
        Kind.SECONDS: duration_cell,
        Kind.NUMBER: number_cell,
        Kind.FLAG: flag_cell,
    }


@lru_cache(maxsize=1_000)
def _text_cell(text: str) -> str:
    """A cell of the type text is never calculated, so nothing is put before it. Most words of a list recur."""
    return text_cell(text if _is_simple(text) else _plain(text))


def _line(cells: Sequence[_Cell], values: Row, nothing: Any) -> list[Any]:
    return [nothing if value is None else cell(value) for cell, value in zip(cells, values, strict=True)]


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
    pipe = Pipe()
    with pq.ParquetWriter(pa.PythonFile(pipe, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(schema, blocks):
            writer.write_table(group)
            yield from pipe.taken()
    yield from pipe.taken()


def _groups(schema: pa.Schema, blocks: Blocks) -> Iterator[pa.Table]:
    """Rows by ten thousand: what reads the file passes over whole groups of them."""
    waiting: list[pa.RecordBatch] = []
    for block in blocks:
        values = zip(*block, strict=True) if block else ([] for _ in schema)
        arrays = [pa.array(list(given), kind.type) for given, kind in zip(values, schema, strict=True)]
        waiting.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        if sum(batch.num_rows for batch in waiting) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


_Writer = Callable[[Sequence[Column], Blocks, ZoneInfo], Iterator[bytes]]
_WRITERS: dict[str, tuple[str, _Writer]] = {
    "csv": ("text/csv", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "parquet": ("application/vnd.apache.parquet", _parquet),
}
FORMATS = tuple(_WRITERS)
