"""What became of an order in the outbox: taken, sent, put off, failed; told by ingest, which carries orders out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from data.errors import Conflict
from data.identity.actor import Actor
from data.services.chats.changes import apply_changes
from data.store.protocol import Statement, Store, Topic


def taken(store: Store, actor: Actor, outbox_id: str, *, attempts: int = 0, now: datetime) -> bool:
    """Whether the order was still there to be taken, tried no more often than when it was looked at."""
    params = {"outbox_id": outbox_id, "attempts": attempts, "changed_at": now}
    try:
        store.transact([Statement(name="outbox_take", params=params, expect_rows=1)], actor=actor, touches={})
    except Conflict:
        return False
    return True


def sent(
    store: Store, actor: Actor, outbox_id: str, message_id: str, chat_id: str, messenger_id: str, *, now: datetime
) -> None:
    """The messenger has the message, under this id there; receipts that came before are applied."""
    params = {"message_id": message_id, "messenger_message_id": messenger_id}
    steps = [
        _moved(outbox_id, "sent", "done", now),
        Statement(name="message_sent", params=params, expect_rows=1),
        *apply_changes(now),
    ]
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat_id]})


def failed(
    store: Store,
    actor: Actor,
    outbox_id: str,
    message_id: str | None,
    chat_id: str | None,
    error: str,
    *,
    now: datetime,
    former: str = "sent",
) -> None:
    """The message is a dead letter. error: "<word of SendError>: <what the messenger said>"."""
    steps = [_moved(outbox_id, former, "failed", now, error=error)]
    if message_id is not None:
        steps.append(Statement(name="message_failed", params={"message_id": message_id, "error": error}))
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat_id] if chat_id else ()})


def revised(
    store: Store,
    actor: Actor,
    outbox_id: str,
    message: Mapping[str, Any],
    *,
    error: str | None = None,
    now: datetime,
) -> None:
    """The messenger did what was wanted of a message, or refused it: then it stands. error: as of `failed`.

    message: message_id, chat_id, target, messenger_message_id, change_kind, change_text, as they were when asked.
    """
    wish = {"message_id": message["message_id"], "kind": message["change_kind"], "text": message["change_text"]}
    steps = [_moved(outbox_id, "sent", "failed" if error else "done", now, error=error)]
    if error:
        steps.append(Statement(name="message_not_revised", params={**wish, "error": error}))
    elif message["change_kind"]:
        told = {
            "account": message["target"],
            "messenger_message_id": message["messenger_message_id"],
            "message_id": message["message_id"],
            "kind": "edited" if message["change_text"] is not None else "deleted",
            "happened_at": now.isoformat(),
            "text": message["change_text"],
        }
        steps.append(Statement(name="message_changes_insert", params={"rows": json.dumps([told]), "at": now}))
        steps += [*apply_changes(now), Statement(name="message_revised", params=wish)]
    chats = [message["chat_id"]] if message["chat_id"] else ()
    store.transact(steps, actor=actor, touches={Topic.CHATS: chats})


def later(
    store: Store,
    actor: Actor,
    outbox_id: str,
    error: str,
    again_at: datetime,
    *,
    in_doubt: bool = False,
    held_at: datetime | None = None,
    now: datetime,
) -> None:
    """The order waits for `again_at`. in_doubt: also for everything that the messenger told until then to be read.

    held_at: only where nobody renewed since then that it is taken; else Conflict.
    """
    params = {
        "outbox_id": outbox_id,
        "error": error,
        "next_attempt_at": again_at,
        "in_doubt": in_doubt,
        "held_at": held_at,
        "changed_at": now,
    }
    store.transact([Statement(name="outbox_later", params=params, expect_rows=1)], actor=actor, touches={})


def finished(
    store: Store, actor: Actor, outbox_id: str, *, now: datetime, error: str | None = None, payload: str | None = None
) -> None:
    """An order of another kind came to its end."""
    step = _moved(outbox_id, "sent", "failed" if error else "done", now, error=error, payload=payload)
    store.transact([step], actor=actor, touches={Topic.LINK: ()})


def _moved(
    outbox_id: str, former: str, state: str, now: datetime, *, error: str | None = None, payload: str | None = None
) -> Statement:
    params = {
        "outbox_id": outbox_id,
        "former": former,
        "state": state,
        "error": error,
        "payload": payload,
        "changed_at": now,
    }
    return Statement(name="outbox_move", params=params, expect_rows=1)
