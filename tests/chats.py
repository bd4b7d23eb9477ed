"""One database for all tests of chats of a module: opening a fresh one costs half a second each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.store.database import Database

_TABLES = (
    "chat",
    "message",
    "message_change",
    "message_template",
    "messenger_account",
    "chat_event",
    "hook_event",
    "outbox",
    "audit",
    "account",
    "contact",
    "employee",
    "phone_assignment",
    "number",
)


@contextmanager
def chat_database(folder: Path) -> Iterator[Database]:
    """A fresh database, closed with the block."""
    with Database(folder / "var", memory_limit="512MB", readers=2, salt="salt") as database:
        yield database


def emptied(database: Database) -> Database:
    """The same, without what another test left."""
    for table in _TABLES:
        database._writer.execute(f"delete from {table}")
    return database
