"""`/api/calls`: blocks of the journal, their count, running calls, one call in full, and exports.

    GET /api/calls?kind=missed&period=7d&sort=-wait&limit=100[&after=CURSOR | &offset=N][&until=MOMENT]
    GET /api/calls/count?…   GET /api/calls/live?…   GET /api/calls/ID   GET /api/calls/export.csv?…
    POST /api/calls/export.csv {"calls": [ID, …]}

Filters are those of dashboard/filters.py. `until` of the first answer pins the list while it is read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, texts, whole
from dashboard.api.call_json import details_json, row_json
from dashboard.api.comments import comment_json, of_call
from dashboard.api.live import running_calls
from dashboard.context import current_settings, current_store, now, require
from dashboard.export import FORMATS, export_calls
from dashboard.filters import Request, read_query
from dashboard.journal import current_journal
from data.errors import BadCursor
from data.identity.actor import Permission
from data.journal import CallFilter, CallKind
from data.services.comments import current_comment
from data.services.listening import exported
from data.services.tags import MOST_CALLS

API = blueprint("calls", "/api/calls")
API.register_error_handler(BadCursor, refuse)

_BLOCK = 100
_LONGEST_BLOCK = 500
_FARTHEST = 10**9


@API.get("")
def calls() -> Response:
    """A block of rows, the cursor of the next one, and the moment that pins the list."""
    actor = require(Permission.SEE_CALLS)
    asked, moment = _asked(), now()
    until = _until() or moment
    page = current_journal().page(
        actor,
        asked.filter,
        as_of=asked.as_of or moment,
        sort=asked.sort,
        after=request.args.get("after"),
        offset=whole("offset", 0, low=0, high=_FARTHEST),
        limit=whole("limit", _BLOCK, low=1, high=_LONGEST_BLOCK),
        until=until,
    )
    return answer({"rows": [row_json(row) for row in page.rows], "after": page.after, "until": until})


@API.get("/count")
def count() -> Response:
    """How many calls the filter leaves."""
    actor = require(Permission.SEE_CALLS)
    asked, moment = _asked(), now()
    total = current_journal().count(actor, asked.filter, as_of=asked.as_of or moment, until=_until())
    return answer({"count": total})


@API.get("/live")
def live() -> Response:
    """The calls that are going on, as rows; none where the filter is about the past."""
    return answer({"calls": running_calls(require(Permission.SEE_CALLS), _asked().filter)})


@API.get("/export.<form>")
def export(form: str) -> Response:
    """All filtered rows in the order shown, as a file that is made while it is sent."""
    return _file(form, _asked())


@API.post("/export.<form>")
def export_chosen(form: str) -> Response:
    """The calls {"calls": [ID, …]}, whatever their kind, as a file."""
    chosen = texts(body(), "calls", most=MOST_CALLS)
    if not chosen:
        raise BadRequest("calls is empty. Choose calls first.")
    wanted = CallFilter(kinds=frozenset(CallKind), call_ids=frozenset(chosen))
    return _file(form, replace(_asked(), filter=wanted))


@API.get("/<call_id>")
def call(call_id: str) -> Response:
    """One call with its parts; an id that a merge gave up leads to the call that took it."""
    actor = require(Permission.SEE_CALLS)
    found = current_journal().details(actor, call_id, as_of=_asked().as_of or now())
    comment = current_comment(current_store(), actor, of_call(found.row.call_id))
    return answer(details_json(found, actor, comment_json(comment) if comment else None))


def _file(form: str, asked: Request) -> Response:
    actor = require(Permission.SEE_CALLS)
    require(Permission.EXPORT)
    if form not in FORMATS:
        raise BadRequest(f"There is no format {form!r}. There are: {', '.join(FORMATS)}.")
    moment = now()
    blocks = current_journal().export(
        actor, asked.filter, as_of=asked.as_of or moment, sort=asked.sort, until=_until() or moment
    )
    chosen = len(asked.filter.call_ids)
    exported(
        current_store(), actor, form, now=moment, query=request.query_string.decode(errors="replace"), chosen=chosen
    )
    zone = current_settings().site.zone
    file = export_calls(form, blocks, zone=zone)
    local = moment.astimezone(zone)
    headers = {"Content-Disposition": f'attachment; filename="calls_{local:%Y-%m-%d_%H%M}.{form}"'}
    return Response(file.chunks, mimetype=file.media_type, headers=headers)


def _asked() -> Request:
    return read_query(request.args.items(multi=True), zone=current_settings().site.zone, now=now())


def _until() -> datetime | None:
    given = request.args.get("until")
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise BadRequest(f"until={given!r} is no moment such as 2026-11-22T09:30:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
