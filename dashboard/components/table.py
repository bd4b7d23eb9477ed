"""Tables of reports: plain HTML, so that keyboard, screen reader and printer reach every number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import html

from dashboard.components.icons import icon
from dashboard.components.kpi import meaning, shown
from dashboard.text import t
from dashboard.text.formats import NO_VALUE, day, number, short_day
from data.metrics.catalogue import METRICS
from data.metrics.periods import Step
from data.metrics.terms import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a frame. metric: the metric it holds, else it names the row.

    links: the column with the address behind each value. sort: the column to sort by, if another. formula: how
    the numbers of a column are made that holds no metric.
    """

    key: str
    title: str
    metric: str | None = None
    unit: Unit | None = None
    links: str | None = None
    sort: str | None = None
    formula: str = ""

    @property
    def meaning(self) -> str:
        """Name and formula, for a hint; nothing where the column only names its row."""
        if self.metric:
            return meaning(self.metric)
        return f"{self.title}: {self.formula}" if self.formula else ""

    @property
    def shown_as(self) -> Unit | None:
        return METRICS[self.metric].unit if self.metric else self.unit


def metric_column(name: str, *, links: bool = True) -> Column:
    """The column of a metric, with the addresses of `<name>_link`."""
    return Column(key=name, title=t(f"reports.metric.{name}"), metric=name, links=f"{name}_link" if links else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A frame as people read it. total: the last row; order: "calls" or "-calls"."""

    title: str
    columns: Sequence[Column]
    frame: pd.DataFrame
    total: pd.Series | None = None
    order: str = ""
    note: str = ""
    nothing: str = ""  # words instead of rows, if not the usual ones
    always: bool = False  # also below the charts

    @property
    def sorted_frame(self) -> pd.DataFrame:
        key = self.order.removeprefix("-")
        column = next((one for one in self.columns if one.key == key), None)
        if column is None:
            return self.frame
        return self.frame.sort_values(
            column.sort or column.key, ascending=not self.order.startswith("-"), kind="stable", na_position="last"
        )

    @property
    def plain_frame(self) -> pd.DataFrame:
        """For exports: the columns that are shown, under their titles."""
        frame = self.sorted_frame[[column.key for column in self.columns]].copy()
        frame.columns = pd.Index([column.title for column in self.columns])
        frame.attrs = self.frame.attrs
        return frame


def table_view(table: Table, *, most: int | None = None) -> html.Div:
    """most: so many rows, and a button that leads to all of them, where there are more."""
    parts: list[Any] = [html.H2(table.title, className="report-heading")]
    if table.note:
        parts.append(html.P(table.note, className="muted report-note"))
    parts.append(
        html.Div(
            html.Table(
                [
                    html.Caption(table.title, className="visually-hidden"),
                    html.Thead(html.Tr([_heading(column, table.order) for column in table.columns])),
                    html.Tbody(_rows(table, most)),
                    *([html.Tfoot(_row(table.total, table.columns))] if table.total is not None else []),
                ],
                className="report-table",
            ),
            className="card-box report-table-box",
            tabIndex=0,
            role="region",
            **{"aria-label": table.title},
        )
    )
    if most is not None and len(table.frame) > most:
        words = t("reports.table.more", shown=number(most), all=number(len(table.frame)))
        more = html.Button(words, type="button", className="button", **{"data-report-set": "view=table"})
        parts.append(html.P(more, className="report-note no-print"))
    return html.Div(parts, className="report-part")


Row = Mapping[Any, Any] | pd.Series  # a value for the key of each column, and for those with their addresses


def _heading(column: Column, order: str) -> html.Th:
    sorted_by = order.removeprefix("-") == column.key
    following = f"order=-{column.key}" if not sorted_by or not order.startswith("-") else f"order={column.key}"
    arrow = [icon("arrow-down-short" if order.startswith("-") else "arrow-up-short")] if sorted_by else []
    state = ("descending" if order.startswith("-") else "ascending") if sorted_by else "none"
    return html.Th(
        html.Button(
            [column.title, *arrow],
            type="button",
            title=column.meaning or t("reports.sort"),
            **{"data-report-set": following},
        ),
        scope="col",
        className="is-number" if column.shown_as else "",
        **{"aria-sort": state},
    )


def _rows(table: Table, most: int | None) -> list[html.Tr]:
    frame = table.sorted_frame.head(len(table.frame) if most is None else most)
    if frame.empty:
        return [
            html.Tr(
                html.Td(table.nothing or t("reports.empty"), colSpan=len(table.columns), className="muted report-none")
            )
        ]
    return [_row(row, table.columns) for row in frame.to_dict("records")]


def _row(row: Row, columns: Sequence[Column]) -> html.Tr:
    return html.Tr([_cell(row, column, first=place == 0) for place, column in enumerate(columns)])


def _cell(row: Row, column: Column, *, first: bool) -> html.Th | html.Td:
    value = row.get(column.key)
    if column.shown_as is None:
        text = str(value) if isinstance(value, str) else NO_VALUE
    else:
        text = shown(None if pd.isna(value) else float(value), column.shown_as)
    link = row.get(column.links) if column.links else None
    content = html.A(text, href=link) if isinstance(link, str) and text != NO_VALUE else text
    if first:
        return html.Th(content, scope="row")
    return html.Td(content, className="number is-number" if column.shown_as else "")


def step_titles(days: pd.Series, step: Step) -> pd.Series:
    """What a step is called in a table: "22 ноября 2026", "16 ноя – 22 ноя", "ноя 2026"."""
    match step:
        case Step.DAY:
            return days.map(lambda at: day(at.date()))
        case Step.WEEK:
            end = pd.Timedelta(days=6)
            return days.map(lambda at: f"{short_day(at.date())} – {short_day((at + end).date())} {(at + end).year}")
        case Step.MONTH:
            return days.map(lambda at: f"{short_day(at.date()).split(' ', 1)[1]} {at.year}")
