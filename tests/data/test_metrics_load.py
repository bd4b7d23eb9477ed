"""Concurrency, erlangs, occupancy and the survival curve, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from data.identity.actor import system
from data.metrics.compiler import Restriction
from data.metrics.load import HOUR, Occupied, load, load_by_hour
from data.metrics.occupancy import occupancy
from data.metrics.periods import Period, Step
from data.metrics.survival import median_s, survival_curve
from data.settings import Site
from tests.data.office import SITE, Office, busy_month, local

ACTOR = system("test")
TWO_DAYS = Period(from_on=date(2026, 11, 3), to_on=date(2026, 11, 5))


@pytest.fixture
def office() -> Office:
    return Office()


def test_most_calls_at_once_and_erlangs_by_day(office: Office) -> None:
    office.call("11-03 10:00", wait=0.0, talk=3600.0)
    office.call("11-03 10:30", wait=0.0, talk=3600.0)
    office.call("11-03 11:30", wait=0.0, talk=3600.0)

    frame = load(office, TWO_DAYS, site=SITE, actor=ACTOR)

    assert frame["begins_at"].to_list() == [pd.Timestamp("2026-11-03"), pd.Timestamp("2026-11-04")]
    assert frame["peak"].to_list() == [2, 0]
    assert frame["erlangs"].to_list() == pytest.approx([3 / 24, 0])


def test_a_call_that_ends_when_another_begins_does_not_meet_it(office: Office) -> None:
    office.call("11-03 10:00", wait=0.0, talk=600.0)
    office.call("11-03 10:10", wait=0.0, talk=600.0)

    assert load(office, TWO_DAYS, site=SITE, actor=ACTOR)["peak"].max() == 1


def test_a_call_over_midnight_is_busy_on_both_days_and_one_from_before_counts(office: Office) -> None:
    office.call("11-03 23:30", wait=0.0, talk=7200.0)
    office.call("11-02 23:00", wait=0.0, talk=7200.0)

    frame = load(office, TWO_DAYS, site=SITE, actor=ACTOR)

    assert frame["peak"].to_list() == [1, 1]
    assert frame["erlangs"].to_list() == pytest.approx([1.5 / 24, 1.5 / 24])


def test_a_day_of_25_hours_divides_by_25(office: Office) -> None:
    office.call(datetime(2026, 10, 25, 8, tzinfo=UTC), wait=0.0, talk=3600.0)
    berlin = Site(timezone="Europe/Berlin")

    frame = load(office, Period(from_on=date(2026, 10, 25), to_on=date(2026, 10, 26)), site=berlin, actor=ACTOR)

    assert frame["erlangs"].to_list() == pytest.approx([1 / 25])


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Moscow", date(2026, 11, 2)),
        ("Europe/Berlin", date(2026, 10, 20)),
        ("Australia/Lord_Howe", date(2026, 10, 1)),
    ],
)
def test_hours_and_steps_of_one_sweep_are_those_of_two(zone: str, first: date) -> None:
    office = busy_month(60)
    site, period = Site(timezone=zone), Period(from_on=first, to_on=first + timedelta(days=40))

    for step in Step:
        hours, steps = load_by_hour(office, period, step, site=site, actor=ACTOR)

        pd.testing.assert_frame_equal(hours, load(office, period, site=site, actor=ACTOR, step=HOUR))
        pd.testing.assert_frame_equal(steps, load(office, period, site=site, actor=ACTOR, step=step))
        assert steps["peak"].max() > 0


def test_load_by_hours_weeks_kind_and_filter(office: Office) -> None:
    office.call("11-03 10:15", wait=0.0, talk=900.0, queue="sales")
    office.call("11-03 10:15", "missed", wait=900.0, queue="sales")
    office.call("11-03 10:15", wait=0.0, talk=900.0, queue="support")
    sales = Restriction(sql="call.queue = $queue", params={"queue": "sales"})

    hours = load(
        office, TWO_DAYS, site=SITE, actor=ACTOR, step=timedelta(hours=1), occupied=Occupied.TALKS, where=sales
    )
    weeks = load(office, TWO_DAYS, site=SITE, actor=ACTOR, step=Step.WEEK)

    assert len(hours) == 48
    assert hours[hours["peak"] > 0].to_numpy().tolist() == [[pd.Timestamp("2026-11-03 10:00"), 1, 0.25]]
    assert weeks["peak"].to_list() == [3]


def test_occupancy_is_talk_by_time_present_and_unknown_without_logins(office: Office) -> None:
    anna = office.employee(1, "Анна", "201")
    boris = office.employee(2, "Борис", "202")
    for party, talk in (("201", 1800.0), ("202", 600.0)):
        office.leg(office.call("11-03 10:00", employees=(party,), talk=talk), party, talk=talk)
    for queue in ("sales", "support"):  # of two queues, but there only once
        session(office, "login", queue, "11-03 09:00", "11-03 12:00")
    session(office, "pause", "sales", "11-03 11:00", "11-03 12:00")

    frame = occupancy(office, TWO_DAYS, site=SITE, actor=ACTOR)

    columns = ["employee", "talk", "logged_in_s", "paused_s", "occupancy"]
    assert frame[columns].to_numpy().tolist()[0] == [anna, 1800, 10_800, 3600, 0.25]
    assert frame["employee"].to_list() == [anna, boris]
    assert frame["occupancy"].isna().to_list() == [False, True]


def session(office: Office, kind: str, queue: str, start: str, end: str) -> None:
    office.insert(
        "agent_session", pbx="pbx", queue=queue, party="201", kind=kind, started_at=local(start), ended_at=local(end),
        events=[],
    )  # fmt: skip


def test_survival_curve_of_a_textbook_case() -> None:
    """Six episodes: recovered after 1, 2, 4 and 5; open since 3 and 6."""
    curve = survival_curve(pd.Series([1, 2, 3, 4, 5, 6]), pd.Series([True, True, False, True, True, False]))

    assert curve["after_s"].to_list() == [0, 1, 2, 4, 5]
    assert curve["at_risk"].to_list() == [6, 6, 5, 3, 2]
    assert curve["waiting_share"].to_list() == pytest.approx([1, 5 / 6, 4 / 6, 4 / 9, 2 / 9])
    assert median_s(curve) == 4
    inside = curve.iloc[1:]
    assert (inside["low_share"] < inside["waiting_share"]).all()
    assert (inside["waiting_share"] < inside["high_share"]).all()


def test_survival_without_recoveries_stays_at_one_and_without_episodes_is_empty() -> None:
    open_only = survival_curve(pd.Series([10.0, 20.0]), pd.Series([False, False]))

    assert open_only["waiting_share"].to_list() == [1.0]
    assert median_s(open_only) is None
    assert survival_curve(pd.Series([], dtype=float), pd.Series([], dtype=bool)).empty


def test_survival_falls_to_zero_when_all_were_reached() -> None:
    curve = survival_curve(pd.Series([5.0, 5.0]), pd.Series([True, True]))

    assert curve["waiting_share"].to_list() == [1.0, 0.0]
    assert curve["low_share"].to_list() == [1.0, 0.0]
