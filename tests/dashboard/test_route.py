"""The route of a call: rows as people tell it, hand-overs between them, lanes of what each party did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.route import HandOver, QueueStay, RouteLeg, SegmentKind, route_lanes, route_lines
from data.identity.actor import system
from data.journal import CallDetails, CallJournal
from data.model import CallFacts, Interval, IntervalKind, Leg, LegResult, LegRole, Transfer, TransferKind
from data.store.database import Database
from tests.builders import SITE, Office, at, inbound

CUSTOMER = "+79035556677"
START = at("2026-11-20 10:00")


def stored(folder: Path, facts: CallFacts) -> CallDetails:
    """The call as the journal gives it."""
    with Database(folder) as store:
        office = Office(store)
        office.employee("Фёдоров Борис", "301")
        office.employee("Иванов Пётр", "303")
        office.title("queue", "sales", "Продажи")
        call_id = office.add(facts)
        return CallJournal(store, site=SITE).details(system("web"), call_id, as_of=START + timedelta(hours=1))


def second(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.fixture
def attended(tmp_path: Path) -> CallDetails:
    """The customer talks with 303, who asks 301 while the customer is on hold, then joins the two."""
    facts = inbound(START, CUSTOMER, talked="303", wait_s=5, talk_s=85, call_id="pbx-1.1")
    call_id = facts.call.call_id
    talk = facts.legs[0]
    asked = replace(
        talk,
        position=2,
        role=LegRole.CONSULTATION,
        caller="303",
        party="301",
        started_at=START + second(30),
        ringing_at=START + second(30),
        answered_at=START + second(35),
        ended_at=START + second(90),
        talk_s=0.0,
    )
    marks = [
        (IntervalKind.TALK, "303", CUSTOMER, 5, 30),
        (IntervalKind.HOLD, CUSTOMER, "303", 30, 50),
        (IntervalKind.CONSULTATION, "301", "303", 35, 50),
        (IntervalKind.TALK, "301", CUSTOMER, 50, 90),
    ]
    intervals = tuple(
        Interval(
            call_id=call_id,
            position=place,
            kind=kind,
            party=party,
            other=other,
            started_at=START + second(begin),
            ended_at=START + second(end),
        )
        for place, (kind, party, other, begin, end) in enumerate(marks, 1)
    )
    joined = Transfer(
        call_id=call_id,
        position=1,
        kind=TransferKind.ATTENDED,
        from_party="303",
        to_party="301",
        completed=True,
        transferred_at=START + second(50),
    )
    first = replace(talk, ended_at=START + second(50), talk_s=25.0)
    return stored(tmp_path, replace(facts, legs=(first, asked), intervals=intervals, transfers=(joined,)))


def test_an_attended_transfer_has_three_rows_and_a_line(attended: CallDetails) -> None:
    lines = route_lines(attended)

    told = [
        (line.caller.text, line.called.text, line.talk_s)
        if isinstance(line, RouteLeg)
        else (line.by.text, line.to.text)
        for line in lines
        if isinstance(line, RouteLeg | HandOver)
    ]
    assert told == [
        ("+7 903 555-66-77", "Иванов Пётр (303)", 25.0),
        ("Иванов Пётр (303)", "Фёдоров Борис (301)", 15.0),
        ("Иванов Пётр (303)", "Фёдоров Борис (301)"),
        ("+7 903 555-66-77", "Фёдоров Борис (301)", 40.0),
    ]


def test_the_consultation_ends_where_the_customer_is_joined(attended: CallDetails) -> None:
    rows = [line for line in route_lines(attended) if isinstance(line, RouteLeg)]

    assert [(row.ended_at - START).total_seconds() for row in rows] == [50, 50, 90]


def test_every_party_has_a_lane_and_the_customer_comes_first(attended: CallDetails) -> None:
    lanes = route_lanes(attended)

    kinds = {lane.party.number: [segment.kind for segment in lane.segments] for lane in lanes}
    assert lanes[0].is_client
    assert kinds == {
        "+7 903 555-66-77": [SegmentKind.TALK, SegmentKind.HOLD, SegmentKind.TALK],
        "303": [SegmentKind.RING, SegmentKind.TALK, SegmentKind.CONSULTATION],
        "301": [SegmentKind.RING, SegmentKind.CONSULTATION, SegmentKind.TALK],
    }


def test_a_blind_transfer_needs_no_third_row(tmp_path: Path) -> None:
    details = stored(tmp_path, inbound(START, CUSTOMER, talked=["303", "301"], talk_s=60))

    lines = route_lines(details)

    assert [type(line) for line in lines] == [RouteLeg, RouteLeg, HandOver]
    assert [line.talk_s for line in lines if isinstance(line, RouteLeg)] == [30.0, 30.0]


def test_a_stay_in_a_queue_is_told_before_those_who_rang(tmp_path: Path) -> None:
    details = stored(tmp_path, inbound(START, CUSTOMER, queue="sales", rang=["301", "303"], wait_s=20))

    first, *rung = route_lines(details)

    assert isinstance(first, QueueStay)
    assert (first.queue, first.wait_s, first.result) == ("Продажи", 20.0, "abandoned")
    assert [line.result for line in rung if isinstance(line, RouteLeg)] == [LegResult.NO_ANSWER] * 2


def test_somebody_who_only_listened_is_no_part_of_the_route(tmp_path: Path) -> None:
    facts = inbound(START, CUSTOMER, talked="303")
    spy: Leg = replace(facts.legs[0], position=2, role=LegRole.OBSERVER, party="301")

    details = stored(tmp_path, replace(facts, legs=(*facts.legs, spy)))

    assert all(line.called.number != "301" for line in route_lines(details) if isinstance(line, RouteLeg))
    assert all(lane.party.number != "301" for lane in route_lanes(details))
