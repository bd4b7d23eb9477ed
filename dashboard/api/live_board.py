"""`/api/live`: the wall board, the calls of my phone with what to know about the caller, and states in queues.

GET  /api/live/board   GET /api/live/day   GET /api/live/mine   GET /api/live/cards/CALL   GET /api/live/words
POST /api/live/members {"change", "extension"?, "queue"?, "reason"?} ► 202 {"ids"}   GET /api/live/members/ID
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text
from dashboard.api.call_back import call_back
from dashboard.api.call_json import row_json
from dashboard.api.live import Row, running_calls
from dashboard.board import board, day
from dashboard.components.words import script_config
from dashboard.context import current_actor, current_settings, current_store, now, preferences, require
from dashboard.journal import current_journal
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission
from data.journal import CallFilter, CallKind
from data.queries import read
from data.services.comments import Subject, SubjectKind
from data.services.membership import Change, change, joinable, ordered, own_refusal
from data.services.presence import memberships
from data.services.tasks import tasks_about

API = blueprint("live_board", "/api/live")
API.register_error_handler(BadInput, refuse)

_MINE = CallFilter(kinds=frozenset({CallKind.INBOUND, CallKind.OUTBOUND, CallKind.INTERNAL}), mine=True)
_LONGEST = 100
_HISTORY = 3


@API.get("/board")
def wall() -> Response:
    """What the wall board shows of now; `is_known` false: what goes on now cannot be told."""
    return answer(board(require(Permission.LIVE)))


@API.get("/day")
def so_far() -> Response:
    """The day so far, beside a usual one; it takes longer, and what goes on now shall not wait for it."""
    return answer(day(require(Permission.LIVE)))


@API.get("/mine")
def mine() -> Response:
    """Calls in which my phone takes part now, each with what it does in it, and my queues."""
    actor = require(Permission.SEE_CALLS)
    calls = _mine(actor) if actor.extensions else []
    return answer(
        {
            "at": now(),
            "calls": calls,
            "extensions": sorted(actor.extensions),
            "seats": _seats(actor),
            "chosen": preferences("card"),
            "call_back": call_back(actor, without_number=None),
        }
    )


@API.get("/words")
def words() -> Response:
    """What the card needs besides, once for a page."""
    return answer(script_config("journal", "live"))


@API.get("/cards/<call_id>")
def card(call_id: str) -> Response:
    """What to know about the other side of a call of mine: responsible, channel, last calls, open tasks, last chat."""
    actor = require(Permission.SEE_CALLS)
    row = next((one for one in _mine(actor) if one["call_id"] == call_id), None)
    if row is None:
        raise NotFound(f"Your phone takes part in no call {call_id[:60]} now.")
    store = current_store()
    asked = {"account_id": row["account_id"], "number": row["number"], "did": row["did"]}
    (about,) = store.query(read("live/about"), asked, actor=actor, timeout_s=5.0).to_pylist()
    tasks = (
        tasks_about(store, actor, Subject(kind=SubjectKind.ACCOUNT, id=row["account_id"]), now=now())
        if row["account_id"]
        else ()
    )
    return answer(
        {
            "responsible": about["responsible"],
            "channel": about["channel"],
            "history": _history(actor, row),
            "sees_all": actor.sees_all,  # False: no history may mean that it was with others
            "tasks": [{"task_id": one.task_id, "title": one.fields.title} for one in tasks if one.done_at is None][:3],
            "chat": about["chat"] if actor.may(Permission.CHAT) and actor.may(Permission.FULL_NUMBERS) else None,
            "call_back": call_back(actor, without_number=None),
        }
    )


@API.post("/members")
def change_member() -> Response:
    """Pause, unpause, log in or out: oneself, or with the right for it somebody else."""
    sent, actor = body(), current_actor()
    wanted = text(sent, "change", longest=20)
    if wanted not in set(Change):
        raise BadRequest(f"change={wanted!r} is none of: {', '.join(Change)}.")
    own = sorted(actor.extensions)
    extension = text(sent, "extension", longest=_LONGEST) or (own[0] if own else "")
    ids = change(
        current_store(),
        actor,
        current_settings(),
        extension,
        Change(wanted),
        queue=text(sent, "queue", longest=_LONGEST) or None,
        reason=text(sent, "reason", longest=_LONGEST),
        now=now(),
    )
    return answer({"ids": ids}, 202)


@API.get("/members/<order>")
def member_order(order: str) -> Response:
    """How far an order has come."""
    return answer(asdict(ordered(current_store(), current_actor(), order, now=now())))


def _mine(actor: Actor) -> list[Row]:
    """The oldest first; without those that go on elsewhere and only pass my phone by."""
    return [row for row in reversed(running_calls(actor, _MINE)) if row["part"] is not None]


def _history(actor: Actor, row: Row) -> list[dict[str, Any]]:
    """Former calls with the same client, else number, as far as the actor sees them."""
    if row["account_id"]:
        wanted = CallFilter(account_id=row["account_id"])
    elif row["number"] and actor.may(Permission.FULL_NUMBERS):
        wanted = CallFilter(number=row["number"])
    else:
        return []
    page = current_journal().page(actor, wanted, as_of=now(), limit=_HISTORY)
    return [row_json(one) for one in page.rows]


def _seats(actor: Actor) -> dict[str, Any]:
    """My places in queues, and what I may change of them."""
    store = current_store()
    reason = own_refusal(store, actor, current_settings())
    if reason is not None:
        return {"reason": reason, "queues": [], "joinable": []}
    own = [one for one in memberships(store, actor) if one.extension in actor.extensions]
    here = {one.queue for one in own}
    titles = {row["queue"]: row["title"] for row in store.query(read("live/queues"), actor=actor).to_pylist()}
    return {
        "reason": None,
        "queues": [
            {
                "queue": one.queue,
                "title": one.queue_title,
                "is_paused": one.is_paused,
                "pause_reason": one.pause_reason,
                "paused_at": one.paused_at,
                "is_dynamic": one.is_dynamic,
                "extension": one.extension,
            }
            for one in own
        ],
        "joinable": [
            {"queue": queue, "title": titles.get(queue, queue)}
            for queue in joinable(current_settings())
            if queue not in here
        ],
    }
