"""The store inside the process that owns the file: bounded reads, one writer, notices.

Use it through `opening.open_store`, which takes the lock first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from data.errors import QueryRejected, StoreError
from data.identity.actor import Actor, system
from data.person import Person
from data.settings import Site
from data.store import derive, erasing
from data.store.asked import Asked
from data.store.backup import copy_database, replace_database
from data.store.engine import CATALOG, Engine
from data.store.files import BACKUPS, DATABASE
from data.store.inserting import insert
from data.store.living import replace_live
from data.store.notices import NoticeBoard, Subscription
from data.store.protocol import LiveTable, Notice, Params, Statement, Topic
from data.store.reading import Reading
from data.store.replacing import replace_facts
from data.store.rollup import Rollup
from data.store.statements import NamedStatements, run
from data.store.swapping import Swap
from data.store.tokens import Grant
from data.store.trouble import explain
from data.store.withdrawing import Questions

Cursor = duckdb.DuckDBPyConnection

_ACTOR = system("store")
_REST_S = 1.0  # so long after a write the store counts as idle
_LONGEST_S = 20.0  # so long at most does a busy store put the daily rollup off


class Database:
    """Implements protocol.IngestStore in the owner's process; safe to use from many threads."""

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit: str = "4GB",
        readers: int = 6,
        query_seconds: float = 30.0,
        result_rows: int = 2_000_000,
        result_bytes: int = 1 << 30,
        salt: str = "",
        statements: NamedStatements | None = None,
        site: Site | None = None,
    ) -> None:
        self.path = folder / DATABASE
        self.backups = folder / BACKUPS
        self._statements = statements or NamedStatements()
        self._engine = Engine(path=self.path, backups=self.backups, memory_limit=memory_limit)
        self._read = partial(
            Reading,
            readers=readers,
            query_seconds=query_seconds,
            result_rows=result_rows,
            result_bytes=result_bytes,
            salt=salt,
        )
        self._swap = Swap()
        self._open()
        self._rollup = Rollup((site or Site()).zone)
        self._writing = threading.Lock()
        self._board = NoticeBoard()
        self._asked = Asked(self._note)
        self.questions = Questions()  # of other processes, which may withdraw them
        self._written_at = self._built_at = time.monotonic()
        self._closed = False
        self.is_broken = False  # the database refuses everything until the process starts anew

    def _open(self) -> None:
        self._connection = self._engine.open()
        self._inode = self.path.stat().st_ino
        self._reading = self._read(self._connection)
        self._writer = self._connection.cursor()

    # ------------------------------------------------------------------ reading

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        """The result of one SELECT over all tables; what `actor` may see is for the query to say."""
        with self._swap.using():
            return self._reading.query(sql, params, timeout_s=timeout_s, max_rows=max_rows)

    def query_for(
        self, grant: Grant, sql: str, params: Params | None = None, *, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        """The result of one SELECT of an analyst, who sees nothing but the views made for the grant; see asked.py."""
        try:
            with self._swap.using():
                table = self._reading.query_for(grant, sql, params, timeout_s=timeout_s, max_rows=max_rows)
        except QueryRejected as error:
            self._asked.tell(grant, sql, params, refused=str(error))
            raise
        self._asked.tell(grant, sql, params, rows=table.num_rows)
        return table

    # ------------------------------------------------------------------ writing

    def transact(
        self, statements: Sequence[Statement], *, actor: Actor, touches: Mapping[Topic, Iterable[str]]
    ) -> list[pa.Table]:
        """Run named statements in one transaction; what each returned. All of them, or none."""
        steps = [(step, self._statements.sql(step.name)) for step in statements]
        with self._write(touches) as cursor:
            for step, sql in steps:
                self._rollup.forget_changed_by(cursor, sql, step.params)
            return [run(cursor, step, sql) for step, sql in steps]

    def _note(self, line: Statement) -> None:
        """Add a line of the trail. It is no work that others should wait for."""
        written_at = self._written_at
        self.transact([line], actor=_ACTOR, touches={})
        self._written_at = written_at

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
        """Replace what is stored under the call ids in `tables`; see replacing.py."""
        touches: dict[Topic, Iterable[str]] = {}
        with self._write(touches) as cursor:
            changed = replace_facts(cursor, tables, retracted, self._rollup)
            if changed:
                touches[Topic.CALLS] = changed
            if any(name in tables and tables[name].num_rows for name in ("gap", "agent_session")):
                touches[Topic.LINK] = ()

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool:
        """Replace what goes on at `pbx`, in the store's memory; see protocol.py."""
        written_at, touches = self._written_at, dict[Topic, Iterable[str]]()
        with self._write(touches) as cursor:
            done = replace_live(cursor, pbx, rows, table, if_known, touches)
        self._written_at = written_at  # a pulse each second is no work that others should wait for
        return done

    def append(self, table: str, rows: pa.Table, *, actor: Actor) -> None:
        """Add rows as they are, quickly: for imports, which know that these are new. Then `rederive`."""
        names = {name for (name,) in self._tables()}
        if table not in names:
            raise QueryRejected(f"There is no table {table!r}. These are: {', '.join(sorted(names))}.")
        with self._write({}) as cursor:
            if table == "call":
                self._rollup.forget(cursor, [rows["started_at"]])
            insert(cursor, f'{CATALOG}.main."{table}"', rows)

    def rederive(self, *, actor: Actor) -> None:
        """Bring everything that is derived from several calls up to date, after `append`."""
        with self._write({Topic.CALLS: (), Topic.CLIENTS: ()}) as cursor:
            derive.rederive_all(cursor)
            self._rollup.forget_all(cursor)  # numbers may have got their class only now

    @property
    def is_idle(self) -> bool:
        """Nobody has written for a moment, or they have not left one for long."""
        at = time.monotonic()
        return at - self._written_at > _REST_S or at - self._built_at > _LONGEST_S

    def build_days(self, now: datetime, *, most: int = 31) -> int:
        """Bring the earliest missing days of the daily rollup up to date, at most so many; how many it were."""
        if self._rollup.is_complete(now):
            return 0
        written_at = self._written_at
        try:
            with self._write({}) as cursor:
                built = self._rollup.build(cursor, now, most)
        except StoreError:
            self._rollup.put_off(now)
            raise
        self._written_at, self._built_at = written_at, time.monotonic()
        return built

    @contextmanager
    def _write(self, touches: Mapping[Topic, Iterable[str]]) -> Iterator[Cursor]:
        """The one writer, in a transaction; after the commit the topics of `touches` are announced."""
        with self._reading.write_first(), self._writing:
            self._refuse_lost_file()
            cursor = self._writer
            self._written_at = time.monotonic()
            try:
                cursor.execute("begin transaction")
                try:
                    yield cursor
                    cursor.execute("commit")
                except BaseException:
                    _roll_back(cursor)
                    raise
            except (duckdb.Error, pa.ArrowException) as error:
                self.is_broken |= isinstance(error, duckdb.FatalException)
                raise explain(error) from error
            self._board.publish(touches)

    def _refuse_lost_file(self) -> None:
        if self._closed:
            raise StoreError(f"The store of {self.path.parent} is closed.")
        try:
            same = self.path.stat().st_ino == self._inode  # asks for the name; never opens the file
        except FileNotFoundError:
            same = False
        if not same:
            raise StoreError(
                f"{self.path} was removed or replaced under the running store; this write was refused. "
                "Make a backup now (the store still has all data), stop the store, and restore that backup."
            )

    # ------------------------------------------------------------------ notices, care

    def notices(self, topics: Sequence[Topic]) -> Iterator[Notice]:
        """Endless, until the database is closed."""
        with self.subscribed(topics) as subscription:
            yield from subscription

    @contextmanager
    def subscribed(self, topics: Sequence[Topic]) -> Iterator[Subscription]:
        subscription = self._board.subscribe(topics)
        try:
            yield subscription
        finally:
            self._board.unsubscribe(subscription)

    def announce(self, topic: Topic) -> None:
        """Tell listeners that something of `topic` changed that is no row."""
        self._board.publish({topic: ()})

    def backup(self, *, actor: Actor) -> Path:
        """A consistent copy in `backups/`, made while reads and writes go on."""
        with self._swap.using():
            try:
                return copy_database(self._connection, self.backups, [name for (name,) in self._tables()])
            except duckdb.Error as error:
                raise explain(error) from error

    def erasable(self, person: Person, *, actor: Actor) -> dict[str, int]:
        """What an erasure of `person` would meet, by kind of row."""
        with self._write({}) as cursor:
            return erasing.count(cursor, person)

    def erase(self, person: Person, *, actor: Actor) -> tuple[dict[str, int], list[str]]:
        """Take `person` out of all tables; rows met by kind, and files of messages that nobody else's name.

        What was deleted stays in the file until `rewrite`.
        """
        changed = (Topic.CALLS, Topic.CLIENTS, Topic.COMMENTS, Topic.LEADS, Topic.TASKS, Topic.CHATS)
        with self._write(dict.fromkeys(changed, ())) as cursor:
            return erasing.erase(cursor, person)

    def rewrite(self, *, actor: Actor) -> None:
        """Put a fresh file in the place of the database: nothing that was deleted or changed stays in it.

        Writes wait while it is copied, reads only for the moment of the swap. Raises StoreError (DiskFull)
        and goes on with the file as it was.
        """
        with self._writing:
            self._refuse_lost_file()
            fresh = self.backup(actor=actor)
            try:
                self._put_in_place(fresh)
            finally:
                fresh.unlink(missing_ok=True)

    def _put_in_place(self, fresh: Path) -> None:
        with self._swap.empty():
            running = self._writer.execute("from live.live_call").to_arrow_table()
            self._reading.close()
            self._writer.close()
            self._connection.close()
            try:
                replace_database(self.path, fresh)
            finally:
                self._open()
            if running.num_rows:
                insert(self._writer, "live.live_call", running)

    def stats(self) -> dict[str, object]:
        """What operation wants to know."""
        return {
            "path": str(self.path),
            "readers_busy": self._reading.busy,
            "topics": {topic.value: number for topic, number in self._board.numbers().items()},
        }

    def close(self) -> None:
        """End subscriptions and running statements, and write everything into the file."""
        if self._closed:
            return
        self._board.close()
        with self._writing:
            self._closed = True
            self._reading.close()
            self._writer.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tables(self) -> list[tuple[str]]:
        with self._swap.using(), self._connection.cursor() as cursor:
            sql = "select table_name from duckdb_tables() where database_name = $name and schema_name = 'main'"
            return cursor.execute(sql, {"name": CATALOG}).fetchall()


def _roll_back(cursor: Cursor) -> None:
    try:
        cursor.execute("rollback")
    except duckdb.Error:  # a failed commit has ended the transaction already
        return
