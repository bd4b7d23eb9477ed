"""The axis of days, weeks or months: its ticks, and what is shaded behind the marks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.theme import Layout, Theme, Trace, see_through
from dashboard.text import t
from dashboard.text.formats import short_day
from data.metrics.periods import Step

_MOST_TICKS = 10
_HALF = timedelta(hours=12)

Band = dict[str, Any]  # a shape of a layout
Moments = list[str]  # as plotly.js reads them


def moments(days: pd.Series) -> Moments:
    return [day.isoformat() for day in days]


def date_axis(days: pd.Series, step: Step) -> Layout:
    """An axis with ticks on first days of steps, at most ten of them: "6 сен", of months "сен 2026"."""
    shown = days[:: max(1, -(-len(days) // _MOST_TICKS))]
    hovers = {Step.DAY: "%a, %d.%m.%Y", Step.WEEK: "%d.%m.%Y", Step.MONTH: "%B %Y"}
    axis = {
        "type": "date",
        "tickvals": moments(shown),
        "ticktext": [_tick(day.date(), step) for day in shown],
        "hoverformat": hovers[step],
    }
    if days.empty:
        return axis
    before = {Step.DAY: _HALF, Step.WEEK: timedelta(days=3.5), Step.MONTH: timedelta(days=15)}[step]
    return axis | {"range": [(days.iloc[0] - before).isoformat(), (days.iloc[-1] + before).isoformat()]}


def _tick(day: date, step: Step) -> str:
    if step is Step.MONTH:
        return f"{short_day(day).split(' ', 1)[1]} {day.year}"
    return short_day(day)


def weekends(days: pd.Series, step: Step, theme: Theme) -> list[Band]:
    if step is not Step.DAY or len(days) > 200:
        return []
    shade = see_through("muted", theme, 0.07)
    bands = [_band(day - _HALF, day + _HALF + timedelta(days=1), shade) for day in days if day.isoweekday() == 6]
    if len(days) and days.iloc[0].isoweekday() == 7:
        bands.append(_band(days.iloc[0] - _HALF, days.iloc[0] + _HALF, shade))
    return bands


def gap_marks(gaps: pd.DataFrame | None, days: pd.Series, step: Step, theme: Theme) -> tuple[list[Trace], list[Band]]:
    """Steps in which nobody listened for a while: what names them in the legend, and a light warning colour."""
    if gaps is None or gaps.empty or days.empty:
        return [], []
    before = _HALF if step is Step.DAY else timedelta(0)
    mark = {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "markers",
        "name": t("reports.gap"),
        "marker": {"symbol": "square", "size": 10, "color": see_through("lost", theme, 0.3)},
        "hoverinfo": "skip",
    }
    shade = see_through("lost", theme, 0.12)
    return [mark], [_band(start - before, end - before, shade) for start, end in _touched(gaps, days)]


def _band(start: datetime, end: datetime, fill: str) -> Band:
    """A stretch of time, shaded over the whole height, below the marks."""
    return {
        "type": "rect",
        "x0": start.isoformat(),
        "x1": end.isoformat(),
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "fillcolor": fill,
        "line": {"width": 0},
        "layer": "below",
    }


def _touched(gaps: pd.DataFrame, days: pd.Series) -> list[tuple[datetime, datetime]]:
    """The steps that a gap touches, as (start, end); joined where they follow each other."""
    starts = [*days, days.iloc[-1] + (days.iloc[-1] - days.iloc[-2] if len(days) > 1 else timedelta(days=1))]
    edges = pd.DatetimeIndex(starts).to_numpy()
    began, ended = (gaps[name].to_numpy()[:, None] for name in ("started_at", "ended_at"))
    touched = np.logical_and(began < edges[1:], ended > edges[:-1]).any(axis=0)
    spans: list[tuple[datetime, datetime]] = []
    for place in np.flatnonzero(touched):
        start, end = starts[place], starts[place + 1]
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
