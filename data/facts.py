"""Facts as Arrow tables, named and shaped like the tables of the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import pyarrow as pa

from data.model import (
    AgentSession,
    Call,
    CallFacts,
    Gap,
    Interval,
    Leg,
    QueueVisit,
    Recording,
    Transfer,
    TransferKind,
)
from data.phone import Number, normalise
from data.settings import Site

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
MOMENT = pa.timestamp("us", tz="UTC")
SECONDS = pa.float64()
INTEGER = pa.int32()
FLAG = pa.bool_()
POSITIONS = pa.list_(pa.int64())

# A forwarding, parking or pickup is no hand-over between people.
HAND_OVERS = {TransferKind.BLIND, TransferKind.ATTENDED, TransferKind.BLONDE}

_CALL = {
    "call_id": TEXT,
    "pbx": TEXT,
    "direction": TEXT,
    "outcome": TEXT,
    "reason": TEXT,
    "line": TEXT,
    "caller_number": TEXT,
    "caller_name": TEXT,
    "called_number": TEXT,
    "answered_by": TEXTS,
    "rang": TEXTS,
    "employees": TEXTS,
    "application": TEXT,
    "queues": TEXTS,
    "ring_group": TEXT,
    "started_at": MOMENT,
    "answered_at": MOMENT,
    "ended_at": MOMENT,
    "wait_s": SECONDS,
    "talk_s": SECONDS,
    "hold_s": SECONDS,
    "duration_s": SECONDS,
    "dial_status": TEXT,
    "hangup_cause": INTEGER,
    "incomplete": FLAG,
    "conference": TEXT,
    "channels": TEXTS,
    "rule_version": INTEGER,
    "events": POSITIONS,
}
_LEG = {
    "call_id": TEXT,
    "position": INTEGER,
    "role": TEXT,
    "channel": TEXT,
    "caller": TEXT,
    "party": TEXT,
    "device": TEXT,
    "queue": TEXT,
    "result": TEXT,
    "dial_status": TEXT,
    "hangup_cause": INTEGER,
    "started_at": MOMENT,
    "ringing_at": MOMENT,
    "answered_at": MOMENT,
    "ended_at": MOMENT,
    "ring_s": SECONDS,
    "talk_s": SECONDS,
    "hold_s": SECONDS,
    "events": POSITIONS,
}
_QUEUE_VISIT = {
    "call_id": TEXT,
    "position": INTEGER,
    "queue": TEXT,
    "entered_at": MOMENT,
    "left_at": MOMENT,
    "wait_s": SECONDS,
    "place_at_entry": INTEGER,
    "result": TEXT,
    "answered_by": TEXT,
    "events": POSITIONS,
}
_TRANSFER = {
    "call_id": TEXT,
    "position": INTEGER,
    "kind": TEXT,
    "from_party": TEXT,
    "to_party": TEXT,
    "completed": FLAG,
    "transferred_at": MOMENT,
    "events": POSITIONS,
}
_INTERVAL = {
    "call_id": TEXT,
    "position": INTEGER,
    "kind": TEXT,
    "party": TEXT,
    "other": TEXT,
    "started_at": MOMENT,
    "ended_at": MOMENT,
    "events": POSITIONS,
}
_RECORDING = {
    "call_id": TEXT,
    "position": INTEGER,
    "file": TEXT,
    "party": TEXT,
    "heard": TEXTS,
    "started_at": MOMENT,
    "ended_at": MOMENT,
    "events": POSITIONS,
}
_GAP = {"pbx": TEXT, "started_at": MOMENT, "ended_at": MOMENT, "cause": TEXT, "events": POSITIONS}
_AGENT_SESSION = {
    "pbx": TEXT,
    "queue": TEXT,
    "party": TEXT,
    "member_name": TEXT,
    "kind": TEXT,
    "reason": TEXT,
    "started_at": MOMENT,
    "ended_at": MOMENT,
    "events": POSITIONS,
}
_AMI_EVENT = {
    "pbx": TEXT,
    "sequence": pa.int64(),
    "call_id": TEXT,
    "received_at": MOMENT,
    "event_at": MOMENT,
    "name": TEXT,
    "channels": TEXTS,
    "fields": pa.map_(pa.string(), pa.string()),
}


def fact_tables(facts: Sequence[CallFacts], *, site: Site, source: str) -> dict[str, pa.Table]:
    """Rows of call, leg, queue_visit, transfer, call_interval, recording, call_alias and number.

    Every table of the list is there, if only with no rows. number: one row per distinct outside
    number of these calls, for the store to merge. source: ami, simulator, cdr …
    """
    calls = [fact.call for fact in facts]
    outside = [normalise(call.external_number, site) if _is_outside(call) else None for call in calls]
    return {
        "call": _call_table(calls, facts, outside, site, source),
        "leg": _table(_LEG, _parts(facts, lambda fact: fact.legs)),
        "queue_visit": _table(_QUEUE_VISIT, _parts(facts, lambda fact: fact.queue_visits)),
        "transfer": _table(_TRANSFER, _parts(facts, lambda fact: fact.transfers)),
        "call_interval": _table(_INTERVAL, _parts(facts, lambda fact: fact.intervals)),
        "recording": _recording_table(_parts(facts, lambda fact: fact.recordings)),
        "call_alias": _alias_table(facts),
        "number": number_table(number for number in outside if number is not None),
    }


def number_table(numbers: Iterable[Number]) -> pa.Table:
    """One row per distinct number that is not hidden: the columns of `number` that rules give."""
    distinct: dict[str, Number] = {}
    for number in numbers:
        if number.number is not None:
            distinct.setdefault(number.number, number)
    rows = list(distinct.values())
    return pa.table(
        {
            "number": pa.array([row.number for row in rows], TEXT),
            "raw": pa.array([row.raw for row in rows], TEXT),
            "number_class": pa.array([row.number_class for row in rows], TEXT),
            "country": pa.array([row.country for row in rows], TEXT),
            "region": pa.array([row.region for row in rows], TEXT),
            "rule_version": pa.array([row.rule_version for row in rows], INTEGER),
        }
    )


def gap_table(gaps: Sequence[Gap]) -> pa.Table:
    return _table(_GAP, gaps)


def agent_session_table(sessions: Sequence[AgentSession]) -> pa.Table:
    return _table(_AGENT_SESSION, sessions)


def ami_event_table(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows of ami_event from mappings with its columns; `fields` is a mapping of text to text."""
    columns = {
        name: pa.array([_pairs(row.get(name)) if name == "fields" else row.get(name) for row in rows], kind)
        for name, kind in _AMI_EVENT.items()
    }
    return pa.table(columns)


def _is_outside(call: Call) -> bool:
    return call.external_number is not None


def _call_table(
    calls: Sequence[Call],
    facts: Sequence[CallFacts],
    outside: Sequence[Number | None],
    site: Site,
    source: str,
) -> pa.Table:
    table = _table(_CALL, calls)
    hand_overs = [
        sum(1 for transfer in fact.transfers if transfer.completed and transfer.kind in HAND_OVERS) for fact in facts
    ]
    further = {
        "external_number": pa.array([number and number.number for number in outside], TEXT),
        "external_number_raw": pa.array([call.external_number for call in calls], TEXT),
        "did": pa.array([call.did and normalise(call.did, site).number for call in calls], TEXT),
        "queue": pa.array([call.queues[0] if call.queues else None for call in calls], TEXT),
        "transfer_count": pa.array(hand_overs, INTEGER),
        "recording_count": pa.array([len(fact.recordings) for fact in facts], INTEGER),
        "source": pa.array([source] * len(calls), TEXT),
    }
    for name, column in further.items():
        table = table.append_column(name, column)
    return table


def _recording_table(recordings: Sequence[Recording]) -> pa.Table:
    table = _table(_RECORDING, recordings)
    ids = [f"{recording.call_id}.{recording.position}" for recording in recordings]
    return table.append_column("recording_id", pa.array(ids, TEXT))


def _alias_table(facts: Sequence[CallFacts]) -> pa.Table:
    pairs = [(alias, fact.call.call_id) for fact in facts for alias in fact.aliases]
    return pa.table(
        {
            "alias": pa.array([alias for alias, _ in pairs], TEXT),
            "call_id": pa.array([call_id for _, call_id in pairs], TEXT),
        }
    )


P = TypeVar("P", Leg, QueueVisit, Transfer, Interval, Recording)


def _parts(facts: Sequence[CallFacts], of: Callable[[CallFacts], tuple[P, ...]]) -> list[P]:
    return list(chain.from_iterable(of(fact) for fact in facts))


def _table(shape: Mapping[str, pa.DataType], rows: Sequence[object]) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in shape.items()})


def _pairs(fields: object) -> list[tuple[str, str]]:
    return list(fields.items()) if isinstance(fields, Mapping) else []
