"""Report "Лиды": first calls of numbers that were nobody's, and what became of them."""

from __future__ import annotations

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.timeline import share_figure
from dashboard.text import t
from dashboard.text.formats import number

PARTS = ("leads_registered", "leads_unregistered", "leads_lost")
COLUMNS = (*PARTS, "leads")


def answer(question: Question) -> Answer:
    cards = question.cards(leads=True, leads_registered=True, leads_unregistered=None, leads_lost=False)
    step = question.step.value
    frame = question.linked(question.steps(*COLUMNS), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")
    chart = Chart(
        title=t("reports.leads.share"),
        figure=share_figure(
            frame,
            [mark(part) for part in PARTS],
            mark("leads"),
            step=question.step,
            theme=question.theme,
            gaps=question.gaps,
        ),
        spoken="; ".join(f"{t(f'reports.metric.{name}')}: {number(total[name])}" for name in COLUMNS),
    )
    table = Table(
        title=t("reports.title.leads"),
        columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
        frame=frame,
        total=total,
        order=question.order,
    )
    return Answer(kpis=cards(), charts=[chart], tables=[table])


REPORT = report(
    name="leads", icon_name="person-plus", group="reports.group.efficiency", order=80, answer=answer, has_moments=True
)
PAGE = REPORT.page
