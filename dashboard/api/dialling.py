"""`/api/dial`: calls that a user starts from the screen, and how far they have come.

POST /api/dial {"number"} or {"call_id"}   ► 202 {"id"}
GET  /api/dial/ID                          ► {"state", "error", "call_id", …}
"""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from dashboard.api.answers import answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_settings, current_store, now
from data.errors import BadInput
from data.phone import display
from data.services.dialing import dial, dial_call, dialled

API = blueprint("dialling", "/api/dial")
API.register_error_handler(BadInput, refuse)

_LONGEST_NUMBER = 40
_LONGEST_ID = 300


@API.post("")
def start() -> Response:
    """Ask for a call; 409 while the user's phone is being called already."""
    sent = body()
    store, actor, settings = current_store(), current_actor(), current_settings()
    if call_id := text(sent, "call_id", longest=_LONGEST_ID):
        order = dial_call(store, actor, settings, call_id, now=now())
    else:
        number = text(sent, "number", longest=_LONGEST_NUMBER, required=True)
        order = dial(store, actor, settings, number, now=now())
    return answer({"id": order}, 202)


@API.get("/<order>")
def state(order: str) -> Response:
    """How far it has come."""
    actor = current_actor()
    found = dialled(current_store(), actor, order, now=now())
    return answer(asdict(found) | {"number": display(found.number)})
