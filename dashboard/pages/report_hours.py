"""Report "В течение дня": calls by hour of the day, on a usual day or at the peak."""

from __future__ import annotations

import pandas as pd

from dashboard.components.profiles import MEASURES, profile, profile_columns, profile_stacks
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Table
from dashboard.figures.profile import profile_figure
from dashboard.text import t
from data.metrics.periods import hours_of

HOURS = range(24)


def answer(question: Question) -> Answer:
    measure = MEASURES.of(question)
    days = hours_of(question.period, question.site.zone)
    frame = profile(question, "hour", HOURS, pd.Series(days))
    frame["title"] = frame["hour"].map(lambda hour: f"{hour}:00")
    chart = Chart(
        title=t(f"reports.hours.{measure}"),
        figure=profile_figure(
            frame,
            profile_stacks(measure),
            names="title",
            theme=question.theme,
        ),
    )
    table = Table(
        title=t("reports.title.hours"),
        columns=profile_columns(measure, t("reports.hours.hour"), "hour"),
        frame=frame,
        order=question.order,
    )
    return Answer(charts=[chart], tables=[table])


REPORT = report(
    name="hours",
    icon_name="clock",
    group="reports.group.spread",
    order=30,
    answer=answer,
    has_steps=False,
    choices=(MEASURES,),
)
PAGE = REPORT.page
