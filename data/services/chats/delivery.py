"""The way of our messages out: put into the outbox with their row, taken by ingest, sent, or kept as dead letters.

A message row holds what is said; its order in the outbox only says that it waits. Both are written in one
transaction by whoever composes it (`sending`), so that nothing is shown that is not on its way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.messaging import Delivery, SendError, word_of
from data.queries import read
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

KIND = "message"  # of orders in the outbox
REVISION = "revision"  # of a message that was sent
TYPING = "typing"

_TYPING_LASTS = timedelta(seconds=5)
_DEAD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that could not be sent. error: a word of `SendError`; detail: what the messenger said."""

    message_id: str
    chat_id: str
    chat_no: int | None
    kind: str
    text: str | None
    author_name: str | None
    sent_at: datetime
    error: SendError
    detail: str | None
    title: str | None
    number: str | None
    messenger: str
    messenger_account: str


def sending(actor: Actor, account: str, message_id: str, *, now: datetime) -> Statement:
    """The step that puts a message row (`queued`, written in the same transaction) on its way.

    Whoever carries it out touches Topic.OUTBOX too.
    """
    return _order(actor, KIND, account, message_id, now)


def revising(actor: Actor, account: str, message_id: str, *, now: datetime) -> Statement:
    """The step that puts what is wanted of a sent message (`change_kind`, written with it) on its way."""
    return _order(actor, REVISION, account, message_id, now)


def retry(store: Store, actor: Actor, message_id: str, *, now: datetime) -> None:
    """Try a failed message once more. Raises NotFound, Conflict unless it failed, NotAllowed."""
    retry_many(store, actor, [message_id], now=now)


def retry_many(store: Store, actor: Actor, message_ids: Iterable[str], *, now: datetime) -> None:
    """The same for several, all or none."""
    require(actor, Permission.CHAT)
    steps: list[Statement] = []
    chats: list[str] = []
    for given in dict.fromkeys(message_ids):
        message_id = _known(given)
        rows = store.query(read("chats/one_message"), {"message_id": message_id}, actor=actor).to_pylist()
        if not rows:
            raise NotFound(f"There is no message {message_id}.")
        [row] = rows
        if not row["ours"] or row["state"] != Delivery.FAILED:
            raise Conflict("The message did not fail, or somebody is sending it again. Read the chat anew.")
        steps.append(Statement(name="message_again", params={"message_id": message_id}, expect_rows=1))
        steps.append(sending(actor, row["messenger_account"], message_id, now=now))
        steps.append(trail(actor, now, "message.retry", "chat", row["chat_id"], message_id=message_id))
        chats.append(row["chat_id"])
    if not steps:
        raise BadInput("No message was named. Choose those to send again.")
    store.transact(steps, actor=actor, touches={Topic.CHATS: chats, Topic.OUTBOX: ()})


def dead_letters(store: Store, actor: Actor, *, now: datetime, limit: int = 200) -> tuple[DeadLetter, ...]:
    """Messages of the last month that could not be sent, the latest first."""
    require(actor, Permission.CHAT)
    params = {"from_at": now - _DEAD_FOR, "limit": limit}
    found = []
    for row in store.query(read("chats/dead_letters"), params, actor=actor).to_pylist():
        error, detail = reason_of(row.pop("error"))
        found.append(DeadLetter(**row, error=error, detail=detail))
    return tuple(found)


def reason_of(error: str | None) -> tuple[SendError, str | None]:
    """The word, and what the messenger said, of an error as it is stored: "blocked: 403 bot was blocked"."""
    word, _, detail = (error or "").partition(": ")
    return word_of(SendError, word) or SendError.UNKNOWN, (detail or None)


def tell_typing(store: Store, actor: Actor, chat_id: str, account: str, user_key: str, *, now: datetime) -> None:
    """Let the client see that somebody writes to him: for a few seconds, and only where the messenger shows it."""
    require(actor, Permission.CHAT)
    payload = {"user_key": user_key, "until": (now + _TYPING_LASTS).isoformat()}
    step = _order(actor, TYPING, account, chat_id, now, payload=json.dumps(payload))
    store.transact([step], actor=actor, touches={Topic.OUTBOX: ()})


def _order(actor: Actor, kind: str, target: str, subject_id: str, now: datetime, *, payload: str = "{}") -> Statement:
    params = {
        "outbox_id": str(uuid4()),
        "kind": kind,
        "target": target,
        "subject_id": subject_id,
        "payload": payload,
        "created_at": now,
        "created_by": actor.user,
    }
    return Statement(name="outbox_insert", params=params, expect_rows=1)


def _known(message_id: str) -> str:
    try:
        return str(UUID(message_id))
    except ValueError:
        raise NotFound(f"{message_id[:40]!r} is no id of a message.") from None
