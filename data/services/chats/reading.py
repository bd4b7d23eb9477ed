"""How far somebody has read a chat."""

from __future__ import annotations

from datetime import datetime

from data.identity.actor import Actor
from data.services.chats.seeing import seen_chat, viewer
from data.store.protocol import Statement, Store


def mark_seen(store: Store, actor: Actor, chat_id: str, seen_at: datetime, *, now: datetime) -> None:
    """The actor has read everything sent until `seen_at` (at most now); never less than before."""
    who = viewer(store, actor)
    params = {"chat_id": seen_chat(store, who, chat_id), "login": actor.user, "seen_at": min(seen_at, now)}
    steps = [Statement(name=name, params=params) for name in ("chat_seen_forget", "chat_seen_insert")]
    store.transact(steps, actor=actor, touches={})
