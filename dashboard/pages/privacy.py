"""Page "Хранение и удаление": how long things are kept, what must be kept, and erasing a person."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from dash import dcc, html

from dashboard.components.privacy import (
    certificate,
    erase_form,
    erase_preview,
    erasures_table,
    held_words,
    hold_form,
    holds_table,
    retention_preview,
    rules_table,
    said,
)
from dashboard.components.shell import page_head
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.page import Page, Section
from dashboard.text import t, tn
from dashboard.text.formats import number
from data.errors import BadInput, NotFound
from data.identity.actor import Permission
from data.person import Person
from data.services.erasing import ErasingStore, Held, erasable, erasures, person_of_client, person_of_number
from data.services.retention import LONGEST_DAYS, SHORTEST_DAYS, DataClass, holds, preview, rules

_LONGEST = 100


def layout(**query: str) -> html.Div:
    """With ?class=&days= the preview of a retention, with ?person= that of an erasure."""
    store, actor, settings = current_store(), current_actor(), current_settings()
    typed = query.get("person", "")[:_LONGEST]
    return html.Div(
        [
            page_head(t("privacy.title")),
            *said(query.get("said", "")),
            html.H2(t("privacy.retention")),
            *_retention(query),
            rules_table(rules(store, actor), settings.journal.event_retention_days),
            html.H2(t("privacy.holds")),
            html.P(t("privacy.hold.means"), className="muted"),
            holds_table(holds(store, actor)),
            html.Section(hold_form(), className="card-box people-card"),
            html.H2(t("privacy.erase")),
            html.P(t("privacy.erase.means"), className="muted"),
            html.Section(erase_form(typed), className="card-box people-card"),
            *_erasure(typed),
            html.H2(t("privacy.erasures")),
            erasures_table(erasures(store, actor)),
        ],
        className="people privacy",
    )


def certificate_layout(erasure_id: str, **query: str) -> html.Div:
    """One certificate, to be printed. Raises NotFound."""
    found = next((one for one in erasures(current_store(), current_actor()) if one.erasure_id == erasure_id), None)
    if found is None:
        raise NotFound(f"There is no erasure {erasure_id[:40]}.")
    back = dcc.Link(t("privacy.back"), href="/settings/privacy", className="button no-print")
    return html.Div(
        [page_head(t("privacy.certificate"), actions=[back]), certificate(found)], className="people privacy"
    )


def person_of(typed: str) -> Person:
    """Whose data are meant by a number as typed, or the id of a client. Raises BadInput, NotFound."""
    try:
        account_id = str(UUID(typed.strip()))
    except ValueError:
        return person_of_number(current_store(), current_actor(), typed, current_settings().site)
    return person_of_client(current_store(), current_actor(), account_id)


def _retention(query: dict[str, str]) -> list[Any]:
    kind, days = query.get("class", ""), query.get("days", "")
    if kind not in set(DataClass) or not days.isascii() or not days.isdigit() or len(days) > 6:
        return []
    try:
        shown = preview(current_store(), current_actor(), DataClass(kind), int(days), now=now())
    except BadInput:
        shortest, longest = SHORTEST_DAYS[DataClass(kind)], number(LONGEST_DAYS)
        what = t(f"privacy.class.{kind}")
        refused = t("privacy.days.refused", what=what, shortest=tn("privacy.days", shortest), longest=longest)
        return [html.P(refused, className="notice", role="alert")]
    return [retention_preview(DataClass(kind), int(days), shown)]


def _erasure(typed: str) -> list[Any]:
    if not typed:
        return []
    try:
        person = person_of(typed)
        counts = erasable(cast(ErasingStore, current_store()), current_actor(), person)
    except (BadInput, NotFound):
        return [html.P(t("privacy.erase.unknown"), className="notice", role="alert")]
    except Held as held:
        return [html.P(held_words(held), className="notice", role="alert")]
    return [erase_preview(typed, person, counts)]


PAGES = (
    Page(
        path="/settings/privacy",
        title="privacy.title",
        layout=layout,
        icon="eye-slash",
        section=Section.SETTINGS,
        permission=Permission.PRIVACY,
        order=50,
    ),
    Page(
        path="/settings/privacy/<erasure_id>",
        title="privacy.certificate",
        layout=certificate_layout,
        permission=Permission.PRIVACY,
        parent="/settings/privacy",
    ),
)
