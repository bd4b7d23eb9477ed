"""Copies of the database: made while it is in use, proved by reading them, and brought back."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.errors import DatabaseUnusable, StoreError
from data.store.engine import STORAGE_VERSION
from data.store.files import DATABASE, LOCK
from data.store.lock import StoreLock
from data.store.migrations import inspect, read_migrations

_one_at_a_time = threading.Lock()


def copy_database(connection: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[str]) -> Path:
    """The new file in `folder` with all of the open database; raises StoreError if it is not the same."""
    path = folder / f"calls-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.duckdb"
    draft = folder / f".{path.name}.part"  # seen by its name as a backup only when proved
    with _one_at_a_time, connection.cursor() as cursor:
        try:
            attach = f"attach '{_quoted(draft)}' as backup"
            cursor.execute(f"{attach} (storage_version '{STORAGE_VERSION}')")
            try:
                cursor.execute("begin transaction")
                # One transaction, so that both sides are counted as of the same moment.
                cursor.execute("copy from database calls to backup")
                expected = _count(cursor, "calls", tables)
                cursor.execute("commit")
            finally:
                _detach(cursor)
            cursor.execute(f"{attach} (read_only)")
            try:
                found = _count(cursor, "backup", tables)
            finally:
                _detach(cursor)
            if found != expected:
                wrong = min(name for name in tables if found[name] != expected[name])
                raise StoreError(
                    f"The backup {path} has {found[wrong]} rows of {wrong} instead of {expected[wrong]}. "
                    "It was removed; check the disk, then try again."
                )
            draft.rename(path)
        finally:
            for leftover in (draft, draft.with_name(draft.name + ".wal")):
                leftover.unlink(missing_ok=True)
    return path


def replace_database(database: Path, fresh: Path) -> None:
    """Put the file `fresh` in the place of `database`, which nobody has open. Raises StoreError."""
    arriving = database.with_name(f".{database.name}.arriving")
    try:
        shutil.move(fresh, arriving)  # backups may lie on another disk
        arriving.replace(database)
        database.with_name(database.name + ".wal").unlink(missing_ok=True)
    except OSError as error:
        arriving.unlink(missing_ok=True)
        raise StoreError(
            f"{database} could not be written anew: {error.strerror}. Make room, then try again."
        ) from None


def restore(folder: Path, backup: Path) -> Path | None:
    """Put `backup` in the place of the database of `folder`; where the former one lies now, if there was one.

    Raises StoreLocked while a store runs on the folder, DatabaseUnusable for a backup that is none.
    """
    if not backup.is_file():
        raise DatabaseUnusable(f"{backup}: no such backup. They lie in {folder / 'backups'}, unless you moved them.")
    with StoreLock(folder / LOCK):
        inspect(backup, read_migrations())
        database = folder / DATABASE
        arriving = folder / f".{DATABASE}.arriving"
        try:
            shutil.copyfile(backup, arriving)
            kept = _put_aside(database)
            arriving.rename(database)
        except OSError as error:
            arriving.unlink(missing_ok=True)
            raise StoreError(
                f"{backup} could not be copied to {database}: {error.strerror}. Make room, then try again."
            ) from None
        return kept


def _put_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"calls.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}.duckdb")
    log = database.with_name(database.name + ".wal")
    if log.exists():  # commits that are not in the file yet: without it the kept file lacks them
        log.rename(kept.with_name(kept.name + ".wal"))
    database.rename(kept)
    return kept


def _count(cursor: duckdb.DuckDBPyConnection, catalog: str, tables: Sequence[str]) -> dict[str, int]:
    counts = {}
    for name in tables:
        row = cursor.execute(f'select count(*) from {catalog}.main."{name}"').fetchone()  # noqa: S608 - our names
        counts[name] = row[0] if row else 0
    return counts


def _detach(cursor: duckdb.DuckDBPyConnection) -> None:
    if cursor.execute("select 1 from duckdb_databases() where database_name = 'backup'").fetchone():
        cursor.execute("detach backup")


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")
