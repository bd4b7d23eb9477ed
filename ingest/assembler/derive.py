"""The facts of one call, derived from its events: the same events give the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.model import (
    Call,
    CallFacts,
    Direction,
    Interval,
    Leg,
    LegResult,
    Outcome,
    QueueVisit,
    Recording,
    Transfer,
)
from ingest.assembler.intervals import intervals_of
from ingest.assembler.legs import legs_of
from ingest.assembler.lines import Line
from ingest.assembler.meetings import overlap, union_s
from ingest.assembler.numbers import called_number_of, did_of, external_number_of
from ingest.assembler.offering import group_of
from ingest.assembler.office import Office
from ingest.assembler.parties import answered_by_of, application_of, employees_of, rang_of
from ingest.assembler.reasons import reason_of
from ingest.assembler.recordings import recordings_of
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.assembler.transfers import transfers_of
from ingest.assembler.visits import visits_of
from ingest.events import CallEvent

RULE_VERSION = 3


def derive(events: Sequence[CallEvent], office: Office, *, pbx: str, call_id: str) -> CallFacts | None:
    """Everything that follows from the events of one group of channels; None: it is no call.

    events: in the order of their sequences, each once.
    """
    story = Story(events, office)
    caller = story.caller
    if caller is None or caller.uniqueid in story.observers:
        return None  # nobody called, or only to listen to another call
    legs = legs_of(story, call_id)
    visits = visits_of(story, call_id)
    transfers = transfers_of(story, call_id)
    recordings = recordings_of(story, call_id)
    call = _call(story, caller, pbx, call_id, legs, visits)
    intervals = intervals_of(story, call_id)
    resting = {*call.events}
    facts: tuple[Leg | QueueVisit | Transfer | Recording | Interval, ...] = (
        *legs, *visits, *transfers, *recordings, *intervals,
    )  # fmt: skip
    for fact in facts:
        resting.update(fact.events)
    return CallFacts(
        call=replace(call, events=tuple(sorted(resting))),
        legs=legs,
        queue_visits=visits,
        transfers=transfers,
        recordings=recordings,
        intervals=intervals,
    )


def _call(
    story: Story, caller: Line, pbx: str, call_id: str, legs: Sequence[Leg], visits: Sequence[QueueVisit]
) -> Call:
    timeline, direction, customer = story.timeline, story.direction, story.customer
    answered_at = _answered_at(story)
    ended_at = _ended_at(story)
    spans = [(m.since, m.until) for m in story.conversations] + [(since, until) for _, since, until, _ in story.rooms]
    rang = rang_of(story, legs)
    answered_by = answered_by_of(story) if answered_at is not None else ()
    called = called_number_of(story)
    outcome = _outcome(direction, answered_at is not None)
    reason = None if answered_at is not None else reason_of(story, legs, visits)
    wait_from = _wait_from(story, legs, visits, answered_at)
    waiter = customer if customer is not None and direction is not Direction.OUTBOUND else caller
    wait_until = answered_at if answered_at is not None else min(waiter.gone_at, ended_at)
    holds = [
        part
        for meeting in story.conversations
        for end in (meeting.first, meeting.second)
        for part in overlap(timeline.lines[end].holds, meeting.since, meeting.until)
    ]
    trunk = next((end for end in story.ends if story.sides.is_outside(end)), None)
    if customer is not None and story.sides.is_outside(customer):
        trunk = customer
    decisive = customer if customer is not None else caller
    last_leg = _decisive_leg(legs, answered_at is not None)
    return Call(
        call_id=call_id,
        pbx=pbx,
        direction=direction,
        outcome=outcome,
        reason=reason,
        external_number=external_number_of(story),
        did=did_of(story),
        line=trunk.device if trunk is not None else None,
        caller_number=story.sides.number(caller),
        caller_name=story.sides.name(caller),
        called_number=called,
        answered_by=answered_by,
        rang=rang,
        employees=employees_of(story, legs, rang),
        application=application_of(story, legs, visits),
        queues=tuple(dict.fromkeys(visit.queue for visit in visits)) or tuple(story.queue_names),
        ring_group=next((group for dial in timeline.dials if (group := group_of(story, dial))), None),
        started_at=moment(timeline.started_at),
        answered_at=moment(answered_at) if answered_at is not None else None,
        ended_at=moment(ended_at),
        wait_s=round(max(0.0, wait_until - wait_from), 6) if wait_from is not None else None,
        talk_s=round(union_s(spans), 6),
        hold_s=round(union_s(holds), 6),
        duration_s=round(max(0.0, ended_at - timeline.started_at), 6),
        dial_status=last_leg.dial_status if last_leg is not None else None,
        hangup_cause=decisive.cause,
        incomplete=_incomplete(story),
        conference=story.rooms[0][0] if story.rooms else None,
        channels=tuple(timeline.lines),
        rule_version=RULE_VERSION,
        events=tuple(
            sorted(
                {
                    *caller.sequences,
                    *(customer.sequences if customer is not None else ()),
                    *(number for room in story.rooms for number in room[3]),
                }
            )
        ),
    )


def _answered_at(story: Story) -> float | None:
    """The first moment at which the customer (internal: the caller) was with a person or in a room."""
    moments = [meeting.since for meeting in story.conversations]
    moments += [since for _, since, _, _ in story.rooms]
    return min(moments, default=None)


def _ended_at(story: Story) -> float:
    """The end of the last channel."""
    return story.timeline.ended_at


def _outcome(direction: Direction, answered: bool) -> Outcome:
    positive, negative = {
        Direction.INBOUND: (Outcome.ANSWERED, Outcome.MISSED),
        Direction.OUTBOUND: (Outcome.REACHED, Outcome.NOT_REACHED),
        Direction.INTERNAL: (Outcome.ANSWERED, Outcome.UNANSWERED),
    }[direction]
    return positive if answered else negative


def _wait_from(
    story: Story, legs: Sequence[Leg], visits: Sequence[QueueVisit], answered_at: float | None
) -> float | None:
    """Entering the first queue, else the first ring; a queue that a transfer led to comes after the answer."""
    entered = [visit.entered_at.timestamp() for visit in visits]
    waited = [at for at in entered if answered_at is None or at <= answered_at]
    if waited:
        return min(waited)
    rings = [leg.ringing_at.timestamp() for leg in legs if leg.ringing_at is not None]
    if rings:
        return min(rings)
    if story.rooms or any(leg.result is LegResult.ANSWERED for leg in legs):
        return story.timeline.started_at
    tried = [leg.started_at.timestamp() for leg in legs]
    return min(tried, default=None)


def _decisive_leg(legs: Sequence[Leg], answered: bool) -> Leg | None:
    if answered:
        return next((leg for leg in legs if leg.result is LegResult.ANSWERED), None)
    return legs[-1] if legs else None


def _incomplete(story: Story) -> bool:
    timeline = story.timeline
    if timeline.gaps:
        return True
    return any(not line.born_seen or line.assumed_gone for line in timeline.lines.values())
