"""What happens in chats without a person, and when: what clients are told, who is told of them, who gets them.

Each rule acts once per event. What is set for an account decides; a text that is empty is not said. Groups are left
alone. Pure: `automating` looks at the chats and acts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import BadInput
from data.messaging import CAPABILITIES, ChatState, Messenger
from data.services.chats.routing import Routing, routing_of, usable_people, usable_routing
from data.services.chats.signing import usable_signature
from data.working_hours import Schedule, after_open_time

LONGEST = 1000  # characters of a text
MOST_MINUTES = 24 * 60

_FRESH = timedelta(minutes=15)  # whoever switches it on does not greet those of yesterday
_LATEST = timedelta(hours=12)  # after its moment nobody is told any more


class Rule(StrEnum):
    GREETING = "greeting"
    OUT_OF_HOURS = "out_of_hours"
    NOBODY_ANSWERS = "nobody_answers"
    CLOSING = "closing"
    ESCALATION = "escalation"  # its text is for colleagues
    ROUTING = "routing"  # has no text


TO_CLIENTS = (Rule.GREETING, Rule.OUT_OF_HOURS, Rule.NOBODY_ANSWERS, Rule.CLOSING)
_WITH_TEXT = (*TO_CLIENTS, Rule.ESCALATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an account does. after, escalate_after: working time without an answer, before a client and colleagues
    are told; escalate_to: ids of these colleagues."""

    on: bool = True
    texts: Mapping[Rule, str]
    after: timedelta = timedelta(minutes=10)
    escalate_after: timedelta = timedelta(minutes=30)
    escalate_to: tuple[str, ...] = ()
    routing: Routing = field(default_factory=Routing)

    def wants(self, rule: Rule) -> bool:
        """Whether anything is set for it."""
        if not self.on:
            return False
        if rule is Rule.ROUTING:
            return self.routing.is_on
        return rule in self.texts and (rule is not Rule.ESCALATION or bool(self.escalate_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something to be said now. event_key: of the event that sets it off once."""

    rule: Rule
    event_key: str


def usable_automation(given: Mapping[str, Any], employees: Collection[str] | None = None) -> dict[str, Any]:
    """What a person set, checked: `on`, minutes, a text for each rule that has one, people, routing, signature.

    employees: ids of those who work here; None: they are not looked at. Raises BadInput.
    """
    routing = given.get("routing") or {}
    if not isinstance(routing, Mapping):
        raise BadInput("routing must be an object.")
    kept: dict[str, Any] = {
        "on": bool(given.get("on", True)),
        "after_min": _minutes(given, "after_min", 10),
        "escalate_min": _minutes(given, "escalate_min", 30),
        "escalate_to": usable_people(given.get("escalate_to"), employees),
        "routing": usable_routing(routing, employees),
        "signature": usable_signature(given.get("signature")),
    }
    for rule in _WITH_TEXT:
        text = str(given.get(rule.value) or "").strip()
        if len(text) > LONGEST:
            raise BadInput(f"{rule.value} has {len(text)} characters; at most {LONGEST} are sent.")
        kept[rule.value] = text
    return kept


def rules_of(config: Mapping[str, Any]) -> Rules:
    """The rules of an account, out of its settings; without any, nothing happens."""
    given = config.get("automation") or {}
    texts = {rule: str(given.get(rule.value) or "") for rule in _WITH_TEXT}
    return Rules(
        on=bool(given.get("on", True)),
        texts={rule: text for rule, text in texts.items() if text},
        after=timedelta(minutes=int(given.get("after_min", 10))),
        escalate_after=timedelta(minutes=int(given.get("escalate_min", 30))),
        escalate_to=tuple(given.get("escalate_to") or ()),
        routing=routing_of(given.get("routing") or {}),
    )


def due(chat: Mapping[str, Any], rules: Rules, schedule: Schedule, zone: ZoneInfo, *, now: datetime) -> Iterator[Due]:
    """What has to happen in this chat now, whether or not it did already."""
    opens, closes = schedule.stretch(now.astimezone(zone).date(), zone)
    is_open = opens <= now < closes
    if _can_hear(chat, now):
        yield from _said(chat, rules, schedule, zone, now, is_open)
    waiting = chat["waiting_since"]
    if not is_open or waiting is None or chat["state"] == ChatState.CLOSED:
        return
    late_at = after_open_time(waiting, rules.escalate_after, schedule, zone)
    if late_at <= now < late_at + _LATEST:
        yield Due(rule=Rule.ESCALATION, event_key=waiting.isoformat())
    # In working hours only: whoever gets a chat is to be there. It comes last, for it changes the chat.
    if chat["state"] == ChatState.QUEUED:
        yield Due(rule=Rule.ROUTING, event_key=waiting.isoformat())


def _can_hear(chat: Mapping[str, Any], now: datetime) -> bool:
    window = CAPABILITIES[Messenger(chat["messenger"])].window
    wrote_at = chat["client_wrote_at"]
    return wrote_at is not None and (window is None or now - wrote_at < window)


def _said(
    chat: Mapping[str, Any], rules: Rules, schedule: Schedule, zone: ZoneInfo, now: datetime, is_open: bool
) -> Iterator[Due]:
    waiting = chat["waiting_since"]
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
    if late_at <= now < late_at + _LATEST:
        yield Due(rule=Rule.NOBODY_ANSWERS, event_key=waiting.isoformat())


def _minutes(given: Mapping[str, Any], name: str, otherwise: int) -> int:
    minutes = given.get(name, otherwise)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= MOST_MINUTES:
        raise BadInput(f"{name} is {str(minutes)[:40]!r}; write whole minutes from 1 to {MOST_MINUTES}.")
    return minutes
