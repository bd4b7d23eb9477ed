"""Report "Качество данных": what the numbers cannot know: gaps, incomplete calls, missing recordings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from dashboard.components.checks import check_tables, source_words
from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.timeline import timeline_figure
from dashboard.text import t
from dashboard.text.formats import day
from data.metrics.recordings import recording_states
from data.metrics.terms import Unit

COLUMNS = ("calls", "incomplete", "conversations", "recorded", "unrecorded")
CAUSES = ("start", "link_cut", "silent_link", "pbx_restart", "own_restart", "journal_full")
STATES = ("expected", "present", "missing", "deleted")


def answer(question: Question) -> Answer:
    cards = question.cards(calls=None, incomplete=False, unrecorded=False)
    checks = question.soon(partial(check_tables, question))
    files = question.soon(partial(_recordings, question))
    step = question.step.value
    frame = question.linked(question.steps(*COLUMNS), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    chart = Chart(
        title=t("reports.quality.steps"),
        figure=timeline_figure(
            frame,
            [[mark("incomplete")], [mark("unrecorded")]],
            step=question.step,
            shape=question.shape,
            theme=question.theme,
            gaps=question.gaps,
        ),
    )
    tables = [
        Table(
            title=t("reports.quality.steps"),
            columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
            frame=frame,
            total=question.totals(*COLUMNS, title=t("reports.total"), key="title"),
            order=question.order,
        ),
        _gaps(question),
        files(),
        *checks(),
    ]
    return Answer(kpis=cards(), charts=[chart], tables=tables)


def _gaps(question: Question) -> Table:
    gaps = question.gaps
    frame = pd.DataFrame(
        {
            "title": gaps["started_at"].map(lambda at: f"{day(at.date())}, {at:%H:%M:%S}"),
            "started_at": gaps["started_at"],
            "length_s": (gaps["ended_at"] - gaps["started_at"]).dt.total_seconds(),
            "pbx": gaps["pbx"],
            "cause": gaps["cause"].map(lambda cause: t(f"reports.cause.{cause}") if cause in CAUSES else cause),
            "filled": [
                _filled(bool(filled), sources)
                for filled, sources in zip(gaps["filled"], gaps["filled_from"], strict=True)
            ],
        }
    )
    columns = [
        Column(key="title", title=t("reports.quality.started"), sort="started_at"),
        Column(key="length_s", title=t("reports.quality.length"), unit=Unit.SECONDS, formula=t("reports.meaning.gap")),
        Column(key="pbx", title=t("reports.quality.pbx")),
        Column(key="cause", title=t("reports.quality.cause")),
        Column(key="filled", title=t("reports.quality.restored")),
    ]
    return Table(
        title=t("reports.quality.gaps"), columns=columns, frame=frame, order=question.order, always=True,
        note=t("reports.quality.gaps_note"), nothing=t("reports.quality.no_gaps"),
    )  # fmt: skip


def _filled(is_filled: bool, sources: Sequence[str] | None) -> str:
    """From what a gap was filled, as far as it was."""
    told = ", ".join(map(source_words, sources)) if sources is not None and len(sources) else ""
    if is_filled:
        return told or t("reports.quality.filled")
    return t("checks.in_part", sources=told) if told else ""


def _recordings(question: Question) -> Table:
    frame = recording_states(question.store, question.period, site=question.site, actor=question.actor)
    frame["title"] = frame["state"].map(lambda state: t(f"reports.recording.{state}") if state in STATES else state)
    columns = [
        Column(key="title", title=t("reports.quality.state")),
        Column(
            key="recordings",
            title=t("reports.quality.recordings"),
            unit=Unit.COUNT,
            formula=t("reports.meaning.recordings"),
        ),
    ]
    return Table(title=t("reports.quality.files"), columns=columns, frame=frame, order=question.order, always=True)


REPORT = report(
    name="quality",
    icon_name="database-exclamation",
    group="reports.group.service",
    order=120,
    answer=answer,
    has_shapes=True,
)
PAGE = REPORT.page
