"""`/privacy/do/…`: what the forms about privacy send; each act answers with the page to look at next."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from dashboard.auth import theme
from dashboard.components.privacy import held_words
from dashboard.context import current_settings, current_store, now, require
from dashboard.html import render
from dashboard.pages.privacy import person_of
from dashboard.text import t
from data.errors import BadInput, CallboardError
from data.identity.actor import Actor, Permission
from data.services.erasing import Held, ask_erasure
from data.services.retention import DataClass, HoldKind, lift_hold, place_hold, set_rule

API = Blueprint("privacy", __name__, url_prefix="/privacy/do")
_LONGEST_LINE = 1000


@API.post("/retention")
def retention() -> Response:
    """Keep a class for so many days; none: as long as there is room."""
    actor, days = _actor(), _text("days")
    if days and not (days.isascii() and days.isdigit() and len(days) <= 6):
        raise BadInput(f"{days[:20]!r} is no number of days.")
    set_rule(current_store(), actor, _kind(DataClass, "kind"), int(days) if days else None, now=now())
    return _to("kept")


@API.post("/hold")
def hold() -> Response:
    actor, site = _actor(), current_settings().site
    kind = _kind(HoldKind, "kind")
    place_hold(current_store(), actor, site, kind, _text("subject"), _text("reason"), now=now())
    return _to("held")


@API.post("/hold/lift")
def lift() -> Response:
    lift_hold(current_store(), _actor(), _text("hold"), now=now())
    return _to("lifted")


@API.post("/erase")
def erase() -> Response:
    """Ask for an erasure; ingest carries it out."""
    actor = _actor()
    ask_erasure(current_store(), actor, person_of(_text("person")), _text("reason"), now=now())
    return _to("asked")


@API.errorhandler(BadInput)
@API.errorhandler(Held)
def refuse(error: CallboardError) -> Response:
    """Words for the person who typed it; the browser's "back" brings the form with what was typed."""
    held = held_words(error) if isinstance(error, Held) else None
    page = render(
        "refused.html",
        theme=theme(),
        site=current_settings().site.name,
        heading=t("privacy.refused"),
        explanation=held or t("privacy.refused.input"),
        detail="" if held else str(error),
        back="/settings/privacy",
    )
    return Response(page, 409 if held else 422)


def _actor() -> Actor:
    return require(Permission.PRIVACY)


def _kind(kinds: type[DataClass] | type[HoldKind], name: str):  # type: ignore[no-untyped-def]
    try:
        return kinds(_text(name))
    except ValueError as error:
        raise BadInput(f"{error}. Choose one of the list.") from None


def _text(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST_LINE].strip()


def _to(said: str) -> Response:
    found = redirect(f"/settings/privacy?said={said}", 303)
    return Response(found.get_data(), found.status_code, found.headers)
