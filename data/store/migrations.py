"""Brings a database file to the newest schema before it is served, or refuses it unchanged.

Migrations are the files `data/schema/NNNN_name.sql`, applied in order; the transaction of a step also writes
its line into `schema_version`. A released file is never edited: its checksum tells.

Each step goes into the file itself with its commit, instead of waiting in the write-ahead log: DuckDB 1.5 cannot
read `alter table` back from its log where a default of the table is more than a constant, and who was
killed before the first checkpoint would have lost the file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.errors import DatabaseUnusable

SCHEMA = Path(__file__).parents[1] / "schema"
_FILE = re.compile(r"(\d{4})_\w+\.sql")
_MAGIC = slice(8, 12)

_RECORD = """
create table if not exists schema_version (
    version integer not null,
    name varchar not null,
    checksum varchar not null,
    applied_at timestamptz not null
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = SCHEMA) -> tuple[Migration, ...]:
    """All steps in order."""
    found = [(match, file) for file in sorted(folder.glob("*.sql")) if (match := _FILE.fullmatch(file.name))]
    return tuple(Migration(version=int(match[1]), name=file.name, sql=file.read_text("utf-8")) for match, file in found)


def inspect(path: Path, migrations: Sequence[Migration]) -> None:
    """Raises DatabaseUnusable where `path` may not be served; reads only, so the file stays as it is.

    Must run before the process opens the database for writing: it reads the file itself.
    """
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise DatabaseUnusable(
            f"{path} cannot be read: {error.strerror}. Check who owns it, or choose another folder with --data."
        ) from None
    if head and head[_MAGIC] != b"DUCK":
        raise DatabaseUnusable(
            f"{path} is no DuckDB database. Move it away, or choose another folder with --data; nothing was changed."
        )
    try:
        with duckdb.connect(path, read_only=True) as connection:
            _compare(path, connection, migrations)
    except duckdb.Error as error:
        raise damaged(path, error) from None


def migrate(connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration]) -> None:
    """Apply every step that the file does not have yet; a step that fails leaves no trace."""
    usual = connection.execute("select current_setting('wal_autocheckpoint')").fetchone()
    connection.execute("set wal_autocheckpoint = '0 bytes'")
    try:
        _migrate(connection, migrations)
    finally:
        connection.execute("set wal_autocheckpoint = $usual", {"usual": usual[0] if usual else "16MB"})


def _migrate(connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration]) -> None:
    connection.execute(_RECORD)
    present = {version for (version,) in connection.execute("select version from schema_version").fetchall()}
    missing = [step for step in migrations if step.version not in present]
    # An empty file gets everything in one commit, which takes a fifth of the time. Rows need one a step:
    # DuckDB 1.5 refuses to alter a table twice in a transaction once it has some.
    for steps in [missing] if not present else [[step] for step in missing]:
        _apply(connection, steps)


def _apply(connection: duckdb.DuckDBPyConnection, steps: Sequence[Migration]) -> None:
    """All of `steps`, or none of them."""
    connection.begin()
    for step in steps:
        try:
            connection.execute(step.sql)
            connection.execute(
                "insert into schema_version values ($version, $name, $checksum, now())",
                {"version": step.version, "name": step.name, "checksum": step.checksum},
            )
        except duckdb.Error as error:
            connection.rollback()
            raise _failed(step, error) from error
    try:
        connection.commit()
    except duckdb.Error as error:
        connection.rollback()
        raise _failed(steps[-1], error) from error


def _failed(step: Migration, error: Exception) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"Migration {step.name} failed and was taken back: {error}. "
        "The file is as before; go back to the former version and report this."
    )


def damaged(path: Path, error: Exception) -> DatabaseUnusable:
    """What to say of a file that DuckDB cannot open."""
    return DatabaseUnusable(
        f"{path} is damaged: {str(error).splitlines()[0]} "
        "Nothing was changed; keep the file and bring back a backup with `app.py restore`."
    )


def _compare(path: Path, connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration]) -> None:
    names = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if not names:  # a first start that was killed before its first migration
        return
    if "schema_version" not in names:
        raise DatabaseUnusable(
            f"{path} is a DuckDB database of something else (it has {', '.join(sorted(names)[:3])}). "
            "Move it away, or choose another folder with --data; nothing was changed."
        )
    known = {step.version: step for step in migrations}
    rows = connection.execute("select version, name, checksum from schema_version order by version").fetchall()
    for version, name, checksum in rows:
        if version not in known:
            raise DatabaseUnusable(
                f"{path} has schema version {version} ({name}), this program knows versions up to "
                f"{max(known, default=0)}. Install the newer program again, or bring back an older backup."
            )
        if known[version].checksum != checksum:
            raise DatabaseUnusable(
                f"{path} was made with another text of migration {name}: a released migration must never be edited. "
                f"Bring back the original {name} and put the change into a new file."
            )
