"""Report "Чаты": how soon people answer in writing, who waits, and how often a closed chat comes back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.profile import profile_figure
from dashboard.figures.timeline import level_figure, timeline_figure
from dashboard.text import t
from data.journal import CallFilter

FATES = ("chats_answered", "chats_waiting", "chats_unanswered")
TIMES = ("first_response_median", "first_response_p90", "first_response_open_median")
COLUMNS = ("chats", *FATES, "chats_late", "reply_level", *TIMES, "close_median", "reopen_rate")
REPLIES = (300.0, 60.0, 120.0, 600.0, 900.0, 1800.0, 3600.0)


def answer(question: Question) -> Answer:
    # What filters calls says nothing about chats.
    question = replace(question, filter=CallFilter())
    step = question.step.value
    frame = question.linked(question.steps(*COLUMNS), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    hours = _hours(question)
    charts = [
        Chart(
            title=t("reports.chats.steps"),
            figure=timeline_figure(
                frame,
                [
                    [
                        mark("chats_answered", "reached"),
                        mark("chats_waiting", "missed"),
                        mark("chats_unanswered", "lost"),
                    ]
                ],
                step=question.step,
                shape=question.shape,
                theme=question.theme,
            ),
        ),
        Chart(
            title=t("reports.chats.times"),
            figure=level_figure(
                frame,
                [
                    mark("first_response_median", "answered"),
                    mark("first_response_p90", "missed"),
                    mark("first_response_open_median", "reached"),
                ],
                step=question.step,
                theme=question.theme,
                tickformat=",~d",
                title=t("reports.service.seconds"),
            ),
        ),
        Chart(
            title=t("reports.chats.hours"),
            figure=profile_figure(hours, [[mark("chats")]], names="title", theme=question.theme, decimals=0),
        ),
    ]
    tables = [
        Table(
            title=t("reports.chats.steps"),
            columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
            frame=frame,
            total=question.totals(*COLUMNS, title=t("reports.total"), key="title"),
            order=question.order,
        ),
        _split(question, "assignee", t("reports.chats.nobody")),
        _split(question, "messenger", ""),
        Table(
            title=t("reports.chats.hours"),
            columns=[Column(key="title", title=t("reports.hours.hour"), sort="hour"), *map(metric_column, COLUMNS)],
            frame=hours,
            order=question.order,
        ),
    ]
    kpis = question.kpis(
        chats=None,
        first_response_median=False,
        first_response_p90=False,
        reply_level=True,
        chats_waiting=False,
        close_median=False,
        reopen_rate=False,
    )
    return Answer(kpis=kpis, charts=charts, tables=tables, notes=[t("reports.chats.note")])


def _split(question: Question, dimension: str, otherwise: str) -> Table:
    frame = question.linked(question.measure(*COLUMNS, by=[dimension]), COLUMNS, [dimension])
    frame = frame.sort_values("chats", ascending=False, ignore_index=True)
    if dimension == "messenger":
        frame["title"] = [t(f"reports.messenger.{name}") for name in frame[dimension]]
    else:
        frame["title"] = question.titled(frame, dimension, otherwise)
    return Table(
        title=t(f"reports.chats.{dimension}"),
        columns=[Column(key="title", title=t(f"reports.chats.{dimension}.one")), *map(metric_column, COLUMNS)],
        frame=frame,
        order=question.order,
        always=True,
    )


def _hours(question: Question) -> pd.DataFrame:
    counted = question.measure(*COLUMNS, by=["hour"])
    frame = pd.DataFrame({"hour": range(24)}).merge(counted, on="hour", how="left")
    counts = [name for name in COLUMNS if name.startswith("chats")]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    frame["title"] = [f"{hour}:00" for hour in frame["hour"]]
    return question.linked(frame, COLUMNS, ["hour"])


REPORT = report(
    name="chats",
    icon_name="chat-dots",
    group="reports.group.chats",
    order=120,
    answer=answer,
    has_shapes=True,
    params={"reply_s": REPLIES},
    of_calls=False,
)
PAGE = REPORT.page
