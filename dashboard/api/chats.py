"""`/api/chats`: the list with its counters, one chat, what was said in it, and what its composer offers.

GET /api/chats?state=queued&whose=mine&q=счёт&limit=100   …&slice=SLICE&from=DAY&to=DAY (what a report counts)
GET /api/chats/summary   GET /api/chats/accounts
GET /api/chats/ID   GET /api/chats/ID/tools
GET /api/chats/ID/timeline   …?before=CURSOR | after=CURSOR | since=CURSOR | around=MESSAGE | at=DAY, &limit=60
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, refuse, whole
from dashboard.api.call_json import row_json
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.journal import current_journal
from dashboard.office_hours import current_site
from data.errors import BadCursor, BadInput, UnknownName
from data.identity.actor import Permission
from data.journal import CallFilter, CallKind, Sort
from data.messaging import ChatState
from data.metrics.catalogue import METRICS
from data.metrics.compiler import Restriction
from data.metrics.periods import day_start
from data.metrics.slices import read_slice, slice_restriction
from data.metrics.terms import Grain
from data.services.chats.beginning import first_accounts
from data.services.chats.card import ChatCard, capabilities_of, chat_card
from data.services.chats.composing import templates, tools
from data.services.chats.filing import largest
from data.services.chats.listed import LATE, TARGET, Whose, chats, counts
from data.services.chats.timeline import MOST, Timeline, after, around, at, before, latest, since

API = blueprint("chats", "/api/chats")
for _kind in (BadInput, BadCursor):
    API.register_error_handler(_kind, refuse)

_MOST_CALLS = 200
_LONGEST_SEARCH = 200
_ANY_CALL = frozenset(CallKind)

E = TypeVar("E", bound=StrEnum)


@API.get("")
def listed() -> Response:
    """Chats of one state, who waits longest first, and how many there are of each."""
    found = chats(
        current_store(),
        current_actor(),
        current_settings().site,
        state=_choice("state", ChatState, ChatState.QUEUED),
        whose=_choice("whose", Whose, Whose.ALL),
        search=request.args.get("q", "")[:_LONGEST_SEARCH],
        limit=whole("limit", 100, low=1, high=1000),
        behind=_behind(),
        now=now(),
    )
    targets = {"target_s": TARGET.total_seconds(), "late_s": LATE.total_seconds()}
    return answer({"chats": found.rows, "counts": found.counts, "more": found.more, "now": now(), **targets})


@API.get("/summary")
def summary() -> Response:
    """The numbers of the sidebar."""
    return answer(counts(current_store(), current_actor(), now=now()))


@API.get("/accounts")
def places() -> Response:
    """Accounts from which one may write first, with the templates that some of them demand."""
    store, actor = current_store(), current_actor()
    return answer(
        {
            "accounts": [
                {
                    "account": one.account,
                    "messenger": one.messenger,
                    "title": one.title,
                    "by_template": capabilities_of(one.messenger).window is not None,
                    "templates": templates(store, actor, one.account),
                }
                for one in first_accounts(store, actor)
            ]
        }
    )


@API.get("/<chat_id>")
def one(chat_id: str) -> Response:
    """The document side of one chat."""
    return answer(card_json(chat_card(current_store(), current_actor(), chat_id)))


@API.get("/<chat_id>/tools")
def offered(chat_id: str) -> Response:
    """Ready answers and templates."""
    return answer(tools(current_store(), current_actor(), chat_id))


@API.get("/<chat_id>/timeline")
def timeline(chat_id: str) -> Response:
    """Messages, notes and events, in the order of time, with the client's calls of that stretch."""
    store, actor, asked = current_store(), current_actor(), request.args
    limit = whole("limit", 60, low=1, high=MOST)
    card = chat_card(store, actor, chat_id)
    if "around" in asked:
        page = around(store, actor, chat_id, asked["around"], limit=limit)
    elif "at" in asked:
        page = at(store, actor, chat_id, day_start(_day(asked["at"]), current_site().zone), limit=limit)
    elif "before" in asked:
        page = before(store, actor, chat_id, asked["before"], limit=limit)
    elif "after" in asked:
        page = after(store, actor, chat_id, asked["after"], limit=limit)
    elif "since" in asked:
        page = since(store, actor, chat_id, asked["since"], limit=limit)
    else:
        page = latest(store, actor, chat_id, limit=limit)
    return answer({"entries": page.entries, "before": page.before, "after": page.after, "calls": _calls(card, page)})


def card_json(card: ChatCard) -> dict[str, Any]:
    """One chat as pages show it, with what its messenger can do."""
    able = card.capabilities
    fields = {name: getattr(card, name) for name in ChatCard.__dataclass_fields__}
    return fields | {
        "locked": card.is_locked(now()),
        "window_ends_at": card.window_ends_at,
        "able": {
            "templates": able.templates,
            "replies": able.replies,
            "edits_s": able.edits_for.total_seconds(),
            "deletes_s": able.deletes_for.total_seconds(),
            "files": bool(able.largest_bytes),
            "longest_text": able.longest_text,
            "largest_bytes": largest(able),
        },
        "now": now(),
    }


def _calls(card: ChatCard, page: Timeline) -> list[dict[str, Any]]:
    """The client's calls within a page: from its first entry (or ever) to its last (or now)."""
    actor = current_actor()
    if not actor.may(Permission.SEE_CALLS) or (card.account_id is None and card.number is None):
        return []
    wanted = CallFilter(
        account_id=card.account_id,
        number=None if card.account_id else card.number,
        from_at=_edge(page, 0) if page.before else card.created_at,
        until_at=_edge(page, -1) if page.after else None,
        kinds=_ANY_CALL,
    )
    found = current_journal().page(actor, wanted, as_of=now(), sort=Sort(), limit=_MOST_CALLS)
    return [row_json(row) for row in found.rows]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"at={text[:40]!r} is no day such as 2026-11-22.") from None


def _edge(page: Timeline, place: int) -> datetime | None:
    return page.entries[place].happened_at if page.entries else None


def _behind() -> Restriction | None:
    """The chats that a number of a report counts: ?slice=…&from=DAY&to=DAY, the last day included."""
    text = request.args.get("slice")
    if not text:
        return None
    site = current_site()
    try:
        wanted = read_slice(text)
        first, last = (date.fromisoformat(request.args[name]) for name in ("from", "to"))
        as_of = datetime.fromisoformat(request.args["asof"]) if "asof" in request.args else now()
        if METRICS[wanted.metric].grains[0] is not Grain.CHAT:
            raise UnknownName(f"Metric {wanted.metric!r} counts no chats. Its calls are on the page of calls.")
        return slice_restriction(
            wanted,
            from_at=day_start(first, site.zone),
            until_at=day_start(last + timedelta(days=1), site.zone),
            as_of=as_of if as_of.tzinfo else as_of.replace(tzinfo=site.zone),
            site=site,
        )
    except (UnknownName, KeyError, ValueError, OverflowError) as error:
        raise BadRequest(f"The link of the report cannot be read: {error}") from None


def _choice(name: str, kind: type[E], otherwise: E) -> E:
    given = request.args.get(name)
    if given is None:
        return otherwise
    if given not in set(kind):
        raise BadRequest(f"{name}={given[:40]!r} is none of: {', '.join(kind)}.")
    return kind(given)
