"""The store behind its socket: the same answers and errors, tokens, restarts, forks."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.flight as flight
import pytest

from data.errors import (
    CallboardError,
    NotAllowed,
    PortBusy,
    QueryRejected,
    QueryTooLong,
    SettingsError,
    StoreError,
    StoreUnavailable,
)
from data.identity.actor import Actor, Role, system
from data.settings import Settings
from data.store.client import StoreClient, client_of, grace_s
from data.store.database import Database
from data.store.files import read_address
from data.store.locating import Endpoint
from data.store.opening import open_store
from data.store.protocol import Notice, Statement, Topic
from data.store.server import serve
from data.store.tokens import FileTokenBook, TokenKind
from tests.data.conftest import serving
from tests.data.facts import EVENT_SCHEMA, INGEST, batch, call_row, event_row, ids_of, leg_row, rows_of
from tests.data.test_store_reading import ENDLESS
from tests.ingest.waiting import wait_until

ANALYST = Actor(user="olga", role=Role.ANALYST)


def test_facts_written_over_the_wire_are_read_back(store: StoreClient) -> None:
    facts = batch([call_row("a")], leg=[leg_row("a", n) for n in range(3)])
    facts["ami_event"] = pa.Table.from_pylist([event_row(1, "a")], EVENT_SCHEMA)

    store.write_facts(facts, actor=INGEST)

    assert rows_of(store, "select call_id, events from call where pbx = $pbx", pbx="pbx") == [
        {"call_id": "a", "events": [1, 2]}
    ]
    assert rows_of(store, "select count(*) as legs from leg") == [{"legs": 3}]
    assert rows_of(store, "select fields['CallerIDNum'] as n from ami_event") == [{"n": "79161234567"}]


def test_a_store_at_rest_builds_the_days_that_are_over(store: StoreClient) -> None:
    store.write_facts(batch([call_row("a"), call_row("b")]), actor=INGEST)

    wait_until(lambda: rows_of(store, "select from_on from call_day_built where from_on = date '2026-03-02'"))

    assert rows_of(store, "select sum(calls)::integer as calls from call_day") == [{"calls": 2}]


def test_live_calls_bulk_rows_and_derivation_go_over_the_wire(store: StoreClient) -> None:
    live = {
        "call_id": "x",
        "pbx": "pbx",
        "direction": "inbound",
        "state": "ringing",
        "ringing": ["201"],
        "talking": [],
        "started_at": call_row("x")["started_at"],
        "state_since_at": call_row("x")["started_at"],
    }

    store.write_live("pbx", pa.Table.from_pylist([live]), actor=INGEST)
    store.append("call", pa.Table.from_pylist([call_row(f"c{n}", n) for n in range(1000)]), actor=INGEST)
    store.rederive(actor=INGEST)

    assert rows_of(store, "select call_id from live.live_call") == [{"call_id": "x"}]
    assert rows_of(store, "select count(*) as n from call where first_of_number") == [{"n": 1}]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda store: store.query("select * from nowhere", actor=INGEST), QueryRejected, "nowhere"),
        (lambda store: store.query("delete from call", actor=INGEST), QueryRejected, "DELETE"),
        (lambda store: store.query("select $a", {"a": object()}, actor=INGEST), QueryRejected, "type object"),
        (lambda store: store.query(ENDLESS, actor=INGEST, timeout_s=0.2), QueryTooLong, "0.2 s"),
        (lambda store: store.query("from range(99)", actor=INGEST, max_rows=9), QueryTooLong, "more than 9 rows"),
        (
            lambda store: store.append("nowhere", pa.table({"a": [1]}), actor=INGEST),
            QueryRejected,
            "no table 'nowhere'",
        ),
        (
            lambda store: store.write_facts({"account": pa.table({"a": [1]})}, actor=INGEST),
            QueryRejected,
            "no table of facts",
        ),
        (lambda store: store.transact([Statement(name="нет")], actor=INGEST, touches={}), QueryRejected, "'нет'"),
    ],
)
def test_errors_arrive_as_what_they_are(
    store: StoreClient, call: Callable[[StoreClient], object], kind: type[CallboardError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        call(store)

    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "Detail:" not in str(caught.value), "no chatter of the transport"


def test_the_web_process_reads_and_acts_but_writes_no_facts(settings: Settings) -> None:
    with serving(settings), client_of(settings, TokenKind.APP) as web:
        assert ids_of(web) == []
        assert web.stats()["pid"] == os.getpid()
        for forbidden in (
            lambda: web.write_facts(batch([call_row("a")]), actor=INGEST),
            lambda: web.write_live("pbx", pa.table({}), actor=INGEST),
            lambda: web.append("call", pa.Table.from_pylist([call_row("a")]), actor=INGEST),
            lambda: web.rederive(actor=INGEST),
            lambda: web.backup(actor=INGEST),
        ):
            with pytest.raises(NotAllowed, match="'app' may not do that; it takes rw"):
                forbidden()

        assert ids_of(web) == []


def test_an_analyst_reads_masked_numbers_and_nothing_else(settings: Settings) -> None:
    token = FileTokenBook(settings.data / "store_tokens.json")
    with serving(settings), client_of(settings, TokenKind.RW) as ingest:
        ingest.write_facts(batch([call_row("a")]), actor=INGEST)
        address = read_address(settings.data)
        assert address is not None
        assert address.url is not None
        endpoint = Endpoint(url=address.url, token=token.issue(ANALYST))
        with StoreClient(lambda: endpoint) as analyst:
            # An actor that he names himself counts for nothing.
            (row,) = analyst.query("select external_number as n from call", actor=system("root")).to_pylist()
            assert row["n"].startswith("x")
            with pytest.raises(QueryRejected):
                analyst.query("select * from calls.main.call", actor=ANALYST)
            with pytest.raises(NotAllowed):
                analyst.transact([Statement(name="a")], actor=ANALYST, touches={})
            with pytest.raises(NotAllowed):
                next(iter(analyst.notices([Topic.CALLS])))

            token.revoke("olga")
            with pytest.raises(NotAllowed, match="does not know this token"):
                analyst.query("select 1", actor=ANALYST)


def test_without_a_token_nobody_gets_in(settings: Settings) -> None:
    with serving(settings):
        address = read_address(settings.data)
        assert address is not None
        assert address.url is not None
        client = flight.FlightClient(address.url)

        with pytest.raises(flight.FlightUnauthenticatedError):
            client.do_get(flight.Ticket(b"{}")).read_all()


def test_broken_messages_are_refused_and_the_store_goes_on(store: StoreClient, settings: Settings) -> None:
    address = read_address(settings.data)
    assert address is not None
    assert address.url is not None
    client = flight.FlightClient(address.url)
    options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + address.tokens["rw"].encode())])

    for attempt in (
        lambda: client.do_get(flight.Ticket(b"\xff"), options).read_all(),
        lambda: client.do_get(flight.Ticket(b"[]"), options).read_all(),
        lambda: client.do_get(flight.Ticket(json.dumps({"notices": ["weather"]})), options).read_all(),
        lambda: list(client.do_action(flight.Action("facts", b"\x01\x02"), options)),
        lambda: list(client.do_action(flight.Action("facts", b"\xff" * 64), options)),
        lambda: list(client.do_action(flight.Action("transact", b""), options)),
        lambda: list(client.do_action(flight.Action("unheard", b""), options)),
    ):
        with pytest.raises(flight.FlightServerError) as caught:
            attempt()
        assert json.loads(caught.value.extra_info)["error"] == "QueryRejected"

    assert ids_of(store) == []


def test_secrets_are_private_and_stay_the_same_over_restarts(settings: Settings) -> None:
    seen = []
    for _ in range(2):
        with serving(settings):
            address = read_address(settings.data)
            assert address is not None
            seen.append((address.tokens, address.salt))

    assert seen[0] == seen[1]
    assert (settings.data / "store.json").stat().st_mode & 0o777 == 0o600
    stopped = read_address(settings.data)
    assert stopped is not None
    assert stopped.url is None, "nobody listens any more"


def test_a_client_finds_a_store_that_came_back_on_another_port(settings: Settings) -> None:
    with client_of(settings, TokenKind.RW) as client:
        with serving(settings):
            client.write_facts(batch([call_row("a")]), actor=INGEST)
        with pytest.raises(StoreUnavailable, match="No store runs on"):
            client.query("select 1", actor=INGEST)
        with serving(settings):
            client.write_facts(batch([call_row("b", 1)]), actor=INGEST)
            assert ids_of(client) == ["a", "b"]


def test_a_client_goes_on_after_a_restart_on_the_same_port(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fixed = settings.model_copy(update={"store": settings.store.model_copy(update={"port": port})})
    with client_of(fixed, TokenKind.RW) as client:
        for start in range(2):
            with serving(fixed):
                client.write_facts(batch([call_row(f"c{start}", start)]), actor=INGEST)
                assert ids_of(client) == ["c0", "c1"][: start + 1]


def test_notices_arrive_until_the_store_stops(settings: Settings) -> None:
    heard: list[Notice] = []
    first, second = threading.Event(), threading.Event()
    outcome: list[BaseException] = []

    def listen() -> None:
        try:
            for notice in listener.notices([Topic.CALLS]):
                heard.append(notice)
                (second if first.is_set() else first).set()
        except StoreUnavailable as error:
            outcome.append(error)

    with serving(settings), client_of(settings, TokenKind.RW) as client:
        listener = client_of(settings, TokenKind.APP)
        thread = threading.Thread(target=listen)
        thread.start()
        assert first.wait(10)
        client.write_facts(batch([call_row("a")]), actor=INGEST)
        assert second.wait(10)

    thread.join(10)
    assert not thread.is_alive()
    assert [notice.ids for notice in heard] == [(), ("a",)]
    assert heard[1].number == heard[0].number + 1
    assert len(outcome) == 1


FORK = """
import os, signal, sys
from pathlib import Path

from data.identity.actor import system
from data.settings import Settings
from data.store.client import client_of
from data.store.tokens import TokenKind

client = client_of(Settings(data=Path(sys.argv[1])), TokenKind.RW)
ask = lambda: print(client.query("select 1 as one", actor=system("test")).to_pylist(), flush=True)
if sys.argv[2] == "connected":
    ask()
child = os.fork()
if child == 0:
    signal.alarm(20)  # a hang ends as a failure
    try:
        ask()
    except Exception as error:
        print(type(error).__name__, error, flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
ask()
"""


@pytest.mark.parametrize(
    ("before", "child"), [("lazy", "[{'one': 1}]"), ("connected", "StoreError This process was forked from")]
)
def test_a_forked_child_connects_by_itself_or_is_told_why_not(
    store: StoreClient, settings: Settings, before: str, child: str
) -> None:
    command = [sys.executable, "-c", FORK, str(settings.data), before]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])

    assert done.returncode == 0, done.stderr
    *_, from_child, from_parent = done.stdout.splitlines()
    assert from_child.startswith(child)
    assert from_parent == "[{'one': 1}]"


def test_many_threads_share_a_client(store: StoreClient) -> None:
    wrong: list[object] = []

    def work(thread: int) -> None:
        for turn in range(20):
            found = rows_of(store, "select $a as a, $b as b", a=thread, b=turn)
            if found != [{"a": thread, "b": turn}]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []


def test_a_busy_port_is_named(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = settings.model_copy(update={"store": settings.store.model_copy(update={"port": port})})

        with pytest.raises(PortBusy, match=rf"127\.0\.0\.1:{port}.*store\.port"):
            serve(busy)

    with serving(settings):
        pass


def test_outside_addresses_need_encryption(settings: Settings) -> None:
    open_to_all = settings.model_copy(update={"store": settings.store.model_copy(update={"host": "0.0.0.0"})})

    with pytest.raises(SettingsError, match=r"store\.host = '0\.0\.0\.0'.*store\.tls_certificate"):
        serve(open_to_all)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes the certificate, is not installed")
def test_the_link_is_encrypted_where_a_certificate_is_set(tmp_path: Path) -> None:
    key, certificate = tmp_path / "store.key", tmp_path / "store.crt"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    tls = {"host": "127.0.0.1", "tls_certificate": certificate, "tls_key": key, "readers": 2}
    settings = Settings.model_validate({"data": tmp_path / "var", "store": tls})

    with serving(settings), client_of(settings, TokenKind.RW) as near:
        near.write_facts(batch([call_row("a")]), actor=INGEST)
        address = read_address(settings.data)
        assert address is not None
        assert address.url is not None
        remote = {"url": address.url, "token": address.tokens["app"], "tls_certificate": certificate}
        with open_store(Settings.model_validate({"data": tmp_path / "other", "store": remote})) as far:
            seen = ids_of(far)
        plain = flight.FlightClient(address.url.replace("grpc+tls", "grpc"))
        with pytest.raises(flight.FlightUnavailableError):
            plain.do_get(flight.Ticket(b"{}"), flight.FlightCallOptions(timeout=5)).read_all()

    assert address.url.startswith("grpc+tls://127.0.0.1:")
    assert seen == ["a"]


def test_nobody_there_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"grpc://127.0.0.1:{free.getsockname()[1]}"
    remote = Settings.model_validate({"data": tmp_path, "store": {"url": url, "token": "t"}})

    with open_store(remote) as store, pytest.raises(StoreUnavailable, match=url):
        store.query("select 1", actor=INGEST)


def test_a_command_uses_the_store_that_runs_or_its_own(settings: Settings) -> None:
    with open_store(settings) as alone:
        assert isinstance(alone, Database)
        alone.write_facts(batch([call_row("a")]), actor=INGEST)
    with serving(settings), open_store(settings) as running:
        assert isinstance(running, StoreClient)
        assert ids_of(running) == ["a"]


def test_a_database_that_vanishes_is_noticed_before_anything_is_lost(store: StoreClient, settings: Settings) -> None:
    store.write_facts(batch([call_row("a")]), actor=INGEST)
    (settings.data / "calls.duckdb").unlink()

    with pytest.raises(StoreError, match=r"calls\.duckdb was removed or replaced.*Make a backup now"):
        store.write_facts(batch([call_row("b", 1)]), actor=INGEST)

    assert ids_of(store) == ["a"]
    assert store.backup(actor=INGEST).exists()


def test_a_store_whose_database_failed_for_good_ends_so_that_it_is_started_anew(settings: Settings) -> None:
    def fail(*_: object) -> None:
        raise duckdb.FatalException("the database has been invalidated")

    ended = threading.Event()
    outcome: list[BaseException] = []

    def run() -> None:
        try:
            serve(settings, ready=ready.set)
        except StoreUnavailable as error:
            outcome.append(error)
        ended.set()

    ready = threading.Event()
    threading.Thread(target=run, daemon=True).start()
    assert ready.wait(30)

    with pytest.MonkeyPatch.context() as patch, client_of(settings, TokenKind.RW) as client:
        patch.setattr("data.store.database.replace_facts", fail)
        with pytest.raises(StoreUnavailable, match="invalidated"):
            client.write_facts(batch([call_row("a")]), actor=INGEST)

    assert ended.wait(30)
    assert "fatal error" in str(outcome[0])


@pytest.mark.parametrize(("timeout_s", "expected"), [(0.2, 1.0), (1.0, 1.0), (3.0, 3.0), (30.0, 5.0)])
def test_a_short_question_is_given_up_soon_when_the_store_is_silent(timeout_s: float, expected: float) -> None:
    assert grace_s(timeout_s) == expected
