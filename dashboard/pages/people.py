"""Page "Пользователи": who may log in, as what, whose calls he sees and hears; teams; and what the roles may do."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.employees import employees_and_phones
from dashboard.components.icons import icon
from dashboard.components.people import invite_form, plain_table, rights_of_roles, said, scope_words, team_form
from dashboard.components.shell import page_head
from dashboard.components.states import empty_state
from dashboard.context import current_actor, current_settings, current_store
from dashboard.page import Page, Section
from dashboard.text import label, t, tn
from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.identity.teams import Team
from data.identity.users import User
from data.services.people import People


def layout(**query: str) -> html.Div:
    people, actor = _people(), current_actor()
    users, teams = people.everybody(actor), people.teams(actor)
    return html.Div(
        [
            page_head(t("people.title"), count=str(len(users)), actions=[_button("/people/new", "people.invite")]),
            *said(query.get("said", "")),
            plain_table(
                t("people.users"),
                _heads(),
                [_row(user, teams) for user in users],
            ),
            html.Div(
                [html.H2(t("people.teams")), _button("/people/teams/new", "people.team.add", primary=False)],
                className="people-heading",
            ),
            _teams(teams, users),
            html.Div(
                [html.H2(t("people.employees")), *_to_directory(actor)],
                className="people-heading",
            ),
            employees_and_phones(users),
            html.H2(t("people.roles")),
            html.P(t("people.roles.note"), className="muted"),
            rights_of_roles(),
        ],
        className="people",
    )


def invite_layout(**query: str) -> html.Div:
    people = _people()
    return html.Div(
        [
            page_head(t("people.invite")),
            *said(query.get("said", "")),
            html.Section(invite_form(people.teams(current_actor())), className="card-box people-card"),
        ],
        className="people",
    )


def team_layout(team_id: str = "", **query: str) -> html.Div:
    """One team, or a new one. Raises NotFound."""
    people, actor = _people(), current_actor()
    found = next((team for team in people.teams(actor) if team.team_id == team_id), None)
    if team_id and found is None:
        raise NotFound(f"There is no team {team_id}; somebody may have removed it.")
    return html.Div(
        [
            page_head(found.title if found else t("people.team.add")),
            *said(query.get("said", "")),
            html.Section(team_form(found, people.everybody(actor)), className="card-box people-card"),
        ],
        className="people",
    )


def _heads() -> list[str]:
    who = [t("people.login"), t("people.name"), t("people.role")]
    return [*who, t("people.sees"), t("people.hears"), t("people.phones"), t("people.team"), t("people.state")]


def _row(user: User, teams: list[Team]) -> list[Any]:
    team = next((team.title for team in teams if team.team_id == user.team_id), "")
    may_hear = Permission.LISTEN in user.actor.permissions
    return [
        dcc.Link(user.login, href=f"/people/{user.login}"),
        user.name,
        label(user.role),
        scope_words(user.scope),
        scope_words(user.listens) if may_hear else t("people.nobodys"),
        " ".join(sorted(user.extensions)) or "–",
        team or "–",
        _state(user),
    ]


def _state(user: User) -> html.Span:
    if user.locked:
        return html.Span([icon("lock"), t("people.state.locked")], className="pill is-lost")
    if user.must_change:
        return html.Span([icon("hourglass-split"), t("people.state.invited")], className="pill is-missed")
    return html.Span([icon("check2"), t("people.state.active")], className="pill is-reached")


def _teams(teams: list[Team], users: list[User]) -> html.Div:
    if not teams:
        return empty_state(t("people.team.none"), t("people.team.why"), icon_name="people")
    names = {user.login: user.name for user in users}
    rows = [
        [
            dcc.Link(team.title, href=f"/people/teams/{team.team_id}"),
            names.get(team.head or "", "–"),
            tn("people.members", sum(user.team_id == team.team_id for user in users)),
            " ".join(sorted(team.extensions)) or "–",
        ]
        for team in teams
    ]
    heads = [t("people.team"), t("people.team.head"), t("people.users"), t("people.phones")]
    return plain_table(t("people.teams"), heads, rows)


def _to_directory(actor: Actor) -> list[Any]:
    if not actor.may(Permission.DIRECTORY):
        return []
    return [dcc.Link([icon("pencil"), t("people.employees.edit")], href="/settings/directory", className="button")]


def _button(href: str, key: str, *, primary: bool = True) -> dcc.Link:
    words = t("people.invite") if key == "people.invite" else t("people.team.add")
    return dcc.Link([icon("plus-lg"), words], href=href, className="button is-primary" if primary else "button")


def _people() -> People:
    return People(current_settings(), current_store())


PAGES = (
    Page(
        path="/people",
        title="people.title",
        layout=layout,
        icon="people",
        section=Section.SETTINGS,
        permission=Permission.USERS,
        order=10,
    ),
    Page(
        path="/people/new",
        title="people.invite",
        layout=invite_layout,
        permission=Permission.USERS,
        parent="/people",
    ),
    Page(
        path="/people/teams/new",
        title="people.team.add",
        layout=team_layout,
        permission=Permission.USERS,
        parent="/people",
    ),
    Page(
        path="/people/teams/<team_id>",
        title="people.team",
        layout=team_layout,
        permission=Permission.USERS,
        parent="/people",
    ),
)
