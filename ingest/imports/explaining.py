"""Why records say something else than the calls we put together: the rules, each seen on a real PBX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from data.model import Call
from ingest.imports.cdr_story import CdrStory
from ingest.imports.differences import TOLERANCE_S, Difference

_NO_SUCH_NUMBER = frozenset({1, 2, 22, 28})
_BUSY = frozenset({"busy", "rejected", "no_answer"})


class Rule(StrEnum):
    """An explanation; docs/sources.md tells each in words."""

    EVENTS_LOST = "events_lost"  # we did not see all of it
    IN_GAP = "in_gap"  # it happened while nobody listened
    PBX_ANSWERED_FIRST = "pbx_answered_first"  # menu, queue or transfer: records count from that answer
    EMPLOYEE_ANSWERED_FIRST = "employee_answered_first"  # click-to-call
    CONFERENCE_PAIRS = "conference_pairs"  # a record per pair of participants, on one of them only
    NO_SUCH_NUMBER = "no_such_number"  # told as NO ANSWER
    TOLD_AS_BUSY = "told_as_busy"  # a phone in use and a person who refuses are BUSY alike
    SAME_SECOND = "same_second"  # two picked up at once: records cannot tell who was first
    PBX_DIED = "pbx_died"  # a PBX that is killed writes no records
    ONLY_LISTENED = "only_listened"  # who spies on a call makes none


Gaps = Sequence[tuple[datetime, datetime | None]]


def why_different(found: Difference, known: Mapping[str, Any], theirs: Call, story: CdrStory) -> Rule | None:
    """The rule behind one differing field; None: unexplained."""
    if known["incomplete"]:
        return Rule.EVENTS_LOST
    if known["conference"] is not None and found.field in ("talk_s", "ended_at"):
        return Rule.CONFERENCE_PAIRS
    if found.field == "talk_s" and theirs.talk_s > known["talk_s"] + TOLERANCE_S:
        if known["direction"] == "outbound" and theirs.caller_number in known["rang"]:
            return Rule.EMPLOYEE_ANSWERED_FIRST
        if any(line.answered_at == line.started_at for line, _ in story.talks):
            return Rule.PBX_ANSWERED_FIRST
    if found.field == "answered_by" and sorted(known["answered_by"]) == sorted(theirs.answered_by):
        moments = sorted(line.ended_at if line.answered_at is None else line.answered_at for line, _ in story.talks)
        return Rule.SAME_SECOND if any(later - first <= 1.0 for first, later in pairwise(moments)) else None
    if found.field == "reason" and theirs.reason == "no_answer" and known["hangup_cause"] in _NO_SUCH_NUMBER:
        return Rule.NO_SUCH_NUMBER
    if found.field == "reason" and theirs.dial_status == "BUSY" and known["reason"] in _BUSY:
        return Rule.TOLD_AS_BUSY
    return None


def why_only_theirs(theirs: Call, story: CdrStory, gaps: Gaps) -> Rule | None:
    """Why we do not have a call that has records."""
    if is_in_gap(theirs, gaps):
        return Rule.IN_GAP
    if all(line.app.lower() in ("chanspy", "extenspy") for line in story.lines):
        return Rule.ONLY_LISTENED
    return None


def is_in_gap(call: Call, gaps: Gaps) -> bool:
    """Whether nobody listened during a part of a call."""
    return any(since <= call.ended_at and (until is None or call.started_at <= until) for since, until in gaps)


def why_only_ours(known: Mapping[str, Any]) -> Rule | None:
    """Why a call of ours has no records."""
    if known["reason"] == "system_restart":
        return Rule.PBX_DIED
    return Rule.EVENTS_LOST if known["incomplete"] else None
