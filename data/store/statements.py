"""The statements that change something on a user's behalf: files of `data/queries/write/`, by name.

The web process can send only these names, so that no text from outside ever becomes SQL.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from data.errors import Conflict, QueryRejected
from data.store.protocol import Statement
from data.store.wire import bound

WRITE = Path(__file__).parents[1] / "queries" / "write"
_CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE_INTO")


class NamedStatements:
    """Statements by the name of their file, read once."""

    def __init__(self, folder: Path = WRITE) -> None:
        self.folder = folder
        self.sql = cache(self._read)

    def names(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.sql"))

    def _read(self, name: str) -> str:
        """Raises QueryRejected for a name that has no file."""
        if name not in self.names():  # compared, not joined: a name is never a path
            raise QueryRejected(
                f"There is no write statement {name!r}. Known are: {', '.join(self.names()) or 'none'}."
            )
        return (self.folder / f"{name}.sql").read_text("utf-8")


def run(cursor: duckdb.DuckDBPyConnection, step: Statement, sql: str) -> pa.Table:
    """Carry out one step inside a transaction; what it returned. Raises Conflict, QueryRejected."""
    (parsed,) = cursor.extract_statements(sql)
    if missing := sorted(parsed.named_parameters - set(step.params)):
        raise QueryRejected(f"The write statement {step.name!r} needs ${missing[0]}, which was not given.")
    result = cursor.execute(sql, bound(step.params)).to_arrow_table()
    if step.expect_rows is not None and (rows := _changed(parsed, result)) != step.expect_rows:
        raise Conflict(
            f"{step.name} met {rows} rows instead of {step.expect_rows}: somebody else changed them meanwhile. "
            "Nothing was saved; read again, then repeat."
        )
    return result


def _changed(parsed: duckdb.Statement, result: pa.Table) -> int:
    # Without "returning", DuckDB answers a change with the one cell Count.
    if parsed.type.name in _CHANGES and result.column_names == ["Count"] and result.num_rows == 1:
        return int(result["Count"][0].as_py())
    return int(result.num_rows)
