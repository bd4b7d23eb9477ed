"""What may be read: the parsed statement is one SELECT, and names nothing it must not name.

Two walls stand behind this one: every read runs in a read-only transaction, and the database
has no access to files. A `Fence` belongs to people who see only some views (analysts): their
names resolve in a schema of such views alone, and this parser refuses every other way to a table.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb

from data.errors import QueryRejected

_SOURCES = {  # what can stand in a FROM clause, and is looked into below
    "SELECT_NODE",
    "SET_OPERATION_NODE",
    "RECURSIVE_CTE_NODE",
    "CTE_NODE",
    "BASE_TABLE",
    "SUBQUERY",
    "JOIN",
    "TABLE_FUNCTION",
    "EXPRESSION_LIST",
    "EMPTY",
    "PIVOT",
}
_HARMLESS = ("_MODIFIER", "_TYPE_INFO", "ORDER_DEFAULT", "ASCENDING", "DESCENDING")
_TABLE_FUNCTIONS = {"unnest", "range", "generate_series", "repeat_row", "json_each", "json_tree"}
_CATALOGUE_FUNCTIONS = {"duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_databases"}
_FORBIDDEN_FUNCTIONS = {
    "nextval",
    "currval",
    "write_log",
    "sleep_ms",
    "stats",  # smallest and largest value of a whole column, also of rows that a view hides
    "getvariable",
    "getenv",
    "current_setting",
    "current_query",
    "in_search_path",
    "json_serialize_plan",
    "json_execute_serialized_sql",
}
_FORBIDDEN_PREFIXES = ("read_", "pg_", "duckdb_", "pragma_", "checkpoint", "force_checkpoint", "which_")


@dataclass(frozen=True, slots=True)
class Fence:
    """The only relations that somebody may name, and the names that nobody else may take."""

    visible: frozenset[str]
    hidden: frozenset[str]  # relations that exist elsewhere: no CTE may lend its name to one of them


class Walls:
    """Checks statements; what was found right once is not parsed again."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._cursor = connection.cursor()
        self._lock = threading.Lock()
        self.check = lru_cache(maxsize=2048)(self._check)

    def close(self) -> None:
        self._cursor.close()

    def _check(self, sql: str, fence: Fence | None = None) -> None:
        """Raises QueryRejected unless `sql` is one SELECT that stays inside."""
        with self._lock:
            try:
                statements = self._cursor.extract_statements(sql)
            except duckdb.Error as error:
                raise QueryRejected(str(error)) from None
            if len(statements) != 1:
                raise QueryRejected(
                    f"There are {len(statements)} statements; a query is exactly one SELECT. Send them one by one."
                )
            kind = statements[0].type
            if kind != duckdb.StatementType.SELECT:
                raise QueryRejected(
                    f"This is {kind.name}; a query is exactly one SELECT. Changes are made by named statements."
                )
            # All rows: a result that is not read to its end keeps its transaction open, and that one
            # keeps the database from being written into its file (checkpoint).
            rows = self._cursor.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchall()
        tree = json.loads(rows[0][0]) if rows else {"error": True}
        if tree.get("error"):
            raise QueryRejected(f"This is no plain SELECT: {tree.get('error_message', 'it cannot be taken apart')}")
        _inspect(tree["statements"], fence)


def _inspect(tree: Any, fence: Fence | None) -> None:
    local = frozenset(name for node in _nodes(tree) if "cte_map" in node for name in _cte_names(node)) | frozenset(
        node["cte_name"].lower() for node in _nodes(tree) if "cte_name" in node
    )
    if fence is not None and (borrowed := local & fence.hidden):
        raise QueryRejected(f"WITH may not be called {min(borrowed)!r} here: a table has that name. Choose another.")
    for node in _nodes(tree):
        if "function_name" in node:
            _check_function(node)
        if "class" in node or not isinstance(node.get("type"), str):
            continue
        kind = node["type"]
        if kind == "TABLE_FUNCTION":
            _check_table_function(node["function"]["function_name"].lower(), fence)
        elif kind == "BASE_TABLE" and fence is not None:
            _check_table(node, fence, local)
        elif kind not in _SOURCES and not kind.endswith(_HARMLESS) and (fence is not None or kind != "SHOW_REF"):
            raise QueryRejected(f"{kind} is not allowed in a query. Write it as a plain SELECT.")


def _check_function(node: dict[str, Any]) -> None:
    name = node["function_name"].lower()
    if name in _CATALOGUE_FUNCTIONS:  # a table function: looked at as such
        return
    # With a schema it could be one of ours: the one that makes pseudonyms must not answer guesses.
    ours = node.get("schema", "") not in ("", "main", "pg_catalog") or node.get("catalog", "") not in ("", "system")
    if ours or name in _FORBIDDEN_FUNCTIONS or name.startswith(_FORBIDDEN_PREFIXES):
        raise QueryRejected(f"The function {name} is not allowed in a query.")


def _check_table_function(name: str, fence: Fence | None) -> None:
    if name in _TABLE_FUNCTIONS or (fence is None and name in _CATALOGUE_FUNCTIONS):
        return
    raise QueryRejected(f"The table function {name} is not allowed in a query; read from tables and views.")


def _check_table(node: dict[str, Any], fence: Fence, local: frozenset[str]) -> None:
    name = ".".join(part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part)
    if name.lower() not in fence.visible | local:
        raise QueryRejected(f"There is no {name!r} for you. These can be read: {', '.join(sorted(fence.visible))}.")


def _cte_names(node: dict[str, Any]) -> Iterator[str]:
    return (entry["key"].lower() for entry in node["cte_map"]["map"])


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the parsed statement. Values typed by the user are never objects."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
