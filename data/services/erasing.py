"""Erasing a person: whose data it would be, what it would meet, and asking for it. Needs the right `privacy`.

Ingest carries it out (ingest/erasing.py), which alone may change recordings and the journal.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.model import NumberClass
from data.person import Person
from data.phone import normalise
from data.queries import read
from data.services.trail import trail
from data.settings import Site
from data.store.protocol import Statement, Store

LONGEST_REASON = 500
_LETTERS = 6  # bytes of a pseudonym
_ROUNDS = 5
_SHORTEST = 7  # digits; what is shorter is a phone of the office or a service
_NOBODYS = frozenset(
    {NumberClass.INTERNAL, NumberClass.HIDDEN, NumberClass.INVALID, NumberClass.SHORT, NumberClass.SERVICE_CODE}
)


class Held(Conflict):
    """Something of the person must not be deleted: what, and why."""

    def __init__(self, subject_kind: str, subject_id: str, reason: str) -> None:
        super().__init__(
            f"There is a legal hold on {subject_kind} {subject_id}: {reason}. Lift it first, if that is right."
        )
        self.subject_kind, self.subject_id, self.reason = subject_kind, subject_id, reason


class ErasingStore(Store, Protocol):
    """A store that can count what an erasure meets."""

    def erasable(self, person: Person, *, actor: Actor) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure as its list shows it. certificate: as ingest/erasing.py made it."""

    erasure_id: str
    reason: str
    state: str
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    certificate: dict[str, Any] | None
    error: str | None


def person_of_number(store: Store, actor: Actor, number: str, site: Site) -> Person:
    """Everything that leads from a number, as typed, to the same person. Raises BadInput, NotFound."""
    require(actor, Permission.PRIVACY)
    known = normalise(number, site)
    if (
        not known.number
        or not known.number.isdigit()
        or len(known.number) < _SHORTEST
        or known.number_class in _NOBODYS
    ):
        raise BadInput(f"{number[:40]!r} is no outside number. Write for instance +7 912 345-67-89.")
    return _gathered(store, actor, {known.number}, set(), set())


def person_of_client(store: Store, actor: Actor, account_id: str) -> Person:
    """A client with its contact persons and numbers. Raises NotFound."""
    require(actor, Permission.PRIVACY)
    return _gathered(store, actor, set(), {account_id}, set())


def erasable(store: ErasingStore, actor: Actor, person: Person) -> dict[str, int]:
    """What would be met, by kind. Raises Held."""
    require(actor, Permission.PRIVACY)
    refuse_held(store, actor, person)
    return store.erasable(person, actor=actor)


def ask_erasure(store: Store, actor: Actor, person: Person, reason: str, *, now: datetime) -> str:
    """Ask for it; the id of the certificate to come. Raises Held, BadInput."""
    require(actor, Permission.PRIVACY)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(f"The reason has 1 to {LONGEST_REASON} characters: the letter or the day it rests on.")
    refuse_held(store, actor, person)
    erasure_id = str(uuid4())
    values = {
        "erasure_id": erasure_id,
        "reason": reason.strip(),
        "subject": json.dumps(person.as_json(), ensure_ascii=False),
        "at": now,
        "actor": actor.user,
    }
    steps = [
        Statement(name="erasure_insert", params=values, expect_rows=1),
        trail(actor, now, "person.erase_asked", "person", erasure_id),
    ]
    store.transact(steps, actor=actor, touches={})
    return erasure_id


def erasures(store: Store, actor: Actor) -> list[Erasure]:
    """The latest ones, done or not."""
    require(actor, Permission.PRIVACY)
    rows = store.query(read("privacy/erasures"), actor=actor).to_pylist()
    return [Erasure(**row | {"certificate": json.loads(row["certificate"] or "null")}) for row in rows]


def refuse_held(store: Store, actor: Actor, person: Person) -> None:
    """Raises Held where a hold is on one of his numbers, cards or calls."""
    asked = {"numbers": list(person.numbers), "accounts": list(person.account_ids)}
    held = store.query(read("privacy/holding"), asked, actor=actor).to_pylist()
    if held:
        raise Held(**held[0])


def _gathered(store: Store, actor: Actor, numbers: set[str], accounts: set[str], contacts: set[str]) -> Person:
    """Follow numbers to cards and cards to numbers until nothing is new."""
    for _ in range(_ROUNDS):
        before = len(numbers) + len(accounts) + len(contacts)
        for row in _rows(store, actor, "cards_of_numbers", numbers=numbers):
            accounts |= {row["account_id"]} - {None}
            contacts |= {row["contact_id"]} - {None}
        contacts |= {row["contact_id"] for row in _rows(store, actor, "contacts_of_accounts", accounts=accounts)}
        owned = _rows(store, actor, "numbers_of_cards", accounts=accounts, contacts=contacts)
        numbers |= {row["number"] for row in owned}
        if len(numbers) + len(accounts) + len(contacts) == before:
            break
    words = [row["word"] for row in _rows(store, actor, "words", accounts=accounts, contacts=contacts)]
    if accounts and not words:
        raise NotFound("There is no such client, or nothing is left of it.")
    return Person(
        numbers={number: f"x{secrets.token_hex(_LETTERS)}" for number in sorted(numbers)},
        words=tuple(sorted(words)),
        account_ids=tuple(sorted(accounts)),
        contact_ids=tuple(sorted(contacts)),
    )


def _rows(store: Store, actor: Actor, name: str, **given: set[str]) -> Sequence[dict[str, Any]]:
    params = {key: sorted(values) for key, values in given.items()}
    return store.query(read(f"privacy/{name}"), params, actor=actor).to_pylist()
