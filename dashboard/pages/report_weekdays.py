"""Report "В течение недели": calls by weekday, and the map of weekdays and hours."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from babel.dates import get_day_names

from dashboard.components.profiles import MEASURES, profile, profile_columns, profile_stacks
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table
from dashboard.figures.profile import heat_figure, profile_figure
from dashboard.text import language, t
from data.metrics.periods import weekdays_of
from data.metrics.terms import Unit

WEEKDAYS = range(1, 8)


def answer(question: Question) -> Answer:
    measure = MEASURES.of(question)
    days = pd.Series(weekdays_of(question.period))
    frame = profile(question, "weekday", WEEKDAYS, days)
    frame["title"] = frame["weekday"].map(weekday_names("wide"))
    values, links = _map(question, days)
    charts = [
        Chart(
            title=t(f"reports.weekdays.{measure}"),
            figure=profile_figure(
                frame,
                profile_stacks(measure),
                names="title",
                theme=question.theme,
            ),
        ),
        Chart(title=t("reports.weekdays.map"), figure=heat_figure(values, links=links, theme=question.theme)),
    ]
    tables = [
        Table(
            title=t("reports.title.weekdays"),
            columns=profile_columns(measure, t("reports.weekdays.weekday"), "weekday"),
            frame=frame,
            order=question.order,
        ),
        _map_table(values, links),
    ]
    return Answer(charts=charts, tables=tables)


def weekday_names(width: Literal["wide", "abbreviated"]) -> dict[int, str]:
    """Monday = 1, written with a capital where it stands alone."""
    names = get_day_names(width, context="stand-alone", locale=language())
    return {weekday: names[weekday - 1].capitalize() for weekday in WEEKDAYS}


def _map(question: Question, days: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean calls of each hour of each weekday, and the addresses behind them."""
    counted = question.measure("external", by=["weekday", "hour"])
    counted["mean"] = counted["external"] / counted["weekday"].map(days)
    names, hours = weekday_names("abbreviated"), [f"{hour}:00" for hour in range(24)]
    values = counted.pivot(index="weekday", columns="hour", values="mean").reindex(WEEKDAYS, columns=range(24))
    links = pd.DataFrame(
        [[question.link("external", {"weekday": day, "hour": hour}) for hour in range(24)] for day in WEEKDAYS]
    )
    values = values.fillna(0.0)
    values.index, values.columns = pd.Index([names[day] for day in WEEKDAYS]), pd.Index(hours)
    return values, links


def _map_table(values: pd.DataFrame, links: pd.DataFrame) -> Table:
    frame = values.reset_index(names="title")
    for place, hour in enumerate(values.columns):
        frame[f"{hour}_link"] = links[place].to_list()
    columns = [Column(key="title", title=t("reports.weekdays.weekday"))]
    formula = t("reports.meaning.mean")
    columns += [
        Column(key=hour, title=hour, unit=Unit.MEAN, links=f"{hour}_link", formula=formula) for hour in values.columns
    ]
    return Table(title=t("reports.weekdays.map"), columns=columns, frame=frame)


REPORT = report(
    name="weekdays",
    icon_name="calendar-week",
    group="reports.group.spread",
    order=40,
    answer=answer,
    has_steps=False,
    choices=(MEASURES,),
)
PAGE = REPORT.page
