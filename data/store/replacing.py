"""Puts facts in the place of what is stored under the same ids, inside one transaction.

Rows are found without an index: a stored call started about when its new facts say, so that
only the row groups of that time are read. Everything people added to a call that was merged
away (comments, tags, leads, tasks) moves to the call that took it over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import QueryRejected
from data.store import derive
from data.store.inserting import insert, registered
from data.store.rollup import Rollup
from data.store.sql import own_sql

Cursor = duckdb.DuckDBPyConnection

# Tables of which a call owns its rows, each with the column by which its row groups are sorted.
_OWNED = {
    "call": "started_at",
    "leg": "started_at",
    "queue_visit": "entered_at",
    "transfer": "transferred_at",
    "call_interval": "started_at",
    "recording": "started_at",
}
FACT_TABLES = frozenset(_OWNED) | {"call_alias", "ami_event", "number", "gap", "agent_session"}

# Newer facts of a call may move its start by seconds; clocks of a PBX may step by hours.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Period:
    """The time in which rows lie."""

    from_at: datetime = datetime(1, 1, 2, tzinfo=UTC)
    until_at: datetime = datetime(9999, 12, 30, tzinfo=UTC)

    @classmethod
    def around(cls, starts: pa.ChunkedArray, ends: pa.ChunkedArray) -> _Period:
        return cls(pc.min(starts).as_py() - _MARGIN, pc.max(ends).as_py() + _MARGIN)

    def params(self) -> dict[str, object]:
        return {"from_at": self.from_at, "until_at": self.until_at}


def replace_facts(
    cursor: Cursor, tables: Mapping[str, pa.Table], retracted: Sequence[str], rollup: Rollup
) -> list[str]:
    """Write them; the ids of all calls that changed. The caller begins and commits."""
    if unknown := sorted(set(tables) - FACT_TABLES):
        raise QueryRejected(f"{unknown[0]!r} is no table of facts. These are: {', '.join(sorted(FACT_TABLES))}.")
    rows = {name: table for name, table in tables.items() if table.num_rows}
    written = _column(rows, "call", "call_id")
    _refuse_orphans(rows, written)
    gone = sorted({*retracted, *_column(rows, "call_alias", "alias")} - set(written))
    if written or gone:
        _replace_calls(cursor, rows, written, gone, rollup)
    _replace_by_position(cursor, rows)
    return [*written, *gone]


def _replace_calls(
    cursor: Cursor, rows: Mapping[str, pa.Table], written: list[str], gone: list[str], rollup: Rollup
) -> None:
    former, period = _stored(cursor, rows, written, gone)
    stored = former["call_id"].to_pylist()
    rollup.forget(cursor, [calls["started_at"] for calls in (former, rows.get("call")) if calls is not None])
    where = {**period.params(), "call_ids": stored}
    if stored:
        derive.forget(cursor, stored)
        cursor.execute(own_sql("keep_recordings"), where)
        for name, column in _OWNED.items():
            cursor.execute(_delete_owned(name, column), where)
    for name in _OWNED:
        if name in rows:
            insert(cursor, name, rows[name])
    if stored:
        cursor.execute(own_sql("restore_recordings"), period.params())
    _replace_aliases(cursor, rows, [*written, *gone])
    if gone:
        _move_what_hangs_on(cursor, gone, period)
    if written or stored:
        derive.apply(cursor, written, rows.get("number"))


def _stored(
    cursor: Cursor, rows: Mapping[str, pa.Table], written: list[str], gone: list[str]
) -> tuple[pa.Table, _Period]:
    """The stored calls that are replaced or go away, and the time in which all their rows lie."""
    calls = rows.get("call")
    near = _Period() if calls is None else _Period.around(calls["started_at"], calls["started_at"])
    found = [_look_up(cursor, [*written, *gone], near)]
    # The new facts tell when a replaced call began, but not when one did that goes away.
    if calls is not None and (far := sorted(set(gone) - set(found[0]["call_id"].to_pylist()))):
        found.append(_look_up(cursor, far, _Period()))
    stored = pa.concat_tables(found)
    if not stored.num_rows:
        return stored, _Period()
    return stored, _Period.around(stored["started_at"], stored["ended_at"])


def _look_up(cursor: Cursor, call_ids: list[str], period: _Period) -> pa.Table:
    return cursor.execute(own_sql("stored_calls"), {**period.params(), "call_ids": call_ids}).to_arrow_table()


def _replace_aliases(cursor: Cursor, rows: Mapping[str, pa.Table], call_ids: list[str]) -> None:
    if cursor.execute(own_sql("known_aliases"), {"call_ids": call_ids}).fetchone() is not None:
        cursor.execute(own_sql("forget_aliases"), {"call_ids": call_ids})
    if "call_alias" in rows:
        with registered(cursor, rows["call_alias"]):
            cursor.execute(own_sql("follow_aliases"))
        insert(cursor, "call_alias", rows["call_alias"])


def _move_what_hangs_on(cursor: Cursor, gone: list[str], period: _Period) -> None:
    cursor.execute(own_sql("moved_calls"), {"call_ids": gone})
    cursor.execute(own_sql("move_events"), period.params())
    cursor.execute(own_sql("drop_events"), {**period.params(), "call_ids": gone})
    join = ("join_comment_history", "join_comments", "drop_joined_comments")
    # Of several commented calls that became one, the first comment moves; then the rest join it.
    for step in (*join, "move_comments", *join, "move_leads", "move_tasks", "move_tags", "drop_moved_tags"):
        cursor.execute(own_sql(step))


def _replace_by_position(cursor: Cursor, rows: Mapping[str, pa.Table]) -> None:
    """Rows that are the same when they come from the same place, whatever call they belong to."""
    for name, make_room in (("ami_event", "replace_events"), ("agent_session", "replace_agent_sessions")):
        if name in rows:
            with registered(cursor, rows[name]):
                cursor.execute(own_sql(make_room))
            insert(cursor, name, rows[name])
    if "gap" in rows:
        with registered(cursor, rows["gap"]):
            cursor.execute(own_sql("update_gaps"))
            cursor.execute(own_sql("insert_gaps"))


def _refuse_orphans(rows: Mapping[str, pa.Table], written: list[str]) -> None:
    if len(set(written)) != len(written):
        raise QueryRejected("A call is in the batch twice. Send only its newest facts.")
    for name in _OWNED:
        if orphans := sorted(set(_column(rows, name, "call_id")) - set(written)):
            raise QueryRejected(
                f"A row of {name} belongs to call {orphans[0]}, which is not in the batch. "
                "Facts of a call are replaced together: send all of them."
            )


def _column(rows: Mapping[str, pa.Table], table: str, column: str) -> list[str]:
    return rows[table][column].to_pylist() if table in rows else []


def _delete_owned(table: str, column: str) -> str:
    # A table's name cannot be a parameter; these come from the tuple above, never from outside.
    return (
        f"delete from {table} where {column} >= $from_at and {column} < $until_at "  # noqa: S608
        "and list_contains($call_ids::varchar[], call_id)"
    )
