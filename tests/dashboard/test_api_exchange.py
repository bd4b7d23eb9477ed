"""Other systems and PBXs ask /api with a token: changes since a cursor, writes with numbers, the phone book."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import dashboard.api
from dashboard.api.openapi import description
from dashboard.auth import Identity
from dashboard.factory import create_app
from dashboard.limits import RateLimit
from data.identity.actor import Role
from data.settings import Settings
from data.store.database import Database
from tests.builders import inbound
from tests.dashboard.desk import NOW, Desk, open_desk

NUMBER = "+7 912 345-67-89"
DIGITS = "79123456789"


@dataclass(frozen=True, kw_only=True)
class Script:
    """Requests with a token; answers are JSON."""

    server: Flask
    token: str

    def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        response = self.server.test_client().open(path, method=method, json=body, headers=headers)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json() if response.is_json else response.get_data(as_text=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def script(desk: Desk) -> Script:
    return script_of(desk, "supervisor")


def script_of(desk: Desk, login: str) -> Script:
    return Script(server=desk.server, token=Identity.open(desk.settings).tokens.issue(login, "проверка"))


def test_a_client_made_by_a_script_has_everything_that_was_sent(script: Script) -> None:
    sent = {"name": "ООО Ромашка", "kind": "organisation", "tags": ["опт"], "external_id": "1C-7", "phones": [NUMBER]}
    sent |= {"emails": ["info@romashka.ru"], "messengers": ["telegram:@romashka"]}

    made = script.ask("POST", "/api/accounts", sent, 201)

    assert {name: made[name] for name in sent} == sent | {"phones": [DIGITS]}
    assert script.ask("GET", f"/api/accounts/{made['account_id']}") == made
    assert script.ask("GET", "/api/accounts?external_id=1C-7")["accounts"] == [made]


def test_who_asks_since_a_cursor_hears_of_every_change_once_it_is_stored(script: Script) -> None:
    first = script.ask("POST", "/api/accounts", {"name": "Первый"}, 201)["account_id"]
    script.ask("POST", "/api/accounts", {"name": "Второй"}, 201)
    start = script.ask("GET", "/api/accounts?limit=1")
    rest = script.ask("GET", f"/api/accounts?since={start['since']}")
    assert ([row["name"] for row in start["accounts"]], start["more"]) == (["Первый"], True)
    assert ([row["name"] for row in rest["accounts"]], rest["more"]) == (["Второй"], False)

    nothing = script.ask("GET", f"/api/accounts?since={rest['since']}")
    script.ask("PATCH", f"/api/accounts/{first}", {"notes": "Позвонить"})
    changed = script.ask("GET", f"/api/accounts?since={nothing['since']}")
    script.ask("PATCH", f"/api/accounts/{first}", {"phones": [NUMBER]})
    numbered = script.ask("GET", f"/api/accounts?since={changed['since']}")

    assert nothing["accounts"] == []
    assert [row["notes"] for row in changed["accounts"]] == ["Позвонить"]
    assert [row["phones"] for row in numbered["accounts"]] == [[DIGITS]]


def test_a_cursor_of_another_list_or_of_nobody_is_refused(script: Script) -> None:
    script.ask("POST", "/api/accounts", {"name": "Первый"}, 201)
    since = script.ask("GET", "/api/accounts")["since"]

    assert "belongs to /api/accounts" in script.ask("GET", f"/api/contacts?since={since}", status=400)["message"]
    for broken in ("x", "YWNjb3VudHM6MTox", "%F0%9F%98%80", since + "AAAA"):
        script.ask("GET", f"/api/accounts?since={broken}", status=400)


def test_phones_that_are_sent_replace_those_there_were_and_history_stays(desk: Desk, script: Script) -> None:
    desk.office.add(inbound("2026-11-20 10:00", NUMBER, talked="201", call_id="pbx-1.1"))
    made = script.ask("POST", "/api/accounts", {"name": "Ромашка", "phones": [NUMBER, "8 495 111-22-33"]}, 201)

    script.ask("PATCH", f"/api/accounts/{made['account_id']}", {"phones": ["74951112233", "8(495)1112244"]})

    kept = script.ask("GET", f"/api/accounts/{made['account_id']}")
    assert kept["phones"] == ["74951112233", "74951112244"]
    assert desk.user().rows()[0]["client"] == "Ромашка"  # it was theirs when it called


@pytest.mark.parametrize("path", ["/api/accounts", "/api/contacts"])
def test_a_number_of_somebody_else_is_not_taken_and_nothing_is_made(script: Script, path: str) -> None:
    owner = script.ask("POST", "/api/accounts", {"name": "Ромашка", "phones": [NUMBER]}, 201)
    other = script.ask("POST", "/api/accounts", {"name": "Астра"}, 201)
    sent = {"name": "Новый", "phones": [NUMBER]} | ({"account_id": other["account_id"]} if "contacts" in path else {})

    refused = script.ask("POST", path, sent, 409)

    assert "belongs to Ромашка" in refused["message"]
    listed = script.ask("GET", path)
    assert "Новый" not in [row["name"] for row in listed[path.removeprefix("/api/")]]
    assert script.ask("GET", f"/api/accounts/{owner['account_id']}")["phones"] == [DIGITS]


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_an_external_id_is_one_rows_only(script: Script, kind: str) -> None:
    account_id = script.ask("POST", "/api/accounts", {"name": "Ромашка"}, 201)["account_id"]
    body = {"name": "Кто-то", "external_id": "7"} | ({"account_id": account_id} if kind == "contacts" else {})
    script.ask("POST", f"/api/{kind}", body, 201)

    assert "7" in script.ask("POST", f"/api/{kind}", body, 409)["message"]
    assert len(script.ask("GET", f"/api/{kind}?external_id=7")[kind]) == 1


def test_a_change_over_an_old_version_is_refused(script: Script) -> None:
    path = f"/api/accounts/{script.ask('POST', '/api/accounts', {'name': 'Ромашка'}, 201)['account_id']}"
    script.ask("PATCH", path, {"notes": "раз", "version": 1})

    script.ask("PATCH", path, {"notes": "два", "version": 1}, 409)

    assert script.ask("GET", path)["notes"] == "раз"


def test_a_person_is_made_changed_and_heard_of(script: Script) -> None:
    account_id = script.ask("POST", "/api/accounts", {"name": "Ромашка", "phones": [NUMBER]}, 201)["account_id"]
    sent = {"account_id": account_id, "name": "Ирина", "position": "Бухгалтер", "emails": ["i@example.com"]}
    made = script.ask("POST", "/api/contacts", sent | {"phones": [NUMBER], "external_id": "p1"}, 201)
    since = script.ask("GET", "/api/contacts")["since"]

    script.ask("PATCH", f"/api/contacts/{made['contact_id']}", {"position": "Директор", "external_id": None})

    (changed,) = script.ask("GET", f"/api/contacts?since={since}&account_id={account_id}")["contacts"]
    assert (made["phones"], made["external_id"]) == ([DIGITS], "p1")
    assert (changed["position"], changed["external_id"], changed["version"]) == ("Директор", None, 2)
    assert script.ask("GET", f"/api/accounts/{account_id}")["phones"] == []  # the number is the person's now


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": ""}, {"name": " "}, {"name": 5}, {"name": "x" * 301}, {"name": "a\x00b"},
        {"name": "x", "kind": "ufo"},
        {"name": "x", "phones": ["не номер"]}, {"name": "x", "phones": "79123456789"}, {"name": "x", "surprise": 1},
        {"name": "x", "tags": ["t" * 61]}, {"name": "x", "external_id": ""}, {"name": "\ud800"},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_a_reason(script: Script, body: dict[str, object]) -> None:
    assert script.ask("POST", "/api/accounts", body, 400)["message"]
    assert script.ask("GET", "/api/accounts")["accounts"] == []


def test_who_asks_since_a_cursor_hears_of_a_person_who_was_removed(script: Script) -> None:
    client = script.ask("POST", "/api/accounts", {"name": "Ромашка"}, 201)["account_id"]
    sent = {"account_id": client, "name": "Иван", "external_id": "7", "messengers": ["max:17"], "phones": [NUMBER]}
    made = script.ask("POST", "/api/contacts", sent, 201)
    since = script.ask("GET", "/api/contacts")["since"]

    script.ask("DELETE", f"/api/clients/{client}/contacts/{made['contact_id']}", {"version": 1})
    again = script.ask("POST", "/api/contacts", {"account_id": client, "name": "Пётр", "external_id": "7"}, 201)

    heard = {row["contact_id"]: row for row in script.ask("GET", f"/api/contacts?since={since}")["contacts"]}
    gone = heard[made["contact_id"]]
    assert (made["messengers"], made["deleted_at"]) == (["max:17"], None)
    assert (gone["name"], gone["external_id"], gone["version"], gone["phones"]) == ("Иван", "7", 2, [])
    assert gone["deleted_at"] is not None
    assert heard[again["contact_id"]]["deleted_at"] is None
    assert script.ask("GET", f"/api/accounts/{client}")["phones"] == [DIGITS]
    script.ask("PATCH", f"/api/contacts/{made['contact_id']}", {"name": "Иван II"}, 404)


def test_who_may_not_see_numbers_gets_no_addresses(desk: Desk, script: Script) -> None:
    sent = {"name": "Ромашка", "emails": ["info@romashka.ru"], "messengers": ["max:17"], "phones": [NUMBER]}
    made = script.ask("POST", "/api/accounts", sent, 201)

    seen = script_of(desk, "analyst").ask("GET", f"/api/accounts/{made['account_id']}")

    assert (seen["emails"], seen["messengers"]) == ([], [])
    assert seen["phones"] != [DIGITS]


def test_a_token_may_what_its_user_may(desk: Desk) -> None:
    script_of(desk, "supervisor").ask("POST", "/api/accounts", {"name": "Ромашка", "phones": [NUMBER]}, 201)
    analyst, manager = script_of(desk, "analyst"), script_of(desk, "manager")

    assert analyst.ask("GET", "/api/accounts")["accounts"][0]["phones"] == ["7912•••••89"]
    analyst.ask("POST", "/api/accounts", {"name": "Нет"}, 403)
    analyst.ask("GET", f"/api/phonebook?number={DIGITS}", status=403)
    manager.ask("GET", "/api/accounts", status=403)  # the whole list is an export
    Script(server=desk.server, token="cb_wrong").ask("GET", "/api/accounts", status=401)


def test_the_quick_search_of_the_pages_stays(script: Script) -> None:
    script.ask("POST", "/api/accounts", {"name": "Ромашка"}, 201)

    assert [one["name"] for one in script.ask("GET", "/api/accounts?q=рома")["accounts"]] == ["Ромашка"]


def test_phone_book_names_the_caller_and_the_phone_that_should_ring(desk: Desk, script: Script) -> None:
    anna = desk.office.employee("Анна Белова", "201")
    sent = {"name": 'ООО "Ромашка" <опт>', "responsible_id": anna}
    account_id = script.ask("POST", "/api/accounts", sent, 201)["account_id"]
    script.ask("POST", "/api/contacts", {"account_id": account_id, "name": "Ирина|\n", "phones": [NUMBER]}, 201)

    entry = script.ask("GET", "/api/phonebook?number=8(912)345-67-89")
    plain = [
        script.ask("GET", f"/api/phonebook?number={DIGITS}&format={form}") for form in ("text", "name", "extension")
    ]

    assert (entry["found"], entry["number"], entry["extension"], entry["responsible"]) == (
        True,
        DIGITS,
        "201",
        "Анна Белова",
    )
    assert (entry["client"], entry["contact"]) == ('ООО "Ромашка" <опт>', "Ирина|")
    assert plain == ["Ирина, ООО Ромашка опт|201", "Ирина, ООО Ромашка опт", "201"]


@pytest.mark.parametrize("number", ["79990000000", "anonymous", "sip:x@y", "%00", "'; drop table call"])
def test_phone_book_is_quiet_about_strangers(script: Script, number: str) -> None:
    assert script.ask("GET", f"/api/phonebook?number={number}")["found"] is False
    assert script.ask("GET", f"/api/phonebook?number={number}&format=text") == "|"


def test_phone_book_refuses_a_question_without_a_number(script: Script) -> None:
    for query in ("", "?number=", "?number=1&format=xml", "?number=" + "1" * 101):
        script.ask("GET", f"/api/phonebook{query}", status=400)


def test_who_asks_too_often_is_told_when_to_ask_again(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data": tmp_path, "web": {"api_requests_per_minute": 6}})
    identity = Identity.open(settings)
    for login in ("anna", "boris"):
        identity.users.add(login, role=Role.SUPERVISOR, name=login, password="demo1234")
    secrets = [identity.tokens.issue(login, "") for login in ("anna", "boris")]
    with Database(tmp_path) as store:
        server = create_app(settings, store, identity, clock=lambda: NOW)
        anna, boris = (Script(server=server, token=secret) for secret in secrets)
        anna.ask("GET", "/api/openapi.json")
        headers = {"Authorization": f"Bearer {anna.token}"}
        refused = server.test_client().get("/api/openapi.json", headers=headers)
        boris.ask("GET", "/api/openapi.json")

    assert (refused.status_code, refused.get_json()["error"]) == (429, "too_often")
    assert 1 <= int(refused.headers["Retry-After"]) <= 10


def test_a_limit_fills_again_as_time_goes_by() -> None:
    at = [0.0]
    limit = RateLimit(60, clock=lambda: at[0])

    first = [limit.wait_s("anna") for _ in range(11)]
    at[0] = 1.0
    second = [limit.wait_s("anna") for _ in range(2)]

    assert (first[:10], round(first[10], 3)) == ([0.0] * 10, 1.0)
    assert (second[0], round(second[1], 3)) == (0.0, 1.0)


def test_description_names_every_route_that_is_meant_for_others(desk: Desk) -> None:
    modules = [
        importlib.import_module(f"dashboard.api.{one.name}") for one in pkgutil.iter_modules(dashboard.api.__path__)
    ]
    public = {module.API.name for module in modules if getattr(module, "PUBLIC", False)}
    served = {
        (re.sub(r"<(?:uuid:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in desk.server.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in public or rule.endpoint == "clients.accounts"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    described = {
        (path, method) for path, item in description()["paths"].items() for method in item if method != "parameters"
    }
    assert described == served
