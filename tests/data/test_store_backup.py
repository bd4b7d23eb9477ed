"""Backups: consistent while writing goes on, proved by reading, brought back without losing what was."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from data.errors import DatabaseUnusable, StoreError, StoreLocked
from data.settings import Settings
from data.store.backup import restore
from data.store.client import StoreClient
from data.store.database import Database
from data.store.lock import StoreLock
from tests.data.facts import INGEST, batch, call_row, ids_of, leg_row, rows_of


def test_a_backup_taken_while_writing_is_consistent(database: Database) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            facts = batch([call_row(f"c{number}", number)], leg=[leg_row(f"c{number}", n, number) for n in (1, 2, 3)])
            database.write_facts(facts, actor=INGEST)
            written.append(number)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    while len(written) < 3:
        thread.join(0.01)

    backup = database.backup(actor=INGEST)

    at_the_end = len(written)
    stop.set()
    thread.join(10)
    with duckdb.connect(backup, read_only=True) as copy:
        calls = _one(copy, "select count(*) from call")
        legs = _one(copy, "select count(*) from leg")
        assert 3 <= calls <= at_the_end + 1
        assert legs == 3 * calls
        assert _one(copy, "select count(*) from offer") == 0
        assert _one(copy, "select count(*) from schema_version") > 0


def test_a_backup_is_put_back_and_the_replaced_file_is_kept(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.write_facts(batch([call_row("a")]), actor=INGEST)
        backup = database.backup(actor=INGEST)
        database.write_facts(batch([call_row("b", 1)]), actor=INGEST)

    kept = restore(tmp_path, backup)

    with Database(tmp_path) as database:
        assert ids_of(database) == ["a"]
    assert kept is not None
    with duckdb.connect(kept, read_only=True) as former:
        assert former.execute("select call_id from call order by 1").fetchall() == [("a",), ("b",)]


def test_a_damaged_file_is_refused_by_name_and_a_backup_brings_back_what_it_had(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.write_facts(batch([call_row("a")]), actor=INGEST)
        backup = database.backup(actor=INGEST)
    file = tmp_path / "calls.duckdb"
    file.write_bytes(b"\0" * 4096 + file.read_bytes()[4096:])
    damaged = file.read_bytes()
    with pytest.raises(DatabaseUnusable, match=r"calls\.duckdb"):
        Database(tmp_path)
    assert file.read_bytes() == damaged, "what is damaged is left for who can mend it"

    kept = restore(tmp_path, backup)

    with Database(tmp_path) as database:
        assert ids_of(database) == ["a"]
    assert kept is not None
    assert kept.read_bytes() == damaged


def test_commits_that_are_only_in_the_log_are_kept_with_the_replaced_file(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        backup = database.backup(actor=INGEST)
    database = Database(tmp_path)
    database.write_facts(batch([call_row("a")]), actor=INGEST)
    crashed = {name: (tmp_path / name).read_bytes() for name in ("calls.duckdb", "calls.duckdb.wal")}
    database.close()
    for name, content in crashed.items():
        (tmp_path / name).write_bytes(content)

    kept = restore(tmp_path, backup)

    with Database(tmp_path) as database:
        assert ids_of(database) == []
    assert kept is not None
    with duckdb.connect(kept) as former:
        assert former.execute("select call_id from call").fetchall() == [("a",)]


def test_a_backup_goes_back_into_an_empty_folder(tmp_path: Path, database: Database) -> None:
    database.write_facts(batch([call_row("a")]), actor=INGEST)
    backup = database.backup(actor=INGEST)

    kept = restore(tmp_path / "elsewhere", backup)

    assert kept is None
    with Database(tmp_path / "elsewhere") as other:
        assert ids_of(other) == ["a"]


def test_nothing_is_restored_under_a_running_store(tmp_path: Path, database: Database) -> None:
    backup = database.backup(actor=INGEST)

    with StoreLock(tmp_path / "var" / "store.lock"), pytest.raises(StoreLocked, match="already has an owner"):
        restore(tmp_path / "var", backup)


@pytest.mark.parametrize("content", [None, b"hello"])
def test_what_is_no_backup_is_not_restored(tmp_path: Path, content: bytes | None) -> None:
    with Database(tmp_path) as database:
        database.write_facts(batch([call_row("a")]), actor=INGEST)
    if content is not None:
        (tmp_path / "wrong.duckdb").write_bytes(content)

    with pytest.raises(DatabaseUnusable, match=r"wrong\.duckdb"):
        restore(tmp_path, tmp_path / "wrong.duckdb")

    with Database(tmp_path) as database:
        assert ids_of(database) == ["a"]


def test_a_copy_that_is_not_the_same_is_thrown_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.store import backup

    count = backup._count
    monkeypatch.setattr(
        backup, "_count", lambda cursor, catalog, tables: {**count(cursor, catalog, tables), "call": len(catalog)}
    )

    with pytest.raises(StoreError, match="has 6 rows of call instead of 5"):
        database.backup(actor=INGEST)

    assert list(database.backups.iterdir()) == []


def test_the_running_store_makes_backups_for_clients(store: StoreClient, settings: Settings) -> None:
    store.write_facts(batch([call_row("a")]), actor=INGEST)

    path = store.backup(actor=INGEST)

    assert path.parent == settings.data / "backups"
    assert path.stat().st_size > 0
    assert rows_of(store, "select call_id from call") == [{"call_id": "a"}]


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
