"""Report "Работа с пропущенными": which missed calls were followed by a conversation, by whom and how soon."""

from __future__ import annotations

from functools import partial

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.ranking import ranking_figure
from dashboard.figures.timeline import share_figure
from dashboard.text import t
from dashboard.text.formats import number
from data.metrics.terms import Grain
from data.metrics.together import Part

COLUMNS = ("handled", "unhandled", "missed", "handled_share")
RECOVERERS = ("called_back", "caller_returned", "recovery_median")


def answer(question: Question) -> Answer:
    counted = question.soon(partial(question.steps, *COLUMNS))
    step = question.step.value
    people, _, _ = question.together(
        Grain.EPISODE,
        Part(metrics=RECOVERERS, by=["employee"], period=question.period),
        Part(metrics=["recovery_median"], period=question.period),
        Part(metrics=["recovery_median"], period=question.previous),
    )
    frame = question.linked(counted(), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")
    people = question.linked(people, RECOVERERS, ["employee"])
    people = people[people["called_back"] + people["caller_returned"] > 0]
    people = people.sort_values("called_back", ascending=False, ignore_index=True)
    people["title"] = question.titled(people, "employee", t("reports.employees.none"))
    charts = [
        Chart(
            title=t("reports.missed.share"),
            figure=share_figure(
                frame,
                [mark("handled"), mark("unhandled")],
                mark("missed", "lost"),
                step=question.step,
                theme=question.theme,
                gaps=question.gaps,
            ),
            spoken="; ".join(f"{t(f'reports.metric.{name}')}: {number(total[name])}" for name in COLUMNS[:3]),
        ),
        Chart(
            title=t("reports.missed.people"),
            figure=ranking_figure(
                people, [mark("called_back"), mark("caller_returned")], names="title", theme=question.theme
            ),
        ),
    ]
    first = Column(key="title", title=t(f"reports.unit.{step}"), sort=step)
    by_whom = Column(key="title", title=t("reports.employees.employee"))
    tables = [
        Table(
            title=t("reports.title.missed"),
            columns=[first, *map(metric_column, COLUMNS)],
            frame=frame,
            total=total,
            order=question.order,
        ),
        Table(
            title=t("reports.missed.people"),
            columns=[by_whom, *map(metric_column, RECOVERERS)],
            frame=people,
            order=question.order,
            note=t("reports.missed.episodes"),
        ),
    ]
    kpis = question.kpis(missed=False, handled=True, unhandled=False, handled_share=True, recovery_median=False)
    return Answer(kpis=kpis, charts=charts, tables=tables)


REPORT = report(
    name="missed", icon_name="telephone-x", group="reports.group.efficiency", order=90, answer=answer, has_moments=True
)
PAGE = REPORT.page
