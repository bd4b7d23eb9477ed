"""Numbers over days, weeks or months: stacked bars, lines, shares of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.theme import MOST_LABELS, Series, Theme, colour, finished, or_nothing, see_through, whole_ticks
from dashboard.text import t
from dashboard.text.formats import short_day
from data.metrics.periods import Step

_MOST_TICKS = 10
_HALF = timedelta(hours=12)

Band = dict[str, object]  # a shape of a layout


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
) -> go.Figure:
    """Counts per step: the series of each stack on top of each other, the stacks side by side; or lines.

    df: one row per step, with the column of the step's first day. previous: columns with the numbers of the
    period before, drawn as thin lines. gaps: times without data, shaded.
    """
    figure = go.Figure()
    df = or_nothing(df, [series.column for stack in (*stacks, previous) for series in stack])
    days = df[step.value]
    for number, stack in enumerate(stacks):
        for series in stack:
            mark = _bar(df, days, series, str(number), theme) if shape is Shape.BARS else _line(df, days, series, theme)
            figure.add_trace(mark)
    if shape is Shape.BARS:
        _label_few(figure, len(df))
    for series in previous:
        figure.add_trace(_thin(df, days, series, theme))
    _shade(figure, [*_weekends(days, step, theme), *_gaps(figure, gaps, days, step, theme)])
    highest = max((df[[series.column for series in stack]].sum(axis=1).max() for stack in stacks), default=0)
    figure.update_layout(barmode="stack", yaxis=whole_ticks(highest))
    return finished(_dated(figure, days, step), theme)


def share_figure(
    df: pd.DataFrame,
    parts: Sequence[Series],
    total: Series,
    *,
    step: Step,
    theme: Theme = Theme.LIGHT,
    gaps: pd.DataFrame | None = None,
) -> go.Figure:
    """Parts of a whole per step as a stack up to 100 %, and the whole as a line on a second axis."""
    figure = go.Figure()
    df = or_nothing(df, [total.column])
    days = df[step.value]
    whole = df[total.column].where(df[total.column] > 0)
    for series in parts:
        figure.add_trace(
            go.Bar(
                x=days,
                y=df[series.column] / whole,
                name=series.name,
                marker_color=colour(series.colour, theme),
                customdata=_links(df, series),
                text=[f"{value:,}".replace(",", "\u00a0") for value in df[series.column]],
                textposition="none",
                hovertemplate="%{text} (%{y:.0%})",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=days,
            y=df[total.column],
            name=total.name,
            yaxis="y2",
            mode="lines+markers",
            line={"color": colour("text", theme), "width": 1.5},
            marker={"size": 5},
            customdata=_links(df, total),
            hovertemplate="%{y:,~d}",
        )
    )
    _shade(figure, _gaps(figure, gaps, days, step, theme))
    figure.update_layout(
        barmode="stack",
        yaxis={"tickformat": ".0%", "range": [0, 1]},
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "range": [0, max(float(df[total.column].max() or 0) * 1.08, 1.0)] if len(df) else [0, 1],
            **whole_ticks(df[total.column].max()),
            "showgrid": False,
            "fixedrange": True,
            "zeroline": False,
            "automargin": True,
            "title": {"text": total.name},
        },
    )
    return finished(_dated(figure, days, step), theme)


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
) -> go.Figure:
    """Levels per step as lines that break where there is no value; goal: a dashed line to reach."""
    figure = go.Figure()
    df = df if df[[series.column for series in lines]].notna().to_numpy().any() else df.head(0)
    days = df[step.value]
    for series in lines:
        figure.add_trace(_line(df, days, series, theme, hover=f"%{{y:{tickformat}}}"))
    _shade(figure, [*_weekends(days, step, theme), *_gaps(figure, gaps, days, step, theme)])
    if goal is not None and len(df):
        figure.add_hline(y=goal, line={"dash": "dash", "width": 1, "color": colour("muted", theme)})
    figure.update_yaxes(tickformat=tickformat, title=title, range=[0, 1.02] if tickformat.endswith("%") else None)
    return finished(_dated(figure, days, step), theme, height=340)


def _bar(df: pd.DataFrame, days: pd.Series, series: Series, group: str, theme: Theme) -> go.Bar:
    return go.Bar(
        x=days,
        y=df[series.column],
        name=series.name,
        offsetgroup=group,
        marker_color=colour(series.colour, theme),
        customdata=_links(df, series),
        hovertemplate="%{y:,~d}",
    )


def _line(df: pd.DataFrame, days: pd.Series, series: Series, theme: Theme, hover: str = "%{y:,~d}") -> go.Scatter:
    few = len(df) <= 62
    return go.Scatter(
        x=days,
        y=df[series.column],
        name=series.name,
        mode="lines+markers" if few else "lines",
        line={"color": colour(series.colour, theme), "width": 2},
        marker={"size": 6},
        customdata=_links(df, series),
        hovertemplate=hover,
    )


def _thin(df: pd.DataFrame, days: pd.Series, series: Series, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=days,
        y=df[series.column],
        name=series.name,
        mode="lines",
        line={"color": colour(series.colour, theme), "width": 1, "dash": "dot"},
        customdata=_links(df, series),
        hovertemplate="%{y:,~d}",
    )


def _label_few(figure: go.Figure, marks: int) -> None:
    """Numbers on the bars where there is room for them."""
    if marks <= MOST_LABELS:
        figure.update_traces(selector={"type": "bar"}, texttemplate="%{y:,~d}", textposition="auto", textangle=0)


def _links(df: pd.DataFrame, series: Series) -> list[str] | None:
    return df[series.links].to_list() if series.links and series.links in df else None


def _dated(figure: go.Figure, days: pd.Series, step: Step) -> go.Figure:
    """Ticks on first days of steps, at most ten of them: "6 сен", of months "сен 2026"."""
    shown = list(days[:: max(1, -(-len(days) // _MOST_TICKS))])
    words = [_tick(day.date(), step) for day in shown]
    hovers = {Step.DAY: "%a, %d.%m.%Y", Step.WEEK: "%d.%m.%Y", Step.MONTH: "%B %Y"}
    figure.update_xaxes(type="date", tickvals=shown, ticktext=words, hoverformat=hovers[step])
    if len(days):
        before = {Step.DAY: _HALF, Step.WEEK: timedelta(days=3.5), Step.MONTH: timedelta(days=15)}[step]
        figure.update_xaxes(range=[days.iloc[0] - before, days.iloc[-1] + before])
    return figure


def _tick(day: date, step: Step) -> str:
    if step is Step.MONTH:
        return f"{short_day(day).split(' ', 1)[1]} {day.year}"
    return short_day(day)


def _weekends(days: pd.Series, step: Step, theme: Theme) -> list[Band]:
    if step is not Step.DAY or len(days) > 200:
        return []
    shade = see_through("muted", theme, 0.07)
    bands = [_band(day - _HALF, day + _HALF + timedelta(days=1), shade) for day in days if day.isoweekday() == 6]
    if len(days) and days.iloc[0].isoweekday() == 7:
        bands.append(_band(days.iloc[0] - _HALF, days.iloc[0] + _HALF, shade))
    return bands


def _gaps(figure: go.Figure, gaps: pd.DataFrame | None, days: pd.Series, step: Step, theme: Theme) -> list[Band]:
    """Steps in which nobody listened for a while, in a light warning colour, and named in the legend."""
    if gaps is None or gaps.empty or days.empty:
        return []
    before = _HALF if step is Step.DAY else timedelta(0)
    figure.add_trace(
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=t("reports.gap"),
            marker={"symbol": "square", "size": 10, "color": see_through("lost", theme, 0.3)},
            hoverinfo="skip",
        )
    )
    shade = see_through("lost", theme, 0.12)
    return [_band(start - before, end - before, shade) for start, end in _touched(gaps, days)]


def _band(start: datetime, end: datetime, fill: str) -> Band:
    """A stretch of time, shaded over the whole height, below the marks."""
    return {
        "type": "rect",
        "x0": start,
        "x1": end,
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "fillcolor": fill,
        "line": {"width": 0},
        "layer": "below",
    }


def _shade(figure: go.Figure, bands: Sequence[Band]) -> None:
    # All at once: the library checks every shape there is anew for each one that is added.
    figure.update_layout(shapes=bands)


def _touched(gaps: pd.DataFrame, days: pd.Series) -> list[tuple[datetime, datetime]]:
    """The steps that a gap touches, as (start, end); joined where they follow each other."""
    starts = [*days, days.iloc[-1] + (days.iloc[-1] - days.iloc[-2] if len(days) > 1 else timedelta(days=1))]
    spans: list[tuple[datetime, datetime]] = []
    for start, end in pairwise(starts):
        if ((gaps["started_at"] < end) & (gaps["ended_at"] > start)).any():
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans
