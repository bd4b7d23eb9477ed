"""What became of an attempt to reach a party."""

from __future__ import annotations

from data.model import LegResult
from ingest.assembler.lines import Dial, Line
from ingest.assembler.offering import queue_of
from ingest.assembler.story import Story

_NO_SUCH = frozenset({1, 2, 3, 20, 22, 28})  # hang-up causes: nobody there
_FAILED = frozenset({27, 34, 38, 41, 42, 44, 47, 50, 57, 58, 65, 69, 79, 88, 102, 111, 127})


def leg_result(story: Story, dial: Dial, line: Line, answered: float | None) -> LegResult:
    if answered is not None:
        return LegResult.ANSWERED
    if dial.picked_up or dial.forward or line.cause == 26 or dial.status == "ANSWER" or _lost_race(story, dial):
        return LegResult.ELSEWHERE
    return result_of(dial.status, line.cause, line.ringing_at is not None, _caller_gave_up(story, dial, line))


def result_of(status: str | None, cause: int | None, rang: bool, gave_up: bool) -> LegResult:
    """What became of an unanswered attempt, from the dial status and the hang-up cause."""
    if status == "BUSY" or cause == 17 or cause == 21:
        return LegResult.REJECTED if rang else LegResult.BUSY
    if status == "CANCEL" or gave_up:
        return LegResult.CANCELLED
    if cause in _NO_SUCH and not rang:
        return LegResult.UNREACHABLE if cause in (3, 20) else LegResult.FAILED
    if status == "CHANUNAVAIL":
        return LegResult.UNREACHABLE
    if status == "CONGESTION" or (cause in _FAILED and status != "NOANSWER"):
        return LegResult.FAILED
    return LegResult.NO_ANSWER


def _lost_race(story: Story, dial: Dial) -> bool:
    """Another line of the same ringing round was answered."""
    if dial.status not in ("CANCEL", None) or dial.ended_at is None:
        return False
    top = queue_of(story, dial)
    for meeting in story.conversations:
        if meeting.since < dial.began_at - 1.0 or abs(meeting.since - dial.ended_at) > 2.0:
            continue
        for uniqueid in (meeting.first, meeting.second):
            for other in story.timeline.dials_to.get(uniqueid, ()):
                if other.parent == dial.parent or (top and queue_of(story, other) == top):
                    return True
    return False


def _caller_gave_up(story: Story, dial: Dial, line: Line) -> bool:
    parent = story.timeline.lines.get(dial.parent or "")
    return dial.status is None and parent is not None and parent.gone_at <= line.gone_at
