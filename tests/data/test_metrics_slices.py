"""Every number leads to exactly the calls it stands on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from data.errors import UnknownName
from data.identity.actor import system
from data.metrics.catalogue import METRICS
from data.metrics.compiler import Restriction
from data.metrics.dimensions import DIMENSIONS
from data.metrics.measure import measure
from data.metrics.periods import Period
from data.metrics.slices import Slice, read_slice, slice_restriction
from data.metrics.terms import Grain
from tests.data.office import SITE, Office, busy_month

NOVEMBER = Period(from_on=date(2026, 11, 1), to_on=date(2026, 12, 1))
AS_OF = datetime(2026, 12, 15, tzinfo=UTC)
EVERY_DIMENSION = ["calls", "answered", "leads_lost", "episodes", "repeated"]
COUNTED_CALLS = [
    metric.name
    for metric in METRICS.values()
    if metric.additive and metric.grains[0] in (Grain.CALL, Grain.FOLLOWED, Grain.EPISODE)
]


@pytest.fixture(scope="module")
def office() -> Office:
    return busy_month()


def calls_of(office: Office, wanted: Slice) -> int:
    restriction = slice_restriction(
        read_slice(str(wanted)),
        from_at=NOVEMBER.from_at(SITE.zone),
        until_at=NOVEMBER.until_at(SITE.zone),
        as_of=AS_OF,
        site=SITE,
    )
    table = office.query(
        f"select count(*) as calls from call where {restriction.sql}", restriction.params, actor=system("test")
    )
    return int(table["calls"][0].as_py())


def asked(office: Office, metric: str, **how: Any) -> Any:
    """The frame of a metric in November; without a split its one number."""
    usual: dict[str, Any] = {"site": SITE, "actor": system("test"), "as_of": AS_OF}
    frame = measure(office, [metric], from_on=NOVEMBER.from_on, to_on=NOVEMBER.to_on, **(usual | how))
    return frame if "by" in how else frame[metric]


@pytest.mark.parametrize("metric", COUNTED_CALLS)
def test_a_count_split_by_any_dimension_leads_to_as_many_calls(office: Office, metric: str) -> None:
    checked = 0
    for dimension in DIMENSIONS if metric in EVERY_DIMENSION else ("direction", "client"):
        try:
            frame = asked(office, metric, by=[dimension])
        except UnknownName:
            continue
        some = frame.sample(min(len(frame), 3), random_state=1)
        for value, count in zip(some[dimension], some[metric], strict=True):
            wanted = Slice(metric=metric, values={dimension: None if pd.isna(value) else value})
            assert calls_of(office, wanted) == count, (metric, dimension, value)
            checked += 1

    assert checked > (15 if metric in EVERY_DIMENSION else 0)


def test_several_values_and_parameters_travel_in_the_text(office: Office) -> None:
    wanted = Slice(metric="answered_in_time", values={"weekday": 2, "hour": 10}, params={"target_s": 30.0})

    assert str(wanted) == "answered_in_time?weekday=2&hour=10&target_s=30"
    assert read_slice(str(wanted)) == wanted
    local_time = "call.started_at at time zone 'Europe/Moscow'"
    same = Restriction(sql=f"isodow({local_time}) = 2 and hour({local_time}) = 10")
    assert calls_of(office, wanted) == asked(office, "answered_in_time", where=same, params={"target_s": 30.0}).item()


def test_all_but_some_values_are_the_rest(office: Office) -> None:
    frame = asked(office, "calls", by=["channel"])
    first = frame["channel"].dropna().iloc[0]

    wanted = Slice(metric="calls", without={"channel": [first, None]})

    assert read_slice(str(wanted)) == wanted
    rest = frame[frame["channel"].notna() & (frame["channel"] != first)]
    assert calls_of(office, wanted) == rest["calls"].sum() > 0


@pytest.mark.parametrize(
    "text",
    ["cals", "calls?dya=2026-11-01", "calls?day=1.11.2026", "answered?target_s=soon", "calls?dya!=1", "calls?hour!=x"],
)
def test_text_that_is_no_slice_is_refused(text: str) -> None:
    with pytest.raises(UnknownName):
        read_slice(text)
