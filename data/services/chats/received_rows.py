"""Rows for the statements that take deliveries in: one per message, per chat that heard of them, per change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from data.messaging import (
    Delivery,
    MediaState,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Messenger,
    Reaction,
    Receipt,
    Received,
)

_SHORT = 200

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one delivery of an account holds. hook_id: the raw delivery that is done with then; None: there is none."""

    account: str
    messenger: Messenger
    items: Sequence[Received]
    hook_id: str | None = None


@dataclass(slots=True)
class Placed:
    """A new message, and the chat it belongs to."""

    message_id: str
    chat: Row
    delivery: Delivered
    message: MessageReceived
    replies_to: str | None = None


def first_id() -> str:
    """An id that stands before those of messages of the same moment: what opens a chat is told before what was said."""
    return "00000000" + str(uuid4())[8:]


def by_chat(rows: Sequence[Placed]) -> list[tuple[Row, list[MessageReceived]]]:
    found: dict[str, tuple[Row, list[MessageReceived]]] = {}
    for one in rows:
        found.setdefault(one.chat["chat_id"], (one.chat, []))[1].append(one.message)
    return list(found.values())


def heard(chat: Row, messages: Sequence[MessageReceived]) -> Row:
    """What new messages tell of their chat."""
    ordered = sorted(messages, key=lambda message: message.sent_at)
    theirs = [message.sent_at for message in ordered if not message.is_ours]
    ours = [message.sent_at for message in ordered if message.is_ours]
    last = ordered[-1]
    return {
        "chat_id": chat["chat_id"],
        "event_id": first_id(),
        "user_key": chat["user_key"],
        "title": chat.get("title"),
        "number": chat.get("number"),
        "ids": sorted(chat.get("ids", ())),
        "from_client": len(theirs),
        "first_at": theirs[0].isoformat() if theirs else None,
        "client_at": theirs[-1].isoformat() if theirs else None,
        "ours_at": ours[-1].isoformat() if ours else None,
        "last_at": last.sent_at.isoformat(),
        "last_ours": last.is_ours,
        "last_text": (last.text or "")[:_SHORT] or None,
        "last_kind": last.kind.value,
    }


def row_of(one: Placed) -> Row:
    message, media = one.message, one.message.media
    return {
        "message_id": one.message_id,
        "chat_id": one.chat["chat_id"],
        "messenger_message_id": message.messenger_message_id,
        "kind": message.kind.value,
        "ours": message.is_ours,
        "author_name": None if message.is_ours else message.user_name,
        "text": message.text,
        "sent_at": message.sent_at.isoformat(),
        "state": (Delivery.SENT if message.is_ours else Delivery.DELIVERED).value,
        "replies_to": one.replies_to,
        "payload": json.dumps(message.payload, ensure_ascii=False) if message.payload else None,
        "media_state": MediaState.EXPECTED.value if media else None,
        "media_ref": media.ref if media else None,
        "media_name": media.name if media else None,
        "media_type": media.media_type if media else None,
        "media_bytes": media.size_bytes if media else None,
    }


def change_of(account: str, item: Received) -> Row:
    match item:
        case Receipt():
            error = ": ".join(part for part in (item.error, item.error_detail) if part) or None
            more: Row = {"kind": "receipt", "state": item.state.value, "error": error, "message_id": item.message_id}
            at = item.happened_at
        case MessageEdited():
            more, at = {"kind": "edited", "text": item.text}, item.edited_at
        case MessageDeleted():
            more, at = {"kind": "deleted"}, item.deleted_at
        case Reaction():
            more, at = {"kind": "reaction", "text": item.emoji}, item.happened_at
        case _:
            raise TypeError(f"{type(item).__name__} is no change of a message.")
    return {
        "account": account,
        "messenger_message_id": item.messenger_message_id,
        "happened_at": at.isoformat(),
        **more,
    }


def title_of(message: MessageReceived) -> str | None:
    if message.is_group:
        return message.chat_title
    # What we wrote ourselves names us, not him.
    return message.user_name if not message.is_ours else None


def ids_of(messenger: Messenger, message: MessageReceived) -> list[str]:
    """As cards of clients write them: telegram:@name, whatsapp:79161234567 …"""
    if message.is_group:
        return []
    ids = [message.user_key, *message.also_known]
    if message.phone:
        ids += [message.phone, f"+{message.phone}"]
    if message.user_handle:
        ids += [message.user_handle, f"@{message.user_handle}"]
    return [f"{messenger.value}:{one}".lower() for one in ids]
