"""Report "Количество звонков": how many calls, and what became of them, over time."""

from __future__ import annotations

import pandas as pd

from dashboard.components.fates import fate_stacks
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.theme import Series
from dashboard.figures.timeline import timeline_figure
from dashboard.text import t
from dashboard.text.formats import number

COLUMNS = ("accepted", "missed", "inbound", "successful", "failed", "outbound", "external")


_SIDES = {"inbound": "answered", "outbound": "reached"}


def answer(question: Question) -> Answer:
    step = question.step.value
    frame = question.linked(question.steps(*COLUMNS), COLUMNS, [step])
    _add_earlier(frame, question)
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")
    frame["title"] = step_titles(frame[step], question.step)
    chart = Chart(
        title=t("reports.title.calls"),
        figure=timeline_figure(
            frame,
            fate_stacks(),
            step=question.step,
            shape=question.shape,
            theme=question.theme,
            previous=[_earlier(side) for side in _SIDES],
            gaps=question.gaps,
        ),
        spoken=t(
            "reports.calls.spoken",
            calls=number(total["external"]),
            accepted=number(total["accepted"]),
            missed=number(total["missed"]),
        ),
    )
    table = Table(
        title=t("reports.title.calls"),
        columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
        frame=frame,
        total=total,
        order=question.order,
    )
    kpis = question.kpis(external=None, accepted=True, missed=False, asa=False, service_level=True)
    internal = question.measure("internal")["internal"].item()
    notes = [t("reports.calls.internal", count=number(internal))] if internal else []
    return Answer(kpis=kpis, charts=[chart], tables=[table], notes=notes)


def _add_earlier(frame: pd.DataFrame, question: Question) -> None:
    """Columns `earlier_<side>`; a month before may have had fewer days."""
    before = question.earlier_steps(*_SIDES)
    for side in _SIDES:
        frame[f"earlier_{side}"] = before[side].reindex(frame.index)


def _earlier(side: str) -> Series:
    name = t("reports.calls.earlier", side=t(f"reports.metric.{side}"))
    return Series(column=f"earlier_{side}", name=name, colour=_SIDES[side])


REPORT = report(
    name="calls",
    icon_name="bar-chart",
    group="reports.group.count",
    order=10,
    answer=answer,
    key="s",
    has_shapes=True,
)
PAGE = REPORT.page
