"""Accounts at messengers: what they are called, how they are reached, whether they work.

Their secrets lie in the database of users, encrypted, under `messenger/<account>/<name>`; they are written, never
read back to a person. Tests of a connection are carried out by ingest, which answers through the outbox.
"""

from __future__ import annotations

import json
import re
import secrets as chance
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.messaging import Messenger, word_of
from data.messenger_fields import SECRETS, connection, usable_connection
from data.queries import read
from data.services.fields import usable_name
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

if TYPE_CHECKING:  # a daemon that has no account needs no database of users
    from data.identity.secrets import Secrets

CHECK = "messenger_check"  # kinds of orders in the outbox
TEMPLATES = "messenger_templates"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_TOUCHED = (Topic.HOOKS, Topic.LINK)


class AccountState(StrEnum):
    UNKNOWN = "unknown"
    WORKING = "working"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerAccount:
    """One account. config: everything that is set, `connection` and what automation keeps there."""

    account: str
    messenger: Messenger
    title: str
    enabled: bool = True
    config: Mapping[str, Any] = field(default_factory=dict)
    state: AccountState = AccountState.UNKNOWN
    state_detail: str | None = None
    state_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None
    version: int = 0

    @property
    def connection(self) -> dict[str, str]:
        """How to reach it, defaults included."""
        return connection(self.messenger, self.config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of a test of the connection, or of reading templates. answer: in words; None: not yet."""

    done: bool
    works: bool
    answer: str | None


def secret_name(account: str, name: str) -> str:
    """Under which name the secret of an account is kept."""
    return f"messenger/{account}/{name}"


def accounts(store: Store, actor: Actor) -> tuple[MessengerAccount, ...]:
    """All of them; everybody who chats may know which there are."""
    require(actor, Permission.CHAT)
    rows = store.query(read("messengers/accounts"), actor=actor).to_pylist()
    return tuple(
        MessengerAccount(
            **row
            | {
                "messenger": Messenger(row["messenger"]),
                "config": json.loads(row["config"]),
                "state": AccountState(row["state"]),
            }
        )
        for row in rows
        if word_of(Messenger, row["messenger"])
    )


def get_account(store: Store, actor: Actor, account: str) -> MessengerAccount:
    """Raises NotFound."""
    for one in accounts(store, actor):
        if one.account == account:
            return one
    raise NotFound(f"There is no messenger account {account[:40]!r}.")


def create_account(
    store: Store,
    actor: Actor,
    account: str,
    messenger: Messenger,
    title: str,
    *,
    config: Mapping[str, Any],
    enabled: bool = True,
    now: datetime,
) -> MessengerAccount:
    """A new account. Raises BadInput, Conflict where the name is taken, NotAllowed."""
    require(actor, Permission.SETTINGS)
    if not _NAME.fullmatch(account):
        raise BadInput(
            f"{account[:40]!r} cannot name an account: it is part of an address. "
            "Write up to 32 small latin letters, digits, - and _."
        )
    params = _written(messenger, title, config, enabled) | {
        "account": account,
        "messenger": messenger.value,
        "at": now,
        "actor": actor.user,
    }
    step = Statement(name="messenger_account_insert", params=params, expect_rows=1)
    told = trail(actor, now, "messenger.create", "messenger", account, messenger=messenger.value)
    try:
        store.transact([step, told], actor=actor, touches={key: [account] for key in _TOUCHED})
    except Conflict:
        raise Conflict(f"There is an account {account!r} already. Choose another name.") from None
    return get_account(store, actor, account)


def update_account(
    store: Store,
    actor: Actor,
    account: str,
    *,
    title: str,
    config: Mapping[str, Any],
    enabled: bool,
    version: int,
    now: datetime,
) -> None:
    """Replace what is set. Raises BadInput, NotFound, Conflict when somebody changed it meanwhile."""
    require(actor, Permission.SETTINGS)
    present = get_account(store, actor, account)
    params = _written(present.messenger, title, config, enabled) | {
        "account": account,
        "version": version,
        "at": now,
        "actor": actor.user,
    }
    step = Statement(name="messenger_account_update", params=params, expect_rows=1)
    told = trail(actor, now, "messenger.update", "messenger", account, enabled=enabled)
    store.transact([step, told], actor=actor, touches={key: [account] for key in _TOUCHED})


def put_secrets(
    store: Store, secrets: Secrets, actor: Actor, account: str, values: Mapping[str, str], *, now: datetime
) -> None:
    """Keep secrets of the account in the place of those it had; others stay. Raises BadInput, NotFound."""
    require(actor, Permission.SETTINGS)
    present = get_account(store, actor, account)
    known = {one.name for one in SECRETS[present.messenger]}
    if unknown := sorted(set(values) - known):
        raise BadInput(f"{present.messenger} has no secret {unknown[0][:40]!r}. It has: {', '.join(sorted(known))}.")
    for name, value in values.items():
        secrets.put(secret_name(account, name), value.strip(), by=actor.user, now=now)
    _touch(store, actor, account, now, "messenger.secret", names=sorted(values))


def make_secrets(
    store: Store, secrets: Secrets, actor: Actor, account: str, *, names: Sequence[str] | None = None, now: datetime
) -> dict[str, str]:
    """Make up the secrets that are ours to make up and not there yet, or those of `names` anew; told this once."""
    require(actor, Permission.SETTINGS)
    present = get_account(store, actor, account)
    have = secret_names(secrets, account)
    ours = [one.name for one in SECRETS[present.messenger] if one.ours]
    wanted = [name for name in ours if (name in names if names is not None else name not in have)]
    made = {name: chance.token_urlsafe(32) for name in wanted}
    if made:
        put_secrets(store, secrets, actor, account, made, now=now)
    return made


def secret_names(secrets: Secrets, account: str) -> frozenset[str]:
    """Which secrets the account has, not what they are."""
    prefix = secret_name(account, "")
    return frozenset(one.name.removeprefix(prefix) for one in secrets.names(prefix))


def secrets_of(secrets: Secrets, account: str) -> dict[str, str]:
    """The secrets of the account by their names: for our own processes. Raises KeyUnusable, SecretUnreadable."""
    found = {name: secrets.get(secret_name(account, name)) for name in secret_names(secrets, account)}
    return {name: value for name, value in found.items() if value is not None}


def remove_account(store: Store, secrets: Secrets, actor: Actor, account: str, *, version: int, now: datetime) -> None:
    """Forget the account and its secrets; its chats stay. Raises NotFound, Conflict."""
    require(actor, Permission.SETTINGS)
    get_account(store, actor, account)
    step = Statement(name="messenger_account_delete", params={"account": account, "version": version}, expect_rows=1)
    told = trail(actor, now, "messenger.remove", "messenger", account)
    store.transact([step, told], actor=actor, touches={key: [account] for key in _TOUCHED})
    for name in secret_names(secrets, account):
        secrets.remove(secret_name(account, name))


def note_state(
    store: Store, actor: Actor, account: str, state: AccountState, detail: str | None, *, now: datetime
) -> None:
    """Keep whether the messenger can be reached, and what it said."""
    params = {"account": account, "state": state.value, "detail": detail, "at": now}
    step = Statement(name="messenger_account_state", params=params)
    store.transact([step], actor=actor, touches={Topic.LINK: [account]})


def ask(store: Store, actor: Actor, account: str, kind: str, *, now: datetime) -> str:
    """Have the connection tested (`CHECK`) or its templates read (`TEMPLATES`); the id of the order."""
    require(actor, Permission.SETTINGS)
    if kind not in (CHECK, TEMPLATES):
        raise BadInput(f"{kind[:40]!r} is nothing that can be asked of a messenger: {CHECK} or {TEMPLATES}.")
    get_account(store, actor, account)
    outbox_id = str(uuid4())
    params = {
        "outbox_id": outbox_id,
        "kind": kind,
        "target": account,
        "subject_id": None,
        "payload": "{}",
        "created_at": now,
        "created_by": actor.user,
    }
    step = Statement(name="outbox_insert", params=params, expect_rows=1)
    store.transact([step], actor=actor, touches={Topic.OUTBOX: [outbox_id]})
    return outbox_id


def asked(store: Store, actor: Actor, outbox_id: str, kind: str) -> Asked:
    """What came of it. Raises NotFound."""
    require(actor, Permission.SETTINGS)
    try:
        params = {"outbox_id": str(UUID(outbox_id)), "kind": kind}
    except ValueError:
        raise NotFound(f"Nothing was asked under {outbox_id[:40]!r}.") from None
    rows = store.query(read("outbox/asked"), params, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"Nothing was asked under {outbox_id}.")
    row = rows[0]
    answer = row["error"] or json.loads(row["payload"]).get("answer")
    return Asked(done=row["state"] in ("done", "failed"), works=row["state"] == "done", answer=answer)


def _touch(store: Store, actor: Actor, account: str, now: datetime, action: str, **detail: object) -> None:
    params = {"account": account, "at": now, "actor": actor.user}
    step = Statement(name="messenger_account_touch", params=params, expect_rows=1)
    told = trail(actor, now, action, "messenger", account, **detail)
    store.transact([step, told], actor=actor, touches={key: [account] for key in _TOUCHED})


def _written(messenger: Messenger, title: str, config: Mapping[str, Any], enabled: bool) -> dict[str, object]:
    checked = usable_connection(messenger, config.get("connection") or {})
    return {
        "title": usable_name(title),
        "enabled": enabled,
        "config": json.dumps({**config, "connection": checked}, ensure_ascii=False),
    }
