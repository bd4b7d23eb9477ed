"""Start page "Обзор": today beside a usual day, who waits for a call back, who talks, what is to be done."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Input, Output, callback, clientside_callback, dcc, html

from dashboard.api.live import running_calls
from dashboard.components.fates import mark
from dashboard.components.icons import icon
from dashboard.components.kpi import Kpi, kpi_row
from dashboard.components.my_tasks import my_tasks
from dashboard.components.parts import Part, Parts, parts_of
from dashboard.components.plot import Plot
from dashboard.components.question import Question
from dashboard.components.report import ask
from dashboard.components.shell import hears, notice_id, page_head
from dashboard.components.states import loading_state
from dashboard.components.today import Today, today
from dashboard.context import current_actor, current_settings, now, require
from dashboard.figures.profile import profile_figure
from dashboard.journal import current_journal
from dashboard.page import Page, Section
from dashboard.text import label, t
from dashboard.text.formats import duration, moment, number, phone
from data.identity.actor import Permission
from data.journal import CallFilter, CallRow
from data.metrics.periods import Preset
from data.model import Direction
from data.store.protocol import Topic

CONFIG = "overview-config"
ASKED = "overview-asked"
NUMBERS = "overview-numbers"
RUNNING = "overview-running"
TASKS = "overview-tasks"
TICK = "overview-tick"

TODAY = "?period=today"
FRESH_MS = 60_000
LISTED = 6


def layout(**_: str) -> html.Div:
    return html.Div(
        [
            page_head(t("reports.title.overview")),
            Parts([loading_state()], id=NUMBERS, className="report-body"),
            html.Div(
                [
                    html.Section(
                        id=RUNNING, className="card-box overview-card", **{"aria-live": "off"}, **hears(Topic.LIVE)
                    ),
                    html.Section(id=TASKS, className="card-box overview-card"),
                ],
                className="overview-columns",
            ),
            dcc.Store(id=CONFIG, data={"started": True}),
            dcc.Store(id=ASKED),
            dcc.Interval(id=TICK, interval=FRESH_MS),
        ],
        className="report-page overview",
    )


clientside_callback(
    ClientsideFunction("report", "theme"), Output(ASKED, "data"), Input(CONFIG, "data"), Input(TICK, "n_intervals")
)


@callback(Output(NUMBERS, "parts"), Input(ASKED, "data"), prevent_initial_call=True)  # type: ignore[untyped-decorator]
def show_numbers(theme: str | None) -> list[Part]:
    """Cards, the day by hours, and the missed calls that nobody returned yet."""
    require(Permission.SEE_CALLS)
    question = ask(TODAY, theme)
    day = today(question)
    columns = html.Div([_hours(question, day), _waiting()], className="overview-columns")
    return parts_of([kpi_row(_kpis(question, day)), columns])


@callback(Output(RUNNING, "children"), Input(notice_id(Topic.LIVE), "data"))  # type: ignore[untyped-decorator]
def show_running(_: object) -> list[Any]:
    """Who talks now."""
    calls = running_calls(require(Permission.SEE_CALLS), CallFilter())
    heading = html.H2([t("reports.overview.running"), html.Span(number(len(calls)), className="chip number")])
    if not calls:
        return [heading, html.P(t("reports.overview.nobody"), className="muted")]
    return [heading, html.Ul([_running(call) for call in calls[:LISTED]], className="overview-list")]


@callback(Output(TASKS, "children"), Input(notice_id(Topic.TASKS), "data"))  # type: ignore[untyped-decorator]
def show_tasks(_: object) -> list[Any]:
    """What I have to do."""
    require(Permission.SEE_CALLS)
    return my_tasks()


def _kpis(question: Question, day: Today) -> list[Kpi]:
    """Counts up to now against a usual day at this time; service so far against that of a month."""
    month = ask(f"?period={Preset.DAYS_30}")
    level, before = question.measure("service_level", "asa"), month.measure("service_level", "asa")
    counts = [
        Kpi(
            metric=metric,
            value=float(day.so_far[metric]),
            before=float(day.usual_so_far[metric]),
            good=good,
            link=question.link(metric),
            usual=True,
        )
        for metric, good in (("external", None), ("accepted", True), ("missed", False))
    ]
    return [
        *counts,
        question.kpi("service_level", level, before, good=True),
        question.kpi("asa", level, before, good=False),
    ]


def _hours(question: Question, day: Today) -> html.Div:
    frame = question.linked(day.hours, ("accepted", "missed"), ["hour"])
    frame["title"] = frame["hour"].map(lambda hour: f"{hour}:00")
    figure = profile_figure(
        frame,
        [[mark("accepted"), mark("missed")]],
        names="title",
        theme=question.theme,
        line=("usual", t("reports.overview.usual")),
    )
    words = t("reports.overview.hours")
    return html.Section(
        [
            html.H2(words),
            Plot(figure),
        ],
        className="card-box overview-card overview-wide",
        role="img",
        **{"aria-label": f"{words}: {number(day.so_far['external'])}"},
    )


def _waiting() -> html.Section:
    """The missed calls of today that carry "!", the latest first."""
    actor, asked = current_actor(), ask(TODAY)
    zone = asked.site.zone
    wanted = CallFilter(attention=True, from_at=asked.period.from_at(zone), until_at=asked.period.until_at(zone))
    journal = current_journal()
    count = journal.count(actor, wanted, as_of=now())
    rows = journal.page(actor, wanted, as_of=now(), limit=LISTED).rows
    heading = html.H2(
        [
            t("reports.overview.waiting"),
            html.A(number(count), href="/calls?attention=1&period=today", className="chip number"),
        ]
    )
    if not rows:
        return html.Section(
            [heading, html.P([icon("check-circle"), " ", t("reports.overview.all_returned")], className="muted")],
            className="card-box overview-card",
        )
    return html.Section(
        [heading, html.Ul([_waiting_row(row) for row in rows], className="overview-list")],
        className="card-box overview-card",
    )


def _waiting_row(row: CallRow) -> html.Li:
    who = row.client or row.number_text or t("reports.overview.hidden")
    at = moment(row.started_at, now(), current_settings().site.zone)
    return html.Li(
        [
            html.A([icon("telephone-x"), who], href=f"/calls/{row.call_id}", className="overview-who is-missed"),
            html.Span(at, className="muted number"),
        ]
    )


def _running(call: dict[str, Any]) -> html.Li:
    who = call["client"] or call["number_text"] or call["caller_name"] or t("reports.overview.hidden")
    people = ", ".join(person["name"] or phone(person["extension"]) for person in call["people"])
    since = (now() - (call["answered_at"] or call["started_at"])).total_seconds()
    return html.Li(
        [
            html.Span([label(Direction(call["direction"])), ": ", who], className="overview-who"),
            html.Span(people or call["queue"] or "", className="overview-people muted"),
            html.Span(duration(since), className="muted number"),
        ]
    )


PAGE = Page(
    path="/",
    title="reports.title.overview",
    layout=layout,
    icon="columns-gap",
    section=Section.WORK,
    permission=Permission.SEE_CALLS,
    order=1,
    key="o",
)
