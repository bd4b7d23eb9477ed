"""Second thoughts about a message that was sent: other words, or none, where its messenger can do that.

The wish is kept beside the message, whose words stand until the messenger has done it (`orders.revised`); where it
refuses, the reason is kept in place of the wish.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor
from data.messaging import Delivery, MessageKind
from data.services.chats.card import ChatCard, card_for
from data.services.chats.delivery import revising
from data.services.chats.seeing import Viewer, viewer
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

EDIT, DELETE = "edit", "delete"

_WITH_WORDS = frozenset(
    {MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.AUDIO, MessageKind.VOICE, MessageKind.DOCUMENT}
)
_INSIDE = frozenset({MessageKind.NOTE, MessageKind.SYSTEM})


def edit(store: Store, actor: Actor, chat_id: str, message_id: str, text: str, *, now: datetime) -> None:
    """Other words for a message of the actor. Raises BadInput, NotAllowed, NotFound, Conflict."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    row = _sent(store, who, chat, message_id)
    if row["author"] != actor.user:
        raise NotAllowed("Only who wrote a message may change it. Write another one.")
    is_text = row["kind"] == MessageKind.TEXT
    if not is_text and row["kind"] not in _WITH_WORDS:
        raise BadInput(f"A message of kind {row['kind']} has no words that could be changed.")
    _refuse_late(chat, row, chat.capabilities.edits_for, now, "changes")
    words = text.strip()
    longest = chat.capabilities.longest_text if is_text else chat.capabilities.longest_caption
    if not 0 < len(words) <= longest:
        raise BadInput(
            f"A message needs 1 to {longest} characters, this one has {len(words)}. Delete it, or shorten it."
        )
    if words != row["text"] or row["change_kind"] is not None:
        _want(store, actor, chat, row, EDIT, words, now)


def delete(store: Store, actor: Actor, chat_id: str, message_id: str, *, now: datetime) -> None:
    """The message goes at the client's too: who wrote it, and who is in charge of the chat. Raises as `edit`."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    row = _sent(store, who, chat, message_id)
    if row["author"] != actor.user and not chat.may_manage:
        raise NotAllowed("Only who wrote a message, the responsible or a supervisor may delete it.")
    _refuse_late(chat, row, chat.capabilities.deletes_for, now, "deletes")
    _want(store, actor, chat, row, DELETE, None, now)


def let_stand(store: Store, actor: Actor, chat_id: str, message_id: str) -> None:
    """Want no more what the messenger refused. Raises NotFound, NotAllowed, Conflict."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    row = _sent(store, who, chat, message_id)
    step = Statement(name="message_let_stand", params={"message_id": row["message_id"]}, expect_rows=1)
    store.transact([step], actor=actor, touches={Topic.CHATS: [chat.chat_id]})


def _want(
    store: Store, actor: Actor, chat: ChatCard, row: dict[str, Any], kind: str, text: str | None, now: datetime
) -> None:
    message_id = row["message_id"]
    steps = [
        Statement(name="message_revise", params={"message_id": message_id, "kind": kind, "text": text}, expect_rows=1),
        revising(actor, chat.messenger_account, message_id, now=now),
        trail(actor, now, f"message.{kind}", "chat", chat.chat_id, message_id=message_id),
    ]
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat.chat_id], Topic.OUTBOX: []})


def _sent(store: Store, who: Viewer, chat: ChatCard, message_id: str) -> dict[str, Any]:
    """A message of ours that went out, or waits to. Raises NotFound, BadInput."""
    try:
        known = str(UUID(message_id))
    except ValueError:
        raise NotFound(f"{message_id[:40]!r} is no id of a message.") from None
    rows = who.query(store, "message_sent", {"chat_id": chat.chat_id, "message_id": known})
    if not rows or rows[0]["deleted_at"] is not None:
        raise NotFound(f"There is no message {known} in this chat, or it was deleted.")
    row = dict(rows[0])
    if not row["ours"] or row["kind"] in _INSIDE:
        raise BadInput("Only what was sent to the client can be changed.")
    if row["state"] == Delivery.FAILED:
        raise BadInput("The message was not sent. Send it again, or write another one.")
    return row


def _refuse_late(chat: ChatCard, row: dict[str, Any], until: timedelta, now: datetime, does: str) -> None:
    if not until:
        raise BadInput(f"{chat.messenger} {does} nothing that was sent. Write another message.")
    if now - row["sent_at"] >= until:
        raise BadInput(
            f"{chat.messenger} {does} no message that is older than {int(until.total_seconds()) // 3600} hours."
        )
