"""What people do with a chat: take, hand over, watch, leave, close, reopen. No chat is taken by two."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor
from data.messaging import ChatState
from data.queries import read
from data.services.chats.card import ChatCard, card_for
from data.services.chats.noting import told
from data.services.chats.seeing import Viewer, require_charge, require_employee, viewer
from data.services.chats.writing import MOMENT, note_steps
from data.store.protocol import Statement, Store, Topic

LONGEST_NOTE = 4_000


def take(store: Store, actor: Actor, chat_id: str, *, version: int, now: datetime) -> None:
    """The queued chat is the actor's. Raises Conflict where somebody was quicker, BadInput for no employee."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    me = require_employee(who)
    if chat.state is not ChatState.QUEUED:
        raise Conflict(f"{chat.assignee or 'Somebody'} has taken this chat already. Nothing was changed.")
    step = Statement(name="chat_take", params=_params(chat, version, now, employee_id=me), expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "taken", employee_id=me)])


def hand_over(
    store: Store,
    actor: Actor,
    chat_id: str,
    employee_id: str | None,
    *,
    note: str = "",
    version: int,
    now: datetime,
) -> None:
    """The chat is another's, or (None) nobody's: back into the queue. note: for colleagues, never sent out.

    Raises NotAllowed for those who neither answer for it nor see all, Conflict, BadInput, NotFound.
    """
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    require_charge(who, chat.assignee_id)
    if chat.state is ChatState.CLOSED:
        raise BadInput("The chat is closed. Reopen it, then hand it over.")
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"The note has {len(note)} characters, at most {LONGEST_NOTE} are kept. Shorten it.")
    name = _active(store, who, employee_id) if employee_id is not None else None
    if employee_id == chat.assignee_id and chat.state is not ChatState.QUEUED:
        raise BadInput(f"The chat is {chat.assignee or 'that employee'}'s already. Choose somebody else.")
    kind = "queued" if employee_id is None else "assigned" if chat.assignee_id is None else "handed_over"
    steps = [
        Statement(name="chat_hand_over", params=_params(chat, version, now, employee_id=employee_id), expect_rows=1),
        *told(actor, now, chat.chat_id, kind, employee_id=employee_id, to=name, former=chat.assignee),
    ]
    if note.strip():
        steps += note_steps(actor, chat.chat_id, note.strip(), now=now + MOMENT)
    _run(store, actor, chat, steps)


def watch(store: Store, actor: Actor, chat_id: str, employee_id: str | None = None, *, now: datetime) -> None:
    """The actor follows the chat, or lets a colleague follow it. Raises NotAllowed, BadInput, NotFound."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    watcher = employee_id or require_employee(who)
    name = _active(store, who, watcher)
    if watcher not in who.mine:
        require_charge(who, chat.assignee_id)
    if watcher == chat.assignee_id or any(one.employee_id == watcher for one in chat.watchers):
        return
    params = {"chat_id": chat.chat_id, "employee_id": watcher}
    step = Statement(name="chat_watch", params=params, expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "watched", employee_id=watcher, to=name)])


def leave(store: Store, actor: Actor, chat_id: str, employee_id: str | None = None, *, now: datetime) -> None:
    """The actor, or a colleague he is in charge of, follows the chat no more."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    watcher = _uuid(employee_id) if employee_id else require_employee(who)
    if watcher not in who.mine:
        require_charge(who, chat.assignee_id)
    found = next((one for one in chat.watchers if one.employee_id == watcher), None)
    if found is None:
        return
    params = {"chat_id": chat.chat_id, "employee_id": watcher}
    step = Statement(name="chat_leave", params=params, expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "left", employee_id=watcher, to=found.name)])


def close(store: Store, actor: Actor, chat_id: str, *, version: int, now: datetime) -> None:
    """Done with. A client who writes again brings it back to its responsible. Raises NotAllowed, Conflict."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    require_charge(who, chat.assignee_id)
    step = Statement(name="chat_close", params=_params(chat, version, now), expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "closed", employee_id=chat.assignee_id)])


def reopen(store: Store, actor: Actor, chat_id: str, *, version: int, now: datetime) -> None:
    """The closed chat is its former responsible's again; without one it waits in the queue."""
    who = viewer(store, actor)
    chat = card_for(store, who, chat_id)
    require_charge(who, chat.assignee_id)
    step = Statement(name="chat_reopen", params=_params(chat, version, now), expect_rows=1)
    _run(store, actor, chat, [step, *told(actor, now, chat.chat_id, "reopened", employee_id=chat.assignee_id)])


def _run(store: Store, actor: Actor, chat: ChatCard, steps: list[Statement]) -> None:
    store.transact(steps, actor=actor, touches={Topic.CHATS: [chat.chat_id]})


def _params(chat: ChatCard, version: int, now: datetime, **more: object) -> dict[str, object]:
    return {"chat_id": chat.chat_id, "version": version, "at": now, **more}


def _active(store: Store, who: Viewer, employee_id: str) -> str:
    """The name of somebody who works here. Raises NotFound."""
    params = {"employee_id": _uuid(employee_id)}
    rows = store.query(read("chats/employee"), params, actor=who.actor).to_pylist()
    if not rows:
        raise NotFound(f"There is no employee {employee_id}, or he works here no more. Choose another.")
    name: str = rows[0]["name"]
    return name


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"{text[:40]!r} is no id of an employee.") from None
