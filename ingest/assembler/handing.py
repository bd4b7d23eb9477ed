"""The two sides of a hand-over: who gave the call away, and who took it."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import TransferKind
from ingest.assembler.lines import Line
from ingest.assembler.story import Story
from ingest.events import CallEvent, Kind


@dataclass(slots=True)
class Made:
    kind: TransferKind
    source: str | None
    target: str | None
    completed: bool
    at: float
    sequences: list[int]


def hand_over_moments(story: Story) -> list[float]:
    """When somebody was handed over to somebody else."""
    kinds = (Kind.TRANSFER_BLIND, Kind.TRANSFER_ATTENDED, Kind.PARK, Kind.UNPARK)
    return sorted(event.at for event in story.timeline.transfers if event.kind in kinds)


def line_of(story: Story, event: CallEvent, which: str = "channel") -> Line | None:
    channel = event.channel if which == "channel" else event.other
    if channel is None:
        return None
    if channel.uniqueid:
        return story.timeline.lines.get(channel.uniqueid)
    return next((line for line in story.timeline.lines.values() if line.name == channel.name), None)


def behind(story: Story, line: Line | None) -> Line | None:
    """The person at a Local half: the end on the other side."""
    if line is None or not line.is_local:
        return line
    half = story.timeline.other_half(line)
    if half is None:
        return line
    called = [story.timeline.lines[dial.target] for dial in story.timeline.dials if dial.parent == half.uniqueid]
    called.sort(key=lambda other: not other.stays)
    if called:
        return behind(story, called[0])
    bridges = {stay.bridge for stay in half.stays}
    return next((end for end in story.ends if any(stay.bridge in bridges for stay in end.stays)), line)


def number_of(story: Story, line: Line | None) -> str | None:
    return story.sides.number(line) if line is not None else None


def taken_over(story: Story, moved: Line | None, at: float, giver: Line | None) -> bool:
    """Whether somebody other than the giver talked with the moved party after the hand-over."""
    if moved is None:
        return False
    number = number_of(story, giver)
    later = [other for other in hand_over_moments(story) if other > at + 0.5]
    until = later[0] if later else float("inf")
    for meeting in story.meetings_with(moved):
        if meeting.until <= at + 0.05 or meeting.since >= until:
            continue
        other = story.timeline.lines[meeting.other(moved.uniqueid)]
        if other is giver or (number is not None and story.sides.number(other) == number):
            if meeting.since > at:
                return False  # it came back
            continue
        return True
    return any(since >= at - 0.05 and since < until for _, since, _, _ in story.rooms)


def partner_before(story: Story, giver: Line | None, at: float) -> Line | None:
    if giver is None:
        return story.customer
    for meeting in reversed(story.meetings_with(giver)):
        if meeting.since < at:
            return story.timeline.lines[meeting.other(giver.uniqueid)]
    return story.customer
