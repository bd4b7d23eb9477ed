"""Tables of the self-check: the days that were compared with the PBX's own records, and every contradiction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.components.question import Question
from dashboard.components.table import Column, Table
from dashboard.text import label, t
from dashboard.text.formats import day, number
from data.identity.actor import Permission, Scope
from data.journal import CallKind
from data.metrics.checks import checked_days, source_differences
from data.metrics.terms import Unit
from data.model import Direction, Outcome, Reason

SOURCES = ("cdr", "cel", "queue_log", "mikopbx")
KINDS = ("only_ours", "only_theirs")
FIELDS = (
    "direction", "outcome", "reason", "external_number_raw", "answered_by", "queues", "started_at", "ended_at",
    "talk_s", "queue_visit", "queue_visit.entered_at", "queue_visit.left_at", "queue_visit.result",
    "queue_visit.answered_by", "queue_visit.place_at_entry",
)  # fmt: skip
RULES = (
    "events_lost", "in_gap", "pbx_answered_first", "employee_answered_first", "conference_pairs", "no_such_number",
    "told_as_busy", "same_second", "pbx_died", "only_listened",
)  # fmt: skip
_WORDS: Mapping[str, type[StrEnum]] = {"direction": Direction, "outcome": Outcome, "reason": Reason}
_RESULTS = frozenset({"abandoned", "answered", "empty", "key", "lost", "timeout", "transferred"})
_NUMBERS = frozenset({"external_number_raw", "answered_by", "queue_visit.answered_by"})
_COUNTS = ("agree", "differ", "only_ours", "only_theirs", "unexplained")
_SHOWN = 200
_LISTED = 60  # calls in one address


def check_tables(question: Question) -> list[Table]:
    """Both tables for who sees all calls; nothing else."""
    if question.actor.scope is not Scope.ALL:
        return []
    found = source_differences(question.store, question.period, site=question.site, actor=question.actor)
    return [_days(question, found), _differences(question, found)]


def _days(question: Question, found: pd.DataFrame) -> Table:
    frame = checked_days(question.store, question.period, actor=question.actor)
    frame["title"] = frame["checked_on"].map(lambda at: day(at.date()))
    frame["told_by"] = frame["source"].map(source_words)
    found = found.assign(checked_on=found["started_at"].dt.normalize(), is_unexplained=found["rule"].isna())
    for name in ("differ", "only_ours", "unexplained"):
        frame[f"{name}_link"] = [_behind(row, found, name) for _, row in frame.iterrows()]
    columns = [
        Column(key="title", title=t("checks.day"), sort="checked_on"),
        Column(key="pbx", title=t("checks.pbx")),
        Column(key="told_by", title=t("checks.source")),
        *(
            Column(
                key=name,
                title=t(f"checks.{name}"),
                unit=Unit.COUNT,
                links=f"{name}_link",
                formula=t("checks.meaning"),
            )
            for name in _COUNTS
        ),
    ]  # fmt: skip
    return Table(
        title=t("checks.title"), columns=columns, frame=frame, order=question.order, always=True,
        note=t("checks.note"), nothing=t("checks.nothing"),
    )  # fmt: skip


def _behind(row: pd.Series, found: pd.DataFrame, name: str) -> str | None:
    """The journal with the calls that a number counts, where we have them and they fit an address."""
    same = (
        (found["checked_on"] == row["checked_on"]) & (found["pbx"] == row["pbx"]) & (found["source"] == row["source"])
    )
    if name == "unexplained":
        same &= found["is_unexplained"]
    else:
        same &= found["kind"] == {"differ": "differs"}.get(name, name)
    chosen = found[same]
    call_ids = list(dict.fromkeys(chosen.loc[chosen["is_stored"], "call_id"]))
    if not call_ids or len(call_ids) != row[name] or len(call_ids) > _LISTED:
        return None
    return calls_link(call_ids, row["checked_on"])


def calls_link(call_ids: Sequence[str], on: pd.Timestamp) -> str:
    """The journal of one day with exactly these calls, internal ones too."""
    kinds = [("kind", name.value) for name in CallKind]
    date = on.date().isoformat()
    return "/calls?" + urlencode([*kinds, ("from", date), ("to", date), *(("call", name) for name in call_ids)])


def _differences(question: Question, found: pd.DataFrame) -> Table:
    sees_numbers = question.actor.may(Permission.FULL_NUMBERS)
    shown = found.head(_SHOWN).copy()
    shown["title"] = shown["started_at"].map(lambda at: f"{day(at.date())}, {at:%H:%M:%S}")
    shown["call_link"] = [
        f"/calls/{call_id}" if is_stored else None
        for call_id, is_stored in zip(shown["call_id"], shown["is_stored"], strict=True)
    ]
    shown["told_by"] = shown["source"].map(source_words)
    shown["what"] = [what_words(kind, field) for kind, field in zip(shown["kind"], shown["field"], strict=True)]
    for side in ("ours", "theirs"):
        shown[side] = [
            value_words(field, value, question.site.zone) if sees_numbers or field not in _NUMBERS else None
            for value, field in zip(shown[side], shown["field"], strict=True)
        ]
    shown["why"] = shown["rule"].map(rule_words)
    columns = [
        Column(key="title", title=t("checks.began"), sort="started_at", links="call_link"),
        Column(key="pbx", title=t("checks.pbx")),
        Column(key="told_by", title=t("checks.source")),
        Column(key="what", title=t("checks.what")),
        Column(key="ours", title=t("checks.ours")),
        Column(key="theirs", title=t("checks.theirs")),
        Column(key="why", title=t("checks.why")),
    ]
    note = t("checks.first", shown=str(_SHOWN), count=str(len(found))) if len(found) > _SHOWN else ""
    return Table(
        title=t("checks.differences"), columns=columns, frame=shown, order=question.order, always=True, note=note,
        nothing=t("checks.no_differences"),
    )  # fmt: skip


def source_words(source: str) -> str:
    return t(f"checks.source.{source}") if source in SOURCES else source


def what_words(kind: str, field: str | None) -> str:
    """What a contradiction is about."""
    if kind in KINDS:
        return t(f"checks.kind.{kind}")
    return t(f"checks.field.{field}") if field in FIELDS else str(field or "")


def value_words(field: str | None, value: str | None, zone: ZoneInfo) -> str | None:
    """What one side says, as people read it; a value that nobody knows stays as it is."""
    # A frame has nan where nothing was told.
    if not isinstance(value, str) or not isinstance(field, str):
        return None
    with suppress(ValueError):
        if (words := _WORDS.get(field)) is not None:
            return label(words(value))
        if field == "queue_visit.result" and value in _RESULTS:
            return t(f"journal.route.queue.{value}")
        if field.endswith("_at"):
            return f"{datetime.fromisoformat(value).astimezone(zone):%H:%M:%S}"
        if field.endswith("_s"):
            return number(float(value), 1)
    return value


def rule_words(rule: str | None) -> str:
    """Why it is so, in words."""
    if not isinstance(rule, str):
        return t("checks.unknown")
    return t(f"checks.rule.{rule}") if rule in RULES else rule
