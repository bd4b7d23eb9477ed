"""Looks at chats and does what is due in them without a person (`automation`): each thing once, with its line.

What it says leaves the chat as it is: its client still waits for a person, and metrics leave out what `system:chats`
wrote. Every act is one transaction, which does not happen where the chat moved on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from data.errors import Conflict
from data.identity.actor import system
from data.queries import read
from data.services.chats.automation import TO_CLIENTS, Due, Rule, Rules, due, rules_of
from data.services.chats.delivery import sending
from data.services.chats.routing import Load, chosen
from data.services.messenger_accounts import accounts
from data.services.standing import PATIENCE_S
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic
from data.working_hours import Schedule

ACTOR = system("chats")

_LOOKED_BACK = timedelta(days=7)
_LOGGED_IN_LATELY = timedelta(days=14)  # whoever did takes part in queues, and is away while he is in none
_LONGEST_TITLE = 300

Row = Mapping[str, Any]


def automate(store: Store, schedule: Schedule, zone: ZoneInfo, *, now: datetime) -> int:
    """Do whatever is due and was not done; how much it was. Raises StoreError."""
    rules = {one.account: rules_of(one.config) for one in accounts(store, ACTOR) if one.enabled}
    busy = {account: those for account, those in rules.items() if any(map(those.wants, Rule))}
    done = _end_tasks(store, now)
    if not busy:
        return done
    params = {"accounts": sorted(busy), "from_at": now - _LOOKED_BACK}
    wanted = [
        (chat, one)
        for chat in store.query(read("chats/automation"), params, actor=ACTOR).to_pylist()
        for one in due(chat, busy[chat["messenger_account"]], schedule, zone, now=now)
        if busy[chat["messenger_account"]].wants(one.rule) and f"{one.rule} {one.event_key}" not in chat["done"]
    ]
    routed = [(chat, one) for chat, one in wanted if one.rule is Rule.ROUTING]
    for chat, one in wanted:
        those = busy[chat["messenger_account"]]
        if one.rule in TO_CLIENTS:
            done += _say(store, chat, one, those.texts[one.rule], now)
        elif one.rule is Rule.ESCALATION:
            done += _escalate(store, chat, one, those, now)
    return done + (_route(store, routed, busy, now) if routed else 0)


def _say(store: Store, chat: Row, one: Due, text: str, now: datetime) -> bool:
    """The message, its order and its line."""
    message_id = str(uuid4())
    said = {"message_id": message_id, "actor": ACTOR.user, "text": text, "client_key": f"{one.rule}:{one.event_key}"}
    steps = [
        Statement(name="chat_automation_message", params={"chat_id": chat["chat_id"], "at": now} | said, expect_rows=1),
        _line(chat, now, rule=one.rule.value),
        sending(ACTOR, chat["messenger_account"], message_id, now=now),
    ]
    return _done(store, chat, one, steps, now, {Topic.OUTBOX: []})


def _escalate(store: Store, chat: Row, one: Due, rules: Rules, now: datetime) -> bool:
    """Those who are to know follow the chat, and have a task that comes up at once."""
    params = {"employee_ids": list(rules.escalate_to)}
    people = store.query(read("chats/employees"), params, actor=ACTOR).to_pylist()
    if not people:
        return False
    who = chat["title"] or chat["number"] or f"№ {chat['chat_no']}"
    steps: list[Statement] = []
    task_ids = []
    for person in people:
        task_ids.append(str(uuid4()))
        watching = {"chat_id": chat["chat_id"], "employee_id": person["employee_id"]}
        task = {
            "task_id": task_ids[-1],
            "title": f"{rules.texts[one.rule]} {who}"[:_LONGEST_TITLE],
            "notes": None,
            "owner_id": person["employee_id"],
            "due_at": None,
            "remind_at": now,
            "subject_kind": "chat",
            "subject_id": chat["chat_id"],
            "at": now,
            "actor": ACTOR.user,
        }
        steps.append(Statement(name="chat_watch", params=watching))
        steps.append(Statement(name="task_insert", params=task, expect_rows=1))
    names = ", ".join(person["name"] for person in people)
    steps.append(_line(chat, now, rule=one.rule.value, text=f"({names})"))
    return _done(store, chat, one, steps, now, {Topic.TASKS: task_ids})


def _route(store: Store, chats: Sequence[tuple[Row, Due]], rules: Mapping[str, Rules], now: datetime) -> int:
    """Each chat goes to somebody, as far as there is anybody; how many did."""
    seen = {"now": now, "from_at": now - _LOGGED_IN_LATELY, "patience_s": PATIENCE_S}
    loads = {row["employee_id"]: Load(**row) for row in store.query(read("chats/loads"), seen, actor=ACTOR).to_pylist()}
    by_word = [chat["chat_id"] for chat, _ in chats if rules[chat["messenger_account"]].routing.by_word]
    said: dict[str, str] = {}
    if by_word:
        params = {"chat_ids": by_word, "from_at": now - _LOOKED_BACK}
        rows = store.query(read("chats/unanswered"), params, actor=ACTOR).to_pylist()
        said = {row["chat_id"]: row["words"] for row in rows}
    done = 0
    for chat, one in chats:
        routing = rules[chat["messenger_account"]].routing
        choice = chosen(routing, said.get(chat["chat_id"], ""), chat["responsible_id"], loads)
        if choice is None:
            continue
        who = choice.employee
        given = {"chat_id": chat["chat_id"], "version": chat["version"], "at": now, "employee_id": who.employee_id}
        told = {"rule": one.rule.value, "to": who.name} | ({"text": f"({choice.word})"} if choice.word else {})
        steps = [
            Statement(name="chat_take", params=given, expect_rows=1),
            _line(chat, now, kind="assigned", employee_id=who.employee_id, **told),
        ]
        if _done(store, chat, one, steps, now, {}):
            loads[who.employee_id] = who.with_one_more(now)
            done += 1
    return done


def _end_tasks(store: Store, now: datetime) -> int:
    """Who was told of a client that waits need do nothing more once he was answered; how many tasks ended."""
    rows = store.query(read("chats/escalated"), {"actor": ACTOR.user}, actor=ACTOR).to_pylist()
    params = {"done": True, "at": now, "actor": ACTOR.user}
    steps = [Statement(name="task_done", params=params | row, expect_rows=1) for row in rows]
    if steps:
        try:
            store.transact(steps, actor=ACTOR, touches={Topic.TASKS: [row["task_id"] for row in rows]})
        except Conflict:
            return 0  # somebody did it himself; the next look finds the others
    return len(steps)


def _line(
    chat: Row, now: datetime, *, kind: str = "automation", employee_id: str | None = None, **detail: object
) -> Statement:
    """What people read of it in the chat."""
    params = {
        "event_id": str(uuid4()),
        "chat_id": chat["chat_id"],
        "at": now,
        "kind": kind,
        "actor": ACTOR.user,
        "employee_id": employee_id,
        "detail": json.dumps(detail, ensure_ascii=False),
    }
    return Statement(name="chat_event_insert", params=params, expect_rows=1)


def _done(
    store: Store, chat: Row, one: Due, steps: Sequence[Statement], now: datetime, touches: Mapping[Topic, list[str]]
) -> bool:
    """Whether it was still to be done: it is kept as done in the same transaction."""
    act = {
        "chat_id": chat["chat_id"],
        "at": now,
        "rule": one.rule.value,
        "event_key": one.event_key,
        "state": chat["state"],
        "waiting_since": chat["waiting_since"],
    }
    kept = Statement(name="chat_automation_insert", params=act, expect_rows=1)
    told = trail(ACTOR, now, f"chat.{one.rule.value}", "chat", chat["chat_id"])
    try:
        store.transact([kept, *steps, told], actor=ACTOR, touches={Topic.CHATS: [chat["chat_id"]], **touches})
    except Conflict:
        return False
    return True
