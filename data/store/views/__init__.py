"""The views that analysts see instead of the tables: the same names, so the same SQL works.

`full` has the rows that belong to the analyst's scope; `masked` is made from it, without numbers,
names and the fields of events. Numbers become pseudonyms, so that they can still be joined and
counted. Rows and pseudonyms follow variables of the reading connection; without them there are none.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from data.identity.actor import Actor
from data.store.walls import Fence

FULL = "full"
MASKED = "masked"
WITHHELD = frozenset(
    {
        "account_distinct",
        "account_merge",
        "audit",
        "backup",
        "callback",
        "canned_reply",
        "chat_automation",
        "chat_seen",
        "contact_gone",
        "erasure",
        "held_call",
        "hook_event",
        "legal_hold",
        "message_change",
        "message_template",
        "messenger_account",
        "orphan_file",
        "outbox",
        "retention_rule",
        "saved_view",
        "schema_version",
    }
)  # of no analyst's business


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make both schemas in the attached catalog `reader`."""
    cursor = connection.cursor()
    cursor.execute("use reader")
    cursor.execute("create schema secret")
    for name in (FULL, MASKED):
        cursor.execute((Path(__file__).parent / f"{name}.sql").read_text("utf-8"))
    cursor.close()


def fence(connection: duckdb.DuckDBPyConnection, schema: str) -> Fence:
    """What can be named in `schema`, and every other relation of the process."""
    cursor = connection.cursor()
    rows = cursor.execute(
        """
        select database_name, schema_name, view_name as name from duckdb_views()
        union all
        select database_name, schema_name, table_name as name from duckdb_tables()
        """
    ).fetchall()
    cursor.close()
    visible = frozenset(row[2].lower() for row in rows if row[:2] == ("reader", schema))
    return Fence(visible, frozenset(row[2].lower() for row in rows) - visible)


def restrict(cursor: duckdb.DuckDBPyConnection, schema: str, actor: Actor, salt: str) -> None:
    """Let a fresh cursor see the views of `schema` only, with the rows of the actor's scope."""
    cursor.execute(f"use reader.{schema}")  # an identifier of ours: it cannot be a parameter
    cursor.execute("set variable every_row = $every", {"every": actor.sees_all})
    cursor.execute("set variable extensions = $extensions::varchar[]", {"extensions": sorted(actor.seen)})
    cursor.execute("set variable salt = $salt", {"salt": salt})
