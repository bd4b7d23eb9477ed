"""`/api/openapi.json`: what other systems may ask for, described by OpenAPI 3.1.

A module of dashboard/api/ with `PUBLIC = True` is meant for them; a test compares its routes with this page.
"""

from __future__ import annotations

from flask import Response

from dashboard.api.answers import answer, blueprint
from dashboard.api.described import (
    Json,
    fields,
    fixed,
    many,
    maybe,
    moment,
    operation,
    path_id,
    query,
    ref,
    short_text,
    string,
    uuid,
    without,
    writing,
)
from dashboard.api.described_work import work_paths, work_schemas
from dashboard.api.exchange import LONGEST_NOTE, LONGEST_WORD, MOST, MOST_WORDS
from dashboard.api.phonebook import FORMATS
from dashboard.context import current_actor, current_settings
from data.services.clients import ClientKind
from data.services.exchange import LONGEST_EXTERNAL_ID, MOST_PHONES
from data.services.fields import LONGEST_NAME, MOST_ADDRESSES
from data.services.tags import LONGEST_TITLE

API = blueprint("openapi", "/api/openapi.json")
PUBLIC = True


@API.get("")
def described() -> Response:
    """The description; it holds no data, but whoever reads it is known."""
    current_actor()
    return answer(description(current_settings().web.public_url))


def description(public_url: str | None = None) -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard",
            "version": "1",
            "description": "Clients, contact persons, tasks, leads and the phone book. Times are UTC, numbers are "
            'digits of E.164 without "+". A token acts with the rights of its user: `app.py token make LOGIN TITLE`.',
        },
        **({"servers": [{"url": public_url}]} if public_url else {}),
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Account": _account(),
                "AccountFields": fields(_account_fields()),
                "NewAccount": fields(without(_account_fields(), "version"), required=["name"]),
                "Contact": _contact(),
                "ContactFields": fields(_contact_fields()),
                "NewContact": fields(
                    {"account_id": short_text(LONGEST_WORD)} | without(_contact_fields(), "version"),
                    required=["account_id", "name"],
                ),
                "Entry": _entry(),
                **work_schemas(),
                "Trouble": fixed({"error": string(), "message": string(), "request_id": string()}),
            },
        },
    }


def _paths() -> Json:
    return {
        "/api/openapi.json": {"get": operation("openapi", "This description.", {"type": "object"})},
        "/api/phonebook": {"get": _phonebook()},
        "/api/accounts": {
            "get": _listing("accounts", "Account", _external_id()),
            "post": writing("createAccount", "A new client.", "NewAccount", "Account", status=201),
        },
        "/api/accounts/{account_id}": {
            "parameters": [path_id("account_id")],
            "get": operation("account", "One client.", ref("Account"), missing=True),
            "patch": writing(
                "changeAccount",
                "Change the fields that are sent. `phones` replaces the client's own numbers; `version` refuses the "
                "change where somebody else was quicker.",
                "AccountFields",
                "Account",
            ),
        },
        "/api/contacts": {
            "get": _listing("contacts", "Contact", _external_id(), query("account_id", uuid(), "Of this client.")),
            "post": writing("createContact", "A new contact person of a client.", "NewContact", "Contact", status=201),
        },
        "/api/contacts/{contact_id}": {
            "parameters": [path_id("contact_id")],
            "get": operation("contact", "One contact person.", ref("Contact"), missing=True),
            "patch": writing("changeContact", "Change the fields that are sent.", "ContactFields", "Contact"),
        },
        **work_paths(),
    }


def _phonebook() -> Json:
    made = operation("phonebook", "Who calls, and whose phone should ring. Plain forms are empty for strangers.")
    made["parameters"] = [
        query("number", string() | {"maxLength": 100, "minLength": 1}, "In any format.", required=True),
        query("format", {"enum": list(FORMATS), "default": "json"}, "text is name|extension."),
    ]
    plain = {"schema": string()}
    made["responses"]["200"]["content"] = {"application/json": {"schema": ref("Entry")}, "text/plain": plain}
    return made


def _listing(name: str, schema: str, *further: Json) -> Json:
    rows = {"type": "array", "items": ref(schema)}
    page = fixed({name: rows, "since": string(), "more": {"type": "boolean"}})
    made = operation(
        name,
        f"The {name} that changed after the cursor `since`, in the order of the changes; without it all of them. "
        "Keep the `since` of the answer, and ask again at once while `more` is true. A row may come twice.",
        page,
        missing=True,
    )
    made["parameters"] = [
        query("since", string() | {"maxLength": 300}, "The cursor of an earlier answer."),
        query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}, "Rows at most."),
        *further,
    ]
    return made


def _account() -> Json:
    return fixed(
        {
            "account_id": uuid(),
            "external_id": maybe(string()),
            "name": string(),
            "kind": {"enum": [kind.value for kind in ClientKind]},
            "responsible_id": maybe(uuid()),
            "responsible": maybe(string()),
            "tags": many(string()),
            "emails": many(string()),
            "messengers": many(string()),
            "notes": maybe(string()),
            "phones": many(string()),
            "merged_into": maybe(uuid()),
            **_history(),
        }
    )


def _contact() -> Json:
    return fixed(
        {
            "contact_id": uuid(),
            "account_id": uuid(),
            "external_id": maybe(string()),
            "name": string(),
            "position": maybe(string()),
            "emails": many(string()),
            "messengers": many(string()),
            "phones": many(string()),
            "deleted_at": maybe(moment()),
            **_history(),
        }
    )


def _history() -> Json:
    return {
        "created_at": moment(),
        "created_by": string(),
        "changed_at": moment(),
        "changed_by": string(),
        "version": {"type": "integer"},
    }


def _entry() -> Json:
    names = (
        "number",
        "number_text",
        "name",
        "account_id",
        "client",
        "contact",
        "responsible_id",
        "responsible",
        "extension",
    )
    return fixed({"found": {"type": "boolean"}} | {name: maybe(string()) for name in names})


def _account_fields() -> Json:
    return {
        "name": short_text(LONGEST_NAME),
        "kind": {"enum": [kind.value for kind in ClientKind]},
        "responsible_id": maybe(uuid()),
        "tags": many(short_text(LONGEST_TITLE)) | {"maxItems": MOST_WORDS},
        **_addresses(),
        "notes": maybe(short_text(LONGEST_NOTE)),
        "external_id": maybe(short_text(LONGEST_EXTERNAL_ID)),
        "phones": many(short_text(LONGEST_WORD)) | {"maxItems": MOST_PHONES},
        "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    }


def _contact_fields() -> Json:
    return {
        "name": short_text(LONGEST_NAME),
        "position": maybe(short_text(LONGEST_WORD)),
        **_addresses(),
        "external_id": maybe(short_text(LONGEST_EXTERNAL_ID)),
        "phones": many(short_text(LONGEST_WORD)) | {"maxItems": MOST_PHONES},
        "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    }


def _addresses() -> Json:
    return {name: many(short_text(LONGEST_WORD)) | {"maxItems": MOST_ADDRESSES} for name in ("emails", "messengers")}


def _external_id() -> Json:
    return query("external_id", string() | {"maxLength": LONGEST_EXTERNAL_ID}, "That has this id elsewhere.")
