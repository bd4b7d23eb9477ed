"""An address and a filter say the same, and what no filter understands is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.filters import BadFilter, read_query, write_query
from data.journal import CallFilter, CallKind, LeadState, Sort, SortBy
from data.model import NumberClass, Outcome, Reason, Status

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def read(query: str, zone: ZoneInfo = MOSCOW) -> CallFilter:
    return read_query(query, zone=zone, now=NOON).filter


def test_an_empty_address_lets_everything_pass() -> None:
    asked = read_query("", zone=MOSCOW, now=NOON)

    assert asked.filter == CallFilter()
    assert asked.sort == Sort(by=SortBy.TIME, descending=True)
    assert asked.as_of is None


def test_values_that_repeat_add_up_and_commas_belong_to_names() -> None:
    found = read("?kind=missed&kind=outbound&channel=Яндекс, директ&channel=Сайт")

    assert found.kinds == {CallKind.MISSED, CallKind.OUTBOUND}
    assert found.channels == {"Яндекс, директ", "Сайт"}


def test_the_last_day_of_a_period_counts_whole() -> None:
    found = read("from=2026-11-01&to=2026-11-01")

    assert found.from_at == datetime(2026, 10, 31, 21, 0, tzinfo=UTC)
    assert found.until_at == datetime(2026, 11, 1, 21, 0, tzinfo=UTC)


def test_a_day_of_the_clock_change_has_25_hours() -> None:
    found = read("from=2026-10-25&to=2026-10-25", BERLIN)

    assert found.from_at and found.until_at
    assert (found.until_at - found.from_at).total_seconds() == 25 * 3600


def test_a_named_period_moves_with_today() -> None:
    yesterday = read("period=yesterday")
    week = read("period=7d")

    assert yesterday.until_at == datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
    assert week.until_at == datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "moment"),
    [
        ("from=2026-11-01&to=2026-11-20", datetime(2026, 11, 20, 21, 0, tzinfo=UTC)),
        ("period=yesterday", datetime(2026, 11, 21, 21, 0, tzinfo=UTC)),
        ("period=7d", None),  # not over yet: as of now
        ("", None),
    ],
)
def test_the_end_of_a_period_is_a_moment_once_it_is_over(period: str, moment: datetime | None) -> None:
    assert read_query(f"{period}&asof=end", zone=MOSCOW, now=NOON).as_of == moment


def test_days_of_ones_own_win_over_a_named_period() -> None:
    assert read("period=year&from=2026-11-20").from_at == datetime(2026, 11, 19, 21, 0, tzinfo=UTC)


def test_an_hour_of_a_report_is_kept_to_the_minute() -> None:
    found = read("from=2026-11-22T09:30&to=2026-11-22T10:00")

    assert found.from_at == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert found.until_at == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def test_names_that_mean_nothing_to_filters_are_left_alone() -> None:
    assert read("selected=pbx-1.2&page=3") == CallFilter()


@pytest.mark.parametrize(
    "query",
    [
        "kind=sideways",
        "period=aeon",
        "from=2026-13-01",
        "to=9999-12-31",
        "hour=24",
        "weekday=0",
        "lost=yes",
        "talk=long",
        "talk=-1",
        "talk=nan",
        "wait=inf",
        "sort=-colour",
        "asof=soon",
        "status=fine",
    ],
)
def test_a_value_that_no_filter_understands_is_named(query: str) -> None:
    name, _, value = query.partition("=")

    with pytest.raises(BadFilter, match=f"^{name}=.*{value.lstrip('-')}"):
        read(query)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
moments = st.integers(23_700_000, 34_000_000).map(lambda minutes: datetime.fromtimestamp(60 * minutes, UTC))


def some(kind: type[StrEnum]) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(list(kind)), max_size=3)


filters = st.builds(
    CallFilter,
    kinds=some(CallKind),
    lost=st.booleans(),
    first=st.booleans(),
    unregistered=st.booleans(),
    attention=st.booleans(),
    mine=st.booleans(),
    from_at=st.none() | moments,
    until_at=st.none() | moments,
    hours=st.frozensets(st.integers(0, 23), max_size=3),
    weekdays=st.frozensets(st.integers(1, 7), max_size=3),
    employees=st.frozensets(names, max_size=2),
    queues=st.frozensets(names, max_size=2),
    channels=st.frozensets(names, max_size=2),
    has_recording=st.none() | st.booleans(),
    has_comment=st.none() | st.booleans(),
    talk_longer_s=st.none() | st.integers(0, 9000).map(float),
    number_classes=some(NumberClass),
    statuses=some(Status),
    reasons=some(Reason),
    outcomes=some(Outcome),
    leads=some(LeadState),
    account_id=st.none() | names,
    number=st.none() | names,
    search=st.just("") | names,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wanted=filters, sort=st.builds(Sort, by=st.sampled_from(SortBy), descending=st.booleans()))
def test_what_is_written_into_an_address_is_read_back(wanted: CallFilter, sort: Sort) -> None:
    asked = read_query(write_query(wanted, zone=MOSCOW, sort=sort), zone=MOSCOW, now=NOON)

    assert asked.filter == wanted
    assert asked.sort == sort


@given(at=moments | st.just(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_moment_is_read_back_also_when_clocks_go_back(at: datetime) -> None:
    query = write_query(CallFilter(), zone=BERLIN, as_of=at)

    found = read_query(query, zone=BERLIN, now=NOON).as_of

    assert found == at
