"""`/api/clients/imports`: a file of clients, sent, mapped, checked, taken; its bad rows as a file.

POST /api/clients/imports?name=FILE      the file as the body; answers columns and a guess what they hold
POST /api/clients/imports/ID/check       {"columns": {"0": "name", …}}: looks at every row, writes nothing
POST /api/clients/imports/ID/run         takes the rows that were checked
POST /api/clients/imports/ID/stop        GET /api/clients/imports/ID      GET /api/clients/imports/ID/bad.csv
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from flask import Response, request, stream_with_context

from dashboard.api.answers import answer, blueprint, body, refuse
from dashboard.context import current_actor, current_settings, current_store, require, utc_now
from dashboard.errors import Trouble
from dashboard.imports import Import, Imports, Stage
from dashboard.text import t
from data.client_import.columns import chosen, guess
from data.client_import.files import MOST_BYTES
from data.client_import.rows import Fault, Reason, Wanted
from data.client_import.taking import bad_rows
from data.errors import BadInput
from data.export import Column, export_rows
from data.identity.actor import Permission
from data.phone import display

API = blueprint("client_imports", "/api/clients/imports")
API.register_error_handler(BadInput, refuse)

_IMPORTS = Imports()
_BLOCK = 1_000  # bad rows that are in memory at once
_NUMBERS = (Reason.PHONE_TAKEN, Reason.PHONE_TWICE)


@API.post("")
def receive() -> Response:
    """Keep the file; 413 for one that is too large."""
    actor = require(Permission.EDIT_CLIENTS)
    require(Permission.FULL_NUMBERS)
    if (request.content_length or 0) > MOST_BYTES:
        return refuse(
            BadInput("too large"),
            Trouble(status=413, kind="too_large", detail=f"The file has more than {MOST_BYTES // 2**20} MB. Split it."),
        )
    made = _IMPORTS.receive(actor, request.args.get("name", "table"), request.get_data(cache=False))
    return answer(_json(made) | {"guess": {str(place): name for place, name in guess(made.table.columns).items()}}, 201)


@API.get("/<import_id>")
def state(import_id: str) -> Response:
    """How far it is."""
    return answer(_json(_IMPORTS.find(current_actor(), import_id)))


@API.post("/<import_id>/check")
def check(import_id: str) -> Response:
    """Look at every row as {"columns"} say, and write nothing."""
    found = _IMPORTS.find(require(Permission.EDIT_CLIENTS), import_id)
    given = body().get("columns")
    mapped = chosen(given if isinstance(given, dict) else {}, found.table.columns)
    _start(found, mapped, write=False)
    return answer(_json(found), 202)


@API.post("/<import_id>/run")
def run(import_id: str) -> Response:
    """Take the rows as they were checked."""
    found = _IMPORTS.find(require(Permission.EDIT_CLIENTS), import_id)
    if found.stage not in (Stage.CHECKED, Stage.STOPPED, Stage.FAILED) or not found.mapped:
        raise BadInput("Check the rows first: nothing is taken unseen.")
    _start(found, found.mapped, write=True)
    return answer(_json(found), 202)


@API.post("/<import_id>/stop")
def stop(import_id: str) -> Response:
    """End after the present batch; what was taken stays."""
    found = _IMPORTS.find(current_actor(), import_id)
    found.stop.set()
    return answer(_json(found))


@API.get("/<import_id>/bad.csv")
def bad(import_id: str) -> Response:
    """The rows that cannot be taken, as they stood in the file, each with the reasons."""
    found = _IMPORTS.find(current_actor(), import_id)
    columns = [
        Column(name="line", title=t("clients.column.line")),
        *(Column(name=f"column_{place}", title=title) for place, title in enumerate(found.table.columns)),
        Column(name="reason", title=t("clients.column.reason")),
    ]
    rows = ([str(line), *cells, words(faults)] for line, cells, faults in bad_rows(found.table, found.taken))
    blocks = (list(block) for block in iter(lambda: tuple(islice(rows, _BLOCK)), ()))
    file = export_rows("csv", columns, blocks, zone=current_settings().site.zone)
    headers = {"Content-Disposition": 'attachment; filename="clients_bad_rows.csv"'}
    return Response(stream_with_context(file.chunks), mimetype=file.media_type, headers=headers)


def words(faults: tuple[Fault, ...]) -> str:
    """The reasons as a person reads them."""
    return "; ".join(
        t(
            f"clients.ui.c.import.reason.{fault.reason}",
            value=display(fault.value) if fault.reason in _NUMBERS else fault.value,
            other=fault.other,
        )
        for fault in faults
    )


def _start(found: Import, mapped: dict[int, Any], *, write: bool) -> None:
    found.mapped = mapped
    _IMPORTS.start(current_store(), current_actor(), found, site=current_settings().site, clock=utc_now, write=write)


def _sample(one: Wanted) -> dict[str, Any]:
    """What the preview shows of a row."""
    return {
        "name": one.name,
        "external_id": one.external_id,
        "phones": [display(number) for number in one.phones],
        "emails": one.emails,
        "contact": one.contact,
        "tags": one.tags,
    }


def _json(found: Import) -> dict[str, Any]:
    taken = found.taken
    return {
        "import_id": found.import_id,
        "name": found.name,
        "stage": found.stage,
        "columns": found.table.columns,
        "first": found.first,
        "total": found.total,
        "done": taken.done,
        "counts": dict(taken.counts),
        "sample": [_sample(one) for one in list(taken.sample)],
        "bad": [{"line": line, "why": words(faults)} for line, faults in taken.bad[:20]],
        "why": found.why,
    }
