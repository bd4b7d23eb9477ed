"""Comments and owners of numbers through /api: conflicts are seen, and attaching re-labels all calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import inbound
from tests.dashboard.desk import Desk, open_desk

STRANGER = "+79035556677"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.office.add(
            inbound("2026-11-19 10:00", STRANGER, rang=["202"], call_id="pbx-1.1"),
            inbound("2026-11-20 10:00", STRANGER, talked="201", call_id="pbx-2.1"),
        )
        yield desk


def test_a_comment_is_kept_with_its_author(desk: Desk) -> None:
    saved = desk.user().send("PUT", "/api/calls/pbx-2.1/comment", {"text": " Просит счёт ", "version": 0})

    (row,) = [row for row in desk.user("manager").rows() if row["call_id"] == "pbx-2.1"]
    assert (saved["text"], saved["version"], saved["author_name"]) == ("Просит счёт", 1, "Имя supervisor")
    assert row["comment"] == "Просит счёт"


def test_the_second_of_two_writers_is_told_and_nothing_is_lost(desk: Desk) -> None:
    first, second = desk.user("manager"), desk.user("supervisor")
    first.send("PUT", "/api/calls/pbx-2.1/comment", {"text": "Мой", "version": 0})

    second.send("PUT", "/api/calls/pbx-2.1/comment", {"text": "Чужой", "version": 0}, status=409)

    assert second.get("/api/calls/pbx-2.1")["comment"]["text"] == "Мой"


def test_former_texts_can_be_read(desk: Desk) -> None:
    user = desk.user()
    for version, text in enumerate(("Раз", "Два", "Три")):
        user.send("PUT", "/api/calls/pbx-2.1/comment", {"text": text, "version": version})

    versions = user.get("/api/calls/pbx-2.1/comment/history")["versions"]

    assert [(one["text"], one["version"]) for one in versions] == [("Три", 3), ("Два", 2), ("Раз", 1)]


@pytest.mark.parametrize("body", [{"text": "x"}, {"text": "x", "version": -1}, {"text": 5, "version": 0}, {}])
def test_a_broken_comment_is_refused(desk: Desk, body: dict[str, object]) -> None:
    desk.user().send("PUT", "/api/calls/pbx-2.1/comment", body, status=400)


def test_a_comment_without_the_token_of_the_session_is_refused(desk: Desk) -> None:
    response = desk.user().client.put("/api/calls/pbx-2.1/comment", json={"text": "x", "version": 0})

    assert response.status_code == 403


def test_who_may_not_comment_or_attach_is_refused(desk: Desk) -> None:
    analyst = desk.user("analyst")

    analyst.send("PUT", "/api/calls/pbx-2.1/comment", {"text": "x", "version": 0}, status=403)
    analyst.send("POST", "/api/calls/pbx-2.1/client", {"name": "Ромашка"}, status=403)


def test_a_new_client_gets_all_calls_of_the_number_at_once(desk: Desk) -> None:
    user = desk.user()

    done = user.send("POST", "/api/calls/pbx-2.1/client", {"name": "Ромашка"})

    assert (done["name"], done["calls"]) == ("Ромашка", 2)
    assert [row["client"] for row in user.rows()] == ["Ромашка", "Ромашка"]


def test_an_unknown_number_is_attached_to_a_client_that_search_finds(desk: Desk) -> None:
    desk.office.client("Северный Лес", "+79161112233")
    user = desk.user()

    (account,) = user.get("/api/accounts?q=лес")["accounts"]
    user.send("POST", "/api/calls/pbx-2.1/client", {"account_id": account["account_id"]})

    assert {row["client"] for row in user.rows()} == {"Северный Лес"}


def test_a_number_with_an_owner_moves_only_when_asked_to(desk: Desk) -> None:
    user = desk.user()
    user.send("POST", "/api/calls/pbx-2.1/client", {"name": "Ромашка"})
    other = desk.office.client("Лютик")

    user.send("POST", "/api/calls/pbx-2.1/client", {"account_id": other}, status=409)
    user.send("POST", "/api/calls/pbx-2.1/client", {"account_id": other, "move": True})

    assert [row["client"] for row in user.rows()] == ["Ромашка", "Ромашка"]


def test_a_hidden_number_can_be_nobodys(desk: Desk) -> None:
    desk.office.add(inbound("2026-11-20 11:00", None, talked="201", call_id="pbx-3.1"))

    desk.user().send("POST", "/api/calls/pbx-3.1/client", {"name": "Ромашка"}, status=400)
