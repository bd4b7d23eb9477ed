"""Puts Arrow rows into a table, few or many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

Cursor = duckdb.DuckDBPyConnection

# Setting up a scan of Arrow data costs milliseconds; so few rows are quicker as one parameter.
_FEW = 64


def insert(cursor: Cursor, table: str, rows: pa.Table) -> None:
    """Add `rows`; columns that they lack get their default. table: a name from our own code."""
    if rows.num_rows <= _FEW and not any(pa.types.is_map(column.type) for column in rows.schema):
        cursor.execute(
            f"insert into {table} by name select unnest(row) from (select unnest($rows) as row)",  # noqa: S608
            {"rows": rows.to_pylist()},
        )
        return
    with registered(cursor, rows):
        cursor.execute(f"insert into {table} by name select * from incoming")  # noqa: S608


@contextmanager
def registered(cursor: Cursor, rows: pa.Table) -> Iterator[None]:
    """Let statements of `cursor` read `rows` as the table `incoming`."""
    cursor.register("incoming", rows)
    try:
        yield
    finally:
        cursor.unregister("incoming")
