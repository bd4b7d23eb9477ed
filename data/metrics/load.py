"""How busy the office is: most calls at once, and erlangs, per stretch of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

from data.errors import NotAllowed
from data.identity.actor import Actor, Permission
from data.metrics.compiler import Restriction, only_used, piece
from data.metrics.measure import own_calls
from data.metrics.periods import Period, Step, day_start
from data.metrics.reads import Reads
from data.queries import compose
from data.settings import Site

HOUR = timedelta(hours=1)


class Occupied(StrEnum):
    """What is counted while it lasts."""

    CALLS = "calls"  # from the first channel to the last hang-up
    TALKS = "talks"  # only calls in which somebody talked


_ENDED = Restriction(sql="call.ended_at <= $as_of")
_TALKED = Restriction(sql="call.outcome in ('answered', 'reached')")


def load(
    store: Reads,
    period: Period,
    *,
    site: Site,
    actor: Actor,
    step: Step | timedelta = Step.DAY,
    occupied: Occupied = Occupied.CALLS,
    where: Restriction | None = None,
    as_of: datetime | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """One row per step: begins_at (local, without zone), peak, erlangs; all steps, also the empty ones.

    step: local days, weeks or months, or stretches of so much time.
    """
    if not actor.may(Permission.SEE_CALLS):
        raise NotAllowed(f"User {actor.user} may not see calls, so no numbers of them. Ask an administrator.")
    from_at, until_at = period.from_at(site.zone), period.until_at(site.zone)
    starts = _starts(period, step, site)
    conditions = [one for one in (where, as_of and _ENDED, occupied is Occupied.TALKS and _TALKED) if one]
    if not actor.sees_all:
        conditions.append(own_calls(actor, from_at))
    sql = compose(piece("load"), {"conditions": " and ".join(f"({one.sql})" for one in conditions) or "true"})
    values: dict[str, object] = {
        "from_at": from_at,
        "until_at": until_at,
        "starts": starts,
        "as_of": as_of or now or datetime.now(UTC),
        **{name: value for one in conditions for name, value in one.params.items()},
    }
    frame = store.query(sql, only_used(sql, values), actor=actor).to_pandas()
    local = pd.to_datetime(frame["begins_at"], utc=True).dt.tz_convert(site.timezone).dt.tz_localize(None)
    return pd.DataFrame(
        {
            "begins_at": local,
            "peak": frame["peak"].fillna(0).astype("int64"),
            "erlangs": frame["busy_s"].fillna(0.0) / frame["length_s"],
        }
    )


def load_by_hour(
    store: Reads, period: Period, step: Step, *, site: Site, actor: Actor, **asked: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`load` by hours and by steps, for the price of one sweep where the steps are made of whole hours."""
    hours = load(store, period, site=site, actor=actor, step=HOUR, **asked)
    starts = _starts(period, step, site)
    if any((start - starts[0]) % HOUR for start in starts):  # a clock that changes by half an hour
        return hours, load(store, period, site=site, actor=actor, step=step, **asked)
    of_step = [bisect_right(starts, start, hi=len(starts) - 1) - 1 for start in _starts(period, HOUR, site)[:-1]]
    steps = hours.groupby(of_step).agg(
        begins_at=("begins_at", "first"), peak=("peak", "max"), erlangs=("erlangs", "mean")
    )
    return hours, steps.reset_index(drop=True)


def _starts(period: Period, step: Step | timedelta, site: Site) -> Sequence[datetime]:
    """Where the stretches begin, and where the last one ends."""
    from_at, until_at = period.from_at(site.zone), period.until_at(site.zone)
    if isinstance(step, Step):
        days = [max(day, period.from_on) for day in period.starts(step)]
        return [*(day_start(day, site.zone) for day in days), until_at]
    count = -(-(until_at - from_at) // step)
    return [*(from_at + number * step for number in range(count)), until_at]
