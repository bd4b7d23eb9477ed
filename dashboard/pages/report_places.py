"""Report "Направление звонков": where the outside numbers are."""

from __future__ import annotations

from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, Choice, report
from dashboard.components.slice_words import place_title
from dashboard.components.table import Column, Table, metric_column
from dashboard.figures.shares import donut_figure
from dashboard.text import t
from dashboard.text.formats import number
from data.metrics.terms import Unit

SIDES = Choice(name="side", values=("inbound", "outbound"))
COLUMNS = ("inbound", "outbound", "external")


def answer(question: Question) -> Answer:
    side = SIDES.of(question)
    frame = question.linked(question.measure(*COLUMNS, by=["place"]), COLUMNS, ["place"])
    frame = frame[frame["external"] > 0].sort_values("external", ascending=False, ignore_index=True)
    frame["title"] = frame["place"].map(place_title)
    whole = frame[side].sum()
    frame["share"] = frame[side] / whole if whole else None
    chart = Chart(
        title=t(f"reports.places.{side}"),
        figure=donut_figure(
            frame,
            names="title",
            values=side,
            links=f"{side}_link",
            theme=question.theme,
            others=lambda shown: question.link(side, without={"place": shown["place"].to_list()}),
        ),
        spoken="; ".join(f"{row.title}: {number(getattr(row, side))}" for row in frame.head(6).itertuples()),
    )
    columns = [
        Column(key="title", title=t("reports.places.place")),
        *map(metric_column, COLUMNS),
        Column(
            key="share", title=t(f"reports.places.share_{side}"), unit=Unit.SHARE, formula=t("reports.meaning.share")
        ),
    ]
    total = question.totals(*COLUMNS, title=t("reports.total"), key="title")
    table = Table(title=t("reports.title.places"), columns=columns, frame=frame, total=total, order=question.order)
    return Answer(charts=[chart], tables=[table], kpis=question.kpis(inbound=None, outbound=None))


REPORT = report(
    name="places",
    icon_name="globe",
    group="reports.group.count",
    order=20,
    answer=answer,
    has_steps=False,
    choices=(SIDES,),
)
PAGE = REPORT.page
