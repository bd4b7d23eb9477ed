"""Consultations: whom the giver of a call talked with first, and those that came back."""

from __future__ import annotations

from data.model import TransferKind
from ingest.assembler.handing import Made, behind
from ingest.assembler.lines import Line
from ingest.assembler.story import Story
from ingest.events import CallEvent, Kind


def consulted(story: Story, giver: Line | None, second: Line | None, moved: Line | None, at: float) -> Line | None:
    """Whom the giver talked with last, before handing over; None: nobody had answered."""
    for line in (second, giver):
        if line is None:
            continue
        for meeting in reversed(story.meetings_with(line)):
            other = story.timeline.lines[meeting.other(line.uniqueid)]
            if other is not moved and meeting.since < at - 0.005 and meeting.until >= at - 0.6:
                return other
    return None


def dialled_by(story: Story, second: Line | None, event: CallEvent) -> Line | None:
    """Whom the giver's second line was calling; of several the one that answered."""
    parents = {second.uniqueid} if second is not None else set()
    for channel in event.more[1:]:
        parents.add(channel.uniqueid)
        line = story.timeline.lines.get(channel.uniqueid)
        half = story.timeline.other_half(line) if line is not None else None
        if half is not None:
            parents.add(half.uniqueid)
    found = []
    for _ in range(8):
        below = [dial for dial in story.timeline.dials if dial.parent in parents and dial.began_at <= event.at + 0.5]
        for dial in below:
            line = story.timeline.lines[dial.target]
            if not line.is_local:
                found.append(line)
            elif (half := story.timeline.other_half(line)) is not None:
                parents.add(half.uniqueid)
    talked = [line for line in found if story.meetings_with(line)]
    return next(iter(talked or found), None)


def across(story: Story, giver: Line | None, moved: Line | None) -> Line | None:
    """Whom the PBX called for the giver through a Local channel that met the giver in a bridge."""
    if giver is None:
        return None
    own = {stay.bridge for stay in giver.stays}
    for line in reversed(story.timeline.lines.values()):
        if line.is_local and any(stay.bridge in own for stay in line.stays) and line.was_dialled:
            called = behind(story, line)
            if called is not None and called is not giver and called is not moved and not called.is_local:
                return called
    return None


def given_back(story: Story, made: list[Made]) -> list[Made]:
    """Consultations that were not followed by a hand-over: the phone came back to the held call."""
    found: list[Made] = []
    for event in story.timeline.consultations:
        if event.channel is None or event.channel.uniqueid in story.timeline.lines:
            continue  # a hand-over followed: its lines are of this call now
        holder = story.timeline.lines.get(event.fields.get("Holder", ""))
        if holder is None or holder is story.customer or not event.channel.exten:
            continue
        found.append(
            Made(
                TransferKind.ATTENDED,
                story.sides.number(holder),
                event.channel.exten,
                False,
                event.at,
                [event.sequence],
            )
        )
    return found + _given_back_by_code(story)


def _given_back_by_code(story: Story) -> list[Made]:
    """The same by feature code: the PBX called through a Local channel that met the giver in a bridge."""
    found: list[Made] = []
    handed = [event.at for event in story.timeline.transfers if event.kind is Kind.TRANSFER_ATTENDED]
    for line in story.timeline.lines.values():
        half = story.timeline.other_half(line) if line.is_local else None
        if half is None or not half.made_calls or any(dial.parent is not None for dial in line.dials):
            continue
        for stay in line.stays:
            giver = next(
                (end for end in story.ends if _came_from_customer(story, end, stay.bridge, line.began_at)), None
            )
            if giver is not None and not any(at >= line.began_at for at in handed):
                found.append(
                    Made(
                        TransferKind.ATTENDED,
                        story.sides.number(giver),
                        line.exten or None,
                        False,
                        line.began_at,
                        [*stay.sequences, *line.sequences[:1]],
                    )
                )
    return found


def _came_from_customer(story: Story, end: Line, bridge: str, at: float) -> bool:
    joined = any(stay.bridge == bridge and stay.since >= at - 0.05 for stay in end.stays)
    return joined and any(meeting.has(end.uniqueid) and meeting.since < at for meeting in story.conversations)
