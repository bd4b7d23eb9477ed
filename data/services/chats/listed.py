"""The list of chats: queued, active or closed, who waits longest first, with what the user has not read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from data.identity.actor import Actor, Permission
from data.messaging import ChatState
from data.metrics.compiler import Restriction
from data.phone import display, mask, search_pattern
from data.queries import fragments
from data.services.chats.seeing import Viewer, viewer
from data.settings import Site
from data.store.protocol import Store

TARGET = timedelta(minutes=5)  # by then a client should have an answer
LATE = timedelta(minutes=15)
_MOST = 1_000


class Whose(StrEnum):
    MINE = "mine"  # those I answer for or watch; the queue is everybody's
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """One chat as the list shows it. found_text, found_message_id: the latest message with what was searched for."""

    chat_id: str
    chat_no: int | None
    messenger: str
    messenger_account: str
    title: str | None
    number_text: str | None
    account_id: str | None
    client: str | None
    contact: str | None
    state: ChatState
    assignee_id: str | None
    assignee: str | None
    is_mine: bool
    is_watched: bool
    is_group: bool
    created_at: datetime
    closed_at: datetime | None
    last_message_at: datetime | None
    last_message_ours: bool | None
    last_text: str | None
    last_kind: str | None
    waiting_since: datetime | None
    unread: int
    tags: tuple[str, ...]
    found_text: str | None
    found_message_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Chats of each state, the open ones with news for the user, and those whose client has waited too long."""

    queued: int
    active: int
    closed: int
    unread: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    rows: tuple[ChatRow, ...]
    counts: Counts
    more: bool


def chats(
    store: Store,
    actor: Actor,
    site: Site,
    *,
    state: ChatState = ChatState.QUEUED,
    whose: Whose = Whose.ALL,
    search: str = "",
    limit: int = 100,
    behind: Restriction | None = None,
    now: datetime,
) -> Listed:
    """Chats that the actor may see; `search`: in title, client, number (whole or part), "#12" and messages.

    behind: the chats that a number of a report counts.
    """
    who = viewer(store, actor)
    asked = _asked(who, whose, search, site)
    parts = {}
    if behind is not None:
        asked |= behind.params
        parts = {"asked": f"{fragments('chats/conditions')['asked']} and {behind.sql}"}
    counts = _counts(store, who, asked, now, **parts)
    wanted = {**asked, "state": state.value, "limit": min(limit, _MOST) + 1}
    found = who.query(store, "listed", wanted, **parts)
    full = actor.may(Permission.FULL_NUMBERS)
    rows = tuple(_row(row, full_numbers=full) for row in found[: min(limit, _MOST)])
    return Listed(rows=rows, counts=counts, more=len(found) > len(rows))


def counts(store: Store, actor: Actor, *, now: datetime) -> Counts:
    """What the sidebar shows: the queue, and what is mine."""
    who = viewer(store, actor)
    return _counts(store, who, _asked(who, Whose.MINE, "", Site()), now)


def _counts(store: Store, who: Viewer, params: dict[str, object], now: datetime, **parts: str) -> Counts:
    (row,) = who.query(store, "counts", {**params, "late_before": now - LATE}, **parts)
    return Counts(**row)  # type: ignore[arg-type]


def _asked(who: Viewer, whose: Whose, search: str, site: Site) -> dict[str, object]:
    text = search.strip()
    full = who.actor.may(Permission.FULL_NUMBERS)
    part = search_pattern(text, site) if text and full else None
    number = text.removeprefix("#").removeprefix("№").strip()
    return {
        "whose": whose.value,
        "words": text.lower().replace("ё", "е") or None,
        "number_part": part and part.contains,
        "number_start": part and part.starts,
        "chat_no": int(number) if number.isascii() and number.isdigit() and len(number) < 16 else None,
    }


def _row(row: dict[str, Any], *, full_numbers: bool) -> ChatRow:
    number = row.pop("number")
    return ChatRow(
        **row
        | {
            "state": ChatState(row["state"]),
            "tags": tuple(row["tags"]),
            "number_text": number and (display(number) if full_numbers else mask(number)),
        }
    )
