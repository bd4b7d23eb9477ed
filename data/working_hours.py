"""A horizon in working hours: so much open time after the start of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from math import gcd
from zoneinfo import ZoneInfo

from data.errors import SettingsError
from data.horizon import DayClock, day_clock
from data.settings import WEEKDAYS, Site

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NINE_TO_SIX = (time(9), time(18))
_DAY_S = 86_400
_KNOWN_YEARS = 10
_LONGEST_REST = timedelta(days=400)
_MOST_DAYS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the office is open: one stretch per weekday (Monday is 1), and days on which it is not."""

    open: Mapping[int, tuple[time, time]] = field(
        default_factory=lambda: dict.fromkeys(range(1, 6), _NINE_TO_SIX), hash=False
    )
    holidays: frozenset[date] = frozenset()
    special: Mapping[date, tuple[time, time]] = field(default_factory=dict, hash=False)  # days with hours of their own

    def stretch(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When the office opens and closes on that local day; twice the same moment: not at all.

        Closing at 00:00 is midnight at the end of the day.
        """
        hours = self.special.get(day) or (None if day in self.holidays else self.open.get(day.isoweekday()))
        opens, closes = hours or (time(), time())
        end = day + _DAY if hours is not None and closes == time() else day
        return (
            datetime.combine(day, opens, tzinfo=zone).astimezone(UTC),
            datetime.combine(end, closes, tzinfo=zone).astimezone(UTC),
        )

    def params(self) -> dict[str, object]:
        """Of the dimension `office_hours`: seconds after midnight by weekday (null: closed), days without work,
        and days with hours of their own."""
        special = sorted(self.special)
        hours = [self.open.get(weekday) for weekday in range(1, 8)]
        return {
            "opens_s": [opens and _seconds(opens[0]) for opens in hours],
            "closes_s": [opens and (_seconds(opens[1]) or _DAY_S) for opens in hours],
            "holidays": sorted(self.holidays),
            "special_days": special,
            "special_opens_s": [_seconds(self.special[day][0]) for day in special],
            "special_closes_s": [_seconds(self.special[day][1]) or _DAY_S for day in special],
        }


def schedule_of(site: Site) -> Schedule:
    """When the office of these settings is open."""
    return Schedule(
        open={WEEKDAYS.index(day) + 1: _times(text) for day, text in site.hours.items()},
        holidays=frozenset(site.holidays),
        special={day: _times(text) for day, text in site.short_days.items()},
    )


def _times(text: str) -> tuple[time, time]:
    opens, _, closes = text.partition("-")
    return time.fromisoformat(opens), time() if closes == "24:00" else time.fromisoformat(closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Open time day by day, in microseconds, so that SQL finds it by indexes instead of joins.

    before_us: open time up to each day; slots_at_us: when each quantum of open time begins. All open
    days are so many whole quanta long, so that none reaches from one day into another.
    """

    first_day: int  # days since 1970
    opens_us: tuple[int, ...]
    closes_us: tuple[int, ...]
    before_us: tuple[int, ...]
    quantum_us: int
    slots_at_us: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """So many open hours after the start; calls older than the calendar get as many plain hours."""

    hours: int
    schedule: Schedule
    clock: DayClock
    calendar: Calendar

    def params(self) -> Mapping[str, object]:
        return self.clock.params() | {
            "work_us": self.hours * 3_600_000_000,
            "work_first_day": self.calendar.first_day,
            "work_opens_us": list(self.calendar.opens_us),
            "work_closes_us": list(self.calendar.closes_us),
            "work_before_us": list(self.calendar.before_us),
            "work_quantum_us": self.calendar.quantum_us,
            "work_slots_at_us": list(self.calendar.slots_at_us),
        }

    def sql(self, started_at: str) -> str:
        us = f"epoch_us({started_at})"
        place = f"({self.clock.day_sql(started_at)} - $work_first_day + 1)"
        opens, closes = f"$work_opens_us[{place}]", f"$work_closes_us[{place}]"
        target = f"($work_before_us[{place}] + least(greatest({us}, {opens}), {closes}) - {opens} + $work_us)"
        # The end of the last open hour of a day is that evening, not the next morning.
        slot = f"(({target} - 1) // $work_quantum_us)"
        horizon = f"make_timestamptz($work_slots_at_us[{slot} + 1] + {target} - {slot} * $work_quantum_us)"
        older = f"{started_at} + to_hours(($work_us // 3600000000)::integer)"
        return f"(case when {place} >= 1 then {horizon} else {older} end)"

    def of(self, started_at: datetime) -> datetime:
        return after_open_time(started_at, timedelta(hours=self.hours), self.schedule, self.clock.zone)


def after_open_time(started_at: datetime, left: timedelta, schedule: Schedule, zone: ZoneInfo) -> datetime:
    """When so much open time has passed since `started_at`; an office that never opens counts every hour."""
    plain, day = started_at + left, started_at.astimezone(zone).date()
    for _ in range(_MOST_DAYS):
        opens, closes = schedule.stretch(day, zone)
        begin = max(opens, started_at)
        if begin < closes and begin + left <= closes:
            return begin + left
        left -= max(closes - begin, timedelta())
        day += _DAY
    return plain


def open_days(schedule: Schedule, zone: ZoneInfo, from_on: date, last_on: date) -> dict[str, object]:
    """Parameters that tell working time by local days: when each opens and closes, and what was open before it,
    in microseconds."""
    stretches = [schedule.stretch(day, zone) for day in _days(from_on, last_on + _DAY)]
    opens = [(begin - _EPOCH) // _MICROSECOND for begin, _ in stretches]
    closes = [(end - _EPOCH) // _MICROSECOND for _, end in stretches]
    lengths = [end - begin for begin, end in zip(opens, closes, strict=True)]
    return {
        "open_from_on": from_on,
        "day_opens_us": opens,
        "day_closes_us": closes,
        "open_before_us": list(accumulate(lengths[:-1], initial=0)),
    }


def working_hours(
    hours: int, schedule: Schedule, zone: ZoneInfo, until_at: datetime, from_at: datetime | None = None
) -> WorkingHours:
    """The rule for calls up to `until_at`; from_at: where they begin, if that is known."""
    first = (from_at or until_at.replace(year=until_at.year - _KNOWN_YEARS, day=1)).date().replace(day=1, month=1)
    last = until_at.date().replace(day=1, month=1) + timedelta(days=366) + _LONGEST_REST + timedelta(hours=24 * hours)
    return WorkingHours(
        hours=hours,
        schedule=schedule,
        clock=day_clock(zone, until_at, from_at),
        calendar=_calendar(
            tuple(sorted(schedule.open.items())),
            schedule.holidays,
            tuple(sorted(schedule.special.items())),
            zone.key,
            first,
            last,
        ),
    )


@lru_cache(maxsize=16)
def _calendar(
    hours: tuple[tuple[int, tuple[time, time]], ...],
    holidays: frozenset[date],
    special: tuple[tuple[date, tuple[time, time]], ...],
    zone: str,
    first: date,
    last: date,
) -> Calendar:
    schedule = Schedule(open=dict(hours), holidays=holidays, special=dict(special))
    stretches = [schedule.stretch(day, ZoneInfo(zone)) for day in _days(first, last)]
    opens = [(begin - _EPOCH) // _MICROSECOND for begin, _ in stretches]
    closes = [(end - _EPOCH) // _MICROSECOND for _, end in stretches]
    lengths = [end - begin for begin, end in zip(opens, closes, strict=True)]
    quantum = gcd(*lengths)
    if quantum == 0:
        raise SettingsError(
            "The schedule never opens the office, so a horizon in working hours never comes. Add hours to the "
            "directory or to site.hours in the settings."
        )
    slots = [begin + start for begin, length in zip(opens, lengths, strict=True) for start in range(0, length, quantum)]
    return Calendar(
        first_day=(first - _EPOCH.date()).days,
        opens_us=tuple(opens),
        closes_us=tuple(closes),
        before_us=tuple(accumulate(lengths[:-1], initial=0)),
        quantum_us=quantum,
        slots_at_us=tuple(slots),
    )


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day < last:
        yield day
        day += _DAY
