"""`/people/do/…`: what the forms about people send; each act answers with the page to look at next."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, request

from dashboard.auth import theme
from dashboard.context import current_settings, current_store, now, require
from dashboard.html import render
from dashboard.text import t
from data.errors import BadInput, CallboardError
from data.identity.actor import Actor, Permission, Role, Scope
from data.identity.users import LastAdministrator, LoginRefused, LoginTaken, Rights
from data.services.people import People

API = Blueprint("people", __name__, url_prefix="/people/do")
_LONGEST_LINE = 8000


@API.post("/invite")
def invite() -> Response:
    """Let somebody in; the page with his one-time password is shown once."""
    actor, login = _actor(), _text("login").lower()
    return _password_page(login, _people().invite(actor, login, _rights(), now=now()), is_new=True)


@API.post("/<login>/rights")
def rights(login: str) -> Response:
    actor = _actor()
    _people().set_rights(actor, login, _rights(), now=now())
    return _to(f"/people/{quote(login)}", "saved")


@API.post("/<login>/reset")
def reset(login: str) -> Response:
    """A new one-time password, shown once."""
    return _password_page(login, _people().reset(_actor(), login, now=now()), is_new=False)


@API.post("/<login>/lock")
def lock(login: str) -> Response:
    _people().lock(_actor(), login, True, now=now())
    return _to(f"/people/{quote(login)}", "locked")


@API.post("/<login>/unlock")
def unlock(login: str) -> Response:
    _people().lock(_actor(), login, False, now=now())
    return _to(f"/people/{quote(login)}", "unlocked")


@API.post("/<login>/end")
def end(login: str) -> Response:
    """Log out one browser ("session"), or all."""
    if key := _text("session"):
        _people().end_session(_actor(), login, key, now=now())
    else:
        _people().end_sessions(_actor(), login, now=now())
    return _to(f"/people/{quote(login)}", "ended")


@API.post("/<login>/token")
def token(login: str) -> Response:
    _people().revoke_token(_actor(), login, _text("token"), now=now())
    return _to(f"/people/{quote(login)}", "revoked")


@API.post("/team/<team_id>")
def team(team_id: str) -> Response:
    """Keep a team; "new" makes one."""
    made = _people().save_team(
        _actor(),
        _text("title"),
        extensions=_phones("extensions"),
        head=_text("head") or None,
        now=now(),
        team_id=None if team_id == "new" else team_id,
    )
    return _to(f"/people/teams/{made}", "saved")


@API.post("/team/<team_id>/remove")
def remove_team(team_id: str) -> Response:
    _people().remove_team(_actor(), team_id, now=now())
    return _to("/people", "removed")


@API.errorhandler(LoginTaken)
@API.errorhandler(LoginRefused)
@API.errorhandler(LastAdministrator)
@API.errorhandler(BadInput)
def refuse(error: CallboardError) -> Response:
    """Words for the person who typed it; the browser's "back" brings the form with what was typed."""
    kinds = {LoginTaken: "taken", LoginRefused: "login", LastAdministrator: "last"}
    page = render(
        "refused.html",
        theme=theme(),
        site=current_settings().site.name,
        heading=t("people.refused"),
        explanation=t(f"people.refused.{kinds.get(type(error), 'input')}"),
        detail=str(error),
        back="/people",
    )
    return Response(page, 409 if type(error) in kinds and not isinstance(error, LoginRefused) else 422)


def _actor() -> Actor:
    return require(Permission.USERS)


def _people() -> People:
    return People(current_settings(), current_store(), ended=current_app.extensions["callboard_ended"])


def _rights() -> Rights:
    try:
        role, scope, listens = Role(_text("role")), Scope(_text("scope")), Scope(_text("listens") or "all")
    except ValueError as error:
        raise BadInput(f"{error}. Choose one of the list.") from None
    return Rights(
        name=_text("name"),
        role=role,
        scope=scope,
        listed=_phones("listed"),
        listed_teams=frozenset(request.form.getlist("listed_teams")),
        listens=listens,
        listens_to=_phones("listens_to"),
        listens_to_teams=frozenset(request.form.getlist("listens_to_teams")),
        employee_id=_text("employee_id") or None,
        extensions=_phones("extensions"),
        team_id=_text("team_id") or None,
    )


def _phones(name: str) -> frozenset[str]:
    return frozenset(_text(name).replace(",", " ").replace(";", " ").split())


def _text(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST_LINE].strip()


def _to(path: str, said: str) -> Response:
    found = redirect(f"{path}?said={said}", 303)
    return Response(found.get_data(), found.status_code, found.headers)


def _password_page(login: str, password: str, *, is_new: bool) -> Response:
    address = current_settings().web.public_url or request.host_url.rstrip("/")
    page = render(
        "one_time.html",
        theme=theme(),
        site=current_settings().site.name,
        heading=t("people.invited") if is_new else t("people.was_reset"),
        message=t("people.one_time.letter", address=address, login=login, password=password),
        login=login,
        password=password,
        back=f"/people/{quote(login)}",
    )
    return Response(page, 200, {"Cache-Control": "no-store"})
