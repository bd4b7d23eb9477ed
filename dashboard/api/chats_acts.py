"""`POST /api/chats/ID/ACT`: what people do with a chat; each answers the chat as it is then.

take {"version"}   hand-over {"employee_id" | null, "note"?, "version"}   close, reopen {"version"}
watch, leave {"employee_id"?}   seen {"until"}   tags {"add": [titles], "remove": [ids]}
lead {}   client {"account_id", "contact_id"?} | {"name", "kind"?} | {"account_id": null}
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, texts
from dashboard.api.chats import card_json
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.errors import Trouble
from data.errors import BadInput, NumberTaken
from data.services.chats import acting
from data.services.chats.card import chat_card
from data.services.chats.linking import create_client_of, link_client, set_tags, unlink
from data.services.chats.reading import mark_seen
from data.services.clients import ClientFields, ClientKind
from data.services.leads import LeadFields, create_lead

API = blueprint("chats_acts", "/api/chats")
API.register_error_handler(BadInput, refuse)

_LONGEST_ID = 100
_MOST_TAGS = 50


@API.errorhandler(NumberTaken)
def taken(error: NumberTaken) -> Response:
    """409: the number has an owner."""
    return refuse(error, Trouble(status=409, kind="conflict", detail=str(error)))


@API.post("/<chat_id>/take")
def take(chat_id: str) -> Response:
    """It is mine; 409 where somebody was quicker."""
    acting.take(current_store(), current_actor(), chat_id, version=_version(body()), now=now())
    return _now(chat_id)


@API.post("/<chat_id>/hand-over")
def hand_over(chat_id: str) -> Response:
    """It is another's, or back in the queue."""
    sent = body()
    acting.hand_over(
        current_store(),
        current_actor(),
        chat_id,
        text(sent, "employee_id", longest=_LONGEST_ID) or None,
        note=text(sent, "note", longest=acting.LONGEST_NOTE),
        version=_version(sent),
        now=now(),
    )
    return answer({"done": True})  # it may not be his to see any more


@API.post("/<chat_id>/watch")
def watch(chat_id: str) -> Response:
    """I, or a colleague, follow it."""
    employee_id = text(body(), "employee_id", longest=_LONGEST_ID) or None
    acting.watch(current_store(), current_actor(), chat_id, employee_id, now=now())
    return _now(chat_id)


@API.post("/<chat_id>/leave")
def leave(chat_id: str) -> Response:
    """I, or a colleague, follow it no more."""
    employee_id = text(body(), "employee_id", longest=_LONGEST_ID) or None
    acting.leave(current_store(), current_actor(), chat_id, employee_id, now=now())
    return answer({"done": True})


@API.post("/<chat_id>/close")
def close(chat_id: str) -> Response:
    """Done with."""
    acting.close(current_store(), current_actor(), chat_id, version=_version(body()), now=now())
    return _now(chat_id)


@API.post("/<chat_id>/reopen")
def reopen(chat_id: str) -> Response:
    """Its former responsible's again."""
    acting.reopen(current_store(), current_actor(), chat_id, version=_version(body()), now=now())
    return _now(chat_id)


@API.post("/<chat_id>/seen")
def seen(chat_id: str) -> Response:
    """I have read everything until that moment."""
    given = text(body(), "until", longest=40, required=True)
    try:
        until = datetime.fromisoformat(given)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise BadRequest(f"until={given!r} is no moment such as 2026-11-22T09:30:00Z.")
    mark_seen(current_store(), current_actor(), chat_id, until, now=now())
    return answer({"done": True})


@API.post("/<chat_id>/tags")
def tags(chat_id: str) -> Response:
    """Hang tags and take some off."""
    sent = body()
    set_tags(
        current_store(),
        current_actor(),
        chat_id,
        add=texts(sent, "add", most=_MOST_TAGS),
        remove=texts(sent, "remove", most=_MOST_TAGS),
        now=now(),
    )
    return _now(chat_id)


@API.post("/<chat_id>/client")
def client(chat_id: str) -> Response:
    """Tie the chat to a client or contact person, to a new client, or to nobody."""
    sent = body()
    store, actor = current_store(), current_actor()
    if "name" in sent:
        name = text(sent, "name", longest=300, required=True)
        kind = ClientKind.PERSON if sent.get("kind") == ClientKind.PERSON else ClientKind.ORGANISATION
        create_client_of(store, actor, chat_id, ClientFields(name=name, kind=kind), now=now())
    elif "account_id" in sent and sent["account_id"] is None:
        unlink(store, actor, chat_id, now=now())
    else:
        account_id = text(sent, "account_id", longest=_LONGEST_ID, required=True)
        contact_id = text(sent, "contact_id", longest=_LONGEST_ID) or None
        link_client(store, actor, chat_id, account_id, contact_id=contact_id, now=now())
    return _now(chat_id)


@API.post("/<chat_id>/lead")
def lead(chat_id: str) -> Response:
    """A lead out of the chat; its key. One a chat: where there is one, its key."""
    store, actor = current_store(), current_actor()
    card = chat_card(store, actor, chat_id)
    if card.lead_id is not None:
        return answer({"key": card.lead_id})
    fields = LeadFields(name=card.client or card.title or f"#{card.chat_no}", responsible_id=card.assignee_id)
    number = f"+{card.number}" if card.number else ""
    site = current_settings().site
    key = create_lead(store, actor, site, fields, number=number, chat_id=card.chat_id, now=now())
    return answer({"key": key}, 201)


def _now(chat_id: str) -> Response:
    return answer(card_json(chat_card(current_store(), current_actor(), chat_id)))


def _version(sent: dict[str, Any]) -> int:
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadRequest("version must be that of the chat which was read.")
    return version
