"""Page "Журнал действий": who did what to what, with filters, pages and a file of it."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.audit import (
    action_words,
    days_of,
    detail_words,
    read_filter,
    subject_link,
    subject_words,
    who_words,
    write_filter,
)
from dashboard.components.forms import button, choice, text_field
from dashboard.components.icons import icon
from dashboard.components.people import plain_table
from dashboard.components.shell import page_head
from dashboard.components.states import empty_state
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.page import Page, Section
from dashboard.text import t
from dashboard.text.formats import date_time, number
from data.identity.actor import Permission
from data.identity.users import Users
from data.services.audit import AuditChoices, AuditFilter, AuditRow, audit_choices, audit_count, audit_page
from data.services.notes import Notes

ROWS = 100
_FARTHEST = 100_000


def layout(**query: str) -> html.Div:
    """The lines of the address' filter, a hundred at a time."""
    settings, store, actor = current_settings(), current_store(), current_actor()
    Notes(settings, store).hand_over()
    wanted = read_filter(query, zone=settings.site.zone, now=now())
    count = audit_count(store, actor, wanted)
    last = max(1, -(-count // ROWS))
    page = min(_page(query.get("page", "")), last)
    names = {user.login: user.name for user in Users(settings).list()}
    found = audit_page(store, actor, wanted, limit=ROWS, offset=(page - 1) * ROWS)
    return html.Div(
        [
            page_head(t("audit.title"), count=number(count), actions=_exports(wanted)),
            _filter(wanted, audit_choices(store, actor, wanted), names),
            _table(found, names)
            if found
            else empty_state(t("audit.none"), t("audit.none.why"), icon_name="shield-lock"),
            *_pager(wanted, page, last),
        ],
        className="people audit",
    )


def _exports(wanted: AuditFilter) -> list[Any]:
    return [
        html.A(
            [icon("download"), form.upper()],
            href=f"/api/audit/export.{form}?{write_filter(wanted)}",
            className="button",
            **{"aria-label": t("audit.export", form=form.upper())},
        )
        for form in ("csv", "xlsx")
    ]


def _filter(wanted: AuditFilter, choices: AuditChoices, names: dict[str, str]) -> html.Form:
    actors = {"": t("audit.all")} | {one: who_words(one, names) for one in (*choices.actors, wanted.actor) if one}
    actions = sorted({*choices.actions, wanted.action} - {""}, key=action_words)
    first, last = days_of(wanted)
    return html.Form(
        [
            _day_field("from", t("audit.from"), first.isoformat()),
            _day_field("to", t("audit.to"), last.isoformat()),
            choice("who", t("audit.who"), actors, wanted.actor),
            choice(
                "what",
                t("audit.what"),
                {"": t("audit.all")} | {one: action_words(one) for one in actions},
                wanted.action,
            ),
            text_field("q", t("audit.search"), wanted.search, maxLength=200, placeholder=t("audit.search.what")),
            button(t("audit.show"), "search", primary=True),
        ],
        method="GET",
        action="/settings/audit",
        className="form is-line no-print",
        role="search",
    )


def _day_field(name: str, words: str, value: str) -> html.Div:
    return html.Div(
        [
            html.Label(words, htmlFor=f"form-{name}"),
            dcc.Input(id=f"form-{name}", name=name, value=value, className="field", pattern=r"\d{4}-\d\d-\d\d"),
        ],
        className="form-field",
    )


def _table(rows: tuple[AuditRow, ...], names: dict[str, str]) -> html.Div:
    zone = current_settings().site.zone
    heads = [t("audit.when"), t("audit.who"), t("audit.what"), t("audit.subject"), t("audit.detail")]
    cells = [
        [
            date_time(row.acted_at, zone),
            who_words(row.actor, names),
            action_words(row.action),
            _subject(row),
            _details(row),
        ]
        for row in rows
    ]
    return plain_table(t("audit.title"), heads, cells)


def _subject(row: AuditRow) -> Any:
    words, link = subject_words(row), subject_link(row)
    if link:
        return dcc.Link(words, href=link, title=row.subject_id)
    return html.Span(words, title=row.subject_id)


def _details(row: AuditRow) -> Any:
    found = detail_words(row)
    return [
        html.Div([html.Span(f"{name}: ", className="muted") if name else None, value]) for name, value in found
    ] or "–"


def _pager(wanted: AuditFilter, page: int, last: int) -> list[Any]:
    if last == 1:
        return []
    parts: list[Any] = [html.Span(t("audit.page", page=number(page), pages=number(last)), className="muted")]
    if page > 1:
        newer = "/settings/audit?" + write_filter(wanted, page=str(page - 1))
        parts.insert(0, dcc.Link(t("audit.newer"), href=newer, className="button"))
    if page < last:
        older = "/settings/audit?" + write_filter(wanted, page=str(page + 1))
        parts.append(dcc.Link(t("audit.older"), href=older, className="button"))
    return [html.Nav(parts, className="people-heading no-print", **{"aria-label": t("audit.pages")})]


def _page(text: str) -> int:
    return min(int(text), _FARTHEST) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else 1


PAGE = Page(
    path="/settings/audit",
    title="audit.title",
    layout=layout,
    icon="shield-lock",
    section=Section.SETTINGS,
    permission=Permission.AUDIT,
    order=40,
)
