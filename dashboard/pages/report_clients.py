"""Report "По клиентам": with whom the office talks most."""

from __future__ import annotations

from functools import partial

from dashboard.components.fates import FATES, mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, Choice, report
from dashboard.components.table import Column, Table, metric_column
from dashboard.figures.ranking import ranking_figure
from dashboard.text import t

MOST = Choice(name="top", values=("25", "10", "50", "200"))
COLUMNS = (*FATES, "external", "talk", "mean_talk")


def answer(question: Question) -> Answer:
    most = int(MOST.of(question))
    total = question.soon(partial(question.totals, *COLUMNS, title=t("reports.clients.all"), key="title"))
    frame = question.largest(*COLUMNS, by="client", of="external", most=most)
    frame = question.linked(frame, COLUMNS, ["client"])
    frame["title"] = question.titled(frame, "client", "")
    chart = Chart(
        title=t("reports.clients.calls"),
        figure=ranking_figure(frame, [mark(fate) for fate in FATES], names="title", theme=question.theme, most=most),
    )
    table = Table(
        title=t("reports.title.clients"),
        columns=[Column(key="title", title=t("reports.clients.client")), *map(metric_column, COLUMNS)],
        frame=frame,
        total=total(),
        order=question.order,
    )
    return Answer(charts=[chart], tables=[table])


REPORT = report(
    name="clients",
    icon_name="building",
    group="reports.group.spread",
    order=70,
    answer=answer,
    has_steps=False,
    choices=(MOST,),
)
PAGE = REPORT.page
