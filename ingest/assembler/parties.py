"""Who answered, who rang, whose call it was."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import Direction, Leg, LegResult, LegRole, QueueVisit
from ingest.assembler.handing import hand_over_moments
from ingest.assembler.legs import came_in
from ingest.assembler.lines import Line
from ingest.assembler.story import Story

RACE_S = 1.5  # two phones picked up within this time were picked up together


def _partners(story: Story) -> list[Line]:
    """Whom the customer talked with, in order."""
    customer = story.customer
    if customer is None:
        return []
    return [story.timeline.lines[meeting.other(customer.uniqueid)] for meeting in story.conversations]


def answered_by_of(story: Story) -> tuple[str, ...]:
    customer = story.customer
    if story.direction is Direction.OUTBOUND and customer is not None and customer is not story.caller:
        number = story.sides.number(customer)
        return (number,) if number is not None else ()
    # Two callers that an employee puts together did not answer each other.
    heard = [
        (_picked_up_at(line, meeting.since), story.sides.number(line))
        for meeting, line in zip(story.conversations, _partners(story), strict=True)
        if line.was_dialled or came_in(story, line)
    ]
    heard += _lost_races(story)
    if story.direction is Direction.INTERNAL:
        heard += _heard_after_handover(story)
    heard += [(since, room) for room, since, _, _ in story.rooms]
    heard.sort(key=lambda item: (item[0], item[1] or ""))
    return tuple(dict.fromkeys(number for _, number in heard if number is not None))


def _picked_up_at(line: Line, met_at: float) -> float:
    """The order of answers is that of picking up, which comes a moment before the conversation."""
    return line.up_at if line.up_at is not None and met_at - RACE_S <= line.up_at <= met_at else met_at


def _lost_races(story: Story) -> list[tuple[float, str | None]]:
    """Employees who picked up at the same moment as the one who got the caller."""
    met = {line.uniqueid: meeting.since for meeting, line in
           reversed(list(zip(story.conversations, _partners(story), strict=True)))}  # fmt: skip
    found: list[tuple[float, str | None]] = []
    for dial in story.timeline.dials:
        line = story.timeline.lines[dial.target]
        picked_up = dial.status == "ANSWER" and dial.parent is not None and line.up_at is not None
        if not picked_up or line.is_local or line.uniqueid in met or story.sides.is_outside(line):
            continue
        for uniqueid, since in met.items():
            if line is not story.caller and abs(since - (line.up_at or 0.0)) < RACE_S:
                # At the same moment as the winner: the phones' own clocks could not tell them apart.
                found.append((_picked_up_at(story.timeline.lines[uniqueid], since), story.sides.number(line)))
    return found


def _heard_after_handover(story: Story) -> list[tuple[float, str | None]]:
    """Internal calls whose caller handed the called party over to somebody else."""
    moments = hand_over_moments(story)
    caller, partners = story.caller, {line.uniqueid for line in _partners(story)}
    found: list[tuple[float, str | None]] = []
    if not moments or caller is None:
        return found
    for meeting in story.meetings:
        if meeting.has(caller.uniqueid) or meeting.until <= moments[0]:
            continue
        found += [
            (meeting.since, story.number(uniqueid))
            for uniqueid in (meeting.first, meeting.second)
            if uniqueid not in partners and meeting.other(uniqueid) in partners
        ]
    return found


def rang_of(story: Story, legs: Sequence[Leg]) -> tuple[str, ...]:
    """Office phones that rang, in order; trunks do not count."""
    outside = {line.name for line in story.ends if story.sides.is_outside(line)}
    rang = [
        (leg.ringing_at, leg.party)
        for leg in legs
        if leg.ringing_at is not None and leg.party and leg.channel not in outside and leg.role is not LegRole.OBSERVER
    ]
    rang.sort(key=lambda item: item[0])
    return tuple(dict.fromkeys(party for _, party in rang))


def employees_of(story: Story, legs: Sequence[Leg], rang: tuple[str, ...]) -> tuple[str, ...]:
    """Who talked with the customer, in order; if nobody did, who rang; outbound: who called."""
    sides, caller = story.sides, story.caller
    talked = [sides.number(line) for line in _partners(story) if not sides.is_outside(line)]
    if story.direction is not Direction.INBOUND and caller is not None and not sides.is_outside(caller):
        talked = [sides.number(caller), *talked]
    return tuple(dict.fromkeys(number for number in talked if number)) or rang


def application_of(story: Story, legs: Sequence[Leg], visits: Sequence[QueueVisit]) -> str | None:
    """Which application had the call, where no phone rang."""
    if any(leg.ringing_at is not None or leg.result is LegResult.ANSWERED for leg in legs):
        return None
    names = {app.name for line in story.timeline.lines.values() for app in line.apps}
    if story.rooms:
        return "conference"
    if names & {"voicemail", "minivmrecord"}:
        return "voicemail"
    if visits:
        return "queue"
    if names & {"background", "waitexten", "read", "backgrounddetect"}:
        return "ivr"
    return "announcement" if names & {"playback"} else None
