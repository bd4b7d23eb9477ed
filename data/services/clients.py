"""Clients: found, read, created and changed. Their contact persons stand beside (contacts.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from data.access import require
from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.model import NumberClass
from data.phone import display, mask, search_pattern
from data.queries import read
from data.services.fields import (
    LONGEST_NAME,
    LONGEST_NOTES,
    usable_emails,
    usable_messengers,
    usable_name,
    usable_text,
)
from data.services.tags import client_tag_steps
from data.services.trail import trail
from data.settings import Site
from data.store.protocol import Statement, Store, Topic


class ClientKind(StrEnum):
    ORGANISATION = "organisation"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    """What people fill in on the card of a client."""

    name: str
    kind: ClientKind = ClientKind.ORGANISATION
    responsible_id: str | None = None
    tags: tuple[str, ...] = ()  # titles of the vocabulary; a new word becomes a tag
    emails: tuple[str, ...] = ()
    messengers: tuple[str, ...] = ()  # "telegram:@romashka"
    notes: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientNumber:
    """A number that is the client's now; masked where the actor may not see it."""

    number: str
    number_text: str
    contact_id: str | None
    from_at: datetime
    number_class: NumberClass | None  # None: not classified yet
    region: str | None  # as data.phone.Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFields:
    """What people fill in of a contact person."""

    name: str
    position: str | None = None
    emails: tuple[str, ...] = ()
    messengers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPerson:
    contact_id: str
    fields: ContactFields
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The card of a client."""

    account_id: str
    fields: ClientFields
    responsible: str | None
    numbers: tuple[ClientNumber, ...]
    contacts: tuple[ContactPerson, ...]
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHit:
    """A client as a search shows him, and by which person or number he was found."""

    account_id: str
    name: str
    kind: ClientKind
    contact_id: str | None
    contact: str | None
    number: str | None
    number_text: str | None


def get_client(store: Store, actor: Actor, account_id: str) -> Client:
    """The card; of a client that was merged away, the card that took it in. Raises NotFound."""
    require(actor, Permission.SEE_CALLS)
    rows = store.query(read("clients/card"), {"account_id": known_id(account_id)}, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"There is no client {account_id}. Search by name.")
    if rows[0]["merged_into"] is not None:
        return get_client(store, actor, rows[0]["merged_into"])
    return _client(rows[0], full_numbers=actor.may(Permission.FULL_NUMBERS))


def search_clients(store: Store, actor: Actor, text: str, *, site: Site, limit: int = 20) -> tuple[ClientHit, ...]:
    """Clients by a part of the name, of a contact person's name, or of a number in any format."""
    require(actor, Permission.SEE_CALLS)
    words = text.strip().lower().replace("ё", "е")
    if not words:
        return ()
    full = actor.may(Permission.FULL_NUMBERS)
    part = search_pattern(text, site) if full else None
    params = {
        "words": words,
        "number_part": part and part.contains,
        "number_start": part and part.starts,
        "limit": limit,
    }
    rows = store.query(read("clients/search"), params, actor=actor).to_pylist()
    return tuple(
        ClientHit(
            account_id=row["account_id"],
            name=row["name"],
            kind=ClientKind(row["kind"]),
            contact_id=row["contact_id"],
            contact=row["contact"],
            number=row["number"],
            number_text=row["number"] and display(row["number"]),
        )
        for row in rows
    )


def create_client(store: Store, actor: Actor, fields: ClientFields, *, now: datetime) -> str:
    """A new client; the id. Raises BadInput for a name that is none."""
    account_id, steps = creation(store, actor, fields, now)
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [account_id]})
    return account_id


def creation(store: Store, actor: Actor, fields: ClientFields, now: datetime) -> tuple[str, list[Statement]]:
    """The id of a new client, and the steps that create it."""
    require(actor, Permission.EDIT_CLIENTS)
    account_id = str(uuid4())
    params = {**_written(fields), "account_id": account_id, "at": now, "actor": actor.user}
    return account_id, [
        Statement(name="account_insert", params=params, expect_rows=1),
        *client_tag_steps(store, actor, account_id, fields.tags, now),
        trail(actor, now, "client.create", "account", account_id, name=params["name"]),
    ]


def update_client(
    store: Store, actor: Actor, account_id: str, fields: ClientFields, *, version: int, now: datetime
) -> None:
    """Replace what is on the card; version: of the card that was changed.

    Raises Conflict when somebody else changed it meanwhile, BadInput, NotFound.
    """
    kept = get_client(store, actor, account_id)
    store.transact(
        change(store, actor, kept, fields, version=version, now=now),
        actor=actor,
        touches={Topic.CLIENTS: [kept.account_id]},
    )


def change(
    store: Store, actor: Actor, kept: Client, fields: ClientFields, *, version: int, now: datetime
) -> list[Statement]:
    """The steps that replace what is on a card, seen in that version."""
    require(actor, Permission.EDIT_CLIENTS)
    written = _written(fields)
    params = {**written, "account_id": kept.account_id, "version": version, "at": now, "actor": actor.user}
    tags = [{"tags": sorted(card.tags)} for card in (kept.fields, fields)]
    changes = what_changed(_written(kept.fields) | tags[0], written | tags[1])
    return [
        Statement(name="account_update", params=params, expect_rows=1),
        *client_tag_steps(store, actor, kept.account_id, fields.tags, now),
        trail(actor, now, "client.update", "account", kept.account_id, name=params["name"], changes=changes),
    ]


def known_id(text: str) -> str:
    """The text as the id of a card. Raises NotFound for one that can be nobody's."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"{text[:40]!r} is no id of a client or contact person. Search by name.") from None


def what_changed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """Former and present value of every field that differs: what the trail of a change tells."""
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _written(fields: ClientFields) -> dict[str, object]:
    return {
        "name": usable_name(fields.name),
        "kind": fields.kind.value,
        "responsible_id": fields.responsible_id and known_id(fields.responsible_id),
        "emails": usable_emails(fields.emails),
        "messengers": usable_messengers(fields.messengers),
        "notes": usable_text(fields.notes, "notes", LONGEST_NOTES),
        "external_id": usable_text(fields.external_id, "external id", LONGEST_NAME),
    }


def _client(row: dict[str, Any], *, full_numbers: bool) -> Client:
    return Client(
        account_id=row["account_id"],
        fields=ClientFields(
            name=row["name"],
            kind=ClientKind(row["kind"]),
            responsible_id=row["responsible_id"],
            tags=tuple(row["tags"] or ()),
            emails=tuple(row["emails"] or ()) if full_numbers else (),
            messengers=tuple(row["messengers"] or ()) if full_numbers else (),
            notes=row["notes"],
            external_id=row["external_id"],
        ),
        responsible=row["responsible"],
        numbers=tuple(_number(number, full_numbers=full_numbers) for number in row["numbers"] or ()),
        contacts=tuple(
            ContactPerson(
                contact_id=contact["contact_id"],
                fields=ContactFields(
                    name=contact["name"],
                    position=contact["position"],
                    emails=tuple(contact["emails"] or ()) if full_numbers else (),
                    messengers=tuple(contact["messengers"] or ()) if full_numbers else (),
                ),
                version=contact["version"],
            )
            for contact in row["contacts"] or ()
        ),
        created_at=row["created_at"],
        created_by=row["created_by"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        version=row["version"],
    )


def _number(row: dict[str, Any], *, full_numbers: bool) -> ClientNumber:
    number: str = row["number"] if full_numbers else mask(row["number"])
    return ClientNumber(
        number=number,
        number_text=display(number) if full_numbers else number,
        contact_id=row["contact_id"],
        from_at=row["from_at"],
        number_class=NumberClass(row["number_class"]) if row["number_class"] else None,
        region=row["region"],
    )
