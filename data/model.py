"""What a call is made of: the facts that ingest derives and the store keeps (DOMAIN.md 1).

Times are aware UTC datetimes with microseconds, durations seconds. The tables of
`data/schema/` have the same names and columns. `events` are positions in the journal
of the PBX: the events that the fact rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Outcome(StrEnum):
    """The fact; never changes."""

    ANSWERED = "answered"  # inbound, internal: a person talked to the caller
    MISSED = "missed"  # inbound
    REACHED = "reached"  # outbound: the outside party answered
    NOT_REACHED = "not_reached"  # outbound
    UNANSWERED = "unanswered"  # internal


class Reason(StrEnum):
    """Why there was no conversation."""

    ABANDONED = "abandoned"  # hung up in a queue
    CALLER_HUNG_UP = "caller_hung_up"
    TIMEOUT = "timeout"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # our employee gave up
    FAILED = "failed"
    IVR_ONLY = "ivr_only"
    OUT_OF_HOURS = "out_of_hours"
    VOICEMAIL = "voicemail"
    SYSTEM_RESTART = "system_restart"


class Status(StrEnum):
    """What people read; derived as of a moment, never stored."""

    ACCEPTED = "accepted"
    NO_ANSWER = "no_answer"
    LOST = "lost"
    REACHED = "reached"
    CANCELLED = "cancelled"


class NumberClass(StrEnum):
    MOBILE = "mobile"
    TOLL_FREE = "toll_free"
    LANDLINE = "landline"
    MOBILE_OR_LANDLINE = "mobile_or_landline"
    PREMIUM = "premium"
    VOIP = "voip"
    INTERNAL = "internal"
    SHORT = "short"
    SERVICE_CODE = "service_code"
    HIDDEN = "hidden"
    INVALID = "invalid"


class TransferKind(StrEnum):
    BLIND = "blind"
    ATTENDED = "attended"
    BLONDE = "blonde"  # handed over while it rings
    PARK = "park"
    UNPARK = "unpark"
    FORWARD = "forward"
    PICKUP = "pickup"


class LegRole(StrEnum):
    """The part that the called party plays."""

    PARTY = "party"
    CONSULTATION = "consultation"  # called to prepare a transfer
    OBSERVER = "observer"  # spies or whispers: takes no part


class LegResult(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"  # the caller gave up
    ELSEWHERE = "elsewhere"  # another phone answered, or the call was picked up or forwarded
    UNREACHABLE = "unreachable"
    FAILED = "failed"


class IntervalKind(StrEnum):
    """What happens during a stretch of a call, for the picture of its route."""

    TALK = "talk"  # the outside party (or the caller, internal) with the party
    CONSULTATION = "consultation"  # two employees, while the outside party waits
    HOLD = "hold"
    PARK = "park"
    IVR = "ivr"
    VOICEMAIL = "voicemail"
    CONFERENCE = "conference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One party's part: one dial attempt to one phone or one outside number."""

    call_id: str
    position: int  # from 1, in the order of dialling
    role: LegRole
    channel: str | None  # Asterisk's name; None: an unregistered phone has none
    caller: str | None  # who dialled: extension, queue name or outside number
    party: str | None  # who was dialled: extension, else outside number as dialled
    device: str | None  # technology and name, "PJSIP/201"
    queue: str | None  # the queue or ring group that offered the call
    result: LegResult
    dial_status: str | None  # as Asterisk said it
    hangup_cause: int | None
    started_at: datetime
    ringing_at: datetime | None  # None: never rang
    answered_at: datetime | None
    ended_at: datetime
    ring_s: float
    talk_s: float  # bridged with the outside party (internal: with the caller)
    hold_s: float
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueVisit:
    """One stay of one caller in one queue."""

    call_id: str
    position: int  # from 1: the visits of this call in order
    queue: str
    entered_at: datetime
    left_at: datetime
    wait_s: float
    place_at_entry: int | None  # place in the line, from 1
    result: str  # answered, abandoned, timeout, key, empty, transferred, lost
    answered_by: str | None  # extension
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One hand-over, parking, forwarding or pickup."""

    call_id: str
    position: int
    kind: TransferKind
    from_party: str | None
    to_party: str | None
    completed: bool
    transferred_at: datetime
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file as the PBX named it; where it lies is learned later."""

    call_id: str
    position: int
    file: str  # as the PBX wrote it
    party: str | None  # extension that was recorded first
    heard: tuple[str, ...]  # everybody who can be heard on it, in order
    started_at: datetime
    ended_at: datetime | None
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One stretch in the life of a call, on the lane of one party."""

    call_id: str
    position: int
    kind: IntervalKind
    party: str | None  # the lane: extension, outside number, IVR or queue name
    other: str | None
    started_at: datetime
    ended_at: datetime
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One customer interaction, however often queued, transferred, picked up or parked."""

    call_id: str
    pbx: str
    direction: Direction
    outcome: Outcome
    reason: Reason | None
    external_number: str | None  # as the PBX gave it; None: hidden, or internal
    did: str | None
    line: str | None  # trunk: "PJSIP/trunk"
    caller_number: str | None
    caller_name: str | None
    called_number: str | None
    answered_by: tuple[str, ...]  # contract of score_calls.py
    rang: tuple[str, ...]
    employees: tuple[str, ...]  # extensions that talked in order; if nobody did, that rang
    application: str | None  # who had the call when nobody rang: "ivr", "queue", "voicemail" …
    queues: tuple[str, ...]
    ring_group: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    wait_s: float | None
    talk_s: float
    hold_s: float
    duration_s: float
    dial_status: str | None
    hangup_cause: int | None
    incomplete: bool  # events were lost
    conference: str | None  # the room, shown together with the other participants
    channels: tuple[str, ...]  # unique ids of all channels
    rule_version: int
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """Everything known of one finished call; replaces whatever was stored under its id."""

    call: Call
    legs: tuple[Leg, ...] = ()
    queue_visits: tuple[QueueVisit, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    recordings: tuple[Recording, ...] = ()
    intervals: tuple[Interval, ...] = ()
    aliases: tuple[str, ...] = ()  # ids that merges gave up; their rows disappear


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSession:
    """One stretch of an agent's presence in a queue: logged in, or paused with a reason."""

    pbx: str
    queue: str
    party: str  # extension, else interface
    member_name: str | None
    kind: str  # login, pause
    reason: str | None
    started_at: datetime
    ended_at: datetime | None  # None: still so
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time when nobody listened to the PBX."""

    pbx: str
    started_at: datetime
    ended_at: datetime | None  # None: still not listening
    cause: str  # start, link_cut, silent_link, pbx_restart, own_restart, journal_full …
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiEvent:
    """One event of the manager interface that a fact rests on."""

    pbx: str
    sequence: int  # position in the journal of the PBX
    call_id: str | None
    received_at: datetime
    event_at: datetime | None  # the PBX's own time, where it told one
    name: str
    channels: tuple[str, ...]  # unique ids
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A call that is going on."""

    call_id: str
    pbx: str
    direction: Direction
    state: str  # ringing, queued, ivr, talking, held, parked, voicemail, conference
    state_since_at: datetime
    external_number: str | None
    caller_name: str | None
    called_number: str | None
    did: str | None
    line: str | None
    queue: str | None
    ringing: tuple[str, ...]  # extensions that ring now
    talking: tuple[str, ...]  # extensions that talk now
    started_at: datetime
    answered_at: datetime | None
    caller: str | None = None  # the extension that calls; null: the caller is outside


class DeviceState(StrEnum):
    """What a phone does, as the PBX sees it."""

    FREE = "free"
    RINGING = "ringing"
    BUSY = "busy"
    OUT = "out"  # not registered, or no such phone
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMember:
    """An employee who is logged in to a queue now."""

    pbx: str
    queue: str
    interface: str  # as the PBX names the member in actions
    party: str  # extension
    name: str | None
    is_dynamic: bool  # logged in by himself or by somebody; static ones stand in the configuration
    state: DeviceState
    state_since_at: datetime
    is_paused: bool
    pause_reason: str | None
    paused_at: datetime | None
    logged_in_at: datetime | None
    calls_taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePhone:
    """A phone of the office."""

    pbx: str
    extension: str
    device: str
    state: DeviceState
    state_since_at: datetime
