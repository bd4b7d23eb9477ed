"""The Russian numbering plan: its tables are read, regions have their code, and numbers get region and operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ImportFailed, NotAllowed
from data.identity.actor import Actor, Role, system
from data.metrics.measure import measure
from data.numbering import REGIONS
from data.numbering_plan import read_plan
from data.phone import RULE_VERSION
from data.regions import region_of
from data.services.numbering import load_plan
from data.services.numbers import attach_number
from data.services.reclassify import reclassify
from data.store.database import Database
from data.store.protocol import Statement
from tests.data.told import CHIEF, SITE, account, local, told, write

OPERATOR = system("tests")
HEAD = "АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН\n"
NOON = local("03-02 12:00")
ROWS = '''912;0000000;0499999;500000;ПАО "МТС";Пермский край;Пермский край;7740000076
912;0500000;0999999;500000;ООО "Т2 Мобайл";г. Екатеринбург|Свердловская область;Свердловская область;7743895280
912;1000000;1999999;1000000;ООО "Скартел";Российская Федерация;;7701725181
495;1110000;1119999;10000;"ООО ""Связь; Москва""";г. Москва и Московская область;;7701
'''


def plan(folder: Path, rows: str = ROWS, *, head: str = HEAD, encoding: str = "utf-8-sig") -> Path:
    path = folder / "DEF-9xx.csv"
    path.write_bytes((head + rows).encode(encoding))
    return path


def known(database: Database, number: str) -> tuple[object, ...]:
    sql = "select number_class, region, operator from number where number = $number"
    (row,) = database.query(sql, {"number": number}, actor=CHIEF).to_pylist()
    return tuple(row.values())


def load(database: Database, path: Path) -> None:
    load_plan(database, OPERATOR, read_plan(path).ranges, now=NOON)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_ranges_are_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    read = read_plan(plan(tmp_path, encoding=encoding))

    assert read.bad == ()
    assert [(one.code, one.first, one.last, one.operator, one.region) for one in read.ranges] == [
        ("7495", "74951110000", "74951119999", 'ООО "Связь; Москва"', "RU-MOW"),
        ("7912", "79120000000", "79120499999", 'ПАО "МТС"', "RU-PER"),
        ("7912", "79120500000", "79120999999", 'ООО "Т2 Мобайл"', "RU-SVE"),
        ("7912", "79121000000", "79121999999", 'ООО "Скартел"', None),
    ]


def test_lines_that_cannot_be_used_are_named_and_the_others_kept(tmp_path: Path) -> None:
    rows = "=1+1;0;1;2;A;B;;\n912;5;4;0;A;B;;\n912;0;9;10;A;B;;\n912;5;12;8;C;D;;\n912;x;9;1;A;B;;\n\n913\n"

    read = read_plan(plan(tmp_path, rows))

    assert [(one.first, one.last) for one in read.ranges] == [("79120000000", "79120000009")]
    assert [(bad.line, bad.why.split(" ")[0]) for bad in read.bad] == [
        (2, "the"), (3, "the"), (5, "79120000005"), (6, "'000000x'"), (8, "it")
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["", "id;name\n1;2\n", "\x00\x01"])
def test_a_file_that_is_no_such_table_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content, "utf-8")

    with pytest.raises(ImportFailed, match=r"other\.csv is no table of the numbering plan"):
        read_plan(path)


@pytest.mark.parametrize("code", sorted(REGIONS))
def test_a_region_is_known_by_its_titles_and_its_code(code: str) -> None:
    titles = (REGIONS[code].ru, REGIONS[code].ru.upper(), REGIONS[code].en, code)

    assert {region_of(name) for name in titles} == {code}


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("г. Санкт - Петербург и Ленинградская область", "RU-SPE"),
        ("г. Москва", "RU-MOW"),
        ("Московская обл.", "RU-MOS"),
        ("г. Казань|Республика Татарстан", "RU-TA"),
        ("р-н Усть-Янский|Республика Саха /Якутия/", "RU-SA"),
        ("Чувашская Республика - Чувашия", "RU-CU"),
        ("Кемеровская область – Кузбасс", "RU-KEM"),
        ("Ханты-Мансийский Автономный округ — Югра", "RU-KHM"),
        ("Республика Северная Осетия-Алания", "RU-SE"),
        ("Республика Алтай", "RU-AL"),
        ("Алтайский край", "RU-ALT"),
        ("Еврейская АО", "RU-YEV"),
        ("Республика Крым и г. Севастополь", "Республика Крым и г. Севастополь"),
        ("Российская Федерация", None),
        ("", None),
    ],
)
def test_names_of_the_plan_lead_to_iso_codes(name: str, region: str | None) -> None:
    assert region_of(name) == region


def test_loaded_plan_gives_known_numbers_region_and_operator_and_the_report_its_split(
    database: Database, tmp_path: Path
) -> None:
    write(
        database,
        told("perm", "03-01 10:00", number="+79120000001"),
        told("ural", "03-01 11:00", number="+79120700000"),
        told("russia", "03-01 11:00", number="+79121500000"),
        told("free", "03-01 12:00", number="88005553535"),
    )
    assert known(database, "79120000001") == ("mobile", None, None)
    load(database, plan(tmp_path))
    shares: list[float] = []

    done = reclassify(database, OPERATOR, SITE, progress=shares.append, batch=2)

    assert known(database, "79120000001") == ("mobile", "RU-PER", 'ПАО "МТС"')
    assert known(database, "79120700000") == ("mobile", "RU-SVE", 'ООО "Т2 Мобайл"')
    assert known(database, "79121500000") == ("mobile", None, 'ООО "Скартел"')
    assert known(database, "78005553535") == ("toll_free", None, None)
    assert (done.numbers, done.changed, shares) == (4, 3, [0.5, 1.0])
    frame = measure(
        database, ["calls"], by=["place"], from_on=NOON.date().replace(day=1), to_on=NOON.date(), site=SITE, actor=CHIEF
    )
    assert dict(zip(frame["place"], frame["calls"], strict=True)) == {
        "RU-PER": 1, "RU-SVE": 1, "mobile": 1, "toll_free": 1
    }  # fmt: skip


def test_describing_anew_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    write(database, told("perm", "03-01 10:00", number="+79120000001"))
    load(database, plan(tmp_path))

    changes = [reclassify(database, OPERATOR, SITE).changed for _ in range(2)]

    assert changes == [1, 0]


def test_describing_anew_can_be_stopped_and_goes_on_where_it_is_started_again(database: Database) -> None:
    write(database, *(told(f"c{at}", "03-01 10:00", number=f"+7912000000{at}") for at in range(4)))
    turns = iter([True, False])

    assert reclassify(database, OPERATOR, SITE, goes_on=lambda: next(turns), batch=1).numbers == 1
    assert reclassify(database, OPERATOR, SITE).numbers == 4


def test_numbers_that_older_rules_described_are_described_by_the_present_ones(database: Database) -> None:
    write(database, told("c", "03-01 10:00", number="+78121234567"))
    params = {
        "numbers": ["78121234567"], "classes": ["invalid"], "countries": ["XX"],
        "regions": [None], "operators": ["nobody"], "rule_version": 0,
    }  # fmt: skip
    database.transact([Statement(name="number_reclassify", params=params)], actor=OPERATOR, touches={})

    reclassify(database, OPERATOR, SITE)

    sql = "select number_class, country, region, operator, rule_version from number"
    (row,) = database.query(sql, actor=CHIEF).to_pylist()
    assert tuple(row.values()) == ("landline", "RU", "RU-SPE", None, RULE_VERSION)


def test_new_numbers_are_described_by_the_plan_at_once(database: Database, tmp_path: Path) -> None:
    load(database, plan(tmp_path))

    write(
        database,
        told("live", "03-01 10:00", number="+79120000001"),
        told("far", "03-01 10:00", number="+79129999999"),
    )
    database.rederive(actor=OPERATOR)
    attach_number(database, CHIEF, "79120700001", account(database, "Ромашка"), now=NOON)

    assert known(database, "79120000001") == ("mobile", "RU-PER", 'ПАО "МТС"')
    assert known(database, "79129999999") == ("mobile", None, None)
    assert known(database, "79120700001") == ("mobile", "RU-SVE", 'ООО "Т2 Мобайл"')


def test_bulk_loads_are_described_by_the_plan_too(database: Database, tmp_path: Path) -> None:
    write(database, told("one", "03-01 10:00"), told("two", "03-01 10:00"))
    load(database, plan(tmp_path))
    rows = database.query("select * from call", actor=CHIEF)
    place = rows.schema.get_field_index("external_number")
    copies = rows.set_column(place, "external_number", [["79120700009", "74951110005"]])
    database.append("call", copies.set_column(0, "call_id", [["three", "four"]]), actor=OPERATOR)

    database.rederive(actor=OPERATOR)

    assert known(database, "79120700009") == ("mobile", "RU-SVE", 'ООО "Т2 Мобайл"')
    assert known(database, "74951110005") == ("landline", "RU-MOW", 'ООО "Связь; Москва"')


def test_a_newer_table_takes_the_place_of_the_older_one_for_the_same_digits(database: Database, tmp_path: Path) -> None:
    load(database, plan(tmp_path))
    load(database, plan(tmp_path, "912;0;9999999;10000000;Один;Пермский край;;\n"))

    rows = database.query("select code, operator from numbering_range order by code", actor=CHIEF).to_pylist()

    assert [tuple(row.values()) for row in rows] == [("7495", 'ООО "Связь; Москва"'), ("7912", "Один")]


def test_who_may_not_change_settings_loads_no_plan_and_describes_nothing(database: Database) -> None:
    clerk = Actor(user="anna", role=Role.MANAGER)

    with pytest.raises(NotAllowed):
        load_plan(database, clerk, [], now=NOON)
    with pytest.raises(NotAllowed):
        reclassify(database, clerk, SITE)


def test_office_numbers_are_kept_in_the_same_normal_form_as_callers(database: Database) -> None:
    for at, written in enumerate(("8 (495) 111-22-33", "+7 495 111 22 33", "4951112233", "sip:84951112233@pbx")):
        write(database, told(f"c{at}", "03-01 10:00", did=written))

    assert set(database.query("select did from call", actor=CHIEF)["did"].to_pylist()) == {"74951112233"}


def test_what_was_just_described_is_not_described_otherwise(database: Database) -> None:
    forms = (
        "89123456789", "9123456789", "2345678", "8-800-555-35-35", "+77012345678", "810375291234567", "00375291234567",
        "375291234567", "*100#", "sip:ivan@example.com", '"Пётр" <89123456780>', "112", "060", "83333333333",
        "12345678901234567", "8-800-FLOWERS", "anonymous", "+1 212 555 0100", "8 (495) 123-45-67 доб. 12",
        "88095553535",
    )  # fmt: skip
    write(database, *(told(f"c{at}", "03-01 10:00", number=form) for at, form in enumerate(forms)))

    done = reclassify(database, OPERATOR, SITE)

    # The hidden one is no number, one is written in two ways, another in three.
    assert (done.numbers, done.changed) == (len(forms) - 4, 0)
