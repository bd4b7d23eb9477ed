"""Receipts, edits, deletions and reactions, brought to the messages they are about."""

from __future__ import annotations

from datetime import datetime

from data.messaging import FOLLOWED
from data.store.protocol import Statement

OLDEST = FOLLOWED
_STEPS = ("match", "receipts", "words", "chats", "taken")


def apply_changes(now: datetime) -> list[Statement]:
    """The steps that apply whatever waits in `message_change` and has found its message."""
    params = {"from_at": now - OLDEST}
    return [Statement(name=f"message_changes_{step}", params=params) for step in _STEPS]
