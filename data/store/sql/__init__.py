"""The store's own statements, one per file, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def own_sql(name: str) -> str:
    """The text of `<name>.sql` beside this module."""
    return (Path(__file__).parent / f"{name}.sql").read_text("utf-8")
