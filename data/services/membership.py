"""Who is in which queue, and paused: changed by the PBX, which is asked by way of the outbox.

Everybody with the right `pause` changes his own state, with the right `queues` that of everybody he
sees. What came of it is what the PBX tells of its members afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.presence import Membership, memberships
from data.services.standing import PbxRight, lacking
from data.services.trail import trail
from data.settings import Pbx, Settings
from data.store.protocol import Statement, Store, Topic

KIND = "queue-member"
PATIENCE = timedelta(seconds=15)
LONGEST_REASON = 60


class Change(StrEnum):
    PAUSE = "pause"
    UNPAUSE = "unpause"
    LOGIN = "login"
    LOGOUT = "logout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """How far an order has come. error: a word of ingest where it failed."""

    state: str  # queued, sent, done, failed
    error: str | None


def refusal(store: Store, actor: Actor, settings: Settings) -> str | None:
    """Why the actor cannot change the state of others; None: he can."""
    if not actor.may(Permission.QUEUES):
        return "forbidden"
    return _unready(store, settings)


def own_refusal(store: Store, actor: Actor, settings: Settings) -> str | None:
    """Why the actor cannot change his own."""
    if not actor.may(Permission.PAUSE):
        return "forbidden"
    if not actor.extensions:
        return "no-phone"
    return _unready(store, settings)


def joinable(settings: Settings) -> tuple[str, ...]:
    """The queues that people may log in to and out of."""
    return tuple(name for pbx in _ready(settings) for name in pbx.queues.dynamic)


def change(
    store: Store,
    actor: Actor,
    settings: Settings,
    extension: str,
    wanted: Change,
    *,
    queue: str | None = None,
    reason: str = "",
    now: datetime,
) -> tuple[str, ...]:
    """Ask for it, in one queue or (None) in all of his; the ids of the orders.

    Raises NotAllowed, BadInput, NotFound.
    """
    _require(actor, extension)
    if not _ready(settings):
        raise BadInput("Queues are not changed from here. Set queues.enabled for a PBX in the settings.")
    text = "".join(one for one in " ".join(reason.split()) if one.isprintable())
    if len(text) > LONGEST_REASON:
        raise BadInput(f"The reason has {len(text)} characters, at most {LONGEST_REASON} are taken. Shorten it.")
    present = [one for one in memberships(store, actor) if one.extension == extension]
    orders = (
        [_login(settings, extension, queue, present)]
        if wanted is Change.LOGIN
        else [_of_member(settings, one, wanted) for one in _chosen(present, queue, wanted)]
    )
    if not orders:
        raise NotFound(f"{extension[:20]} is in no queue where that can be done.")
    ids = [str(uuid4()) for _ in orders]
    steps: list[Statement] = []
    for outbox_id, (pbx, order) in zip(ids, orders, strict=True):
        payload = order | ({"reason": text} if text else {}) | {"extension": extension}
        new = {
            "outbox_id": outbox_id, "kind": KIND, "target": pbx, "subject_id": None, "payload": json.dumps(payload),
            "created_at": now, "created_by": actor.user,
        }  # fmt: skip
        steps += [
            Statement(name="outbox_insert", params=new, expect_rows=1),
            trail(actor, now, f"queue.{wanted}", "extension", extension, queue=order["queue"], reason=text),
        ]
    store.transact(steps, actor=actor, touches={Topic.OUTBOX: ids})
    return tuple(ids)


def ordered(store: Store, actor: Actor, outbox_id: str, *, now: datetime) -> Ordered:
    """How far an order of the actor's has come. Raises NotFound."""
    try:
        key = str(UUID(outbox_id))
    except ValueError:
        raise NotFound(f"You gave no order {outbox_id[:40]!r}.") from None
    rows = store.query(read("outbox/ordered"), {"outbox_id": key, "kind": KIND, "user": actor.user}, actor=actor)
    found = rows.to_pylist()
    if not found:
        raise NotFound(f"You gave no order {key}.")
    row = found[0]
    if row["state"] == "queued" and now - row["created_at"] > PATIENCE:
        return Ordered(state="failed", error="expired")
    return Ordered(state=row["state"], error=row["error"])


def _require(actor: Actor, extension: str) -> None:
    if extension in actor.extensions and actor.may(Permission.PAUSE):
        return
    require(actor, Permission.QUEUES)
    if not actor.sees_all and extension not in actor.seen:
        raise NotAllowed(f"User {actor.user} looks after nobody with the extension {extension[:20]}.")


def _unready(store: Store, settings: Settings) -> str | None:
    ready = {pbx.name for pbx in _ready(settings)}
    if not ready:
        return "not-ready"
    return None if ready - lacking(store, PbxRight.AGENT) else "no-right"


def _ready(settings: Settings) -> list[Pbx]:
    return [pbx for pbx in settings.pbx if pbx.queues.enabled]


def _chosen(present: Sequence[Membership], queue: str | None, wanted: Change) -> list[Membership]:
    """The memberships that the change is about: static ones are never logged out."""
    asked = [one for one in present if queue in (None, one.queue)]
    if wanted is Change.LOGOUT:
        if queue is not None and asked and not asked[0].is_dynamic:
            raise BadInput(f"Members of the queue {queue[:40]} stand in the configuration of the PBX: pause instead.")
        return [one for one in asked if one.is_dynamic]
    return [one for one in asked if one.is_paused is (wanted is Change.UNPAUSE)] or asked


def _of_member(settings: Settings, one: Membership, wanted: Change) -> tuple[str, dict[str, str]]:
    if one.pbx not in {pbx.name for pbx in _ready(settings)}:
        raise BadInput(
            f"Queues of the PBX {one.pbx} are not changed from here. Set its queues.enabled in the settings."
        )
    return one.pbx, {"change": wanted.value, "queue": one.queue, "interface": one.interface}


def _login(
    settings: Settings, extension: str, queue: str | None, present: Sequence[Membership]
) -> tuple[str, dict[str, str]]:
    pbx = next((pbx for pbx in _ready(settings) if queue in pbx.queues.dynamic), None)
    if queue is None or pbx is None:
        raise BadInput("That is no queue which people log in to (setting queues.dynamic).")
    if any(one.queue == queue and one.pbx == pbx.name for one in present):
        raise BadInput(f"{extension[:20]} is in the queue {queue} already.")
    if not extension.isascii() or not extension.isalnum():
        raise BadInput(f"{extension[:20]!r} is no extension.")
    return pbx.name, {
        "change": Change.LOGIN.value,
        "queue": queue,
        "interface": pbx.queues.member.format(extension=extension),
        "state_interface": pbx.queues.state.format(extension=extension),
    }
