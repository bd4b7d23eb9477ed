"""The store as a process: owns the database and serves it over Arrow Flight.

A thin layer: it looks up tokens, turns messages into calls of `Database`, and errors into messages.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight
import structlog

from data.disk import DiskGuard
from data.errors import PortBusy, QueryRejected, SettingsError, StoreError, StoreUnavailable
from data.runtime import RunTime
from data.settings import Settings, StoreSettings
from data.store.actions import ACTIONS
from data.store.copying import Copying
from data.store.database import Database
from data.store.files import LOCK, TOKENS, own_secrets, write_address
from data.store.gate import Gate, answering, grant_of, require
from data.store.lock import StoreLock
from data.store.opening import own_database
from data.store.protocol import Topic
from data.store.tokens import FileTokenBook, TokenKind, Tokens
from data.store.wire import unpack_actor, unpack_params, unpack_tables

log = structlog.get_logger()

_LOOK_S = 0.5
_LAST_COPY_S = 10.0  # so long is a copy that runs waited for at the end; what is left of it is no backup
HEARTBEAT_S = 2.0  # so often does a stream of notices say that it is alive
NOTICE_SCHEMA = pa.schema([("topic", pa.string()), ("number", pa.int64()), ("ids", pa.list_(pa.string()))])


def serve(settings: Settings, *, ready: Callable[[], None] | None = None, stop: threading.Event | None = None) -> None:
    """Own the database of `settings.data` and serve it until `stop` is set.

    ready: called once requests are answered. Raises StoreLocked, DatabaseUnusable, PortBusy, SettingsError.
    """
    stop = stop or threading.Event()
    with StoreLock(settings.data / LOCK):
        address = own_secrets(settings.data)
        own = {TokenKind(kind): token for kind, token in address.tokens.items()}
        with own_database(settings) as database, _caring(settings, database, stop) as guard:
            server = StoreServer(database, Tokens(own, FileTokenBook(settings.data / TOKENS)), settings.store)
            # It answers from here on. Its serve() is not called: that takes over the signals of the process.
            certificate = settings.store.tls_certificate
            write_address(
                settings.data,
                replace(
                    address, url=server.url, pid=os.getpid(), certificate=str(certificate) if certificate else None
                ),
            )
            log.info("store serves", address=server.url, database=str(database.path))
            try:
                if ready is not None:
                    ready()
                while not stop.wait(_LOOK_S):
                    guard.room()
                    if database.is_broken:
                        raise StoreUnavailable(f"{database.path} stopped after a fatal error; see the log above.")
                    _build_days(database, stop)
            finally:
                write_address(settings.data, address)
                server.stop()
    log.info("store stopped")


@contextmanager
def _caring(settings: Settings, database: Database, stop: threading.Event) -> Iterator[DiskGuard]:
    """The guard of the disk, and copies made at their hour, as long as the body runs."""
    runtime = RunTime(settings, database)
    guard = DiskGuard(settings.data, lambda: runtime.now().disk, changed=lambda room: database.announce(Topic.LINK))
    copies = threading.Thread(
        target=Copying(database, runtime.now, guard).run, args=(stop,), name="backups", daemon=True
    )
    copies.start()
    try:
        yield guard
    finally:
        stop.set()
        copies.join(_LAST_COPY_S)


def _build_days(database: Database, stop: threading.Event) -> None:
    """Bring the daily rollup up to date as long as nobody writes; a busy store gets to it now and then."""
    while not stop.is_set() and database.is_idle:
        try:
            if not database.build_days(datetime.now(UTC)):
                return
        except StoreError:
            # Reports read the calls themselves then; nobody who asks the store is to suffer from it.
            log.warning("the daily rollup could not be built", exc_info=True)
            return


class StoreServer(flight.FlightServerBase):  # type: ignore[misc]
    """Answers clients; every call carries a token, and our own processes say for whom they act."""

    def __init__(self, database: Database, tokens: Tokens, settings: StoreSettings) -> None:
        self._database = database
        self._stopping = threading.Event()
        options: dict[str, Any] = {"middleware": {"grant": Gate(tokens)}}
        scheme = "grpc"
        if settings.tls_certificate is not None and settings.tls_key is not None:
            scheme = "grpc+tls"
            options["tls_certificates"] = [(_pem(settings.tls_certificate), _pem(settings.tls_key))]
        elif not _is_loopback(settings.host):
            raise SettingsError(
                f"Setting store.host = {settings.host!r} is reachable from outside: set store.tls_certificate and "
                "store.tls_key, or use 127.0.0.1."
            )
        try:
            super().__init__(f"{scheme}://{settings.host}:{settings.port}", **options)
        except (pa.ArrowException, OSError) as error:
            raise PortBusy(
                f"The store cannot listen on {settings.host}:{settings.port}: another program may use the port "
                f"({str(error).splitlines()[0]}). Set store.port to a free one, or to 0."
            ) from None
        self.url = f"{scheme}://{settings.host}:{self.port}"

    def stop(self) -> None:
        """End streams and running statements, then stop listening."""
        self._stopping.set()
        self._database.close()
        self.shutdown()

    @answering
    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.FlightDataStream:
        """The rows of a query, or an endless stream of notices."""
        grant, request = grant_of(context), json.loads(ticket.ticket)
        if "notices" in request:
            require(grant, TokenKind.RW, TokenKind.APP)
            return flight.GeneratorStream(NOTICE_SCHEMA, self._notices([Topic(name) for name in request["notices"]]))
        sql, params = request["sql"], unpack_params(request["params"])
        seconds, rows = float(request["timeout_s"]), int(request["max_rows"])
        if grant.kind is TokenKind.RO:
            table = self._database.query_for(grant, sql, params, timeout_s=seconds, max_rows=rows)
        else:
            with self._database.questions.asked(request.get("key")):
                table = self._database.query(
                    sql, params, actor=unpack_actor(request["actor"]), timeout_s=seconds, max_rows=rows
                )
        return flight.RecordBatchStream(table)

    @answering
    def do_put(
        self,
        context: flight.ServerCallContext,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
    ) -> None:
        """Append rows to a table."""
        require(grant_of(context), TokenKind.RW)
        request = json.loads(descriptor.command)
        self._database.append(request["table"], reader.read_all(), actor=unpack_actor(request["actor"]))

    @answering
    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> list[flight.Result]:
        """Everything else: see actions.py."""
        if action.type not in ACTIONS:
            raise QueryRejected(f"The store has no action {action.type!r}. Known: {', '.join(sorted(ACTIONS))}.")
        allowed, carry_out = ACTIONS[action.type]
        require(grant_of(context), *allowed)
        head, tables = unpack_tables(action.body.to_pybytes())
        return [flight.Result(pa.py_buffer(carry_out(self._database, head, tables)))]

    def _notices(self, topics: list[Topic]) -> Iterator[pa.RecordBatch]:
        with self._database.subscribed(topics) as subscription:
            while (notices := subscription.take(HEARTBEAT_S)) is not None and not self._stopping.is_set():
                # A batch without rows is a heartbeat: it also finds out that the client has gone.
                rows = [{"topic": n.topic.value, "number": n.number, "ids": list(n.ids)} for n in notices]
                yield pa.RecordBatch.from_pylist(rows, schema=NOTICE_SCHEMA)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Correct store.tls_* in the settings.") from None
