"""What the journal gives: one row per call, and everything about one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from data.model import (
    Direction,
    Interval,
    Leg,
    NumberClass,
    Outcome,
    QueueVisit,
    Reason,
    Status,
    Transfer,
)
from data.services.tags import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An employee as a call shows him: the extension, and whose it was then."""

    extension: str
    employee_id: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One row of the journal (DOMAIN.md 2), status and markers as of the moment asked for."""

    call_id: str
    pbx: str
    direction: Direction
    outcome: Outcome
    status: Status
    reason: Reason | None

    attention: bool  # "!"
    lead: bool  # person+
    registered: bool  # the number has a client now: else the row is grey
    registered_then: bool  # it had one when it rang: the call cannot be lost
    missed: bool  # the row is red

    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    wait_s: float | None
    talk_s: float
    hold_s: float
    duration_s: float

    account_id: str | None  # the client to whom the call belongs
    client: str | None
    contact_id: str | None
    contact: str | None
    number: str | None  # outside number, normal form; masked where the actor may not see it
    number_text: str | None  # as people write it: +7 912 345-67-89
    number_class: NumberClass | None
    country: str | None
    region: str | None
    caller_name: str | None

    people: tuple[Person, ...]  # who talked, in order; if nobody did, who rang
    group: str | None  # the ring group or queue to show instead of several who only rang
    application: str | None  # who had the call when nobody rang

    comment: str | None
    comment_version: int  # 0: no comment yet
    tags: tuple[Tag, ...]  # by title
    queue: str | None
    line: str | None
    channel: str | None  # acquisition channel
    did: str | None
    transfer_count: int
    recording_count: int
    incomplete: bool
    conference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """One recording of a call, with what is known of its file."""

    recording_id: str
    position: int
    file: str
    party: str | None
    heard: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    state: str  # expected, present, missing, deleted
    path: str | None
    bytes: int | None
    sound_s: float | None
    channel_count: int | None
    codec: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetails:
    """One call with all its parts, in the order in which they happened."""

    row: CallRow
    called_number: str | None
    dial_status: str | None
    hangup_cause: int | None
    contact_after_at: datetime | None  # of a missed call: when somebody next talked with the number
    channels: tuple[str, ...]
    events: tuple[int, ...]
    legs: tuple[Leg, ...]
    queue_visits: tuple[QueueVisit, ...]
    transfers: tuple[Transfer, ...]
    intervals: tuple[Interval, ...]
    recordings: tuple[RecordingFile, ...]
    names: Mapping[str, str]  # extension -> employee, queue or group as named then
