"""`/api/clients`: blocks of the list, their count, exports, and a new client.

GET /api/clients?q=ромашка&kind=person&responsible=ID|none&tag=опт&sort=-changed[&after=CURSOR | &before=CURSOR]
GET /api/clients/count?…   GET /api/clients/export.csv?…   POST /api/clients
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, whole
from dashboard.api.client_json import card_fields
from dashboard.client_export import export_list
from dashboard.context import current_actor, current_settings, current_store, now, require
from dashboard.errors import Trouble
from data.errors import BadCursor, BadInput, NumberTaken
from data.identity.actor import Permission
from data.services.client_list import ClientFilter, ClientSort, client_page, count_clients, export_clients
from data.services.clients import ClientKind, create_client
from data.services.listening import exported_clients
from data.services.numbers import create_client_with_number, typed_number

API = blueprint("client_list", "/api/clients")
for _kind in (BadCursor, BadInput):
    API.register_error_handler(_kind, refuse)

_BLOCK, _LONGEST_BLOCK, _LONGEST_SEARCH, _LONGEST_NUMBER = 50, 200, 200, 60
_FORMS = ("csv", "xlsx")


@API.errorhandler(NumberTaken)
def taken(error: NumberTaken) -> Response:
    """409: a new client does not take a number from another one."""
    return refuse(error, Trouble(status=409, kind="conflict", detail=str(error)))


@API.get("")
def listed() -> Response:
    """A block of clients, and the cursors of its neighbours."""
    page = client_page(
        current_store(),
        current_actor(),
        _asked(),
        site=current_settings().site,
        after=request.args.get("after"),
        before=request.args.get("before"),
        limit=whole("limit", _BLOCK, low=1, high=_LONGEST_BLOCK),
    )
    return answer({"rows": [asdict(row) for row in page.rows], "after": page.after, "before": page.before})


@API.get("/count")
def count() -> Response:
    """How many clients the filter leaves."""
    return answer({"count": count_clients(current_store(), current_actor(), _asked(), site=current_settings().site)})


@API.get("/export.<form>")
def export(form: str) -> Response:
    """All clients of the filter in the order shown, as a file that is made while it is sent."""
    actor = require(Permission.EXPORT)
    if form not in _FORMS:
        raise BadRequest(f"There is no format {form!r}. There are: {', '.join(_FORMS)}.")
    site = current_settings().site
    asked = request.query_string.decode(errors="replace")
    exported_clients(current_store(), actor, form, now=now(), query=asked)
    file = export_list(form, export_clients(current_store(), actor, _asked(), site=site), zone=site.zone)
    name = f"clients_{now().astimezone(site.zone):%Y-%m-%d_%H%M}.{form}"
    return Response(
        file.chunks, mimetype=file.media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@API.post("")
def create() -> Response:
    """A new client of {"name", "kind", …}, with {"number"} one of his; the id. 409 where the number has an owner."""
    sent = body()
    store, actor, fields = current_store(), current_actor(), card_fields(sent)
    if number := text(sent, "number", longest=_LONGEST_NUMBER):
        known = typed_number(number, current_settings().site)
        account_id = create_client_with_number(store, actor, fields, known, now=now())
    else:
        account_id = create_client(store, actor, fields, now=now())
    return answer({"account_id": account_id}, 201)


def _asked() -> ClientFilter:
    values: dict[str, Any] = {}
    search = request.args.get("q", "")
    if len(search) > _LONGEST_SEARCH:
        raise BadRequest(f"q has {len(search)} characters, at most {_LONGEST_SEARCH} are searched for. Shorten it.")
    order = request.args.get("sort", ClientSort.NAME.value)
    try:
        values["sort"] = ClientSort(order.removeprefix("-"))
        if kind := request.args.get("kind"):
            values["kind"] = ClientKind(kind)
    except ValueError as error:
        raise BadRequest(f"{error}. Kinds: {', '.join(ClientKind)}; orders: {', '.join(ClientSort)}.") from None
    return ClientFilter(
        search=search,
        responsible=request.args.get("responsible", ""),
        tag=request.args.get("tag", ""),
        descending=order.startswith("-"),
        **values,
    )
