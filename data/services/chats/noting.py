"""The two rows that every change of a chat leaves beside it: an event that people read, and the audit."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

from data.identity.actor import Actor
from data.services.trail import trail
from data.store.protocol import Statement


def told(
    actor: Actor, now: datetime, chat_id: str, kind: str, *, employee_id: str | None = None, **detail: object
) -> list[Statement]:
    """The event `kind` (a word of the time line) and its audit row. employee_id: whom it concerns."""
    params = {
        "event_id": str(uuid4()),
        "chat_id": chat_id,
        "at": now,
        "kind": kind,
        "actor": actor.user,
        "employee_id": employee_id,
        "detail": spoken(actor, **detail),
    }
    return [
        Statement(name="chat_event_insert", params=params, expect_rows=1),
        trail(actor, now, f"chat.{kind}", "chat", chat_id, **_known(employee_id=employee_id, **detail)),
    ]


def spoken(actor: Actor, **detail: object) -> str:
    """The detail of an event: who did it, by name, and what else there is to say."""
    return json.dumps({"by": actor.name or actor.user, **_known(**detail)}, ensure_ascii=False)


def _known(**detail: object) -> dict[str, object]:
    return {name: value for name, value in detail.items() if value is not None}
