"""/api/messengers: accounts, secrets that are never told again, tests of the connection, ready answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.dashboard.desk import Browser, Desk, open_desk

WHATSAPP: dict[str, Any] = {
    "account": "main",
    "messenger": "whatsapp",
    "title": "Основной",
    "connection": {"phone_number_id": "123456"},
    "secrets": {"token": "EAAG-very-secret", "app_secret": "0123-also-secret"},
}
ANSWER = {"shortcut": "/Адрес", "title": "Где мы", "text": "Москва, Лесная, 5", "account": ""}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def user(desk: Desk) -> Browser:
    return desk.user("administrator")


def test_an_account_is_made_and_what_we_made_up_for_it_is_told_once(user: Browser) -> None:
    made = user.send("POST", "/api/messengers", WHATSAPP, status=201)
    again = user.send("PUT", "/api/messengers/main", _change(user, title="Главный"))

    assert list(made["made"]) == ["verify_token"]
    assert again["made"] == {}
    one = _account(user)
    assert (one["title"], one["hook"], one["state"]) == ("Главный", "/hooks/main", "unknown")
    assert one["secrets"] == ["app_secret", "token", "verify_token"]


def test_no_answer_holds_a_secret_that_was_kept(user: Browser) -> None:
    made = user.send("POST", "/api/messengers", WHATSAPP, status=201)["made"]["verify_token"]
    told = str(user.get("/api/messengers")) + str(user.send("PUT", "/api/messengers/main", _change(user)))

    assert [secret for secret in (made, *WHATSAPP["secrets"].values()) if secret in told] == []


def test_automatic_messages_are_kept_until_they_are_sent_anew(user: Browser) -> None:
    user.send("POST", "/api/messengers", WHATSAPP | {"automation": {"greeting": " Добрый день! "}}, status=201)
    user.send("PUT", "/api/messengers/main", _change(user))
    refused = user.send("PUT", "/api/messengers/main", _change(user, automation={"after_min": 0}), status=400)

    assert "after_min" in refused["message"]
    kept = _account(user)["automation"]
    assert (kept["greeting"], kept["after_min"], kept["on"]) == ("Добрый день!", 10, True)


def test_people_are_chosen_among_those_who_work_here(desk: Desk, user: Browser) -> None:
    anna = desk.office.employee("Анна", "201")
    assert user.get("/api/messengers")["employees"] == [{"employee_id": anna, "name": "Анна"}]
    rule = {"words": "возврат", "employee_ids": [anna]}
    automation = {"escalation": "Ждёт:", "escalate_to": [anna], "routing": {"by_word": [rule]}, "signature": "{name}"}
    user.send("POST", "/api/messengers", WHATSAPP | {"automation": automation}, status=201)
    stranger = {"escalate_to": ["00000000-0000-4000-8000-000000000001"]}

    refused = user.send("PUT", "/api/messengers/main", _change(user, automation=stranger), status=400)

    assert "00000000-0000-4000-8000-000000000001" in refused["message"]
    kept = _account(user)["automation"]
    assert (kept["escalate_to"], kept["routing"]["by_word"], kept["signature"]) == ([anna], [rule], "{name}")


def test_what_did_not_get_through_is_listed_with_the_reason_and_tried_again(desk: Desk, user: Browser) -> None:
    chat_id, message_id, hook_id = (str(uuid4()) for _ in range(3))
    at = datetime.now(UTC)
    message = {"message_id": message_id, "chat_id": chat_id, "kind": "text", "ours": True, "text": "<b>да</b>"}
    failed = {"sent_at": at, "state": "failed", "error": "blocked: 403 bot was blocked"}
    chat = {"chat_id": chat_id, "messenger": "telegram", "messenger_account": "bot", "user_key": "7", "created_at": at}
    hook = {
        "hook_id": hook_id,
        "account": "bot",
        "received_at": at,
        "body": b"?",
        "state": "failed",
        "error": "no JSON",
    }
    desk.office._append("chat", [chat | {"title": "Пётр"}])
    desk.office._append("message", [message | failed])
    desk.office._append("hook_event", [hook])

    found = user.get("/api/messengers")
    assert [(one["title"], one["error"], one["detail"]) for one in found["dead"]] == [
        ("Пётр", "blocked", "403 bot was blocked")
    ]
    assert [(one["account"], one["error"]) for one in found["unread"]] == [("bot", "no JSON")]

    user.send("POST", "/api/messengers/again", {"message_ids": [message_id]})
    user.send("POST", "/api/messengers/read-again", {"hook_ids": [hook_id]})
    left = user.get("/api/messengers")
    assert (left["dead"], left["unread"]) == ([], [])
    user.send("POST", "/api/messengers/again", {"message_ids": [message_id]}, status=409)
    user.send("POST", "/api/messengers/read-again", {"hook_ids": ["x"]}, status=404)


def test_a_secret_of_ours_is_made_anew_on_demand(user: Browser) -> None:
    first = user.send("POST", "/api/messengers", WHATSAPP, status=201)["made"]["verify_token"]
    second = user.send("POST", "/api/messengers/main/secrets", {"name": "verify_token"})["made"]["verify_token"]

    assert second != first
    assert user.send("POST", "/api/messengers/main/secrets", {"name": "token"})["made"] == {}


def test_a_field_that_cannot_be_is_named(user: Browser) -> None:
    wrong = WHATSAPP | {"connection": {"phone_number_id": "<script>"}}

    refused = user.send("POST", "/api/messengers", wrong, status=400)

    assert "phone_number_id" in refused["message"]
    assert user.get("/api/messengers")["accounts"] == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(user: Browser) -> None:
    user.send("POST", "/api/messengers", WHATSAPP, status=201)
    stale = _change(user)
    user.send("PUT", "/api/messengers/main", stale | {"enabled": False})

    user.send("PUT", "/api/messengers/main", stale, status=409)

    assert _account(user)["enabled"] is False


def test_an_account_is_removed_with_its_secrets(user: Browser) -> None:
    user.send("POST", "/api/messengers", WHATSAPP, status=201)

    user.send("DELETE", "/api/messengers/main", {"version": _account(user)["version"]})
    bare = {key: value for key, value in WHATSAPP.items() if key != "secrets"}
    user.send("POST", "/api/messengers", bare, status=201)

    assert _account(user)["secrets"] == ["verify_token"]


def test_a_test_of_the_connection_waits_for_the_process_that_carries_it_out(user: Browser) -> None:
    user.send("POST", "/api/messengers", WHATSAPP, status=201)

    order = user.send("POST", "/api/messengers/main/ask", {"what": "messenger_check"}, status=202)["order"]

    assert user.get(f"/api/messengers/asked/messenger_check/{order}") == {"done": False, "works": False, "answer": None}
    user.get(f"/api/messengers/asked/originate/{order}", status=404)
    user.send("POST", "/api/messengers/main/ask", {"what": "originate"}, status=400)


def test_a_ready_answer_is_kept_changed_and_removed(user: Browser) -> None:
    made = user.send("POST", "/api/messengers/replies", ANSWER, status=201)
    address = f"/api/messengers/replies/{made['reply_id']}"

    user.send("PUT", address, ANSWER | {"text": "Москва, Лесная, 7"})

    [kept] = user.get("/api/messengers")["replies"]
    assert (kept["shortcut"], kept["text"], kept["account"]) == ("адрес", "Москва, Лесная, 7", None)
    user.send("DELETE", address, {})
    user.send("DELETE", address, {}, status=404)
    assert user.get("/api/messengers")["replies"] == []


def test_one_word_stands_for_one_answer(user: Browser) -> None:
    user.send("POST", "/api/messengers/replies", ANSWER, status=201)
    user.send("POST", "/api/messengers/replies", ANSWER | {"shortcut": "тел"}, status=201)
    other = next(one for one in user.get("/api/messengers")["replies"] if one["shortcut"] == "тел")

    again = user.send("POST", "/api/messengers/replies", ANSWER, status=400)
    user.send("PUT", f"/api/messengers/replies/{other['reply_id']}", ANSWER, status=400)

    assert "/адрес" in again["message"]
    assert len(user.get("/api/messengers")["replies"]) == 2


@pytest.mark.parametrize("wrong", [{"shortcut": "два слова"}, {"shortcut": ""}, {"text": " "}, {"text": "x" * 5000}])
def test_an_answer_that_cannot_be_is_refused(user: Browser, wrong: dict[str, str]) -> None:
    user.send("POST", "/api/messengers/replies", ANSWER | wrong, status=400)

    assert user.get("/api/messengers")["replies"] == []


def _account(user: Browser) -> dict[str, Any]:
    [one] = user.get("/api/messengers")["accounts"]
    return dict(one)


def _change(user: Browser, **other: Any) -> dict[str, Any]:
    one = _account(user)
    return {key: one[key] for key in ("title", "connection", "enabled", "version")} | other
