"""Page "Состояние": how the product does, in words, and what to do where something is wrong."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from dash import html

from dashboard.components.health import finding_list, pill, size_words
from dashboard.components.icons import icon
from dashboard.components.shell import page_head
from dashboard.context import current_settings, current_store, disk_room, now
from dashboard.page import Page, Section
from dashboard.text import t
from dashboard.text.formats import date_time, number
from data.health import Facts, examine, gather, worst
from data.identity.actor import Permission

_PARTS = ("duckdb", "dash", "pyarrow")


def layout(**_: str) -> html.Div:
    settings, at = current_settings(), now()
    facts = gather(settings, current_store(), disk_room(), now=at)
    findings = examine(facts)
    again = html.Button(
        [icon("arrow-clockwise"), t("health.again")], className="button", type="button", **{"data-action": "reload"}
    )
    return html.Div(
        [
            page_head(t("health.title"), count=pill(worst(findings)), actions=[again]),
            html.P(t("health.note", when=date_time(at, settings.site.zone)), className="muted d-note"),
            finding_list(findings, now=at, zone=settings.site.zone),
            html.H2(t("health.figures"), className="s-heading"),
            _figures(facts),
        ],
        className="w-page",
    )


def _figures(facts: Facts) -> html.Dl:
    """What is neither good nor bad: how much there is, and of which versions."""
    shown: list[tuple[str, str]] = []
    if facts.office is not None:
        shown += [
            (t("health.figure.calls"), number(facts.office["calls"])),
            (t("health.figure.running"), number(facts.office["running"])),
            (t("health.figure.schema"), str(facts.office["schema_version"])),
        ]
    for name, size in facts.journal_bytes.items():
        shown.append((t("health.figure.journal", pbx=name), size_words(size)))
    if facts.good_backup is not None:
        shown.append((t("health.figure.backup"), size_words(facts.good_backup["bytes"] or 0)))
    shown += [("Python", platform.python_version()), *((name, _version(name)) for name in _PARTS)]
    parts = [part for words, value in shown for part in (html.Dt(words), html.Dd(value, className="number"))]
    return html.Dl(parts, className="plain-facts card-box people-card s-figures")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


PAGE = Page(
    path="/settings/status",
    title="health.title",
    layout=layout,
    icon="speedometer2",
    section=Section.SETTINGS,
    permission=Permission.SETTINGS,
    order=80,
)
