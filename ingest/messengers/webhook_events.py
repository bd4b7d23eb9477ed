"""Events of the generic webhook as values of ours (docs/messengers.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from data.messaging import (
    Delivery,
    MediaRef,
    MessageDeleted,
    MessageEdited,
    MessageKind,
    MessageReceived,
    Reaction,
    Receipt,
    Received,
    SendError,
    word_of,
)
from ingest.messengers.adapter import NotUnderstood, Parsed
from ingest.messengers.reading import (
    LONGEST_ID,
    LONGEST_NAME,
    Json,
    json_of,
    key,
    mapping,
    mappings,
    moment,
    number,
    size,
    text,
)

_MOST_EVENTS = 1000
_NOT_RECEIVED = (MessageKind.NOTE, MessageKind.SYSTEM, MessageKind.TEMPLATE)


def parsed(body: bytes, received_at: datetime) -> Parsed:
    """What one body tells: one event, or a list of them. Raises NotUnderstood."""
    whole = json_of(body)
    if not isinstance(whole, dict):
        raise NotUnderstood("The body is no JSON object.")
    events = list(mappings(whole.get("events"))) if "events" in whole else [whole]
    if len(events) > _MOST_EVENTS:
        raise NotUnderstood(f"The body has {len(events)} events, {_MOST_EVENTS} are allowed at once.")
    items: list[Received] = []
    problems: list[str] = []
    for event in events:
        found = _event(event, received_at)
        if found is None:
            problems.append(f"An event of type {str(event.get('type'))[:40]!r} is unknown, or lacks id or user.id.")
        else:
            items.append(found)
    return Parsed(items=items, problems=problems)


def _event(event: Json, received_at: datetime) -> Received | None:
    message_id, user = key(event.get("id")), key(mapping(event.get("user")).get("id"))
    at = moment(event.get("at"), received_at)
    kind = event.get("type", "message")
    if kind == "receipt" and message_id is not None and event.get("state") in ("sent", "delivered", "read", "failed"):
        error = word_of(SendError, event.get("error")) or SendError.UNKNOWN
        return Receipt(
            messenger_message_id=message_id,
            state=Delivery(event["state"]),
            happened_at=at,
            error=error.value if event["state"] == "failed" else None,
            error_detail=text(event.get("detail"), 300),
        )
    if message_id is None or user is None:
        return None
    if kind == "edited":
        return MessageEdited(messenger_message_id=message_id, user_key=user, edited_at=at, text=text(event.get("text")))
    if kind == "deleted":
        return MessageDeleted(messenger_message_id=message_id, user_key=user, deleted_at=at)
    if kind == "reaction":
        return Reaction(
            messenger_message_id=message_id, user_key=user, happened_at=at, emoji=text(event.get("emoji"), 40)
        )
    return _message(event, message_id, user, at) if kind == "message" else None


def _message(event: Json, message_id: str, user: str, at: datetime) -> MessageReceived:
    person, group = mapping(event.get("user")), mapping(event.get("group"))
    told = text(event.get("kind"), 60) or MessageKind.TEXT.value
    kind = word_of(MessageKind, told) or MessageKind.UNSUPPORTED
    payload = _payload(kind, event)
    if payload is None or kind in _NOT_RECEIVED:
        kind, payload = MessageKind.UNSUPPORTED, {"name": told}
    group_id = key(group.get("id"))
    return MessageReceived(
        messenger_message_id=message_id,
        user_key=group_id or user,
        sent_at=at,
        kind=kind,
        user_name=text(person.get("name"), LONGEST_NAME),
        user_handle=text(person.get("handle"), LONGEST_NAME),
        chat_title=text(group.get("title"), LONGEST_NAME),
        phone=None if group_id else (text(person.get("phone"), 40) or "").lstrip("+") or None,
        text=text(event.get("text")),
        media=_media(mapping(event.get("media"))),
        reply_to=key(event.get("reply_to")),
        is_group=group_id is not None,
        payload=payload,
        is_ours=event.get("ours") is True,
    )


def _payload(kind: MessageKind, event: Json) -> dict[str, Any] | None:
    """None: it lacks what its kind must have."""
    if kind is MessageKind.LOCATION:
        latitude, longitude = number(event.get("latitude")), number(event.get("longitude"))
        if latitude is None or longitude is None:
            return None
        words = {name: text(event.get(name), LONGEST_ID) for name in ("name", "address")}
        return {"latitude": latitude, "longitude": longitude, **{k: v for k, v in words.items() if v}}
    if kind is MessageKind.CONTACTS:
        return {"contacts": list(_cards(event.get("contacts")))}
    if kind is MessageKind.UNSUPPORTED:
        return {"name": text(event.get("kind"), 60) or "unknown"}
    return {}


def _cards(told: Any) -> Iterator[dict[str, Any]]:
    for one in mappings(told):
        lists = {name: [text(item, LONGEST_NAME) for item in one.get(name) or ()] for name in ("phones", "emails")
                 if isinstance(one.get(name) or [], list)}  # fmt: skip
        yield {"name": text(one.get("name"), LONGEST_NAME) or "", **{k: [i for i in v if i] for k, v in lists.items()}}


def _media(told: Json) -> MediaRef | None:
    url = text(told.get("url"), 4000)
    if url is None:
        return None
    return MediaRef(
        ref=url,
        name=text(told.get("name"), LONGEST_NAME),
        media_type=text(told.get("type"), 100),
        size_bytes=size(told.get("size")),
    )
