"""How /api answers: JSON by orjson, and what clients send turned into values or a clear refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from dashboard.context import request_id
from dashboard.errors import Trouble, as_json
from dashboard.filters import BadFilter
from data.errors import CallboardError

HIGHEST_VERSION = 2**31 - 1
_LONGEST_ENTRY = 300  # of a list: ids


class BadRequest(CallboardError):
    """What a client sent is not what the endpoint takes."""


def answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON: dataclasses, dates and mappings as they are."""
    body = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z, default=_plain)
    return Response(body, status, mimetype="application/json")


def blueprint(name: str, prefix: str) -> Blueprint:
    """A Blueprint that answers what it cannot understand with 400 and our message."""
    made = Blueprint(name, __name__, url_prefix=prefix)
    for kind in (BadFilter, BadRequest):
        made.register_error_handler(kind, refuse)
    return made


def refuse(error: CallboardError, trouble: Trouble | None = None) -> Response:
    """Our message as the answer: 400, or the status of `trouble`."""
    told = trouble or Trouble(status=400, kind="bad_request", detail=str(error))
    return Response(as_json(told, request_id=request_id()), told.status, mimetype="application/json")


def body() -> dict[str, Any]:
    """The JSON object that was sent. Raises BadRequest."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise BadRequest("The body is no JSON object. Send one with Content-Type: application/json.")
    return sent


def only(sent: dict[str, Any], names: Iterable[str]) -> None:
    """Raises BadRequest where a field was sent that is none of `names`: a slip of the pen must not pass in silence."""
    if unknown := sorted(set(sent) - set(names)):
        raise BadRequest(f"There is no field {unknown[0][:40]!r}. There are: {', '.join(names)}.")


def version_of(sent: dict[str, Any], *, low: int = 1) -> int:
    """The version of the row which was read. Raises BadRequest."""
    value = sent.get("version")
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= HIGHEST_VERSION:
        raise BadRequest(f"version must be that of the row which was read, a whole number from {low} on.")
    return value


def is_clean(text: str) -> bool:
    """Half a sign cannot be stored, and the sign of the end ends what reads it."""
    return not any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in text)


def text(values: dict[str, Any], name: str, *, longest: int, required: bool = False) -> str:
    """The string `name` of a body, without blanks around it. Raises BadRequest."""
    value = values.get(name, "")
    if value is None:
        value = ""
    if not isinstance(value, str) or len(value) > longest:
        raise BadRequest(f"{name} must be a text of at most {longest} characters.")
    if not is_clean(value):
        raise BadRequest(f"{name} holds half a sign or the sign of the end, which no text has. Leave it out.")
    if required and not value.strip():
        raise BadRequest(f"{name} is missing or empty.")
    return value.strip()


def texts(sent: dict[str, Any], name: str, *, most: int) -> list[str]:
    """The list of texts `name` of a body. Raises BadRequest."""
    values = sent.get(name) or []
    if not isinstance(values, list) or not all(isinstance(one, str) and len(one) <= _LONGEST_ENTRY for one in values):
        raise BadRequest(f"{name} must be a list of texts.")
    if len(values) > most:
        raise BadRequest(f"{name} has {len(values)} entries, at most {most} are taken in one go. Send fewer.")
    return values


def whole(name: str, otherwise: int, *, low: int, high: int) -> int:
    """The whole number `name` of the query. Raises BadRequest."""
    given = request.args.get(name)
    if given is None:
        return otherwise
    if not given.isascii() or not given.isdigit() or not low <= int(given[:18]) <= high:
        raise BadRequest(f"{name}={given!r} is no whole number from {low} to {high}.")
    return int(given)


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if hasattr(value, "items"):
        return dict(value)
    raise TypeError(f"{type(value)} has no JSON form")
