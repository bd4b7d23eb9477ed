"""`/api/clients/ID`: the card, its persons and numbers, its comment and its feed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, whole
from dashboard.api.call_back import call_back
from dashboard.api.client_json import card_fields, card_json, contact_fields, entry_json, version_of
from dashboard.api.comments import comment_json
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.errors import Trouble
from dashboard.journal import current_journal
from dashboard.text import t
from data.errors import BadCursor, BadInput, NumberTaken
from data.identity.actor import Permission
from data.phone import display
from data.services.chats.seeing import viewer
from data.services.client_feed import FeedKind, client_feed
from data.services.clients import Client, get_client, update_client
from data.services.comments import LONGEST, Subject, SubjectKind, comment_history, current_comment, save_comment
from data.services.contacts import create_contact, delete_contact, update_contact
from data.services.merges import undoable_merges
from data.services.numbers import (
    attach_number,
    detach_number,
    former_numbers,
    move_number,
    owner_of,
    owners_of,
    typed_number,
)

API = blueprint("client_cards", "/api/clients")
for _kind in (BadCursor, BadInput):
    API.register_error_handler(_kind, refuse)

_LONGEST_NUMBER = 60


@API.errorhandler(NumberTaken)
def taken(error: NumberTaken) -> Response:
    """409: the number has an owner; {"move": true} takes it over."""
    return refuse(error, Trouble(status=409, kind="conflict", detail=str(error)))


@API.get("/<account_id>")
def card(account_id: str) -> Response:
    """The card; of a client that was merged away, that of the client who took him in."""
    return answer(_card(get_client(current_store(), current_actor(), account_id)))


@API.put("/<account_id>")
def update(account_id: str) -> Response:
    """Keep the fields over the {"version"} that was read; 409 where somebody else changed the card meanwhile."""
    sent = body()
    store, actor = current_store(), current_actor()
    update_client(store, actor, account_id, card_fields(sent), version=version_of(sent), now=now())
    return answer(_card(get_client(store, actor, account_id)))


@API.post("/<account_id>/contacts")
def add_person(account_id: str) -> Response:
    """A new contact person {"name", "position", "emails", "messengers"}, with {"number"} one of his."""
    sent = body()
    store, actor = current_store(), current_actor()
    number = text(sent, "number", longest=_LONGEST_NUMBER)
    # Checked before anything is written: a person without his number would be half a change.
    known = typed_number(number, current_settings().site) if number else None
    if known and (owner := owner_of(store, actor, known)) and owner.account_id != account_id:
        raise NumberTaken(f"{display(known)} belongs to {owner.name}. Move it first, or add the person without it.")
    contact_id = create_contact(store, actor, account_id, contact_fields(sent), now=now())
    if known:
        attach_number(store, actor, known, account_id, contact_id=contact_id, now=now())
    return answer({"contact_id": contact_id}, 201)


@API.put("/<account_id>/contacts/<contact_id>")
def change_person(account_id: str, contact_id: str) -> Response:
    sent = body()
    fields = contact_fields(sent)
    update_contact(
        current_store(), current_actor(), account_id, contact_id, fields, version=version_of(sent), now=now()
    )
    return answer({"contact_id": contact_id})


@API.delete("/<account_id>/contacts/<contact_id>")
def remove_person(account_id: str, contact_id: str) -> Response:
    delete_contact(current_store(), current_actor(), account_id, contact_id, version=version_of(body()), now=now())
    return answer({"removed": contact_id})


@API.get("/numbers")
def number() -> Response:
    """Whose ?number= is and was, however it is written."""
    given = request.args.get("number", "")[:_LONGEST_NUMBER]
    known = typed_number(given, current_settings().site)
    store, actor = current_store(), current_actor()
    owner = owner_of(store, actor, known)
    return answer(
        {
            "number": known,
            "number_text": display(known),
            "owner": asdict(owner) if owner else None,
            "owners": [asdict(one) for one in owners_of(store, actor, known)],
        }
    )


@API.post("/<account_id>/numbers")
def take_number(account_id: str) -> Response:
    """{"number"} is the client's from now on, {"contact_id"} the person's; {"move": true} takes it from its owner."""
    sent = body()
    known = typed_number(text(sent, "number", longest=_LONGEST_NUMBER, required=True), current_settings().site)
    contact_id = text(sent, "contact_id", longest=64) or None
    change = move_number if sent.get("move") is True else attach_number
    change(current_store(), current_actor(), known, account_id, contact_id=contact_id, now=now())
    return answer({"number": known})


@API.delete("/<account_id>/numbers/<number>")
def let_number_go(account_id: str, number: str) -> Response:
    """The number is nobody's from now on; calls until now stay the client's."""
    detach_number(current_store(), current_actor(), number, account_id, now=now())
    return answer({"number": number})


@API.get("/<account_id>/feed")
def feed(account_id: str) -> Response:
    """Entries of ?kind=… (several; none: all), the newest first, behind the cursor ?after=."""
    given = request.args.getlist("kind")
    if unknown := [kind for kind in given if kind not in tuple(FeedKind)]:
        raise BadRequest(f"kind={unknown[0]!r} is none. There are: {', '.join(FeedKind)}.")
    page = client_feed(
        current_journal(),
        current_store(),
        current_actor(),
        account_id,
        as_of=now(),
        kinds=frozenset(FeedKind(kind) for kind in given),
        after=request.args.get("after"),
        limit=whole("limit", 30, low=1, high=100),
    )
    return answer({"entries": [entry_json(entry) for entry in page.entries], "after": page.after})


@API.put("/<account_id>/comment")
def comment(account_id: str) -> Response:
    """Keep {"text", "version"}; 409 where somebody else saved meanwhile."""
    sent = body()
    words = text(sent, "text", longest=LONGEST)
    saved = save_comment(current_store(), current_actor(), _of(account_id), words, version=version_of(sent), now=now())
    return answer(comment_json(saved))


@API.get("/<account_id>/comment/history")
def comments(account_id: str) -> Response:
    """All texts, the present one first."""
    store, actor = current_store(), current_actor()
    present = current_comment(store, actor, _of(account_id))
    former = comment_history(store, actor, _of(account_id))
    return answer({"versions": [comment_json(one) for one in ([present] if present else []) + list(former)]})


def _card(client: Client) -> dict[str, Any]:
    store, actor = current_store(), current_actor()
    account_id = client.account_id
    written = current_comment(store, actor, _of(account_id))
    asked = {"account_id": account_id}
    chats = viewer(store, actor).query(store, "clients/chats", asked) if actor.may(Permission.CHAT) else []
    return card_json(client) | {
        "former_numbers": [asdict(one) for one in former_numbers(store, actor, account_id)],
        "comment": comment_json(written) if written else None,
        "merged": [asdict(one) for one in undoable_merges(store, actor, account_id, now=now())],
        "chats": chats,
        "call_back": call_back(actor, without_number=None if client.numbers else t("clients.call-back.no-number")),
    }


def _of(account_id: str) -> Subject:
    return Subject(kind=SubjectKind.ACCOUNT, id=account_id)
