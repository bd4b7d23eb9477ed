"""Who has most: horizontal bars, one row per employee, client or channel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.figures.columns import linked, plain
from dashboard.figures.theme import MOST_LABELS, Figure, Series, Theme, colour, finished, whole_ticks

_ROW = 30
_AROUND = 90
_LETTER = 7  # pixels, roughly; what is wider still finds its room


def ranking_figure(
    df: pd.DataFrame, series: Sequence[Series], *, names: str, theme: Theme = Theme.LIGHT, most: int = 25
) -> Figure:
    """The first `most` rows from the top, the series of each stacked."""
    shown = df.head(most)
    titles = plain(shown[names])
    data = [
        {
            "type": "bar",
            "y": titles,
            "x": plain(shown[one.column]),
            "name": one.name,
            "orientation": "h",
            "marker": {"color": colour(one.colour, theme)},
            "hovertemplate": "%{x:,~d}",
            **({"texttemplate": "%{x:,~d}"} if len(shown) <= MOST_LABELS else {}),
            **linked(shown, one),
        }
        for one in series
    ]
    longest = shown[[one.column for one in series]].sum(axis=1).max()
    layout = {
        "barmode": "stack",
        "hovermode": "y unified",
        "xaxis": {
            **whole_ticks(longest),
            "showgrid": True,
            "gridcolor": colour("line", theme),
            "rangemode": "tozero",
        },
        "yaxis": {"type": "category", "autorange": "reversed", "gridcolor": "rgba(0,0,0,0)"},
        "margin": {"l": _LETTER * max((len(title or "") for title in titles), default=0) + _ROW // 2, "t": 54},
    }
    return finished({"data": data, "layout": layout}, theme, height=max(240, _AROUND + _ROW * len(shown)))
