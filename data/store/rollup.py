"""Keeps the daily rollup: takes out the days that a write touches, builds them anew when there is time.

Readers take a day from `call_day` only while `call_day_built` names it, else from its calls, so a number
is right at any moment; what a day costs to build matters to nobody but the idle store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from data.call_day import BEGINNING, build_statement, made_by, next_missing
from data.metrics.periods import Period, local_day
from data.queries import read
from data.store.protocol import Params

Cursor = duckdb.DuckDBPyConnection

# A named statement that changes calls or what is known of numbers; none that only adds a number, for
# no call has it yet.
_CHANGES_CALLS = re.compile(r"\b(update|delete\s+from)\s+(call|number)\b", re.IGNORECASE)


class Rollup:
    """The rollup of one database. `zone`: of the site, whose days these are."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._made_by = made_by(zone)
        self._complete_on: date | None = None  # on that day nothing was left to build

    def forget(self, cursor: Cursor, starts: Iterable[pa.ChunkedArray]) -> None:
        """Calls that began at these moments come, change or go: their days are no longer built."""
        self._forget_days(cursor, sorted(_days(starts, self._zone)))

    def _forget_days(self, cursor: Cursor, days: Sequence[date]) -> None:
        if not days:
            return
        touched = {"days": days, "first_day": days[0]}
        if cursor.execute(read("call_day/touched"), touched).fetchone() is not None:
            cursor.execute(read("call_day/forget"), touched)
            self._complete_on = None

    def forget_all(self, cursor: Cursor) -> None:
        cursor.execute("delete from call_day_built")
        self._complete_on = None

    def forget_changed_by(self, cursor: Cursor, sql: str, params: Params) -> None:
        """A named statement is about to run: it may change calls, within its bounds if it names them."""
        if not _CHANGES_CALLS.search(sql):
            return
        bounds = [params.get(name) for name in ("from_at", "until_at")]
        if all(isinstance(at, datetime) for at in bounds):
            first, last = (local_day(at, self._zone) for at in bounds if isinstance(at, datetime))
            self._forget_days(cursor, Period(from_on=first, to_on=last + timedelta(days=1)).every_day())
        else:
            self.forget_all(cursor)

    def is_complete(self, now: datetime) -> bool:
        """Nothing is left to build today, as far as known without asking."""
        return self._complete_on == local_day(now, self._zone)

    def put_off(self, now: datetime) -> None:
        """Building failed: leave it until the next day, or until a write touches what is built."""
        self._complete_on = local_day(now, self._zone)

    def build(self, cursor: Cursor, now: datetime, most_days: int) -> int:
        """Build the earliest missing days; how many. The caller begins and commits."""
        cursor.execute(read("call_day/outdated"), {"made_by": self._made_by})
        built = dict(cursor.execute(read("call_day/built"), {"made_by": self._made_by}).fetchall())
        first_on = built.get(BEGINNING) or self._mark_beginning(cursor)
        today = local_day(now, self._zone)
        days = next_missing(built, first_on, today, most_days) if first_on else None
        if days is None:
            self._complete_on = today
            return 0
        self._fill(cursor, days)
        return days.days

    def _mark_beginning(self, cursor: Cursor) -> date | None:
        """Note that there is nothing before the first call; its day, where there is one."""
        (first_at,) = cursor.execute(read("call_day/first_call")).fetchone() or (None,)
        if first_at is None:
            return None
        first_on = local_day(first_at, self._zone)
        self._mark(cursor, [BEGINNING], [first_on])
        return first_on

    def _fill(self, cursor: Cursor, days: Period) -> None:
        cursor.execute(read("call_day/clear"), {"from_on": days.from_on, "to_on": days.to_on})
        sql, params = build_statement(days, self._zone)
        cursor.execute(sql, params)
        every = days.every_day()
        self._mark(cursor, every, [*every[1:], days.to_on])

    def _mark(self, cursor: Cursor, from_on: list[date], to_on: list[date]) -> None:
        cursor.execute(read("call_day/mark"), {"from_on": from_on, "to_on": to_on, "made_by": self._made_by})


def _days(starts: Iterable[pa.ChunkedArray], zone: ZoneInfo) -> set[date]:
    # Clocks of the world differ by whole quarters of an hour: few values are left of millions.
    quarters = (pc.unique(pc.floor_temporal(column, 15, unit="minute")) for column in starts if len(column))
    return {local_day(at, zone) for column in quarters for at in column.to_pylist() if at is not None}
