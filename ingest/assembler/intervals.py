"""What happened when, for the picture of a call's route: talk, hold, park, IVR, voicemail, conference."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import Interval, IntervalKind
from ingest.assembler.lines import Line
from ingest.assembler.meetings import overlap
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import Kind

_APPS = {
    "background": IntervalKind.IVR,
    "waitexten": IntervalKind.IVR,
    "read": IntervalKind.IVR,
    "backgrounddetect": IntervalKind.IVR,
    "voicemail": IntervalKind.VOICEMAIL,
    "minivmrecord": IntervalKind.VOICEMAIL,
}


@dataclass(slots=True)
class _Made:
    kind: IntervalKind
    party: str | None
    other: str | None
    since: float
    until: float
    sequences: list[int]


def intervals_of(story: Story, call_id: str) -> tuple[Interval, ...]:
    """All stretches in the order in which they began."""
    made = [*_talks(story), *_holds(story), *_parked(story), *_applications(story)]
    made += [
        _Made(IntervalKind.CONFERENCE, story.number(story.customer.uniqueid), room, since, until, list(sequences))
        for room, since, until, sequences in story.rooms
        if story.customer is not None
    ]
    made.sort(key=lambda item: (item.since, item.until, item.kind, item.party or "", item.other or ""))
    return tuple(
        Interval(
            call_id=call_id,
            position=index,
            kind=item.kind,
            party=item.party,
            other=item.other,
            started_at=moment(item.since),
            ended_at=moment(max(item.since, item.until)),
            events=tuple(sorted(set(item.sequences))),
        )
        for index, item in enumerate(made, 1)
    )


def _talks(story: Story) -> list[_Made]:
    found = []
    customer = story.customer
    for meeting in story.meetings:
        if customer is not None and meeting.has(customer.uniqueid):
            kind, party, other = IntervalKind.TALK, meeting.other(customer.uniqueid), customer.uniqueid
        else:
            kind, party, other = IntervalKind.CONSULTATION, meeting.first, meeting.second
        found.append(
            _Made(kind, story.number(party), story.number(other), meeting.since, meeting.until, list(meeting.sequences))
        )
    return found


def _holds(story: Story) -> list[_Made]:
    found = []
    for line in story.ends:
        for span in line.holds:
            for meeting in story.meetings_with(line):
                found += [
                    _Made(
                        IntervalKind.HOLD,
                        story.sides.number(line),
                        story.number(meeting.other(line.uniqueid)),
                        since,
                        until,
                        list(span.sequences),
                    )
                    for since, until in overlap([span], meeting.since, meeting.until)
                ]
    return found


def _parked(story: Story) -> list[_Made]:
    found = []
    places = {
        event.channel.uniqueid: event.fields.get("ParkingSpace")
        for event in story.timeline.transfers
        if event.kind is Kind.PARK and event.channel is not None
    }
    for line in story.timeline.lines.values():
        for stay in line.stays:
            if stay.kind == "parking":
                until = story.end_of(stay.until)
                place = places.get(line.uniqueid)
                found.append(
                    _Made(IntervalKind.PARK, story.sides.number(line), place, stay.since, until, list(stay.sequences))
                )
    return found


def _applications(story: Story) -> list[_Made]:
    """IVR and voicemail: from the application to the next one, dial, queue, or the end."""
    found: list[_Made] = []
    for line in story.timeline.lines.values():
        current: _Made | None = None
        for app in line.apps:
            kind = _APPS.get(app.name)
            if current is not None and kind is not current.kind:
                current.until = app.at
                current = None
            if kind is not None and current is None:
                party = story.sides.number(line)
                end = _end_of_application(story, line, app.at)
                current = _Made(kind, party, app.data or None, app.at, end, [app.sequence])
                found.append(current)
    return found


def _end_of_application(story: Story, line: Line, at: float) -> float:
    ends = [stay.since for stay in line.stays if stay.since > at] + [story.end_of(line.gone_at)]
    return min(ends)
