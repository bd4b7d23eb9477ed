"""Parking and taking back, pickups, and forwards by a phone."""

from __future__ import annotations

from data.model import TransferKind
from ingest.assembler.handing import Made, behind, line_of, number_of, partner_before
from ingest.assembler.lines import Line
from ingest.assembler.story import Story
from ingest.events import CallEvent, Kind


def is_parking(event: CallEvent, events: list[CallEvent]) -> bool:
    moved = event.other.uniqueid if event.other is not None else ""
    return any(
        other.kind is Kind.PARK
        and other.channel is not None
        and other.channel.uniqueid == moved
        and abs(other.at - event.at) < 2.0
        for other in events
    )


def park(story: Story, event: CallEvent, events: list[CallEvent]) -> Made:
    sequences = [event.sequence]
    giver: Line | None = None
    for other in events:
        moved = other.other.uniqueid if other.other is not None else ""
        same = event.channel is not None and moved == event.channel.uniqueid and abs(other.at - event.at) < 2.0
        if other.kind is Kind.TRANSFER_BLIND and same:
            giver = behind(story, line_of(story, other))
            sequences.append(other.sequence)
    if giver is None:
        device = event.fields.get("ParkerDialString", "")
        giver = next((line for line in reversed(story.ends) if device and line.device == device), None)
    if giver is None:
        giver = partner_before(story, None, event.at) if not event.channel else last_partner(story, event)
    return Made(TransferKind.PARK, number_of(story, giver), _space(story, event), True, event.at, sequences)


def _space(story: Story, event: CallEvent) -> str | None:
    """The parking place; where it is not told, what the retriever dialled."""
    if place := event.fields.get("ParkingSpace"):
        return place
    for other in story.timeline.transfers:
        same = (
            other.channel is not None and event.channel is not None and other.channel.uniqueid == event.channel.uniqueid
        )
        if other.kind is Kind.UNPARK and same and other.at >= event.at:
            retriever = line_of(story, other, "other")
            return retriever.exten or None if retriever is not None else None
    return None


def last_partner(story: Story, event: CallEvent) -> Line | None:
    parked = line_of(story, event)
    before = [m for m in story.meetings_with(parked) if m.since < event.at]
    return story.timeline.lines[before[-1].other(parked.uniqueid)] if before and parked is not None else None


def unpark(story: Story, event: CallEvent) -> Made:
    retriever = line_of(story, event, "other")
    return Made(
        TransferKind.UNPARK,
        _space(story, event),
        number_of(story, retriever),
        retriever is not None,
        event.at,
        [event.sequence],
    )


def pickup(story: Story, event: CallEvent) -> Made:
    picker = line_of(story, event)
    rang = line_of(story, event, "other")
    if rang is None and event.other is not None:
        rang = next((line for line in story.timeline.lines.values() if line.name == event.other.name), None)
    if rang is not None and rang.is_local:
        rang = behind(story, rang)
    return Made(
        TransferKind.PICKUP,
        number_of(story, rang),
        number_of(story, picker),
        bool(picker is not None and story.meetings_with(picker)),
        event.at,
        [event.sequence],
    )


def taken_unannounced(story: Story) -> list[Made]:
    """Pickups that only the course of the dial tells."""
    found = []
    for dial in story.timeline.dials:
        line = story.timeline.lines[dial.target]
        if not line.took_over or any(event.kind is Kind.PICKUP for event in story.timeline.transfers):
            continue
        rang = next(
            (
                story.timeline.lines[other.target]
                for other in story.timeline.dials
                if other.parent == dial.parent and other.string == dial.string and other is not dial
            ),
            None,
        )
        found.append(
            Made(
                TransferKind.PICKUP,
                number_of(story, rang),
                story.sides.number(line),
                bool(story.meetings_with(line)),
                dial.began_at,
                list(dial.sequences),
            )
        )
    return found


def forwards(story: Story) -> list[Made]:
    """A phone answered with another address (302): its dial ends, and one to a Local channel follows."""
    found = []
    for dial in story.timeline.dials:
        line = story.timeline.lines[dial.target]
        if line.is_local or not (dial.forward or line.cause == 23):
            continue
        after = next(
            (
                other
                for other in story.timeline.dials
                if other.parent == dial.parent and other is not dial and other.began_at >= dial.began_at
                and story.timeline.lines[other.target].is_local
                and abs(other.began_at - (dial.ended_at or other.began_at)) < 1.0
            ),
            None,
        )  # fmt: skip
        target = (dial.forward or "").removeprefix("Local/").partition("@")[0]
        if after is not None:
            target = target or story.timeline.lines[after.target].exten
        if not target:
            continue
        taken = any(
            meeting.since >= dial.began_at and not meeting.has(line.uniqueid) for meeting in story.conversations
        )
        found.append(
            Made(
                TransferKind.FORWARD,
                story.sides.number(line),
                target,
                taken,
                dial.ended_at or dial.began_at,
                list(dial.sequences),
            )
        )
    return found
