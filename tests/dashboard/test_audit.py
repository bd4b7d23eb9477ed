"""The trail: what is written into it beside changes of data, its page, and its file."""

from __future__ import annotations

from collections.abc import Iterator
from csv import reader
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import app
from data.errors import StoreUnavailable
from data.identity.actor import Actor, Role, system
from data.services.notes import Notes
from data.services.trail import trail
from data.settings import Settings
from data.store.database import Database
from data.store.protocol import Statement
from tests.builders import at
from tests.dashboard.desk import NOW, Desk, open_desk
from tests.dashboard.house import House, build_house, csrf_of, log_in

TAG = "0b5f8f0e-9f5a-4d0c-9f0e-5b9f0e9f5a4d"
BOSS = Actor(user="boss", role=Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("audit")) as desk:
        yield desk


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build_house(tmp_path)


def test_logins_failures_logouts_and_new_passwords_are_written_down(house: House) -> None:
    browser = house.visitor()
    log_in(browser, "manager", "wrong one")
    log_in(browser, "manager")
    chosen = {"present": "demo1234", "password": "one of my own", "again": "one of my own"}
    browser.post("/password", data={**chosen, "csrf_token": csrf_of(browser)})
    browser.post("/logout", data={"csrf_token": csrf_of(browser)})

    found = [(line["actor"], line["action"], line["subject_id"]) for line in house.store.trail]
    assert found == [
        ("system:login", "login.failed", "manager"),
        ("manager", "login", "manager"),
        ("manager", "password.change", "manager"),
        ("manager", "logout", "manager"),
    ]


def test_what_was_typed_as_a_name_that_does_not_exist_is_not_kept(house: House) -> None:
    log_in(house.visitor(), "my-secret-password", "x")

    (line,) = house.store.trail
    assert line["action"] == "login.failed"
    assert "my-secret-password" not in str(line)


def test_a_login_while_the_store_is_away_is_written_down_once_it_is_back(house: House) -> None:
    house.store.away = True
    assert log_in(house.visitor(), "manager").status_code == 303
    assert house.store.trail == []

    house.store.away = False
    log_in(house.visitor(), "supervisor")

    assert [line["actor"] for line in house.store.trail] == ["manager", "supervisor"]


def test_a_line_that_was_handed_over_before_a_crash_stands_in_the_trail_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Database(tmp_path) as store:
        notes = Notes(settings)
        notes.note("system:root", NOW, "user.lock", "user", "anna")

        class Crashing:
            """Takes the lines, and the answer is lost."""

            def transact(self, *args: Any, **named: Any) -> None:
                store.transact(*args, **named)
                raise StoreUnavailable("The answer was lost.")

        Notes(settings, Crashing()).hand_over()  # type: ignore[arg-type]
        Notes(settings, store).hand_over()

        sql = "select actor, action, subject_id from audit"
        rows = store.query(sql, actor=system("test")).to_pylist()
        assert rows == [{"actor": "system:root", "action": "user.lock", "subject_id": "anna"}]


def test_what_the_command_line_does_to_people_is_in_the_trail(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(desk.settings.data)]

    app.main(["user", "add", "vera", *data])
    app.main(["user", "lock", "vera", *data])
    app.main(["token", "make", "manager", "crm", *data])
    capsys.readouterr()

    text = _shown(desk, "?q=vera&from=2020-01-01&to=2040-01-01")
    assert "Приглашение пользователя" in text
    assert "Блокировка пользователя" in text
    assert "Выдан ключ доступа" in _shown(desk, "?q=crm&from=2020-01-01&to=2040-01-01")


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/api/calls/export.csv", "calls.export"),
        ("/api/clients/export.csv?q=ива", "client.export"),
        ("/api/reports/calls.csv?period=7d", "report.export"),
        ("/api/audit/export.csv", "audit.export"),
        ("/api/accounts?limit=1", "client.exchange"),
    ],
)
def test_who_takes_data_away_is_written_down(desk: Desk, address: str, action: str) -> None:
    before = _count(desk, action)

    answer = desk.user("administrator").client.get(address)

    assert answer.status_code == 200
    assert _count(desk, action) == before + 1


def test_another_system_that_reads_page_by_page_is_written_down_once(desk: Desk) -> None:
    for _ in range(3):
        desk.user("supervisor").client.get("/api/contacts?limit=1")

    rows = _rows(desk, "client.exchange")
    assert [row["subject_id"] for row in rows if row["actor"] == "supervisor"] == ["contacts"]


def test_the_page_tells_in_words_who_did_what_and_links_to_it(desk: Desk) -> None:
    _write(desk, "user.rights", "user", "anna", role=["manager", "supervisor"], extensions=[[], ["201"]])
    _write(desk, "recording.listen", "recording", "pbx-1.7.1", call_id="pbx-1.7")
    _write(desk, "team.save", "team", "0123456789abcdef", title="Продажи")
    _write(desk, "audit.export", "audit", "csv", **{"from": "2026-11-02T00:00:00+03:00", "until": "newer"})

    text = _shown(desk, "")

    assert "группа «Продажи»" in text
    assert "2 ноября 2026, 00:00" in text
    assert "'/people/teams/0123456789abcdef'" in text
    assert "Изменение прав" in text
    assert "Менеджер → Супервизор" in text
    assert "'/people/anna'" in text
    assert "'/calls/pbx-1.7'" in text


def test_filters_leave_what_they_say(desk: Desk) -> None:
    _write(desk, "number.move", "number", "79160000077", account_id="x")

    assert "+7 916 000-00-77" in _shown(desk, "?q=79160000077&what=number.move&who=boss")
    assert "Действий не найдено" in _shown(desk, "?q=79160000077&what=number.attach")
    assert "Действий не найдено" in _shown(desk, "?q=79160000077&who=nobody")
    assert "Действий не найдено" in _shown(desk, "?q=79160000077&from=2030-01-01&to=2030-01-02")
    assert "+7 916 000-00-77" in _shown(desk, "?q=79160000077&from=nonsense&page=9999999")


def test_many_lines_come_page_by_page(desk: Desk) -> None:
    steps = [trail(BOSS, at("2025-03-01 10:00"), "tag.create", "tag", f"t{n}") for n in range(120)]
    desk.office.store.transact(steps, actor=system("test"), touches={})

    first = _shown(desk, "?from=2025-03-01&to=2025-03-01")
    second = _shown(desk, "?from=2025-03-01&to=2025-03-01&page=2")

    assert "Страница 1 из 2" in first
    assert first.count("Новый тег") + second.count("Новый тег") == 120 + 2  # and the choice of the filter


def test_the_file_says_the_same_and_no_cell_is_a_formula(desk: Desk) -> None:
    _write(desk, "tag.change", "tag", "=1+2", title='=cmd|"/c calc"!A0')
    _write(desk, "tag.change", "tag", TAG, title="важно")
    boss = desk.user("administrator").client

    text = boss.get("/api/audit/export.csv?what=tag.change").text
    sheet = ZipFile(BytesIO(boss.get("/api/audit/export.xlsx?what=tag.change").data))

    assert "Изменение тега" in text
    assert next(line for line in reader(text.splitlines()) if TAG in line)[3] == "тег «важно»"
    assert not any(cell.startswith("=") for line in reader(text.splitlines()) for cell in line)
    assert not any(b"<f>" in sheet.read(name) for name in sheet.namelist())


def test_the_trail_of_a_newer_version_and_broken_details_are_shown_as_they_are(desk: Desk) -> None:
    _write(desk, "moon.land", "moon", "1")
    sql = {"acted_at": NOW, "actor": "boss", "action": "moon.fall", "subject_kind": "moon", "subject_id": "2"}
    broken = Statement(name="audit_insert", params={**sql, "detail": "{no json"})
    desk.office.store.transact([broken], actor=system("test"), touches={})

    text = _shown(desk, "?who=boss")
    assert "moon.land" in text
    assert "{no json" in text


def _write(desk: Desk, action: str, kind: str, subject: str, **detail: object) -> None:
    desk.office.store.transact([trail(BOSS, NOW, action, kind, subject, **detail)], actor=BOSS, touches={})


def _rows(desk: Desk, action: str) -> list[dict[str, Any]]:
    sql = "select actor, subject_id from audit where action = $action"
    return desk.office.store.query(sql, {"action": action}, actor=system("test")).to_pylist()


def _count(desk: Desk, action: str) -> int:
    return len(_rows(desk, action))


def _shown(desk: Desk, search: str) -> str:
    return desk.user("administrator").page("/settings/audit", search)
