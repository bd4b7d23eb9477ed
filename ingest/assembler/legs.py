"""Legs: one for each attempt to reach one party."""

from __future__ import annotations

from dataclasses import replace

from data.model import Leg, LegResult, LegRole
from ingest.assembler.lines import OPEN, Dial, Line
from ingest.assembler.meetings import SEAM_S, Meeting, overlap, union_s
from ingest.assembler.offering import caller_of, queue_of
from ingest.assembler.results import leg_result, result_of
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.assembler.unseen_legs import observers, unreached
from ingest.events import Kind

GLIMPSE_S = 0.3  # CEL tells no ringing: a phone that refused within this time did not ring


def legs_of(story: Story, call_id: str) -> tuple[Leg, ...]:
    """All legs in the order of dialling."""
    made = [_dialled(story, dial, line) for dial, line in story.real_targets]
    dialled = {line.uniqueid for _, line in story.real_targets}
    made += [
        _undialled(story, line)
        for line in story.ends
        if line.uniqueid not in dialled and line is not story.caller and (line.was_dialled or came_in(story, line))
    ]
    made += unreached(story)
    made += observers(story)
    made.sort(key=lambda leg: (leg.started_at, leg.events))
    return tuple(replace(leg, call_id=call_id, position=index) for index, leg in enumerate(made, 1))


def came_in(story: Story, line: Line) -> bool:
    """It joined a call by itself: by a pickup, out of a parking lot, or to spy."""
    if line.uniqueid in story.observers or line.took_over or story.timeline.from_cel:
        return True
    if any(app.name in ("pickup", "pickupchan", "parkedcall") for app in line.apps):
        return True
    for event in story.timeline.transfers:
        if event.kind is Kind.PICKUP and event.channel is not None and event.channel.uniqueid == line.uniqueid:
            return True
        if event.kind is Kind.UNPARK and event.other is not None and event.other.uniqueid == line.uniqueid:
            return True
    return False


def _dialled(story: Story, dial: Dial, line: Line) -> Leg:
    timeline = story.timeline
    parent = timeline.lines.get(dial.parent or "")
    answered_at = _answer_of(story, line, dial)
    ended = min(line.gone_at, timeline.ended_at) if answered_at else _end_of_ring(story, dial, line)
    ringing_at = line.ringing_at if line.ringing_at is not None else (line.began_at if timeline.from_cel else None)
    if ringing_at is None and answered_at is not None and line.up_at is not None and not line.born_seen:
        ringing_at = None
    rang_until = answered_at if answered_at is not None else ended
    if answered_at is not None and line.up_at is not None:
        # A click: the employee holds the receiver while the customer's telephone still rings.
        rang_until = min(rang_until, line.up_at)
    return _leg(
        story,
        line,
        role=_role(story, line, parent),
        caller=caller_of(story, dial),
        queue=queue_of(story, dial),
        result=leg_result(story, dial, line, answered_at),
        dial_status=dial.status,
        started=dial.began_at,
        ringing=ringing_at,
        answered=answered_at,
        ended=max(ended, dial.began_at),
        ring_s=max(0.0, rang_until - ringing_at) if ringing_at is not None else 0.0,
        sequences=[*dial.sequences, *line.sequences],
    )


def _undialled(story: Story, line: Line) -> Leg:
    """A line whose dialling was not seen, or that picked up or retrieved the call by itself."""
    answered = _answer_of(story, line, None)
    seen = story.timeline.from_cel and (answered is not None or line.gone_at - line.began_at >= GLIMPSE_S)
    rings = line.was_dialled and (seen or line.ringing_at is not None)
    ringing = (line.ringing_at or line.began_at) if rings else None
    ended = min(line.gone_at, story.timeline.ended_at)
    status: str | None = None
    if answered is not None:
        result = LegResult.ANSWERED
    else:
        root = story.timeline.lines.get(line.linkedid) if story.timeline.from_cel else None
        status = root.dial_status if root is not None and root.dial_status != "ANSWER" else None
        rang = ringing is not None
        result = LegResult.ELSEWHERE if line.cause == 26 else result_of(status, line.cause, rang, False)
    return _leg(
        story,
        line,
        role=LegRole.OBSERVER if line.uniqueid in story.observers else LegRole.PARTY,
        caller=story.number(story.caller.uniqueid) if story.caller is not None and line.was_dialled else None,
        queue=None,
        result=result,
        dial_status=status,
        started=line.began_at,
        ringing=ringing,
        answered=answered,
        ended=ended,
        ring_s=max(0.0, (ended if answered is None else answered) - ringing) if ringing is not None else 0.0,
        sequences=line.sequences,
    )


def _leg(
    story: Story,
    line: Line,
    *,
    role: LegRole,
    caller: str | None,
    queue: str | None,
    result: LegResult,
    dial_status: str | None,
    started: float,
    ringing: float | None,
    answered: float | None,
    ended: float,
    ring_s: float,
    sequences: list[int],
) -> Leg:
    talks = talks_of(story, line)
    spans = [(meeting.since, meeting.until) for meeting in talks]
    holds = [part for since, until in spans for part in overlap(line.holds, since, until)]
    return Leg(
        call_id="",
        position=0,
        role=role,
        channel=line.name,
        caller=caller,
        party=story.sides.number(line),
        device=line.device,
        queue=queue,
        result=result,
        dial_status=dial_status,
        hangup_cause=line.cause,
        started_at=moment(started),
        ringing_at=moment(ringing) if ringing is not None else None,
        answered_at=moment(answered) if answered is not None else None,
        ended_at=moment(ended),
        ring_s=round(ring_s, 6),
        talk_s=round(union_s(spans), 6),
        hold_s=round(union_s(holds), 6),
        events=tuple(sorted({*sequences, *(n for meeting in talks for n in meeting.sequences)})),
    )


def talks_of(story: Story, line: Line) -> list[Meeting]:
    """The line's conversations with the customer; the customer's own with anybody."""
    if line is story.customer:
        return story.conversations
    return [meeting for meeting in story.conversations if meeting.has(line.uniqueid)]


def _answer_of(story: Story, line: Line, dial: Dial | None) -> float | None:
    """When this party came into a conversation; picking up alone is not enough, unless it was only originated."""
    met = story.meetings_with(line)
    if met:
        return met[0].since
    if line.uniqueid in story.observers:
        return line.up_at
    if dial is not None and dial.parent is None and line.up_at is not None:
        return line.up_at  # click-to-call: the employee picked up before anybody else was dialled
    if story.rooms and any(stay.kind == "base" for stay in line.stays):
        return line.stays[0].since
    return None


def _end_of_ring(story: Story, dial: Dial, line: Line) -> float:
    ends = [moment for moment in (dial.ended_at, line.gone_at) if moment is not None and moment != OPEN]
    return min(ends, default=story.timeline.ended_at)


def _role(story: Story, line: Line, parent: Line | None) -> LegRole:
    """A party that was spoken to before the customer was, or rang for it, was consulted."""
    if line.uniqueid in story.observers:
        return LegRole.OBSERVER
    met = story.meetings_with(line)
    if met and story.customer is not None and line is not story.caller:
        first = [meeting for meeting in met if meeting.since - met[0].since < SEAM_S]
        heard = any(meeting.has(story.customer.uniqueid) for meeting in first)
        return LegRole.PARTY if heard else LegRole.CONSULTATION
    if met or parent is None or parent is story.caller or parent.is_local or story.sides.is_outside(parent):
        return LegRole.PARTY
    return LegRole.CONSULTATION
