"""What each row of a file means for the store: a new card, an addition to one, nothing new, or a fault.

A row means the client of its external id; without one that is known, the owner of its number if he has the
same name; without id and number, the client of that name. A number is never taken from another client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from data.client_import.rows import Fault, Reason, Wanted, folded
from data.identity.actor import Actor
from data.queries import read
from data.services.clients import ClientKind
from data.store.protocol import Store

Row = dict[str, Any]


class Effect(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    SAME = "same"
    BAD = "bad"
    LATER = "later"  # another row of the batch is about the same client


@dataclass(slots=True, kw_only=True)
class Planned:
    """What becomes of one row. card: columns of the account; changes: former and present values for the trail."""

    wanted: Wanted
    effect: Effect
    account_id: str = ""
    card: Row = field(default_factory=dict)
    changes: Row = field(default_factory=dict)
    contact_id: str | None = None
    new_contact: Row | None = None
    new_phones: tuple[str, ...] = ()
    new_tags: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def plan(store: Store, actor: Actor, batch: Sequence[Wanted]) -> list[Planned]:
    """What becomes of each row, as the store stands now."""
    names = [folded(one.name) for one in batch if not one.external_id and not one.phones]
    params = {
        "external_ids": [one.external_id for one in batch if one.external_id],
        "numbers": sorted({number for one in batch for number in one.phones}),
        "names": names,
    }
    found: dict[str, dict[str, Row]] = {"external": {}, "number": {}, "name": {}}
    for row in store.query(read("client_import/found"), params, actor=actor).to_pylist():
        found[row["kind"]].setdefault(row["key"], row)
    account_ids = sorted({row["account_id"] for rows in found.values() for row in rows.values()})
    cards: dict[str, Row] = {}
    if account_ids:
        rows = store.query(read("client_import/cards"), {"account_ids": account_ids}, actor=actor).to_pylist()
        cards = {row["account_id"]: row for row in rows}
    busy: set[str] = set()
    planned = []
    for wanted in batch:
        one = _planned(wanted, found, cards)
        key = one.account_id if one.effect is not Effect.NEW else f"{folded(wanted.name)}"
        if one.effect in (Effect.NEW, Effect.UPDATED):
            if key in busy and (one.effect is Effect.UPDATED or not (wanted.external_id or wanted.phones)):
                one = Planned(wanted=wanted, effect=Effect.LATER)
            busy.add(key)
        planned.append(one)
    return planned


def _planned(wanted: Wanted, found: dict[str, dict[str, Row]], cards: dict[str, Row]) -> Planned:
    match = found["external"].get(wanted.external_id or "")
    target = match["account_id"] if match else None
    faults = []
    for number in wanted.phones:
        owner = found["number"].get(number)
        if owner is None or owner["account_id"] == target:
            continue
        theirs = cards[owner["account_id"]]["external_id"]
        is_same = folded(owner["name"]) == folded(wanted.name) and not (theirs and wanted.external_id)
        if target is None and is_same:
            target = owner["account_id"]
        else:
            faults.append(Fault(reason=Reason.PHONE_TAKEN, value=number, other=owner["name"]))
    if faults:
        return Planned(wanted=wanted, effect=Effect.BAD, faults=tuple(faults))
    if target is None and not wanted.external_id and not wanted.phones:
        named = found["name"].get(folded(wanted.name))
        target = named["account_id"] if named else None
    return _new(wanted) if target is None else _addition(wanted, cards[target])


def _new(wanted: Wanted) -> Planned:
    account_id = str(uuid4())
    person = _person(wanted, account_id)
    return Planned(
        wanted=wanted,
        effect=Effect.NEW,
        account_id=account_id,
        card={
            "account_id": account_id,
            "name": wanted.name,
            "kind": (wanted.kind or ClientKind.ORGANISATION).value,
            "responsible_id": wanted.responsible_id,
            "emails": [] if person else list(wanted.emails),
            "messengers": [] if person else list(wanted.messengers),
            "notes": wanted.notes,
            "external_id": wanted.external_id,
        },
        contact_id=person["contact_id"] if person else None,
        new_contact=person,
        new_phones=wanted.phones,
        new_tags=wanted.tags,
    )


def _addition(wanted: Wanted, card: Row) -> Planned:
    """What the row says that the card does not; an empty cell takes nothing away."""
    contact_id, person = None, None
    if wanted.contact:
        known = {one["name"]: one["contact_id"] for one in card["people"]}
        contact_id = known.get(folded(wanted.contact))
        if contact_id is None:
            person = _person(wanted, card["account_id"])
            contact_id = person["contact_id"] if person else None
    told = {
        "name": wanted.name,
        "kind": wanted.kind.value if wanted.kind else card["kind"],
        "responsible_id": wanted.responsible_id or card["responsible_id"],
        "emails": _more(card, "emails", () if person else wanted.emails),
        "messengers": _more(card, "messengers", () if person else wanted.messengers),
        "notes": wanted.notes or card["notes"],
        "external_id": card["external_id"] or wanted.external_id,
    }
    changes = {name: [card[name], value] for name, value in told.items() if card[name] != value}
    phones = tuple(number for number in wanted.phones if number not in card["numbers"])
    tags = tuple(title for title in wanted.tags if folded(title) not in card["tags"])
    is_same = not (changes or phones or tags or person)
    return Planned(
        wanted=wanted,
        effect=Effect.SAME if is_same else Effect.UPDATED,
        account_id=card["account_id"],
        card=told | {"account_id": card["account_id"], "version": card["version"]},
        changes=changes,
        contact_id=contact_id,
        new_contact=person,
        new_phones=phones,
        new_tags=tags,
    )


def _person(wanted: Wanted, account_id: str) -> Row | None:
    if not wanted.contact:
        return None
    return {
        "contact_id": str(uuid4()),
        "account_id": account_id,
        "name": wanted.contact,
        "position": wanted.position,
        "emails": list(wanted.emails),
        "messengers": list(wanted.messengers),
    }


def _more(card: Row, name: str, given: Sequence[str]) -> list[str]:
    known = {*card[name], *card[f"people_{name}"]}
    return [*card[name], *(text for text in given if text not in known)]
