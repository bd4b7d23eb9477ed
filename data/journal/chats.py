"""The chats beside a call: what its client, or its number, wrote and was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.identity.actor import Actor, Permission
from data.journal.rows import CallRow
from data.services.chats.seeing import viewer
from data.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedChat:
    """One chat in short; last_text is the last word of either side, null for a picture or a voice."""

    chat_id: str
    messenger: str
    title: str | None
    state: str  # queued, active, closed
    happened_at: datetime
    last_text: str | None


def chats_beside(store: Store, actor: Actor, row: CallRow, *, limit: int = 5) -> tuple[RelatedChat, ...]:
    """The latest chats with the client or the number of a call; none for those who may not chat."""
    if not actor.may(Permission.CHAT) or (row.account_id is None and row.number is None):
        return ()
    params = {"account_id": row.account_id, "number": row.number, "limit": limit}
    found = viewer(store, actor).query(store, "calls/chats", params)
    return tuple(RelatedChat(**chat) for chat in found)  # type: ignore[arg-type]
