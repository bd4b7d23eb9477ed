"""Clients from files: what is read, what is refused and why, and that taking a file twice changes nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from data.client_import import keeping, planning
from data.client_import.columns import Field, chosen, guess
from data.client_import.files import open_table
from data.client_import.rows import Reason
from data.client_import.sheets import MOST_COLUMNS
from data.client_import.taking import Taken, bad_rows, take
from data.errors import BadInput, NotAllowed
from data.identity.actor import Actor
from data.model import NumberClass
from data.services.client_list import ClientFilter, client_page
from data.services.clients import ClientFields, create_client, get_client, update_client
from data.services.numbers import attach_number
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, employee, local

NOON = local("03-02 12:00")
HEAD = "Код;Название;Телефон;Почта;Контактное лицо;Ответственный;Теги;Примечание"
TEXT = f"""{HEAD}
1;ООО «Ёлка»;8 (912) 345-67-89;INFO@elka.ru;Ирина;Семёнова Ольга;опт, VIP;звонить утром
2;Астра;+7 495 123-45-67;;;;;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(str(path.with_suffix(".xlsx"))) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate(rows):
            for place, value in enumerate(cells):
                sheet.write(line, place, value)
    return path.with_suffix(".xlsx").rename(path)


def packed(path: Path, **parts: str) -> Path:
    """A ZIP of these parts, named as those of a workbook."""
    names = {"book": "xl/workbook.xml", "sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(names[name], text)
    return path


def taken(database: Database, path: Path, *, write: bool = True, actor: Actor = CHIEF, minutes: int = 0) -> Taken:
    table, found = open_table(path), Taken()
    clock = lambda: NOON + timedelta(minutes=minutes)  # noqa: E731
    take(database, actor, table, guess(table.columns), site=SITE, clock=clock, taken=found, write=write)
    return found


def clients(database: Database) -> list[str]:
    return [row.name for row in client_page(database, CHIEF, ClientFilter(), site=SITE).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_offices_encodings_and_separators_are_read(path: Path, encoding: str, separator: str) -> None:
    text = 'Название;Телефон\n"Ромашка; и, Ко";8-912\n'.replace('";', f'"{separator}').replace("е;Т", f"е{separator}Т")
    table = open_table(write(path, text.encode(encoding)))

    assert table.columns == ("Название", "Телефон")
    assert list(table.rows()) == [(2, ("Ромашка; и, Ко", "8-912"))]


def test_a_workbook_is_read_with_its_gaps_numbers_and_texts(path: Path) -> None:
    rows: list[list[object]] = [
        ["Название", "", "Телефон"],
        ["Ромашка", "", 79123456789.0],
        [],
        ["Ёлка <&>", "", "8 912"],
    ]
    table = open_table(workbook(path, rows))

    assert table.columns == ("Название", "", "Телефон")
    assert list(table.rows()) == [(2, ("Ромашка", "", "79123456789")), (4, ("Ёлка <&>", "", "8 912"))]


BILLION = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n\n", "must name the columns"),
        (b"\x00\x01\x02", "no CSV and no XLSX"),
        (b"\xff\xfea", "no text in utf-16"),
        (b"PK\x03\x04 and nothing", "no XLSX workbook"),
        ((";".join(["a"] * (MOST_COLUMNS + 1))).encode(), "columns, at most"),
        (b"name\n" + b"x" * 30_000, "more than 20000 characters"),
    ],
)
def test_what_is_no_table_is_refused_with_one_line(path: Path, content: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        list(open_table(write(path, content)).rows())


def test_bombs_are_refused_before_they_are_unpacked(path: Path) -> None:
    with pytest.raises(BadInput, match="unpacks to far more"):
        open_table(packed(path, sheet="<worksheet>" + " " * 50_000_000 + "</worksheet>"))
    with pytest.raises(BadInput, match="document type"):
        open_table(packed(path, sheet=BILLION))
    with pytest.raises(BadInput, match="no XLSX workbook"):
        open_table(packed(path, sheet="<worksheet><row>"))
    with pytest.raises(BadInput, match="no XLSX workbook"):
        open_table(packed(path, strings="<sst/>"))


def test_numbers_of_a_file_are_on_the_cards_with_class_and_region(database: Database, path: Path) -> None:
    employee(database, "Семёнова Ольга", "201")

    taken(database, write(path, TEXT))

    rows = client_page(database, CHIEF, ClientFilter(), site=SITE).rows
    known = [number for row in rows for number in get_client(database, CHIEF, row.account_id).numbers]
    assert [(one.number, one.number_class, one.region) for one in known] == [
        ("74951234567", NumberClass.LANDLINE, "RU-MOW"),
        ("79123456789", NumberClass.MOBILE, None),
    ]


def test_cells_far_to_the_right_are_refused_unless_they_are_empty(path: Path) -> None:
    head = '<worksheet><row r="1"><c r="A1" t="str"><v>name</v></c><c r="XFD1"/></row><row r="2"><c r="ZZZ2">'

    assert open_table(packed(path, sheet=head + "</c></row></worksheet>")).columns == ("name",)
    with pytest.raises(BadInput, match="has 18278 columns, at most 100"):
        list(open_table(packed(path, sheet=head + "<v>1</v></c></row></worksheet>")).rows())


def test_bad_rows_are_read_from_the_file_again(database: Database, path: Path) -> None:
    found = taken(database, write(path, "Название;Телефон\n;8912\nРомашка;\n;\n"), write=False)

    assert [(line, cells) for line, cells, _ in bad_rows(open_table(path), found)] == [(2, ("", "8912"))]


def test_columns_are_guessed_from_their_names() -> None:
    columns = ("ID", "Наименование", "Моб. телефон", "E-mail", "Рабочий телефон", "Менеджер", "Цвет")

    assert guess(columns) == {
        0: Field.EXTERNAL_ID,
        1: Field.NAME,
        2: Field.PHONE,
        3: Field.EMAIL,
        4: Field.PHONE,
        5: Field.RESPONSIBLE,
    }


@pytest.mark.parametrize(
    "given", [{}, {"0": "phone"}, {"9": "name"}, {"x": "name"}, {"0": "cat"}, {"0": "name", "1": "name"}]
)
def test_a_choice_of_columns_that_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        chosen(given, ("a", "b"))


def test_a_row_becomes_a_client_with_all_that_it_tells(database: Database, path: Path) -> None:
    olga = employee(database, "Семенова Ольга", "201")

    found = taken(database, write(path, TEXT))

    assert found.counts == {"new": 2, "updated": 0, "same": 0, "bad": 0}
    (row,) = client_page(database, CHIEF, ClientFilter(search="елка"), site=SITE).rows
    card = get_client(database, CHIEF, row.account_id)
    assert (card.fields.external_id, card.fields.responsible_id, card.fields.notes) == ("1", olga, "звонить утром")
    assert [number.number for number in card.numbers] == ["79123456789"]
    assert [(one.fields.name, one.fields.emails) for one in card.contacts] == [("Ирина", ("info@elka.ru",))]
    assert card.numbers[0].contact_id == card.contacts[0].contact_id
    assert sorted(card.fields.tags) == ["VIP", "опт"]


def test_taking_a_file_twice_changes_nothing(database: Database, path: Path) -> None:
    employee(database, "Семенова Ольга", "201")
    taken(database, write(path, TEXT))
    before = database.query("select * from account order by account_id", actor=CHIEF).to_pylist()

    again = taken(database, path, minutes=5)

    assert again.counts == {"new": 0, "updated": 0, "same": 2, "bad": 0}
    assert database.query("select * from account order by account_id", actor=CHIEF).to_pylist() == before
    assert database.query("select count(*) as n from audit", actor=CHIEF)["n"][0].as_py() == 4  # two clients, two tags


def test_a_known_external_id_updates_the_card_and_empty_cells_take_nothing_away(database: Database, path: Path) -> None:
    taken(database, write(path, "Код;Название;Телефон;Примечание\n7;Ромашка;89123456789;Старое\n"))
    more = taken(database, write(path, "Код;Название;Телефон;Примечание\n7;Ромашка и К;84951234567;\n"))

    assert more.counts["updated"] == 1
    (row,) = client_page(database, CHIEF, ClientFilter(), site=SITE).rows
    assert (row.name, row.notes, len(row.numbers)) == ("Ромашка и К", "Старое", 2)


def test_checking_tells_the_same_and_writes_nothing(database: Database, path: Path) -> None:
    found = taken(database, write(path, TEXT.replace("Семёнова Ольга", "")), write=False)

    assert found.counts["new"] == 2
    assert [one.name for one in found.sample] == ["ООО «Ёлка»", "Астра"]
    assert clients(database) == []


def test_bad_rows_are_left_out_each_with_all_its_reasons(database: Database, path: Path) -> None:
    owner = create_client(database, CHIEF, ClientFields(name="Хозяин"), now=NOON)
    attach_number(database, CHIEF, "79120000001", owner, now=NOON)
    rows = [
        "1;Хорошая;;;;;;",
        "2;;нет;не почта;;;;",
        "1;Вторая;;;;;;",
        "3;Чужая;89120000001;;;;;",
        "4;С начальником;;;;Никто;;",
        "5;Первая с номером;89120000009;;;;;",
        "6;Вторая с номером;89120000009;;;;;",
    ]

    found = taken(database, write(path, "\n".join([HEAD, *rows])))

    assert [(line, [fault.reason for fault in faults]) for line, faults in found.bad] == [
        (3, [Reason.NAME_MISSING, Reason.PHONE_BAD, Reason.EMAIL_BAD]),
        (4, [Reason.EXTERNAL_TWICE]),
        (5, [Reason.PHONE_TAKEN]),
        (6, [Reason.RESPONSIBLE_UNKNOWN]),
        (8, [Reason.PHONE_TWICE]),
    ]
    assert clients(database) == ["Первая с номером", "Хозяин", "Хорошая"]


def test_rows_of_one_client_without_ids_become_one_card(database: Database, path: Path) -> None:
    found = taken(database, write(path, "Название;Контактное лицо\nРомашка;Ирина\nРомашка;Олег\nРомашка;Ирина\n"))

    assert found.counts == {"new": 1, "updated": 1, "same": 1, "bad": 0}
    (row,) = client_page(database, CHIEF, ClientFilter(), site=SITE).rows
    assert row.people == ("Ирина", "Олег")


def test_an_import_can_be_stopped_and_needs_the_right(database: Database, path: Path) -> None:
    table, found = open_table(write(path, TEXT)), Taken()
    options = {"site": SITE, "clock": lambda: NOON, "taken": found, "write": True}
    take(database, CHIEF, table, guess(table.columns), stopped=lambda: True, **options)  # type: ignore[arg-type]

    assert (found.done, clients(database)) == (0, [])
    with pytest.raises(NotAllowed):
        taken(database, path, actor=ANALYST)


def test_what_an_export_wrote_can_be_taken_again(database: Database, path: Path) -> None:
    taken(database, write(path, "Код;Название\n'=7;'=Ромашка\n"))

    (row,) = client_page(database, CHIEF, ClientFilter(), site=SITE).rows
    assert (row.external_id, row.name) == ("=7", "=Ромашка")


ROWS = "Код;Название;Телефон\n" + "".join(f"{at};Клиент {at};8912000000{at}\n" for at in range(1, 6))


def test_an_import_stopped_halfway_keeps_what_it_took_and_goes_on_from_there(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_WRITTEN", 2)
    table, found = open_table(write(path, ROWS)), Taken()
    take(
        database,
        CHIEF,
        table,
        guess(table.columns),
        site=SITE,
        clock=lambda: NOON,
        taken=found,
        write=True,
        stopped=lambda: found.done >= 4,
    )
    kept = clients(database)

    again = taken(database, path)

    assert (found.done, kept) == (4, [f"Клиент {at}" for at in range(1, 5)])
    assert again.counts == {"new": 1, "updated": 0, "same": 4, "bad": 0}


def test_rows_are_taken_although_somebody_changes_one_of_their_clients_meanwhile(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_client(database, CHIEF, ClientFields(name="Клиент 2", external_id="2"), now=NOON)
    owner = create_client(database, CHIEF, ClientFields(name="Чужой"), now=NOON)
    plan = planning.plan

    def overtaken(*given: Any) -> Any:
        planned = plan(*given)
        monkeypatch.setattr(keeping, "plan", plan)
        update_client(database, CHIEF, other, ClientFields(name="Другой", external_id="2"), version=1, now=NOON)
        attach_number(database, CHIEF, "79120000004", owner, now=NOON)
        return planned

    monkeypatch.setattr(keeping, "plan", overtaken)
    found = taken(database, write(path, ROWS))

    assert found.counts == {"new": 3, "updated": 1, "same": 0, "bad": 1}
    assert [(line, fault.reason, fault.other) for line, (fault,) in found.bad] == [(5, Reason.PHONE_TAKEN, "Чужой")]
    assert clients(database) == ["Клиент 1", "Клиент 2", "Клиент 3", "Клиент 5", "Чужой"]
