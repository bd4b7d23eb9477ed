"""Contact persons of a client: created, changed, removed. Their numbers stay the client's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from data.access import require
from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.services.clients import Client, ContactFields, ContactPerson, get_client, known_id, what_changed
from data.services.fields import LONGEST_NAME, usable_emails, usable_messengers, usable_name, usable_text
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic


def create_contact(store: Store, actor: Actor, account_id: str, fields: ContactFields, *, now: datetime) -> str:
    """A new contact person of a client; the id. Raises BadInput, NotFound, NotAllowed."""
    require(actor, Permission.EDIT_CLIENTS)
    kept = get_client(store, actor, account_id)
    contact_id, steps = contact_creation(actor, kept.account_id, fields, now)
    _carry_out(store, actor, kept, steps)
    return contact_id


def contact_creation(
    actor: Actor, account_id: str, fields: ContactFields, now: datetime
) -> tuple[str, list[Statement]]:
    """The id of a new contact person, and the steps that create it."""
    require(actor, Permission.EDIT_CLIENTS)
    contact_id = str(uuid4())
    written = _written(fields)
    params = {**written, "contact_id": contact_id, "account_id": account_id, "at": now, "actor": actor.user}
    return contact_id, [
        Statement(name="contact_insert", params=params, expect_rows=1),
        _told(actor, now, "contact.create", account_id, contact_id, written),
    ]


def update_contact(
    store: Store, actor: Actor, account_id: str, contact_id: str, fields: ContactFields, *, version: int, now: datetime
) -> None:
    """Replace what is known of the person. Raises Conflict when somebody changed him meanwhile."""
    require(actor, Permission.EDIT_CLIENTS)
    kept, person = contact_of(store, actor, account_id, contact_id)
    steps = contact_change(actor, kept.account_id, person, fields, version=version, now=now)
    _carry_out(store, actor, kept, steps)


def contact_change(
    actor: Actor, account_id: str, person: ContactPerson, fields: ContactFields, *, version: int, now: datetime
) -> list[Statement]:
    """The steps that replace what is known of a person, seen in that version."""
    require(actor, Permission.EDIT_CLIENTS)
    written = _written(fields)
    params = {**written, "contact_id": person.contact_id, "version": version, "at": now, "actor": actor.user}
    changes = what_changed(_written(person.fields), written)
    return [
        Statement(name="contact_update", params=params, expect_rows=1),
        _told(actor, now, "contact.update", account_id, person.contact_id, written, changes=changes),
    ]


def delete_contact(
    store: Store, actor: Actor, account_id: str, contact_id: str, *, version: int, now: datetime
) -> None:
    """Remove the person; numbers, calls and what was written about them stay with the client.

    Whose his numbers were until now stays known. Raises Conflict when somebody changed him meanwhile.
    """
    require(actor, Permission.EDIT_CLIENTS)
    kept, person = contact_of(store, actor, account_id, contact_id)
    seen = {"contact_id": person.contact_id, "version": version}
    numbers = {"contact_id": person.contact_id, "at": now}
    _carry_out(
        store,
        actor,
        kept,
        [
            Statement(name="contact_gone_insert", params=seen | {"at": now, "actor": actor.user}, expect_rows=1),
            Statement(name="contact_delete", params=seen, expect_rows=1),
            Statement(name="contact_numbers_inherit", params=numbers | {"actor": actor.user}),
            Statement(name="contact_numbers_end", params=numbers),
            _told(actor, now, "contact.delete", kept.account_id, person.contact_id, _written(person.fields)),
        ],
    )


def contact_of(store: Store, actor: Actor, account_id: str, contact_id: str) -> tuple[Client, ContactPerson]:
    """The client and his contact person. Raises NotFound."""
    kept = get_client(store, actor, account_id)
    wanted = known_id(contact_id)
    for person in kept.contacts:
        if person.contact_id == wanted:
            return kept, person
    raise NotFound(f"{kept.fields.name} has no contact person {contact_id[:40]}. Somebody may have removed him.")


def _carry_out(store: Store, actor: Actor, kept: Client, steps: list[Statement]) -> None:
    store.transact(steps, actor=actor, touches={Topic.CLIENTS: [kept.account_id]})


def _told(
    actor: Actor,
    now: datetime,
    action: str,
    account_id: str,
    contact_id: str,
    written: Mapping[str, object],
    **more: object,
) -> Statement:
    return trail(actor, now, action, "contact", contact_id, account_id=account_id, name=written["name"], **more)


def _written(fields: ContactFields) -> dict[str, object]:
    return {
        "name": usable_name(fields.name),
        "position": usable_text(fields.position, "role", LONGEST_NAME),
        "emails": usable_emails(fields.emails),
        "messengers": usable_messengers(fields.messengers),
    }
