"""A chart on a page: a figure in a place of its own, drawn by assets/report_plot.js."""

from __future__ import annotations

from typing import ClassVar

from dash.development.base_component import Component

from dashboard.figures.theme import Figure


class Plot(Component):  # type: ignore[misc]
    """A figure, to stand within `Parts`. A click on a mark that has an address in `customdata` goes there."""

    _namespace = "callboard"
    _type = "Plot"
    _prop_names: ClassVar[list[str]] = ["figure"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure=figure)
