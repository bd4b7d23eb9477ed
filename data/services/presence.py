"""Who of the office does what at this moment: calls, pauses and phones put together, one state an employee.

What a call says wins over what a phone says, since phones tell "busy" of everything; a pause wins over
a phone that is merely free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.identity.actor import Actor
from data.model import DeviceState
from data.queries import read
from data.store.protocol import Store


class Doing(StrEnum):
    """What an employee does."""

    TALKING = "talking"
    HELD = "held"  # in a talk with somebody on hold
    RINGING = "ringing"
    CALLING = "calling"  # he calls somebody who has not answered yet
    BUSY = "busy"  # off the hook, in no call that we know
    PAUSED = "paused"
    FREE = "free"
    OUT = "out"  # his phone is not registered
    UNKNOWN = "unknown"


_ON_THE_PHONE = frozenset({Doing.TALKING, Doing.HELD, Doing.RINGING, Doing.CALLING, Doing.BUSY})
_OF_PHONE = {DeviceState.BUSY: Doing.BUSY, DeviceState.RINGING: Doing.RINGING, DeviceState.OUT: Doing.OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An employee in a queue."""

    pbx: str
    queue: str
    queue_title: str
    interface: str
    extension: str
    name: str | None
    is_dynamic: bool
    state: DeviceState
    state_since_at: datetime
    is_paused: bool
    pause_reason: str | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """since_at: of the state; call_id: of the call that he is in; detail: why he is paused."""

    extension: str
    name: str | None
    doing: Doing
    since_at: datetime | None
    call_id: str | None
    detail: str | None
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The members of one queue, counted by what they do."""

    free: int
    busy: int
    paused: int
    out: int


def memberships(store: Store, actor: Actor) -> tuple[Membership, ...]:
    """Everybody in every queue, as the PBX told last."""
    rows = store.query(read("live/members"), actor=actor, timeout_s=5.0).to_pylist()
    return tuple(Membership(**row | {"state": DeviceState(row["state"])}) for row in rows)


def phones(store: Store, actor: Actor) -> list[dict[str, Any]]:
    """pbx, extension, state, state_since_at of every phone."""
    return store.query(read("live/phones"), actor=actor, timeout_s=5.0).to_pylist()


def employees(
    calls: Sequence[Mapping[str, Any]],
    members: Sequence[Membership],
    phones: Sequence[Mapping[str, Any]],
    names: Mapping[str, str | None],
) -> tuple[Employee, ...]:
    """Everybody who has a name, is in a queue or in a call, by extension. calls: rows of live/running."""
    in_calls = _in_calls(calls)
    by_phone = {phone["extension"]: phone for phone in phones}
    by_member: dict[str, list[Membership]] = {}
    for member in members:
        by_member.setdefault(member.extension, []).append(member)
    known = {one for one in by_phone if names.get(one)} | by_member.keys() | (in_calls.keys() & names.keys())
    return tuple(
        _employee(one, names.get(one), in_calls.get(one), by_member.get(one, []), by_phone.get(one))
        for one in sorted(known)
    )


def crew(queue: str, members: Iterable[Membership], doing: Mapping[str, Doing]) -> Crew:
    """How many of a queue's members could take a call now."""
    counted = Counter(_counted(one, doing.get(one.extension, Doing.UNKNOWN)) for one in members if one.queue == queue)
    return Crew(free=counted["free"], busy=counted["busy"], paused=counted["paused"], out=counted["out"])


def _counted(member: Membership, doing: Doing) -> str:
    if doing in _ON_THE_PHONE:
        return "busy"
    if member.is_paused:
        return "paused"
    return "free" if doing in (Doing.FREE, Doing.PAUSED) else "out"


def _in_calls(calls: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Doing, datetime, str]]:
    """What everybody does in calls; of several the talk wins."""
    found: dict[str, tuple[Doing, datetime, str]] = {}
    for call in calls:
        told = (call["state_since_at"], call["call_id"])
        if call["caller"] and call["answered_at"] is None:
            found.setdefault(call["caller"], (Doing.CALLING, *told))
        for extension in call["ringing"]:
            found.setdefault(extension, (Doing.RINGING, *told))
    for call in calls:
        for extension in call["talking"]:
            doing = Doing.HELD if call["state"] == "held" else Doing.TALKING
            if found.get(extension, (None,))[0] is not Doing.TALKING:
                found[extension] = (doing, call["state_since_at"], call["call_id"])
    return found


def _employee(
    extension: str,
    name: str | None,
    in_call: tuple[Doing, datetime, str] | None,
    members: Sequence[Membership],
    phone: Mapping[str, Any] | None,
) -> Employee:
    queues = tuple(member.queue_title for member in members)
    shown = name or next((member.name for member in members if member.name), None)

    def is_doing(
        doing: Doing, since_at: datetime | None, call_id: str | None = None, detail: str | None = None
    ) -> Employee:
        return Employee(
            extension=extension, name=shown, doing=doing, since_at=since_at, call_id=call_id, detail=detail,
            queues=queues,
        )  # fmt: skip

    if in_call is not None:
        doing, since_at, call_id = in_call
        if doing is Doing.RINGING and phone and phone["state"] == DeviceState.RINGING:
            since_at = phone["state_since_at"]  # the caller may have waited for longer
        return is_doing(doing, since_at, call_id)
    state = DeviceState(phone["state"]) if phone else members[0].state if members else DeviceState.UNKNOWN
    since = phone["state_since_at"] if phone else members[0].state_since_at if members else None
    if state is DeviceState.BUSY or state is DeviceState.RINGING:
        return is_doing(_OF_PHONE[state], since)
    if members and all(member.is_paused for member in members):
        first = min(members, key=lambda member: member.paused_at or member.state_since_at)
        return is_doing(Doing.PAUSED, first.paused_at, detail=first.pause_reason)
    if state is DeviceState.OUT:
        return is_doing(Doing.OUT, since)
    return is_doing(Doing.FREE if state is DeviceState.FREE else Doing.UNKNOWN, since)
