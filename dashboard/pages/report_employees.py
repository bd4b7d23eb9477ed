"""Report "По сотрудникам": whose calls they were."""

from __future__ import annotations

from dashboard.components.fates import FATES, mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column
from dashboard.figures.ranking import ranking_figure
from dashboard.text import t

COLUMNS = (*FATES, "external", "talk", "mean_talk", "offers", "offers_missed")


def answer(question: Question) -> Answer:
    frame = question.linked(question.measure(*COLUMNS, by=["employee"]), COLUMNS, ["employee"])
    frame = frame[(frame["external"] > 0) | (frame["offers"] > 0)]
    frame = frame.sort_values("external", ascending=False, ignore_index=True)
    frame["title"] = question.titled(frame, "employee", t("reports.employees.none"))
    chart = Chart(
        title=t("reports.employees.calls"),
        figure=ranking_figure(frame, [mark(fate) for fate in FATES], names="title", theme=question.theme),
    )
    table = Table(
        title=t("reports.title.employees"),
        columns=[Column(key="title", title=t("reports.employees.employee")), *map(metric_column, COLUMNS)],
        frame=frame,
        order=question.order,
    )
    return Answer(charts=[chart], tables=[table], notes=[t("reports.employees.grain")])


REPORT = report(
    name="employees", icon_name="people", group="reports.group.spread", order=60, answer=answer, has_steps=False
)
PAGE = REPORT.page
