"""Erases a person inside one transaction: pseudonyms for his numbers, nothing in the place of what is about him.

Facts of his calls stay, each number under one pseudonym, so every count, duration and repeat is as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from data.person import Person, core, number_pattern
from data.spellings import encoded, spellings
from data.store.personal import PERSONAL, WRITTEN
from data.store.sql import own_sql

Cursor = duckdb.DuckDBPyConnection

NOTHING = "–"  # where a column must hold something

# What is done to rows that are his, in this order; each is a file of data/store/sql/ and returns how many rows it met.
_STEPS = (
    "erase_events",
    "erase_differences",
    "erase_comment_history",
    "erase_comments",
    "erase_recordings",
    "erase_message_changes",
    "erase_messages",
    "erase_chat_events",
    "erase_chats",
    "erase_callbacks",
    "erase_leads",
    "erase_tasks",
    "erase_calls",
    "erase_contacts",
    "erase_gone_contacts",
    "erase_accounts",
    "erase_merges",
    "erase_audit",
)


def erase(cursor: Cursor, person: Person) -> tuple[dict[str, int], list[str]]:
    """Take `person` out of every table: how many rows each step met, and files of messages that nobody else's name.

    The caller begins and commits.
    """
    _gather(cursor, person)
    media = [name for (name,) in cursor.execute(own_sql("erased_media")).fetchall()]
    counts = {step.removeprefix("erase_"): _changed(cursor, own_sql(step)) for step in _STEPS}
    counts["hooks"] = _hooks(cursor, person)
    counts["mentions"] = _sweep(cursor, person)
    return {name: count for name, count in counts.items() if count}, media


def count(cursor: Cursor, person: Person) -> dict[str, int]:
    """What an erasure would meet, without doing it: tables of his own rows."""
    _gather(cursor, person)
    row = cursor.execute(own_sql("erasure_counts"))
    names = [column[0] for column in row.description or ()]
    return dict(zip(names, row.fetchone() or (), strict=True))


def _gather(cursor: Cursor, person: Person) -> None:
    """Temporary tables of his numbers, calls, chats and cards, which the steps join."""
    given: dict[str, Any] = {
        "numbers": list(person.numbers),
        "pseudonyms": list(person.numbers.values()),
        "accounts": list(person.account_ids),
        "contacts": list(person.contact_ids),
        "words": list(person.words),
    }
    for name in ("erased_number", "erased_card", "erased_call", "erased_chat"):
        statement = own_sql(name)
        cursor.execute(statement, {key: value for key, value in given.items() if f"${key}" in statement})


def _sweep(cursor: Cursor, person: Person) -> int:
    """Replace what names him wherever else it stands; how many values that were."""
    total = 0
    for table, column, kind in _columns(cursor):
        for number, pseudonym in person.numbers.items():
            pattern = number_pattern(number, spaced=table in WRITTEN)
            found = "regexp_matches(value, $pattern)" if table in WRITTEN else "contains(value, $core)"
            # Twice: of two numbers with one sign between them the first match takes that sign.
            changed = "regexp_replace(regexp_replace(value, $pattern, $into, 'g'), $pattern, $into, 'g')"
            params = {"pattern": pattern, "into": rf"\1{pseudonym}\3", "core": core(number)}
            total += _replace(cursor, table, column, kind, found, changed, params)
        for word in person.long_words:
            for spelling in spellings(word):
                params = {"word": _escaped(spelling), "plain": spelling.lower(), "nothing": NOTHING}
                found, changed = "contains(lower(value), $plain)", "regexp_replace(value, $word, $nothing, 'gi')"
                total += _replace(cursor, table, column, kind, found, changed, params)
    return total


def _replace(
    cursor: Cursor, table: str, column: str, kind: str, found: str, changed: str, params: Mapping[str, object]
) -> int:
    """Change the values of one column that `found` meets. Identifiers are those of PERSONAL, never from outside."""
    name = f'"{column}"'
    if kind == "VARCHAR":
        where, value = found.replace("value", name), changed.replace("value", name)
    elif kind == "VARCHAR[]":
        where = f"len(list_filter({name}, lambda value: {found})) > 0"
        value = f"list_transform({name}, lambda value: {changed})"
    else:  # MAP(VARCHAR, VARCHAR): values only, names of fields are the PBX's
        where = f"len(list_filter(map_values({name}), lambda value: {found})) > 0"
        value = f"map(map_keys({name}), list_transform(map_values({name}), lambda value: {changed}))"
    sql = f'update "{table}" set {name} = {value} where {where}'  # noqa: S608
    return _changed(cursor, sql, {key: one for key, one in params.items() if f"${key}" in sql})


def _columns(cursor: Cursor) -> list[tuple[str, str, str]]:
    rows = cursor.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main'"
    ).fetchall()
    return sorted(row for row in rows if row[1] in PERSONAL.get(row[0], ()))


def _hooks(cursor: Cursor, person: Person) -> int:
    """Raw bodies that name him are deleted whole: what was understood of them is in `message`."""
    total = 0
    words = (spelled for word in person.words if len(word) > 3 for spelled in encoded(word))
    for needle in dict.fromkeys([*(core(number) for number in person.numbers), *map(_as_text, words)]):
        total += _changed(cursor, own_sql("erase_hooks"), {"needle": needle.lower()})
    return total


def _as_text(content: bytes) -> str:
    """Bytes as DuckDB shows them: those beyond ASCII, quotes and backslashes escaped."""
    return "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'\"" else f"\\x{byte:02X}" for byte in content)


def _escaped(word: str) -> str:
    return "".join(sign if sign.isalnum() or sign in " @_" else f"\\{sign}" for sign in word)


def _changed(cursor: Cursor, sql: str, params: Mapping[str, object] | None = None) -> int:
    row = cursor.execute(sql, dict(params or {})).fetchone()
    return int(row[0]) if row else 0
