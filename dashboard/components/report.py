"""What all reports share: the page, its controls, the one callback that answers, and files of its tables.

A module of `dashboard/pages/` says what its report measures and draws:

    REPORT = report(name="calls", icon="bar-chart", group=…, order=…, answer=answer)
    PAGE = REPORT.page

The state of a report is the query of the address; controls change it in the browser
(assets/report_page.js), which asks the callback again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html

from dashboard.components.icons import icon
from dashboard.components.kpi import Kpi, kpi_row
from dashboard.components.parts import Part, Parts, parts_of
from dashboard.components.plot import Plot
from dashboard.components.question import Question, View, read_question
from dashboard.components.shell import LOCATION, page_head
from dashboard.components.states import loading_state
from dashboard.components.table import Table, table_view
from dashboard.components.words import script_config
from dashboard.context import current_actor, current_store, current_theme, now, require
from dashboard.figures.theme import Figure, Theme
from dashboard.figures.timeline import Shape
from dashboard.filters import END
from dashboard.office_hours import current_site
from dashboard.page import Page, Section
from dashboard.text import t
from dashboard.text.formats import date_time, day, number
from data.identity.actor import Permission
from data.metrics.measure import usual
from data.metrics.periods import Step

CONFIG = "report-config"
ASKED = "report-asked"
STARTED = "report-started"
FILTERS = "report-filters"
BODY = "report-body"
EXPORTS = ("csv", "xlsx", "parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure, and its main numbers in words for who cannot see it."""

    title: str
    figure: Figure
    spoken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a report shows."""

    kpis: Sequence[Kpi] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice of a report's own: in the address `show_<name>=<value>`, the first is usual.

    Words: `reports.choice.<name>` and `reports.choice.<name>.<value>`.
    """

    name: str
    values: tuple[str, ...]

    def of(self, question: Question) -> str:
        asked = question.choices.get(f"show_{self.name}", "")
        return asked if asked in self.values else self.values[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: its controls and how it answers a question."""

    name: str
    answer: Callable[[Question], Answer]
    has_steps: bool = True
    has_shapes: bool = False
    has_moments: bool = False  # what became of calls later counts: as of now, or of the end of the period
    of_calls: bool = True  # False: the filters of the journal say nothing about it, but for the period
    choices: tuple[Choice, ...] = ()
    params: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    page: Page


REPORTS: dict[str, Report] = {}


def report(
    *,
    name: str,
    icon_name: str,
    group: str,
    order: int,
    answer: Callable[[Question], Answer],
    key: str | None = None,
    **controls: Any,
) -> Report:
    """The report `name`, known to the callback and to the exports from now on."""
    page = Page(
        path=f"/analytics/{name}",
        title=f"reports.title.{name}",
        layout=lambda **_: _layout(name),
        icon=icon_name,
        section=Section.ANALYTICS,
        group=group,
        permission=Permission.REPORTS,
        order=order,
        key=key,
    )
    made = Report(name=name, answer=answer, page=page, **controls)
    REPORTS[name] = made
    return made


def ask(search: str, theme: str | None = None) -> Question:
    """The question of the present request."""
    return read_question(
        search,
        store=current_store(),
        actor=current_actor(),
        site=current_site(),
        now=now(),
        theme=Theme(shown) if (shown := theme or current_theme()) in set(Theme) else Theme.LIGHT,
    )


def _layout(name: str) -> html.Div:
    title = t(f"reports.title.{name}")
    return html.Div(
        [
            page_head(title, actions=_actions()),
            html.Div(id=FILTERS, className="j-filter-bar no-print", role="search"),
            Parts([loading_state()], id=BODY, className="report-body"),
            dcc.Store(
                id=CONFIG, data={"report": name, "calls": REPORTS[name].of_calls, "journal": script_config("journal")}
            ),
            dcc.Store(id=ASKED, data={"report": name}),
            dcc.Store(id=STARTED),
        ],
        className="report-page",
    )


def _actions() -> list[Any]:
    """Link, print, files; what they do is in assets/report_page.js."""
    files = []
    if current_actor().may(Permission.EXPORT):
        files = [
            html.Details(
                [
                    html.Summary([icon("download"), t("reports.export")], className="button"),
                    html.Div(
                        [
                            html.Button(
                                form.upper(), type="button", className="report-menu-item", **{"data-report-file": form}
                            )
                            for form in ("png", *EXPORTS)
                        ],
                        className="report-menu card-box",
                    ),
                ],
                className="report-export",
            )
        ]
    return [
        _action("copy", "link-45deg", t("reports.copy_link")),
        _action("print", "printer", t("reports.print")),
        *files,
    ]


def _action(name: str, icon_name: str, words: str) -> html.Button:
    return html.Button(
        icon(icon_name),
        type="button",
        className="button is-icon",
        title=words,
        **{"data-report-do": name, "aria-label": words},
    )


clientside_callback(ClientsideFunction("report", "start"), Output(STARTED, "data"), Input(CONFIG, "data"))


# Below charts a table is an addition to them: who wants all of it has the table.
_ROWS_BESIDE = 25


@callback(Output(BODY, "parts"), Input(ASKED, "data"), State(LOCATION, "search"))  # type: ignore[untyped-decorator]
def answer_question(asked: dict[str, str] | None, address: str | None) -> list[Part]:
    """The body of a report for {report, search, theme}; with the page itself only its name is known: the rest is told
    by the address, so that nothing waits for the scripts of the page."""
    require(Permission.REPORTS)
    if not asked:
        return parts_of([loading_state()])
    question = ask(asked.get("search", address or ""), asked.get("theme"))
    return parts_of(body(REPORTS[asked["report"]], question))


def body(made: Report, question: Question) -> list[Any]:
    """Controls, cards, then the charts or the tables of the answer."""
    answer = made.answer(question)
    parts: list[Any] = [_controls(made, question), html.P(_period_words(question), className="report-period number")]
    if answer.kpis:
        parts.append(kpi_row(answer.kpis))
    parts += [html.P([icon("info-circle"), note], className="notice report-note") for note in _notes(answer, question)]
    if question.view is View.TABLE or not answer.charts:
        parts += [table_view(table) for table in answer.tables]
    else:
        parts += [_chart(chart) for chart in answer.charts]
        parts += [table_view(table, most=_ROWS_BESIDE) for table in answer.tables if table.always]
    return parts


def _notes(answer: Answer, question: Question) -> list[str]:
    notes = list(answer.notes)
    if len(question.gaps):
        minutes = (question.gaps["ended_at"] - question.gaps["started_at"]).dt.total_seconds().sum() / 60
        notes.append(t("reports.gaps_note", count=number(len(question.gaps)), minutes=number(max(1, round(minutes)))))
    return notes


def _chart(chart: Chart) -> html.Div:
    return html.Div(
        [
            html.H2(chart.title, className="report-heading"),
            html.Div(
                Plot(chart.figure),
                className="card-box report-chart-box",
                role="img",
                **{"aria-label": chart.spoken or chart.title},
            ),
        ],
        className="report-part",
    )


def _period_words(question: Question) -> str:
    """ "24 октября 2026 – 22 ноября 2026, против 24 сентября 2026 – 23 октября 2026"."""
    period, previous = question.period, question.previous
    words = t(
        "reports.period",
        first=day(period.from_on),
        last=day(period.last_on),
        before_first=day(previous.from_on),
        before_last=day(previous.last_on),
    )
    if question.as_of:
        words += " · " + t("reports.as_of", moment=date_time(question.as_of, question.site.zone))
    return words


def _controls(made: Report, question: Question) -> html.Div:
    rows: list[Any] = [_segments("view", View, question.view)]
    if made.has_shapes and question.view is View.CHART:
        rows.append(_segments("shape", Shape, question.shape))
    if made.has_steps:
        rows.append(_segments("step", Step, question.step))
    if made.has_moments:
        moment = END if question.as_of == question.period.until_at(question.site.zone) else ""
        rows.append(_labelled(t("reports.asof"), _segments("asof", ("", END), moment)))
    for choice in made.choices:
        chosen = choice.of(question)
        if len(choice.values) > 4:
            rows.append(_select(f"show_{choice.name}", f"reports.choice.{choice.name}", choice.values, chosen))
        else:
            words = f"reports.choice.{choice.name}"
            group = _segments(f"show_{choice.name}", choice.values, chosen, words)
            rows.append(_labelled(t(words), group))
    for name, values in made.params.items():
        chosen_value = question.params.get(name, values[0])
        offered = dict.fromkeys([*values, usual(question.site)[name], chosen_value])
        titles = {f"{value:g}": t("reports.seconds", value=number(value)) for value in sorted(offered)}
        asked = f"{chosen_value:g}"
        rows.append(_select(name, f"reports.param.{name}", list(titles), asked, titles))
    return html.Div(rows, className="report-controls no-print")


def _labelled(words: str, group: html.Div) -> html.Div:
    return html.Div([html.Span(words, className="muted"), group], className="report-choice")


def _segments(name: str, values: Any, chosen: str, words: str | None = None) -> html.Div:
    prefix = words or f"reports.{name}"
    return html.Div(
        [
            html.Button(
                t(f"{prefix}.{value or 'none'}"),
                type="button",
                **{"data-report-set": f"{name}={value}", "aria-pressed": str(value == chosen).lower()},
            )
            for value in values
        ],
        className="segmented",
        role="group",
        **{"aria-label": t(prefix)},
    )


def _select(
    name: str, prefix: str, values: Sequence[str], chosen: str, words: Mapping[str, str] | None = None
) -> html.Label:
    return html.Label(
        [
            html.Span(t(prefix), className="muted"),
            html.Select(
                [
                    html.Option(
                        words[value] if words else t(f"{prefix}.{value}"),
                        value=value,
                        selected="selected" if value == chosen else None,
                    )
                    for value in values
                ],
                className="field report-select",
                **{"data-report-choice": name},
            ),
        ],
        className="report-choice",
    )
