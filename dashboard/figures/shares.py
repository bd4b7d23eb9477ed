"""Shares of a whole: a donut with the total inside, the largest parts and the others."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.figures.columns import plain
from dashboard.figures.theme import MOST_SERIES, Figure, Theme, colour, finished, palette
from dashboard.text import t
from dashboard.text.formats import number, share


def donut_figure(
    df: pd.DataFrame,
    *,
    names: str,
    values: str,
    links: str | None = None,
    others: Callable[[pd.DataFrame], str] | None = None,
    theme: Theme = Theme.LIGHT,
) -> Figure:
    """One slice per row of the six largest, then "others"; the total stands in the middle.

    df: one row per part, names in the column `names`. links: the column of addresses behind the slices.
    others: the address behind all rows but these.
    """
    parts = largest(df, names=names, values=values, links=links, others=others)
    layout = {
        "legend": {"y": -0.04, "yanchor": "top"},
        "hovermode": "closest",
        "uniformtext": {"minsize": 11, "mode": "hide"},
        "margin": {"l": 8, "t": 16, "b": 52},
    }
    if parts.empty:
        return finished({"data": [], "layout": layout}, theme, height=400)
    whole = parts[values].sum()
    slices = {
        "type": "pie",
        "labels": plain(parts[names]),
        "values": plain(parts[values]),
        "hole": 0.62,
        "sort": False,
        "direction": "clockwise",
        "marker": {
            "colors": list(palette(parts[names].to_list(), theme).values()),
            "line": {"color": colour("card", theme), "width": 2},
        },
        "text": [share(value / whole, 1) for value in parts[values]],
        "textinfo": "text",
        "textposition": "inside",
        "insidetextorientation": "horizontal",
        "hovertemplate": "%{label}: %{value:,~d} (%{text})<extra></extra>",
        **({"customdata": plain(parts[links])} if links else {}),
    }
    total = {
        "text": f"<b>{number(int(whole))}</b>",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "xanchor": "center",
        "font": {"size": 24},
    }
    return finished({"data": [slices], "layout": layout | {"annotations": [total]}}, theme, height=400)


def largest(
    df: pd.DataFrame,
    *,
    names: str,
    values: str,
    links: str | None = None,
    others: Callable[[pd.DataFrame], str] | None = None,
) -> pd.DataFrame:
    """The six largest rows, and one more that holds the rest together; rows of nothing are left out."""
    ordered = df[df[values] > 0].sort_values(values, ascending=False, kind="stable")
    columns = [names, values, *([links] if links else [])]
    if len(ordered) <= MOST_SERIES + 1:
        return ordered[columns]
    shown, rest = ordered.iloc[:MOST_SERIES], ordered.iloc[MOST_SERIES:]
    last: dict[str, object] = {names: t("reports.others"), values: int(rest[values].sum())}
    if links:
        last[links] = others(shown) if others else None
    return pd.concat([shown[columns], pd.DataFrame([last])], ignore_index=True)
