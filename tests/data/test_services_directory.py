"""The directory: told by a PBX or a file, changed by people, and what a person typed stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor, Role, system
from data.services.directory import (
    forget_channel,
    forget_holiday,
    forget_hours,
    listed_directory,
    save_employee,
    save_entry,
    site_in_force,
    take_in,
)
from data.services.directory_entries import (
    Code,
    Entry,
    Source,
    channel_entry,
    code_entry,
    employee_entry,
    holiday_entry,
    hours_entry,
)
from data.services.directory_plan import Plan
from data.settings import Site
from data.status import horizon
from data.store.database import Database
from tests.builders import Office, inbound

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOSS = Actor(user="anna", role=Role.SUPERVISOR)
SITE = Site()


def learn(database: Database, *entries: Entry, source: Source = Source.PBX, now: datetime = NOW) -> Plan:
    return take_in(database, system("ingest"), entries, source=source, pbx="pbx", now=now)


def rows(database: Database, sql: str) -> list[dict[str, Any]]:
    return database.query(sql, actor=system("test")).to_pylist()


def owner(database: Database, extension: str, at: datetime) -> str | None:
    found = database.query(
        "select name from extension join employee using (employee_id) where extension = $extension"
        " and from_at <= $at and (until_at is null or until_at > $at)",
        {"extension": extension, "at": at},
        actor=system("test"),
    ).to_pylist()
    assert len(found) <= 1
    return found[0]["name"] if found else None


def test_what_a_pbx_tells_is_stored_once(database: Database) -> None:
    told = (
        employee_entry("Иванов Пётр", ["201"], email="ivanov@example.org", external_id="pbx:1"),
        code_entry(Code.QUEUE, "2200100", "Продажи", "2200100"),
        code_entry(Code.LINE, "PJSIP/SIP-TRUNK-1", "Ростелеком"),
        channel_entry("8 (495) 123-45-67", "Яндекс", SITE),
    )

    first, again = learn(database, *told), learn(database, *told)

    assert (first.added, first.changed) == (4, 0)
    assert (again.added, again.changed, again.statements) == (0, 0, [])
    assert rows(database, "select queue, title, source from queue") == [
        {"queue": "2200100", "title": "Продажи", "source": "pbx"}
    ]
    assert rows(database, "select did, title from acquisition_channel") == [{"did": "74951234567", "title": "Яндекс"}]
    assert owner(database, "201", NOW - timedelta(days=1000)) == "Иванов Пётр"  # also of calls of the past


def test_what_the_pbx_changes_is_changed_here(database: Database) -> None:
    learn(database, employee_entry("Иванов", ["201"], external_id="pbx:1"), code_entry(Code.QUEUE, "sales", "Sales"))

    made = learn(
        database, employee_entry("Иванова", ["201"], external_id="pbx:1"), code_entry(Code.QUEUE, "sales", "Продажи")
    )

    assert made.changed == 2
    assert rows(database, "select name from employee") == [{"name": "Иванова"}]
    assert rows(database, "select title from queue") == [{"title": "Продажи"}]


def test_an_extension_that_passes_to_somebody_else_leaves_the_calls_of_before_alone(database: Database) -> None:
    learn(database, employee_entry("Иванов", ["201"], external_id="pbx:1"))
    later = NOW + timedelta(days=7)

    learn(database, employee_entry("Петров", ["201"], external_id="pbx:2"), now=later)

    assert owner(database, "201", NOW) == "Иванов"
    assert owner(database, "201", later) == "Петров"


@pytest.mark.parametrize("source", [Source.PBX, Source.FILE])
def test_what_a_person_typed_is_never_written_over(database: Database, source: Source) -> None:
    told = (
        employee_entry("Ivanov", ["201"], external_id="pbx:1"),
        code_entry(Code.QUEUE, "sales", "Sales"),
        channel_entry("74951234567", "Сайт", SITE),
        hours_entry(1, "09:00", "18:00"),
        holiday_entry(date(2026, 12, 31), "NY"),
    )
    learn(database, *told)
    (person,) = rows(database, "select employee_id::varchar as id from employee")
    save_employee(database, BOSS, person["id"], employee_entry("Иванов Пётр", ["201"]), now=NOW)
    save_entry(database, BOSS, code_entry(Code.QUEUE, "sales", "Продажи"), pbx="pbx", now=NOW)
    save_entry(database, BOSS, channel_entry("74951234567", "Яндекс", SITE), now=NOW)
    save_entry(database, BOSS, hours_entry(1, "10:00", "19:00"), now=NOW)
    save_entry(database, BOSS, holiday_entry(date(2026, 12, 31), "Новый год", "09:00", "13:00"), now=NOW)
    before = [rows(database, f"from {name}") for name in ("employee", "extension", "queue", "acquisition_channel")]

    made = learn(database, *told, employee_entry("Sidorov", ["201"]), source=source)

    assert made.kept >= 5
    assert before == [
        rows(database, f"from {name}") for name in ("employee", "extension", "queue", "acquisition_channel")
    ]
    assert rows(database, "select opens from working_hours") == [{"opens": "10:00"}]
    assert rows(database, "select title, opens from holiday") == [{"title": "Новый год", "opens": "09:00"}]


def test_a_file_writes_over_what_a_pbx_told_and_not_the_other_way_round(database: Database) -> None:
    learn(database, code_entry(Code.QUEUE, "sales", "Sales"))
    learn(database, code_entry(Code.QUEUE, "sales", "Продажи"), source=Source.FILE)

    made = learn(database, code_entry(Code.QUEUE, "sales", "Sales"))

    assert made.kept == 1
    assert rows(database, "select title from queue") == [{"title": "Продажи"}]


def test_a_name_that_is_a_guess_serves_only_where_there_is_none(database: Database) -> None:
    guess = employee_entry("Ivan Petrov", ["201"])
    learn(database, employee_entry(None, ["201", "202"], device="PJSIP/201"))
    learn(database, employee_entry("Иванов", ["201"]))

    learn(database, _guessed(guess.name or "", "201"), _guessed("Anna", "202"))

    assert (owner(database, "201", NOW), owner(database, "202", NOW)) == ("Иванов", "Anna")


def _guessed(name: str, extension: str) -> Entry:
    from dataclasses import replace

    return replace(employee_entry(name, [extension]), is_guess=True)


def test_a_person_gives_and_takes_extensions(database: Database) -> None:
    ivan = save_employee(database, BOSS, None, employee_entry("Иванов", ["201", "202"], department="Продажи"), now=NOW)
    later = NOW + timedelta(hours=1)
    save_employee(database, BOSS, None, employee_entry("Анна", ["202"]), now=later)
    save_employee(database, BOSS, ivan, employee_entry("Иванов", ["203"], active=False), now=later)

    assert [owner(database, code, later) for code in ("201", "202", "203")] == [None, "Анна", "Иванов"]
    assert owner(database, "202", NOW) == "Иванов"
    assert (
        rows(database, "select action, actor from audit order by acted_at")
        == [{"action": "directory.employee", "actor": "anna"}] * 3
    )


def test_who_may_not_change_the_directory_is_refused(database: Database) -> None:
    manager = Actor(user="m", role=Role.MANAGER)

    with pytest.raises(NotAllowed):
        save_entry(database, manager, hours_entry(1, None, None), now=NOW)
    with pytest.raises(NotAllowed):
        listed_directory(database, Actor(user="a", role=Role.ANALYST), now=NOW)
    with pytest.raises(NotFound):
        save_employee(database, BOSS, "11111111-1111-1111-1111-111111111111", employee_entry("X", []), now=NOW)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: employee_entry("Иванов", ["20 1"]), "Extension '20 1'"),
        (lambda: employee_entry("Иванов", ["'; drop table employee"]), "drop table"),
        (lambda: employee_entry("И" * 201, ["201"]), "201 characters"),
        (lambda: employee_entry("И\x00в", ["201"]), "cannot be shown"),
        (lambda: employee_entry("Ив\u202eанов", ["201"]), "cannot be shown"),
        (lambda: employee_entry("Иванов", [], email="nobody"), "E-mail 'nobody'"),
        (lambda: channel_entry("офис", "Яндекс", SITE), "Office number 'офис'"),
        (lambda: channel_entry("74951234567", " ", SITE), "needs the name"),
        (lambda: hours_entry(0, "09:00", "18:00"), "Weekday 0"),
        (lambda: hours_entry(1, "18:00", "09:00"), "Closing 09:00"),
        (lambda: hours_entry(1, "25:00", "26:00"), "Time '25:00'"),
        (lambda: hours_entry(1, "09:03", "18:00"), "steps of 5"),
        (lambda: hours_entry(1, "09:00", None), "both an opening and a closing"),
        (lambda: holiday_entry(date(1, 1, 1), None), "between 1990 and 2100"),
        (lambda: code_entry(Code.LINE, " ", "x"), "needs its code"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_value(make: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        make()


def test_the_page_lists_what_calls_name_even_without_a_title(database: Database) -> None:
    Office(database).add(inbound(NOW - timedelta(days=1), talked="201", queue="sales"))

    listed = listed_directory(database, BOSS, now=NOW)

    assert {(row["kind"], row["code"]) for row in listed.seen} == {
        ("queue", "sales"),
        ("line", "PJSIP/trunk"),
        ("channel", "74951234567"),
    }


def test_working_hours_of_the_directory_decide_until_when_a_caller_can_be_called_back(database: Database) -> None:
    site = Site(horizon="4wh")
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=ZoneInfo("Europe/Moscow"))

    def lost_at() -> str:
        rule = horizon(site_in_force(database, site, BOSS), NOW + timedelta(days=60))
        return f"{rule.of(friday).astimezone(site.zone):%d.%m %H:%M}"

    assert lost_at() == "23.11 11:00"  # the settings: until six, and on Monday from nine on
    save_entry(database, BOSS, hours_entry(6, "10:00", "24:00"), now=NOW)
    assert lost_at() == "21.11 12:00"
    save_entry(database, BOSS, holiday_entry(date(2026, 11, 21), "выходной"), now=NOW)
    save_entry(database, BOSS, hours_entry(5, "09:00", "17:00"), now=NOW)
    assert lost_at() == "23.11 12:00"
    save_entry(database, BOSS, holiday_entry(date(2026, 11, 23), None, "09:00", "10:00"), now=NOW)
    assert lost_at() == "24.11 11:00"
    forget_hours(database, BOSS, 5, now=NOW)
    forget_holiday(database, BOSS, date(2026, 11, 23), now=NOW)
    forget_holiday(database, BOSS, date(2026, 11, 21), now=NOW)
    assert lost_at() == "21.11 12:00"


def test_an_empty_directory_leaves_the_hours_of_the_settings(database: Database) -> None:
    assert site_in_force(database, SITE, BOSS) is SITE


def test_a_channel_can_be_forgotten(database: Database) -> None:
    save_entry(database, BOSS, channel_entry("74951234567", "Яндекс", SITE), now=NOW)

    forget_channel(database, BOSS, "74951234567", now=NOW)

    assert rows(database, "from acquisition_channel") == []
