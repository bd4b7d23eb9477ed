"""Parts of the pages about people: forms, the table of roles, and what was just done in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboard.components.forms import act, button, choice, form, several, text_field
from dashboard.components.icons import icon
from dashboard.context import current_actor, current_store, now
from dashboard.text import label, t
from data.identity.actor import PERMISSIONS, Permission, Role, Scope
from data.identity.teams import Team
from data.identity.users import User
from data.queries import read
from data.services.people import LONGEST_NAME

# What a page may be asked to say; nothing else from the address is shown.
SAID = ("saved", "locked", "unlocked", "ended", "revoked", "removed")
_LOGIN = "[a-z0-9][a-z0-9._@\\-]{0,63}"
_PHONES = "[A-Za-z0-9 ,;]*"
_NOBODY: frozenset[str] = frozenset()


def said(what: str) -> list[Any]:
    """The notice of what was just done; nothing for other words."""
    if what not in SAID:
        return []
    return [html.P([icon("check-circle"), html.Span(t(f"people.said.{what}"))], className="notice", role="status")]


def scope_words(scope: Scope) -> str:
    return t(f"people.scope.{scope}")


def invite_form(teams: Sequence[Team]) -> html.Form:
    """Everything that is decided when somebody is let in."""
    login = text_field(
        "login",
        t("people.login"),
        hint=t("people.login.rule"),
        required=True,
        pattern=_LOGIN,
        maxLength=64,
        autoComplete="off",
    )
    return form("/people/do/invite", [login, *_rights_fields(None, teams), button(t("people.invite"), primary=True)])


def rights_form(user: User, teams: Sequence[Team]) -> html.Form:
    return form(
        f"/people/do/{user.login}/rights", [*_rights_fields(user, teams), button(t("people.save"), primary=True)]
    )


def team_form(team: Team | None, users: Sequence[User]) -> html.Div:
    """A team as it is, or a new one."""
    people = {"": t("people.nobody")} | {user.login: user.name for user in users}
    fields = [
        text_field("title", t("people.team.title"), team.title if team else "", required=True, maxLength=LONGEST_NAME),
        choice("head", t("people.team.head"), people, (team.head if team else None) or ""),
        text_field(
            "extensions",
            t("people.phones"),
            _phones(team.extensions if team else frozenset()),
            hint=t("people.team.phones"),
            pattern=_PHONES,
        ),
        button(t("people.save"), primary=True),
    ]
    parts: list[Any] = [form(f"/people/do/team/{team.team_id if team else 'new'}", fields)]
    if team:
        parts.append(act(f"/people/do/team/{team.team_id}/remove", t("people.team.remove"), "trash"))
    return html.Div(parts)


def rights_of_roles() -> html.Div:
    """Which role may do what."""
    rows: list[list[Any]] = []
    for permission in Permission:
        cells: list[Any] = [label(permission)]
        for role in Role:
            may = permission in PERMISSIONS[role]
            words = t("people.may") if may else t("people.may_not")
            cells.append(html.Span(icon("check2") if may else "–", role="img", **{"aria-label": words}))
        rows.append(cells)
    return plain_table(t("people.roles"), [t("people.right"), *(label(role) for role in Role)], rows, stacks=False)


def plain_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], *, stacks: bool = True) -> html.Div:
    """A table whose first column names the row. stacks: on a phone a row becomes a card, heads beside values."""
    name, *others = heads
    return html.Div(
        html.Table(
            [
                html.Caption(title, className="visually-hidden"),
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody([_table_row(name, others, row) for row in rows]),
            ],
            className=f"report-table people-table {'is-stacking' if stacks else ''}".rstrip(),
        ),
        className="card-box people-box",
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )


def _table_row(name: str, others: Sequence[str], row: Sequence[Any]) -> html.Tr:
    first, *rest = row
    cells = [html.Td(cell, **{"data-label": head}) for head, cell in zip(others, rest, strict=True)]
    return html.Tr([html.Th(first, scope="row", **{"data-label": name}), *cells])


def _rights_fields(user: User | None, teams: Sequence[Team]) -> list[Any]:
    role = user.role if user else Role.MANAGER
    return [
        text_field("name", t("people.name"), user.name if user else "", required=True, maxLength=LONGEST_NAME),
        choice("role", t("people.role"), {one.value: label(one) for one in Role}, role.value),
        choice("employee_id", t("people.employee"), _employees(), (user.employee_id if user else None) or ""),
        text_field(
            "extensions",
            t("people.phones"),
            _phones(user.extensions if user else frozenset()),
            hint=t("people.phones.rule"),
            pattern=_PHONES,
        ),
        choice(
            "team_id",
            t("people.team"),
            {"": t("people.no_team")} | {team.team_id: team.title for team in teams},
            (user.team_id if user else None) or "",
        ),
        html.Div(_reaches(user, teams), className="form-groups"),
    ]


def _reaches(user: User | None, teams: Sequence[Team]) -> list[html.Fieldset]:
    """Whose calls are seen and whose are heard: two questions, each with a list of its own."""
    scopes = {scope.value: scope_words(scope) for scope in Scope}
    return [
        _reach(
            choice("scope", t("people.reach"), scopes, (user.scope if user else Scope.OWN).value),
            _named("listed", user.listed if user else _NOBODY, user.listed_teams if user else _NOBODY, teams),
            title=t("people.sees"),
            hint=t("people.sees.rule"),
        ),
        _reach(
            choice("listens", t("people.reach"), scopes, (user.listens if user else Scope.ALL).value),
            _named(
                "listens_to", user.listens_to if user else _NOBODY, user.listens_to_teams if user else _NOBODY, teams
            ),
            title=t("people.hears"),
            hint=t("people.hears.rule"),
        ),
    ]


def _reach(whose: html.Div, named: html.Div, *, title: str, hint: str) -> html.Fieldset:
    """Whose calls; the named phones and teams show where the choice is those."""
    return html.Fieldset(
        [html.Legend(title), whose, named, html.P(hint, className="muted form-hint")], className="form-group"
    )


def _named(name: str, phones: frozenset[str], chosen: frozenset[str], teams: Sequence[Team]) -> html.Div:
    """Phones and teams that are named for seeing, or for listening."""
    fields = [text_field(name, t("people.listed"), _phones(phones), hint=t("people.listed.rule"), pattern=_PHONES)]
    if teams:
        titles = {team.team_id: team.title for team in teams}
        hint = t("people.listed_teams.rule")
        fields.append(several(f"{name}_teams", t("people.listed_teams"), titles, chosen, hint=hint))
    return html.Div(fields, className="form-named")


def _employees() -> Mapping[str, str]:
    rows = current_store().query(read("people/employees"), {"at": now()}, actor=current_actor()).to_pylist()
    return {"": t("people.nobody")} | {
        row["employee_id"]: " · ".join((row["name"], " ".join(row["extensions"] or ()))).rstrip(" ·") for row in rows
    }


def _phones(extensions: frozenset[str]) -> str:
    return " ".join(sorted(extensions))
