"""Periods of local days: which there are to choose from, which came before, which steps they have.

Days are the site's; a day of a clock change has 23 or 25 hours. Periods are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Step(StrEnum):
    """How long one bar of a report is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Preset(StrEnum):
    """Periods that can be chosen by name; their last day is today."""

    DAYS_7 = "7d"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


ROLLING_DAYS = {Preset.DAYS_7: 7, Preset.DAYS_30: 30, Preset.DAYS_90: 90}
CALENDAR_MONTHS = {Preset.MONTH: 1, Preset.QUARTER: 3, Preset.HALF_YEAR: 6, Preset.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Local days from `from_on` up to, and without, `to_on`."""

    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        return max((self.to_on - self.from_on).days, 0)

    @property
    def last_on(self) -> date:
        return self.to_on - timedelta(days=1)

    def from_at(self, zone: ZoneInfo) -> datetime:
        return day_start(self.from_on, zone)

    def until_at(self, zone: ZoneInfo) -> datetime:
        return day_start(max(self.to_on, self.from_on), zone)

    def every_day(self) -> list[date]:
        return [self.from_on + timedelta(days=number) for number in range(self.days)]

    def starts(self, step: Step) -> list[date]:
        """The first days of all steps that the period touches."""
        starts = []
        start = step_start(self.from_on, step)
        while start < self.to_on:
            starts.append(start)
            start = next_start(start, step)
        return starts

    def previous(self) -> Period:
        """The period of the same length just before this one."""
        return Period(from_on=self.from_on - timedelta(days=self.days), to_on=self.from_on)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local day begins, also where its midnight is skipped or repeated."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def step_start(day: date, step: Step) -> date:
    """The first day of the week (Monday) or month that `day` lies in."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)


def next_start(start: date, step: Step) -> date:
    match step:
        case Step.DAY:
            return start + timedelta(days=1)
        case Step.WEEK:
            return start + timedelta(days=7)
        case Step.MONTH:
            return add_months(start, 1)


def add_months(first: date, months: int) -> date:
    """The first day of the month that lies `months` after that of `first`."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def preset_period(preset: Preset, today: date) -> Period:
    """The named period that ends with today."""
    to_on = today + timedelta(days=1)
    if preset in ROLLING_DAYS:
        return Period(from_on=to_on - timedelta(days=ROLLING_DAYS[preset]), to_on=to_on)
    months = CALENDAR_MONTHS[preset]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return Period(from_on=first, to_on=to_on)


def previous_period(period: Period, preset: Preset | None) -> Period:
    """What to compare `period` with: the days before it, or the same days of the month, quarter … before."""
    if preset not in CALENDAR_MONTHS:
        return period.previous()
    first = add_months(period.from_on, -CALENDAR_MONTHS[preset])
    return Period(from_on=first, to_on=min(first + timedelta(days=period.days), period.from_on))


def weekdays_of(period: Period) -> dict[int, int]:
    """How many days of the period are Mondays (1) … Sundays (7)."""
    weeks, rest = divmod(period.days, 7)
    counts = dict.fromkeys(range(1, 8), weeks)
    for extra in range(rest):
        counts[(period.from_on + timedelta(days=extra)).isoweekday()] += 1
    return counts


def hours_of(period: Period, zone: ZoneInfo) -> dict[int, int]:
    """On how many days of the period a clock on the wall showed each hour; a clock change may skip one."""
    counts = dict.fromkeys(range(24), period.days)
    for number in range(period.days):
        day = period.from_on + timedelta(days=number)
        start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        if end - start < timedelta(days=1):
            seen = {
                (start + timedelta(minutes=15 * part)).astimezone(zone).hour
                for part in range((end - start) // timedelta(minutes=15))
            }
            for hour in set(range(24)) - seen:
                counts[hour] -= 1
    return counts
