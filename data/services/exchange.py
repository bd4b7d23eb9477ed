"""Clients and contact persons for other systems: read by what changed since, created and changed with their numbers.

A reader keeps the cursor of the last answer and asks for what came after it: changes come in the order in
which the store wrote them, each row as it is now, so nothing is missed and a row may come twice.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from data.access import require
from data.errors import BadCursor, BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.phone import mask
from data.queries import read
from data.services.clients import (
    ClientFields,
    ClientKind,
    ContactFields,
    change,
    creation,
    get_client,
    known_id,
)
from data.services.contacts import contact_change, contact_creation, contact_of
from data.services.numbers import assignment, ending, owner_of, refuse_taken, typed_number
from data.services.trail import trail
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

LONGEST_EXTERNAL_ID = 200
MOST_PHONES = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows that changed after a cursor. cursor: for what comes after them; more: there are further ones now."""

    rows: tuple[Row, ...]
    cursor: str
    more: bool


def changed_accounts(
    store: Store, actor: Actor, *, since: str = "", limit: int = 100, external_id: str | None = None
) -> Changes:
    """Clients that changed after the cursor `since` (empty: all), merged ones too. Raises BadCursor, NotAllowed."""
    params = {"account_id": None, "external_id": external_id}
    return _changes(store, actor, "accounts", "account_id", params, since, limit)


def changed_contacts(
    store: Store,
    actor: Actor,
    *,
    since: str = "",
    limit: int = 100,
    account_id: str | None = None,
    external_id: str | None = None,
) -> Changes:
    """Contact persons that changed after the cursor, perhaps of one client only; those who were removed too.

    Raises BadCursor, NotAllowed.
    """
    params = {"contact_id": None, "account_id": account_id and known_id(account_id), "external_id": external_id}
    return _changes(store, actor, "contacts", "contact_id", params, since, limit)


def one_account(store: Store, actor: Actor, account_id: str) -> Row:
    """The client as the list tells him. Raises NotFound."""
    params = {"account_id": known_id(account_id), "external_id": None}
    return _one(store, actor, "accounts", params, account_id)


def one_contact(store: Store, actor: Actor, contact_id: str) -> Row:
    """The person as the list tells him. Raises NotFound."""
    params = {"contact_id": known_id(contact_id), "account_id": None, "external_id": None}
    return _one(store, actor, "contacts", params, contact_id)


def create_account(
    store: Store, actor: Actor, site: Site, fields: ClientFields, phones: Sequence[str], *, now: datetime
) -> str:
    """A new client with these numbers; the id. All of it or nothing.

    Raises Conflict for an external id or a number that is somebody's, BadInput, NotAllowed.
    """
    account_id, steps = creation(store, actor, fields, now)
    steps += _external_free(store, actor, account_id, fields.external_id)
    steps += _phone_steps(store, actor, site, phones, (), account_id, None, now)
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [account_id]})
    return account_id


def update_account(
    store: Store,
    actor: Actor,
    site: Site,
    account_id: str,
    changes: Row,
    *,
    phones: Sequence[str] | None,
    version: int | None,
    now: datetime,
) -> str:
    """Change fields of a client, and replace his own numbers where `phones` is given; the id of the card.

    changes: names of ClientFields and their values. version: of the card that was read, None: whatever it is.
    Raises Conflict, BadInput, NotFound, NotAllowed.
    """
    kept = get_client(store, actor, account_id)
    fields = replace(kept.fields, **changes)
    steps = change(store, actor, kept, fields, version=version or kept.version, now=now)
    if "external_id" in changes:
        steps += _external_free(store, actor, kept.account_id, fields.external_id)
    if phones is not None:
        present = one_account(store, actor, kept.account_id)["phones"]
        steps += _phone_steps(store, actor, site, phones, present, kept.account_id, None, now)
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [kept.account_id]})
    return kept.account_id


def create_contact_person(
    store: Store,
    actor: Actor,
    site: Site,
    account_id: str,
    fields: ContactFields,
    *,
    external_id: str | None,
    phones: Sequence[str],
    now: datetime,
) -> str:
    """A new contact person of a client with these numbers; the id. Raises as create_account, and NotFound."""
    owner_id = get_client(store, actor, account_id).account_id
    contact_id, steps = contact_creation(actor, owner_id, fields, now)
    steps += _external_steps(store, actor, contact_id, external_id)
    steps += _phone_steps(store, actor, site, phones, (), owner_id, contact_id, now)
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [owner_id]})
    return contact_id


def update_contact_person(
    store: Store,
    actor: Actor,
    site: Site,
    contact_id: str,
    changes: Row,
    *,
    phones: Sequence[str] | None,
    version: int | None,
    now: datetime,
) -> None:
    """Change fields of a person (of ContactFields, and external_id); numbers as in update_account."""
    kept = one_contact(store, actor, contact_id)
    told = {name: value for name, value in changes.items() if name != "external_id"}
    client, person = contact_of(store, actor, kept["account_id"], contact_id)
    fields = replace(person.fields, **told)
    steps = contact_change(actor, client.account_id, person, fields, version=version or person.version, now=now)
    if "external_id" in changes:
        steps += _external_steps(store, actor, kept["contact_id"], changes["external_id"])
    if phones is not None:
        steps += _phone_steps(store, actor, site, phones, kept["phones"], kept["account_id"], kept["contact_id"], now)
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [kept["account_id"]]})


def _changes(store: Store, actor: Actor, name: str, key: str, params: Row, since: str, limit: int) -> Changes:
    require(actor, Permission.EXPORT)
    after_at, after_id = _place(since, name)
    asked = {**params, "after_at": after_at, "after_id": after_id, "limit": limit + 1}
    rows = store.query(read(f"exchange/{name}"), asked, actor=actor).to_pylist()
    shown = rows[:limit]
    cursor = _cursor(name, shown[-1]["moment"], shown[-1][key]) if shown else since
    return Changes(rows=tuple(_told(row, actor) for row in shown), cursor=cursor, more=len(rows) > limit)


def _one(store: Store, actor: Actor, name: str, params: Row, wanted: str) -> Row:
    require(actor, Permission.SEE_CALLS)
    asked = {**params, "after_at": None, "after_id": None, "limit": 1}
    rows = store.query(read(f"exchange/{name}"), asked, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"There is no {name.removesuffix('s')} {wanted[:40]}. List them with /api/{name}.")
    return _told(rows[0], actor)


def _told(row: Row, actor: Actor) -> Row:
    """The row as the actor may see it, without the moment that only orders."""
    told = {name: value for name, value in row.items() if name != "moment"}
    if actor.may(Permission.FULL_NUMBERS):
        return told
    return told | {"phones": [mask(number) for number in row["phones"]], "emails": [], "messengers": []}


def _cursor(name: str, moment: datetime, key: str) -> str:
    place = f"{name}:{(moment - _EPOCH) // _INSTANT}:{key}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str, name: str) -> tuple[datetime | None, str | None]:
    if not cursor:
        return None, None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        kind, micros, key = text.split(":")
        moment = _EPOCH + int(micros) * _INSTANT
        known = str(UUID(key))
    except (ValueError, OverflowError, binascii.Error):
        raise BadCursor("The cursor `since` is none of ours. Ask without it to begin anew.") from None
    if kind != name:
        raise BadCursor(f"The cursor `since` belongs to /api/{kind[:20]}, not to /api/{name}.")
    return moment, known


def _external_free(store: Store, actor: Actor, account_id: str, external_id: str | None) -> list[Statement]:
    """A step that fails where another client has the external id; it is looked for now too, to say whose it is."""
    if external_id is None:
        return []
    for row in _by_external_id(store, actor, "accounts", external_id):
        if row["account_id"] != account_id and row["merged_into"] is None:
            raise Conflict(
                f"The external id {external_id!r} is that of the client {row['account_id']}. Change that one."
            )
    params = {"account_id": account_id, "external_id": external_id}
    return [Statement(name="account_external_free", params=params, expect_rows=1)]


def _external_steps(store: Store, actor: Actor, contact_id: str, external_id: str | None) -> list[Statement]:
    """The steps that give a person his id in another system."""
    if external_id is not None:
        for row in _by_external_id(store, actor, "contacts", external_id):
            if row["contact_id"] != contact_id and row["deleted_at"] is None:
                raise Conflict(
                    f"The external id {external_id!r} is that of the person {row['contact_id']}. Change that one."
                )
    params = {"contact_id": contact_id, "external_id": external_id}
    return [Statement(name="contact_external_set", params=params, expect_rows=1)]


def _by_external_id(store: Store, actor: Actor, name: str, external_id: str) -> list[Row]:
    """The rows of accounts or contacts that have this external id."""
    params = {"account_id": None, "contact_id": None, "external_id": external_id}
    asked = {**params, "after_at": None, "after_id": None, "limit": 10}
    sql = read(f"exchange/{name}")
    return store.query(sql, {key: value for key, value in asked.items() if f"${key}" in sql}, actor=actor).to_pylist()


def _phone_steps(
    store: Store,
    actor: Actor,
    site: Site,
    phones: Sequence[str],
    present: Sequence[str],
    account_id: str,
    contact_id: str | None,
    now: datetime,
) -> list[Statement]:
    """The steps after which exactly `phones` are the client's own, or the person's. Raises NumberTaken, BadInput."""
    if not phones and not present:
        return []
    require(actor, Permission.FULL_NUMBERS)
    if len(phones) > MOST_PHONES:
        raise BadInput(f"There are {len(phones)} phones, at most {MOST_PHONES} are kept. Leave some out.")
    wanted = list(dict.fromkeys(typed_number(phone, site) for phone in phones))
    steps = []
    for number in present:
        if number not in wanted:
            steps.append(ending(number, account_id, now))
            steps.append(trail(actor, now, "number.detach", "number", number, account_id=account_id))
    for number in wanted:
        if number in present:
            continue
        owner = owner_of(store, actor, number)
        if owner is not None and owner.account_id != account_id:
            refuse_taken(number, owner)
        if owner is not None:
            steps.append(ending(number, account_id, now))
        steps += assignment(actor, number, account_id, contact_id, now)
        detail = {"account_id": account_id, "contact_id": contact_id}
        steps.append(trail(actor, now, "number.move" if owner else "number.attach", "number", number, **detail))
    return steps


def kind_of(text: str) -> ClientKind:
    """The kind of a client by its word. Raises BadInput."""
    try:
        return ClientKind(text)
    except ValueError:
        raise BadInput(f"kind={text[:40]!r} is none of: {', '.join(ClientKind)}.") from None
