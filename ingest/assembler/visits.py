"""Queue visits: one for each stay of the caller in one queue."""

from __future__ import annotations

from dataclasses import replace

from data.model import QueueVisit
from ingest.assembler.lines import App, Line
from ingest.assembler.story import Story
from ingest.assembler.times import moment
from ingest.events import CallEvent, Kind

STAYED_S = 0.5  # a queue that lets nobody in gives the caller back sooner
_TELLS_A_VISIT = frozenset({Kind.QUEUE_ABANDON, Kind.AGENT_CONNECT})  # though its beginning was not seen


def visits_of(story: Story, call_id: str) -> tuple[QueueVisit, ...]:
    """All visits in order."""
    found = _seen_joins(story) + _refused(story)
    found.sort(key=lambda visit: (visit.entered_at, visit.events))
    return tuple(replace(visit, call_id=call_id, position=index) for index, visit in enumerate(found, 1))


def _seen_joins(story: Story) -> list[QueueVisit]:
    open_visits: dict[tuple[str, str], list[CallEvent]] = {}
    found: list[QueueVisit] = []
    for event in story.timeline.queue_events:
        if event.channel is None or event.kind is Kind.AGENT_CALLED:
            continue
        key = (event.channel.uniqueid, event.fields.get("Queue", ""))
        if event.kind in (Kind.QUEUE_JOIN, Kind.QUEUE_SEEN):
            if event.kind is Kind.QUEUE_SEEN and key in open_visits:
                continue
            if key in open_visits:
                found.append(_visit(story, open_visits.pop(key)))
            open_visits[key] = [event]
        elif key in open_visits:
            open_visits[key].append(event)
        elif event.kind in _TELLS_A_VISIT and not any(_same(visit, event) for visit in found):
            found.append(_visit(story, [event]))
        elif event.kind is Kind.AGENT_CONNECT:
            found = [_answered(story, visit, event) if _same(visit, event) else visit for visit in found]
        if event.kind is Kind.QUEUE_LEAVE and key in open_visits:
            found.append(_visit(story, open_visits.pop(key)))
    found += [_visit(story, events) for events in open_visits.values()]
    return found


def _same(visit: QueueVisit, event: CallEvent) -> bool:
    return visit.queue == event.fields.get("Queue") and abs(visit.left_at.timestamp() - event.at) < 5.0


def _answered(story: Story, visit: QueueVisit, event: CallEvent) -> QueueVisit:
    """AgentConnect comes after QueueCallerLeave."""
    return replace(
        visit,
        result="answered",
        answered_by=_who(story, visit, event),
        events=tuple(sorted({*visit.events, event.sequence})),
    )


def _visit(story: Story, events: list[CallEvent]) -> QueueVisit:
    first, last = events[0], events[-1]
    waited = first.fields.get("Wait") or first.fields.get("HoldTime") or ""
    entered = first.at - (float(waited) if waited.isascii() and waited.isdigit() and len(waited) < 7 else 0.0)
    line = story.timeline.lines.get(first.channel.uniqueid if first.channel else "")
    left_seen = last.kind in (Kind.QUEUE_LEAVE, Kind.QUEUE_ABANDON, Kind.AGENT_CONNECT)
    left = last.at if left_seen else min(story.timeline.ended_at, line.gone_at if line else story.timeline.ended_at)
    place = first.fields.get("Position") or first.fields.get("OriginalPosition") or ""
    visit = QueueVisit(
        call_id="",
        position=0,
        queue=first.fields.get("Queue", ""),
        entered_at=moment(entered),
        left_at=moment(max(left, entered)),
        wait_s=round(max(0.0, left - entered), 6),
        place_at_entry=int(place) if place.isascii() and place.isdigit() and len(place) < 6 else None,
        result="lost",
        answered_by=None,
        events=tuple(sorted(event.sequence for event in events)),
    )
    connect = next((event for event in events if event.kind is Kind.AGENT_CONNECT), None)
    if connect is not None:
        return _answered(story, visit, connect)
    result, answered_by = _outcome(story, line, entered, left, left_seen, visit.queue)
    return replace(visit, result=result, answered_by=answered_by)


def _outcome(
    story: Story, line: Line | None, entered: float, left: float, left_seen: bool, queue: str
) -> tuple[str, str | None]:
    """How a visit ended, where no AgentConnect says it."""
    if line is None:
        return "lost", None
    for meeting in story.meetings_with(line):
        if entered - 0.5 <= meeting.since <= left + 1.0:
            return "answered", story.number(meeting.other(line.uniqueid))
    if not left_seen:
        return "lost", None
    if line.gone_at - left < 0.5:
        # QueueCallerAbandon comes at a time-out too: only the end of the caller's channel tells them apart.
        went_on = any(app.at > left + 0.001 for app in line.apps if app.name not in ("hangup",))
        return (
            "timeout" if went_on and line.asked_at is None and line.cause not in (0, 16, 127) else "abandoned"
        ), None
    transferred = any(
        event.kind is Kind.TRANSFER_BLIND and event.other is not None and event.other.uniqueid == line.uniqueid
        and abs(event.at - left) < 1.0
        for event in story.timeline.transfers
    )  # fmt: skip
    if transferred:
        return "transferred", None
    abandoned = any(
        event.kind is Kind.QUEUE_ABANDON and event.fields.get("Queue") == queue and abs(event.at - left) < 1.0
        for event in story.timeline.queue_events
    )
    return ("timeout" if abandoned else "key"), None


def _who(story: Story, visit: QueueVisit, event: CallEvent) -> str | None:
    """The extension that took the caller: by the conversation, else by the member's interface."""
    line = story.timeline.lines.get(event.channel.uniqueid if event.channel else "")
    if line is not None:
        entered = visit.entered_at.timestamp()
        for meeting in story.meetings_with(line):
            if meeting.since >= entered - 0.5 and meeting.since <= event.at + 5.0:
                return story.number(meeting.other(line.uniqueid))
    interface = event.fields.get("Interface", "")
    return interface.partition("/")[2].partition("@")[0] or None


def _told_by_the_application(story: Story, line: Line, app: App) -> QueueVisit:
    """CEL knows no joining, nor does who may not read the class `agent`: the visit is while the application ran."""
    after = [later.at for later in line.apps if later.at > app.at] + [min(line.gone_at, story.timeline.ended_at)]
    talks = [meeting for meeting in story.meetings_with(line) if app.at <= meeting.since <= min(after) + 1.0]
    left = talks[0].since if talks else min(after)
    result = "answered" if talks else ("abandoned" if line.gone_at - left < 0.5 else "timeout")
    return QueueVisit(
        call_id="",
        position=0,
        queue=app.data.partition(",")[0],
        entered_at=moment(app.at),
        left_at=moment(left),
        wait_s=round(left - app.at, 6),
        place_at_entry=None,
        result=result,
        answered_by=story.number(talks[0].other(line.uniqueid)) if talks else None,
        events=(app.sequence,),
    )


def _lasted(story: Story, line: Line, app: App) -> float:
    """How long the application ran on the line, until the next one or the end."""
    after = [later.at for later in line.apps if later.at > app.at]
    return min([*after, line.gone_at, story.timeline.ended_at]) - app.at


def _refused(story: Story) -> list[QueueVisit]:
    """Queues that let nobody in: the application ran, and nobody joined."""
    found = []
    for line in story.timeline.lines.values():
        for app in line.apps:
            name = app.data.partition(",")[0]
            if app.name != "queue" or not name or not line.born_seen:
                continue
            joined = any(
                event.channel is not None
                and event.channel.uniqueid == line.uniqueid
                and event.fields.get("Queue") == name
                for event in story.timeline.queue_events
            )
            unheard = not story.timeline.queue_events and _lasted(story, line, app) >= STAYED_S
            if not joined and (story.timeline.from_cel or unheard):
                found.append(_told_by_the_application(story, line, app))
            elif not joined:
                at = moment(app.at)
                found.append(
                    QueueVisit(
                        call_id="",
                        position=0,
                        queue=name,
                        entered_at=at,
                        left_at=at,
                        wait_s=0.0,
                        place_at_entry=None,
                        result="empty",
                        answered_by=None,
                        events=(app.sequence,),
                    )
                )
    return found
