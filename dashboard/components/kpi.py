"""Cards with one number each: what it is, how it compares with the period before, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from dashboard.components.icons import icon
from dashboard.text import t
from dashboard.text.formats import NO_VALUE, duration, number, share
from data.metrics.catalogue import METRICS
from data.metrics.terms import Unit

_STEADY = 0.005  # less is no news, good or bad
_VISIBLE = 0.0005
_COMPARABLE = 9.995  # beyond it there was hardly anything before


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """The value of a metric. good: whether more of it is better; None: neither.

    before: its value in the period before, or on a usual day (usual).
    """

    metric: str
    value: float | None
    before: float | None = None
    good: bool | None = None
    link: str | None = None
    usual: bool = False


def kpi_row(kpis: Sequence[Kpi]) -> html.Div:
    return html.Div([_card(kpi) for kpi in kpis], className="kpi-row")


def shown(value: float | None, unit: Unit) -> str:
    """The value as people read it; nothing as a dash."""
    if value is None or value != value:
        return NO_VALUE
    match unit:
        case Unit.SHARE:
            return share(value, 1)
        case Unit.SECONDS:
            return duration(value)
        case Unit.ERLANGS:
            return number(value, 2)
        case Unit.MEAN:
            return number(value, 1)
        case Unit.COUNT:
            return number(value)


def meaning(metric: str) -> str:
    """Name and formula of a metric, for a hint."""
    return f"{t(f'reports.metric.{metric}')}: {t(f'reports.formula.{metric}')}"


def _card(kpi: Kpi) -> html.Div:
    unit = METRICS[kpi.metric].unit
    text = shown(kpi.value, unit)
    value = html.A(text, href=kpi.link, className="kpi-value") if kpi.link and text != NO_VALUE else text
    return html.Div(
        [
            html.Div(t(f"reports.metric.{kpi.metric}"), className="kpi-name", title=meaning(kpi.metric)),
            html.Div(value, className="kpi-value number"),
            html.Div(_comparison(kpi, unit), className="kpi-before number"),
        ],
        className="card-box kpi",
    )


def _comparison(kpi: Kpi, unit: Unit) -> list[object]:
    """ "↑ 12 % · было 1 204": against the period before; points for shares."""
    before, value = kpi.before, kpi.value
    if before is None or value is None or before != before or value != value:
        return [html.Span(NO_VALUE, className="muted")]
    change = value - before if unit is Unit.SHARE else (value - before) / before if before else None
    was = html.Span(t("reports.usually" if kpi.usual else "reports.was", value=shown(before, unit)), className="muted")
    too_few = unit is Unit.COUNT and before < 1  # of a usual day: less than one call
    if change is None or too_few or abs(change) > _COMPARABLE or shown(before, unit) == shown(0.0, unit):
        return [was]
    better = None if abs(change) < _STEADY or kpi.good is None else (change > 0) == kpi.good
    classes = {True: "is-better", False: "is-worse", None: ""}[better]
    visible = abs(change) >= (_VISIBLE if unit is Unit.SHARE else _STEADY)
    arrow = [icon("arrow-up-short" if change > 0 else "arrow-down-short")] if visible else []
    amount = t("reports.points", value=number(abs(change) * 100, 1)) if unit is Unit.SHARE else share(abs(change))
    return [html.Span([*arrow, amount], className=f"kpi-change {classes}"), " ", was]
