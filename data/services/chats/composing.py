"""What the composer offers: ready answers and the templates that the messenger approved."""

from __future__ import annotations

from dataclasses import dataclass

from data.identity.actor import Actor
from data.queries import read
from data.services.chats.card import card_for
from data.services.chats.seeing import viewer
from data.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedReply:
    reply_id: str
    shortcut: str  # typed after "/"
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTemplate:
    """body: with {{1}}, {{2}} … for its variables."""

    name: str
    language: str
    category: str | None
    body: str
    variables: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    canned: tuple[CannedReply, ...]
    templates: tuple[KnownTemplate, ...]


def tools(store: Store, actor: Actor, chat_id: str) -> Tools:
    """For one chat. Raises NotFound."""
    chat = card_for(store, viewer(store, actor), chat_id)
    params = {"account": chat.messenger_account}
    canned = store.query(read("chats/canned"), params, actor=actor).to_pylist()
    found = templates(store, actor, chat.messenger_account) if chat.capabilities.templates else ()
    return Tools(canned=tuple(CannedReply(**row) for row in canned), templates=found)


def templates(store: Store, actor: Actor, account: str) -> tuple[KnownTemplate, ...]:
    """Those approved for an account. Raises NotAllowed."""
    viewer(store, actor)
    rows = store.query(read("chats/templates"), {"account": account}, actor=actor).to_pylist()
    return tuple(KnownTemplate(**row) for row in rows)
