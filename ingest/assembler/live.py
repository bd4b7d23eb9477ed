"""Calls that are going on, as a supervisor sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from data.model import LiveCall
from ingest.assembler.lines import OPEN, Line
from ingest.assembler.numbers import called_number_of, did_of, external_number_of
from ingest.assembler.office import Office
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind

_SAME_S = 2.0  # clocks that differ by less are taken for the same


def live_call(events: Sequence[CallEvent], office: Office, *, pbx: str, call_id: str) -> LiveCall | None:
    """How a call stands after its last event; None where there is nobody."""
    story = Story(events, office)
    caller = story.caller
    if caller is None or caller.uniqueid in story.observers:
        return None
    ringing = [
        (line.ringing_at, story.sides.number(line))
        for line in story.ends
        if line.gone_at == OPEN and line.ringing_at is not None and line.was_dialled and _is_offered(line, caller)
    ]
    talks = [meeting for meeting in story.conversations if _goes_on(story, meeting.first, meeting.second)]
    answered = [meeting.since for meeting in story.conversations] + [since for _, since, _, _ in story.rooms]
    state, since = _state(story, ringing=[at for at, _ in ringing], talking=[meeting.since for meeting in talks])
    customer = story.customer
    outside = next((end for end in story.ends if story.sides.is_outside(end)), None)
    talking = [
        story.number(uniqueid)
        for meeting in talks
        for uniqueid in (meeting.first, meeting.second)
        if not story.is_outside(uniqueid)
    ]
    return LiveCall(
        call_id=call_id,
        pbx=pbx,
        direction=story.direction,
        state=state,
        state_since_at=moment(since),
        external_number=external_number_of(story),
        caller_name=story.sides.name(caller),
        called_number=called_number_of(story),
        did=did_of(story),
        line=customer.device if customer and story.sides.is_outside(customer) else outside.device if outside else None,
        queue=_queue(story),
        ringing=tuple(dict.fromkeys(number for _, number in ringing if number)),
        talking=tuple(dict.fromkeys(number for number in talking if number)),
        started_at=moment(story.timeline.started_at),
        answered_at=moment(min(answered)) if answered else None,
        caller=None if story.sides.is_outside(caller) else story.sides.number(caller),
    )


class LiveClock:
    """Moments of live calls by our clock, since clocks on a screen tick by ours, not by the PBX's."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def by_ours(self, calls: Iterable[LiveCall], ahead_s: float) -> tuple[LiveCall, ...]:
        """The calls as our clock showed them; ahead_s: what the PBX's clock is ahead now."""
        # Small changes are left alone: they would tell every call anew.
        if abs(ahead_s - self._ahead_s) > _SAME_S:
            self._ahead_s = ahead_s
        return tuple(_moved(call, timedelta(seconds=-self._ahead_s)) if self._ahead_s else call for call in calls)


def _moved(call: LiveCall, by: timedelta) -> LiveCall:
    return replace(
        call,
        state_since_at=call.state_since_at + by,
        started_at=call.started_at + by,
        answered_at=call.answered_at and call.answered_at + by,
    )


def _is_offered(line: Line, caller: Line) -> bool:
    """It rings, or was taken a moment ago and nobody has been put through to it yet."""
    return line.up_at is None or (line is not caller and not line.stays)


def _goes_on(story: Story, *uniqueids: str) -> bool:
    lines = [story.timeline.lines[uniqueid] for uniqueid in uniqueids]
    return all(line.gone_at == OPEN and line.stays and line.stays[-1].until == OPEN for line in lines)


def _queue(story: Story) -> str | None:
    """The queue in which the caller waits now."""
    waiting: str | None = None
    for event in story.timeline.queue_events:
        if event.kind in (Kind.QUEUE_JOIN, Kind.QUEUE_SEEN):
            waiting = event.fields.get("Queue")
        elif event.kind is Kind.QUEUE_LEAVE:
            waiting = None
    return waiting


def _state(story: Story, *, ringing: list[float], talking: list[float]) -> tuple[str, float]:
    """One word for what is going on, and since when."""
    timeline = story.timeline
    if talking:
        held = [line.holds[-1].since for line in story.ends if line.holds and line.holds[-1].until == OPEN]
        return ("held", max(held)) if held else ("talking", max(talking))
    for line in timeline.lines.values():
        if line.gone_at == OPEN and line.stays and line.stays[-1].until == OPEN:
            if line.stays[-1].kind == "parking":
                return "parked", line.stays[-1].since
            if line.stays[-1].kind == "base":
                return "conference", line.stays[-1].since
    if _queue(story) is not None:
        joined = [event.at for event in timeline.queue_events if event.kind in (Kind.QUEUE_JOIN, Kind.QUEUE_SEEN)]
        return "queued", joined[-1]
    if ringing:
        return "ringing", min(ringing)
    last = [(app.at, app.name) for line in timeline.lines.values() if line.gone_at == OPEN for app in line.apps]
    if last and max(last)[1] in ("voicemail", "minivmrecord"):
        return "voicemail", max(last)[0]
    if any(name in ("background", "waitexten", "read", "playback") for _, name in last):
        return "ivr", min(at for at, name in last)
    return "ringing", timeline.started_at
