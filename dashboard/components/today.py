"""The numbers of this day beside those of a usual one: the same weekday of the four weeks before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from dashboard.components.question import Question
from data.metrics.measure import measure
from data.metrics.periods import local_day

WEEKS = 4
COUNTS = ("external", "accepted", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """By hour: columns hour, accepted, missed, usual (mean of all calls). so_far: sums up to now;
    usual_so_far: the same of usual days, of the hour that is going on the part that is over."""

    hours: pd.DataFrame
    so_far: pd.Series
    usual_so_far: pd.Series


def today(question: Question) -> Today:
    """The day of `question.now` by hours, and how far a usual day has come at this time."""
    this_day = local_day(question.now, question.site.zone)
    clock = question.now.astimezone(question.site.zone)
    hour_now, part_of_hour = clock.hour, (clock.minute * 60 + clock.second) / 3600
    days = [this_day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    counted = measure(
        question.store,
        COUNTS,
        by=["day", "hour"],
        from_on=days[-1],
        to_on=this_day + timedelta(days=1),
        site=question.site,
        actor=question.actor,
        now=question.now,
    )
    counted["on"] = counted["day"].map(lambda at: at.date())
    hours = _by_hour(counted, [this_day])
    usual = _by_hour(counted, days) / WEEKS
    hours["usual"] = usual["external"]
    frame = hours.reset_index(names="hour")
    return Today(
        hours=frame,
        so_far=hours.loc[:hour_now, list(COUNTS)].sum(),
        usual_so_far=usual.loc[: hour_now - 1, list(COUNTS)].sum() + part_of_hour * usual.loc[hour_now, list(COUNTS)],
    )


def _by_hour(counted: pd.DataFrame, days: list[date]) -> pd.DataFrame:
    those = counted[counted["on"].isin(days)]
    return those.groupby("hour")[list(COUNTS)].sum().reindex(range(24), fill_value=0)
