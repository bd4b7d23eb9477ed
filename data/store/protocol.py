"""What the rest of the product asks of the store, whichever way leads to it.

`client.StoreClient` (Arrow Flight) and `database.Database` (in the owner's process) both are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from data.identity.actor import Actor
from data.person import Person

Params = Mapping[str, object]


class Topic(StrEnum):
    """What a commit touched; each topic has its own running number."""

    CALLS = "calls"
    LIVE = "live"
    PRESENCE = "presence"  # who is logged in to queues, paused, on the phone
    CLIENTS = "clients"
    COMMENTS = "comments"
    LEADS = "leads"
    TASKS = "tasks"
    CALLBACKS = "callbacks"  # what people do about missed callers
    CHATS = "chats"
    OUTBOX = "outbox"
    DIRECTORY = "directory"
    LINK = "link"  # the state of the link to a PBX or messenger
    HOOKS = "hooks"  # deliveries of messengers that nobody read yet, and changed accounts of them


class LiveTable(StrEnum):
    """What goes on now, table by table (store/sql/live.sql)."""

    CALLS = "live_call"
    MEMBERS = "live_member"
    PHONES = "live_phone"
    LINK = "live_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A hint that something changed, never data."""

    topic: Topic
    number: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One step of a transaction: a statement of `data/queries/write/` by its file's name.

    expect_rows: how many rows it must return or change, else everything is rolled back and
    Conflict is raised; None: any number.
    """

    name: str
    params: Params = field(default_factory=dict)
    expect_rows: int | None = None


class Store(Protocol):
    """Reads by one SELECT, writes by facts (ingest) or named statements (people's actions)."""

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        """The result of one SELECT with $named parameters.

        Raises QueryRejected, QueryTooLong, NotAllowed, StoreUnavailable.
        """
        ...

    def transact(
        self, statements: Sequence[Statement], *, actor: Actor, touches: Mapping[Topic, Iterable[str]]
    ) -> list[pa.Table]:
        """Run named statements in one transaction; what each returned.

        touches: topics (and ids) to announce after the commit. Raises Conflict, NotAllowed.
        """
        ...

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
        """Replace what is stored under the call ids in `tables` by their rows, in one transaction.

        tables: table name -> rows (columns as in the schema; missing ones get their default).
        retracted: call ids whose rows disappear. Idempotent. Raises NotAllowed unless `rw`.
        """
        ...

    def notices(self, topics: Sequence[Topic]) -> Iterator[Notice]:
        """Endless: a notice for every commit that touches a topic, beginning with the present numbers."""
        ...


class IngestStore(Store, Protocol):
    """What ingest, imports and the command line ask beyond that; needs the `rw` token."""

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool:
        """Replace the rows of `pbx` in a table of what goes on now; whether that was done.

        These live in the store's memory: after a restart of the store they are gone. if_known: only where the
        store still has rows of `pbx` in that table.
        """
        ...

    def append(self, table: str, rows: pa.Table, *, actor: Actor) -> None:
        """Add rows as they are, quickly; the caller knows that they are new. `rederive` must follow."""
        ...

    def rederive(self, *, actor: Actor) -> None:
        """Derive anew what depends on several calls, after `append`."""
        ...

    def backup(self, *, actor: Actor) -> Path:
        """A consistent copy, proved by reading it: a file in `backups/` of the data folder of the store."""
        ...

    def erasable(self, person: Person, *, actor: Actor) -> dict[str, int]:
        """What an erasure of `person` would meet, by kind of row."""
        ...

    def erase(self, person: Person, *, actor: Actor) -> tuple[dict[str, int], list[str]]:
        """Take `person` out of all tables; rows met by kind, and media files that nobody else's message names."""
        ...

    def rewrite(self, *, actor: Actor) -> None:
        """Put a fresh file in the place of the database, in which nothing that was deleted stays. Raises StoreError."""
        ...
