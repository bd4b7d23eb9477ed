"""/api/callbacks: who waits, in whose list, and what people do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import inbound
from tests.dashboard.desk import Desk, open_desk

NUMBER = "+79035556677"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.office.add(inbound("2026-11-20 09:00", NUMBER, rang=["201"], queue="sales", call_id="pbx-1.1"))
        desk.office.add(inbound("2026-11-20 11:50", "+79036667788", rang=["202"], call_id="pbx-2.1"))
        yield desk


def test_people_see_the_callers_of_their_scope_and_take_and_dismiss_them(desk: Desk) -> None:
    chief, anna = desk.user("supervisor"), desk.user("manager")

    told = chief.get("/api/callbacks")
    assert [one["call_id"] for one in told["episodes"]] == ["pbx-1.1", "pbx-2.1"]
    assert told["count"] == {"open": 2, "late": 1}
    [mine] = anna.get("/api/callbacks?whose=mine")["episodes"]
    assert (mine["number_text"], mine["is_late"], mine["version"]) == ("+7 903 555-66-77", True, 0)

    anna.send("POST", "/api/callbacks/pbx-1.1/take", {"version": 0})
    assert anna.get("/api/callbacks/summary") == {"open": 1, "late": 1}
    assert chief.get("/api/callbacks/summary") == {"open": 1, "late": 0}
    assert chief.get("/api/callbacks?whose=free&fresh=1")["episodes"][0]["call_id"] == "pbx-2.1"
    anna.send("POST", "/api/callbacks/pbx-1.1/take", {"version": 0}, status=409)
    anna.send("POST", "/api/callbacks/pbx-2.1/take", {"version": 0}, status=404)

    spam = {"version": 0, "reason": "spam", "note": "<b>робот</b>"}
    chief.send("POST", "/api/callbacks/pbx-2.1/dismiss", spam)
    [gone] = chief.get("/api/callbacks?state=dismissed")["episodes"]
    assert (gone["dismissal"]["reason"], gone["dismissal"]["note"]) == ("spam", "<b>робот</b>")
    chief.send("POST", "/api/callbacks/pbx-2.1/restore", {"version": 1})
    assert len(chief.get("/api/callbacks")["episodes"]) == 2


def test_who_may_not_see_numbers_gets_them_masked_and_changes_nothing(desk: Desk) -> None:
    analyst = desk.user("analyst")

    shown = analyst.get("/api/callbacks")["episodes"][0]
    assert "555" not in shown["number_text"]
    assert shown["client"] is None
    analyst.send("POST", "/api/callbacks/pbx-1.1/take", {"version": 0}, status=403)


@pytest.mark.parametrize("body", [{}, {"version": -1}, {"version": True}, {"version": "1"}])
def test_what_is_no_version_is_refused(desk: Desk, body: dict[str, object]) -> None:
    desk.user().send("POST", "/api/callbacks/pbx-1.1/take", body, status=400)


def test_what_is_no_reason_or_no_list_is_refused(desk: Desk) -> None:
    chief = desk.user()

    refused = chief.send("POST", "/api/callbacks/pbx-1.1/dismiss", {"version": 0, "reason": "x'; drop"}, status=400)
    assert "none of" in refused["message"]
    chief.get("/api/callbacks?whose=theirs", status=400)
    chief.get("/api/callbacks?state=all", status=400)
