"""Statements by name: `read("calls/page")` is the text of `data/queries/calls/page.sql`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Bound = tuple[str, dict[str, object]]  # a statement and the values of its parameters

ROOT = Path(__file__).parent
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_PARAMETER = re.compile(r"\$(\w+)")
_PLACE = re.compile(r"\|(\w+)\|")


@cache
def read(name: str) -> str:
    """The text of one statement."""
    return (ROOT / f"{name}.sql").read_text("utf-8")


@cache
def fragments(name: str) -> Mapping[str, str]:
    """The parts of a file of expressions: each begins with a line `-- name: its name`."""
    parts: dict[str, str] = {}
    for section in read(name).split("-- name: ")[1:]:
        title, _, text = section.partition("\n")
        parts[title.strip()] = _COMMENT.sub("", text).strip()
    return parts


def compose(text: str, parts: Mapping[str, str]) -> str:
    """`text` with each |place| taken by the part of that name: SQL of ours, never a value."""
    return _PLACE.sub(lambda place: parts[place[1]], text)


def bound(text: str, params: Mapping[str, object]) -> Bound:
    """The statement with exactly the parameters that it names: the engine refuses others."""
    return text, {name: params[name] for name in _PARAMETER.findall(text)}
