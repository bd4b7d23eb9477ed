"""The way to a store in another process: the same methods, over Arrow Flight.

A client connects when it is first used, so that processes can be forked before. It finds a store
that came back on another port by itself.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.flight as flight

from data.errors import StoreError, StoreUnavailable
from data.identity.actor import Actor
from data.person import Person
from data.settings import Settings
from data.store.link import Link
from data.store.locating import Endpoint, LocalStore, Locate
from data.store.protocol import LiveTable, Notice, Params, Statement, Topic
from data.store.tokens import TokenKind
from data.store.wire import pack_actor, pack_params, pack_tables, unpack_tables
from data.store.withdrawing import new_key, stoppable

_WRITE_S = 60.0
_BULK_S = 3600.0
_SILENCE_S = 7.0  # without a heartbeat for so long, the link is lost
_GRACE_S = 5.0  # the store keeps the time of a query itself; this at most is for the way there and back


def grace_s(timeout_s: float) -> float:
    """How long to wait for an answer beyond the time of its query.

    As long again as the query may take: who asks with one second to hear whether the store is there at all
    wants to know soon when it says nothing.
    """
    return min(_GRACE_S, max(1.0, timeout_s))


class StoreClient:
    """Implements protocol.IngestStore; safe to use from many threads."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._link = Link(locate)

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        key = new_key()
        request = {
            "key": key,
            "sql": sql,
            "params": pack_params(params),
            "actor": pack_actor(actor),
            "timeout_s": timeout_s,
            "max_rows": max_rows,
        }
        ticket = flight.Ticket(json.dumps(request))

        def ask() -> pa.Table:
            seconds = timeout_s + grace_s(timeout_s)
            with self._link.calling(seconds) as (client, options), stoppable(lambda: self._withdraw(key)):
                return client.do_get(ticket, options).read_all()

        try:
            return ask()
        except StoreUnavailable:  # it may have come back meanwhile, and reading twice does no harm
            return ask()

    def transact(
        self, statements: Sequence[Statement], *, actor: Actor, touches: Mapping[Topic, Iterable[str]]
    ) -> list[pa.Table]:
        steps = [
            {"name": step.name, "params": pack_params(step.params), "expect_rows": step.expect_rows}
            for step in statements
        ]
        announced = {Topic(topic).value: list(ids) for topic, ids in touches.items()}
        answer = self._act("transact", {"statements": steps, "touches": announced}, actor=actor)
        return unpack_tables(answer)[1]

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
        head = {"tables": list(tables), "retracted": list(retracted)}
        self._act("facts", head, list(tables.values()), actor=actor)

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool:
        head = {"pbx": pbx, "table": table.value, "if_known": if_known}
        return bool(json.loads(self._act("live", head, [rows], actor=actor)))

    def append(self, table: str, rows: pa.Table, *, actor: Actor) -> None:
        command = json.dumps({"table": table, "actor": pack_actor(actor)})
        descriptor = flight.FlightDescriptor.for_command(command)
        with self._link.calling(_BULK_S) as (client, options):
            writer, answers = client.do_put(descriptor, rows.schema, options)
            with writer:
                writer.write_table(rows)
                writer.done_writing()
                answers.read()  # waits until the rows are stored

    def rederive(self, *, actor: Actor) -> None:
        self._act("rederive", {}, actor=actor, timeout_s=_BULK_S)

    def backup(self, *, actor: Actor) -> Path:
        return Path(self._act("backup", {}, actor=actor, timeout_s=_BULK_S).decode())

    def erasable(self, person: Person, *, actor: Actor) -> dict[str, int]:
        answer: dict[str, int] = json.loads(self._act("erasable", {"person": person.as_json()}, actor=actor))
        return answer

    def erase(self, person: Person, *, actor: Actor) -> tuple[dict[str, int], list[str]]:
        answer = json.loads(self._act("erase", {"person": person.as_json()}, actor=actor, timeout_s=_BULK_S))
        return answer["counts"], answer["media"]

    def rewrite(self, *, actor: Actor) -> None:
        self._act("rewrite", {}, actor=actor, timeout_s=_BULK_S)

    def stats(self, *, timeout_s: float = 5.0) -> dict[str, Any]:
        """What the store tells of itself. Raises StoreUnavailable where nobody answers."""
        answer: dict[str, Any] = json.loads(self._act("stats", {}, timeout_s=timeout_s))
        return answer

    def is_ready(self, timeout_s: float = 2.0) -> bool:
        """The store answers, and knows the token."""
        try:
            self._act("health", {}, timeout_s=timeout_s)
        except StoreUnavailable:
            return False
        return True

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the store answers; False if it does not in time."""
        end = time.monotonic() + timeout_s
        while not self.is_ready():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def notices(self, topics: Sequence[Topic]) -> Iterator[Notice]:
        """Notices until the link is lost, which raises StoreUnavailable, or the client is closed.

        After a loss ask again: the first notices are the present numbers, which tell what was missed.
        """
        ticket = flight.Ticket(json.dumps({"notices": [Topic(topic).value for topic in topics]}))
        with self._link.calling(None) as (client, options):
            reader = client.do_get(ticket, options)
            try:
                while (batch := _next_batch(reader)) is not None:
                    for row in batch.to_pylist():
                        yield Notice(topic=Topic(row["topic"]), number=row["number"], ids=tuple(row["ids"]))
            finally:
                reader.cancel()
        raise StoreUnavailable(f"The store at {self._locate().url} stops. The link is made again by itself.")

    def close(self) -> None:
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _withdraw(self, key: str | None) -> None:
        with suppress(StoreError):  # a query that cannot be stopped ends by itself
            self._act("withdraw", {"key": key}, timeout_s=_GRACE_S)

    def _act(
        self,
        kind: str,
        head: Mapping[str, object],
        tables: Sequence[pa.Table] = (),
        *,
        actor: Actor | None = None,
        timeout_s: float = _WRITE_S,
    ) -> bytes:
        whole = {**head, "actor": pack_actor(actor)} if actor is not None else head
        action = flight.Action(kind, pack_tables(whole, tables))
        with self._link.calling(timeout_s) as (client, options):
            (result,) = client.do_action(action, options)
            return result.body.to_pybytes()


def client_of(settings: Settings, kind: TokenKind) -> StoreClient:
    """A client of the store at `store.url`, else of the one that runs on the data folder."""
    store = settings.store
    if store.url is not None:
        token = store.token.get_secret_value() if store.token else ""
        certificate = store.tls_certificate.read_bytes() if store.tls_certificate else None
        fixed = Endpoint(url=store.url, token=token, certificate=certificate)
        return StoreClient(lambda: fixed)
    return StoreClient(LocalStore(settings.data, kind))


def _next_batch(reader: flight.FlightStreamReader) -> pa.RecordBatch | None:
    """Notices, maybe none; None at the end of the stream. A silent link is cancelled."""
    silence = threading.Timer(_SILENCE_S, reader.cancel)
    silence.daemon = True
    silence.start()
    try:
        return reader.read_chunk().data
    except StopIteration:
        return None
    finally:
        silence.cancel()
