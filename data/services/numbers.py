"""Whose a number is: attached, moved and let go; one owner at a time, and everybody it had is kept.

Numbers are in normal form, as rows of the journal carry them; what a person typed goes through
`typed_number` first. An assignment has a moment: calls before the first one are labelled too, a
move leaves the former owner's calls with the former owner.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from data.access import require
from data.errors import BadInput, NumberTaken
from data.identity.actor import Actor, Permission
from data.model import NumberClass
from data.phone import Number, classify, display, mask, normalise
from data.queries import read
from data.services.clients import ClientFields, creation, get_client, known_id
from data.services.trail import trail
from data.settings import Site
from data.store.protocol import Statement, Store, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose a number is, or was for a time."""

    account_id: str
    name: str
    contact_id: str | None
    contact: str | None
    from_at: datetime
    until_at: datetime | None = None  # None: still


def typed_number(text: str, site: Site) -> str:
    """The normal form of what a person typed. Raises BadInput for what can be nobody's number."""
    return known_number(text, site)[0]


def known_number(text: str, site: Site) -> tuple[str, Number]:
    """The normal form of what a person typed, and all that is known of it. Raises BadInput as above."""
    known = normalise(text, site)
    if known.number is None or known.number_class in (NumberClass.INVALID, NumberClass.HIDDEN):
        raise BadInput(f"{text[:40]!r} is no telephone number. Type it as +7 912 345-67-89.")
    return known.number, known


def owner_of(store: Store, actor: Actor, number: str) -> Owner | None:
    """Whose the number is now."""
    _require_full(actor)
    rows = store.query(read("clients/owner"), {"number": number}, actor=actor).to_pylist()
    return Owner(**rows[0]) if rows else None


def owners_of(store: Store, actor: Actor, number: str) -> tuple[Owner, ...]:
    """Everybody whose the number was, in the order of time."""
    _require_full(actor)
    rows = store.query(read("clients/number_history"), {"number": number}, actor=actor).to_pylist()
    return tuple(Owner(**{name: value for name, value in row.items() if name != "assigned_by"}) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerNumber:
    """A number that was a client's for a time; masked where the actor may not see it."""

    number: str
    number_text: str
    from_at: datetime
    until_at: datetime


def former_numbers(store: Store, actor: Actor, account_id: str) -> tuple[FormerNumber, ...]:
    """Numbers that are not the client's any more, the latest first."""
    require(actor, Permission.SEE_CALLS)
    full = actor.may(Permission.FULL_NUMBERS)
    rows = store.query(read("clients/former_numbers"), {"account_id": known_id(account_id)}, actor=actor).to_pylist()
    return tuple(
        FormerNumber(
            number=row["number"] if full else mask(row["number"]),
            number_text=display(row["number"]) if full else mask(row["number"]),
            from_at=row["from_at"],
            until_at=row["until_at"],
        )
        for row in rows
    )


def attach_number(
    store: Store, actor: Actor, number: str, account_id: str, *, now: datetime, contact_id: str | None = None
) -> None:
    """The number is the client's from now on; if it never was anybody's, all its calls are labelled.

    Raises NumberTaken when it is somebody's (ask, then `move_number`), NotFound, NotAllowed.
    """
    _require_edit(actor)
    account_id = get_client(store, actor, account_id).account_id
    owner = owner_of(store, actor, number)
    if owner is not None and owner.account_id == account_id:
        if owner.contact_id != contact_id:
            move_number(store, actor, number, account_id, now=now, contact_id=contact_id)
        return
    refuse_taken(number, owner)
    store.transact(
        [
            *assignment(actor, number, account_id, contact_id, now),
            trail(actor, now, "number.attach", "number", number, account_id=account_id, contact_id=contact_id),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [account_id]},
    )


def move_number(
    store: Store, actor: Actor, number: str, account_id: str, *, now: datetime, contact_id: str | None = None
) -> None:
    """The number is the client's from now on, and its former owner's until now.

    Raises Conflict when it changed hands meanwhile, NotFound, NotAllowed.
    """
    _require_edit(actor)
    account_id = get_client(store, actor, account_id).account_id
    former = owner_of(store, actor, number)
    store.transact(
        [
            *([ending(number, former.account_id, now)] if former else []),
            *assignment(actor, number, account_id, contact_id, now),
            trail(
                actor,
                now,
                "number.move",
                "number",
                number,
                account_id=account_id,
                contact_id=contact_id,
                former_account_id=former and former.account_id,
            ),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [account_id, *([former.account_id] if former else [])]},
    )


def detach_number(store: Store, actor: Actor, number: str, account_id: str, *, now: datetime) -> None:
    """The number is nobody's from now on; calls until now stay the client's.

    Raises Conflict when the number is not the client's.
    """
    _require_edit(actor)
    account_id = known_id(account_id)
    store.transact(
        [
            ending(number, account_id, now),
            trail(actor, now, "number.detach", "number", number, account_id=account_id),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [account_id]},
    )


def create_client_with_number(store: Store, actor: Actor, fields: ClientFields, number: str, *, now: datetime) -> str:
    """A new client whose the number is from now on; the id. All of it or nothing.

    Raises NumberTaken when the number is somebody's, BadInput, NotAllowed.
    """
    _require_edit(actor)
    account_id, steps = creation(store, actor, fields, now)
    refuse_taken(number, owner_of(store, actor, number))
    store.transact(
        [
            *steps,
            *assignment(actor, number, account_id, None, now),
            trail(actor, now, "number.attach", "number", number, account_id=account_id, contact_id=None),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [account_id]},
    )
    return account_id


def _require_full(actor: Actor) -> None:
    require(actor, Permission.SEE_CALLS)
    require(actor, Permission.FULL_NUMBERS)


def _require_edit(actor: Actor) -> None:
    require(actor, Permission.EDIT_CLIENTS)
    require(actor, Permission.FULL_NUMBERS)


def refuse_taken(number: str, owner: Owner | None) -> None:
    """Raises NumberTaken where the number has an owner."""
    if owner is not None:
        raise NumberTaken(f"{display(number)} belongs to {owner.name}. Move it, or choose that client.")


def assignment(actor: Actor, number: str, account_id: str, contact_id: str | None, now: datetime) -> list[Statement]:
    """The steps that make a number somebody's from now on; they fail where it is somebody's."""
    params = {
        "assignment_id": str(uuid4()),
        "number": number,
        "account_id": account_id,
        "contact_id": contact_id and known_id(contact_id),
        "at": now,
        "actor": actor.user,
    }
    return [
        Statement(name="number_ensure", params=_described(classify(number))),
        Statement(name="assignment_insert", params=params, expect_rows=1),
    ]


def ending(number: str, account_id: str, now: datetime) -> Statement:
    """The step after which a number is not this client's any more."""
    return Statement(
        name="assignment_end", params={"number": number, "account_id": account_id, "at": now}, expect_rows=1
    )


def _described(number: Number) -> dict[str, object]:
    return {**asdict(number), "number_class": number.number_class.value}
