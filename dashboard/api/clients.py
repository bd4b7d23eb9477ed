"""`/api/accounts?q=` finds clients; `/api/calls/ID/client` says whose the number of a call is."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, whole
from dashboard.api.exchange import listed_accounts
from dashboard.api.live import running_calls
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.errors import Trouble
from dashboard.journal import current_journal
from data.errors import BadCursor, BadInput, NotFound, NumberTaken
from data.identity.actor import Actor, Permission
from data.journal import CallFilter
from data.services.clients import ClientFields, ClientHit, get_client, search_clients
from data.services.fields import LONGEST_NAME
from data.services.numbers import attach_number, create_client_with_number, move_number

API = blueprint("clients", "/api")
for _kind in (BadInput, BadCursor):
    API.register_error_handler(_kind, refuse)
_MOST = 50


@API.errorhandler(NumberTaken)
def taken(error: NumberTaken) -> Response:
    """409: somebody else was quicker, or the number has an owner: {"move": true} takes it over."""
    trouble = Trouble(status=409, kind="conflict", detail=str(error))
    return refuse(error, trouble)


@API.get("/accounts")
def accounts() -> Response:
    """Clients by a part of a name, of a person's name or of a number; each with the persons that fit.

    Without ?q= those that changed since a cursor (exchange.py).
    """
    if "q" not in request.args:
        return listed_accounts()
    found = search_clients(
        current_store(),
        current_actor(),
        request.args.get("q", ""),
        site=current_settings().site,
        limit=whole("limit", 20, low=1, high=_MOST),
    )
    listed: dict[str, dict[str, Any]] = {}
    for hit in found:
        account = listed.setdefault(hit.account_id, _account(hit))
        if hit.contact_id is not None:
            account["contacts"].append({"contact_id": hit.contact_id, "name": hit.contact})
    return answer({"accounts": list(listed.values())})


@API.post("/calls/<call_id>/client")
def attach(call_id: str) -> Response:
    """The number of the call is from now on {"account_id", "contact_id"?}'s, or a new client's {"name"}.

    {"move": true} takes it from its present owner. Answers the client and how many calls it labels.
    """
    store, actor, sent = current_store(), current_actor(), body()
    journal = current_journal()
    number = _number_of(actor, call_id)
    if number is None:
        raise BadRequest("The number of this call is hidden: it can be nobody's.")
    account_id = text(sent, "account_id", longest=64)
    contact_id = text(sent, "contact_id", longest=64) or None
    if not account_id:
        fields = ClientFields(name=text(sent, "name", longest=LONGEST_NAME, required=True))
        account_id = create_client_with_number(store, actor, fields, number, now=now())
    elif sent.get("move") is True:
        move_number(store, actor, number, account_id, now=now(), contact_id=contact_id)
    else:
        attach_number(store, actor, number, account_id, now=now(), contact_id=contact_id)
    client = get_client(store, actor, account_id)
    calls = journal.count(actor, CallFilter(number=number, account_id=client.account_id), as_of=now())
    return answer({"account_id": client.account_id, "name": client.fields.name, "calls": calls})


def _account(hit: ClientHit) -> dict[str, Any]:
    return {
        "account_id": hit.account_id,
        "name": hit.name,
        "kind": hit.kind,
        "hint": hit.number_text,
        "contacts": [],
    }


def _number_of(actor: Actor, call_id: str) -> str | None:
    """The outside number of a call, which may still go on: then it is in no journal yet. Raises NotFound."""
    try:
        return current_journal().details(actor, call_id, as_of=now()).row.number
    except NotFound:
        going_on = [row for row in running_calls(actor, CallFilter()) if row["call_id"] == call_id]
        if not going_on or not actor.may(Permission.FULL_NUMBERS):
            raise
        number: str | None = going_on[0]["number"]
        return number
