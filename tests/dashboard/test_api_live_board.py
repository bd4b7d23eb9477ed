"""/api/live: the wall board, the card of my call, and what people do about queues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.model import Direction
from data.settings import Pbx, PbxQueues
from data.store.protocol import LiveTable
from tests.builders import at, inbound, running
from tests.dashboard.desk import NOW, Desk, open_desk

NUMBER, STRANGER = "+79035556677", "+79167778899"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    pbx = Pbx(name="pbx", queues=PbxQueues(enabled=True, dynamic=["support"]))
    with open_desk(tmp_path, pbx=[pbx]) as desk:
        desk.office.employee("Анна", "201")
        desk.office.employee("Борис", "202")
        desk.office.client("Ромашка", NUMBER)
        desk.office.title("queue", "sales", "Продажи")
        yield desk


def tell(desk: Desk, table: LiveTable, *rows: dict[str, Any]) -> None:
    desk.office.store.write_live("pbx", pa.Table.from_pylist([*rows]), actor=desk.office.actor, table=table)


def link(desk: Desk, state: str = "up", heard_ago_s: float = 0.0) -> None:
    tell(desk, LiveTable.LINK, {"pbx": "pbx", "state": state, "heard_ago_s": heard_ago_s})


def seat(extension: str, queue: str = "sales", **changed: Any) -> dict[str, Any]:
    usual = {
        "pbx": "pbx", "queue": queue, "interface": f"Local/{extension}@from-queue/n", "party": extension, "name": None,
        "is_dynamic": False, "state": "free", "state_since_at": NOW, "is_paused": False, "pause_reason": None,
        "paused_at": NOW, "logged_in_at": NOW, "calls_taken": 0,
    }  # fmt: skip
    return usual | changed


def test_without_a_word_from_the_pbx_nothing_is_known_and_a_lost_link_is_told(desk: Desk) -> None:
    chief = desk.user()
    told = chief.get("/api/live/board")
    assert (told["links"], told["is_known"]) == ([], False)


def test_a_link_that_is_lost_or_silent_is_told_beside_what_was_known_last(desk: Desk) -> None:
    desk.office.live(running("2026-11-20 11:59", NUMBER, state="talking", talking=["201"]))
    link(desk, "lost")

    told = desk.user().get("/api/live/board")

    assert (told["links"], told["is_known"]) == ([{"pbx": "pbx", "standing": "lost"}], False)
    assert len(told["calls"]) == 1
    link(desk, heard_ago_s=9.0)
    assert desk.user("administrator").get("/api/live/mine")["calls"] == []


def test_the_board_shows_who_waits_who_talks_and_who_could_answer(desk: Desk) -> None:
    link(desk)
    tell(desk, LiveTable.MEMBERS, seat("201"), seat("202", is_paused=True, pause_reason="Обед"), seat("203"))
    tell(
        desk, LiveTable.PHONES, {"pbx": "pbx", "extension": "203", "device": "x", "state": "out", "state_since_at": NOW}
    )
    desk.office.live(
        running("2026-11-20 11:58", STRANGER, state="queued", queue="sales"),
        running("2026-11-20 11:59", NUMBER, state="talking", talking=["201"]),
    )

    told = desk.user().get("/api/live/board")

    [sales] = [one for one in told["queues"] if one["queue"] == "sales"]
    assert (sales["title"], sales["waiting"]) == ("Продажи", 1)
    assert {name: sales[name] for name in ("free", "busy", "paused", "out")} == {
        "free": 0, "busy": 1, "paused": 1, "out": 1
    }  # fmt: skip
    assert sales["waits_since"] == "2026-11-20T08:58:00Z"
    assert {one["name"]: (one["doing"], one["detail"]) for one in told["employees"] if one["name"]} == {
        "Анна": ("talking", None),
        "Борис": ("paused", "Обед"),
    }
    assert [one["used"] for one in told["lines"]] == [2]
    assert desk.user().get("/api/live/day")["external"]["now"] == 0
    desk.user("manager").get("/api/live/board", status=403)


def test_my_phone_alone_has_the_card_and_the_client_behind_the_number(desk: Desk) -> None:
    link(desk)
    desk.office.add(inbound("2026-11-19 10:00", NUMBER, talked="201", call_id="pbx-0.1"))
    desk.office.live(
        running("2026-11-20 11:59", NUMBER, ringing=["201", "202"], call_id="pbx-7.1", caller_name="<b>Оля</b>"),
        running("2026-11-20 11:59", STRANGER, ringing=["202"], call_id="pbx-8.1"),
        running("2026-11-20 11:57", STRANGER, direction=Direction.OUTBOUND, caller="201", call_id="pbx-9.1"),
    )
    anna = desk.user("manager")

    first, second = anna.get("/api/live/mine")["calls"]
    assert (first["call_id"], first["part"], second["call_id"], second["part"]) == (
        "pbx-9.1", "calling", "pbx-7.1", "ringing"
    )  # fmt: skip
    assert (second["client"], second["caller_name"]) == ("Ромашка", "<b>Оля</b>")
    about = anna.get("/api/live/cards/pbx-7.1")
    assert [one["call_id"] for one in about["history"]] == ["pbx-0.1"]
    assert about["sees_all"] is False
    anna.get("/api/live/cards/pbx-8.1", status=404)
    assert desk.user().get("/api/live/mine")["calls"] == []


def test_the_number_of_a_running_call_is_attached_to_a_new_client(desk: Desk) -> None:
    desk.office.live(running("2026-11-20 11:59", STRANGER, ringing=["201"], call_id="pbx-8.1"))
    anna = desk.user("manager")

    anna.send("POST", "/api/calls/pbx-8.1/client", {"name": "Лютик"})

    assert anna.get("/api/live/mine")["calls"][0]["client"] == "Лютик"
    anna.send("POST", "/api/calls/pbx-0.0/client", {"name": "Никто"}, status=404)


def orders(desk: Desk) -> list[dict[str, str]]:
    rows = desk.office.store.query("select payload from outbox order by created_at, payload", actor=desk.office.actor)
    return [json.loads(payload) for payload in rows["payload"].to_pylist()]


def test_everybody_pauses_himself_and_a_supervisor_anybody(desk: Desk) -> None:
    tell(desk, LiveTable.MEMBERS, seat("201"), seat("202"))
    anna = desk.user("manager")

    (order,) = anna.send("POST", "/api/live/members", {"change": "pause", "reason": " Обед \n "}, status=202)["ids"]
    assert anna.get(f"/api/live/members/{order}")["state"] == "queued"
    desk.user().get(f"/api/live/members/{order}", status=404)
    anna.send("POST", "/api/live/members", {"change": "pause", "extension": "202"}, status=403)
    desk.user().send("POST", "/api/live/members", {"change": "unpause", "extension": "202"}, status=202)

    assert orders(desk) == [
        {
            "change": "pause",
            "queue": "sales",
            "interface": "Local/201@from-queue/n",
            "reason": "Обед",
            "extension": "201",
        },
        {"change": "unpause", "queue": "sales", "interface": "Local/202@from-queue/n", "extension": "202"},
    ]
    trail = desk.office.store.query(
        "select action, subject_id from audit where action like 'queue.%' order by action", actor=desk.office.actor
    )
    assert trail.to_pylist() == [
        {"action": "queue.pause", "subject_id": "201"},
        {"action": "queue.unpause", "subject_id": "202"},
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"change": "dance"}, 400),
        ({"change": "pause", "reason": "ы" * 61}, 400),
        ({"change": "login", "queue": "sales"}, 400),  # its members stand in the configuration
        ({"change": "login"}, 400),
        ({"change": "logout", "queue": "sales"}, 400),
        ({"change": "pause", "queue": "nowhere"}, 404),
        ({"change": "login", "queue": "support"}, 202),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(desk: Desk, body: dict[str, str], status: int) -> None:
    tell(desk, LiveTable.MEMBERS, seat("201"))

    desk.user("manager").send("POST", "/api/live/members", body, status=status)


def test_a_pbx_without_the_setting_is_left_alone(tmp_path: Path) -> None:
    with open_desk(tmp_path, pbx=[Pbx(name="pbx")]) as desk:
        tell(desk, LiveTable.MEMBERS, seat("201"))
        refused = desk.user("manager").send("POST", "/api/live/members", {"change": "pause"}, status=400)

        assert "queues.enabled" in refused["message"]
        assert desk.user("manager").get("/api/live/mine")["seats"]["reason"] == "not-ready"
        assert at("2026-11-20 12:00") == NOW
