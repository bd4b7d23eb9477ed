"""`/api/calls/ID/events`: the raw events that a call rests on, to be read or kept as a capture."""

from __future__ import annotations

from typing import Any

from flask import Response

from dashboard.api.answers import answer, blueprint
from dashboard.context import current_actor, current_store, now, require
from dashboard.journal import current_journal
from data.identity.actor import Permission
from data.queries import read
from data.services.listening import exported_events

API = blueprint("call_events", "/api/calls")


@API.get("/<call_id>/events")
def events(call_id: str) -> Response:
    """The events in the order in which they came."""
    found = [event | {"fields": dict(event["fields"])} for event in _events(call_id)]
    return answer({"events": found})


@API.get("/<call_id>/events.ami")
def capture(call_id: str) -> Response:
    """The same as a stream of the manager interface, which `app.py replay` reads."""
    text = "".join(_message(event) for event in _events(call_id))
    exported_events(current_store(), current_actor(), call_id, now=now())
    plain = "".join(sign if sign.isalnum() else "_" for sign in call_id)
    headers = {"Content-Disposition": f'attachment; filename="{plain}.ami"'}
    return Response(text.encode(), mimetype="application/octet-stream", headers=headers)


def _events(call_id: str) -> list[dict[str, Any]]:
    actor = require(Permission.SEE_CALLS)
    require(Permission.SEE_RAW_EVENTS)
    found = current_journal().details(actor, call_id, as_of=now()).row.call_id
    return current_store().query(read("events/of_call"), {"call_id": found}, actor=actor).to_pylist()


def _message(event: dict[str, Any]) -> str:
    fields = dict(event["fields"])
    lines = [f"Event: {event['name']}", *(f"{name}: {value}" for name, value in fields.items() if name != "Event")]
    # A line break inside a value would begin a header of its own.
    return "".join(line.replace("\r", " ").replace("\n", " ") + "\r\n" for line in lines) + "\r\n"
