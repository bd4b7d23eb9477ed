"""Local time in SQL without the time-zone tables: the offsets of the asked time, looked up before.

Asking ICU for each row takes fifteen times as long as adding the offset that holds in the period,
and a period has two clock changes a year at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalClock:
    """Offsets of a zone between two instants: the first, then one for each clock change."""

    zone: ZoneInfo
    offsets: tuple[timedelta, ...]
    changes: tuple[datetime, ...]

    def sql(self, instant: str) -> str:
        """A local timestamp from the timestamptz expression `instant`; parameters: `params`."""
        offset = "$offset_0_us"
        for number in range(1, len(self.offsets)):
            offset = f"case when {instant} < $change_{number}_at then {offset} else $offset_{number}_us end"
        return f"make_timestamp(epoch_us({instant}) + {offset})"

    def params(self) -> dict[str, object]:
        params: dict[str, object] = {
            f"offset_{number}_us": offset // timedelta(microseconds=1) for number, offset in enumerate(self.offsets)
        }
        return params | {f"change_{number}_at": change for number, change in enumerate(self.changes, 1)}


def local_clock(zone: ZoneInfo, from_at: datetime, until_at: datetime) -> LocalClock:
    """The clock of `zone` that holds for instants from `from_at` up to `until_at`."""
    offsets = [_offset(zone, from_at)]
    changes: list[datetime] = []
    at = from_at
    while at < until_at:
        following = min(at + _DAY, until_at)
        if _offset(zone, following) != offsets[-1]:
            changes.append(_first_with_other_offset(zone, at, following))
            offsets.append(_offset(zone, following))
        at = following
    return LocalClock(zone=zone, offsets=tuple(offsets), changes=tuple(changes))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _first_with_other_offset(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second, between the two, at which the clock is changed."""
    low, high = int(before.timestamp()), int(after.timestamp())
    former = _offset(zone, before)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == former:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
