"""Calls that a user starts from the screen: his own phone rings first, then theirs.

The order goes to the outbox, ingest hands it to the PBX once, and what comes of it is an outbound
call like any other. An order that ingest could not take at once is given up: nobody wants his phone
to ring for something he clicked on minutes ago.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.model import NumberClass
from data.phone import normalise
from data.queries import read
from data.services.standing import PbxRight, lacking
from data.services.trail import trail
from data.services.visible import visible_call
from data.settings import Pbx, Settings
from data.store.protocol import Statement, Store, Topic

KIND = "originate"
PATIENCE = timedelta(seconds=30)  # an order that nobody took by then is given up
LONGEST_RING = timedelta(seconds=150)

_NOT_DIALLED = frozenset(
    {
        NumberClass.HIDDEN,
        NumberClass.INTERNAL,
        NumberClass.INVALID,
        NumberClass.SERVICE_CODE,
        NumberClass.PREMIUM,
    }
)
_OWN_PHONE = re.compile(r"[0-9A-Za-z_-]{1,20}")


class Refusal(StrEnum):
    """Why somebody cannot start calls at all."""

    FORBIDDEN = "forbidden"
    NOT_READY = "not-ready"
    NO_PHONE = "no-phone"
    NO_RIGHT = "no-right"  # the PBX would refuse it to our user there


class DialState(StrEnum):
    """How far a call that was asked for has come."""

    WAITING = "waiting"
    CALLING_YOU = "calling_you"
    CALLING_THEM = "calling_them"
    TALKING = "talking"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A call that was asked for. error: a word of ingest where it failed; the rest is known once it ended."""

    number: str
    state: DialState
    error: str | None
    call_id: str | None
    outcome: str | None
    talk_s: float | None


def refusal(store: Store, actor: Actor, settings: Settings) -> Refusal | None:
    """Why the actor cannot start calls; None: he can."""
    if not actor.may(Permission.CALL):
        return Refusal.FORBIDDEN
    pbx = _pbx(settings)
    if pbx is None:
        return Refusal.NOT_READY
    if _phone(actor) is None:
        return Refusal.NO_PHONE
    return Refusal.NO_RIGHT if pbx.name in lacking(store, PbxRight.ORIGINATE) else None


def dial_call(store: Store, actor: Actor, settings: Settings, call_id: str, *, now: datetime) -> str:
    """Call the other side of a call; works where the number itself may not be seen. As `dial`; raises NotFound."""
    seen = visible_call(store, actor, call_id)
    rows = store.query(read("calls/number"), {"call_id": seen}, actor=actor).to_pylist()
    if not rows or not rows[0]["external_number"]:
        raise BadInput("The number of this call is hidden. There is nobody to call.")
    return dial(store, actor, settings, rows[0]["external_number"], now=now, about=seen)


def dial(
    store: Store, actor: Actor, settings: Settings, number: str, *, now: datetime, about: str | None = None
) -> str:
    """Ask for a call to a number in any form; the id of the order. about: the call it answers.

    Raises NotAllowed, BadInput (no number, not to be called, no phone, not set up), Conflict while one is under way.
    """
    require(actor, Permission.CALL)
    pbx, phone = _pbx(settings), _phone(actor)
    if pbx is None:
        raise BadInput("Calls from here are not set up. Set originate.enabled for a PBX in the settings.")
    if phone is None:
        raise BadInput(f"User {actor.user} has no phone. Give the user an employee with an extension.")
    wanted = _wanted(number, settings, pbx)
    order = {"extension": phone, "number": wanted}
    _refuse_second(store, actor, now)
    outbox_id = str(uuid4())
    new = {
        "outbox_id": outbox_id,
        "kind": KIND,
        "target": pbx.name,
        "subject_id": about,
        "payload": json.dumps(order),
        "created_at": now,
        "created_by": actor.user,
    }
    store.transact(
        [
            Statement(name="outbox_insert", params=new, expect_rows=1),
            trail(actor, now, "call.start", "number", wanted, extension=phone, pbx=pbx.name),
        ],
        actor=actor,
        touches={Topic.OUTBOX: [outbox_id]},
    )
    return outbox_id


def dialled(store: Store, actor: Actor, outbox_id: str, *, now: datetime) -> Dialled:
    """How far a call has come that the actor asked for. Raises NotFound, NotAllowed."""
    require(actor, Permission.CALL)
    try:
        key = str(UUID(outbox_id))
    except ValueError:
        raise NotFound(f"You asked for no call {outbox_id[:40]!r}.") from None
    params = {"outbox_id": key, "user": actor.user}
    rows = store.query(read("outbox/dialled"), params, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"You asked for no call {key}.")
    row = rows[0]
    late = row["state"] == "queued" and now - row["created_at"] > PATIENCE
    return Dialled(
        number=json.loads(row["payload"])["number"],
        state=DialState.FAILED if late else _state(row),
        error="expired" if late else row["error"],
        call_id=row["call_id"],
        outcome=row["outcome"],
        talk_s=row["talk_s"],
    )


def _state(row: dict[str, object]) -> DialState:
    match row["state"]:
        case "queued":
            return DialState.WAITING
        case "sent":
            return DialState.CALLING_YOU
        case "failed":
            return DialState.FAILED
    if row["call_id"] is not None:
        return DialState.ENDED
    return DialState.TALKING if row["is_talking"] else DialState.CALLING_THEM


def _pbx(settings: Settings) -> Pbx | None:
    return next((pbx for pbx in settings.pbx if pbx.originate.enabled), None)


def _phone(actor: Actor) -> str | None:
    return next((phone for phone in sorted(actor.extensions) if _OWN_PHONE.fullmatch(phone)), None)


def _wanted(number: str, settings: Settings, pbx: Pbx) -> str:
    """The number in its normal form, if it may be called. Raises BadInput."""
    told = normalise(number, settings.site, extensions=pbx.extensions)
    if told.number is None or not told.number.isascii() or not told.number.isdigit():
        raise BadInput(f"{number[:40]!r} is no number that can be called. Write it with its area code.")
    if told.number_class in _NOT_DIALLED:
        raise BadInput(f"{number[:40]!r} is no outside number that may be called from here.")
    if any(re.fullmatch(pattern, told.number) for pattern in pbx.originate.denied):
        raise BadInput(f"{number[:40]!r} is not to be called from here (setting originate.denied).")
    return told.number


def _refuse_second(store: Store, actor: Actor, now: datetime) -> None:
    params = {"user": actor.user, "since": now - LONGEST_RING}
    if store.query(read("outbox/dialling"), params, actor=actor).num_rows:
        raise Conflict("Your phone is being called already. Take that call or let it ring out first.")
