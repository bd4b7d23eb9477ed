"""Reads the tables of the Russian numbering plan: files of ranges, each with its operator and region.

The files are those that the authority publishes, one for each first digit: columns "АВС/ DEF", "От", "До",
"Емкость", "Оператор", "Регион", "Территория ГАР", "ИНН", separated by ";".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.errors import ImportFailed
from data.regions import region_of

_DIGITS = 7  # of a number behind its code
_LONGEST_NAME = 200
_COLUMNS = {"code": "def", "first": "от", "last": "до", "operator": "оператор", "region": "регион"}
_TERRITORY = "территориягар"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """Numbers from first to last, in normal form, both included."""

    first: str
    last: str
    operator: str | None
    region: str | None

    @property
    def code(self) -> str:
        return self.first[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line that cannot be used."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ranges that do not overlap, in their order, and what was set aside."""

    ranges: tuple[NumberRange, ...]
    bad: tuple[BadLine, ...]


def read_plan(path: Path) -> Plan:
    """The ranges of one file. Raises ImportFailed for one that is no such table."""
    lines = csv.reader(_text_of(path).splitlines(), delimiter=";")
    try:
        places = _places(next(lines, []), path)
        found, bad = _read(lines, places)
    except csv.Error as error:
        raise ImportFailed(f"{path} cannot be read as CSV ({error}). Download it again.") from None
    ranges, overlapping = _apart(found)
    return Plan(ranges=ranges, bad=tuple(sorted([*bad, *overlapping], key=lambda one: one.line)))


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read ({error.strerror}). Check the path.") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1251", "replace")


def _places(head: Sequence[str], path: Path) -> dict[str, int]:
    """Where each column stands; the code's name is written with Latin or Cyrillic letters, with blanks or without."""
    names = [re.sub(r"\s+", "", cell).lower() for cell in head]
    places = {}
    for column, word in _COLUMNS.items():
        fitting = [place for place, name in enumerate(names) if name == word or (word == "def" and word in name)]
        if not fitting:
            raise ImportFailed(
                f"{path} is no table of the numbering plan: its first line has no column for {word!r}. "
                'It must read "АВС/ DEF;От;До;Емкость;Оператор;Регион;…".'
            )
        places[column] = fitting[0]
    if _TERRITORY in names:
        places["territory"] = names.index(_TERRITORY)
    return places


def _read(lines: Iterator[list[str]], places: dict[str, int]) -> tuple[list[tuple[int, NumberRange]], list[BadLine]]:
    found: list[tuple[int, NumberRange]] = []
    bad: list[BadLine] = []
    for at, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        made = _range(values)
        if isinstance(made, str):
            bad.append(BadLine(line=at, why=made))
        else:
            found.append((at, made))
    return found, bad


def _range(values: dict[str, str]) -> NumberRange | str:
    """The range of one line, or why it is none."""
    code, first, last = values["code"], values["first"].zfill(_DIGITS), values["last"].zfill(_DIGITS)
    if not (values["first"] and values["last"]):
        return "it has no beginning or no end"
    if not re.fullmatch(r"[3-9][0-9]{2}", code):
        return f"the code {code[:20]!r} is not three digits"
    for text in (first, last):
        if not re.fullmatch(rf"[0-9]{{{_DIGITS}}}", text):
            return f"{text[:20]!r} is not up to seven digits"
    if last < first:
        return f"the range ends at {last}, before it begins at {first}"
    region = region_of(values["region"])
    if region is None or not region.startswith("RU-"):
        closer = region_of(values.get("territory", ""))
        region = closer if closer and (region is None or closer.startswith("RU-")) else region
    return NumberRange(
        first=f"7{code}{first}",
        last=f"7{code}{last}",
        operator=values["operator"][:_LONGEST_NAME] or None,
        region=region and region[:_LONGEST_NAME],
    )


def _apart(found: list[tuple[int, NumberRange]]) -> tuple[tuple[NumberRange, ...], list[BadLine]]:
    """The ranges in order; one that overlaps an earlier one of the order is set aside."""
    kept: list[NumberRange] = []
    bad: list[BadLine] = []
    for line, one in sorted(found, key=lambda pair: (pair[1].first, pair[1].last, pair[0])):
        if kept and one.first <= kept[-1].last:
            bad.append(
                BadLine(line=line, why=f"{one.first} to {one.last} overlaps {kept[-1].first} to {kept[-1].last}")
            )
        else:
            kept.append(one)
    return tuple(kept), bad
