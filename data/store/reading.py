"""Answers queries: behind the walls, in a bounded pool, within limits of time and size."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock

import duckdb
import pyarrow as pa

from data.errors import NotAllowed, QueryTooLong, StoreUnavailable
from data.store.protocol import Params
from data.store.readers import Alarm, Readers, Watchdog
from data.store.tokens import Grant
from data.store.trouble import explain
from data.store.views import FULL, MASKED, create_views, fence, restrict
from data.store.walls import Fence, Walls
from data.store.wire import bound
from data.store.withdrawing import stoppable, withdrawn

Cursor = duckdb.DuckDBPyConnection

_BATCH_ROWS = 50_000


class Reading:
    """All reads of one database."""

    def __init__(
        self,
        connection: Cursor,
        *,
        readers: int,
        query_seconds: float,
        result_rows: int,
        result_bytes: int,
        salt: str,
    ) -> None:
        self._connection = connection
        self._query_seconds, self._result_rows, self._result_bytes = query_seconds, result_rows, result_bytes
        self._salt = salt
        self._readers = Readers(connection, readers)
        self._watchdog = Watchdog()
        self._walls = Walls(connection)
        self._fences: dict[str, Fence] = {}
        self._making_views = Lock()
        self._closed = False
        self.write_first = self._readers.write_first

    @property
    def busy(self) -> int:
        return self._readers.busy

    def close(self) -> None:
        """Stop what runs and close all cursors."""
        self._closed = True
        self._watchdog.ring_all()
        self._readers.close()
        self._watchdog.close()
        self._walls.close()

    def query(self, sql: str, params: Params | None, *, timeout_s: float, max_rows: int) -> pa.Table:
        """The result of one SELECT over all tables; what `actor` may see is for the query to say."""
        self._refuse_closed()
        self._walls.check(sql, None)
        seconds = min(timeout_s, self._query_seconds)
        with self._readers.reading(seconds) as cursor:
            return self._read(cursor, sql, params, seconds, max_rows)

    def query_for(self, grant: Grant, sql: str, params: Params | None, *, timeout_s: float, max_rows: int) -> pa.Table:
        """The result of one SELECT of an analyst, who sees nothing but the views made for the grant."""
        if grant.actor is None:
            raise NotAllowed("This token belongs to nobody. Ask the administrator for a new one.")
        self._refuse_closed()
        schema = MASKED if grant.masked else FULL
        self._walls.check(sql, self.fence(schema))
        seconds = min(timeout_s, self._query_seconds)
        # A cursor of its own for every query: nothing that one analyst set can reach the next.
        with self._readers.reading(seconds), self._connection.cursor() as cursor:
            restrict(cursor, schema, grant.actor, self._salt)
            return self._read(cursor, sql, params, seconds, max_rows)

    def fence(self, schema: str) -> Fence:
        """What an analyst may name. The views are made for the first one who asks: they take half of a start."""
        with self._making_views:
            if not self._fences:
                create_views(self._connection)
                self._fences = {name: fence(self._connection, name) for name in (FULL, MASKED)}
        return self._fences[schema]

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable("The store is stopping. Try again later.")

    def _read(self, cursor: Cursor, sql: str, params: Params | None, seconds: float, max_rows: int) -> pa.Table:
        try:
            with self._watchdog.limit(cursor, seconds) as alarm, stoppable(lambda: self._watchdog.withdraw(alarm)):
                return self._ask(cursor, alarm, sql, params, seconds, max_rows)
        finally:
            # Where no interrupt reaches it: an interrupted rollback leaves its cursor in a failed transaction for good.
            with suppress(duckdb.TransactionException):  # there is none where its beginning was interrupted
                cursor.execute("rollback")

    def _ask(
        self, cursor: Cursor, alarm: Alarm, sql: str, params: Params | None, seconds: float, max_rows: int
    ) -> pa.Table:
        try:
            cursor.execute("begin transaction read only")
            cursor.execute(sql, bound(params))
            return self._collect(cursor, min(max_rows, self._result_rows))
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if alarm.withdrawn:
                raise withdrawn() from None
            if alarm.rang:
                raise QueryTooLong(
                    f"The query was stopped after {seconds:g} s. Ask for a shorter period, or for fewer rows."
                ) from None
            raise explain(error) from error

    def _collect(self, cursor: Cursor, max_rows: int) -> pa.Table:
        """All batches of the running statement, unless they are too many."""
        reader = cursor.to_arrow_reader(_BATCH_ROWS)
        batches, rows, size = [], 0, 0
        for batch in reader:
            batches.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
            if rows > max_rows or size > self._result_bytes:
                limit = f"{max_rows} rows" if rows > max_rows else f"{self._result_bytes >> 20} MB"
                raise QueryTooLong(f"The result has more than {limit}. Narrow the filter, or aggregate in the query.")
        return pa.Table.from_batches(batches, reader.schema)
