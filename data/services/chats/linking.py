"""Whose a chat is, and what hangs on it: client, contact person, tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.access import require
from data.identity.actor import Actor, Permission
from data.services.chats.card import ChatCard, card_for
from data.services.chats.noting import told
from data.services.chats.seeing import viewer
from data.services.clients import ClientFields, creation, get_client
from data.services.contacts import contact_of
from data.services.numbers import assignment, owner_of
from data.services.tags import add_tag, tag_uuid
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic


def link_client(
    store: Store, actor: Actor, chat_id: str, account_id: str, *, contact_id: str | None = None, now: datetime
) -> None:
    """The chat is the client's; so is its number from now on, if it is nobody's. Raises NotFound, Conflict."""
    require(actor, Permission.EDIT_CLIENTS)
    chat = card_for(store, viewer(store, actor), chat_id)
    client = get_client(store, actor, account_id)
    if contact_id is not None:
        _, person = contact_of(store, actor, client.account_id, contact_id)
        contact_id = person.contact_id
    steps = [
        *_link(actor, chat, client.account_id, contact_id, now, client=client.fields.name),
        *_number(store, actor, chat, client.account_id, contact_id, now),
    ]
    _run(store, actor, chat, steps, client.account_id)


def create_client_of(store: Store, actor: Actor, chat_id: str, fields: ClientFields, *, now: datetime) -> str:
    """A new client whose the chat and its number are; the id. All of it or nothing. Raises BadInput, Conflict."""
    require(actor, Permission.EDIT_CLIENTS)
    chat = card_for(store, viewer(store, actor), chat_id)
    account_id, steps = creation(store, actor, fields, now)
    steps += _number(store, actor, chat, account_id, None, now)
    steps += _link(actor, chat, account_id, None, now, client=fields.name)
    _run(store, actor, chat, steps, account_id)
    return account_id


def unlink(store: Store, actor: Actor, chat_id: str, *, now: datetime) -> None:
    """The chat is nobody's; its number stays where it is."""
    require(actor, Permission.EDIT_CLIENTS)
    chat = card_for(store, viewer(store, actor), chat_id)
    if chat.account_id is None:
        return
    params = {"chat_id": chat.chat_id, "account_id": None, "contact_id": None, "former_id": chat.account_id}
    step = Statement(name="chat_link", params=params, expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "unlinked", client=chat.client)], chat.account_id)


def set_tags(
    store: Store,
    actor: Actor,
    chat_id: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    now: datetime,
) -> None:
    """Hang tags, by their titles (new words join the vocabulary), and take others, by their ids, off."""
    require(actor, Permission.COMMENT)
    chat = card_for(store, viewer(store, actor), chat_id)
    hung = [add_tag(store, actor, title, now=now)[0] for title in add]
    carried = {tag.tag_id for tag in chat.tags}
    fresh = [tag for tag in hung if tag.tag_id not in carried]
    gone = [tag for tag in chat.tags if tag.tag_id in {tag_uuid(one) for one in remove}]
    steps: list[Statement] = []
    if gone:
        params = {"chat_id": chat.chat_id, "tag_ids": [tag.tag_id for tag in gone]}
        steps.append(Statement(name="chat_tag_delete", params=params))
        steps += told(actor, now, chat.chat_id, "untagged", tags=[tag.title for tag in gone])
    if fresh:
        hanging = {"chat_id": chat.chat_id, "tag_ids": [tag.tag_id for tag in fresh], "at": now, "actor": actor.user}
        steps.append(Statement(name="chat_tag_insert", params=hanging))
        steps += told(actor, now, chat.chat_id, "tagged", tags=[tag.title for tag in fresh])
    if steps:
        store.transact(steps, actor=actor, touches={Topic.CHATS: [chat.chat_id]})


def _link(
    actor: Actor, chat: ChatCard, account_id: str, contact_id: str | None, now: datetime, *, client: str
) -> list[Statement]:
    params = {
        "chat_id": chat.chat_id,
        "account_id": account_id,
        "contact_id": contact_id,
        "former_id": chat.account_id,
    }
    step = Statement(name="chat_link", params=params, expect_rows=1)
    return [step, *told(actor, now, chat.chat_id, "linked", client=client, account_id=account_id)]


def _number(
    store: Store, actor: Actor, chat: ChatCard, account_id: str, contact_id: str | None, now: datetime
) -> list[Statement]:
    """The chat's number becomes the client's where nobody has it; a colleague decides over the others."""
    if chat.number is None or owner_of(store, actor, chat.number) is not None:
        return []
    attached = {"account_id": account_id, "contact_id": contact_id}
    return [
        *assignment(actor, chat.number, account_id, contact_id, now),
        trail(actor, now, "number.attach", "number", chat.number, **attached),
    ]


def _run(store: Store, actor: Actor, chat: ChatCard, steps: list[Statement], account_id: str) -> None:
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat.chat_id], Topic.CLIENTS: [account_id]})
