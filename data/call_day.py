"""The daily rollup `call_day`: what its rows are made of, for the store that builds it and the metrics that read it.

A row holds the calls of a local day that agree in the columns by which reports split and count. Rows are
good as long as the rules and the time zone that made them are those in force: `made_by` tells.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from data.metrics.periods import Period
from data.metrics.zone import local_clock
from data.queries import compose, fragments, read

# The usual parameters of waiting: rows are made with these, other values are counted call by call.
TARGET_S = 20.0
SHORT_S = 5.0

COLUMNS = frozenset(
    {"local_at", "direction", "outcome", "reason", "queue", "number_class"}
    | {"is_answered", "is_missed", "is_abandoned", "is_in_time", "is_short"}
    | {"talk_s", "hold_s", "wait_s"}
)  # what metrics and dimensions may look at to be read from the rollup

BEGINNING = date(1, 1, 1)  # from here to the first call nothing is to be counted
_DAY = timedelta(days=1)


def made_by(zone: ZoneInfo) -> str:
    """The fingerprint of what makes rows: another one means that they must be made anew."""
    rules = [read("call_day/build"), read("call_day/ground"), f"{TARGET_S:g}", f"{SHORT_S:g}", zone.key]
    return sha256("\n".join(rules).encode()).hexdigest()[:16]


def build_statement(days: Period, zone: ZoneInfo) -> tuple[str, dict[str, object]]:
    """The statement that fills these days, with its parameters."""
    from_at, until_at = days.from_at(zone), days.until_at(zone)
    clock = local_clock(zone, from_at, until_at)
    sql = compose(read("call_day/build"), {**fragments("call_day/ground"), "local_at": clock.sql("call.started_at")})
    bounds = {"from_at": from_at, "until_at": until_at, "target_s": TARGET_S, "short_s": SHORT_S}
    return sql, {**bounds, **clock.params()}


def next_missing(built: Container[date], first_on: date, today: date, most: int) -> Period | None:
    """The earliest days before today that are not built, at most so many in a row; None: there are none."""
    start = first_on
    while start < today and start in built:
        start += _DAY
    end = start
    while end < today and end not in built and (end - start).days < most:
        end += _DAY
    return Period(from_on=start, to_on=end) if start < end else None
