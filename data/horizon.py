"""Until when a missed call may still be made good: the end of its local day, or so many hours.

Each rule exists twice: as SQL over a column, and in Python as the oracle of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from data.metrics.periods import day_start, local_day
from data.metrics.zone import local_clock

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN_YEARS = 3  # each change makes a statement longer to plan, and older calls are seldom asked for


class Horizon(Protocol):
    """A moment for every start of a call."""

    def sql(self, started_at: str) -> str:
        """A timestamptz expression: the horizon of a call that began at `started_at`."""
        ...

    def params(self) -> Mapping[str, object]: ...

    def of(self, started_at: datetime) -> datetime:
        """The same in Python."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClock:
    """Local days of a zone in SQL, by offsets looked up before: ICU is slow row by row.

    since_us: from then on the offsets are known, earlier instants are left to ICU; offsets_us: the
    first offset, then one for each clock change; changes_us: when they are, since 1970.
    """

    zone: ZoneInfo
    since_us: int
    offsets_us: tuple[int, ...]
    changes_us: tuple[int, ...]

    def params(self) -> dict[str, object]:
        params: dict[str, object] = {
            "day_us": _DAY // _MICROSECOND,
            "day_zone": self.zone.key,
            "day_since_us": self.since_us,
        }
        for number, offset in enumerate(self.offsets_us):
            params[f"day_offset_{number}_us"] = offset
        for number, change in enumerate(self.changes_us, 1):
            params[f"day_change_{number}_us"] = change
        return params

    def day_sql(self, instant: str) -> str:
        """A running number of the local day in which `instant` lies; 1970-01-01 is 0."""
        us = f"epoch_us({instant})"
        return self._by_offset(
            us,
            lambda number: f"({us} + $day_offset_{number}_us) // $day_us",
            f"epoch_us(timezone($day_zone, {instant})) // $day_us",
        )

    def hour_sql(self, instant: str) -> str:
        """The hour, 0 to 23, that a clock on the wall showed at `instant`."""
        us = f"epoch_us({instant})"
        return self._by_offset(
            us,
            lambda number: f"(({us} + $day_offset_{number}_us) % $day_us) // 3600000000",
            f"hour(timezone($day_zone, {instant}))",
        )

    def day_end_sql(self, instant: str) -> str:
        """The instant at which the local day of `instant` is over: a day may have 23 or 25 hours."""
        us = f"epoch_us({instant})"
        return self._by_offset(
            us,
            lambda number: f"make_timestamptz({self._end_us(us, number)})",
            f"timezone($day_zone, date_trunc('day', timezone($day_zone, {instant})) + interval 1 day)",
        )

    def _end_us(self, us: str, number: int) -> str:
        end = f"((({us} + $day_offset_{number}_us) // $day_us + 1) * $day_us - $day_offset_{number}_us)"
        following = number + 1
        if following == len(self.offsets_us):
            return end
        # The clock is changed before the day is over: its end is read off the changed clock.
        change = f"$day_change_{following}_us"
        changed = f"{end} + $day_offset_{number}_us - $day_offset_{following}_us"
        return f"case when {end} < {change} then {end} else greatest({changed}, {change}) end"

    def _by_offset(self, us: str, branch: Callable[[int], str], earlier: str) -> str:
        """`branch` of the offset that holds at `us`, the latest asked first."""
        since = ["$day_since_us", *(f"$day_change_{number}_us" for number in range(1, len(self.offsets_us)))]
        branches = [f"when {us} >= {begin} then {branch(number)}" for number, begin in enumerate(since)]
        return f"(case {' '.join(reversed(branches))} else {earlier} end)"


def day_clock(zone: ZoneInfo, until_at: datetime, from_at: datetime | None = None) -> DayClock:
    """The clock of `zone`, right for all calls and quick for those from `from_at` up to `until_at`."""
    return _day_clock(zone.key, from_at.year if from_at else until_at.year - _KNOWN_YEARS, until_at.year)


@lru_cache(maxsize=64)
def _day_clock(zone: str, first_year: int, last_year: int) -> DayClock:
    since_at = datetime(first_year, 1, 1, tzinfo=UTC)
    clock = local_clock(ZoneInfo(zone), since_at, datetime(last_year + 1, 1, 1, tzinfo=UTC) + _DAY)
    return DayClock(
        zone=ZoneInfo(zone),
        since_us=(since_at - _EPOCH) // _MICROSECOND,
        offsets_us=tuple(offset // _MICROSECOND for offset in clock.offsets),
        changes_us=tuple((change - _EPOCH) // _MICROSECOND for change in clock.changes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfDay:
    """The end of the local day on which the call began."""

    clock: DayClock

    def sql(self, started_at: str) -> str:
        return self.clock.day_end_sql(started_at)

    def params(self) -> Mapping[str, object]:
        return self.clock.params()

    def of(self, started_at: datetime) -> datetime:
        return day_start(local_day(started_at, self.clock.zone) + _DAY, self.clock.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """So many hours after the start, whatever the clock on the wall does."""

    hours: int

    def sql(self, started_at: str) -> str:
        return f"{started_at} + to_hours($horizon_hours)"

    def params(self) -> Mapping[str, object]:
        return {"horizon_hours": self.hours}

    def of(self, started_at: datetime) -> datetime:
        return started_at + timedelta(hours=self.hours)
