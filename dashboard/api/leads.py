"""`/api/leads`: the list behind the report "Лиды", and what people write down of each.

    GET /api/leads?period=30d&lead=lost&work=new&responsible=ID&result=sale&source=call&channel=…&q=…&page=2&asof=…
    POST /api/leads {"name"?, "number"?, …fields}      PATCH /api/leads/KEY {"version", …fields}

KEY: "call:" and the id of the call that brought the lead, else the id of its record. Fields: name, responsible_id,
work, result, comment.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, only, refuse, text, version_of, whole
from dashboard.components.report import ask
from dashboard.context import current_actor, current_settings, current_store, now
from data.errors import BadInput
from data.services.leads import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    NONE,
    Lead,
    LeadFields,
    LeadFilter,
    LeadResult,
    LeadSource,
    LeadWork,
    create_lead,
    lead_totals,
    leads,
    save_lead,
)

API = blueprint("leads", "/api/leads")
PUBLIC = True
API.register_error_handler(BadInput, refuse)

ROWS = 50  # of a page
LAST_PAGE = 10_000
_LONGEST_ID = 200
_FIELDS = ("name", "responsible_id", "work", "comment", "result")

E = TypeVar("E", bound=StrEnum)


@API.get("")
def listed() -> Response:
    """A page of leads, and how many there are: of those that called as many as the report counts."""
    store, actor, site = current_store(), current_actor(), current_settings().site
    question, wanted = ask(request.query_string.decode()), _filter()
    asked: dict[str, Any] = {"as_of": question.as_of, "now": now()}
    page = whole("page", 1, low=1, high=LAST_PAGE)
    totals = lead_totals(store, actor, site, question.period, wanted, **asked)
    found = leads(store, actor, site, question.period, wanted, **asked, limit=ROWS, offset=(page - 1) * ROWS)
    return answer(
        {
            "leads": [_json(one) for one in found],
            "totals": totals,
            "page": page,
            "pages": max(1, -(-totals.listed // ROWS)),
            "from_on": question.period.from_on,
            "last_on": question.period.last_on,
        }
    )


@API.post("")
def create() -> Response:
    """A lead made by hand: {"name"?, "number"?} and what is known of it."""
    sent = body()
    only(sent, (*_FIELDS, "number"))
    key = create_lead(
        current_store(),
        current_actor(),
        current_settings().site,
        LeadFields(**_changes(sent)),
        number=text(sent, "number", longest=_LONGEST_ID),
        now=now(),
    )
    return answer({"key": key, "version": 1}, 201)


@API.patch("/<key>")
def save(key: str) -> Response:
    """Keep the fields that are sent over the version that was read; 409 where somebody else was quicker."""
    sent = body()
    only(sent, (*_FIELDS, "version"))
    version = version_of(sent, low=0)  # 0: nothing was written down
    kept = save_lead(
        current_store(),
        current_actor(),
        current_settings().site,
        key,
        _changes(sent),
        version=version,
        now=now(),
    )
    return answer({"key": key, "version": kept})


def _json(one: Lead) -> dict[str, Any]:
    fields = one.fields
    return {
        "key": one.key,
        "call_id": one.call_id,
        "source": one.source,
        "found_at": one.found_at,
        "number_text": one.number_text,
        "outcome": one.outcome,
        "channel": one.channel,
        "fate": one.fate,
        "account_id": one.account_id,
        "client": one.client,
        "responsible": one.responsible,
        "name": fields.name,
        "responsible_id": fields.responsible_id,
        "work": fields.work,
        "comment": fields.comment,
        "result": fields.result,
        "version": one.version,
    }


def _filter() -> LeadFilter:
    """The filter of the address; periods, and what became of the leads, are read as reports read them."""
    asked = ask(request.query_string.decode()).filter
    results = request.args.getlist("result")
    return LeadFilter(
        fates=asked.leads,
        works=frozenset(_member("work", LeadWork, value) for value in request.args.getlist("work")),
        results=frozenset(value if value == NONE else _member("result", LeadResult, value) for value in results),
        responsible=frozenset(request.args.getlist("responsible")),
        sources=frozenset(_member("source", LeadSource, value) for value in request.args.getlist("source")),
        channels=asked.channels,
        search=request.args.get("q", "")[:_LONGEST_ID],
    )


def _changes(sent: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if "name" in sent:
        changed["name"] = text(sent, "name", longest=LONGEST_NAME) or None
    if "comment" in sent:
        changed["comment"] = text(sent, "comment", longest=LONGEST_COMMENT) or None
    if "responsible_id" in sent:
        changed["responsible_id"] = text(sent, "responsible_id", longest=_LONGEST_ID) or None
    if "work" in sent:
        changed["work"] = _member("work", LeadWork, text(sent, "work", longest=_LONGEST_ID))
    if "result" in sent:
        result = text(sent, "result", longest=_LONGEST_ID)
        changed["result"] = _member("result", LeadResult, result) if result else None
    return changed


def _member(name: str, kind: type[E], value: str) -> E:
    if value not in set(kind):
        raise BadRequest(f"{name}={value[:40]!r} is none of: {', '.join(kind)}.")
    return kind(value)
