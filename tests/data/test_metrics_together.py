"""Several questions about the same facts, answered from one reading: the answers are those of each by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from data.errors import UnknownName
from data.identity.actor import system
from data.metrics.measure import Asked, episodes, measured
from data.metrics.periods import Period
from data.metrics.terms import Grain
from data.metrics.together import Part, measured_together
from tests.data.office import SITE, Office

NOW = datetime(2026, 12, 20, tzinfo=UTC)
OCTOBER = Period(from_on=date(2026, 10, 1), to_on=date(2026, 11, 1))
NOVEMBER = Period(from_on=date(2026, 11, 1), to_on=date(2026, 12, 1))
BOTH = Period(from_on=date(2026, 10, 1), to_on=date(2026, 12, 1))
METRICS = ("episodes", "called_back", "caller_returned", "attempted", "not_recovered", "recovery_median")


def asked(period: Period) -> Asked:
    return Asked(period=period, site=SITE, actor=system("test"), now=NOW)


@pytest.fixture
def office() -> Office:
    """Episodes within each month, over the end of one, and of a hidden number."""
    office = Office()
    office.call("10-10 10:00", "missed", number="79120000001")
    office.call("10-10 11:00", "reached", number="79120000001", employees=("202",))
    office.call("10-31 10:00", "missed", number="79120000002")
    office.call("11-01 10:00", "missed", number="79120000002")
    office.call("11-01 12:00", "answered", number="79120000002")
    office.call("11-05 10:00", "missed", number="79120000003")
    office.call("11-05 10:30", "not_reached", number="79120000003")
    office.call("11-06 10:00", "missed", number=None)
    office.settle()
    return office


@pytest.mark.parametrize("period", [OCTOBER, NOVEMBER])
@pytest.mark.parametrize("by", [(), ("day",), ("employee",)])
def test_a_part_gives_what_its_question_gives_alone(office: Office, period: Period, by: tuple[str, ...]) -> None:
    parts = [Part(metrics=METRICS, by=("week",), period=BOTH), Part(metrics=METRICS, by=by, period=period)]

    _, frame = measured_together(office, Grain.EPISODE, parts, asked=asked(BOTH))

    alone = measured(office, METRICS, by=by, asked=asked(period))
    assert alone["episodes"].sum() == {OCTOBER: 2, NOVEMBER: 2}[period]
    pd.testing.assert_frame_equal(frame, alone)
    assert frame.attrs == alone.attrs


def test_rows_are_those_of_the_facts(office: Office) -> None:
    (frame,) = measured_together(
        office, Grain.EPISODE, [Part(rows=("call_id", "waited_s", "recovery"), period=NOVEMBER)], asked=asked(BOTH)
    )

    alone = episodes(office, NOVEMBER, site=SITE, actor=system("test"), now=NOW)[["call_id", "waited_s", "recovery"]]
    assert len(alone) == 2
    pd.testing.assert_frame_equal(
        frame.sort_values("call_id", ignore_index=True), alone.sort_values("call_id", ignore_index=True)
    )


def test_a_metric_of_other_facts_is_refused(office: Office) -> None:
    with pytest.raises(UnknownName, match="'missed' is not taken over one row per episode"):
        measured_together(office, Grain.EPISODE, [Part(metrics=["missed"], period=BOTH)], asked=asked(BOTH))
