"""How long things are kept, by class, and what must be kept whatever its age. Needs the right `privacy`.

Ingest deletes what is over (ingest/retention.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from data.access import require
from data.errors import BadInput, Conflict
from data.identity.actor import Actor, Permission
from data.phone import normalise
from data.queries import compose, fragments, read
from data.services.trail import trail
from data.settings import Site
from data.store.protocol import Statement, Store

LONGEST_DAYS = 36_500
LONGEST_REASON = 500
_LONGEST_ID = 200
_LONGEST_QUERY_S = 120.0


class DataClass(StrEnum):
    """What has a retention of its own."""

    RECORDING = "recording"  # the sound; the calls stay
    CALL = "call"  # with everything that hangs on them
    EVENT = "event"  # raw events in the database
    CHAT = "chat"  # closed ones, with messages and files
    AUDIT = "audit"


SHORTEST_DAYS = {
    DataClass.RECORDING: 1,
    DataClass.CALL: 30,
    DataClass.EVENT: 1,
    DataClass.CHAT: 1,
    DataClass.AUDIT: 180,
}


class HoldKind(StrEnum):
    """On what a hold can be."""

    NUMBER = "number"
    ACCOUNT = "account"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be deleted now."""

    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Something that must not be deleted."""

    hold_id: str
    subject_kind: HoldKind
    subject_id: str
    reason: str
    placed_at: datetime
    placed_by: str


def rules(store: Store, actor: Actor) -> dict[DataClass, int]:
    """Days by class, for those that a person decided on."""
    require(actor, Permission.PRIVACY)
    rows = store.query(read("retention/rules"), actor=actor).to_pylist()
    return {DataClass(row["class"]): row["days"] for row in rows}


def preview(store: Store, actor: Actor, kind: DataClass, days: int, *, now: datetime) -> Preview:
    """What would go if things were kept for `days`; holds are respected. Raises BadInput."""
    require(actor, Permission.PRIVACY)
    asked = {"until_at": now - timedelta(days=_checked(kind, days))}
    rows = store.query(over(f"{kind}_count"), asked, actor=actor, timeout_s=_LONGEST_QUERY_S)
    return Preview(**rows.to_pylist()[0])


def over(name: str) -> str:
    """The text of a statement of `retention/` about what has lasted long enough."""
    return compose(read(f"retention/{name}"), fragments("retention/over"))


def set_rule(store: Store, actor: Actor, kind: DataClass, days: int | None, *, now: datetime) -> None:
    """Keep a class for `days` from now on; None: as long as there is room. Raises BadInput."""
    require(actor, Permission.PRIVACY)
    steps = [Statement(name="retention_forget", params={"class": kind.value})]
    if days is not None:
        values = {"class": kind.value, "days": _checked(kind, days), "at": now, "actor": actor.user}
        steps.append(Statement(name="retention_insert", params=values, expect_rows=1))
    steps.append(trail(actor, now, "retention.change", "retention", kind.value, days=days))
    store.transact(steps, actor=actor, touches={})


def holds(store: Store, actor: Actor) -> list[Hold]:
    """What must not be deleted now, the latest first."""
    require(actor, Permission.PRIVACY)
    rows = store.query(read("privacy/holds"), actor=actor).to_pylist()
    return [Hold(**row | {"subject_kind": HoldKind(row["subject_kind"])}) for row in rows]


def place_hold(
    store: Store, actor: Actor, site: Site, kind: HoldKind, subject: str, reason: str, *, now: datetime
) -> str:
    """Keep a number (as typed), a client or a call (by id) from being deleted; the id. Raises BadInput."""
    require(actor, Permission.PRIVACY)
    subject_id = normalise(subject, site).number if kind is HoldKind.NUMBER else subject.strip()
    if not subject_id or len(subject_id) > _LONGEST_ID:
        raise BadInput(f"{subject[:40]!r} is no {kind.value} that could be kept. Write its number or id.")
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(f"The reason of a hold has 1 to {LONGEST_REASON} characters.")
    hold_id = str(uuid4())
    values = {"hold_id": hold_id, "subject_kind": kind.value, "subject_id": subject_id, "reason": reason.strip()}
    steps = [
        Statement(name="hold_insert", params=values | {"at": now, "actor": actor.user}, expect_rows=1),
        trail(actor, now, "hold.set", kind.value, subject_id, reason=reason.strip()),
    ]
    store.transact(steps, actor=actor, touches={})
    return hold_id


def lift_hold(store: Store, actor: Actor, hold_id: str, *, now: datetime) -> None:
    """Let it be deleted again. Raises Conflict where it was lifted meanwhile."""
    found = next((one for one in holds(store, actor) if one.hold_id == hold_id), None)
    if found is None:
        raise Conflict("Somebody lifted this hold meanwhile. Load the page again.")
    steps = [
        Statement(name="hold_lift", params={"hold_id": hold_id, "at": now, "actor": actor.user}, expect_rows=1),
        trail(actor, now, "hold.lift", found.subject_kind.value, found.subject_id, reason=found.reason),
    ]
    store.transact(steps, actor=actor, touches={})


def _checked(kind: DataClass, days: int) -> int:
    if not SHORTEST_DAYS[kind] <= days <= LONGEST_DAYS:
        raise BadInput(f"{days} days cannot be: write {SHORTEST_DAYS[kind]} to {LONGEST_DAYS}.")
    return days
