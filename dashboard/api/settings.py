"""`/settings/do/…`: what the form of settings sends; it answers with the page to look at next."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request

from dashboard.auth import theme
from dashboard.context import current_settings, current_store, given_settings, now, require
from dashboard.html import render
from dashboard.text import t
from data.errors import BadInput, CallboardError, NotFound
from data.identity.actor import Permission
from data.runtime import CHANGEABLE
from data.services.settings import change

API = Blueprint("settings", __name__, url_prefix="/settings/do")
_LONGEST = 40


@API.post("/save")
def save() -> Response:
    """Keep what differs from what holds now."""
    actor, present = require(Permission.SETTINGS), current_settings()
    values = {}
    for name in CHANGEABLE:
        sent = request.form.get(name)
        if sent is None:
            continue
        section, _, key = name.partition(".")
        holds = getattr(getattr(present, section), key)
        typed = sent.strip()[:_LONGEST]
        if not isinstance(holds, str):
            typed = typed.replace(",", ".")
        if typed != (f"{holds:g}" if isinstance(holds, float) else str(holds)):
            values[name] = typed
    if values:
        change(current_store(), actor, given_settings(), values, now=now())
        _tell()
    return _to("saved")


@API.post("/reset")
def reset() -> Response:
    """Let the file say it again."""
    actor = require(Permission.SETTINGS)
    change(current_store(), actor, given_settings(), {request.form.get("name", "")[:80]: None}, now=now())
    _tell()
    return _to("reset")


@API.errorhandler(BadInput)
@API.errorhandler(NotFound)
def refuse(error: CallboardError) -> Response:
    """Words for the person who typed it; the browser's "back" brings the form with what was typed."""
    page = render(
        "refused.html",
        theme=theme(),
        site=current_settings().site.name,
        heading=t("settings.refused"),
        explanation=t("settings.refused.why"),
        detail=str(error),
        back="/settings/general",
    )
    return Response(page, 422)


def _tell() -> None:
    """This process has it at once, the others within seconds."""
    current_app.extensions["callboard_runtime"].forget()


def _to(said: str) -> Response:
    found = redirect(f"/settings/general?said={said}", 303)
    return Response(found.get_data(), found.status_code, found.headers)
