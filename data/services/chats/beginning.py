"""Writing to somebody first, where the messenger allows it: by a template where it demands one."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from data.errors import BadInput, Conflict
from data.identity.actor import Actor
from data.messaging import MessageKind
from data.services.chats.card import capabilities_of
from data.services.chats.filling import Template, filled
from data.services.chats.noting import told
from data.services.chats.seeing import Viewer, require_employee, viewer
from data.services.chats.writing import MOMENT, WindowClosed, message_steps, write, write_template
from data.services.messenger_accounts import MessengerAccount, accounts, get_account
from data.services.numbers import owner_of, typed_number
from data.settings import Site
from data.store.protocol import Statement, Store, Topic


def first_accounts(store: Store, actor: Actor) -> tuple[MessengerAccount, ...]:
    """The accounts from which one may write to somebody who has not written."""
    return tuple(one for one in accounts(store, actor) if one.enabled and capabilities_of(one.messenger).writes_first)


def write_first(
    store: Store,
    actor: Actor,
    site: Site,
    account: str,
    number: str,
    *,
    text: str = "",
    template: Template | None = None,
    client_key: str,
    now: datetime,
) -> str:
    """Write to a number; the id of the chat, which may be there already.

    Raises WindowClosed where only a template may begin, Conflict where a colleague writes with that client,
    BadInput for no number and for messengers where the client has to write first.
    """
    who = viewer(store, actor)
    place = get_account(store, actor, account)
    able = capabilities_of(place.messenger)
    if not place.enabled or not able.writes_first:
        raise BadInput(f"From {place.title} nobody can be written to first. Choose another account.")
    key = typed_number(number, site)
    if chat_id := _present(store, who, account, key):
        if template is not None:
            write_template(store, actor, chat_id, template, client_key=client_key, now=now)
        else:
            write(store, actor, chat_id, text, client_key=client_key, now=now)
        return chat_id
    if template is None and able.window is not None:
        raise WindowClosed("This client has not written yet: begin with a template.")
    return _begun(store, who, place, key, text, template, client_key, now)


def _begun(
    store: Store,
    who: Viewer,
    place: MessengerAccount,
    number: str,
    text: str,
    template: Template | None,
    client_key: str,
    now: datetime,
) -> str:
    actor = who.actor
    kind, words, payload = MessageKind.TEXT, text.strip(), None
    if template is not None:
        kind = MessageKind.TEMPLATE
        words, payload = filled(store, actor, place.account, template)
    longest = capabilities_of(place.messenger).longest_text
    if not 0 < len(words) <= longest:
        raise BadInput(f"A message needs 1 to {longest} characters, this one has {len(words)}.")
    owner = owner_of(store, actor, number)
    me, chat_id = require_employee(who), str(uuid4())
    chat = {
        "chat_id": chat_id,
        "messenger": place.messenger.value,
        "account": place.account,
        "user_key": number,
        "title": owner and (owner.contact or owner.name),
        "number": number,
        "account_id": owner and owner.account_id,
        "employee_id": me,
        "at": now,
    }
    steps = [
        Statement(name="chat_open", params=chat, expect_rows=1),
        *told(actor, now - MOMENT, chat_id, "begun", employee_id=me),
        *message_steps(
            actor,
            chat_id,
            place.account,
            str(uuid4()),
            kind,
            words,
            client_key,
            now,
            employee_id=me,
            payload=payload,
        ),
    ]
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat_id], Topic.OUTBOX: []})
    return chat_id


def _present(store: Store, who: Viewer, account: str, number: str) -> str | None:
    rows = who.query(store, "of_key", {"account": account, "user_key": number})
    if not rows:
        return None
    chat_id = str(rows[0]["chat_id"])
    if not who.query(store, "known", {"chat_id": chat_id}):
        raise Conflict("A colleague writes with this client already. Ask to have the chat handed over.")
    return chat_id
