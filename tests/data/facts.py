"""Small batches of facts, as ingest sends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from data.identity.actor import system
from data.store.protocol import Store

INGEST = system("ingest")
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXTS = pa.list_(pa.string())


def call_row(call_id: str, at_s: float = 0.0, **changes: Any) -> dict[str, Any]:
    """A row of `call`: a customer who was missed, `at_s` after eight in the morning."""
    started_at = MORNING + timedelta(seconds=at_s)
    row: dict[str, Any] = {
        "call_id": call_id,
        "pbx": "pbx",
        "direction": "inbound",
        "outcome": "missed",
        "external_number": "79161234567",
        "answered_by": [],
        "rang": ["201"],
        "employees": ["201"],
        "queues": [],
        "started_at": started_at,
        "ended_at": started_at + timedelta(seconds=30),
        "talk_s": 0.0,
        "hold_s": 0.0,
        "duration_s": 30.0,
        "transfer_count": 0,
        "recording_count": 0,
        "incomplete": False,
        "channels": [call_id],
        "rule_version": 1,
        "source": "ami",
        "events": [1, 2],
    }
    return row | changes


def leg_row(call_id: str, position: int = 1, at_s: float = 0.0, **changes: Any) -> dict[str, Any]:
    started_at = MORNING + timedelta(seconds=at_s)
    row: dict[str, Any] = {
        "call_id": call_id,
        "position": position,
        "role": "party",
        "party": "201",
        "result": "no_answer",
        "started_at": started_at,
        "ended_at": started_at + timedelta(seconds=30),
        "ring_s": 30.0,
        "talk_s": 0.0,
        "hold_s": 0.0,
        "events": [2],
    }
    return row | changes


def recording_row(call_id: str, file: str, at_s: float = 0.0) -> dict[str, Any]:
    return {
        "recording_id": f"{call_id}.1",
        "call_id": call_id,
        "position": 1,
        "file": file,
        "heard": ["201"],
        "started_at": MORNING + timedelta(seconds=at_s),
        "events": [],
    }


def event_row(sequence: int, call_id: str | None = None, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "pbx": "pbx",
        "sequence": sequence,
        "call_id": call_id,
        "received_at": MORNING,
        "name": "Hangup",
        "channels": ["1.1"],
        "fields": [("CallerIDNum", "79161234567")],
    }
    return row | changes


EVENT_SCHEMA = pa.schema(
    {
        "pbx": pa.string(),
        "sequence": pa.int64(),
        "call_id": pa.string(),
        "received_at": pa.timestamp("us", tz="UTC"),
        "name": pa.string(),
        "channels": TEXTS,
        "fields": pa.map_(pa.string(), pa.string()),
    }
)


def aliases(**survivors: str) -> pa.Table:
    """Rows of `call_alias`: alias=survivor."""
    return pa.table({"alias": list(survivors), "call_id": list(survivors.values())})


def batch(calls: Sequence[dict[str, Any]], **tables: Sequence[dict[str, Any]]) -> dict[str, pa.Table]:
    """Tables of facts from rows."""
    return {name: _table(rows) for name, rows in {"call": calls, **tables}.items() if rows}


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.Table.from_pylist([dict.fromkeys(names) | row for row in rows])


def rows_of(store: Store, sql: str, **params: object) -> list[dict[str, Any]]:
    return store.query(sql, params, actor=INGEST).to_pylist()


def ids_of(store: Store) -> list[str]:
    return [row["call_id"] for row in rows_of(store, "select call_id from call order by call_id")]
