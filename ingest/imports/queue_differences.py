"""A caller's stays in queues as they are stored, and as the PBX's log tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from data.model import Direction, QueueVisit
from ingest.imports.differences import TOLERANCE_S, Difference, in_words, same
from ingest.imports.members import Members

_FIELDS = ("entered_at", "left_at", "result", "answered_by", "place_at_entry")
_TOLERANCE = timedelta(seconds=TOLERANCE_S)
CORRECTABLE = ("direction", "answered_at", "ended_at", "talk_s", "reason")  # what `corrected` looks at
_UNANSWERED = frozenset({"abandoned", "timeout"})


def visit_differences(
    known: Mapping[str, Any], ours: Sequence[QueueVisit], theirs: Sequence[QueueVisit], members: Members
) -> list[Difference]:
    """What the log says else, as `queue_visit` or `queue_visit.<column>`; known: the stored call."""
    if [visit.queue for visit in ours] != [visit.queue for visit in theirs]:
        return [_difference(known, "queue_visit", _queues(ours), _queues(theirs))]
    return [
        _difference(known, f"queue_visit.{name}", getattr(mine, name), getattr(other, name))
        for mine, other in zip(ours, theirs, strict=True)
        for name in _differing(mine, other, members)
    ]


def joined_visits(ours: Sequence[QueueVisit], theirs: Sequence[QueueVisit], members: Members) -> list[QueueVisit]:
    """Ours, and in their words where they say something else; times that agree stay as exact as they are."""
    if [visit.queue for visit in ours] != [visit.queue for visit in theirs]:
        return list(theirs)
    joined = []
    for mine, other in zip(ours, theirs, strict=True):
        taken = replace(mine, **{name: getattr(other, name) for name in _differing(mine, other, members)})
        joined.append(replace(taken, wait_s=max(0.0, (taken.left_at - taken.entered_at).total_seconds())))
    return joined


def corrected(call: Mapping[str, Any], visits: Sequence[QueueVisit]) -> dict[str, Any]:
    """What follows for the call itself: answered_at, talk_s, wait_s, reason, queues.

    Records let a conversation begin when the queue answered the channel; the log tells when the member did.
    """
    answered_at, talk_s, reason = call["answered_at"], call["talk_s"], call["reason"]
    if not visits or call["direction"] == Direction.OUTBOUND:
        return {}
    first_at = visits[0].entered_at
    taken_at = next((visit.left_at for visit in visits if visit.result == "answered"), None)
    if taken_at is not None and answered_at is not None and first_at - _TOLERANCE <= answered_at < taken_at:
        talk_s = max(0.0, talk_s - (taken_at - answered_at).total_seconds())
        answered_at = taken_at
    if answered_at is None and reason in _UNANSWERED:
        reason = "abandoned" if visits[-1].result in ("abandoned", "lost") else "timeout"
    until: datetime = answered_at or call["ended_at"]
    return {
        "answered_at": answered_at,
        "talk_s": talk_s,
        "wait_s": max(0.0, (until - first_at).total_seconds()),
        "reason": reason,
        "queues": list(dict.fromkeys(visit.queue for visit in visits)),
    }


def _differing(mine: QueueVisit, other: QueueVisit, members: Members) -> list[str]:
    found = [name for name in _FIELDS if not same(getattr(mine, name), getattr(other, name))]
    if other.place_at_entry is None and "place_at_entry" in found:
        found.remove("place_at_entry")
    if "answered_by" in found and (other.answered_by is None or members.extension(other.answered_by) is None):
        found.remove("answered_by")  # a name that nobody told us says nothing else
    return found


def _queues(visits: Sequence[QueueVisit]) -> str:
    return ", ".join(visit.queue for visit in visits)


def _difference(known: Mapping[str, Any], field: str, ours: object, theirs: object) -> Difference:
    return Difference(
        call_id=str(known["call_id"]),
        kind="differs",
        field=field,
        ours=in_words(ours),
        theirs=in_words(theirs),
        rule=None,
        started_at=known["started_at"],
    )
