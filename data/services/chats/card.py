"""One chat as its page shows it: whose it is, who works on it, and what may be done with it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.messaging import CAPABILITIES, Capabilities, ChatState, Messenger
from data.phone import display, mask
from data.services.chats.seeing import Viewer, seen_chat, viewer
from data.store.protocol import Store

_NOTHING = Capabilities(kinds=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    employee_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTag:
    tag_id: str
    title: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCard:
    """One chat. may_manage: the viewer may hand it over and close it; is_connected: its account can send; signature:
    what stands below answers, as it is set."""

    chat_id: str
    chat_no: int | None
    messenger: str
    messenger_account: str
    account_title: str | None
    signature: str | None
    is_connected: bool
    user_key: str
    title: str | None
    number: str | None
    number_text: str | None
    account_id: str | None
    client: str | None
    contact_id: str | None
    contact: str | None
    assignee_id: str | None
    assignee: str | None
    is_mine: bool
    is_watched: bool
    may_manage: bool
    may_take: bool
    watchers: tuple[Watcher, ...]
    tags: tuple[ChatTag, ...]
    lead_id: str | None
    seen_at: datetime | None
    state: ChatState
    is_group: bool
    created_at: datetime
    queued_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    last_message_at: datetime | None
    client_wrote_at: datetime | None
    waiting_since: datetime | None
    version: int

    @property
    def capabilities(self) -> Capabilities:
        return capabilities_of(self.messenger)

    @property
    def window_ends_at(self) -> datetime | None:
        """Until when one may write freely; None where that is always so, or where the client never wrote."""
        window = self.capabilities.window
        return self.client_wrote_at + window if window and self.client_wrote_at else None

    def is_locked(self, now: datetime) -> bool:
        """Whether only a template may be sent."""
        if self.capabilities.window is None:
            return False
        ends = self.window_ends_at
        return ends is None or now >= ends


def capabilities_of(messenger: str) -> Capabilities:
    """What may be offered there; nothing for one that is not known any more."""
    return CAPABILITIES[Messenger(messenger)] if messenger in set(Messenger) else _NOTHING


def chat_card(store: Store, actor: Actor, chat_id: str) -> ChatCard:
    """Raises NotFound, also for chats that the actor may not see; NotAllowed."""
    return card_for(store, viewer(store, actor), chat_id)


def card_for(store: Store, who: Viewer, chat_id: str) -> ChatCard:
    known = seen_chat(store, who, chat_id)
    rows = who.query(store, "card", {"chat_id": known})
    if not rows:
        raise NotFound(f"There is no chat {known}, or it is not among those you may see.")
    return _card(dict(rows[0]), who)


def _card(row: dict[str, Any], who: Viewer) -> ChatCard:
    number = row["number"]
    full = who.actor.may(Permission.FULL_NUMBERS)
    is_open = row["state"] != ChatState.CLOSED
    return ChatCard(
        **row
        | {
            "state": ChatState(row["state"]),
            "number": number if full else None,
            "number_text": number and (display(number) if full else mask(number)),
            "watchers": tuple(Watcher(employee_id=one["id"], name=one["name"]) for one in row["watchers"]),
            "tags": tuple(ChatTag(**one) for one in row["tags"]),
            "may_manage": who.sees_all or row["is_mine"],
            "may_take": is_open
            and who.employee_id is not None
            and not row["is_mine"]
            and (row["state"] == ChatState.QUEUED or who.sees_all),
        }
    )
