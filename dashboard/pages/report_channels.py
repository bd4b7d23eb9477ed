"""Report "По каналам привлечения": which office numbers bring the callers."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column
from dashboard.figures.shares import donut_figure
from dashboard.figures.theme import MOST_SERIES, OTHERS, SEQUENCE, Series
from dashboard.figures.timeline import share_figure
from dashboard.text import t
from dashboard.text.formats import phone
from data.metrics.terms import Unit

COLUMNS = ("inbound", "accepted", "missed", "missed_share")


def answer(question: Question) -> Answer:
    cards = question.cards(inbound=None, missed_share=False, callers=None)
    every = question.soon(partial(question.steps, "inbound"))
    split = question.soon(partial(question.measure, "inbound", by=[question.step.value, "channel"]))
    frame = question.linked(question.measure(*COLUMNS, by=["channel"]), COLUMNS, ["channel"])
    frame = frame[frame["inbound"] > 0].sort_values("inbound", ascending=False, ignore_index=True)
    frame["title"] = frame["channel"].map(phone, na_action="ignore").fillna(t("reports.channels.none"))
    frame["share"] = frame["inbound"] / frame["inbound"].sum()
    steps, parts = _by_step(question, frame, every(), split())
    charts = [
        Chart(
            title=t("reports.channels.share"),
            figure=donut_figure(
                frame,
                names="title",
                values="inbound",
                links="inbound_link",
                theme=question.theme,
                others=lambda shown: question.link("inbound", without={"channel": shown["channel"].to_list()}),
            ),
        ),
        Chart(
            title=t("reports.channels.time"),
            figure=share_figure(
                steps, parts, mark("inbound"), step=question.step, theme=question.theme, gaps=question.gaps
            ),
        ),
    ]
    columns = [
        Column(key="title", title=t("reports.channels.channel")),
        metric_column("inbound"),
        Column(key="share", title=t("reports.channels.of_all"), unit=Unit.SHARE, formula=t("reports.meaning.share")),
        *map(metric_column, COLUMNS[1:]),
    ]
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")
    table = Table(title=t("reports.title.channels"), columns=columns, frame=frame, total=total, order=question.order)
    return Answer(charts=charts, tables=[table], kpis=cards())


def _by_step(
    question: Question, ranked: pd.DataFrame, every: pd.DataFrame, counted: pd.DataFrame
) -> tuple[pd.DataFrame, list[Series]]:
    """Inbound calls per step: a column for each of the largest channels, and one for the others."""
    step = question.step.value
    steps = question.linked(every, ["inbound"], [step])
    parts = []
    rest = steps["inbound"].copy()
    # As in the donut above: one more than there are colours is named, too, instead of being "others" alone.
    largest = ranked.head(MOST_SERIES if len(ranked) > MOST_SERIES + 1 else MOST_SERIES + 1)
    for place, (channel, title) in enumerate(zip(largest["channel"], largest["title"], strict=True)):
        same = counted["channel"].isna() if pd.isna(channel) else counted["channel"] == channel
        column = f"part_{place}"
        steps[column] = steps[step].map(counted[same].set_index(step)["inbound"]).fillna(0).astype("int64")
        steps[f"{column}_link"] = [question.link("inbound", {step: at, "channel": channel}) for at in steps[step]]
        rest -= steps[column]
        shade = SEQUENCE[place] if place < MOST_SERIES else OTHERS
        parts.append(Series(column=column, name=title, colour=shade, links=f"{column}_link"))
    if rest.any():
        steps["rest"] = rest
        others = {"channel": largest["channel"].to_list()}
        steps["rest_link"] = [question.link("inbound", {step: at}, without=others) for at in steps[step]]
        parts.append(Series(column="rest", name=t("reports.others"), colour=OTHERS, links="rest_link"))
    return steps, parts


REPORT = report(name="channels", icon_name="megaphone", group="reports.group.spread", order=50, answer=answer)
PAGE = REPORT.page
