"""Findings of data/health.py as people read them: a title, a sentence, what to do, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard.components.icons import icon
from dashboard.text import t
from dashboard.text.formats import duration, moment, number, share
from data.health import FINE, Finding, Mark

_LOOKS = {
    Mark.GOOD: ("check-circle", "is-reached"),
    Mark.PLAIN: ("circle", "is-cancelled"),
    Mark.WARN: ("exclamation-circle", "is-missed"),
    Mark.BAD: ("exclamation-triangle", "is-lost"),
}
_UNITS = ("health.kilobytes", "health.megabytes", "health.gigabytes", "health.terabytes")


def title_of(finding: Finding) -> str:
    """What was looked at: "Связь с АТС · office"."""
    words = t(f"health.check.{finding.check}")
    return f"{words} · {finding.subject}" if finding.subject else words


def sentence_of(finding: Finding, *, now: datetime, zone: ZoneInfo) -> str:
    """How it stands."""
    return t(f"health.{finding.check}.{finding.state}", **_words(finding.values, now, zone))


def remedy_of(finding: Finding) -> str:
    """What to do; nothing where all is well."""
    return "" if finding.state in FINE else t(f"health.{finding.check}.{finding.state}.do")


def pill(mark: Mark) -> html.Span:
    name, look = _LOOKS[mark]
    return html.Span([icon(name), t(f"health.mark.{mark}")], className=f"pill {look}")


def finding_list(findings: Sequence[Finding], *, now: datetime, zone: ZoneInfo) -> html.Ul:
    """All findings, the worst first, each in the order of the checks."""
    order = [Mark.BAD, Mark.WARN, Mark.GOOD, Mark.PLAIN]
    listed = sorted(findings, key=lambda finding: order.index(finding.mark))
    return html.Ul([_row(finding, now, zone) for finding in listed], className="w-list card-box s-list")


def size_words(size: float) -> str:
    """Bytes as people read them: 1,2 ГБ."""
    power = 0
    value = size / 1000
    while value >= 1000 and power < len(_UNITS) - 1:
        value /= 1000
        power += 1
    return t(_UNITS[power], size=number(value, 0 if value >= 100 or power == 0 else 1))


def _row(finding: Finding, now: datetime, zone: ZoneInfo) -> html.Li:
    text: list[Any] = [
        html.Div(title_of(finding), className="s-title"),
        html.Div(sentence_of(finding, now=now, zone=zone)),
    ]
    if finding.since is not None:
        text.append(html.Div(t("health.since", when=moment(finding.since, now, zone)), className="j-hint number"))
    if remedy := remedy_of(finding):
        text.append(html.Div(remedy, className="s-remedy"))
    mark = html.Div(pill(finding.mark), className="s-mark")
    return html.Li([mark, html.Div(text, className="j-grow")], className="w-row", **{"data-check": finding.check})


def _words(values: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> dict[str, str]:
    shown = {}
    for name, value in values.items():
        if name.endswith("bytes"):
            shown[name] = size_words(value or 0)
        elif name.endswith("share"):
            shown[name] = share(value, 1)
        elif name == "seconds":
            shown[name] = duration(value) if value >= 60 else t("health.seconds", seconds=number(value, 2))
        elif name == "count":
            shown[name] = number(value)
        elif isinstance(value, datetime):
            shown[name] = moment(value, now, zone)
        elif name == "stopped":
            shown[name] = ", ".join(t(f"health.write.{write}") for write in value) or "–"
        else:
            shown[name] = str(value)[:300]
    return shown
