"""/api/directory: supervisors change names, extensions, channels and hours; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import inbound
from tests.dashboard.desk import Desk, open_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("directory")
    with open_desk(folder) as opened:
        opened.office.add(inbound("2026-11-20 10:00", talked="205", queue="sales"))
        yield opened


def test_a_supervisor_names_everything_and_reads_it_back(desk: Desk) -> None:
    boss = desk.user("supervisor")
    anna = {"name": "Анна", "extensions": ["205"], "department": "Продажи", "email": "anna@example.org"}

    made = boss.send("POST", "/api/directory/employees", anna, 201)
    boss.send("PUT", f"/api/directory/employees/{made['employee_id']}", {**anna, "name": "Анна Иванова"})
    boss.send("PUT", "/api/directory/queues/sales", {"title": "Продажи"})
    boss.send("PUT", "/api/directory/lines/PJSIP/trunk", {"title": "Ростелеком", "pbx": "pbx"})
    boss.send("PUT", "/api/directory/channels/8 (495) 123-45-67", {"title": "Яндекс"})
    boss.send("PUT", "/api/directory/hours/6", {"opens": "10:00", "closes": "24:00"})
    boss.send("PUT", "/api/directory/holidays/2026-12-31", {"title": "Новый год"})

    found = boss.get("/api/directory/entries")
    assert [(row["name"], row["extensions"], row["source"]) for row in found["employees"]] == [
        ("Анна Иванова", ["205"], "person")
    ]
    assert {(row["kind"], row["code"], row["title"]) for row in found["codes"]} == {
        ("queue", "sales", "Продажи"),
        ("line", "PJSIP/trunk", "Ростелеком"),
        ("channel", "74951234567", "Яндекс"),
    }
    assert {row["code"] for row in found["seen"]} == {"sales", "PJSIP/trunk", "74951234567"}
    assert [(row["weekday"], row["opens"], row["closes"]) for row in found["hours"]] == [(6, "10:00", "00:00")]
    assert [row["title"] for row in found["holidays"]] == ["Новый год"]


def test_what_was_set_can_be_forgotten(desk: Desk) -> None:
    boss = desk.user("administrator")
    boss.send("PUT", "/api/directory/channels/74957654321", {"title": "Сайт"})
    boss.send("PUT", "/api/directory/hours/7", {})
    boss.send("PUT", "/api/directory/holidays/2027-01-01", {})

    boss.send("DELETE", "/api/directory/channels/74957654321", {})
    boss.send("DELETE", "/api/directory/hours/7", {})
    boss.send("DELETE", "/api/directory/holidays/2027-01-01", {})

    found = boss.get("/api/directory/entries")
    assert "74957654321" not in {row["code"] for row in found["codes"]}
    assert 7 not in {row["weekday"] for row in found["hours"]}
    assert "2027-01-01" not in {str(row["on_date"]) for row in found["holidays"]}


@pytest.mark.parametrize("login", ["manager", "analyst"])
def test_others_may_neither_read_nor_change_it(desk: Desk, login: str) -> None:
    user = desk.user(login)

    user.get("/api/directory/entries", 403)
    user.send("PUT", "/api/directory/queues/sales", {"title": "x"}, 403)
    user.send("POST", "/api/directory/employees", {"name": "x"}, 403)


@pytest.mark.parametrize(
    ("method", "path", "sent", "says"),
    [
        ("POST", "employees", {"name": " "}, "name is missing"),
        ("POST", "employees", {"name": "x", "extensions": "201"}, "extensions must be a list"),
        ("POST", "employees", {"name": "x", "extensions": ["<b>"]}, "Extension '<b>'"),
        ("PUT", "planets/mars", {"title": "x"}, "none of queues"),
        ("PUT", "channels/офис", {"title": "x"}, "no phone number"),
        ("PUT", "hours/9", {"opens": "09:00", "closes": "10:00"}, "Weekday 9"),
        ("PUT", "hours/1", {"opens": "10:00", "closes": "09:00"}, "is not after opening"),
        ("PUT", "holidays/tomorrow", {}, "no day like"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    desk: Desk, method: str, path: str, sent: dict[str, Any], says: str
) -> None:
    refused = desk.user("supervisor").send(method, f"/api/directory/{path}", sent, 400)

    assert says in refused["message"]
