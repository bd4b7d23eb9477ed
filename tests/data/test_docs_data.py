"""The data dictionary names every table and column there is, in the order of the schema."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from data.store.personal import PERSONAL, is_harmless

ROOT = Path(__file__).parents[2]


def in_the_schema() -> dict[str, list[str]]:
    cursor = duckdb.connect()
    for file in sorted((ROOT / "data/schema").glob("*.sql")):
        cursor.execute(file.read_text("utf-8"))
    rows = cursor.execute(
        "select table_name, list(column_name order by ordinal_position) from information_schema.columns group by all"
    ).fetchall()
    return dict(rows)


def in_the_dictionary() -> dict[str, list[str]]:
    sections = re.split(r"^### ", (ROOT / "docs/data.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {section.split("\n", 1)[0]: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) for section in sections}


def test_dictionary_names_the_tables_of_the_schema() -> None:
    assert set(in_the_dictionary()) == set(in_the_schema())


def test_dictionary_names_the_columns_of_every_table_in_their_order() -> None:
    described = in_the_dictionary()

    for table, columns in in_the_schema().items():
        assert described[table] == columns, table


def test_every_column_is_explained() -> None:
    text = (ROOT / "docs/data.md").read_text("utf-8")

    assert not re.findall(r"^\| `\w+` \|\s*\|$", text, re.MULTILINE)


def test_every_column_of_text_is_known_to_an_erasure() -> None:
    """A new one is named in data/store/personal.py: a person's (PERSONAL), or not (HARMLESS)."""
    cursor = duckdb.connect()
    for file in sorted((ROOT / "data/schema").glob("*.sql")):
        cursor.execute(file.read_text("utf-8"))
    rows = cursor.execute(
        "select table_name, column_name from duckdb_columns() where (data_type like '%VARCHAR%' or data_type in "
        "('BLOB', 'JSON')) and table_name in (select table_name from duckdb_tables())"
    ).fetchall()

    known = {(table, column) for table, columns in PERSONAL.items() for column in columns} | {("hook_event", "body")}
    assert [row for row in rows if row not in known and not is_harmless(*row)] == []
    assert sorted(known - set(rows)) == []
