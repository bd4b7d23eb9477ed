"""Why there was no conversation."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import Direction, Leg, LegResult, LegRole, QueueVisit, Reason
from ingest.assembler.lines import Line
from ingest.assembler.story import Story
from ingest.assembler.times import moment

RESTART_S = 3.0  # an orderly restart hangs the calls up this long before it tells

_LEFT_ALIVE = frozenset({"timeout", "key", "empty", "transferred"})
_VOICEMAIL = frozenset({"voicemail", "minivmrecord"})
_MENU = frozenset(
    {"background", "backgrounddetect", "waitexten", "read", "playback", "ivr", "directory", "agi", "disa"}
)


def reason_of(story: Story, legs: Sequence[Leg], visits: Sequence[QueueVisit]) -> Reason:
    """The reason of a call that no person answered."""
    customer = story.customer
    caller = story.caller
    if _cut_by_restart(story, caller):
        return Reason.SYSTEM_RESTART
    if _ran(story, _VOICEMAIL):
        return Reason.VOICEMAIL
    tried = [leg for leg in legs if leg.role is not LegRole.OBSERVER]
    if story.direction is not Direction.OUTBOUND and visits:
        after = [leg for leg in tried if leg.started_at >= visits[-1].left_at]
        if visits[-1].result in _LEFT_ALIVE and after:
            return _by_results(story, after, caller)  # the queue was left for phones that did not help either
        return _reason_in_queue(visits)
    if story.direction is Direction.OUTBOUND:
        return _outbound(story, tried, customer)
    if not tried:
        return _nobody_tried(story, caller)
    return _by_results(story, tried, caller)


def _reason_in_queue(visits: Sequence[QueueVisit]) -> Reason:
    return Reason.ABANDONED if visits[-1].result in ("abandoned", "lost") else Reason.TIMEOUT


def _cut_by_restart(story: Story, caller: Line | None) -> bool:
    timeline = story.timeline
    if any(line.assumed_gone == "restart" for line in timeline.lines.values()):
        return True
    if timeline.shutdown_at is None or caller is None:
        return False
    return caller.asked_at is None and 0 <= timeline.shutdown_at - timeline.ended_at <= RESTART_S


def _ran(story: Story, apps: frozenset[str]) -> bool:
    return any(app.name in apps for line in story.timeline.lines.values() for app in line.apps)


def _nobody_tried(story: Story, caller: Line | None) -> Reason:
    if caller is not None and caller.cause in (3, 20):
        return Reason.UNREACHABLE
    hung_up = caller is None or caller.asked_at is not None or caller.cause in (0, 127)
    if _ran(story, frozenset({"gotoiftime"})) and not hung_up:
        return Reason.OUT_OF_HOURS
    if _ran(story, _MENU) or (caller is not None and caller.up_at is not None):
        return Reason.IVR_ONLY
    if hung_up or (caller is not None and caller.cause == 16):
        return Reason.CALLER_HUNG_UP
    return Reason.FAILED if story.direction is not Direction.INTERNAL else Reason.UNREACHABLE


def _by_results(story: Story, legs: Sequence[Leg], caller: Line | None) -> Reason:
    """Of several phones the best word: given up, not answered, refused, not there."""
    last = _last_round(legs)
    results = {leg.result for leg in last}
    if LegResult.CANCELLED in results and _gave_up(story, last, caller):
        return Reason.CANCELLED if story.direction is Direction.INTERNAL else Reason.CALLER_HUNG_UP
    if results & {LegResult.NO_ANSWER, LegResult.CANCELLED, LegResult.ELSEWHERE}:
        if all(leg.ringing_at is None for leg in last) and not results & {LegResult.ELSEWHERE}:
            return Reason.UNREACHABLE if LegResult.CANCELLED not in results else Reason.TIMEOUT
        return Reason.TIMEOUT
    refused = results & {LegResult.REJECTED, LegResult.BUSY}
    if refused and _was_let_in(story, last, caller):
        return Reason.NO_ANSWER
    if refused:
        return Reason.REJECTED if LegResult.REJECTED in refused else Reason.BUSY
    if LegResult.UNREACHABLE in results:
        return Reason.UNREACHABLE
    if LegResult.ANSWERED in results:
        return Reason.CALLER_HUNG_UP
    return Reason.FAILED


def _was_let_in(story: Story, last: Sequence[Leg], caller: Line | None) -> bool:
    """Whether something (a menu, an announcement) had answered before the phones were tried.

    Such a caller hears no busy tone when a phone refuses: to him, and to the network, nobody answered.
    """
    if story.direction is not Direction.INBOUND or caller is None or caller.up_at is None:
        return False
    return moment(caller.up_at) < min(leg.started_at for leg in last)


def _last_round(legs: Sequence[Leg]) -> list[Leg]:
    """The legs that ended last, together."""
    latest = max(leg.ended_at for leg in legs)
    return [leg for leg in legs if (latest - leg.ended_at).total_seconds() < 1.5]


def _gave_up(story: Story, last: Sequence[Leg], caller: Line | None) -> bool:
    """Whether the caller's end of the line is the reason why it stopped ringing."""
    if caller is None:
        return True
    if caller.asked_at is not None:
        return True
    stopped = max(leg.ended_at for leg in last)
    return abs((moment(min(caller.gone_at, story.timeline.ended_at)) - stopped).total_seconds()) < 0.5


def _outbound(story: Story, legs: Sequence[Leg], customer: Line | None) -> Reason:
    outside = [leg for leg in legs if leg.channel is None or (customer and leg.device == customer.device)]
    if outside:
        leg = outside[-1]
    elif legs:
        leg = legs[-1]  # click-to-call whose employee did not pick up
    else:
        return Reason.CANCELLED if story.caller and story.caller.asked_at else Reason.FAILED
    match leg.result:
        case LegResult.BUSY | LegResult.REJECTED:
            return Reason.BUSY
        case LegResult.CANCELLED | LegResult.ELSEWHERE | LegResult.ANSWERED:
            return Reason.CANCELLED
        case LegResult.UNREACHABLE:
            return Reason.UNREACHABLE
        case LegResult.FAILED:
            return Reason.FAILED
        case _:
            return Reason.FAILED if leg.hangup_cause in _NO_SUCH_NUMBER else Reason.NO_ANSWER


_NO_SUCH_NUMBER = frozenset({1, 2, 22, 28, 34, 38, 41, 42})
