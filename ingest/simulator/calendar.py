"""When people call: seasons, weekdays, holidays and hours of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from data.settings import Site

Floats = npt.NDArray[np.float64]

_HOLIDAYS = frozenset({(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)})
_WEEKDAY = (1.18, 1.06, 1.02, 1.0, 0.92, 0.24, 0.06)  # Monday first
_FREE_DAY = 0.06
_SEASON = (0.82, 0.94, 1.05, 1.08, 1.0, 1.06, 0.96, 0.92, 1.06, 1.1, 1.08, 0.98)  # January first
_HOURS = {  # calls in each hour of the day, shares of the day's total
    "working": (
        0.08, 0.05, 0.04, 0.04, 0.05, 0.1, 0.25, 0.5, 1.6, 9.6, 12.6, 12.2, 9.6, 8.2, 9.4, 9.8, 9.0, 7.2, 3.6, 1.1, 0.7,
        0.4, 0.25, 0.15,
    ),
    "free": (
        0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 11.5, 12.5, 12.0, 11.0, 10.0, 9.5, 5.0, 3.5, 2.5, 2.0, 1.5,
        1.2, 0.8, 0.5,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local day of the history; a day in which the clock changes is taken as 24 hours."""

    on: date
    midnight: float  # unix time of the local midnight
    weight: float  # calls expected, in units of an ordinary day
    is_working: bool
    opens_s: float  # seconds after midnight; equal to closes_s on a day off
    closes_s: float
    until_s: float = 86_400.0  # the history ends so many seconds into the day
    from_s: float = 0.0

    def is_open(self, at: float) -> bool:
        return self.opens_s <= at - self.midnight < self.closes_s


def make_days(rng: np.random.Generator, *, days: int, until: datetime, site: Site) -> list[Day]:
    """The local days from `days` days before `until`, the first and the last cut at that moment."""
    last = until.astimezone(site.zone)
    noise = rng.gamma(60.0, 1 / 60.0, days + 1)
    found: list[Day] = []
    for back in range(days, -1, -1):
        on = last.date() - timedelta(days=back)
        midnight = datetime.combine(on, time(), site.zone).astimezone(UTC).timestamp()
        is_working = on.weekday() < 5 and (on.month, on.day) not in _HOLIDAYS
        opens_h, closes_h = _opening(on)
        found.append(
            Day(
                on=on,
                midnight=midnight,
                weight=_weight(on, is_working, 1 - back / days) * float(noise[back]),
                is_working=is_working,
                opens_s=opens_h * 3600,
                closes_s=closes_h * 3600,
                from_s=max(0.0, until.timestamp() - days * 86_400 - midnight),
                until_s=min(86_400.0, until.timestamp() - midnight),
            )
        )
    return [day for day in found if day.until_s > day.from_s]


def share_of_day(day: Day) -> float:
    """The share of the day's calls that falls into the part of it that belongs to the history."""
    cumulated, edges = _profile(day)
    return float(np.interp(day.until_s, edges, cumulated) - np.interp(day.from_s, edges, cumulated))


def moments(rng: np.random.Generator, day: Day, count: int) -> Floats:
    """So many sorted unix times in the day, by the profile of its hours."""
    cumulated, edges = _profile(day)
    low, high = np.interp([day.from_s, day.until_s], edges, cumulated)
    return day.midnight + np.interp(np.sort(rng.uniform(low, high, count)), cumulated, edges)


def _weight(on: date, is_working: bool, progress: float) -> float:
    weekday = _WEEKDAY[on.weekday()] if is_working or on.weekday() >= 5 else _FREE_DAY
    if (on.month, on.day) in _HOLIDAYS:
        weekday = min(weekday, _FREE_DAY)
    growth = 0.85 + 0.3 * progress
    return weekday * _SEASON[on.month - 1] * growth


def _opening(on: date) -> tuple[float, float]:
    if (on.month, on.day) in _HOLIDAYS or on.weekday() == 6:
        return 0.0, 0.0
    return (10.0, 16.0) if on.weekday() == 5 else (9.0, 19.0)


def _profile(day: Day) -> tuple[Floats, Floats]:
    hours = np.array(_HOURS["working" if day.is_working else "free"])
    cumulated: Floats = np.concatenate([[0.0], np.cumsum(hours) / hours.sum()])
    edges: Floats = np.arange(25, dtype=np.float64) * 3600.0
    return cumulated, edges
