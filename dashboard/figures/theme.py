"""How charts look: two templates, colours safe for the colour-blind, and what every chart shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypedDict

import pandas as pd

from dashboard.text import language, t
from dashboard.text.formats import share

Trace = dict[str, Any]
Layout = dict[str, Any]

_FONT = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'


class Figure(TypedDict):
    """What plotly.js draws, in its own words. The classes of the Python library say the same, but check every
    property of every figure again, which took a third of a report's answer; the tests have them check once.

    Parts may be shared with other figures: what is made is not changed.
    """

    data: list[Trace]
    layout: Layout


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


# (light, dark) of the same tokens as assets/10_tokens.css; a test compares.
_COLOURS = {
    "answered": ("#0072b2", "#2a8fca"),
    "missed": ("#e69f00", "#f0b338"),
    "lost": ("#d55e00", "#ea7a24"),
    "cancelled": ("#9aa5b1", "#a9b4c0"),
    "reached": ("#009e73", "#26b68c"),
    "text": ("#171c26", "#e5e9f0"),
    "muted": ("#566072", "#9da8b8"),
    "line": ("#e3e7ec", "#262d38"),
    "strong": ("#c6cdd7", "#3c4655"),
    "card": ("#ffffff", "#161b22"),
    "raised": ("#ffffff", "#1c222b"),
    "hover": ("#f1f3f6", "#1c222b"),
    "accent": ("#1f5fd0", "#82adff"),
    "sky": ("#56b4e9", "#7cc6f0"),
    "purple": ("#b5629a", "#cc85b4"),
}
# At most six series, then "others".
SEQUENCE = ("answered", "missed", "reached", "purple", "sky", "lost")
OTHERS = "cancelled"
MOST_SERIES = len(SEQUENCE)
MOST_LABELS = 12
_FEW = 8  # so many ticks fit an axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One column of a frame as a mark of a chart: its name for people and its colour's name.

    links: the column that holds the address behind each value, where there is one.
    """

    column: str
    name: str
    colour: str
    links: str | None = None


def colour(name: str, theme: Theme) -> str:
    light, dark = _COLOURS[name]
    return dark if theme is Theme.DARK else light


def see_through(name: str, theme: Theme, opacity: float) -> str:
    red, green, blue = (int(colour(name, theme)[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


@cache
def template(theme: Theme) -> Layout:
    """No mode bar, no vertical grid, y from 0, unified hover, legend above left."""
    axis = {
        "linecolor": colour("strong", theme),
        "tickfont": {"color": colour("muted", theme), "size": 12},
        "title": {"font": {"color": colour("muted", theme), "size": 12}},
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
    }
    return {
        "layout": {
            "font": {"family": _FONT, "size": 13, "color": colour("text", theme)},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colour(name, theme) for name in SEQUENCE],
            # Room for usual labels from the start: for more of it the library draws the whole chart a second time.
            "margin": {"l": 60, "r": 8, "t": 46, "b": 30, "pad": 4},
            "hovermode": "x unified",
            "dragmode": False,
            "bargap": 0.28,
            "hoverlabel": {
                "bgcolor": colour("raised", theme),
                "bordercolor": colour("line", theme),
                "font": {"family": _FONT, "size": 13, "color": colour("text", theme)},
            },
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.02,
                "xanchor": "left",
                "yanchor": "bottom",
                "traceorder": "normal",
            },
            "xaxis": axis | {"showgrid": False, "ticks": ""},
            "yaxis": axis | {"gridcolor": colour("line", theme), "rangemode": "tozero", "showline": False},
        }
    }


def finished(figure: Figure, theme: Theme, *, height: int = 420) -> Figure:
    """The figure in the look of the theme, numbers written by the language's rules; a note where it is empty."""
    separators = ",\u00a0" if language() == "ru" else ".,"
    layout = figure["layout"] | {"template": template(theme), "separators": separators, "height": height}
    yaxis = layout.get("yaxis", {})
    if yaxis.get("tickformat") == ".0%":
        # Per cent with the blank that the language puts before the sign; the library has none.
        ticks = [step / 5 for step in range(6)]
        layout["yaxis"] = yaxis | {"tickvals": ticks, "ticktext": [share(tick) for tick in ticks]}
    return {"data": figure["data"], "layout": layout if has_values(figure) else _with_empty_note(layout, theme)}


def whole_ticks(highest: float) -> Layout:
    """An axis of counts: ticks at whole numbers, also where there are few; else halves would be written as wholes."""
    return {"tickformat": ",~d", **({"dtick": 1} if highest <= _FEW else {"tickmode": "auto"})}


def has_values(figure: Figure) -> bool:
    return any(_filled(trace) for trace in figure["data"])


def _filled(trace: Trace) -> bool:
    for name in ("values", "z", "y", "x"):
        if name in trace:
            return len(trace[name]) > 0
    return False


def _with_empty_note(layout: Layout, theme: Theme) -> Layout:
    axes = {"xaxis": {}, "yaxis": {}} | {name: axis for name, axis in layout.items() if name[1:5] == "axis"}
    note = {
        "text": t("reports.empty"),
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"color": colour("muted", theme), "size": 14},
    }
    hidden = {name: axis | {"visible": False} for name, axis in axes.items()}
    return layout | hidden | {"showlegend": False, "shapes": [], "annotations": [note]}


def or_nothing(df: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The frame, without rows if none of these columns holds anything but zeros."""
    return df if df[list(columns)].fillna(0).to_numpy().any() else df.head(0)


def palette(names: Sequence[str], theme: Theme) -> dict[str, str]:
    """A colour for each name, in order; what comes after the sixth is grey."""
    return {name: colour(SEQUENCE[place] if place < MOST_SERIES else OTHERS, theme) for place, name in enumerate(names)}
