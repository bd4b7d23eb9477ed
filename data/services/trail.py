"""The trail of what people did: one audit row beside every change, in the same transaction."""

from __future__ import annotations

import json
from datetime import datetime

from data.identity.actor import Actor
from data.store.protocol import Statement


def trail(actor: Actor, now: datetime, action: str, subject_kind: str, subject_id: str, **detail: object) -> Statement:
    """The audit row of one action: `client.create`, `number.move` …"""
    return Statement(
        name="audit_insert",
        params={
            "acted_at": now,
            "actor": actor.user,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "detail": as_json(detail),
        },
        expect_rows=1,
    )


def as_json(detail: dict[str, object]) -> str | None:
    """The details as a row of the trail keeps them."""
    return json.dumps(detail, ensure_ascii=False) if detail else None
