"""The pages about people, as an administrator uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pytest

from data.identity.actor import Role, Scope, system
from data.store.protocol import LiveTable
from tests.builders import at
from tests.dashboard.desk import Browser, Desk, open_desk
from tests.dashboard.house import csrf_of, log_in

NOW = at("2026-11-20 12:00")
EMPLOYEES = "select employee_id::varchar as employee_id from employee"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("people")) as desk:
        desk.office.employee("Белова Ольга", "207")
        yield desk


def test_an_invited_user_logs_in_once_and_chooses_a_password_of_his_own(desk: Desk) -> None:
    page = _send(desk.user("administrator"), "invite", login="Olga", name="Белова Ольга", role="manager", scope="own")

    found = re.search(r'id="one-time-password">([a-z0-9-]+)<', page.text)
    assert page.status_code == 200
    assert found is not None
    visitor = desk.server.test_client()
    assert log_in(visitor, "olga", found[1]).status_code == 303
    assert visitor.get("/calls").location == "/password?next=/calls"
    assert found[1] not in _shown(desk, "/people/olga")


def test_the_list_tells_role_reach_and_state(desk: Desk) -> None:
    _send(desk.user("administrator"), "invite", login="lev", name="Лев <b>", role="supervisor", scope="group")

    text = _shown(desk, "/people")

    assert "Ждёт первого входа" in text
    assert "Свои и своей группы" in text
    assert "Менеджер" in text


def test_the_form_of_a_user_offers_the_employees_with_their_phones(desk: Desk) -> None:
    assert "Белова Ольга · 207" in _shown(desk, "/people/manager")


def test_employees_stand_there_with_their_phones_and_what_those_do(desk: Desk) -> None:
    phone = {"pbx": "pbx", "extension": "207", "device": "PJSIP/207-desk", "state": "out", "state_since_at": NOW}
    desk.office.store.write_live("pbx", pa.Table.from_pylist([phone]), actor=system("test"), table=LiveTable.PHONES)
    employee = next(row for row in desk.office.store.query(EMPLOYEES, actor=system("test")).to_pylist())
    _send(
        desk.user("administrator"), "manager/rights", name="Менеджер", role="manager", scope="own",
        employee_id=employee["employee_id"],
    )  # fmt: skip

    text = _shown(desk, "/people")

    assert re.search(r"Белова Ольга.{0,400}207.{0,400}PJSIP/207-desk.{0,900}Не в сети.{0,900}/people/manager", text)


def test_rights_are_changed_and_said_to_be(desk: Desk) -> None:
    boss = desk.user("administrator")

    saved = _send(
        boss, "analyst/rights", name="Аналитик", role="analyst", scope="listed", listed="201, 202",
        listens="listed", listens_to="203",
    )  # fmt: skip

    assert saved.location == "/people/analyst?said=saved"
    text = _shown(desk, "/people/analyst", "?said=saved")
    assert "Сохранено." in text
    assert re.search(r"'value': '201 202'[^{}]*'name': 'listed'.*'value': '203'[^{}]*'name': 'listens_to'", text)
    user = boss.get("/api/me")
    assert user["user"] == "administrator"
    assert desk.user("analyst").get("/api/me")["scope"] == Scope.LISTED


@pytest.mark.parametrize(
    ("act", "values", "status", "words"),
    [
        ("invite", {"login": "manager", "name": "Я", "role": "manager", "scope": "own"}, 409, "уже есть"),
        ("invite", {"login": "Анна!", "name": "Я", "role": "manager", "scope": "own"}, 422, "не подходит"),
        ("invite", {"login": "new1", "name": "Я", "role": "king", "scope": "own"}, 422, "Проверьте"),
        ("invite", {"login": "new1", "name": "", "role": "manager", "scope": "own"}, 422, "Проверьте"),
        ("administrator/lock", {}, 409, "последний администратор"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    desk: Desk, act: str, values: dict[str, str], status: int, words: str
) -> None:
    refused = _send(desk.user("administrator"), act, **values)

    assert refused.status_code == status
    assert words in refused.text


def test_words_that_an_address_brings_are_not_shown(desk: Desk) -> None:
    assert "взломано" not in _shown(desk, "/people", "?said=взломано")


def test_every_role_stands_in_the_table_of_rights(desk: Desk) -> None:
    text = _shown(desk, "/people")

    for words in ("Слушать записи", "Полные номера", "Администратор", "Супервизор", "Аналитик"):
        assert words in text
    assert len(Role) == 4


def test_a_form_without_the_token_changes_nothing(desk: Desk) -> None:
    boss = desk.user("administrator").client

    assert boss.post("/people/do/manager/lock").status_code == 403
    assert desk.user("manager").get("/api/me")["user"] == "manager"


def _send(browser: Browser, act: str, **values: str):  # type: ignore[no-untyped-def]
    return browser.client.post(f"/people/do/{act}", data=values | {"csrf_token": csrf_of(browser.client)})


def _shown(desk: Desk, path: str, search: str = "") -> str:
    """The page as its callback sends it."""
    return desk.user("administrator").page(path, search)
