"""`/api/accounts` and `/api/contacts` for other systems: what changed since a cursor, one, create, change.

    GET  /api/accounts?since=CURSOR&limit=100   GET /api/accounts/ID   POST /api/accounts   PATCH /api/accounts/ID
    GET  /api/contacts?…                        GET /api/contacts/ID   POST /api/contacts   PATCH /api/contacts/ID

dashboard/api/openapi.py describes them. `/api/accounts?q=…` is the quick search of the pages (clients.py).
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, is_clean, only, refuse, version_of, whole
from dashboard.context import current_actor, current_settings, current_store, now
from data.errors import BadCursor, BadInput
from data.services.clients import ClientFields, ContactFields
from data.services.exchange import (
    LONGEST_EXTERNAL_ID,
    MOST_PHONES,
    Changes,
    changed_accounts,
    changed_contacts,
    create_account,
    create_contact_person,
    kind_of,
    one_account,
    one_contact,
    update_account,
    update_contact_person,
)
from data.services.fields import LONGEST_NAME, MOST_ADDRESSES
from data.services.listening import Listening
from data.services.tags import LONGEST_TITLE

API = blueprint("exchange", "/api")
for _kind in (BadInput, BadCursor):
    API.register_error_handler(_kind, refuse)
PUBLIC = True

MOST = 1000
LONGEST_NOTE = 10_000
LONGEST_WORD = 200
MOST_WORDS = 100
_LONGEST_CURSOR = 300

ACCOUNT_FIELDS = (
    "name",
    "kind",
    "responsible_id",
    "tags",
    "emails",
    "messengers",
    "notes",
    "external_id",
    "phones",
    "version",
)
CONTACT_FIELDS = ("name", "position", "emails", "messengers", "external_id", "phones", "version")


def listed_accounts() -> Response:
    """Clients that changed after ?since=, at most ?limit= of them; ?external_id= finds one."""
    found = changed_accounts(
        current_store(), current_actor(), since=_since(), limit=_limit(), external_id=_asked("external_id")
    )
    _write_down("accounts")
    return _answer("accounts", found)


@API.get("/contacts")
def contacts() -> Response:
    """Contact persons that changed after ?since=; ?account_id= leaves those of one client."""
    found = changed_contacts(
        current_store(),
        current_actor(),
        since=_since(),
        limit=_limit(),
        account_id=_asked("account_id"),
        external_id=_asked("external_id"),
    )
    _write_down("contacts")
    return _answer("contacts", found)


@API.get("/accounts/<uuid:account_id>")
def account(account_id: Any) -> Response:
    return answer(one_account(current_store(), current_actor(), str(account_id)))


@API.get("/contacts/<uuid:contact_id>")
def contact(contact_id: Any) -> Response:
    return answer(one_contact(current_store(), current_actor(), str(contact_id)))


@API.post("/accounts")
def new_account() -> Response:
    """A client from {"name"} and perhaps others of ACCOUNT_FIELDS."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    told = _told(body(), tuple(name for name in ACCOUNT_FIELDS if name != "version"))
    phones = told.pop("phones", ())
    if "name" not in told:
        raise BadRequest("name is missing.")
    made = create_account(store, actor, site, ClientFields(**told), phones, now=now())
    return answer(one_account(store, actor, made), 201)


@API.patch("/accounts/<uuid:account_id>")
def change_account(account_id: Any) -> Response:
    """Change the fields that are sent; "version" refuses when somebody else was quicker."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    told = _told(body(), ACCOUNT_FIELDS)
    phones, version = told.pop("phones", None), told.pop("version", None)
    kept = update_account(store, actor, site, str(account_id), told, phones=phones, version=version, now=now())
    return answer(one_account(store, actor, kept))


@API.post("/contacts")
def new_contact() -> Response:
    """A person from {"account_id", "name"} and perhaps others of CONTACT_FIELDS."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    sent = body()
    told = _told(
        {name: value for name, value in sent.items() if name != "account_id"},
        tuple(name for name in CONTACT_FIELDS if name != "version"),
    )
    phones, external_id = told.pop("phones", ()), told.pop("external_id", None)
    if "name" not in told:
        raise BadRequest("name is missing.")
    account_id = _text(sent, "account_id", LONGEST_WORD)
    made = create_contact_person(
        store, actor, site, account_id, ContactFields(**told), external_id=external_id, phones=phones, now=now()
    )
    return answer(one_contact(store, actor, made), 201)


@API.patch("/contacts/<uuid:contact_id>")
def change_contact(contact_id: Any) -> Response:
    """Change the fields that are sent, as of a client."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    told = _told(body(), CONTACT_FIELDS)
    phones, version = told.pop("phones", None), told.pop("version", None)
    update_contact_person(store, actor, site, str(contact_id), told, phones=phones, version=version, now=now())
    return answer(one_contact(store, actor, str(contact_id)))


def _write_down(what: str) -> None:
    """Who reads all of them, page by page, stands in the trail once."""
    reading: Listening = current_app.extensions.setdefault("callboard_exchange", Listening())
    reading.read_clients(current_store(), current_actor(), what, now=now())


def _answer(name: str, found: Changes) -> Response:
    return answer({name: found.rows, "since": found.cursor, "more": found.more})


def _since() -> str:
    given = request.args.get("since", "")
    if len(given) > _LONGEST_CURSOR or not given.isascii():
        raise BadRequest("The cursor `since` is none of ours. Ask without it to begin anew.")
    return given


def _limit() -> int:
    return whole("limit", 100, low=1, high=MOST)


def _asked(name: str) -> str | None:
    return request.args.get(name) or None


def _told(sent: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that were sent, as values of ours. Raises BadRequest for another name or a wrong value."""
    only(sent, names)
    return {name: _READERS[name](sent, name) for name in names if name in sent}


def _text(sent: dict[str, Any], name: str, longest: int) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not is_clean(value):
        raise BadRequest(f"{name} must be a text of 1 to {longest} characters.")
    return value.strip()


def _maybe(longest: int) -> Any:
    def read(sent: dict[str, Any], name: str) -> str | None:
        return None if sent[name] is None else _text(sent, name, longest)

    return read


def _texts(most: int, longest: int) -> Any:
    def read(sent: dict[str, Any], name: str) -> tuple[str, ...]:
        value = sent[name]
        if not isinstance(value, list) or len(value) > most:
            raise BadRequest(f"{name} must be a list of at most {most} texts.")
        return tuple(_text({name: one}, name, longest) for one in value)

    return read


_READERS: dict[str, Any] = {
    "name": lambda sent, name: _text(sent, name, LONGEST_NAME),
    "kind": lambda sent, name: kind_of(_text(sent, name, LONGEST_WORD)),
    "responsible_id": _maybe(LONGEST_WORD),
    "tags": _texts(MOST_WORDS, LONGEST_TITLE),
    "notes": _maybe(LONGEST_NOTE),
    "external_id": _maybe(LONGEST_EXTERNAL_ID),
    "position": _maybe(LONGEST_WORD),
    "emails": _texts(MOST_ADDRESSES, LONGEST_WORD),
    "messengers": _texts(MOST_ADDRESSES, LONGEST_WORD),
    "phones": _texts(MOST_PHONES, LONGEST_WORD),
    "version": lambda sent, name: version_of(sent),
}
