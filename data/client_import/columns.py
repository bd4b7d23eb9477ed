"""What the columns of a file hold: guessed from their names, chosen by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from data.errors import BadInput


class Field(StrEnum):
    """What of a client a column may hold."""

    EXTERNAL_ID = "external_id"
    NAME = "name"
    KIND = "kind"
    PHONE = "phone"  # may be chosen for several columns, as may e-mail, messenger and tags
    EMAIL = "email"
    MESSENGER = "messenger"
    CONTACT = "contact"
    POSITION = "position"
    RESPONSIBLE = "responsible"
    TAGS = "tags"
    NOTES = "notes"


REPEATED = frozenset({Field.PHONE, Field.EMAIL, Field.MESSENGER, Field.TAGS})

# The first that fits wins; words of 1C, Bitrix24, amoCRM and of our own export are among them.
_NAMES: tuple[tuple[Field, str], ...] = (
    (Field.EXTERNAL_ID, r"внешн|external|^id$|^код|guid|uuid|^ид$|код клиента"),
    (Field.POSITION, r"должност|position|job|роль"),
    (Field.EMAIL, r"почт|e-?mail"),
    (Field.PHONE, r"телефон|phone|моб|^тел\b|^тел\.|номер"),
    (Field.MESSENGER, r"мессенджер|telegram|телеграм|whatsapp|messenger"),
    (Field.RESPONSIBLE, r"ответствен|менеджер|responsible|manager|owner"),
    (Field.CONTACT, r"контакт|contact|представител"),
    (Field.KIND, r"^вид|^тип|^kind|^type|юр"),
    (Field.TAGS, r"тег|метк|tag"),
    (Field.NOTES, r"примеч|коммент|заметк|note|comment|описан"),
    (Field.NAME, r"назв|наимен|name|клиент|компани|организац|контрагент|^фио|имя|client|company"),
)

Mapped = dict[int, Field]  # the place of a column, and what it holds


def guess(columns: Sequence[str]) -> Mapped:
    """What the columns seem to hold; those that say nothing are left out."""
    found: Mapped = {}
    for place, title in enumerate(columns):
        words = " ".join(title.lower().replace("ё", "е").split())
        for field, pattern in _NAMES:
            if re.search(pattern, words) and (field in REPEATED or field not in found.values()):
                found[place] = field
                break
    return found


def chosen(given: Mapping[str, object], columns: Sequence[str]) -> Mapped:
    """What a person chose, as {"0": "name", …}. Raises BadInput."""
    mapped: Mapped = {}
    for place, field in given.items():
        if not place.isascii() or not place.isdigit() or int(place[:6]) >= len(columns):
            raise BadInput(f"The file has no column {place[:20]!r}. Choose among its {len(columns)}.")
        if field not in tuple(Field):
            raise BadInput(f"{str(field)[:40]!r} is nothing that a column may hold.")
        mapped[int(place)] = Field(str(field))
    fields = list(mapped.values())
    for field in Field:
        if field not in REPEATED and fields.count(field) > 1:
            raise BadInput(f"Two columns hold {field}. Choose one of them.")
    if Field.NAME not in fields:
        raise BadInput("No column holds the name. Choose one: a client needs a name.")
    return mapped
