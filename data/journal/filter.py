"""What a journal shows: a filter over calls and an order, as values that fit an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.model import NumberClass, Outcome, Reason, Status


class CallKind(StrEnum):
    """The toggles of the journal; those that are on add up."""

    INBOUND = "inbound"  # answered or missed
    OUTBOUND = "outbound"
    MISSED = "missed"  # inbound, not answered
    INTERNAL = "internal"


class LeadState(StrEnum):
    """What became of a lead as of a moment (DOMAIN.md 4)."""

    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    LOST = "lost"


class SortBy(StrEnum):
    TIME = "time"
    WAIT = "wait"
    TALK = "talk"
    CLIENT = "client"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """An order of the journal; calls that are equal in it come newest first, if descending."""

    by: SortBy = SortBy.TIME
    descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls; every condition that is given must hold, and an empty one lets all pass."""

    kinds: frozenset[CallKind] = frozenset()  # none: inbound and outbound
    lost: bool = False
    first: bool = False  # first contact of a number that was not registered (person+)
    unregistered: bool = False  # the number belongs to nobody now
    attention: bool = False  # carries "!"
    mine: bool = False  # the actor's extensions took part in any leg

    from_at: datetime | None = None  # started_at >= from_at
    until_at: datetime | None = None  # started_at < until_at
    hours: frozenset[int] = frozenset()  # local hour of the start, 0..23
    weekdays: frozenset[int] = frozenset()  # local, Monday = 1

    employees: frozenset[str] = frozenset()  # employee ids: talked or rang
    extensions: frozenset[str] = frozenset()  # talked or rang
    queues: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()  # titles of acquisition channels
    dids: frozenset[str] = frozenset()

    tags: frozenset[str] = frozenset()  # ids: carries one of them now
    has_recording: bool | None = None
    has_comment: bool | None = None
    talk_longer_s: float | None = None
    wait_longer_s: float | None = None

    number_classes: frozenset[NumberClass] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    leads: frozenset[LeadState] = frozenset()  # inbound leads in that state

    account_id: str | None = None  # calls of this client
    number: str | None = None  # exactly this outside number, normal form
    call_ids: frozenset[str] = field(default=frozenset())
    slice: str = ""  # the calls behind one number of a report (data/metrics/slices.py)
    search: str = ""  # client name, part of a number in any format, employee
