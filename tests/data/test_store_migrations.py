"""Migrations: the newest schema before serving, or a refusal that changes nothing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from data.errors import DatabaseUnusable
from data.store.engine import Engine
from data.store.migrations import SCHEMA, migrate, read_migrations

ROOT = Path(__file__).parents[2]
MIGRATE_AND_DIE = """
import os, sys
from pathlib import Path
from data.store.engine import Engine

folder = Path(sys.argv[1])
Engine(path=folder / "calls.duckdb", backups=folder / "backups").open()
os._exit(9)
"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """A copy of the released schema, to add to."""
    return Path(shutil.copytree(SCHEMA, tmp_path / "schema"))


def open_with(tmp_path: Path, schema: Path = SCHEMA) -> duckdb.DuckDBPyConnection:
    return Engine(path=tmp_path / "calls.duckdb", backups=tmp_path / "backups", schema=schema).open()


def checksum(tmp_path: Path) -> str:
    return hashlib.sha256((tmp_path / "calls.duckdb").read_bytes()).hexdigest()


def test_a_new_file_gets_every_migration_and_the_pinned_format(tmp_path: Path) -> None:
    with open_with(tmp_path) as connection:
        versions = connection.execute("select version, name, checksum from schema_version order by version").fetchall()
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'calls'").fetchall()

    assert versions == [(step.version, step.name, step.checksum) for step in read_migrations()]
    assert tags == [({"storage_version": "v1.5.0+"},)]


def test_a_file_of_an_older_version_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path, schema: Path) -> None:
    with open_with(tmp_path, schema) as connection:
        connection.execute("insert into queue (queue) values ('sales')")
    (schema / "0900_more.sql").write_text("alter table queue add column colour varchar; create table more (a int);")

    with open_with(tmp_path, schema) as connection:
        rows = connection.execute("select queue, colour from queue").fetchall()
        more = connection.execute("select count(*) from more").fetchall()

    assert (rows, more) == ([("sales", None)], [(0,)])


@pytest.mark.parametrize("version", range(1, 13))
def test_a_file_of_every_age_with_rows_in_it_gets_the_newest_schema(tmp_path: Path, version: int) -> None:
    """DuckDB refuses much of what may be altered in a transaction as soon as a table has rows."""
    steps = read_migrations()
    with duckdb.connect(tmp_path / "calls.duckdb") as connection:
        migrate(connection, [step for step in steps if step.version <= version])
        _one_row_each(connection)
        before = _counts(connection)

    with open_with(tmp_path) as connection:
        after = _counts(connection)
        applied = connection.execute("select max(version) from schema_version").fetchall()

    assert applied == [(steps[-1].version,)]
    assert {table: after[table] for table in before} == before
    assert [file.name for file in tmp_path.glob("calls*")] == ["calls.duckdb"]


def _one_row_each(connection: duckdb.DuckDBPyConnection) -> None:
    """A row in every table, with something in each column that must have it."""
    values = {"VARCHAR": "'x'", "UUID": "uuid()", "BOOLEAN": "true", "DATE": "current_date"}
    for (table,) in connection.execute(_TABLES).fetchall():
        needed = connection.execute(
            "select column_name, data_type from duckdb_columns() where table_name = $table and database_name = 'calls' "
            "and not is_nullable and column_default is null",
            {"table": table},
        ).fetchall()
        given = {
            name: "[]" if kind.endswith("[]") else values.get(kind, "map()" if kind.startswith("MAP") else None)
            for name, kind in needed
        }
        cells = [value or ("now()" if "TIME" in dict(needed)[name] else "1") for name, value in given.items()]
        connection.execute(f'insert into "{table}" ({", ".join(given)}) values ({", ".join(cells)})')


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = [table for (table,) in connection.execute(_TABLES).fetchall()]
    return {table: connection.execute(f'select count(*) from "{table}"').fetchall()[0][0] for table in tables}


_TABLES = """
    select table_name
    from duckdb_tables()
    where database_name = 'calls'
        and table_name not in ('schema_version')
    order by table_name
"""


def test_a_migration_that_fails_is_taken_back_whole(tmp_path: Path, schema: Path) -> None:
    open_with(tmp_path, schema).close()
    (schema / "0900_bad.sql").write_text("create table half (a int); insert into nowhere values (1);")

    with pytest.raises(DatabaseUnusable, match=r"0900_bad\.sql failed and was taken back"):
        open_with(tmp_path, schema)

    (schema / "0900_bad.sql").unlink()
    with open_with(tmp_path, schema) as connection:
        assert connection.execute("select 1 from duckdb_tables() where table_name = 'half'").fetchall() == []
        assert connection.execute("select 1 from schema_version where version = 900").fetchall() == []


def test_a_file_of_a_newer_version_is_refused_unchanged(tmp_path: Path, schema: Path) -> None:
    (schema / "0900_more.sql").write_text("create table more (a int);")
    open_with(tmp_path, schema).close()
    before = checksum(tmp_path)

    with pytest.raises(DatabaseUnusable, match=r"schema version 900 \(0900_more\.sql\).*Install the newer program"):
        open_with(tmp_path)

    assert checksum(tmp_path) == before


def test_an_edited_migration_is_refused_by_name(tmp_path: Path, schema: Path) -> None:
    (schema / "0900_more.sql").write_text("create table more (a int);")
    open_with(tmp_path, schema).close()
    (schema / "0900_more.sql").write_text("create table more (a int, b int);")

    with pytest.raises(DatabaseUnusable, match=r"another text of migration 0900_more\.sql"):
        open_with(tmp_path, schema)


def test_a_database_of_something_else_is_refused_unchanged(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "calls.duckdb") as connection:
        connection.execute("create table invoices as select 1 as a")
    before = checksum(tmp_path)

    with pytest.raises(DatabaseUnusable, match=r"calls\.duckdb is a DuckDB database of something else.*invoices"):
        open_with(tmp_path)

    assert checksum(tmp_path) == before


@pytest.mark.parametrize("content", [b"SQLite format 3\x00" + bytes(1000), b"hello", bytes(5000)])
def test_a_file_that_is_no_database_is_refused_unchanged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "calls.duckdb").write_bytes(content)

    with pytest.raises(DatabaseUnusable, match=r"calls\.duckdb is no DuckDB database.*nothing was changed"):
        open_with(tmp_path)

    assert (tmp_path / "calls.duckdb").read_bytes() == content


@pytest.mark.parametrize("damage", ["cut", "header", "overwritten"])
def test_a_damaged_file_is_refused_unchanged(tmp_path: Path, damage: str) -> None:
    with open_with(tmp_path) as connection:
        connection.execute("insert into queue (queue) select 'q' || i from range(100000) as r(i)")
    path = tmp_path / "calls.duckdb"
    whole = path.read_bytes()
    damaged = {
        "cut": whole[:9000],
        "header": whole[:4096] + bytes(8192) + whole[12288:],
        "overwritten": whole[:12288] + b"\xaa" * (len(whole) - 12288),
    }[damage]
    path.write_bytes(damaged)

    with pytest.raises(DatabaseUnusable, match=r"calls\.duckdb is damaged.*restore"):
        open_with(tmp_path)

    assert path.read_bytes() == damaged


def test_a_first_start_that_was_killed_half_way_is_repeated(tmp_path: Path) -> None:
    duckdb.connect(tmp_path / "calls.duckdb").close()

    with open_with(tmp_path) as connection:
        assert connection.execute("select count(*) > 0 from schema_version").fetchall() == [(True,)]


@pytest.mark.parametrize("steps", [1, None], ids=["from the first version on", "all"])
def test_a_file_whose_migrations_were_not_yet_checkpointed_opens_after_a_kill(
    tmp_path: Path, steps: int | None
) -> None:
    if steps is not None:  # the first step is in the file, the others only in its log
        with duckdb.connect(tmp_path / "calls.duckdb") as connection:
            migrate(connection, read_migrations()[:steps])

    killed = subprocess.run([sys.executable, "-c", MIGRATE_AND_DIE, str(tmp_path)], cwd=ROOT, check=False, timeout=60)

    assert killed.returncode == 9
    with open_with(tmp_path) as connection:
        assert connection.execute("select count(*) from schema_version").fetchone() == (len(read_migrations()),)


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"store\.memory_limit = 'plenty'.*4GB"):
        Engine(path=tmp_path / "calls.duckdb", backups=tmp_path / "backups", memory_limit="plenty").open()
