"""`app.py import directory`: any usual file, twice the same, bad rows named with line and value."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

import app
from data.errors import ImportFailed
from data.services.directory_entries import ChannelEntry, EmployeeEntry, HolidayEntry, HoursEntry
from data.settings import Site
from data.store.database import Database
from ingest.imports.directory_file import read_directory_file
from ingest.sources.sheets import sheet_rows

SITE = Site()
CSV = """kind;code;name;extensions;team;email;active;opens;closes
employee;;Иванов Пётр;201, 202;Продажи;ivanov@example.org;yes;;
employee;;Анна;203;Поддержка;;нет;;
queue;sales;Продажи;;;;;;
line;PJSIP/trunk;Ростелеком;;;;;;
channel;8 (495) 123-45-67;Яндекс;;;;;;
hours;пн;;;;;;09:00;18:00
hours;sun;;;;;;;
holiday;31.12.2026;Новый год;;;;;;
"""


def test_a_table_of_all_kinds_is_read(tmp_path: Path) -> None:
    file = tmp_path / "office.csv"
    file.write_text(CSV, "utf-8")

    found = read_directory_file(file, SITE)

    assert found.bad == []
    assert found.entries[0] == EmployeeEntry(
        name="Иванов Пётр", extensions=("201", "202"), department="Продажи", email="ivanov@example.org"
    )
    assert found.entries[1] == EmployeeEntry(name="Анна", extensions=("203",), department="Поддержка", active=False)
    assert found.entries[4] == ChannelEntry(did="74951234567", title="Яндекс")
    assert found.entries[5:] == [
        HoursEntry(weekday=1, opens="09:00", closes="18:00"),
        HoursEntry(weekday=7, opens=None, closes=None),
        HolidayEntry(on_date=date(2026, 12, 31), title="Новый год"),
    ]


def test_a_file_as_excel_saves_it_in_russia_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV, "utf-8")
    (tmp_path / "b.csv").write_bytes(CSV.replace("\n", "\r\n").encode("cp1251"))
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbf" + CSV.replace("201, 202", "201 202").replace(";", ",").encode())
    book = xlsxwriter.Workbook(tmp_path / "d.xlsx")
    sheet = book.add_worksheet()
    for number, line in enumerate(CSV.splitlines()):
        for column, value in enumerate(line.split(";")):
            sheet.write_string(number, column, value)
    sheet.write_number(2, 3, 203)
    sheet.write_datetime(8, 1, date(2026, 12, 31))
    book.close()

    read = [read_directory_file(tmp_path / name, SITE).entries for name in ("a.csv", "b.csv", "c.csv", "d.xlsx")]

    assert read[1:] == [read[0]] * 3


def test_toml_tells_the_same(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text(
        '[[employee]]\nname = "Анна"\nextensions = ["203", 204]\nactive = false\n'
        '[[channel]]\ndid = "+74951234567"\ntitle = "Яндекс"\n'
        '[[hours]]\nday = 1\nopens = 09:00:00\ncloses = "24:00"\n[[holiday]]\ndate = 2026-12-31\n',
        "utf-8",
    )

    found = read_directory_file(file, SITE)

    assert found.bad == []
    assert found.entries[0] == EmployeeEntry(name="Анна", extensions=("203", "204"), active=False)
    assert found.entries[2] == HoursEntry(weekday=1, opens="09:00", closes="00:00")


def test_bad_rows_are_named_with_line_and_value_and_the_others_come_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "office.csv"
    wrong = "employee;;;201;;;;;\nplanet;x;y;;;;;;\nchannel;офис;Яндекс;;;;;;\nhours;понедельница-1;;;;;;9;x\n"
    file.write_text(CSV + wrong + 'employee;;=cmd|"/c calc"!A1;<201>;;;;;\n', "utf-8")

    status = app.main(["import", "directory", str(file), "--data", str(tmp_path / "var")])
    again = app.main(["import", "directory", str(file), "--data", str(tmp_path / "var")])

    told = capsys.readouterr().out
    assert (status, again) == (1, 1)
    assert "13 rows: 8 new, 0 changed, 0 as they were, 0 kept as people typed them, 5 cannot be used." in told
    assert "13 rows: 0 new, 0 changed, 8 as they were" in told
    assert "office.csv, line 10: An employee needs a name." in told
    assert "line 11: Kind 'planet' is none of employee, queue" in told
    assert "line 12: Office number 'офис' is no phone number" in told
    assert "line 13: Weekday 'понедельница-1' is none" in told
    assert "line 14: Extension '<201>'" in told
    with Database(tmp_path / "var") as store:
        from data.identity.actor import system

        assert store.query("select count(*) as n from employee", actor=system("test")).to_pylist() == [{"n": 2}]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "must name the columns"),
        ("a.csv", b"surname;phone\nx;y\n", "must name the columns"),
        ("a.csv", b'kind;code\nqueue;"' + b"x" * 200_000 + b'"\n', "field larger"),
        ("a.xlsx", b"PK\x03\x04 no book", "no Excel workbook"),
        ("a.toml", b"[[employee", "no valid TOML"),
        ("a.toml", b"employee = 3", "is no list of tables"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ImportFailed, match=says):
        read_directory_file(tmp_path / name, SITE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"gone.csv cannot be read"):
        read_directory_file(tmp_path / "gone.csv", SITE)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", bomb)

    with pytest.raises(ImportFailed, match="document type"):
        list(sheet_rows(path))
