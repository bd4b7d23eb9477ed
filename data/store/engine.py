"""Opens the database of this process, ready to serve: checked, migrated, shut off from all files."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.errors import DatabaseUnusable, DiskFull, StoreError
from data.store.migrations import SCHEMA, damaged, inspect, migrate, read_migrations
from data.store.sql import own_sql
from data.store.trouble import explain

# Files made by this version can be read by every later one, and by older ones of this series.
STORAGE_VERSION = "v1.5.0"
CATALOG = "calls"  # DuckDB names the database by its file


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the database is opened."""

    path: Path
    backups: Path  # the only folder where the database may write other files
    memory_limit: str = "4GB"
    schema: Path = SCHEMA

    def open(self) -> duckdb.DuckDBPyConnection:
        """Raises DatabaseUnusable for a file that is damaged, foreign or newer, and leaves it as it is."""
        if self.path.stem != CATALOG:
            raise DatabaseUnusable(f"{self.path} must be called {CATALOG}.duckdb. Rename it.")
        _preload()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        migrations = read_migrations(self.schema)
        inspect(self.path, migrations)
        try:
            connection = duckdb.connect(self.path, config=self._config())
        except (duckdb.InvalidInputException, duckdb.ParserException) as error:
            raise DatabaseUnusable(
                f"Setting store.memory_limit = {self.memory_limit!r} does not work: {str(error).splitlines()[0]} "
                "Write for instance 4GB."
            ) from None
        except duckdb.Error as error:
            trouble = explain(error)
            raise trouble if isinstance(trouble, DiskFull) else damaged(self.path, error) from None
        try:
            migrate(connection, migrations)
            self._arrange(connection)
        except StoreError:
            connection.close()
            raise
        except duckdb.Error as error:
            connection.close()
            raise explain(error) from error
        return connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "storage_compatibility_version": STORAGE_VERSION,
            "memory_limit": self.memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            # Else a SELECT could name a variable of the Python frame that runs it.
            "python_enable_replacements": "false",
        }

    def _arrange(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("attach ':memory:' as live")
        connection.execute("attach ':memory:' as reader")
        connection.execute("set global timezone = 'UTC'")
        connection.execute(own_sql("live"))
        self.backups.mkdir(parents=True, exist_ok=True)
        # Set before the door is shut: afterwards neither can be changed by any statement.
        connection.execute("set allowed_directories = [$folder]", {"folder": str(self.backups.resolve())})
        connection.execute("set enable_external_access = false")


def _preload() -> None:
    """Import what DuckDB imports lazily: under threads that gives errors of circular imports."""
    for name in ("numpy", "pandas", "pyarrow", "pyarrow.dataset"):
        importlib.import_module(name)
