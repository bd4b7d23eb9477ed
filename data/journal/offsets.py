"""Where far offsets of a list are: how many of its calls began in each hour, remembered per list."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from threading import Lock

import pyarrow as pa

from data.journal.listing import Listing, Window

_MAY_AGE = timedelta(seconds=60)
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The hours in which a block lies, and how many calls of them come before it."""

    window: Window
    skip: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Calls per hour of a list, in the order of time; `sums`: calls up to and with each hour."""

    hours: tuple[int, ...]
    sums: tuple[int, ...]
    learned_at: datetime

    @property
    def calls(self) -> int:
        return self.sums[-1] if self.sums else 0

    def place(self, offset: int, limit: int, *, descending: bool) -> Place:
        """Where `limit` calls from `offset` lie; an empty time where there are no such."""
        first = self.calls - offset - limit if descending else offset
        last = self.calls - offset if descending else offset + limit
        first, last = max(first, 0), min(last, self.calls)
        if first >= last:
            return Place(window=Window(from_at=_hour(0), until_at=_hour(0)), skip=0)
        begin, end = bisect_right(self.sums, first), bisect_right(self.sums, last - 1)
        window = Window(from_at=_hour(self.hours[begin]), until_at=_hour(self.hours[end] + 1))
        before = self.sums[begin - 1] if begin else 0
        return Place(window=window, skip=self.sums[end] - last if descending else first - before)


class Offsets:
    """The hours of lists that are being read; only of pinned ones, which no new call changes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lists: OrderedDict[object, Hours] = OrderedDict()
        self._lock = Lock()

    def known(self, listing: Listing) -> Hours | None:
        """What was learned of this list within the last minute."""
        with self._lock:
            hours = self._lists.get(_key(listing))
            if hours is None or listing.as_of - hours.learned_at > _MAY_AGE:
                return None
            self._lists.move_to_end(_key(listing))
            return hours

    def learn(self, listing: Listing, counted: pa.Table) -> Hours:
        """Keep the result of hours_statement."""
        hours = Hours(
            hours=tuple(counted["hour"].to_pylist()),
            sums=tuple(accumulate(counted["calls"].to_pylist())),
            learned_at=listing.as_of,
        )
        if listing.pinned_at is not None:
            with self._lock:
                self._lists[_key(listing)] = hours
                while len(self._lists) > self._size:
                    self._lists.popitem(last=False)
        return hours


def _key(listing: Listing) -> object:
    actor = listing.actor
    return actor.role, actor.scope, actor.extensions, actor.seen, listing.wanted, listing.pinned_at


def _hour(number: int) -> datetime:
    return datetime.fromtimestamp(number * _HOUR_S, UTC)
