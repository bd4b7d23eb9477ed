"""The trail to be read: pages of it, and all of it for a file. Needs the right `audit`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.access import require
from data.identity.actor import Actor, Permission
from data.logs import mask_numbers
from data.queries import read
from data.services.trail import trail
from data.store.protocol import Store

_BLOCK = 5_000
_LONGEST_QUERY_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What to show: half-open period, and "" for no matter."""

    from_at: datetime
    until_at: datetime
    actor: str = ""
    action: str = ""
    search: str = ""  # anywhere in the subject's id or the details


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One line of the trail. detail: JSON."""

    acted_at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChoices:
    """Who acted, and what was done, in a period."""

    actors: tuple[str, ...]
    actions: tuple[str, ...]


def audit_page(store: Store, actor: Actor, wanted: AuditFilter, *, limit: int, offset: int) -> tuple[AuditRow, ...]:
    """The lines of the filter, the newest first."""
    require(actor, Permission.AUDIT)
    asked = _params(wanted) | {"limit": limit, "offset": offset}
    rows = store.query(read("audit/page"), asked, actor=actor, timeout_s=_LONGEST_QUERY_S).to_pylist()
    return tuple(_row(row, actor) for row in rows)


def audit_count(store: Store, actor: Actor, wanted: AuditFilter) -> int:
    require(actor, Permission.AUDIT)
    return int(store.query(read("audit/count"), _params(wanted), actor=actor).to_pylist()[0]["lines"])


def audit_choices(store: Store, actor: Actor, wanted: AuditFilter) -> AuditChoices:
    """What the filter offers: everything of its period."""
    require(actor, Permission.AUDIT)
    asked = {"from_at": wanted.from_at, "until_at": wanted.until_at}
    row = store.query(read("audit/choices"), asked, actor=actor).to_pylist()[0]
    return AuditChoices(actors=tuple(row["actors"] or ()), actions=tuple(row["actions"] or ()))


def audit_export(
    store: Store, actor: Actor, wanted: AuditFilter, form: str, *, now: datetime
) -> Iterator[tuple[AuditRow, ...]]:
    """All lines of the filter in blocks; that they leave is a line of the trail itself."""
    require(actor, Permission.AUDIT)
    told = {"from": wanted.from_at.isoformat(), "until": wanted.until_at.isoformat()}
    told |= {"who": wanted.actor, "what": wanted.action, "search": wanted.search}
    store.transact([trail(actor, now, "audit.export", "audit", form, **told)], actor=actor, touches={})
    return _blocks(store, actor, wanted)


def _blocks(store: Store, actor: Actor, wanted: AuditFilter) -> Iterator[tuple[AuditRow, ...]]:
    offset = 0
    while block := audit_page(store, actor, wanted, limit=_BLOCK, offset=offset):
        yield block
        offset += len(block)


def _params(wanted: AuditFilter) -> dict[str, Any]:
    return {
        "from_at": wanted.from_at,
        "until_at": wanted.until_at,
        "actor": wanted.actor or None,
        "action": wanted.action or None,
        "search": wanted.search.strip() or None,
    }


def _row(row: dict[str, Any], actor: Actor) -> AuditRow:
    row = row | {"subject_kind": row["subject_kind"] or "", "subject_id": row["subject_id"] or ""}
    if not actor.may(Permission.FULL_NUMBERS):
        row |= {"subject_id": mask_numbers(row["subject_id"]), "detail": row["detail"] and mask_numbers(row["detail"])}
    return AuditRow(**row)
