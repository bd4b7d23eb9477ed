"""Leads, recovery and repeats depend on what came later: each by hand, and unmoved by what came after a moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

from data.identity.actor import system
from data.metrics.measure import measure
from data.settings import Site
from tests.data.office import SITE, Office, local

LATER = local("12-20 00:00")
STANDING = ("leads", "leads_registered", "leads_unregistered", "leads_lost", "lost", "handled", "unhandled")


def numbers(office: Office, *metrics: str, as_of: datetime = LATER, **asked: Any) -> pd.DataFrame:
    usual: dict[str, Any] = {
        "site": SITE,
        "actor": system("test"),
        "from_on": date(2026, 11, 1),
        "to_on": date(2026, 12, 1),
        "as_of": as_of,
    }
    return measure(office, metrics, **(usual | asked))


def row(office: Office, *metrics: str, **asked: Any) -> list[Any]:
    return [value.item() for _, value in numbers(office, *metrics, **asked).items()]


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_first_call_that_nobody_took_is_lost_when_the_day_is_over(office: Office) -> None:
    office.call("11-03 10:00", "missed")
    office.settle()

    assert row(office, *STANDING, as_of=local("11-03 23:59")) == [1, 0, 1, 0, 0, 0, 1]
    assert row(office, *STANDING, as_of=local("11-04 00:00")) == [1, 0, 0, 1, 1, 0, 1]


def test_a_conversation_within_the_day_saves_the_lead_and_a_later_one_only_handles_the_call(office: Office) -> None:
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-03 18:00", "reached", number="79120000001")
    office.call("11-03 10:00", "missed", number="79120000002")
    office.call("11-04 09:00", "reached", number="79120000002")
    office.settle()

    assert row(office, *STANDING) == [2, 0, 1, 1, 1, 2, 0]


def test_an_attempt_without_an_answer_is_no_conversation(office: Office) -> None:
    office.call("11-03 10:00", "missed")
    office.call("11-03 18:00", "not_reached")
    office.settle()

    assert row(office, *STANDING) == [1, 0, 0, 1, 1, 0, 1]


def test_a_lead_is_registered_from_the_moment_of_the_assignment(office: Office) -> None:
    office.call("11-03 10:00")
    office.assign("79120000001", 1, "11-05 12:00")
    office.settle()

    assert row(office, *STANDING[:4], as_of=local("11-05 11:59")) == [1, 0, 1, 0]
    assert row(office, *STANDING[:4], as_of=local("11-05 12:00")) == [1, 1, 0, 0]


def test_known_hidden_and_formerly_called_numbers_are_no_leads(office: Office) -> None:
    office.assign("79120000001", 1, "11-01 00:00")
    office.call("11-03 10:00", number="79120000001")
    office.call("11-03 10:00", number=None)
    office.call("11-03 10:00", "reached", number="79120000002")
    office.call("11-03 11:00", number="79120000002")
    office.call("11-03 12:00", number="79120000003")
    office.call("11-03 13:00", number="79120000003")
    office.settle()

    assert row(office, "leads") == [1]


def test_statuses_are_what_people_read(office: Office) -> None:
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-03 10:01", number="79120000002")
    office.call("11-03 10:02", "reached", number="79120000003")
    office.call("11-03 10:03", "not_reached", number="79120000004")
    office.call("11-03 10:04", "unanswered", number=None)
    office.settle()

    frame = numbers(office, "calls", by=["status"])

    assert frame["status"].to_list() == ["accepted", "cancelled", "lost", "no_answer", "reached"]
    assert frame["calls"].to_list() == [1, 1, 1, 1, 1]


def test_a_horizon_of_hours_counts_from_the_call(office: Office) -> None:
    office.call("11-03 23:00", "missed")
    office.call("11-04 01:00", "reached")
    office.settle()

    assert row(office, "leads_lost") == [1]
    assert row(office, "leads_lost", site=Site(horizon="4h")) == [0]


RECOVERY = ("episodes", "called_back", "caller_returned", "attempted", "not_recovered")


def test_episodes_end_with_the_first_conversation_and_say_how(office: Office) -> None:
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-03 10:30", "missed", number="79120000001")
    office.call("11-03 11:00", "reached", number="79120000001", wait=0.0)
    office.call("11-03 10:00", "missed", number="79120000002")
    office.call("11-03 12:00", number="79120000002", wait=0.0)
    office.call("11-03 10:00", "missed", number="79120000003")
    office.call("11-03 11:00", "not_reached", number="79120000003")
    office.call("11-03 10:00", "missed", number="79120000004")
    office.settle()

    assert row(office, *RECOVERY) == [4, 1, 1, 1, 1]
    assert row(office, "recovered_share", "recovery_median", "recovery_p90") == pytest.approx([0.5, 5400.0, 6840.0])


def test_after_a_conversation_a_new_miss_begins_a_new_episode(office: Office) -> None:
    office.call("11-03 10:00", "missed")
    office.call("11-03 11:00")
    office.call("11-03 12:00", "missed")
    office.settle()

    assert row(office, *RECOVERY) == [2, 0, 1, 0, 1]


def test_hidden_callers_are_never_the_same_caller(office: Office) -> None:
    office.call("11-03 10:00", "missed", number=None)
    office.call("11-03 11:00", "missed", number=None)
    office.call("11-03 12:00", number=None)
    office.settle()

    assert row(office, *RECOVERY) == [2, 0, 0, 0, 2]


def test_an_episode_counts_on_the_day_of_its_first_miss_only(office: Office) -> None:
    office.call("11-03 23:00", "missed")
    office.call("11-04 09:00", "missed")
    office.call("11-04 10:00", "reached")
    office.settle()

    assert row(office, "episodes", from_on=date(2026, 11, 4)) == [0]
    assert row(office, "episodes", "called_back", to_on=date(2026, 11, 4)) == [1, 1]


def test_a_miss_that_still_rang_at_the_moment_asked_for_begins_no_episode(office: Office) -> None:
    office.call("11-03 23:50", "missed", wait=36_000.0)
    office.call("11-04 08:00", "missed")
    office.settle()

    assert row(office, "episodes", from_on=date(2026, 11, 4)) == [0]
    assert row(office, "episodes", from_on=date(2026, 11, 4), as_of=local("11-04 09:00")) == [1]


def test_a_recovery_is_credited_to_who_talked(office: Office) -> None:
    anna = office.employee(1, "Анна", "201")
    office.call("11-03 10:00", "missed", employees=("202",))
    office.call("11-03 11:00", "reached", employees=("201",))
    office.settle()

    frame = numbers(office, "called_back", by=["employee"])

    assert frame["employee"].to_list() == [anna]


def test_a_conversation_on_another_line_that_was_ringing_before_the_miss_recovers_it(office: Office) -> None:
    office.call("11-03 10:00:00", wait=40.0)
    office.call("11-03 10:00:20", "missed", wait=5.0)
    office.settle()

    assert row(office, *RECOVERY) == [1, 0, 1, 0, 0]


REPEATS = ("repeat_base", "repeated", "repeat_unfinished", "first_contact_share")


def test_a_caller_who_calls_in_again_within_seven_days_was_not_served_at_once(office: Office) -> None:
    office.call("11-03 10:00", number="79120000001")
    office.call("11-10 10:00", "missed", number="79120000001")
    office.call("11-03 10:00", number="79120000002")
    office.call("11-10 10:01", number="79120000002")
    office.call("11-03 10:00", number="79120000003")
    office.call("11-04 10:00", "reached", number="79120000003")
    office.call("11-03 10:00", number=None)
    office.settle()

    assert row(office, *REPEATS, to_on=date(2026, 11, 4)) == pytest.approx([3, 1, 0, 2 / 3])


def test_the_last_seven_days_are_unfinished(office: Office) -> None:
    office.call("11-03 10:00")
    office.settle()

    assert row(office, *REPEATS[:3], as_of=local("11-10 09:59")) == [0, 0, 1]
    assert row(office, *REPEATS[:3], as_of=local("11-10 10:00")) == [1, 0, 0]


def test_what_comes_later_does_not_move_what_was_known_at_a_moment(office: Office) -> None:
    asked = (*STANDING, *RECOVERY, *REPEATS[:3], "calls")
    moment = local("11-06 00:00")
    office.call("11-03 10:00", "missed", number="79120000001")
    office.call("11-03 10:00", "missed", number="79120000002")
    office.call("11-03 11:00", "not_reached", number="79120000002")
    office.call("11-04 10:00", number="79120000003")
    office.assign("79120000003", 1, "11-05 10:00")
    office.settle()
    before = row(office, *asked, as_of=moment)

    office.call("11-06 09:00", "reached", number="79120000001")
    office.call("11-06 09:00", number="79120000002")
    office.call("11-06 09:00", number="79120000003")
    office.assign("79120000001", 2, "11-06 09:00")
    office.settle()

    assert row(office, *asked, as_of=moment) == before
    assert row(office, *asked) != before
