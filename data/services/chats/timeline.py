"""What was said and done in a chat, in pages of any size, from either end or around one message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from data.errors import BadCursor, NotFound
from data.identity.actor import Actor
from data.messaging import Delivery
from data.services.chats.delivery import reason_of
from data.services.chats.seeing import Viewer, seen_chat, viewer
from data.store.protocol import Store

MOST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a message answers, in short."""

    message_id: str
    kind: str | None
    ours: bool
    author_name: str | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message, a note, or an event of the chat. cursor: where it stands; error: a word of SendError; change_kind:
    what we want of it and the messenger has not done, or refused for change_error.

    payload: of a message as data/messaging.py tells; of an event what was said with it (by, to, note …).
    """

    entry: str  # message, event
    id: str
    cursor: str
    happened_at: datetime
    kind: str
    ours: bool
    author: str | None
    author_name: str | None
    text: str | None
    state: str | None
    error: str | None
    error_detail: str | None
    payload: Mapping[str, Any] | None
    client_key: str | None
    media_state: str | None
    media_name: str | None
    media_type: str | None
    media_bytes: int | None
    edited_at: datetime | None
    deleted_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    reaction: str | None
    change_kind: str | None
    change_text: str | None
    change_error: str | None
    change_detail: str | None
    mentions_me: bool
    quoted: Quoted | None
    employee: str | None  # whom an event concerns


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Entries in the order of time. before, after: whether there are more on that side."""

    entries: tuple[Entry, ...]
    before: bool
    after: bool


def latest(store: Store, actor: Actor, chat_id: str, *, limit: int = 60) -> Timeline:
    """The end of the chat."""
    who = viewer(store, actor)
    found = _page(store, who, seen_chat(store, who, chat_id), "desc", limit + 1)
    return Timeline(entries=found[-limit:], before=len(found) > limit, after=False)


def before(store: Store, actor: Actor, chat_id: str, cursor: str, *, limit: int = 60) -> Timeline:
    """What comes before an entry. Raises BadCursor."""
    who = viewer(store, actor)
    found = _page(store, who, seen_chat(store, who, chat_id), "desc", limit + 1, before=cursor)
    return Timeline(entries=found[-limit:], before=len(found) > limit, after=True)


def after(store: Store, actor: Actor, chat_id: str, cursor: str, *, limit: int = 60) -> Timeline:
    """What comes behind an entry. Raises BadCursor."""
    who = viewer(store, actor)
    found = _page(store, who, seen_chat(store, who, chat_id), "asc", limit + 1, after=cursor)
    return Timeline(entries=found[:limit], before=True, after=len(found) > limit)


def since(store: Store, actor: Actor, chat_id: str, cursor: str, *, limit: int = MOST) -> Timeline:
    """An entry and what comes behind it, as it stands now. Raises BadCursor."""
    who = viewer(store, actor)
    found = _page(store, who, seen_chat(store, who, chat_id), "asc", limit + 1, since=cursor)
    return Timeline(entries=found[:limit], before=True, after=len(found) > limit)


def around(store: Store, actor: Actor, chat_id: str, message_id: str, *, limit: int = 60) -> Timeline:
    """A message with what stands before and behind it. Raises NotFound."""
    who = viewer(store, actor)
    known = seen_chat(store, who, chat_id)
    try:
        message = str(UUID(message_id))
    except ValueError:
        raise NotFound(f"{message_id[:40]!r} is no id of a message.") from None
    rows = who.query(store, "entry_at", {"chat_id": known, "message_id": message})
    if not rows:
        raise NotFound(f"There is no message {message} in this chat.")
    return _beside(store, who, known, _encode(rows[0]["sent_at"], message), limit)  # type: ignore[arg-type]


def at(store: Store, actor: Actor, chat_id: str, moment: datetime, *, limit: int = 60) -> Timeline:
    """What was said from a moment on, with what stands before it."""
    who = viewer(store, actor)
    return _beside(store, who, seen_chat(store, who, chat_id), _encode(moment, str(UUID(int=0))), limit)


def _beside(store: Store, who: Viewer, chat_id: str, cursor: str, limit: int) -> Timeline:
    half = max(1, limit // 2)
    older = _page(store, who, chat_id, "desc", half + 1, before=cursor)
    newer = _page(store, who, chat_id, "asc", half + 1, since=cursor)
    return Timeline(entries=older[-half:] + newer[:half], before=len(older) > half, after=len(newer) > half)


def _page(store: Store, who: Viewer, chat_id: str, way: str, limit: int, **places: str) -> tuple[Entry, ...]:
    params: dict[str, object] = {"chat_id": chat_id, "limit": limit}
    for name, key in (("before", "before"), ("after", "after"), ("since", "from")):
        at, entry_id = _decode(places[name]) if name in places else (None, None)
        params |= {f"{key}_at": at, f"{key}_id": entry_id}
    return tuple(_entry(row) for row in who.query(store, "timeline", params, way=way))


def _entry(row: dict[str, Any]) -> Entry:
    error, detail = reason_of(row["error"]) if row["state"] == Delivery.FAILED else (None, None)
    unwilling, why = reason_of(row["change_error"]) if row["change_error"] else (None, None)
    quoted = None
    if row["replies_to"]:
        quoted = Quoted(
            message_id=row["replies_to"],
            kind=row["quoted_kind"],
            ours=bool(row["quoted_ours"]),
            author_name=row["quoted_author"],
            text=row["quoted_text"],
        )
    told = _json(row["detail"] if row["entry"] == "event" else row["payload"])
    plain = Entry.__dataclass_fields__.keys() & row.keys() - {"error", "payload", "change_error"}
    return Entry(
        **{name: row[name] for name in plain},
        cursor=_encode(row["happened_at"], row["id"]),
        error=error and error.value,
        error_detail=detail,
        change_error=unwilling and unwilling.value,
        change_detail=why,
        payload=told,
        quoted=quoted,
    )


def _json(text: str | None) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _encode(at: datetime, entry_id: str) -> str:
    return f"{at.isoformat()}~{entry_id}"


def _decode(cursor: str) -> tuple[datetime, str]:
    at, _, entry_id = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment, str(UUID(entry_id))
    except ValueError:
        raise BadCursor(f"{cursor[:60]!r} is no place in a chat. Begin without one.") from None
