"""What people write into a chat: answers, templates, files, and notes that never leave the house.

A message and its order in the outbox are one transaction. `client_key`, the sender's own id of it, makes a repeat
the same message. Who answers a queued chat first becomes its responsible; an answer to a closed chat brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor
from data.media import Stored
from data.messaging import Delivery, MediaState, MessageKind
from data.queries import read
from data.services.chats.card import ChatCard, card_for
from data.services.chats.delivery import retry as send_again
from data.services.chats.delivery import sending
from data.services.chats.filing import file_name, kind_of
from data.services.chats.filling import Template, filled
from data.services.chats.noting import spoken
from data.services.chats.seeing import Viewer, viewer
from data.services.chats.signing import signed
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

LONGEST_NOTE = 10_000
LONGEST_KEY = 80
MOMENT = timedelta(milliseconds=1)  # between lines that one act writes, so that they stand in their order
_SHORT = 200
_TITLE = 120


class WindowClosed(BadInput):
    """The client wrote too long ago: the messenger takes nothing but templates."""


def write(
    store: Store,
    actor: Actor,
    chat_id: str,
    text: str,
    *,
    client_key: str,
    replies_to: str | None = None,
    now: datetime,
) -> str:
    """Send a text; the id of the message. Raises WindowClosed, BadInput, NotFound, NotAllowed."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    if sent := _sent_before(store, who, chat, client_key):
        return sent
    words = _signed(chat, who, text, chat.capabilities.longest_text)
    _refuse_locked(chat, now)
    return _send(store, who, chat, MessageKind.TEXT, words, client_key, now, replies_to=replies_to)


def write_file(
    store: Store,
    actor: Actor,
    chat_id: str,
    file: Stored,
    name: str,
    *,
    caption: str = "",
    client_key: str,
    now: datetime,
) -> str:
    """Send a file that is in our storage already; the id of the message. Raises as `write`."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    if sent := _sent_before(store, who, chat, client_key):
        return sent
    _refuse_locked(chat, now)
    kind = kind_of(chat.capabilities, file.media_type, file.size_bytes)
    words = _signed(chat, who, caption, chat.capabilities.longest_caption) if caption.strip() else None
    media: dict[str, Any] = {
        "media": file.media,
        "media_state": MediaState.PRESENT.value,
        "media_name": file_name(name),
        "media_type": file.media_type,
        "media_bytes": file.size_bytes,
    }
    return _send(store, who, chat, kind, words, client_key, now, **media)


def write_template(
    store: Store, actor: Actor, chat_id: str, template: Template, *, client_key: str, now: datetime
) -> str:
    """Send an approved template, also when the window is closed; the id of the message. Raises as `write`."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    if sent := _sent_before(store, who, chat, client_key):
        return sent
    if not chat.capabilities.templates:
        raise BadInput(f"{chat.messenger} knows no templates. Write a text.")
    words, payload = filled(store, actor, chat.messenger_account, template)
    return _send(store, who, chat, MessageKind.TEMPLATE, words, client_key, now, payload=payload)


def write_note(
    store: Store,
    actor: Actor,
    chat_id: str,
    text: str,
    *,
    mention_ids: Sequence[str] = (),
    client_key: str,
    now: datetime,
) -> str:
    """Keep a note for colleagues; who is mentioned gets a task and may see the chat. Raises BadInput, NotFound."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    if sent := _sent_before(store, who, chat, client_key):
        return sent
    words = text.strip()
    if not 0 < len(words) <= LONGEST_NOTE:
        raise BadInput(f"A note needs 1 to {LONGEST_NOTE} characters, this one has {len(words)}.")
    mentioned = _employees(store, actor, mention_ids)
    steps = note_steps(actor, chat.chat_id, words, now=now, client_key=client_key, mention_ids=tuple(mentioned))
    seeing = {chat.assignee_id, *(one.employee_id for one in chat.watchers)}
    task_ids = []
    for employee_id in mentioned:
        if employee_id in who.mine:
            continue
        if employee_id not in seeing:
            params = {"chat_id": chat.chat_id, "employee_id": employee_id}
            steps.append(Statement(name="chat_watch", params=params))
        task_ids.append(str(uuid4()))
        steps.append(_task(actor, chat, employee_id, words, task_ids[-1], now))
    touches = {Topic.CHATS: [chat.chat_id]} | ({Topic.TASKS: task_ids} if task_ids else {})
    return _kept(store, who, chat, steps, touches, client_key)


def retry(store: Store, actor: Actor, chat_id: str, message_id: str, *, now: datetime) -> None:
    """Send a failed message of this chat once more. Raises WindowClosed, NotFound, Conflict."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    try:
        known = str(UUID(message_id))
    except ValueError:
        raise NotFound(f"{message_id[:40]!r} is no id of a message.") from None
    rows = who.query(store, "message_kind", {"chat_id": chat.chat_id, "message_id": known})
    if not rows:
        raise NotFound(f"There is no message {known} in this chat.")
    if rows[0]["kind"] != MessageKind.TEMPLATE:
        _refuse_locked(chat, now)
    send_again(store, actor, known, now=now)


def note_steps(
    actor: Actor,
    chat_id: str,
    text: str,
    *,
    now: datetime,
    client_key: str | None = None,
    mention_ids: tuple[str, ...] = (),
) -> list[Statement]:
    """The steps that keep a note and its audit row."""
    key = client_key or str(uuid4())
    step = _message(actor, chat_id, str(uuid4()), MessageKind.NOTE, text, key, now, mention_ids=list(mention_ids))
    return [step, trail(actor, now, "chat.note", "chat", chat_id)]


def message_steps(
    actor: Actor,
    chat_id: str,
    account: str,
    message_id: str,
    kind: MessageKind,
    text: str | None,
    client_key: str,
    now: datetime,
    *,
    employee_id: str | None,
    **more: object,
) -> list[Statement]:
    """The steps that keep a message, put it on its way, and tell what that changes of the chat."""
    at = {"chat_id": chat_id, "at": now, "employee_id": employee_id}
    event = {**at, "at": now - MOMENT, "event_id": str(uuid4()), "actor": actor.user, "detail": spoken(actor)}
    last = {**at, "last_text": (text or "")[:_SHORT] or more.get("media_name"), "last_kind": kind.value}
    message = _message(actor, chat_id, message_id, kind, text, client_key, now, state=Delivery.QUEUED.value, **more)
    return [
        message,
        Statement(name="chat_answered_event", params=event),
        Statement(name="chat_answered", params=last, expect_rows=1),
        sending(actor, account, message_id, now=now),
        trail(actor, now, "chat.write", "chat", chat_id, message_id=message_id, kind=kind.value),
    ]


def _send(
    store: Store,
    who: Viewer,
    chat: ChatCard,
    kind: MessageKind,
    text: str | None,
    client_key: str,
    now: datetime,
    *,
    replies_to: str | None = None,
    **more: object,
) -> str:
    if replies_to is not None:
        more["replies_to"] = _answered(store, who, chat, replies_to)
    steps = message_steps(
        who.actor,
        chat.chat_id,
        chat.messenger_account,
        str(uuid4()),
        kind,
        text,
        client_key,
        now,
        employee_id=who.employee_id,
        **more,
    )
    return _kept(store, who, chat, steps, {Topic.CHATS: [chat.chat_id], Topic.OUTBOX: []}, client_key)


def _kept(
    store: Store,
    who: Viewer,
    chat: ChatCard,
    steps: list[Statement],
    touches: dict[Topic, list[str]],
    client_key: str,
) -> str:
    """Carry out; the id of the message, also where the same was sent in the same moment."""
    try:
        store.transact(steps, actor=who.actor, touches=touches)
    except Conflict:
        sent = _sent_before(store, who, chat, client_key)
        if sent is None:
            raise
        return sent
    return str(steps[0].params["message_id"])


def _message(
    actor: Actor,
    chat_id: str,
    message_id: str,
    kind: MessageKind,
    text: str | None,
    client_key: str,
    now: datetime,
    **more: object,
) -> Statement:
    nothing = dict.fromkeys(
        ("state", "replies_to", "payload", "media", "media_state", "media_name", "media_type", "media_bytes")
    )
    params = {
        "mention_ids": [],
        **nothing,
        **more,
        "message_id": message_id,
        "chat_id": chat_id,
        "kind": kind.value,
        "author": actor.user,
        "author_name": actor.name or actor.user,
        "text": text,
        "client_key": client_key,
        "at": now,
    }
    return Statement(name="chat_message_insert", params=params, expect_rows=1)


def _task(actor: Actor, chat: ChatCard, employee_id: str, text: str, task_id: str, now: datetime) -> Statement:
    shown = " ".join(text.split())
    params = {
        "task_id": task_id,
        "title": shown if len(shown) <= _TITLE else shown[: _TITLE - 1] + "…",
        "notes": None,
        "owner_id": employee_id,
        "due_at": None,
        "remind_at": now,
        "subject_kind": "chat",
        "subject_id": chat.chat_id,
        "at": now,
        "actor": actor.user,
    }
    return Statement(name="task_insert", params=params, expect_rows=1)


def _sent_before(store: Store, who: Viewer, chat: ChatCard, client_key: str) -> str | None:
    if not 0 < len(client_key) <= LONGEST_KEY:
        raise BadInput(f"client_key needs 1 to {LONGEST_KEY} characters: an id of yours for this message.")
    rows = who.query(store, "by_client_key", {"chat_id": chat.chat_id, "client_key": client_key})
    return str(rows[0]["message_id"]) if rows else None


def _answered(store: Store, who: Viewer, chat: ChatCard, message_id: str) -> str:
    if not chat.capabilities.replies:
        raise BadInput(f"{chat.messenger} shows no replies. Write without quoting.")
    try:
        known = str(UUID(message_id))
    except ValueError:
        raise NotFound(f"{message_id[:40]!r} is no id of a message.") from None
    rows = who.query(store, "message_kind", {"chat_id": chat.chat_id, "message_id": known})
    if not rows or rows[0]["kind"] in (MessageKind.NOTE, MessageKind.SYSTEM):
        raise NotFound(f"There is no message {known} in this chat that could be answered.")
    return known


def _employees(store: Store, actor: Actor, given: Sequence[str]) -> list[str]:
    try:
        wanted = sorted({str(UUID(one)) for one in given})
    except ValueError:
        raise NotFound("One of the mentioned is no id of an employee.") from None
    if not wanted:
        return []
    rows = store.query(read("chats/employees"), {"employee_ids": wanted}, actor=actor).to_pylist()
    if len(rows) != len(wanted):
        raise NotFound("One of the mentioned works here no more. Mention somebody else.")
    return [row["employee_id"] for row in rows]


def _signed(chat: ChatCard, who: Viewer, text: str, longest: int) -> str:
    """The words with the name of whoever writes below, where the account signs; never in groups. Raises BadInput."""
    words = text.strip()
    if not 0 < len(words) <= longest:
        raise BadInput(f"A message needs 1 to {longest} characters, this one has {len(words)}. Split it.")
    if chat.is_group:
        return words
    return signed(words, chat.signature or "", who.actor.name or who.actor.user, longest=longest)


def _refuse_locked(chat: ChatCard, now: datetime) -> None:
    if chat.is_locked(now):
        raise WindowClosed("The client wrote more than 24 hours ago, or never: choose a template.")
