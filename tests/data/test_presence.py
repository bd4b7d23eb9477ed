"""One state an employee, out of calls, pauses and phones; and when what is known of now is old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.model import DeviceState
from data.services.presence import Crew, Doing, Membership, crew, employees
from data.services.standing import PATIENCE_S, Standing, judged

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def call(
    *,
    ringing: tuple[str, ...] = (),
    talking: tuple[str, ...] = (),
    caller: str | None = None,
    name: str = "pbx-1",
    state: str = "talking",
) -> dict[str, Any]:
    answered = NOON if talking else None
    return {
        "call_id": name, "state": state, "state_since_at": NOON, "answered_at": answered, "caller": caller,
        "ringing": list(ringing), "talking": list(talking),
    }  # fmt: skip


def member(extension: str = "201", *, paused: str | None = None, state: DeviceState = DeviceState.FREE) -> Membership:
    return Membership(
        pbx="pbx", queue="sales", queue_title="Продажи", interface=f"PJSIP/{extension}", extension=extension,
        name="Анна", is_dynamic=False, state=state, state_since_at=NOON, is_paused=paused is not None,
        pause_reason=paused, paused_at=NOON if paused is not None else None,
    )  # fmt: skip


def phone(state: str, extension: str = "201", since: datetime = NOON) -> dict[str, Any]:
    return {"pbx": "pbx", "extension": extension, "state": state, "state_since_at": since}


@pytest.mark.parametrize(
    ("calls", "members", "phones", "doing"),
    [
        ([call(ringing=("201",))], [member()], [phone("busy")], Doing.RINGING),
        ([call(talking=("201",))], [member(paused="Обед")], [phone("busy")], Doing.TALKING),
        ([call(ringing=("201",)), call(talking=("201",), name="pbx-2")], [], [phone("busy")], Doing.TALKING),
        ([call(talking=("201",), state="held")], [], [phone("busy")], Doing.HELD),
        ([call(talking=("201",), state="held"), call(talking=("201",), name="2")], [], [phone("busy")], Doing.TALKING),
        ([call(caller="201")], [], [phone("busy")], Doing.CALLING),
        ([call(caller="201", talking=("201", "202"))], [], [phone("busy")], Doing.TALKING),
        ([], [member(paused="Обед")], [phone("busy")], Doing.BUSY),
        ([], [member(paused="Обед")], [phone("free")], Doing.PAUSED),
        ([], [member(paused="Обед"), member()], [phone("free")], Doing.FREE),
        ([], [], [phone("out")], Doing.OUT),
        ([], [member(state=DeviceState.OUT)], [], Doing.OUT),
        ([], [], [phone("unknown")], Doing.UNKNOWN),
    ],
)
def test_calls_win_over_pauses_and_pauses_over_free_phones(
    calls: list[dict[str, Any]], members: list[Membership], phones: list[dict[str, Any]], doing: Doing
) -> None:
    anna, *_ = employees(calls, members, phones, {"201": "Анна", "202": None})

    assert (anna.name, anna.doing) == ("Анна", doing)


def test_phones_of_nobody_are_not_shown() -> None:
    assert employees([], [], [phone("free", "999")], {}) == ()


def test_a_queue_counts_who_could_take_a_call() -> None:
    members = [member("201"), member("202"), member("203", paused=""), member("204"), member("205", paused="")]
    doing = {"201": Doing.FREE, "202": Doing.TALKING, "203": Doing.FREE, "204": Doing.OUT, "205": Doing.RINGING}

    assert crew("sales", members, doing) == Crew(free=1, busy=2, paused=1, out=1)
    assert crew("support", members, doing) == Crew(free=0, busy=0, paused=0, out=0)


def test_a_phone_rings_since_it_began_to_and_not_since_the_caller_waits() -> None:
    later = NOON + timedelta(seconds=8)

    [anna] = employees([call(ringing=("201",))], [], [phone("ringing", since=later)], {"201": "Анна"})

    assert (anna.doing, anna.since_at) == (Doing.RINGING, later)


@pytest.mark.parametrize(
    ("state", "heard_ago_s", "age_s", "standing"),
    [
        ("up", 0.1, 0.5, Standing.UP),
        ("up", 2.0, 1.5, Standing.UP),
        ("up", 3.0, 1.0, Standing.SILENT),
        ("up", 0.0, PATIENCE_S + 0.1, Standing.DEAF),
        ("lost", 0.0, 0.2, Standing.LOST),
        ("lost", 0.0, 60.0, Standing.DEAF),
        ("behind", 0.0, 0.2, Standing.BEHIND),
    ],
)
def test_a_link_that_says_nothing_is_no_quiet_office(
    state: str, heard_ago_s: float, age_s: float, standing: Standing
) -> None:
    (link,) = judged([{"pbx": "pbx", "state": state, "heard_ago_s": heard_ago_s, "age_s": age_s}])

    assert link.standing is standing
