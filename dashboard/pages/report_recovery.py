"""Report "Возврат пропущенных": how missed callers were brought back, by whom, and how long they waited."""

from __future__ import annotations

import pandas as pd

from dashboard.components.fates import mark
from dashboard.components.question import Question
from dashboard.components.report import Answer, Chart, report
from dashboard.components.table import Column, Table, metric_column, step_titles
from dashboard.figures.curves import survival_figure
from dashboard.figures.timeline import timeline_figure
from dashboard.text import t
from dashboard.text.formats import share
from data.metrics.survival import survival_curve
from data.metrics.terms import Grain, Unit
from data.metrics.together import Part

FATES = ("called_back", "caller_returned", "attempted", "not_recovered")
COLUMNS = (*FATES, "episodes", "recovered_share", "recovery_median", "recovery_p90")
WAITS = ("waited_s", "recovery")
RECOVERERS = ("called_back", "caller_returned", "recovery_median", "recovery_p90")
MARKS_S = {
    60: "1m",
    300: "5m",
    900: "15m",
    3600: "1h",
    4 * 3600: "4h",
    86_400: "1d",
    3 * 86_400: "3d",
    7 * 86_400: "7d",
}


def answer(question: Question) -> Answer:
    step = question.step.value
    now, before = question.period, question.previous
    steps, people, *waits = question.together(
        Grain.EPISODE,
        Part(metrics=COLUMNS, by=[step], period=now),
        Part(metrics=RECOVERERS, by=["employee"], period=now),
        Part(rows=WAITS, period=now),
        Part(rows=WAITS, period=before),
        Part(metrics=COLUMNS, period=now),
        Part(metrics=COLUMNS, period=before),
    )
    frame = question.linked(question.every_step(steps, COLUMNS, now), COLUMNS, [step])
    frame["title"] = step_titles(frame[step], question.step)
    curves = {t("reports.recovery.now"): _curve(waits[0]), t("reports.previous"): _curve(waits[1])}
    words = {float(seconds): t(f"reports.recovery.after.{name}") for seconds, name in MARKS_S.items()}
    charts = [
        Chart(
            title=t("reports.recovery.curve"),
            figure=survival_figure(curves, ticks=words, title=t("reports.recovery.axis"), theme=question.theme),
            spoken=_spoken(curves[t("reports.recovery.now")]),
        ),
        Chart(
            title=t("reports.recovery.episodes"),
            figure=timeline_figure(
                frame,
                [[mark(fate) for fate in FATES]],
                step=question.step,
                shape=question.shape,
                theme=question.theme,
                gaps=question.gaps,
            ),
        ),
    ]
    tables = [
        Table(
            title=t("reports.recovery.episodes"),
            columns=[Column(key="title", title=t(f"reports.unit.{step}"), sort=step), *map(metric_column, COLUMNS)],
            frame=frame,
            total=question.totals(*COLUMNS, title=t("reports.total"), key="title"),
            order=question.order,
        ),
        _people(question, people),
        _waiting_table(curves),
    ]
    kpis = question.kpis(
        episodes=False, recovered_share=True, called_back=None, caller_returned=None, not_recovered=False,
        recovery_median=False,
    )  # fmt: skip
    return Answer(kpis=kpis, charts=charts, tables=tables, notes=[t("reports.recovery.note")])


def _curve(found: pd.DataFrame) -> pd.DataFrame:
    return survival_curve(found["waited_s"], found["recovery"].isin(["called_back", "caller_returned"]))


def _waiting_table(curves: dict[str, pd.DataFrame]) -> Table:
    """The curves at moments that people ask for."""
    frame = pd.DataFrame({"title": [t(f"reports.recovery.after.{name}") for name in MARKS_S.values()]})
    columns = [Column(key="title", title=t("reports.recovery.axis"))]
    for place, (name, curve) in enumerate(curves.items()):
        frame[f"curve_{place}"] = [waiting_after(curve, seconds) for seconds in MARKS_S]
        columns.append(Column(key=f"curve_{place}", title=name, unit=Unit.SHARE, formula=t("reports.meaning.curve")))
    return Table(title=t("reports.recovery.curve"), columns=columns, frame=frame)


def waiting_after(curve: pd.DataFrame, seconds: float) -> float | None:
    """The share still waiting after so long."""
    past = curve[curve["after_s"] <= seconds]
    return None if past.empty else float(past["waiting_share"].iloc[-1])


def _spoken(curve: pd.DataFrame) -> str:
    parts = [
        f"{t(f'reports.recovery.after.{name}')}: {share(waiting_after(curve, seconds))}"
        for seconds, name in MARKS_S.items()
    ]
    return f"{t('reports.recovery.curve')}: {'; '.join(parts)}"


def _people(question: Question, people: pd.DataFrame) -> Table:
    frame = question.linked(people, RECOVERERS, ["employee"])
    frame = frame[frame["called_back"] + frame["caller_returned"] > 0]
    frame = frame.sort_values("called_back", ascending=False, ignore_index=True)
    frame["title"] = question.titled(frame, "employee", t("reports.employees.none"))
    return Table(
        title=t("reports.missed.people"),
        columns=[Column(key="title", title=t("reports.employees.employee")), *map(metric_column, RECOVERERS)],
        frame=frame,
        order=question.order,
        always=True,
    )


REPORT = report(
    name="recovery",
    icon_name="arrow-counterclockwise",
    group="reports.group.efficiency",
    order=95,
    answer=answer,
    has_moments=True,
    has_shapes=True,
)
PAGE = REPORT.page
