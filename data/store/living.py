"""Replaces what goes on now at one PBX: tables in memory, so that nothing of a former life is taken for true."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from data.store.inserting import insert
from data.store.protocol import LiveTable, Topic

_TOPICS = {LiveTable.CALLS: Topic.LIVE, LiveTable.MEMBERS: Topic.PRESENCE, LiveTable.PHONES: Topic.PRESENCE}


def replace_live(
    cursor: duckdb.DuckDBPyConnection,
    pbx: str,
    rows: pa.Table,
    table: LiveTable,
    if_known: bool,
    touches: dict[Topic, Iterable[str]],
) -> bool:
    """Inside a transaction; whether it was done. touches: receives what the commit is to announce."""
    name = f"live.{table}"  # one of a closed set: an identifier cannot be a parameter
    column = "call_id" if table is LiveTable.CALLS else "pbx"
    known = cursor.execute(f"select {column} from {name} where pbx = $pbx", {"pbx": pbx})  # noqa: S608
    before = known.fetchall()
    if if_known and not before:
        return False
    cursor.execute(f"delete from {name} where pbx = $pbx", {"pbx": pbx})  # noqa: S608
    if rows.num_rows:
        insert(cursor, name, rows)
    if table is LiveTable.CALLS:
        touches[Topic.LIVE] = [call_id for (call_id,) in before] + (
            rows["call_id"].to_pylist() if rows.num_rows else []
        )
    elif table in _TOPICS:
        touches[_TOPICS[table]] = ()
    return True
