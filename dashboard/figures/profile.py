"""Numbers by hour of the day and by weekday, and the map of both."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pandas as pd

from dashboard.figures.columns import linked, plain, plain_rows
from dashboard.figures.theme import Figure, Series, Theme, Trace, colour, finished, or_nothing

MOST_LABELS = 8  # of one axis; more would run into each other on a phone


def profile_figure(
    df: pd.DataFrame,
    stacks: Sequence[Sequence[Series]],
    *,
    names: str,
    theme: Theme = Theme.LIGHT,
    decimals: int = 1,
    line: tuple[str, str] | None = None,
) -> Figure:
    """One place on the x axis per row, named by the column `names`; the series stacked, the stacks side by side.

    line: a column to draw as a thin line over them, and its name.
    """
    df = or_nothing(df, [*(series.column for stack in stacks for series in stack), *([line[0]] if line else [])])
    titles = plain(df[names])
    data: list[Trace] = [
        {
            "type": "bar",
            "x": titles,
            "y": plain(df[series.column]),
            "name": series.name,
            "offsetgroup": str(group),
            "marker": {"color": colour(series.colour, theme)},
            "hovertemplate": f"%{{y:,.{decimals}~f}}",
            **linked(df, series),
        }
        for group, stack in enumerate(stacks)
        for series in stack
    ]
    if line:
        column, name = line
        data.append(
            {
                "type": "scatter",
                "x": titles,
                "y": plain(df[column]),
                "name": name,
                "mode": "lines",
                "line": {"color": colour("muted", theme), "width": 1.5, "dash": "dot"},
                "hovertemplate": "%{y:,.1~f}",
            }
        )
    every = ceil(len(df) / MOST_LABELS) or 1
    layout = {
        "barmode": "stack",
        "xaxis": {"type": "category", "autotickangles": [0, 30, 90], "tickvals": titles[::every]},
        "yaxis": {"tickformat": ",~f"},
    }
    return finished({"data": data, "layout": layout}, theme)


def heat_figure(
    values: pd.DataFrame, *, links: pd.DataFrame | None = None, theme: Theme = Theme.LIGHT, unit: str = ""
) -> Figure:
    """A map of numbers: rows and columns named by index and columns; the address behind each in `links`."""
    filled = values.size and values.fillna(0).to_numpy().any()
    # Hours fit without their minutes.
    shorter = [str(name).removesuffix(":00") for name in values.columns]
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "type": "category",
            "autotickangles": [0, 30, 90],
            "tickvals": list(values.columns),
            "ticktext": shorter,
        },
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False, "ticks": ""},
        "margin": {"l": 34, "r": 96, "t": 16, "b": 34},
    }
    data = [_map(values, links, theme, unit)] if filled else []
    return finished({"data": data, "layout": layout}, theme, height=320)


def _map(values: pd.DataFrame, links: pd.DataFrame | None, theme: Theme, unit: str) -> Trace:
    return {
        "type": "heatmap",
        "z": plain_rows(values),
        "x": list(values.columns),
        "y": list(values.index),
        "colorscale": [[0, colour("card", theme)], [1, colour("answered", theme)]],
        "zmin": 0,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "len": 0.9, "tickformat": ",~f"},
        "hovertemplate": "%{y}, %{x}: %{z:,.1~f}" + (f" {unit}" if unit else "") + "<extra></extra>",
        **({"customdata": plain_rows(links)} if links is not None else {}),
    }
