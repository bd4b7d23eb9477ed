"""What another source says differently of a call, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from data.identity.actor import Actor
from data.model import Call
from data.store.protocol import Statement, Store

TOLERANCE_S = 1.6  # records carry whole seconds, rounded at both ends

# Fields that are compared, as both sides have them.
FIELDS: Mapping[str, Callable[[Call], object]] = {
    "direction": lambda call: str(call.direction),
    "outcome": lambda call: str(call.outcome),
    "reason": lambda call: str(call.reason) if call.reason is not None else None,
    "external_number_raw": lambda call: call.external_number,
    "answered_by": lambda call: list(call.answered_by),
    "queues": lambda call: list(call.queues),
    "started_at": lambda call: call.started_at,
    "ended_at": lambda call: call.ended_at,
    "talk_s": lambda call: call.talk_s,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One contradiction; kind: differs, only_ours, only_theirs."""

    call_id: str
    kind: str
    field: str | None
    ours: str | None
    theirs: str | None
    rule: str | None
    started_at: datetime


def differing_fields(ours: Mapping[str, object], theirs: Call) -> list[str]:
    """Names of the fields in which a stored row and another source's call are not the same."""
    return [name for name, of in FIELDS.items() if not same(ours[name], of(theirs))]


def differences(ours: Mapping[str, object], theirs: Call) -> list[Difference]:
    """The same in words that people can compare."""
    started_at = ours["started_at"]
    return [
        Difference(
            call_id=str(ours["call_id"]),
            kind="differs",
            field=name,
            ours=in_words(ours[name]),
            theirs=in_words(FIELDS[name](theirs)),
            rule=None,
            started_at=started_at if isinstance(started_at, datetime) else theirs.started_at,
        )
        for name in differing_fields(ours, theirs)
    ]


def turned(one: Difference) -> Difference:
    """The same once the other side's word is what is stored, and ours is what contradicts it."""
    return replace(one, ours=one.theirs, theirs=one.ours)


def store_differences(
    store: Store,
    found: Iterable[Difference],
    *,
    pbx: str,
    source: str,
    call_ids: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Put them in the place of what was known of these calls; none: they agree now."""
    rows = difference_rows(found)
    names: dict[str, object] = {"pbx": pbx, "source": source}
    steps = [Statement(name="differences_forget", params={**names, "call_ids": list(call_ids)})]
    if rows:
        steps.append(Statement(name="differences_insert", params={**names, "rows": rows, "noted_at": now}))
    store.transact(steps, actor=actor, touches={})


def difference_rows(found: Iterable[Difference]) -> list[dict[str, object]]:
    """As the statement `differences_insert` takes them."""
    return [{name: getattr(row, name) for name in Difference.__dataclass_fields__} for row in found]


def same(ours: object, theirs: object) -> bool:
    """Whether both say the same, as far as whole seconds can."""
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return abs((ours - theirs).total_seconds()) <= TOLERANCE_S
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= TOLERANCE_S
    return ours == theirs


def in_words(value: object) -> str | None:
    """A value as people compare it."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return f"{value:.1f}" if isinstance(value, float) else str(value)
