"""Who has most: horizontal bars, one row per employee, client or channel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.theme import MOST_LABELS, Series, Theme, colour, finished, whole_ticks

_ROW = 30
_AROUND = 90


def ranking_figure(
    df: pd.DataFrame, series: Sequence[Series], *, names: str, theme: Theme = Theme.LIGHT, most: int = 25
) -> go.Figure:
    """The first `most` rows from the top, the series of each stacked."""
    shown = df.head(most)
    figure = go.Figure()
    for one in series:
        figure.add_trace(
            go.Bar(
                y=shown[names],
                x=shown[one.column],
                name=one.name,
                orientation="h",
                marker_color=colour(one.colour, theme),
                customdata=shown[one.links] if one.links and one.links in shown else None,
                texttemplate="%{x:,~d}" if len(shown) <= MOST_LABELS else None,
                hovertemplate="%{x:,~d}",
            )
        )
    figure.update_layout(barmode="stack", hovermode="y unified")
    figure.update_yaxes(type="category", autorange="reversed", gridcolor="rgba(0,0,0,0)")
    longest = shown[[one.column for one in series]].sum(axis=1).max()
    figure.update_xaxes(**whole_ticks(longest), showgrid=True, gridcolor=colour("line", theme), rangemode="tozero")
    return finished(figure, theme, height=max(240, _AROUND + _ROW * len(shown)))
