"""Calls by a part of the day or week: the mean of a usual one, or the day with most."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.components.fates import FATES, fate_stacks
from dashboard.components.question import Question
from dashboard.components.report import Choice
from dashboard.components.table import Column, metric_column
from dashboard.figures.theme import Series
from dashboard.text import t
from dashboard.text.formats import day
from data.metrics.terms import Unit

MEASURES = Choice(name="measure", values=("mean", "peak"))
COUNTS = (*FATES, "external")


def profile(question: Question, dimension: str, places: range, days: pd.Series) -> pd.DataFrame:
    """One row per place (hour or weekday): sums, means per day that has it, and the day with most calls.

    days: how many days of the period have the place. Columns: the dimension; each count with its link; and
    `mean_<count>`, `peak_<count>`, the latter with `peak_<count>_link` and `peak_day`.
    """
    by_day = question.measure(*COUNTS, by=["day", dimension])
    sums = by_day.groupby(dimension)[list(COUNTS)].sum().reindex(places, fill_value=0)
    frame = question.linked(sums.reset_index(names=dimension), COUNTS, [dimension])
    for count in COUNTS:
        frame[f"mean_{count}"] = frame[count] / frame[dimension].map(days).where(lambda known: known > 0)
    top = by_day.sort_values("external", kind="stable").groupby(dimension).tail(1)
    top = top.rename(columns={"day": "peak_day", **{count: f"peak_{count}" for count in COUNTS}})
    frame = frame.merge(top, on=dimension, how="left")
    frame["peak_title"] = [day(at.date()) if pd.notna(at) else None for at in frame["peak_day"]]
    for count in COUNTS:
        frame[f"peak_{count}"] = frame[f"peak_{count}"].fillna(0).astype("int64")
        frame[f"peak_{count}_link"] = [
            question.link(count, {"day": at, dimension: place}) if pd.notna(at) else None
            for at, place in zip(frame["peak_day"], frame[dimension], strict=True)
        ]
    return frame


def profile_stacks(measure: str) -> list[list[Series]]:
    """The usual stacks over the columns of the chosen measure."""
    return [[_shown(series, measure) for series in stack] for stack in fate_stacks()]


def _shown(series: Series, measure: str) -> Series:
    links = f"peak_{series.column}_link" if measure == "peak" else f"{series.column}_link"
    return replace(series, column=f"{measure}_{series.column}", links=links)


def profile_columns(measure: str, name: str, dimension: str) -> list[Column]:
    """The place, its calls in the whole period, and the chosen measure of each fate."""
    first = [Column(key="title", title=name, sort=dimension), metric_column("external")]
    words = {count: t(f"reports.metric.{count}") for count in COUNTS}
    if measure == "peak":
        day_of_peak = Column(key="peak_title", title=t("reports.profiles.peak_day"), sort="peak_day")
        return [*first, day_of_peak, *(_peak_column(count, words[count]) for count in COUNTS)]
    return [*first, *(_mean_column(count, words[count]) for count in COUNTS)]


def _peak_column(count: str, words: str) -> Column:
    return Column(
        key=f"peak_{count}", title=words, unit=Unit.COUNT, links=f"peak_{count}_link", formula=t("reports.meaning.most")
    )


def _mean_column(count: str, words: str) -> Column:
    return Column(
        key=f"mean_{count}",
        title=t("reports.profiles.mean", name=words),
        unit=Unit.MEAN,
        links=f"{count}_link",
        formula=t("reports.meaning.mean"),
    )
