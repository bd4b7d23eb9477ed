"""Local days, periods before, steps, and the clock changes inside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from data.metrics.periods import Period, Preset, Step, day_start, preset_period, previous_period, step_start
from data.metrics.zone import local_clock

BERLIN = ZoneInfo("Europe/Berlin")
BEIRUT = ZoneInfo("Asia/Beirut")  # changes its clock at midnight
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_a_day_of_a_clock_change_has_its_own_length(day: date, hours: int) -> None:
    length = day_start(day + timedelta(days=1), BERLIN) - day_start(day, BERLIN)

    assert length == timedelta(hours=hours)


def test_a_day_without_midnight_begins_at_the_clock_change() -> None:
    start = day_start(date(2026, 3, 29), BEIRUT)

    assert start == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert start.astimezone(BEIRUT).hour == 1


@pytest.mark.parametrize(
    ("preset", "first", "before"),
    [
        (Preset.DAYS_7, date(2026, 11, 16), (date(2026, 11, 9), date(2026, 11, 16))),
        (Preset.MONTH, date(2026, 11, 1), (date(2026, 10, 1), date(2026, 10, 23))),
        (Preset.QUARTER, date(2026, 10, 1), (date(2026, 7, 1), date(2026, 8, 23))),
        (Preset.HALF_YEAR, date(2026, 7, 1), (date(2026, 1, 1), date(2026, 5, 26))),
        (Preset.YEAR, date(2026, 1, 1), (date(2025, 1, 1), date(2025, 11, 23))),
    ],
)
def test_a_named_period_ends_today_and_knows_what_came_before(
    preset: Preset, first: date, before: tuple[date, date]
) -> None:
    period = preset_period(preset, date(2026, 11, 22))

    assert (period.from_on, period.to_on) == (first, date(2026, 11, 23))
    earlier = previous_period(period, preset)
    assert (earlier.from_on, earlier.to_on) == before


def test_the_month_before_march_is_never_longer_than_february() -> None:
    period = preset_period(Preset.MONTH, date(2026, 3, 31))

    assert previous_period(period, Preset.MONTH) == Period(from_on=date(2026, 2, 1), to_on=date(2026, 3, 1))


def test_steps_are_all_weeks_and_months_that_the_period_touches() -> None:
    period = Period(from_on=date(2026, 11, 28), to_on=date(2026, 12, 8))

    assert period.starts(Step.WEEK) == [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)]
    assert period.starts(Step.MONTH) == [date(2026, 11, 1), date(2026, 12, 1)]
    assert step_start(date(2026, 11, 29), Step.WEEK) == date(2026, 11, 23)


@pytest.mark.parametrize("zone", [BERLIN, BEIRUT, MOSCOW, ZoneInfo("Australia/Lord_Howe")])
def test_local_time_in_sql_agrees_with_the_zone_tables_over_three_years(zone: ZoneInfo) -> None:
    from_at, until_at = datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    clock = local_clock(zone, from_at, until_at)

    instants = "generate_series($from_at, $until_at - interval 1 second, interval '59 minutes 7 seconds')"
    rows = duckdb.execute(
        f"select instant, {clock.sql('instant')} from (select unnest({instants}) as instant)",
        clock.params() | {"from_at": from_at, "until_at": until_at},
    ).fetchall()

    assert len(rows) > 25_000
    assert all(at.astimezone(zone).replace(tzinfo=None) == local for at, local in rows)
