"""Report "Нагрузка": how many calls at once, erlangs, how many agents an hour takes, and who was how busy."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd

from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, Choice, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.profile import profile_figure
from dashboard.figures.theme import Series
from dashboard.figures.timeline import level_figure
from dashboard.text import t
from data.metrics import erlang
from data.metrics.catalogue import PARAMETERS
from data.metrics.load import HOUR, Occupied, load_by_hour
from data.metrics.occupancy import occupancy
from data.metrics.periods import hours_of
from data.metrics.terms import Unit

OCCUPIED = Choice(name="occupied", values=tuple(Occupied))
GOALS = Choice(name="goal", values=("80", "70", "90", "95"))
TARGETS = (20.0, 10.0, 30.0, 60.0)


def answer(question: Question) -> Answer:
    people = question.soon(partial(_people, question))
    arrived = question.soon(partial(question.measure, "offered", "aht", by=["hour"]))
    by_hour, by_step = load_by_hour(
        question.store,
        question.period,
        question.step,
        site=question.site,
        actor=question.actor,
        occupied=Occupied(OCCUPIED.of(question)),
        where=question.where,
        as_of=question.as_of,
        now=question.now,
    )
    frame = by_step.rename(columns={"begins_at": question.step.value})
    frame["title"] = step_titles(frame[question.step.value], question.step)
    frame["calls_link"] = question.links(frame, _counted(question), [question.step.value])
    hours = _hours(question, by_hour, arrived())
    charts = [
        Chart(
            title=t("reports.load.steps"),
            figure=level_figure(
                frame,
                [_mark("peak", "lost"), _mark("erlangs", "answered")],
                step=question.step,
                theme=question.theme,
                tickformat=",.2~f",
                gaps=question.gaps,
            ),
        ),
        Chart(
            title=t("reports.load.hours"),
            figure=profile_figure(
                hours,
                [[_mark("erlangs", "answered")], [_mark("agents", "reached")]],
                names="title",
                theme=question.theme,
            ),
        ),
    ]
    step = question.step.value
    tables = [
        Table(
            title=t("reports.load.steps"),
            columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *_columns("peak", "erlangs")],
            frame=frame,
            order=question.order,
        ),
        Table(
            title=t("reports.load.hours"),
            columns=[
                Column(key="title", title=t("reports.hours.hour"), sort="hour"),
                *_columns("peak", "erlangs"),
                metric_column("offered"),
                Column(
                    key="per_hour",
                    title=t("reports.load.per_hour"),
                    unit=Unit.MEAN,
                    formula=t("reports.meaning.per_hour"),
                ),
                metric_column("aht"),
                Column(
                    key="agents", title=t("reports.load.agents"), unit=Unit.COUNT, formula=t("reports.meaning.agents")
                ),
            ],
            frame=hours,
            order=question.order,
            note=t("reports.load.erlang_note", goal=GOALS.of(question), target=f"{_target(question):g}"),
        ),
        people(),
    ]
    return Answer(charts=charts, tables=tables)


def _hours(question: Question, by_hour: pd.DataFrame, arrived: pd.DataFrame) -> pd.DataFrame:
    """One row per hour of the day: highest peak, mean erlangs, and the agents that its mean calls take."""
    by_hour["hour"] = by_hour["begins_at"].dt.hour
    frame = by_hour.groupby("hour").agg(peak=("peak", "max"), erlangs=("erlangs", "mean")).reset_index()
    frame = frame.merge(arrived, on="hour", how="left")
    frame["offered"] = frame["offered"].fillna(0).astype("int64")
    frame["per_hour"] = frame["offered"] / frame["hour"].map(hours_of(question.period, question.site.zone))
    goal, target = int(GOALS.of(question)) / 100, _target(question)
    frame["agents"] = [
        _agents(calls, handling, goal, target) for calls, handling in zip(frame["per_hour"], frame["aht"], strict=True)
    ]
    frame["title"] = frame["hour"].map(lambda hour: f"{hour}:00")
    frame["calls_link"] = question.links(frame, _counted(question), ["hour"])
    return question.linked(frame, ("offered", "aht"), ["hour"])


def _counted(question: Question) -> str:
    """The metric whose calls kept the office busy."""
    return "calls" if Occupied(OCCUPIED.of(question)) is Occupied.CALLS else "conversations"


def _agents(calls: float, handling_s: float, goal: float, target_s: float) -> float:
    """Agents for so many calls an hour, by Erlang C; null where nothing was answered."""
    if not calls or math.isnan(calls) or math.isnan(handling_s) or handling_s <= 0:
        return math.nan
    load_erl = erlang.offered_load_erl(calls, HOUR.total_seconds(), handling_s)
    return erlang.agents_needed(load_erl, handling_s, target_s, goal)


def _people(question: Question) -> Table:
    frame = occupancy(
        question.store,
        question.period,
        site=question.site,
        actor=question.actor,
        where=question.where,
        as_of=question.as_of,
        now=question.now,
    )
    frame["title"] = question.titled(frame, "employee", t("reports.employees.none"))
    frame = frame.sort_values("talk", ascending=False, ignore_index=True, na_position="last")
    return Table(
        title=t("reports.load.people"),
        columns=[
            Column(key="title", title=t("reports.employees.employee")),
            metric_column("talk"),
            Column(
                key="logged_in_s",
                title=t("reports.load.logged_in"),
                unit=Unit.SECONDS,
                formula=t("reports.meaning.logged_in"),
            ),
            Column(
                key="paused_s", title=t("reports.load.paused"), unit=Unit.SECONDS, formula=t("reports.meaning.paused")
            ),
            Column(
                key="occupancy",
                title=t("reports.load.occupancy"),
                unit=Unit.SHARE,
                formula=t("reports.meaning.occupancy"),
            ),
        ],
        frame=question.linked(frame, ("talk",), ["employee"]),
        order=question.order,
        note=t("reports.load.occupancy_note"),
        always=True,
    )


def _target(question: Question) -> float:
    return question.params.get("target_s", PARAMETERS["target_s"].default)


def _mark(column: str, colour: str) -> Series:
    return Series(column=column, name=t(f"reports.load.{column}"), colour=colour, links="calls_link")


def _columns(*names: str) -> list[Column]:
    units = {"peak": Unit.COUNT, "erlangs": Unit.ERLANGS}
    return [
        Column(
            key=name,
            title=t(f"reports.load.{name}"),
            unit=units[name],
            links="calls_link",
            formula=t(f"reports.meaning.{name}"),
        )
        for name in names
    ]


REPORT = report(
    name="load",
    icon_name="graph-up",
    group="reports.group.service",
    order=110,
    answer=answer,
    choices=(OCCUPIED, GOALS),
    params={"target_s": TARGETS},
)
PAGE = REPORT.page
