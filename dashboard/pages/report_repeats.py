"""Report "Повторные обращения": who had to call again within a week."""

from __future__ import annotations

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.timeline import level_figure, share_figure
from dashboard.text import t

PARTS = ("solved", "repeated", "repeat_unfinished")
COLUMNS = (*PARTS, "followed", "first_contact_share")


def answer(question: Question) -> Answer:
    cards = question.cards(first_contact_share=True, repeated=False, repeat_unfinished=None)
    step = question.step.value
    frame = question.linked(question.steps(*COLUMNS), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")

    charts = [
        Chart(
            title=t("reports.repeats.share"),
            figure=share_figure(
                frame,
                [mark("solved", "reached"), mark("repeated", "missed"), mark("repeat_unfinished", "cancelled")],
                mark("followed"),
                step=question.step,
                theme=question.theme,
                gaps=question.gaps,
            ),
        ),
        Chart(
            title=t("reports.metric.first_contact_share"),
            figure=level_figure(
                frame, [mark("first_contact_share")], step=question.step, theme=question.theme, gaps=question.gaps
            ),
        ),
    ]
    table = Table(
        title=t("reports.title.repeats"),
        columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
        frame=frame,
        total=total,
        order=question.order,
    )
    return Answer(kpis=cards(), charts=charts, tables=[table], notes=[t("reports.repeats.note")])


REPORT = report(
    name="repeats",
    icon_name="arrow-clockwise",
    group="reports.group.efficiency",
    order=97,
    answer=answer,
    has_moments=True,
)
PAGE = REPORT.page
