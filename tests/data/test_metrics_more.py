"""The metrics and dimensions that few calls suffice for, worked out by hand; and that none is without such a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.identity.actor import system
from data.metrics.catalogue import METRICS, SERVICE_LEVELS
from data.metrics.dimensions import DIMENSIONS
from data.metrics.measure import measure
from data.settings import Site
from tests.data.office import SITE, Office

LATER = datetime(2026, 12, 20, tzinfo=UTC)
BY_HAND = ("test_metrics_chats.py", "test_metrics.py", "test_metrics_as_of.py", "test_metrics_more.py")


def numbers(office: Office, *metrics: str, **asked: Any) -> pd.DataFrame:
    usual: dict[str, Any] = {"site": SITE, "actor": system("test"), "now": LATER}
    days = {"from_on": date(2026, 11, 1), "to_on": date(2026, 12, 1)}
    return measure(office, metrics, **(usual | days | asked))


def split(office: Office, metric: str, by: str, **asked: Any) -> dict[Any, Any]:
    """The metric by the values of a dimension; None: has none."""
    frame = numbers(office, metric, by=[by], **asked)
    keys = frame[by].astype(object).where(frame[by].notna(), None)
    return dict(zip(keys, frame[metric], strict=True))


@pytest.fixture
def office() -> Office:
    return Office()


def test_internal_calls_are_not_external_and_shares_are_of_their_own_direction(office: Office) -> None:
    office.call("11-03 10:00")
    for at in ("11-03 11:00", "11-03 12:00", "11-03 13:00"):
        office.call(at, "reached")
    office.call("11-03 14:00", "not_reached")
    office.call("11-03 15:00", "unanswered", number=None)

    row = numbers(office, "external", "reached_share").iloc[0]

    assert row.to_list() == [5, 0.75]
    assert split(office, "calls", "direction") == {"inbound": 1, "outbound": 4, "internal": 1}


def test_conversations_without_a_recording_and_calls_with_lost_events_are_told(office: Office) -> None:
    office.call("11-03 10:00", recording_count=2)
    office.call("11-03 11:00")
    office.call("11-03 12:00", "missed", incomplete=True)

    row = numbers(office, "recorded", "unrecorded", "incomplete").iloc[0]

    assert row.to_list() == [1, 1, 1]


def test_answers_at_the_target_are_in_time_and_short_is_less_than_short(office: Office) -> None:
    for at, wait in (("11-03 10:00", 20.0), ("11-03 10:10", 20.1)):
        office.call(at, wait=wait)
    for at, wait in (("11-03 11:00", 4.9), ("11-03 11:10", 5.0)):
        office.call(at, "missed", wait=wait)

    row = numbers(office, "answered_in_time", "short_abandoned").iloc[0]

    assert row.to_list() == [1, 1]


def test_waits_fall_into_bands_by_their_lower_end(office: Office) -> None:
    for minute, wait in enumerate([0.0, 4.9, 5.0, 19.9, 20.0, 299.0, 300.0, 4000.0, None]):
        office.call(f"11-03 10:{minute:02}", wait=wait)

    assert split(office, "calls", "wait_from") == {0: 2, 5: 1, 10: 1, 20: 1, 120: 1, 300: 2, None: 1}


def test_missed_calls_with_a_later_conversation_are_handled(office: Office) -> None:
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-03 10:30", "missed", number="79120000001")
    office.call("11-03 11:00", "missed", number="79120000002")
    office.call("11-03 12:00", "reached", number="79120000001")
    office.settle()

    row = numbers(office, "missed", "handled", "unhandled", "handled_share").iloc[0]

    assert row.to_list() == pytest.approx([3, 2, 1, 2 / 3])


def test_a_caller_who_does_not_call_again_within_seven_days_was_served(office: Office) -> None:
    office.call("11-03 10:00", number="79120000001")
    office.call("11-09 10:00", number="79120000001")  # six days later: the first was not enough
    office.call("11-20 10:00", number="79120000001")  # eleven days later: the second was
    office.call("11-03 10:00", number=None)

    row = numbers(office, "followed", "solved", "repeated").iloc[0]

    assert row.to_list() == [3, 2, 1]


def test_calls_split_by_reason_group_and_line(office: Office) -> None:
    office.call("11-03 10:00", ring_group="600", line="trunk-1")
    office.call("11-03 11:00", "missed", reason="busy", ring_group="600", line="trunk-2")
    office.call("11-03 12:00", "missed", reason="busy", line="trunk-2")

    assert split(office, "calls", "reason") == {None: 1, "busy": 2}
    assert split(office, "calls", "ring_group") == {"600": 2, None: 1}
    assert split(office, "calls", "line") == {"trunk-1": 1, "trunk-2": 2}


def test_calls_split_by_what_is_known_of_the_outside_number(office: Office) -> None:
    for number, number_class, region in (
        ("79120000001", "mobile", None),
        ("74951234567", "landline", "RU-MOW"),
    ):
        known = {"number": number, "raw": number, "country": "RU", "rule_version": 1}
        office.insert("number", number_class=number_class, region=region, **known)
        office.call("11-03 10:00", number=number)
    office.call("11-03 11:00", number=None)

    assert split(office, "calls", "number_class") == {"mobile": 1, "landline": 1, None: 1}
    assert split(office, "calls", "region") == {"RU-MOW": 1, None: 2}


def test_a_call_is_of_the_client_who_owned_its_number_then(office: Office) -> None:
    first = office.assign("79120000001", 1, "11-05 00:00")
    office.call("11-03 10:00")  # before the first assignment: labelled all the same
    office.call("11-06 10:00")
    office.call("11-06 11:00", number="79120000002")

    assert split(office, "calls", "client") == {str(first): 2, None: 1}


def test_leads_split_by_what_became_of_them(office: Office) -> None:
    office.call("11-03 10:00", number="79120000001")
    office.call("11-03 11:00", "missed", number="79120000002")
    office.call("11-03 12:00", number="79120000003")
    office.call("11-03 13:00", number="79120000003")
    office.assign("79120000003", 1, "11-04 00:00")
    office.settle()

    assert split(office, "calls", "lead") == {"unregistered": 1, "lost": 1, "registered": 1, None: 1}


def test_episodes_split_by_how_they_ended(office: Office) -> None:
    for number, after in ((1, "reached"), (2, "answered"), (3, "not_reached"), (4, None)):
        office.call("11-03 10:00", "missed", number=f"7912000000{number}")
        if after:
            office.call("11-03 11:00", after, number=f"7912000000{number}")
    office.settle()

    assert split(office, "episodes", "recovery") == {
        "called_back": 1,
        "caller_returned": 1,
        "attempted": 1,
        "none": 1,
    }


def test_an_episode_that_was_over_before_the_period_is_not_of_it_and_one_that_was_open_keeps_its_day(
    office: Office,
) -> None:
    """The second miss of an open episode falls into December, the episode stays November's."""
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-04 10:00", "reached", number="79120000001")
    office.call("12-02 10:00", "missed", number="79120000001")
    office.call("11-05 10:00", "missed", number="79120000002")
    office.call("12-02 11:00", "missed", number="79120000002")
    office.settle()

    december = {"from_on": date(2026, 12, 1), "to_on": date(2026, 12, 10)}

    assert numbers(office, "episodes")["episodes"].item() == 2
    assert numbers(office, "episodes", **december)["episodes"].item() == 1


def test_days_of_23_and_of_25_hours_hold_their_calls_whole(office: Office) -> None:
    """Berlin, 2026: clocks go forward on 29 March and back on 25 October; every half hour a call."""
    berlin = Site(timezone="Europe/Berlin", country="DE", area_code="30")
    for first in (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)):
        for number in range(50):
            office.call(first + timedelta(minutes=30 * number))

    spring = split(office, "calls", "hour", site=berlin, from_on=date(2026, 3, 29), to_on=date(2026, 3, 30))
    autumn = split(office, "calls", "hour", site=berlin, from_on=date(2026, 10, 25), to_on=date(2026, 10, 26))

    assert spring == {hour: 2 for hour in range(24) if hour != 2}
    assert autumn == {hour: 4 if hour == 2 else 2 for hour in range(24)}


def test_no_metric_and_no_dimension_is_without_a_case_worked_out_by_hand() -> None:
    told = "".join((Path(__file__).parent / name).read_text("utf-8") for name in BY_HAND)

    assert [name for name in METRICS if f'"{name}"' not in told and name not in SERVICE_LEVELS] == []
    assert [name for name in DIMENSIONS if f'"{name}"' not in told] == []
