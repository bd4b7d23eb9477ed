"""What the queue log alone knows of a call: who waited where, for whom it rang, who talked how long.

Menus before a queue, and what became of the caller after the conversation with the member, are not
told: such a call is incomplete, and any other source of it is better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data.model import (
    Call,
    CallFacts,
    Direction,
    Leg,
    LegResult,
    LegRole,
    Outcome,
    QueueVisit,
    Reason,
)
from ingest.assembler.meetings import union_s
from ingest.assembler.office import Office
from ingest.assembler.sides import extension_pattern
from ingest.assembler.times import moment
from ingest.imports.cdr_story import HIDDEN
from ingest.imports.members import Members
from ingest.imports.queue_story import QueueCall, Ring, Stay

RULE_VERSION = 1
SOURCE = "queue_log"
_RESULTS = {
    "answered": LegResult.ANSWERED,
    "no_answer": LegResult.NO_ANSWER,
    "cancelled": LegResult.CANCELLED,
    "elsewhere": LegResult.ELSEWHERE,
}


def facts_of_queues(call: QueueCall, office: Office, members: Members, *, pbx: str) -> CallFacts:
    """The call as far as the log tells it."""
    call_id = f"{pbx}-{call.uniqueid}"
    legs = _legs(call, members, call_id)
    visits = visits_of(call, members, call_id)
    talks = [_talk(stay) for stay in call.stays if stay.result == "answered"]
    caller = call.caller if call.caller.lower() not in HIDDEN else None
    inside = caller is not None and extension_pattern(office.extensions).fullmatch(caller) is not None
    direction = Direction.INTERNAL if inside else Direction.INBOUND
    started_at, ended_at = call.started_at, max(_end(stay) for stay in call.stays)
    answered_at = min((since for since, _ in talks), default=None)
    talked = tuple(dict.fromkeys(visit.answered_by for visit in visits if visit.answered_by is not None))
    rang = tuple(dict.fromkeys(leg.party for leg in legs if leg.party is not None))
    return CallFacts(
        call=Call(
            call_id=call_id,
            pbx=pbx,
            direction=direction,
            outcome=_outcome(direction, bool(talks)),
            reason=None if talks else _reason(call.stays[-1]),
            external_number=None if inside else caller,
            did=None,
            line=None,
            caller_number=caller,
            caller_name=None,
            called_number=None,
            answered_by=talked,
            rang=rang,
            employees=talked or rang,
            application=None if rang else "queue",
            queues=tuple(dict.fromkeys(stay.queue for stay in call.stays)),
            ring_group=None,
            started_at=moment(started_at),
            answered_at=moment(answered_at) if answered_at is not None else None,
            ended_at=moment(ended_at),
            wait_s=(ended_at if answered_at is None else answered_at) - started_at,
            talk_s=union_s(talks),
            hold_s=0.0,
            duration_s=ended_at - started_at,
            dial_status=None,
            hangup_cause=None,
            incomplete=True,
            conference=None,
            channels=(call.uniqueid,),
            rule_version=RULE_VERSION,
        ),
        legs=legs,
        queue_visits=visits,
    )


def visits_of(call: QueueCall, members: Members, call_id: str) -> tuple[QueueVisit, ...]:
    """The stays of a caller, under the id of any call."""
    return tuple(
        QueueVisit(
            call_id=call_id,
            position=position,
            queue=stay.queue,
            entered_at=moment(stay.entered_at),
            left_at=moment(_left(stay)),
            wait_s=_left(stay) - stay.entered_at,
            place_at_entry=stay.place,
            result=stay.result,
            answered_by=members.party(stay.member) if stay.member else None,
        )
        for position, stay in enumerate(call.stays, 1)
    )


def _legs(call: QueueCall, members: Members, call_id: str) -> tuple[Leg, ...]:
    rings = sorted(((ring, stay) for stay in call.stays for ring in stay.rings), key=lambda pair: pair[0].started_at)
    made = (_leg(ring, stay, call, members, call_id) for ring, stay in rings)
    return tuple(replace(leg, position=position) for position, leg in enumerate(made, 1))


def _leg(ring: Ring, stay: Stay, call: QueueCall, members: Members, call_id: str) -> Leg:
    answered = ring.result == "answered"
    elsewhere = ring.result == "cancelled" and stay.result == "answered"
    ended_at = _end(stay) if answered else ring.ended_at
    return Leg(
        call_id=call_id,
        position=0,
        role=LegRole.PARTY,
        channel=None,
        caller=call.caller or None,
        party=members.party(ring.member) or None,
        device=ring.member if "/" in ring.member else None,
        queue=stay.queue,
        result=LegResult.ELSEWHERE if elsewhere else _RESULTS[ring.result],
        dial_status=None,
        hangup_cause=None,
        started_at=moment(ring.started_at),
        ringing_at=moment(ring.started_at),
        answered_at=moment(ring.ended_at) if answered else None,
        ended_at=moment(ended_at),
        ring_s=max(0.0, ring.ended_at - ring.started_at),
        talk_s=max(0.0, ended_at - ring.ended_at) if answered else 0.0,
        hold_s=0.0,
    )


def _left(stay: Stay) -> float:
    """When the wait was over; of a caller who was lost, the last time anything was heard."""
    left_at = stay.left_at if stay.left_at is not None else stay.ended_at
    return max(stay.entered_at, left_at if left_at is not None else _last_ring(stay.rings))


def _end(stay: Stay) -> float:
    return max(_left(stay), stay.ended_at or 0.0)


def _last_ring(rings: Iterable[Ring]) -> float:
    return max((ring.ended_at for ring in rings), default=0.0)


def _talk(stay: Stay) -> tuple[float, float]:
    return _left(stay), _end(stay)


def _outcome(direction: Direction, answered: bool) -> Outcome:
    if answered:
        return Outcome.ANSWERED
    return Outcome.MISSED if direction is Direction.INBOUND else Outcome.UNANSWERED


def _reason(last: Stay) -> Reason:
    return Reason.ABANDONED if last.result in ("abandoned", "lost") else Reason.TIMEOUT
