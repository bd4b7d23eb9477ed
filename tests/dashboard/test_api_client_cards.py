"""/api/clients: the list, cards, numbers that change hands, and merging, as browsers ask for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.auth import CSRF_HEADER
from tests.builders import inbound
from tests.dashboard.desk import Browser, Desk, open_desk
from tests.dashboard.house import csrf_of

NUMBER = "+79161112233"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def made(user: Browser, name: str, **fields: object) -> str:
    return str(user.send("POST", "/api/clients", {"name": name, **fields}, status=201)["account_id"])


def test_a_client_is_made_found_changed_and_shows_who_did_it(desk: Desk) -> None:
    user = desk.user()
    account_id = made(user, "Ромашка", number="8 916 111-22-33", tags=["опт"])

    card = user.get(f"/api/clients/{account_id}")
    fields = {name: card[name] for name in ("kind", "tags", "emails", "messengers")}
    kept = user.send("PUT", f"/api/clients/{account_id}", {**fields, "name": "Ромашка и К", "version": 1})

    assert [row["name"] for row in user.get("/api/clients?q=916-111-22")["rows"]] == ["Ромашка и К"]
    assert user.get("/api/clients/count?tag=Опт") == {"count": 1}
    assert (kept["version"], kept["changed_by"], kept["tags"]) == (2, "supervisor", ["опт"])
    user.send("PUT", f"/api/clients/{account_id}", {**fields, "name": "Астра", "version": 1}, status=409)


def test_a_number_moves_only_when_asked_and_tells_whose_it_was(desk: Desk) -> None:
    user = desk.user()
    former, latter = made(user, "Ромашка", number=NUMBER), made(user, "Астра")

    user.send("POST", f"/api/clients/{latter}/numbers", {"number": NUMBER}, status=409)
    user.send("POST", "/api/clients", {"name": "Третий", "number": NUMBER}, status=409)
    user.send("POST", f"/api/clients/{latter}/numbers", {"number": NUMBER, "move": True})

    known = user.get("/api/clients/numbers?number=89161112233")
    assert known["owner"]["name"] == "Астра"
    assert [owner["name"] for owner in known["owners"]] == ["Ромашка", "Астра"]
    assert [one["number_text"] for one in user.get(f"/api/clients/{former}")["former_numbers"]] == ["+7 916 111-22-33"]


def test_a_person_comes_with_his_number_changes_and_goes(desk: Desk) -> None:
    user = desk.user()
    account_id = made(user, "Ромашка")
    path = f"/api/clients/{account_id}/contacts"
    person = {"name": "Ирина", "position": "Директор", "number": NUMBER, "emails": ["irina@romashka.ru"]}

    contact_id = user.send("POST", path, person, status=201)["contact_id"]
    user.send("PUT", f"{path}/{contact_id}", {"name": "Ирина К.", "version": 1})
    user.send("PUT", f"{path}/{contact_id}", {"name": "Другая", "version": 1}, status=409)
    card = user.get(f"/api/clients/{account_id}")
    user.send("DELETE", f"{path}/{contact_id}", {"version": 2})

    assert [person["name"] for person in card["contacts"]] == ["Ирина К."]
    assert card["numbers"][0]["contact_id"] == contact_id
    left = user.get(f"/api/clients/{account_id}")
    assert (left["contacts"], left["numbers"][0]["contact_id"]) == ([], None)


def test_the_feed_has_calls_as_the_journal_shows_them(desk: Desk) -> None:
    user = desk.user()
    account_id = made(user, "Ромашка", number=NUMBER)
    desk.office.add(inbound("2026-11-20 11:00", NUMBER, talked="201", call_id="pbx-1.1"))

    entries = user.get(f"/api/clients/{account_id}/feed")["entries"]

    assert sorted(entry["kind"] for entry in entries) == ["call", "change", "change"]
    assert user.get(f"/api/clients/{account_id}/feed?kind=call")["entries"][0]["call"]["call_id"] == "pbx-1.1"
    user.get(f"/api/clients/{account_id}/feed?kind=nonsense", status=400)


def test_a_merge_is_previewed_done_and_undone(desk: Desk) -> None:
    user = desk.user()
    kept, gone = made(user, "Ромашка"), made(user, "ООО «Ромашка»", number=NUMBER)
    (pair,) = user.get("/api/clients/duplicates")["pairs"]
    preview = user.get(f"/api/clients/{kept}/merge/{gone}")
    versions = {"kept_version": preview["kept"]["version"], "gone_version": preview["gone"]["version"]}

    merge_id = user.send("POST", f"/api/clients/{kept}/merge/{gone}", versions)["merge_id"]
    merged = user.get(f"/api/clients/{gone}")
    user.send("POST", f"/api/clients/merges/{merge_id}/undo", {})

    assert {pair["one_id"], pair["other_id"]} == {kept, gone}
    assert preview["moves"]["assignments"] == 1
    assert (merged["account_id"], merged["merged"][0]["merge_id"]) == (kept, merge_id)
    assert user.get(f"/api/clients/{gone}")["numbers"][0]["number_text"] == "+7 916 111-22-33"
    user.send("POST", f"/api/clients/merges/{merge_id}/undo", {}, status=409)


def test_an_export_never_becomes_a_formula(desk: Desk) -> None:
    user = desk.user()
    made(user, "=HYPERLINK(1)", number=NUMBER)

    answer = user.client.get("/api/clients/export.csv")

    (head, row) = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert head[:4] == ["Внешний код", "Название", "Вид", "Телефоны"]
    assert row[1:4] == ["'=HYPERLINK(1)", "Организация", "+7 916 111-22-33"]
    desk.user("manager").get("/api/clients/export.csv", status=403)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/api/clients", {"name": " "}),
        ("POST", "/api/clients", {"name": "А", "kind": "cat"}),
        ("POST", "/api/clients", {"name": "А", "emails": ["no address"]}),
        ("POST", "/api/clients", {"name": "А", "emails": "a@b.ru"}),
        ("POST", "/api/clients", {"name": "А", "number": "anonymous"}),
        ("POST", "/api/clients", {"name": "А", "messengers": ["@name"]}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_words(desk: Desk, method: str, path: str, sent: dict[str, object]) -> None:
    assert desk.user().send(method, path, sent, status=400)["message"]


def test_analysts_read_masked_cards_and_change_nothing(desk: Desk) -> None:
    account_id = made(desk.user(), "Ромашка", number=NUMBER, emails=["a@romashka.ru"])
    analyst = desk.user("analyst")

    card = analyst.get(f"/api/clients/{account_id}")

    assert (card["numbers"][0]["number_text"], card["emails"]) == ("7916•••••33", [])
    analyst.send("POST", "/api/clients", {"name": "Чужой"}, status=403)
    analyst.get("/api/clients/numbers?number=89161112233", status=403)
    analyst.get("/api/clients/duplicates", status=403)


def sent(user: Browser, content: bytes, status: int = 201) -> Any:
    headers = {CSRF_HEADER: csrf_of(user.client)}
    answer = user.client.post("/api/clients/imports?name=a.csv", data=content, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_file_shows_its_columns_to_its_user_only_and_is_taken_only_when_checked(desk: Desk) -> None:
    user = desk.user()

    found = sent(user, "Название;Телефон\nРомашка;89161112233\n".encode("cp1251"))

    assert (found["columns"], found["guess"], found["total"]) == (
        ["Название", "Телефон"],
        {"0": "name", "1": "phone"},
        1,
    )
    path = f"/api/clients/imports/{found['import_id']}"
    user.send("POST", f"{path}/run", {}, status=400)
    user.send("POST", f"{path}/check", {"columns": {"1": "phone"}}, status=400)
    desk.user("administrator").get(path, status=404)


def test_files_that_are_too_large_or_no_tables_are_refused(desk: Desk) -> None:
    assert "more than 20 MB" in sent(desk.user(), b"x" * (20 * 2**20 + 1), status=413)["message"]
    assert "no CSV" in sent(desk.user(), b"\x00\x00", status=400)["message"]
    sent(desk.user("analyst"), b"a;b", status=403)
