"""Page of one user: his rights, where he is logged in, his keys, and the ways to keep him out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import html

from dashboard.agents import agent_words
from dashboard.components.forms import act
from dashboard.components.people import plain_table, rights_form, said
from dashboard.components.shell import page_head
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.page import Page
from dashboard.text import t
from dashboard.text.formats import moment
from data.identity.actor import Permission
from data.identity.users import User
from data.services.people import People


def layout(login: str, **query: str) -> html.Div:
    """Raises NotFound."""
    people, actor = People(current_settings(), current_store()), current_actor()
    user = people.find(actor, login)
    return html.Div(
        [
            page_head(user.name, count=user.login, actions=_actions(user)),
            *said(query.get("said", "")),
            html.Section(
                [html.H2(t("people.rights")), rights_form(user, people.teams(actor))], className="card-box people-card"
            ),
            html.Div(
                [
                    html.H2(t("people.sessions")),
                    act(f"/people/do/{user.login}/end", t("people.sessions.end_all"), "box-arrow-right"),
                ],
                className="people-heading",
            ),
            _sessions(people, user),
            html.H2(t("people.tokens")),
            _tokens(people, user),
        ],
        className="people",
    )


def _actions(user: User) -> list[Any]:
    lock = (
        act(f"/people/do/{user.login}/unlock", t("people.unlock"), "check2")
        if user.locked
        else act(f"/people/do/{user.login}/lock", t("people.lock"), "lock")
    )
    return [act(f"/people/do/{user.login}/reset", t("people.reset"), "arrow-clockwise"), lock]


def _sessions(people: People, user: User) -> Any:
    found = people.sessions(current_actor(), user.login)
    if not found:
        return html.P(t("people.sessions.none"), className="muted")
    rows = [
        [
            html.Span(agent_words(browser.agent) or t("people.unknown"), title=browser.agent),
            browser.address,
            _moment(browser.created_at),
            _moment(browser.seen_at),
            act(f"/people/do/{user.login}/end", t("people.sessions.end"), session=browser.key),
        ]
        for browser in found
    ]
    heads = [t("people.browser"), t("people.address"), t("people.since"), t("people.used"), t("people.action")]
    return plain_table(t("people.sessions"), heads, rows)


def _tokens(people: People, user: User) -> Any:
    found = people.tokens(current_actor(), user.login)
    if not found:
        return html.P(t("people.tokens.none"), className="muted")
    rows = [
        [
            token.title,
            _moment(token.created_at),
            _moment(token.used_at) if token.used_at else t("people.never"),
            act(f"/people/do/{user.login}/token", t("people.tokens.revoke"), "trash", token=token.token_id),
        ]
        for token in found
    ]
    return plain_table(
        t("people.tokens"), [t("people.token"), t("people.since"), t("people.used"), t("people.action")], rows
    )


def _moment(at: float) -> str:
    return moment(datetime.fromtimestamp(at, UTC), now(), current_settings().site.zone)


PAGE = Page(
    path="/people/<login>",
    title="people.title",
    layout=layout,
    permission=Permission.USERS,
    parent="/people",
)
