"""Numbers over days, weeks or months: stacked bars, lines, shares of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import pandas as pd

from dashboard.figures.columns import linked, plain
from dashboard.figures.dates import Band, Moments, date_axis, gap_marks, moments, weekends
from dashboard.figures.theme import (
    MOST_LABELS,
    Figure,
    Layout,
    Series,
    Theme,
    Trace,
    colour,
    finished,
    or_nothing,
    whole_ticks,
)
from data.metrics.periods import Step


class Shape(StrEnum):
    BARS = "bars"
    LINES = "lines"


def timeline_figure(
    df: pd.DataFrame,
    stacks: Sequence[Sequence[Series]],
    *,
    step: Step,
    shape: Shape = Shape.BARS,
    theme: Theme = Theme.LIGHT,
    previous: Sequence[Series] = (),
    gaps: pd.DataFrame | None = None,
) -> Figure:
    """Counts per step: the series of each stack on top of each other, the stacks side by side; or lines.

    df: one row per step, with the column of the step's first day. previous: columns with the numbers of the
    period before, drawn as thin lines. gaps: times without data, shaded.
    """
    df = or_nothing(df, [series.column for stack in (*stacks, previous) for series in stack])
    days = df[step.value]
    at = moments(days)
    data = [
        _bar(df, at, series, str(number), theme) if shape is Shape.BARS else _line(df, at, series, theme)
        for number, stack in enumerate(stacks)
        for series in stack
    ]
    data += [_thin(df, at, series, theme) for series in previous]
    marks, bands = gap_marks(gaps, days, step, theme)
    highest = max((df[[series.column for series in stack]].sum(axis=1).max() for stack in stacks), default=0)
    layout = {
        "barmode": "stack",
        "xaxis": date_axis(days, step),
        "yaxis": whole_ticks(highest),
        "shapes": [*weekends(days, step, theme), *bands],
    }
    return finished({"data": data + marks, "layout": layout}, theme)


def share_figure(
    df: pd.DataFrame,
    parts: Sequence[Series],
    total: Series,
    *,
    step: Step,
    theme: Theme = Theme.LIGHT,
    gaps: pd.DataFrame | None = None,
) -> Figure:
    """Parts of a whole per step as a stack up to 100 %, and the whole as a line on a second axis."""
    df = or_nothing(df, [total.column])
    days = df[step.value]
    at = moments(days)
    whole = df[total.column].where(df[total.column] > 0)
    data = [_part(df, at, series, whole, theme) for series in parts]
    marks, bands = gap_marks(gaps, days, step, theme)
    layout = {
        "barmode": "stack",
        "xaxis": date_axis(days, step),
        "yaxis": {"tickformat": ".0%", "range": [0, 1]},
        "yaxis2": _second_axis(df, total),
        "margin": {"r": 70, "t": 50, "b": 34},
        "shapes": bands,
    }
    return finished({"data": [*data, _total(df, at, total, theme), *marks], "layout": layout}, theme)


def level_figure(
    df: pd.DataFrame,
    lines: Sequence[Series],
    *,
    step: Step,
    theme: Theme = Theme.LIGHT,
    tickformat: str = ".0%",
    goal: float | None = None,
    title: str = "",
    gaps: pd.DataFrame | None = None,
) -> Figure:
    """Levels per step as lines that break where there is no value; goal: a dashed line to reach."""
    df = df if df[[series.column for series in lines]].notna().to_numpy().any() else df.head(0)
    days = df[step.value]
    at = moments(days)
    data = [_line(df, at, series, theme, hover=f"%{{y:{tickformat}}}") for series in lines]
    marks, bands = gap_marks(gaps, days, step, theme)
    goals = [_goal(goal, theme)] if goal is not None else []
    levels = {"range": [0, 1.02]} if tickformat.endswith("%") else {}
    layout = {
        "xaxis": date_axis(days, step),
        "yaxis": {"tickformat": tickformat, "title": {"text": title}, **levels},
        "shapes": [*weekends(days, step, theme), *bands, *goals],
    }
    return finished({"data": data + marks, "layout": layout}, theme, height=340)


def _goal(goal: float, theme: Theme) -> Band:
    return {
        "type": "line",
        "x0": 0,
        "x1": 1,
        "xref": "x domain",
        "y0": goal,
        "y1": goal,
        "yref": "y",
        "line": {"dash": "dash", "width": 1, "color": colour("muted", theme)},
    }


def _bar(df: pd.DataFrame, at: Moments, series: Series, group: str, theme: Theme) -> Trace:
    """Numbers on the bars where there is room for them."""
    labels = {"texttemplate": "%{y:,~d}", "textposition": "auto", "textangle": 0}
    return {
        "type": "bar",
        "x": at,
        "y": plain(df[series.column]),
        "name": series.name,
        "offsetgroup": group,
        "marker": {"color": colour(series.colour, theme)},
        "hovertemplate": "%{y:,~d}",
        **(labels if len(df) <= MOST_LABELS else {}),
        **linked(df, series),
    }


def _line(df: pd.DataFrame, at: Moments, series: Series, theme: Theme, hover: str = "%{y:,~d}") -> Trace:
    few = len(df) <= 62
    look = {
        "mode": "lines+markers" if few else "lines",
        "line": {"color": colour(series.colour, theme), "width": 2},
        "marker": {"size": 6},
    }
    return _curve(df, at, series, look, hover)


def _thin(df: pd.DataFrame, at: Moments, series: Series, theme: Theme) -> Trace:
    line = {"color": colour(series.colour, theme), "width": 1, "dash": "dot"}
    return _curve(df, at, series, {"mode": "lines", "line": line})


def _part(df: pd.DataFrame, at: Moments, series: Series, whole: pd.Series, theme: Theme) -> Trace:
    return {
        "type": "bar",
        "x": at,
        "y": plain(df[series.column] / whole),
        "name": series.name,
        "marker": {"color": colour(series.colour, theme)},
        "text": [f"{value:,}".replace(",", "\u00a0") for value in df[series.column]],
        "textposition": "none",
        "hovertemplate": "%{text} (%{y:.0%})",
        **linked(df, series),
    }


def _total(df: pd.DataFrame, at: Moments, total: Series, theme: Theme) -> Trace:
    look = {
        "yaxis": "y2",
        "mode": "lines+markers",
        "line": {"color": colour("text", theme), "width": 1.5},
        "marker": {"size": 5},
    }
    return _curve(df, at, total, look)


def _curve(df: pd.DataFrame, at: Moments, series: Series, look: Trace, hover: str = "%{y:,~d}") -> Trace:
    """The numbers of a series over time."""
    return {
        "type": "scatter",
        "x": at,
        "y": plain(df[series.column]),
        "name": series.name,
        "hovertemplate": hover,
        **look,
        **linked(df, series),
    }


def _second_axis(df: pd.DataFrame, total: Series) -> Layout:
    highest = df[total.column].max()
    return {
        "overlaying": "y",
        "side": "right",
        "range": [0, max(float(highest or 0) * 1.08, 1.0)] if len(df) else [0, 1],
        **whole_ticks(highest),
        "showgrid": False,
        "fixedrange": True,
        "zeroline": False,
        "automargin": True,
        "title": {"text": total.name},
    }
