"""Legs that no channel of the call stands for: phones that could not be dialled, observers."""

from __future__ import annotations

from data.model import Leg, LegResult, LegRole
from ingest.assembler.lines import Line
from ingest.assembler.sides import number_of_dial
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import Kind


def unreached(story: Story) -> list[Leg]:
    """Phones that could not be dialled at all: the Dial made no channel for them."""
    found = []
    for line in story.timeline.lines.values():
        dials = [app for app in line.apps if app.name == "dial"]
        for app, after in zip(dials, [*dials[1:], None], strict=False):
            until = after.at if after is not None else min(line.gone_at, story.timeline.ended_at)
            reached = [
                other
                for other in story.timeline.dials
                if other.parent == line.uniqueid and app.at - 0.05 <= other.began_at <= until
            ]
            if reached or (line.is_local and story.leads_nowhere(line)):
                continue
            if line.is_local and (half := story.timeline.other_half(line)) and story.leads_nowhere(half):
                continue  # the leg of the other half says it
            for target in app.data.partition(",")[0].split("&"):
                technology, slash, rest = target.partition("/")
                if not slash or technology == "Local" or not line.born_seen or not _was_alone(story, line, app.at):
                    continue
                found.append(_lost_leg(story, line, technology, rest, app.at, until, app.sequence))
    return found


def _was_alone(story: Story, line: Line, at: float) -> bool:
    """The line was not in a bridge then: the application is a new dial, not the old one shown again."""
    return not any(stay.since <= at <= stay.until + 0.001 for stay in line.stays)


def _lost_leg(story: Story, line: Line, technology: str, rest: str, at: float, until: float, sequence: int) -> Leg:
    name = rest.rpartition("@")[2] if "@" in rest else rest.partition("/")[0]
    return Leg(
        call_id="",
        position=0,
        role=LegRole.PARTY,
        channel=None,
        caller=story.sides.number(line),
        party=number_of_dial(rest, name) or name,
        device=f"{technology}/{name}",
        queue=None,
        result=LegResult.UNREACHABLE,
        dial_status=None,
        hangup_cause=line.cause,
        started_at=moment(at),
        ringing_at=None,
        answered_at=None,
        ended_at=moment(max(at, min(until, at + 1.0))),
        ring_s=0.0,
        talk_s=0.0,
        hold_s=0.0,
        events=(sequence,),
    )


def observers(story: Story) -> list[Leg]:
    """Those who listened to this call, out of a call of their own."""
    found = []
    for event in story.timeline.spying:
        spy = event.channel
        if event.kind is not Kind.SPY_START or spy is None or spy.uniqueid in story.timeline.lines:
            continue
        stops = [
            stop
            for stop in story.timeline.spying
            if stop.kind is Kind.SPY_STOP and stop.channel and stop.channel.uniqueid == spy.uniqueid
        ]
        until = stops[0].at if stops else story.timeline.ended_at
        device = spy.name.rpartition("-")[0]
        tail = device.partition("/")[2]
        found.append(
            Leg(
                call_id="",
                position=0,
                role=LegRole.OBSERVER,
                channel=spy.name,
                caller=None,
                party=spy.number if story.sides.is_extension(spy.number) else tail or None,
                device=device,
                queue=None,
                result=LegResult.ANSWERED,
                dial_status=None,
                hangup_cause=None,
                started_at=moment(event.at),
                ringing_at=None,
                answered_at=moment(event.at),
                ended_at=moment(max(until, event.at)),
                ring_s=0.0,
                talk_s=0.0,
                hold_s=0.0,
                events=tuple(sorted({event.sequence, *(stop.sequence for stop in stops)})),
            )
        )
    return found
