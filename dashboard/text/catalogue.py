"""Reads the catalogues of a language into one gettext object, compiled in memory at first use."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from data.identity.actor import Permission, Role
from data.model import (
    Direction,
    IntervalKind,
    LegResult,
    LegRole,
    NumberClass,
    Outcome,
    Reason,
    Status,
    TransferKind,
)

LANGUAGES = ("ru", "en")
FOLDER = Path(__file__).parent

# Closed sets whose words all stand in domain.po, under the name of the set: "status.lost".
DOMAIN = "domain"
LABELLED: tuple[type[StrEnum], ...] = (
    Direction,
    Outcome,
    Reason,
    Status,
    NumberClass,
    TransferKind,
    LegRole,
    LegResult,
    IntervalKind,
    Role,
    Permission,
)


def key_of(value: StrEnum) -> str:
    """Status.LOST as "status.lost"."""
    return f"{_area(type(value))}.{value}"


def _area(values: type[StrEnum]) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in values.__name__).lstrip("_")


_DOMAIN_AREAS = frozenset(_area(values) for values in LABELLED)


@cache
def read_catalogue(language: str) -> GNUTranslations:
    """All words of `language`, of all its files."""
    merged = Catalog(locale=language)
    for file in sorted((FOLDER / language).glob("*.po")):
        for message in read_file(file, language):
            if message.id:
                merged[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)


def read_file(file: Path, language: str) -> Catalog:
    """One catalogue file; raises a PoFileError that names the line where it is broken."""
    with file.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def area_of(key: str) -> str:
    """The catalogue file that `key` belongs to."""
    first = key.partition(".")[0]
    return DOMAIN if first in _DOMAIN_AREAS else first


@cache
def words_for_scripts(language: str) -> dict[str, str]:
    """The words that scripts show: every key with a part "js", as in "journal.js.new_calls"."""
    words = {}
    for file in sorted((FOLDER / language).glob("*.po")):
        for message in read_file(file, language):
            if isinstance(message.id, str) and ".js." in message.id and isinstance(message.string, str):
                words[message.id] = message.string
    return words
