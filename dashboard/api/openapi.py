"""`/api/openapi.json`: what other systems may ask for, described by OpenAPI 3.1.

A module of dashboard/api/ with `PUBLIC = True` is meant for them; a test compares its routes with this page.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from dashboard.api.answers import answer, blueprint
from dashboard.api.exchange import LONGEST_NOTE, LONGEST_WORD, MOST, MOST_WORDS
from dashboard.api.phonebook import FORMATS
from dashboard.context import current_actor, current_settings
from data.services.clients import ClientKind
from data.services.exchange import LONGEST_EXTERNAL_ID, MOST_PHONES
from data.services.fields import LONGEST_NAME, MOST_ADDRESSES
from data.services.tags import LONGEST_TITLE

API = blueprint("openapi", "/api/openapi.json")
PUBLIC = True

Json = dict[str, Any]


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
            "description": "Clients, contact persons and the phone book. Times are UTC, numbers are digits of E.164 "
            'without "+". A token acts with the rights of its user: `app.py token make LOGIN TITLE`.',
        },
        **({"servers": [{"url": public_url}]} if public_url else {}),
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Account": _account(),
                "AccountFields": _fields(_account_fields()),
                "NewAccount": _fields(_without(_account_fields(), "version"), required=["name"]),
                "Contact": _contact(),
                "ContactFields": _fields(_contact_fields()),
                "NewContact": _fields(
                    {"account_id": _text(LONGEST_WORD)} | _without(_contact_fields(), "version"),
                    required=["account_id", "name"],
                ),
                "Entry": _entry(),
                "Trouble": _fixed({"error": _string(), "message": _string(), "request_id": _string()}),
            },
        },
    }


def _paths() -> Json:
    return {
        "/api/openapi.json": {"get": _operation("openapi", "This description.", {"type": "object"})},
        "/api/phonebook": {"get": _phonebook()},
        "/api/accounts": {
            "get": _listing("accounts", "Account", _external_id()),
            "post": _writing("createAccount", "A new client.", "NewAccount", "Account", status=201),
        },
        "/api/accounts/{account_id}": {
            "parameters": [_id("account_id")],
            "get": _operation("account", "One client.", _ref("Account"), missing=True),
            "patch": _writing(
                "changeAccount",
                "Change the fields that are sent. `phones` replaces the client's own numbers; `version` refuses the "
                "change where somebody else was quicker.",
                "AccountFields",
                "Account",
            ),
        },
        "/api/contacts": {
            "get": _listing("contacts", "Contact", _external_id(), _query("account_id", _uuid(), "Of this client.")),
            "post": _writing("createContact", "A new contact person of a client.", "NewContact", "Contact", status=201),
        },
        "/api/contacts/{contact_id}": {
            "parameters": [_id("contact_id")],
            "get": _operation("contact", "One contact person.", _ref("Contact"), missing=True),
            "patch": _writing("changeContact", "Change the fields that are sent.", "ContactFields", "Contact"),
        },
    }


def _phonebook() -> Json:
    made = _operation("phonebook", "Who calls, and whose phone should ring. Plain forms are empty for strangers.")
    made["parameters"] = [
        _query("number", _string() | {"maxLength": 100, "minLength": 1}, "In any format.", required=True),
        _query("format", {"enum": list(FORMATS), "default": "json"}, "text is name|extension."),
    ]
    plain = {"schema": _string()}
    made["responses"]["200"]["content"] = {"application/json": {"schema": _ref("Entry")}, "text/plain": plain}
    return made


def _listing(name: str, schema: str, *further: Json) -> Json:
    rows = {"type": "array", "items": _ref(schema)}
    page = _fixed({name: rows, "since": _string(), "more": {"type": "boolean"}})
    made = _operation(
        name,
        f"The {name} that changed after the cursor `since`, in the order of the changes; without it all of them. "
        "Keep the `since` of the answer, and ask again at once while `more` is true. A row may come twice.",
        page,
        missing=True,
    )
    made["parameters"] = [
        _query("since", _string() | {"maxLength": 300}, "The cursor of an earlier answer."),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}, "Rows at most."),
        *further,
    ]
    return made


def _writing(name: str, text: str, sent: str, got: str, *, status: int = 200) -> Json:
    made = _operation(name, text, _ref(got), status=status, missing=True)
    made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(sent)}}}
    made["responses"]["409"] = _refusal("A number or an external id is another's, or somebody else was quicker.")
    made["responses"]["413"] = _refusal("The body is too large.")
    return made


def _operation(name: str, text: str, schema: Json | None = None, *, status: int = 200, missing: bool = False) -> Json:
    done: Json = {"description": "Done."}
    if schema is not None:
        done["content"] = {"application/json": {"schema": schema}}
    responses = {
        str(status): done,
        "400": _refusal("What was sent is not understood; the message says why."),
        "401": _refusal("No token, or one that was revoked."),
        "403": _refusal("The token's user lacks the right."),
        "405": _refusal("There is nothing that could be asked in this way; Allow says how."),
        "429": _refusal("Too many requests; Retry-After says when to ask again."),
        "503": _refusal("The store cannot be reached now."),
    }
    if missing:
        responses["404"] = _refusal("There is no such row.")
    return {"operationId": name, "description": text, "responses": responses}


def _refusal(text: str) -> Json:
    return {"description": text, "content": {"application/json": {"schema": _ref("Trouble")}}}


def _account() -> Json:
    return _fixed(
        {
            "account_id": _uuid(),
            "external_id": _maybe(_string()),
            "name": _string(),
            "kind": {"enum": [kind.value for kind in ClientKind]},
            "responsible_id": _maybe(_uuid()),
            "responsible": _maybe(_string()),
            "tags": _list(_string()),
            "emails": _list(_string()),
            "messengers": _list(_string()),
            "notes": _maybe(_string()),
            "phones": _list(_string()),
            "merged_into": _maybe(_uuid()),
            **_history(),
        }
    )


def _contact() -> Json:
    return _fixed(
        {
            "contact_id": _uuid(),
            "account_id": _uuid(),
            "external_id": _maybe(_string()),
            "name": _string(),
            "position": _maybe(_string()),
            "emails": _list(_string()),
            "messengers": _list(_string()),
            "phones": _list(_string()),
            "deleted_at": _maybe(_moment()),
            **_history(),
        }
    )


def _history() -> Json:
    return {
        "created_at": _moment(),
        "created_by": _string(),
        "changed_at": _moment(),
        "changed_by": _string(),
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
    return _fixed({"found": {"type": "boolean"}} | {name: _maybe(_string()) for name in names})


def _account_fields() -> Json:
    return {
        "name": _text(LONGEST_NAME),
        "kind": {"enum": [kind.value for kind in ClientKind]},
        "responsible_id": _maybe(_uuid()),
        "tags": _list(_text(LONGEST_TITLE)) | {"maxItems": MOST_WORDS},
        **_addresses(),
        "notes": _maybe(_text(LONGEST_NOTE)),
        "external_id": _maybe(_text(LONGEST_EXTERNAL_ID)),
        "phones": _list(_text(LONGEST_WORD)) | {"maxItems": MOST_PHONES},
        "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    }


def _contact_fields() -> Json:
    return {
        "name": _text(LONGEST_NAME),
        "position": _maybe(_text(LONGEST_WORD)),
        **_addresses(),
        "external_id": _maybe(_text(LONGEST_EXTERNAL_ID)),
        "phones": _list(_text(LONGEST_WORD)) | {"maxItems": MOST_PHONES},
        "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    }


def _addresses() -> Json:
    return {name: _list(_text(LONGEST_WORD)) | {"maxItems": MOST_ADDRESSES} for name in ("emails", "messengers")}


def _fixed(properties: Json) -> Json:
    """An object that always has all of these, and nothing else."""
    return _fields(properties, required=list(properties))


def _fields(properties: Json, required: list[str] | None = None) -> Json:
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {})


def _without(properties: Json, name: str) -> Json:
    return {key: value for key, value in properties.items() if key != name}


def _external_id() -> Json:
    return _query("external_id", _string() | {"maxLength": LONGEST_EXTERNAL_ID}, "That has this id elsewhere.")


def _query(name: str, schema: Json, text: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": text}


def _id(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": _uuid()}


def _string() -> Json:
    return {"type": "string"}


def _moment() -> Json:
    return _string() | {"format": "date-time"}


def _uuid() -> Json:
    return {"type": "string", "format": "uuid"}


def _text(longest: int) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _maybe(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
