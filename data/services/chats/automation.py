"""What is said to clients without a person: greeting, "nobody answers yet", and a farewell, once per event.

Each text is set for an account; one that is empty is not said. The chat stays as it is: its client still waits for
a person, and metrics leave out what `system:chats` wrote. Groups hear nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from data.errors import BadInput, Conflict
from data.identity.actor import system
from data.messaging import CAPABILITIES, ChatState, Messenger
from data.queries import read
from data.services.chats.delivery import sending
from data.services.messenger_accounts import accounts
from data.store.protocol import Statement, Store, Topic
from data.working_hours import Schedule, after_open_time

ACTOR = system("chats")
LONGEST = 1000  # characters of a text
MOST_MINUTES = 24 * 60

_FRESH = timedelta(minutes=15)  # whoever switches it on does not greet those of yesterday
_LOOKED_BACK = timedelta(days=7)


class Rule(StrEnum):
    GREETING = "greeting"
    OUT_OF_HOURS = "out_of_hours"
    NOBODY_ANSWERS = "nobody_answers"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an account says. after: working time without an answer, before NOBODY_ANSWERS is said."""

    on: bool = True
    texts: Mapping[Rule, str]
    after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something to be said now. event_key: of the event that sets it off once."""

    rule: Rule
    event_key: str


def usable_automation(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a person set, checked: `on`, `after_min` and a text for each rule. Raises BadInput."""
    minutes = given.get("after_min", 10)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= MOST_MINUTES:
        raise BadInput(f"after_min is {str(minutes)[:40]!r}; write whole minutes from 1 to {MOST_MINUTES}.")
    kept: dict[str, Any] = {"on": bool(given.get("on", True)), "after_min": minutes}
    for rule in Rule:
        text = str(given.get(rule.value) or "").strip()
        if len(text) > LONGEST:
            raise BadInput(f"{rule.value} has {len(text)} characters; at most {LONGEST} are sent.")
        kept[rule.value] = text
    return kept


def rules_of(config: Mapping[str, Any]) -> Rules:
    """The rules of an account, out of its settings; without any, nothing is said."""
    given = config.get("automation") or {}
    texts = {rule: str(given.get(rule.value) or "") for rule in Rule}
    return Rules(
        on=bool(given.get("on", True)),
        texts={rule: text for rule, text in texts.items() if text},
        after=timedelta(minutes=int(given.get("after_min", 10))),
    )


def due(chat: Mapping[str, Any], rules: Rules, schedule: Schedule, zone: ZoneInfo, *, now: datetime) -> Iterator[Due]:
    """What has to be said in this chat now, whether or not it was said already."""
    wrote_at, waiting = chat["client_wrote_at"], chat["waiting_since"]
    window = CAPABILITIES[Messenger(chat["messenger"])].window
    if not rules.on or wrote_at is None or (window is not None and now - wrote_at >= window):
        return
    opens, closes = schedule.stretch(now.astimezone(zone).date(), zone)
    is_open = opens <= now < closes
    if chat["state"] == ChatState.CLOSED:
        if chat["closed_at"] is not None and now - chat["closed_at"] < _FRESH:
            yield Due(rule=Rule.CLOSING, event_key=chat["closed_at"].isoformat())
        return
    if waiting is None:
        return
    if not is_open:
        if now - waiting < _FRESH:
            yield Due(rule=Rule.OUT_OF_HOURS, event_key=waiting.isoformat())
        return
    if now - chat["created_at"] < _FRESH:
        yield Due(rule=Rule.GREETING, event_key="opened")
    late_at = after_open_time(waiting, rules.after, schedule, zone)
    if late_at <= now < late_at + timedelta(hours=12):
        yield Due(rule=Rule.NOBODY_ANSWERS, event_key=waiting.isoformat())


def automate(store: Store, schedule: Schedule, zone: ZoneInfo, *, now: datetime) -> int:
    """Say whatever is due and was not said; how much it was. Raises StoreError."""
    rules = {one.account: rules_of(one.config) for one in accounts(store, ACTOR) if one.enabled}
    talking = {account: those for account, those in rules.items() if those.on and those.texts}
    if not talking:
        return 0
    params = {"accounts": sorted(talking), "from_at": now - _LOOKED_BACK}
    said = 0
    for chat in store.query(read("chats/automation"), params, actor=ACTOR).to_pylist():
        those = talking[chat["messenger_account"]]
        for one in due(chat, those, schedule, zone, now=now):
            if one.rule in those.texts and f"{one.rule} {one.event_key}" not in chat["done"]:
                said += _say(store, chat, one, those.texts[one.rule], now)
    return said


def _say(store: Store, chat: Mapping[str, Any], one: Due, text: str, now: datetime) -> bool:
    """Whether it was still to be said; the message, its order and its line are written together."""
    message_id, chat_id = str(uuid4()), chat["chat_id"]
    common = {"chat_id": chat_id, "at": now}
    act = {
        "rule": one.rule.value,
        "event_key": one.event_key,
        "state": chat["state"],
        "waiting_since": chat["waiting_since"],
    }
    said = {"message_id": message_id, "actor": ACTOR.user, "text": text, "client_key": f"{one.rule}:{one.event_key}"}
    told = {"event_id": str(uuid4()), "actor": ACTOR.user, "detail": json.dumps({"rule": one.rule.value})}
    steps = [
        Statement(name="chat_automation_insert", params=common | act, expect_rows=1),
        Statement(name="chat_automation_message", params=common | said, expect_rows=1),
        Statement(name="chat_automation_event", params=common | told, expect_rows=1),
        sending(ACTOR, chat["messenger_account"], message_id, now=now),
    ]
    try:
        store.transact(steps, actor=ACTOR, touches={Topic.CHATS: [chat_id], Topic.OUTBOX: ()})
    except Conflict:
        return False
    return True
