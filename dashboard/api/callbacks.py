"""`/api/callbacks`: missed callers who wait to be called back, and what people do about them.

GET  /api/callbacks?whose=all|mine|free&state=open|dismissed   GET /api/callbacks/summary
POST /api/callbacks/CALL/take|give-back|restore {"version"}
POST /api/callbacks/CALL/dismiss {"version", "reason", "note"?}
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text
from dashboard.api.call_back import call_back
from dashboard.context import current_actor, current_settings, current_store, now, require
from dashboard.office_hours import current_site
from dashboard.waiting import waiting_episodes
from data.errors import BadInput
from data.identity.actor import Actor, Permission
from data.phone import display, mask
from data.services import callbacks as service
from data.services.callbacks import LONGEST_NOTE, DismissReason, Episode, Whose, count, may_direct, seen_by

API = blueprint("callbacks", "/api/callbacks")
API.register_error_handler(BadInput, refuse)


class State(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"


E = TypeVar("E", bound=StrEnum)


@API.get("")
def listed() -> Response:
    """Those of ?whose= in ?state=, the oldest first; `rules` says what the deadline is."""
    actor, whose = current_actor(), _choice("whose", Whose, Whose.ALL)
    dismissed = _choice("state", State, State.OPEN) is State.DISMISSED
    fresh = request.args.get("fresh") == "1"
    seen = seen_by(actor, waiting_episodes(fresh=fresh))
    shown = [one for one in seen if (one.dismissal is not None) is dismissed and one.concerns(actor, whose)]
    rules = current_settings().callbacks
    return answer(
        {
            "episodes": [_episode(actor, one) for one in shown],
            "count": count(actor, seen, now=now()),
            "call_back": call_back(actor, without_number=None),
            "rules": {"minutes": rules.minutes, "days": rules.days},
        }
    )


@API.get("/summary")
def summary() -> Response:
    """How many wait for me or for anybody, and how many of them are late: the number in the sidebar."""
    actor = current_actor()
    return answer(count(actor, seen_by(actor, waiting_episodes()), now=now()))


@API.post("/<call_id>/take")
def take(call_id: str) -> Response:
    return _done(service.take, call_id)


@API.post("/<call_id>/give-back")
def give_back(call_id: str) -> Response:
    return _done(service.give_back, call_id)


@API.post("/<call_id>/restore")
def restore(call_id: str) -> Response:
    return _done(service.restore, call_id)


@API.post("/<call_id>/dismiss")
def dismiss(call_id: str) -> Response:
    sent = body()
    reason = text(sent, "reason", longest=40)
    if reason not in set(DismissReason):
        raise BadRequest(f"reason={reason!r} is none of: {', '.join(DismissReason)}.")
    note = text(sent, "note", longest=LONGEST_NOTE)
    return _done(service.dismiss, call_id, reason=DismissReason(reason), note=note)


def _done(act: Any, call_id: str, **more: Any) -> Response:
    """Carry it out; a refusal because of somebody else says who that is."""
    require(Permission.COMMENT)
    version = body().get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise BadRequest("version must be that of the caller which was read; 0 where nobody did anything yet.")
    store, actor, rules = current_store(), current_actor(), current_settings().callbacks
    try:
        act(store, actor, current_site(), rules, call_id, version=version, now=now(), **more)
    finally:
        waiting_episodes(fresh=True)
    return answer({"call_id": call_id})


def _episode(actor: Actor, one: Episode) -> dict[str, Any]:
    """One as the page shows it; numbers as the actor may see them."""
    full = actor.may(Permission.FULL_NUMBERS)
    return {
        "call_id": one.call_id,
        "number_text": display(one.number) if full else mask(one.number),
        "caller_name": one.caller_name if full and one.caller_name != one.number else None,
        "missed_at": one.missed_at,
        "last_missed_at": one.last_missed_at,
        "deadline_at": one.deadline_at,
        "is_late": one.is_late(now()),
        "misses": one.misses,
        "attempts": one.attempts,
        "last_tried_at": one.last_tried_at,
        "queue": one.queue_title,
        "line": one.line_title,
        "account_id": one.account_id if full else None,
        "client": one.client if full else None,
        "contact": one.contact if full else None,
        "responsible": one.responsible if full else None,
        "owner": one.owner_name,
        "is_mine": one.owner == actor.user,
        "may_take": one.owner in (None, actor.user) or may_direct(actor),
        "taken_at": one.taken_at,
        "dismissal": one.dismissal,
        "version": one.version,
    }


def _choice(name: str, kind: type[E], otherwise: E) -> E:
    given = request.args.get(name)
    if given is None:
        return otherwise
    if given not in set(kind):
        raise BadRequest(f"{name}={given[:40]!r} is none of: {', '.join(kind)}.")
    return kind(given)
