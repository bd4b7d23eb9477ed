"""Curves over time since a beginning: how many missed callers still wait."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dashboard.figures.columns import plain
from dashboard.figures.theme import SEQUENCE, Figure, Theme, Trace, colour, finished, see_through

_MOST_MOMENTS = 600


def survival_figure(
    curves: Mapping[str, pd.DataFrame], *, ticks: Mapping[float, str], title: str, theme: Theme = Theme.LIGHT
) -> Figure:
    """Share still waiting by seconds since the first miss, one step curve per name, with its 95 % band.

    curves: columns after_s, waiting_share, low_share, high_share. ticks: words at seconds of the x axis,
    which is logarithmic: minutes and days both matter.
    """
    data: list[Trace] = []
    for place, (name, curve) in enumerate(curves.items()):
        known = _thinned(curve[curve["after_s"] > 0])
        if not known.empty:
            data += _curve(known, name, SEQUENCE[place % len(SEQUENCE)], theme)
    xaxis = {"type": "log", "tickvals": list(ticks), "ticktext": list(ticks.values()), "title": {"text": title}}
    yaxis = {"range": [0, 1.02], "tickformat": ".0%"}
    return finished({"data": data, "layout": {"xaxis": xaxis, "yaxis": yaxis, "margin": {"b": 42}}}, theme)


def _curve(known: pd.DataFrame, name: str, shade: str, theme: Theme) -> list[Trace]:
    """The upper edge of the band, the lower one with all up to the upper filled, and the line."""
    moments = plain(known["after_s"])
    edge = {
        "type": "scatter",
        "x": moments,
        "line": {"width": 0, "shape": "hv"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    fill = {"fill": "tonexty", "fillcolor": see_through(shade, theme, 0.12)}
    line = {
        "type": "scatter",
        "x": moments,
        "y": plain(known["waiting_share"]),
        "name": name,
        "mode": "lines",
        "line": {"shape": "hv", "width": 2, "color": colour(shade, theme)},
        "hovertemplate": "%{y:.0%}",
    }
    return [edge | {"y": plain(known["high_share"])}, edge | fill | {"y": plain(known["low_share"])}, line]


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """As many moments as an eye can tell apart: of each stretch of the logarithmic axis the last. The curve only
    falls, so no step of it is passed over by more than such a stretch is wide."""
    if len(curve) <= _MOST_MOMENTS:
        return curve
    stretches = np.log(curve["after_s"])
    width = (stretches.iloc[-1] - stretches.iloc[0]) / _MOST_MOMENTS
    return curve[((stretches - stretches.iloc[0]) // width).diff(-1) != 0]
