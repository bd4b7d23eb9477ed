"""Cards of clients as /api sends them, and what it is sent turned into fields."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashboard.api.answers import BadRequest, text
from dashboard.api.call_json import row_json
from dashboard.text import language
from data.numbering import region_title
from data.services.client_feed import FeedEntry
from data.services.clients import Client, ClientFields, ClientKind, ContactFields
from data.services.fields import LONGEST_NAME, LONGEST_NOTES, MOST_ADDRESSES

Json = dict[str, Any]
_LONGEST_ENTRY = 300


def card_json(client: Client) -> Json:
    """The card with its numbers and persons; the fields stand beside them, not below."""
    return {
        "account_id": client.account_id,
        **asdict(client.fields),
        "responsible": client.responsible,
        "numbers": [
            asdict(number) | {"region": number.region and region_title(number.region, language())}
            for number in client.numbers
        ],
        "contacts": [
            {"contact_id": person.contact_id, "version": person.version, **asdict(person.fields)}
            for person in client.contacts
        ],
        "created_at": client.created_at,
        "created_by": client.created_by,
        "changed_at": client.changed_at,
        "changed_by": client.changed_by,
        "version": client.version,
    }


def entry_json(entry: FeedEntry) -> Json:
    return {
        "kind": entry.kind,
        "id": entry.entry_id,
        "happened_at": entry.happened_at,
        "call": row_json(entry.call) if entry.call else None,
        "detail": entry.detail,
    }


def card_fields(sent: Json) -> ClientFields:
    """What a form sent of a client. Raises BadRequest."""
    kind = text(sent, "kind", longest=40) or ClientKind.ORGANISATION.value
    if kind not in tuple(ClientKind):
        raise BadRequest(f"kind={kind!r} is none. There are: {', '.join(ClientKind)}.")
    return ClientFields(
        name=text(sent, "name", longest=10 * LONGEST_NAME),
        kind=ClientKind(kind),
        responsible_id=text(sent, "responsible_id", longest=64) or None,
        tags=texts(sent, "tags"),
        emails=texts(sent, "emails"),
        messengers=texts(sent, "messengers"),
        notes=text(sent, "notes", longest=2 * LONGEST_NOTES) or None,
        external_id=text(sent, "external_id", longest=10 * LONGEST_NAME) or None,
    )


def contact_fields(sent: Json) -> ContactFields:
    """What a form sent of a contact person. Raises BadRequest."""
    return ContactFields(
        name=text(sent, "name", longest=10 * LONGEST_NAME),
        position=text(sent, "position", longest=10 * LONGEST_NAME) or None,
        emails=texts(sent, "emails"),
        messengers=texts(sent, "messengers"),
    )


def version_of(sent: Json, name: str = "version") -> int:
    """The version of what was read. Raises BadRequest."""
    version = sent.get(name)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise BadRequest(f"{name} must be that of the card which was read.")
    return version


def texts(sent: Json, name: str) -> tuple[str, ...]:
    """The list of texts `name` of a body. Raises BadRequest."""
    given = sent.get(name, [])
    if (
        not isinstance(given, list)
        or len(given) > 2 * MOST_ADDRESSES
        or any(not isinstance(one, str) or len(one) > _LONGEST_ENTRY for one in given)
    ):
        raise BadRequest(f"{name} must be a list of at most {2 * MOST_ADDRESSES} short texts.")
    return tuple(given)
