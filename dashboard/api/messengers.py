"""`/api/messengers`: accounts at messengers, their secrets (written, never read), tests, ready answers, templates.

GET /api/messengers
POST /api/messengers {"account", "messenger", "title", "connection", "secrets"?, "enabled"?, "automation"?}
PUT /api/messengers/NAME {"title", "connection", "secrets"?, "enabled", "automation"?, "version"}
DELETE /api/messengers/NAME {"version"}
POST /api/messengers/NAME/secrets {"name"}   makes one of ours anew and tells it this once
POST /api/messengers/NAME/ask {"what": "messenger_check" | "messenger_templates"}
GET /api/messengers/asked/KIND/ORDER
POST /api/messengers/again {"message_ids"}   sends failed messages once more
POST /api/messengers/read-again {"hook_ids"}   reads once more what nobody understood
POST /api/messengers/replies   PUT, DELETE /api/messengers/replies/ID
"""

from __future__ import annotations

from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_settings, current_store, now
from data.access import require
from data.errors import BadInput
from data.identity.actor import Permission
from data.identity.secret_key import KeyUnusable
from data.identity.secrets import Secrets
from data.messaging import CAPABILITIES, Messenger, word_of
from data.messenger_fields import FIELDS, SECRETS
from data.queries import read
from data.services.canned_replies import LONGEST_SHORTCUT, LONGEST_TEXT, add_reply, change_reply, remove_reply, replies
from data.services.chats.automation import usable_automation
from data.services.chats.delivery import dead_letters, retry_many
from data.services.fields import LONGEST_NAME
from data.services.kept_aside import kept_aside, read_again
from data.services.messenger_accounts import (
    MessengerAccount,
    accounts,
    ask,
    asked,
    create_account,
    get_account,
    make_secrets,
    put_secrets,
    remove_account,
    secret_names,
    update_account,
)

API = blueprint("messengers", "/api/messengers")
API.register_error_handler(BadInput, refuse)
API.register_error_handler(KeyUnusable, refuse)

_LONGEST_ACCOUNT = 32
_MOST_IDS = 200


@API.before_request
def _allowed() -> None:
    require(current_actor(), Permission.SETTINGS)


@API.get("")
def listed() -> Response:
    """Everything the page of settings shows."""
    store, actor, secrets = current_store(), current_actor(), _secrets()
    templates = store.query(read("messengers/templates"), actor=actor).to_pylist()
    return answer(
        {
            "kinds": {kind.value: _kind(kind) for kind in Messenger},
            "accounts": [_json(one, secrets) for one in accounts(store, actor)],
            "replies": replies(store, actor),
            "employees": _employees(),
            "dead": dead_letters(store, actor, now=now()),
            "unread": kept_aside(store, actor),
            "templates": templates,
        }
    )


@API.post("")
def create() -> Response:
    """A new account; the secrets that we made up for the other side are told this once."""
    sent, store, actor, secrets = body(), current_store(), current_actor(), _secrets()
    messenger = word_of(Messenger, sent.get("messenger"))
    if messenger is None:
        raise BadRequest(f"messenger must be one of {', '.join(Messenger)}.")
    account = text(sent, "account", longest=_LONGEST_ACCOUNT, required=True)
    given = _words(sent, "secrets")
    config = {"connection": _words(sent, "connection"), "automation": _automation(sent)}
    create_account(
        store,
        actor,
        account,
        messenger,
        text(sent, "title", longest=LONGEST_NAME, required=True),
        config=config,
        enabled=_flag(sent, "enabled", otherwise=True),
        now=now(),
    )
    if given:
        put_secrets(store, secrets, actor, account, given, now=now())
    made = make_secrets(store, secrets, actor, account, now=now())
    return answer({"account": account, "made": made}, 201)


@API.put("/<account>")
def change(account: str) -> Response:
    """Replace what is set; a secret that is not sent stays as it is."""
    sent, store, actor, secrets = body(), current_store(), current_actor(), _secrets()
    version = _version(sent)
    present = get_account(store, actor, account)
    given = _words(sent, "secrets")
    config = {**present.config, "connection": _words(sent, "connection")}
    if "automation" in sent:
        config["automation"] = _automation(sent)
    update_account(
        store,
        actor,
        account,
        title=text(sent, "title", longest=LONGEST_NAME, required=True),
        config=config,
        enabled=_flag(sent, "enabled", otherwise=present.enabled),
        version=version,
        now=now(),
    )
    if given:
        put_secrets(store, secrets, actor, account, given, now=now())
    made = make_secrets(store, secrets, actor, account, now=now())
    return answer({"account": account, "made": made})


@API.delete("/<account>")
def remove(account: str) -> Response:
    """Forget the account and its secrets; its chats stay."""
    remove_account(current_store(), _secrets(), current_actor(), account, version=_version(body()), now=now())
    return answer({"removed": account})


@API.post("/<account>/secrets")
def renew(account: str) -> Response:
    """Make one of the secrets that are ours to make up anew."""
    name = text(body(), "name", longest=_LONGEST_ACCOUNT, required=True)
    made = make_secrets(current_store(), _secrets(), current_actor(), account, names=[name], now=now())
    return answer({"account": account, "made": made})


@API.post("/<account>/ask")
def order(account: str) -> Response:
    """Have the connection tested, or the templates read."""
    what = text(body(), "what", longest=_LONGEST_ACCOUNT, required=True)
    return answer({"order": ask(current_store(), current_actor(), account, what, now=now())}, 202)


@API.get("/asked/<kind>/<order_id>")
def outcome(kind: str, order_id: str) -> Response:
    """What the messenger answered, or that it has not yet."""
    return answer(asked(current_store(), current_actor(), order_id, kind))


@API.post("/again")
def send_again() -> Response:
    """Messages that were not sent go out once more, all or none."""
    ids = _ids("message_ids")
    retry_many(current_store(), current_actor(), ids, now=now())
    return answer({"again": len(ids)})


@API.post("/read-again")
def hear_again() -> Response:
    """What nobody understood is read once more."""
    ids = _ids("hook_ids")
    read_again(current_store(), current_actor(), ids, now=now())
    return answer({"again": len(ids)})


@API.post("/replies")
def new_reply() -> Response:
    """A ready answer."""
    made = add_reply(current_store(), current_actor(), **_reply(body()), now=now())
    return answer(made, 201)


@API.put("/replies/<reply_id>")
def other_reply(reply_id: str) -> Response:
    """Replace what a ready answer says."""
    return answer(change_reply(current_store(), current_actor(), reply_id, **_reply(body()), now=now()))


@API.delete("/replies/<reply_id>")
def no_reply(reply_id: str) -> Response:
    """Forget a ready answer."""
    remove_reply(current_store(), current_actor(), reply_id, now=now())
    return answer({"removed": reply_id})


def _reply(sent: dict[str, Any]) -> dict[str, Any]:
    return {
        "shortcut": text(sent, "shortcut", longest=LONGEST_SHORTCUT + 1, required=True),
        "title": text(sent, "title", longest=LONGEST_NAME),
        "text": text(sent, "text", longest=LONGEST_TEXT, required=True),
        "account": text(sent, "account", longest=_LONGEST_ACCOUNT) or None,
    }


def _kind(messenger: Messenger) -> dict[str, Any]:
    return {
        "fields": FIELDS[messenger],
        "secrets": SECRETS[messenger],
        "templates": CAPABILITIES[messenger].templates,
    }


def _json(one: MessengerAccount, secrets: Secrets) -> dict[str, Any]:
    return {
        "account": one.account,
        "messenger": one.messenger,
        "title": one.title,
        "enabled": one.enabled,
        "connection": one.connection,
        "secrets": secret_names(secrets, one.account),
        "automation": usable_automation(one.config.get("automation") or {}),
        "hook": f"{(current_settings().web.public_url or '').rstrip('/')}/hooks/{one.account}",
        "state": one.state,
        "state_detail": one.state_detail,
        "state_at": one.state_at,
        "version": one.version,
    }


def _automation(sent: dict[str, Any]) -> dict[str, Any]:
    return usable_automation(_object(sent, "automation"), {one["employee_id"] for one in _employees()})


def _employees() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = current_store().query(read("messengers/employees"), actor=current_actor()).to_pylist()
    return rows


def _secrets() -> Secrets:
    return Secrets(current_settings())


def _version(sent: dict[str, Any]) -> int:
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadRequest("version must be that of the account which was read.")
    return version


def _flag(sent: dict[str, Any], name: str, *, otherwise: bool) -> bool:
    value = sent.get(name, otherwise)
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false.")
    return value


def _object(sent: dict[str, Any], name: str) -> dict[str, Any]:
    values = sent.get(name) or {}
    if not isinstance(values, dict):
        raise BadRequest(f"{name} must be an object.")
    return values


def _ids(name: str) -> list[str]:
    ids = body().get(name)
    if not isinstance(ids, list) or len(ids) > _MOST_IDS or not all(isinstance(one, str) for one in ids):
        raise BadRequest(f"{name} must be a list of up to {_MOST_IDS} ids.")
    return ids


def _words(sent: dict[str, Any], name: str) -> dict[str, str]:
    """The texts of an object; what is empty counts as not sent."""
    values = _object(sent, name)
    if not all(isinstance(value, str) for value in values.values()):
        raise BadRequest(f"{name} must be an object of texts.")
    return {key: value.strip() for key, value in values.items() if value.strip()}
