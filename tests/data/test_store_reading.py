"""Reads: one SELECT, inside the walls, within limits of time and size, beside a writer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from data.errors import QueryRejected, QueryTooLong, StoreError
from data.identity.actor import Role
from data.store.database import Database
from tests.data.facts import INGEST, batch, call_row, ids_of, rows_of


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One call; only read, or meant to be."""
    with Database(tmp_path_factory.mktemp("office"), readers=2) as database:
        database.write_facts(batch([call_row("a")]), actor=INGEST)
        yield database


ENDLESS = "select count(*) from range(10_000_000_000) as a(i), range(10_000) as b(j) where hash(i * j) % 7 = 3"


@pytest.mark.parametrize(
    "sql",
    [
        "insert into audit select now(), 'a', 'b', null, null, null",
        "update call set pbx = 'x'",
        "delete from call",
        "merge into number using call on number.number = call.external_number when matched then delete",
        "create table t as select 1",
        "create temp table t as select 1",
        "drop table call",
        "truncate call",
        "explain analyze insert into audit select now(), 'a', 'b', null, null, null",
        "explain select 1",
        "select 1; delete from call",
        "select 1; select 2",
        "",
        "-- nothing",
        "begin",
        "commit; delete from call",
        "attach 'other.duckdb'",
        "copy call to 'calls.csv'",
        "copy (select 1) to 'one.csv'",
        "export database 'folder'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1TB'",
        "set enable_external_access = true",
        "reset all",
        "use live",
        "pragma version",
        "pragma database_list",
        "call pragma_version()",
        "checkpoint",
        "force checkpoint",
        "vacuum",
        "prepare p as select 1",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from read_blob('/etc/passwd')",
        "select * from read_parquet('x.parquet')",
        "select * from read_json('x.json')",
        "select * from sniff_csv('/etc/passwd')",
        "select * from glob('/*')",
        "select * from '/etc/passwd'",
        "select * from 'calls.csv'",
        "select * from duckdb_secrets()",
        "select * from duckdb_settings()",
        "select * from duckdb_temporary_files()",
        "select * from force_checkpoint()",
        "select * from query('delete from call')",
        "select * from query_table('call')",
        "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "select getenv('HOME')",
        "select write_log('x')",
        "select sleep_ms(100000)",
        "select current_setting('memory_limit')",
        "pivot (select 1 as a, 2 as b) on a using sum(b)",
        "select 1 from nowhere",
        "selct 1",
        "select $missing",
    ],
)
def test_whatever_is_not_one_plain_select_is_refused(office: Database, sql: str) -> None:
    with pytest.raises(QueryRejected):
        office.query(sql, actor=INGEST)

    assert rows_of(office, "select call_id, pbx from call") == [{"call_id": "a", "pbx": "pbx"}]
    assert rows_of(office, "select * from audit") == []


@pytest.mark.parametrize(
    "sql",
    [
        "delete from call",
        "insert into audit select now(), 'a', 'b', null, null, null",
        "explain analyze delete from call",
        "create table t as select 1",
        "alter table call add column x integer",
        "copy call to 'calls.csv'",
        "attach 'other.duckdb'",
        "select * from read_csv('/etc/passwd')",
    ],
)
def test_behind_a_fallen_wall_stands_the_next(office: Database, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office._reading._walls, "check", lambda *_: None)

    with pytest.raises(StoreError):
        office.query(sql, actor=INGEST)

    monkeypatch.undo()
    assert ids_of(office) == ["a"]


@pytest.mark.parametrize(
    "sql",
    [
        "with recent as (from call) select count(*) from recent",
        "select call_id, row_number() over (partition by pbx order by started_at) as n from call qualify n = 1",
        "select * from call join leg using (call_id) left join number_owner on number = external_number",
        "from call select unnest(employees) as party union all select party from leg",
        "with recursive days as (select 1 as n union all select n + 1 from days where n < 5) from days",
        "select date_trunc('day', timezone('Europe/Moscow', started_at)) as day, count(*) from call group by all",
        "select list_transform(employees, lambda e: e || '!') from call where pbx in (select unnest(['pbx', 'b']))",
        "from (pivot call on direction in ('inbound') using count(*) group by pbx)",
        "select * from generate_series(1, 3)",
        "select table_name from duckdb_tables()",
        "select * from live.live_call",
        "describe call",
    ],
)
def test_every_kind_of_select_is_answered(office: Database, sql: str) -> None:
    assert office.query(sql, actor=INGEST).num_columns > 0


def test_parameters_of_every_type_arrive_as_they_are(database: Database) -> None:
    params = {
        "text": "ж' or 1=1 --",
        "role": Role.ANALYST,
        "number": 7,
        "real": 0.5,
        "flag": True,
        "nothing": None,
        "moment": datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC),
        "day": date(2026, 3, 29),
        "span": timedelta(seconds=90),
        "id": UUID(int=5),
        "money": Decimal("1.50"),
        "bytes": b"\x00\xff",
        "list": ["a", "b"],
        "set": frozenset({"b", "a"}),
    }

    (row,) = rows_of(database, "select " + ", ".join(f"${name} as {name}" for name in params), **params)

    differing = {name: row[name] for name in params if row[name] != params[name]}
    assert differing == {
        "span": pa.MonthDayNano([0, 0, 90 * 10**9]),
        "set": ["a", "b"],
        "id": "00000000-0000-0000-0000-000000000005",  # Arrow has text for it
    }


def test_a_query_without_rows_has_its_columns(database: Database) -> None:
    found = database.query("select call_id, started_at from call", actor=INGEST)

    assert (found.num_rows, found.column_names) == (0, ["call_id", "started_at"])


def test_a_query_over_its_time_is_stopped_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(QueryTooLong, match=r"stopped after 0\.2 s"):
        database.query(ENDLESS, actor=INGEST, timeout_s=0.2)

    assert rows_of(database, "select 1 as one") == [{"one": 1}]


def test_the_settings_limit_the_time_of_every_query(tmp_path: Path) -> None:
    with (
        Database(tmp_path, query_seconds=0.2) as database,
        pytest.raises(QueryTooLong, match=r"stopped after 0\.2 s"),
    ):
        database.query(ENDLESS, actor=INGEST, timeout_s=3600)


def test_a_result_with_too_many_rows_is_refused_before_it_is_read(database: Database) -> None:
    with pytest.raises(QueryTooLong, match="more than 1000 rows"):
        database.query("select * from range(10_000_000_000)", actor=INGEST, max_rows=1000)

    assert database.query("select * from range(1000)", actor=INGEST, max_rows=1000).num_rows == 1000


def test_a_result_with_too_many_bytes_is_refused(tmp_path: Path) -> None:
    with Database(tmp_path, result_bytes=1 << 20) as database, pytest.raises(QueryTooLong, match="more than 1 MB"):
        database.query("select repeat('x', 1000) as text from range(10_000)", actor=INGEST)


def test_a_query_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    with Database(tmp_path, memory_limit="64MB") as database, pytest.raises(QueryTooLong, match="memory"):
        database.query("select list(i) as l from range(100_000_000) as r(i)", actor=INGEST)


def test_readers_beyond_the_pool_wait_and_say_so_when_it_takes_too_long(database: Database) -> None:
    started = threading.Barrier(3)
    outcomes: list[type[BaseException]] = []

    def occupy() -> None:
        started.wait(10)
        try:
            database.query(ENDLESS, actor=INGEST, timeout_s=3)
        except QueryTooLong as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=occupy) for _ in range(2)]
    for thread in threads:
        thread.start()
    started.wait(10)
    _until(lambda: database.stats()["readers_busy"] == 2)

    with pytest.raises(QueryTooLong, match="All 2 readers of the store were busy"):
        database.query("select 1", actor=INGEST, timeout_s=0.2)

    for thread in threads:
        thread.join(10)
    assert outcomes == [QueryTooLong, QueryTooLong]
    assert rows_of(database, "select 1 as one") == [{"one": 1}]


def test_reads_see_the_state_before_a_write_that_is_not_committed(database: Database) -> None:
    with database._write({}) as cursor:
        cursor.execute("insert into queue (queue) values ('sales')")
        during = rows_of(database, "select queue from queue")

    assert during == []
    assert rows_of(database, "select queue from queue") == [{"queue": "sales"}]


def test_a_write_gets_through_while_all_readers_are_busy(database: Database) -> None:
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            rows_of(database, "select count(*) from range(300_000) where hash(range) % 3 = 1")

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()

    for number in range(10):
        database.write_facts(batch([call_row(f"c{number}", number)]), actor=INGEST)

    stop.set()
    for thread in threads:
        thread.join(10)
    assert len(ids_of(database)) == 10


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.close()

    with pytest.raises(StoreError, match="stopping"):
        database.query("select 1", actor=INGEST)
    with pytest.raises(StoreError, match="closed"):
        database.write_facts({}, actor=INGEST)


def test_closing_stops_a_running_query(tmp_path: Path) -> None:
    database = Database(tmp_path)
    outcome: list[BaseException] = []

    def read() -> None:
        try:
            database.query(ENDLESS, actor=INGEST, timeout_s=30)
        except StoreError as error:
            outcome.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    _until(lambda: database.stats()["readers_busy"] == 1)

    database.close()

    thread.join(5)
    assert not thread.is_alive()
    assert len(outcome) == 1


def _until(condition: object) -> None:
    """Wait for something that another thread brings about, at most ten seconds."""
    assert callable(condition)
    waiting = threading.Event()
    for _ in range(1000):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not come about")


def test_after_a_query_the_log_of_changes_still_goes_into_the_file(tmp_path: Path) -> None:
    # A result that somebody left open would keep its transaction, and that one every checkpoint from running.
    with Database(tmp_path) as database:
        database._connection.execute("set wal_autocheckpoint = '1KB'")
        database.write_facts(batch([call_row("a")]), actor=INGEST)
        rows_of(database, "select call_id from call where call_id = 'a'")
        for number in range(6):
            database.write_facts(batch([call_row(f"b{number}", number)]), actor=INGEST)

        log = tmp_path / "calls.duckdb.wal"
        assert not log.exists() or log.stat().st_size < 3_000
