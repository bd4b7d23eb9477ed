"""Exports: what strangers wrote is never calculated, types survive, and long lists need little memory."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from data.export import Column, Kind, export_rows, harmless
from data.xlsx import Head, number_cell, workbook

MOSCOW = ZoneInfo("Europe/Moscow")
COLUMNS = [
    Column(name="started_at", title="Начало", kind=Kind.MOMENT),
    Column(name="client", title="Клиент"),
    Column(name="talk_s", title="Разговор", kind=Kind.SECONDS),
    Column(name="transfers", title="Переводы", kind=Kind.NUMBER),
    Column(name="attention", title="Внимание", kind=Kind.FLAG),
]
ROW = (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), '=HYPERLINK("http://evil")', 125.4, 2, True)
NOTHING = (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), None, None, None, None)
CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def made(form: str, *rows: tuple[Any, ...]) -> bytes:
    return b"".join(export_rows(form, COLUMNS, [rows], zone=MOSCOW).chunks)


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-2", "@SUM(A1)", "\t=1", " =1", "\u00a0=1", "＝1", "|calc", "\r=1"])
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["ООО «Ромашка»", "+7 912 345-67-89", "a=b", "", "O'Neill"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_csv_has_local_times_and_no_formula() -> None:
    text = made("csv", ROW, NOTHING).decode("utf-8-sig")

    head, first, second = csv.reader(io.StringIO(text, newline=""))
    assert head == ["Начало", "Клиент", "Разговор", "Переводы", "Внимание"]
    assert first == ["2026-11-20 10:00:00", '\'=HYPERLINK("http://evil")', "125.4", "2", "1"]
    assert second == ["2026-11-20 11:00:00", "", "", "", ""]


def test_xlsx_keeps_types_and_writes_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(made("xlsx", ROW, NOTHING))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))

    cells = {cell.get("r"): cell for cell in sheet.iter(f"{CELLS}c")}
    assert list(sheet.iter(f"{CELLS}f")) == []
    assert sheet.find(f".//{CELLS}pane") is not None
    assert "".join(cells["B2"].itertext()) == '=HYPERLINK("http://evil")'
    assert cells["E2"].get("t") == "b"
    assert float("".join(cells["A2"].itertext())) == pytest.approx(46346 + 10 / 24)
    assert float("".join(cells["C2"].itertext())) == pytest.approx(125 / 86_400)
    assert "B3" not in cells


def test_parquet_keeps_instants_and_nulls() -> None:
    table = pq.read_table(io.BytesIO(made("parquet", ROW, NOTHING)))

    assert table.column_names == ["started_at", "client", "talk_s", "transfers", "attention"]
    assert table.to_pylist()[0] == dict(zip(table.column_names, ROW, strict=True))
    assert table.to_pylist()[1]["client"] is None


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_nothing_to_export_is_a_file_with_a_head(form: str) -> None:
    content = b"".join(export_rows(form, COLUMNS, [], zone=MOSCOW).chunks)

    assert len(content) > 40


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_long_list_is_never_held_in_memory(form: str) -> None:
    def blocks() -> Iterator[list[tuple[Any, ...]]]:
        for _ in range(40):
            yield [(*ROW[:1], f"Клиент {number}", *ROW[2:]) for number in range(1_000)]

    made(form)  # what it imports stays out of the count
    tracemalloc.start()
    for _ in export_rows(form, COLUMNS, blocks(), zone=MOSCOW).chunks:
        pass
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 4_000_000


def test_a_spreadsheet_is_sent_while_its_rows_are_read() -> None:
    read = 0

    def blocks() -> Iterator[list[tuple[Any, ...]]]:
        nonlocal read
        for _ in range(40):
            read += 1
            yield [ROW] * 2_000

    chunks = export_rows("xlsx", COLUMNS, blocks(), zone=MOSCOW).chunks
    next(chunks)

    assert read < 10


def test_rows_that_no_sheet_can_hold_go_on_in_the_next() -> None:
    heads = [Head(title="Номер", width=10)]
    content = b"".join(workbook(heads, [[[number_cell(place)] for place in range(7)]], rows_a_sheet=4))

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
        listed = book.read("xl/workbook.xml").decode()
    assert [re.findall(r"<v>(\d)</v>", sheet) for sheet in sheets] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert all("Номер" in sheet and 'state="frozen"' in sheet for sheet in sheets)
    assert listed.count("<sheet ") == 3


@pytest.mark.parametrize(
    "text", ["\x00\x1f\ufffe", "\ud800", '<a> & "b"', "  blanks  ", "x" * 40_000, "строка\nдругая"]
)
def test_whatever_a_stranger_wrote_leaves_the_sheet_whole(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(made("xlsx", (ROW[0], text, *ROW[2:])))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))

    (cell,) = (cell for cell in sheet.iter(f"{CELLS}c") if cell.get("r") == "B2")
    written = "".join(cell.itertext())
    assert len(written) == min(len(text), 32_767)
    assert written.startswith(text[:3]) or not text[:3].isprintable()


def test_columns_beyond_z_have_two_letters() -> None:
    heads = [Head(title=str(place), width=10) for place in range(28)]

    with zipfile.ZipFile(io.BytesIO(b"".join(workbook(heads, [])))) as book:
        places = re.findall(r' r="([A-Z]+)1"', book.read("xl/worksheets/sheet1.xml").decode())

    assert places[-4:] == ["Y", "Z", "AA", "AB"]
