"""Report "Уровень сервиса и очереди": who was answered in time, how long callers waited, who gave up."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, Choice, report
from dashboard.components.slice_words import BANDS, band_title
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.profile import profile_figure
from dashboard.figures.timeline import level_figure
from dashboard.text import t
from data.metrics.catalogue import SERVICE_LEVELS

LEVEL = Choice(name="level", values=SERVICE_LEVELS)
TARGETS = (20.0, 10.0, 15.0, 30.0, 45.0, 60.0)
SHORTS = (5.0, 0.0, 3.0, 10.0)
WAITS = ("asa", "wait_median", "wait_p90")


def answer(question: Question) -> Answer:
    level = LEVEL.of(question)
    columns = ("offered", "answered", "abandoned", "short_abandoned", level, *WAITS, "longest_wait", "abandonment")
    cards = question.cards(**{level: True, "offered": None, "asa": False, "longest_wait": False, "abandonment": False})
    by_queue = question.soon(partial(_queues, question, columns))
    by_wait = question.soon(partial(_bands, question))
    step = question.step.value
    frame = question.linked(question.steps(*columns), columns, [step])
    frame["title"] = step_titles(frame[step], question.step)
    bands = by_wait()
    charts = [
        Chart(
            title=t("reports.service.level"),
            figure=level_figure(
                frame,
                [mark(level), mark("abandonment")],
                step=question.step,
                theme=question.theme,
                gaps=question.gaps,
            ),
        ),
        Chart(
            title=t("reports.service.waits"),
            figure=level_figure(
                frame,
                [mark(wait) for wait in WAITS],
                step=question.step,
                theme=question.theme,
                tickformat=",~d",
                title=t("reports.service.seconds"),
                gaps=question.gaps,
            ),
        ),
        Chart(
            title=t("reports.service.bands"),
            figure=profile_figure(
                bands,
                [[mark("answered"), mark("abandoned")]],
                names="title",
                theme=question.theme,
                decimals=0,
            ),
        ),
    ]
    shown = [metric_column(name) for name in columns]
    tables = [
        Table(
            title=t("reports.service.steps"),
            columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *shown],
            frame=frame,
            total=question.totals(*columns, title=t("reports.total"), key="title"),
            order=question.order,
        ),
        by_queue(),
        Table(
            title=t("reports.service.bands"),
            columns=[
                Column(key="title", title=t("reports.service.band"), sort="wait_from"),
                *map(metric_column, ("offered", "answered", "abandoned")),
            ],
            frame=bands,
            order=question.order,
        ),
    ]
    return Answer(kpis=cards(), charts=charts, tables=tables)


def _queues(question: Question, columns: tuple[str, ...]) -> Table:
    """One row per queue, over its visits; calls that never were in a queue are not here."""
    columns = ("visits", *columns[:4], "left_queue", *columns[4:])
    frame = question.linked(question.measure(*columns, by=["queue"]), columns, ["queue"])
    frame = frame[frame["queue"].notna()].sort_values("visits", ascending=False, ignore_index=True)
    frame["title"] = question.titled(frame, "queue", "")
    return Table(
        title=t("reports.service.queues"),
        columns=[Column(key="title", title=t("reports.service.queue")), *map(metric_column, columns)],
        frame=frame,
        order=question.order,
        note=t("reports.service.grain"),
        always=True,
    )


def _bands(question: Question) -> pd.DataFrame:
    counts = ("offered", "answered", "abandoned")
    counted = question.measure(*counts, by=["wait_from"])
    frame = pd.DataFrame({"wait_from": BANDS}).merge(counted, on="wait_from", how="left")
    frame[list(counts)] = frame[list(counts)].fillna(0).astype("int64")
    frame["title"] = frame["wait_from"].map(band_title)
    return question.linked(frame, counts, ["wait_from"])


REPORT = report(
    name="service",
    icon_name="speedometer2",
    group="reports.group.service",
    order=100,
    answer=answer,
    choices=(LEVEL,),
    params={"target_s": TARGETS, "short_s": SHORTS},
)
PAGE = REPORT.page
