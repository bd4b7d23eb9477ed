"""Why records show no conversation: told from dispositions, time limits and what the dialplan did next."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import Direction, Leg, LegResult, QueueVisit, Reason
from ingest.imports.cdr_story import CdrStory
from ingest.sources.cdr import CdrLine

_RANG_S = 1.0  # a phone that is busy says so at once, a person needs longer to refuse
_NEXT_S = 1.5
_MENU = frozenset({"background", "backgrounddetect", "waitexten", "read", "playback", "ivr", "directory", "agi"})


def leg_result(line: CdrLine, story: CdrStory) -> LegResult:
    """What became of an attempt that nobody answered."""
    if line.disposition == "BUSY":
        return LegResult.REJECTED if line.ended_at - line.started_at >= _RANG_S else LegResult.BUSY
    if line.disposition == "CONGESTION":
        return LegResult.FAILED
    if not line.peer:
        return LegResult.UNREACHABLE
    if line.disposition == "FAILED":
        return LegResult.FAILED
    if any(abs(since - line.ended_at) <= _NEXT_S for since in _answers(story)):
        return LegResult.ELSEWHERE
    return LegResult.NO_ANSWER if _ran_out(line) or _went_on(story, line) else LegResult.CANCELLED


def reason_of(story: CdrStory, legs: Sequence[Leg], visits: Sequence[QueueVisit]) -> Reason:
    """The reason of a call that no person answered."""
    apps = {line.app.lower() for line in story.lines}
    if apps & {"voicemail", "minivmrecord"}:
        return Reason.VOICEMAIL
    if visits and story.direction is not Direction.OUTBOUND:
        return Reason.ABANDONED if visits[-1].result == "abandoned" else Reason.TIMEOUT
    if story.direction is Direction.OUTBOUND:
        return _outbound(legs)
    if not legs:
        return Reason.IVR_ONLY if apps & _MENU or story.first.is_answered else Reason.CALLER_HUNG_UP
    results = {leg.result for leg in legs}
    if LegResult.CANCELLED in results:
        return Reason.CANCELLED if story.direction is Direction.INTERNAL else Reason.CALLER_HUNG_UP
    if results & {LegResult.NO_ANSWER, LegResult.ELSEWHERE}:
        return Reason.TIMEOUT
    for result, reason in (
        (LegResult.REJECTED, Reason.REJECTED),
        (LegResult.BUSY, Reason.BUSY),
        (LegResult.UNREACHABLE, Reason.UNREACHABLE),
        (LegResult.ANSWERED, Reason.CALLER_HUNG_UP),
    ):
        if result in results:
            return reason
    return Reason.FAILED


def _outbound(legs: Sequence[Leg]) -> Reason:
    if not legs:
        return Reason.FAILED
    match legs[-1].result:
        case LegResult.BUSY | LegResult.REJECTED:
            return Reason.BUSY
        case LegResult.CANCELLED | LegResult.ELSEWHERE | LegResult.ANSWERED:
            return Reason.CANCELLED
        case LegResult.UNREACHABLE:
            return Reason.UNREACHABLE
        case LegResult.NO_ANSWER:
            return Reason.NO_ANSWER
        case _:
            return Reason.FAILED


def _answers(story: CdrStory) -> list[float]:
    return [line.ended_at if line.answered_at is None else line.answered_at for line, _ in story.talks]


def _ran_out(line: CdrLine) -> bool:
    """Whether it rang as long as the dialplan lets it."""
    limit = line.data.split(",")[1:2]
    return bool(limit) and limit[0].isdecimal() and 0 < int(limit[0]) <= line.ended_at - line.started_at + 1


def _went_on(story: CdrStory, line: CdrLine) -> bool:
    """Whether the dialplan did something more with the caller."""
    return any(
        other.channel == line.channel and other is not line and abs(other.started_at - line.ended_at) <= _NEXT_S
        for other in story.lines
    )
