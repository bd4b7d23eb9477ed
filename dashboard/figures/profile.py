"""Numbers by hour of the day and by weekday, and the map of both."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.theme import Series, Theme, colour, finished, or_nothing

MOST_LABELS = 8  # of one axis; more would run into each other on a phone


def profile_figure(
    df: pd.DataFrame,
    stacks: Sequence[Sequence[Series]],
    *,
    names: str,
    theme: Theme = Theme.LIGHT,
    decimals: int = 1,
    line: tuple[str, str] | None = None,
) -> go.Figure:
    """One place on the x axis per row, named by the column `names`; the series stacked, the stacks side by side.

    line: a column to draw as a thin line over them, and its name.
    """
    figure = go.Figure()
    df = or_nothing(df, [*(series.column for stack in stacks for series in stack), *([line[0]] if line else [])])
    for group, stack in enumerate(stacks):
        for series in stack:
            figure.add_trace(
                go.Bar(
                    x=df[names],
                    y=df[series.column],
                    name=series.name,
                    offsetgroup=str(group),
                    marker_color=colour(series.colour, theme),
                    customdata=df[series.links] if series.links and series.links in df else None,
                    hovertemplate=f"%{{y:,.{decimals}~f}}",
                )
            )
    if line:
        column, name = line
        thin = {"color": colour("muted", theme), "width": 1.5, "dash": "dot"}
        figure.add_trace(
            go.Scatter(x=df[names], y=df[column], name=name, mode="lines", line=thin, hovertemplate="%{y:,.1~f}")
        )
    figure.update_layout(barmode="stack")
    every = ceil(len(df) / MOST_LABELS) or 1
    figure.update_xaxes(type="category", autotickangles=[0, 30, 90], tickvals=list(df[names][::every]))
    figure.update_yaxes(tickformat=",~f")
    return finished(figure, theme)


def heat_figure(
    values: pd.DataFrame, *, links: pd.DataFrame | None = None, theme: Theme = Theme.LIGHT, unit: str = ""
) -> go.Figure:
    """A map of numbers: rows and columns named by index and columns; the address behind each in `links`."""
    figure = go.Figure()
    if values.size and values.fillna(0).to_numpy().any():
        low, high = colour("card", theme), colour("answered", theme)
        figure.add_trace(
            go.Heatmap(
                z=values.to_numpy(),
                x=list(values.columns),
                y=list(values.index),
                customdata=links.to_numpy() if links is not None else None,
                colorscale=[[0, low], [1, high]],
                zmin=0,
                xgap=2,
                ygap=2,
                colorbar={"thickness": 10, "outlinewidth": 0, "len": 0.9},
                hovertemplate="%{y}, %{x}: %{z:,.1~f}" + (f" {unit}" if unit else "") + "<extra></extra>",
            )
        )
    # Hours fit without their minutes.
    shorter = [str(name).removesuffix(":00") for name in values.columns]
    figure.update_xaxes(type="category", autotickangles=[0, 30, 90], tickvals=list(values.columns), ticktext=shorter)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, ticks="")
    figure.update_layout(hovermode="closest")
    return finished(figure, theme, height=320)
