"""What calls say about each other: the distinct numbers, first calls, and next conversations.

Run by the store inside its write transaction:

    forget(cursor, call_ids)            before rows of these calls are deleted (replaced or retracted)
    apply(cursor, call_ids, numbers)    after the new rows of `call` were inserted;
                                        numbers: the rows of fact_tables(...)["number"]
    rederive_all(cursor)                instead of both, after a bulk load

A live batch looks only at the calls that can change: open misses of its numbers, found by the
moments kept in `number`. Numbers that lost a call are derived anew from all their calls, by the
same statements as everything after a bulk load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import duckdb
import pyarrow as pa

from data.facts import number_table
from data.phone import classify
from data.queries import read

_SPANS = 32  # reading so many row groups costs about as much as reading ten million calls


def forget(cursor: duckdb.DuckDBPyConnection, call_ids: Sequence[str]) -> None:
    """Note what the number table must unlearn when the rows of `call_ids` disappear."""
    cursor.execute(read("derive/forgotten"))
    cursor.execute(read("derive/forget"), {"call_ids": list(call_ids)})


def apply(cursor: duckdb.DuckDBPyConnection, call_ids: Sequence[str], numbers: pa.Table | None = None) -> None:
    """Bring number, first_of_number and contact_after_at up to date after `call_ids` were written."""
    cursor.execute(read("derive/forgotten"))
    cursor.execute(read("derive/fresh"), {"call_ids": list(call_ids)})
    cursor.execute(read("derive/known"))
    cursor.execute(read("derive/stale"))
    cursor.execute("delete from forgotten")
    cursor.execute(read("derive/touched"))
    if _exists(cursor, "touched"):
        _derive_touched(cursor)
        _insert_unknown(cursor, "number_unknown", "number_insert_seen", numbers)
    if _exists(cursor, "stale"):
        _derive_stale(cursor)


def rederive_all(cursor: duckdb.DuckDBPyConnection) -> None:
    """Derive everything anew from the call table."""
    _insert_unknown(cursor, "number_unknown_all", "number_insert", None)
    cursor.execute(read("derive/everything_stale"))
    _derive_stale(cursor)


def _insert_unknown(cursor: duckdb.DuckDBPyConnection, unknown: str, insert: str, numbers: pa.Table | None) -> None:
    """Add the numbers that the table lacks; those not described in `numbers` are classified here."""
    described = {row["number"]: row for row in numbers.to_pylist()} if numbers is not None else {}
    rows = cursor.execute(read(f"derive/{unknown}")).fetchall()
    if not rows:
        return
    classified = number_table(
        replace(classify(number), raw=raw or number) for number, raw in rows if number not in described
    )
    found = pa.Table.from_pylist([described[number] for number, _ in rows if number in described], classified.schema)
    cursor.register("new_number", pa.concat_tables([classified, found]))
    cursor.execute(read(f"derive/{insert}"))
    cursor.unregister("new_number")


def _derive_touched(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(read("derive/bounds"))
    names = [column[0] for column in cursor.description or ()]
    bounds = dict(zip(names, cursor.fetchone() or (), strict=True))

    def run(statement: str, *params: str) -> None:
        cursor.execute(read(f"derive/{statement}"), {name: bounds[name] for name in params})

    run("talks", "ended_after")
    run("contact_of_fresh", "fresh_from")
    for missed_from, missed_until in _open_spans(cursor):
        cursor.execute(read("derive/contact_of_open"), {"missed_from": missed_from, "missed_until": missed_until})
    if bounds["closed_after"] is not None:
        run("contact_of_closed", "closed_after")
    if bounds["first_from"] is not None:
        run("first_dethroned", "first_from")
    run("open_misses", "open_from")
    run("seen")
    run("number_seen")


def _open_spans(cursor: duckdb.DuckDBPyConnection) -> list[tuple[datetime, datetime]]:
    """Times to look for open misses in: few short ones, each read for itself, else one that holds all."""
    spans = cursor.execute(read("derive/open_spans")).fetchall()
    if len(spans) <= _SPANS:
        return spans
    return [(min(first for first, _ in spans), max(last for _, last in spans))]


def _derive_stale(cursor: duckdb.DuckDBPyConnection) -> None:
    for statement in ("stale_calls", "stale_correct", "stale_numbers", "stale_numbers_out", "stale_numbers_in"):
        cursor.execute(read(f"derive/{statement}"))


def _exists(cursor: duckdb.DuckDBPyConnection, table: str) -> bool:
    return cursor.table(table).limit(1).fetchone() is not None
