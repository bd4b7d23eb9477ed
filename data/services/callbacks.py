"""Missed callers who wait to be called back: who takes care of whom, and whom nobody needs to call any more.

An open episode is what the report "recovery" counts (DOMAIN.md 4): consecutive missed calls of one number
without a conversation yet. It closes by itself with the conversation; people take it, give it back, or
dismiss it with a reason until that number is missed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission, system
from data.metrics.reads import Reads
from data.queries import bound, compose, read
from data.services.trail import trail
from data.settings import Callbacks, Site
from data.status import one_of, owner_of
from data.store.protocol import Statement, Store, Topic
from data.working_hours import after_open_time, schedule_of

LONGEST_NOTE = 500
MOST = 1000
_ACTOR = system("callbacks")
_NOBODYS: dict[str, object] = {"owner": None, "owner_name": None, "taken_at": None}
_NOT_DISMISSED: dict[str, object] = dict.fromkeys(("dismissed_at", "dismissed_by", "dismissed_name", "reason", "note"))


class DismissReason(StrEnum):
    """Why a missed caller need not be called any more."""

    REACHED_OTHERWISE = "reached_otherwise"
    NO_NEED = "no_need"
    WRONG_NUMBER = "wrong_number"
    SPAM = "spam"
    OUT_OF_REACH = "out_of_reach"
    OTHER = "other"


class Whose(StrEnum):
    ALL = "all"
    MINE = "mine"  # that I took, and free ones of my clients or that rang at my phone
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    at: datetime
    by: str | None
    reason: DismissReason
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One caller who waits. call_id: of the first miss; parties: phones that had to do with the misses."""

    call_id: str
    number: str
    missed_at: datetime
    last_missed_at: datetime
    deadline_at: datetime
    misses: int
    attempts: int
    last_tried_at: datetime | None
    queue: str | None
    queue_title: str | None
    line_title: str | None
    caller_name: str | None
    parties: frozenset[str]
    account_id: str | None
    client: str | None
    contact: str | None
    responsible_id: str | None
    responsible: str | None
    owner: str | None
    owner_name: str | None
    taken_at: datetime | None
    dismissal: Dismissal | None
    version: int

    def is_late(self, now: datetime) -> bool:
        return self.dismissal is None and self.deadline_at < now

    def belongs_to(self, actor: Actor) -> bool:
        """He took it, or nobody did and it is about his client or his phone."""
        if self.owner is not None:
            return self.owner == actor.user
        is_his_client = self.responsible_id is not None and self.responsible_id == actor.employee_id
        return is_his_client or not self.parties.isdisjoint(actor.extensions)

    def concerns(self, actor: Actor, whose: Whose) -> bool:
        match whose:
            case Whose.ALL:
                return True
            case Whose.MINE:
                return self.belongs_to(actor)
            case Whose.FREE:
                return self.owner is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the sidebar shows: waiting for the actor or for anybody, and how many of these are late."""

    open: int
    late: int


def open_episodes(store: Reads, site: Site, rules: Callbacks, *, now: datetime) -> tuple[Episode, ...]:
    """Everybody who waits, the oldest first, dismissed ones included: of the whole office, for `seen_by`."""
    since = now - timedelta(days=rules.days)
    (row,) = store.query(read("callbacks/reach"), {"since": since}, actor=_ACTOR).to_pylist()
    if row["from_at"] is None:
        return ()
    known = {
        "since": since,
        "from_at": row["from_at"],
        "until_at": now + timedelta(days=1),
        "as_of": now,
        "limit": MOST,
    }
    owner = owner_of(one_of("select external_number as number from episode"))
    text, params = bound(compose(read("callbacks/open"), {"owner": owner}), known)
    schedule, allowed = schedule_of(site), timedelta(minutes=rules.minutes)
    return tuple(
        _episode(one, after_open_time(one["missed_at"], allowed, schedule, site.zone))
        for one in store.query(text, params, actor=_ACTOR).to_pylist()
    )


def seen_by(actor: Actor, episodes: Iterable[Episode]) -> tuple[Episode, ...]:
    """Those whose calls the actor may see. Raises NotAllowed."""
    require(actor, Permission.SEE_CALLS)
    return tuple(one for one in episodes if actor.sees_all or not one.parties.isdisjoint(actor.seen))


def count(actor: Actor, episodes: Sequence[Episode], *, now: datetime) -> Count:
    """Of those that he sees: nobody's and his own."""
    waiting = [one for one in episodes if one.dismissal is None and one.owner in (None, actor.user)]
    return Count(open=len(waiting), late=sum(one.is_late(now) for one in waiting))


def may_direct(actor: Actor) -> bool:
    """Whether somebody may take from others what they took."""
    return actor.may(Permission.LIVE)


def take(
    store: Store, actor: Actor, site: Site, rules: Callbacks, call_id: str, *, version: int, now: datetime
) -> None:
    """The actor takes care from now on. Raises Conflict where somebody else does, NotFound where nobody waits."""
    one = _open(store, actor, site, rules, call_id, now)
    if one.owner not in (None, actor.user) and not may_direct(actor):
        raise Conflict(f"{one.owner_name or one.owner} takes care of this caller already.")
    owned = {"owner": actor.user, "owner_name": actor.name or actor.user, "taken_at": now}
    _write(store, actor, one, owned | _NOT_DISMISSED, "callback.take", version, now)


def give_back(
    store: Store, actor: Actor, site: Site, rules: Callbacks, call_id: str, *, version: int, now: datetime
) -> None:
    """Nobody takes care any more. Raises Conflict where it is somebody else's, NotFound."""
    one = _open(store, actor, site, rules, call_id, now)
    if one.owner not in (None, actor.user) and not may_direct(actor):
        raise Conflict(f"{one.owner_name or one.owner} takes care of this caller; only he or a supervisor gives back.")
    _write(store, actor, one, _NOBODYS | _NOT_DISMISSED, "callback.give_back", version, now)


def dismiss(
    store: Store,
    actor: Actor,
    site: Site,
    rules: Callbacks,
    call_id: str,
    *,
    reason: DismissReason,
    note: str = "",
    version: int,
    now: datetime,
) -> None:
    """He need not be called back, unless he is missed again. Raises BadInput, Conflict, NotFound."""
    text = " ".join(note.split())
    if len(text) > LONGEST_NOTE:
        raise BadInput(f"The note has {len(text)} characters, at most {LONGEST_NOTE} are kept. Shorten it.")
    if reason is DismissReason.OTHER and not text:
        raise BadInput("Say in a few words why: the reason “other” needs a note.")
    one = _open(store, actor, site, rules, call_id, now)
    gone = {
        "dismissed_at": now,
        "dismissed_by": actor.user,
        "dismissed_name": actor.name or actor.user,
        "reason": reason.value,
        "note": text or None,
    }
    detail = {"reason": reason.value, "note": text}
    _write(store, actor, one, _owned(one) | gone, "callback.dismiss", version, now, **detail)


def restore(
    store: Store, actor: Actor, site: Site, rules: Callbacks, call_id: str, *, version: int, now: datetime
) -> None:
    """He waits again. Raises Conflict, NotFound."""
    one = _open(store, actor, site, rules, call_id, now)
    _write(store, actor, one, _owned(one) | _NOT_DISMISSED, "callback.restore", version, now)


def _open(store: Store, actor: Actor, site: Site, rules: Callbacks, call_id: str, now: datetime) -> Episode:
    require(actor, Permission.COMMENT)
    seen = seen_by(actor, open_episodes(store, site, rules, now=now))
    found = next((one for one in seen if one.call_id == call_id), None)
    if found is None:
        raise NotFound("This caller does not wait any more: somebody has talked to him.")
    return found


def _write(
    store: Store,
    actor: Actor,
    one: Episode,
    values: dict[str, object],
    action: str,
    version: int,
    now: datetime,
    **detail: object,
) -> None:
    params = values | {"number": one.number, "at": now, "actor": actor.user}
    step = (
        Statement(name="callback_update", params=params | {"version": version}, expect_rows=1)
        if version
        else Statement(name="callback_insert", params=params, expect_rows=1)
    )
    told = trail(actor, now, action, "number", one.number, call=one.call_id, **detail)
    store.transact([step, told], actor=actor, touches={Topic.CALLBACKS: [one.call_id]})


def _owned(one: Episode) -> dict[str, object]:
    return {"owner": one.owner, "owner_name": one.owner_name, "taken_at": one.taken_at}


def _episode(row: dict[str, Any], deadline_at: datetime) -> Episode:
    gone_at, by, reason, note = (row.pop(name) for name in ("dismissed_at", "dismissed_name", "reason", "note"))
    dismissal = Dismissal(at=gone_at, by=by, reason=DismissReason(reason), note=note) if gone_at else None
    return Episode(**row | {"parties": frozenset(row["parties"]), "deadline_at": deadline_at, "dismissal": dismissal})
