"""The phone book of the PBX: who is behind a number, and whose phone should ring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from data.access import require
from data.identity.actor import Actor, Permission
from data.phone import display, normalise
from data.queries import read
from data.settings import Site
from data.store.protocol import Store

LONGEST_SHOWN = 80  # displays of telephones cut what is longer
# What would break a caller id or the fields of a plain answer, and what a terminal would obey.
_UNSAFE = re.compile(r'["<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the phone book says of a number; all None: nothing."""

    number: str | None
    account_id: str | None = None
    client: str | None = None
    contact: str | None = None
    responsible_id: str | None = None
    responsible: str | None = None
    extension: str | None = None  # of the responsible employee, for routing

    @property
    def name(self) -> str:
        """What a telephone shows: the person, then the client."""
        parts = [caller_name(part) for part in (self.contact, self.client) if part]
        return ", ".join(dict.fromkeys(parts))[:LONGEST_SHOWN].strip()

    @property
    def number_text(self) -> str | None:
        return display(self.number) if self.number else None


def look_up(store: Store, actor: Actor, number: str, site: Site, *, now: datetime) -> Entry:
    """Who is behind a number in any format; a hidden or unknown one is nobody's. Raises NotAllowed."""
    require(actor, Permission.SEE_CALLS)
    require(actor, Permission.FULL_NUMBERS)
    known = normalise(number, site).number
    if known is None:
        return Entry(number=None)
    rows = store.query(read("phonebook/lookup"), {"number": known, "at": now}, actor=actor).to_pylist()
    if not rows:
        return Entry(number=known)
    row = rows[0]
    return Entry(
        number=known,
        account_id=row["account_id"],
        client=row["name"],
        contact=row["contact"],
        responsible_id=row["responsible_id"],
        responsible=row["responsible"],
        extension=row["extension"],
    )


def caller_name(text: str) -> str:
    """A name that can be a caller id: one line, no quotes or brackets, not too long."""
    return " ".join(_UNSAFE.sub(" ", text).split())[:LONGEST_SHOWN].strip()
