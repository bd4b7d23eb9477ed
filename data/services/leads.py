"""Leads: the list behind the report, and what people write down of each: responsible, state, comment, result.

A lead that called is the first call of a number that was nobody's (DOMAIN.md 4): the list takes the calls with
the very statement that the report counts. What became of it is derived as of a moment and never stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission
from data.journal import LeadState
from data.metrics.compiler import facts, only_used, relations
from data.metrics.measure import Asked
from data.metrics.periods import Period
from data.metrics.terms import Grain
from data.phone import display, mask, search_pattern
from data.queries import compose, read
from data.services.numbers import typed_number
from data.services.trail import trail
from data.services.visible import visible_call, visible_chat
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

LONGEST_NAME = 300
LONGEST_COMMENT = 10_000
NONE = "none"  # among the responsible and the results: those that have none


class LeadWork(StrEnum):
    """How far the work on a lead has come."""

    NEW = "new"
    ACTIVE = "active"
    CLOSED = "closed"


class LeadResult(StrEnum):
    """How the work on a lead ended."""

    SALE = "sale"
    REFUSAL = "refusal"
    OFF_TARGET = "off_target"
    SPAM = "spam"


class LeadSource(StrEnum):
    CALL = "call"
    CHAT = "chat"
    HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads; an empty condition lets all pass. responsible, results: NONE stands for "has none"."""

    fates: frozenset[LeadState] = frozenset()
    works: frozenset[LeadWork] = frozenset()
    results: frozenset[str] = frozenset()
    responsible: frozenset[str] = frozenset()
    sources: frozenset[LeadSource] = frozenset()
    channels: frozenset[str] = frozenset()
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFields:
    """What people write down of a lead."""

    name: str | None = None
    responsible_id: str | None = None
    work: LeadWork = LeadWork.NEW
    comment: str | None = None
    result: LeadResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One lead. key: how to speak of it, "call:ID" or the id of its record; version 0: nothing is written down."""

    key: str
    call_id: str | None
    source: LeadSource
    found_at: datetime
    number_text: str | None
    outcome: str | None
    channel: str | None
    fate: LeadState
    account_id: str | None
    client: str | None
    responsible: str | None
    fields: LeadFields
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTotals:
    """listed: rows of the list; the others count only leads that called, as the report does."""

    listed: int
    leads: int
    registered: int
    unregistered: int
    lost: int


def leads(
    store: Store,
    actor: Actor,
    site: Site,
    period: Period,
    wanted: LeadFilter,
    *,
    as_of: datetime | None = None,
    now: datetime,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Lead, ...]:
    """Leads of the period, the newest first; as_of: the moment whose knowledge counts, None: now."""
    rows = _query(store, actor, site, period, wanted, as_of, now, "page", limit=limit, offset=offset)
    full = actor.may(Permission.FULL_NUMBERS)
    return tuple(_lead(row, full_numbers=full) for row in rows)


def lead_totals(
    store: Store,
    actor: Actor,
    site: Site,
    period: Period,
    wanted: LeadFilter,
    *,
    as_of: datetime | None = None,
    now: datetime,
) -> LeadTotals:
    """How many leads the filter leaves, and what became of those that called."""
    (row,) = _query(store, actor, site, period, wanted, as_of, now, "totals")
    return LeadTotals(**row)


def create_lead(
    store: Store,
    actor: Actor,
    site: Site,
    fields: LeadFields,
    *,
    number: str = "",
    chat_id: str | None = None,
    now: datetime,
) -> str:
    """A lead made by hand, or from a chat; its key. Raises BadInput, NotFound for no such chat, NotAllowed."""
    require(actor, Permission.COMMENT)
    if chat_id is not None:
        chat_id = visible_chat(store, actor, chat_id)
    if not (fields.name or "").strip() and not number.strip():
        raise BadInput("A lead needs a name or a number. Type one of them.")
    known = typed_number(number, site) if number.strip() else None
    source = LeadSource.CHAT if chat_id else LeadSource.HAND
    return _insert(store, actor, fields, now, number=known, source=source, chat_id=chat_id)


def save_lead(
    store: Store, actor: Actor, site: Site, key: str, changes: dict[str, Any], *, version: int, now: datetime
) -> int:
    """Write down of the lead `key` what changed (names of LeadFields); the version it has then.

    version: that which was read, 0 where nothing was written down. Raises Conflict, BadInput, NotFound, NotAllowed.
    """
    require(actor, Permission.COMMENT)
    call_id = visible_call(store, actor, key.removeprefix("call:")) if key.startswith("call:") else None
    kept = _kept(store, actor, call_id, None if call_id else key)
    if kept is None:
        if call_id is None:
            raise NotFound(f"There is no lead {key[:60]}, or it is not among those you may see.")
        fields = replace(LeadFields(), **changes)
        if version != 0:
            raise BadInput(f"version={version} was never that of this lead. Read it again.")
        _insert(store, actor, fields, now, call_id=call_id, source=LeadSource.CALL)
        return 1
    fields = replace(_fields(kept), **changes)
    params = {**_written(fields), "lead_id": kept["lead_id"], "version": version, "at": now, "actor": actor.user}
    detail = {name: params["state" if name == "work" else name] for name in changes if name != "comment"}
    store.transact(
        [
            Statement(name="lead_update", params=params, expect_rows=1),
            trail(actor, now, "lead.change", "lead", kept["lead_id"], changed=detail),
        ],
        actor=actor,
        touches={Topic.LEADS: [kept["lead_id"]]},
    )
    return version + 1


def _query(
    store: Store,
    actor: Actor,
    site: Site,
    period: Period,
    wanted: LeadFilter,
    as_of: datetime | None,
    now: datetime,
    name: str,
    **further: object,
) -> list[dict[str, Any]]:
    asked = Asked(period=period, site=site, actor=actor, as_of=as_of, now=now)
    joins = ("owner", "channel")
    places = {
        "facts": facts(Grain.CALL, joins, asked.ground),
        "lead": asked.ground.expression("|lead|"),
        "lead_state": asked.ground.expression("|lead_state|"),
    }
    listed = relations([Grain.CALL], joins, ground=asked.ground, where=asked.restrictions)
    sql = f"{listed}\n{compose(read('leads/found'), places)}\n{read(f'leads/{name}')}"
    filters = _filters(wanted, actor, site) | further
    params = {**asked.params_of(sql), **only_used(sql, filters), "as_of": asked.as_of}
    return store.query(sql, params, actor=actor).to_pylist()


def _filters(wanted: LeadFilter, actor: Actor, site: Site) -> dict[str, object]:
    text = wanted.search.strip()
    part = search_pattern(text, site) if text and actor.may(Permission.FULL_NUMBERS) else None
    return {
        "fates": sorted(wanted.fates),
        "works": sorted(wanted.works),
        "results": sorted(wanted.results),
        "responsible": sorted(wanted.responsible),
        "sources": sorted(wanted.sources),
        "channels": sorted(wanted.channels),
        "words": text.lower().replace("ё", "е") or None,
        "number_part": part and part.contains,
        "number_start": part and part.starts,
        "every_row": actor.sees_all,
        "user": actor.user,
    }


def _lead(row: dict[str, Any], *, full_numbers: bool) -> Lead:
    number = row["number"]
    return Lead(
        key=f"call:{row['call_id']}" if row["call_id"] else row["lead_id"],
        call_id=row["call_id"],
        source=LeadSource(row["source"]),
        found_at=row["found_at"],
        number_text=number and (display(number) if full_numbers else mask(number)),
        outcome=row["outcome"],
        channel=row["channel"],
        fate=LeadState(row["fate"]),
        account_id=row["account_id"],
        client=row["client"],
        responsible=row["responsible"],
        fields=_fields(row | {"state": row["work"]}),
        version=row["version"],
    )


def _fields(row: dict[str, Any]) -> LeadFields:
    """What is written down; states and results of older versions count as the nearest there are."""
    return LeadFields(
        name=row["name"],
        responsible_id=row["responsible_id"],
        work=LeadWork(row["state"]) if row["state"] in set(LeadWork) else LeadWork.ACTIVE,
        comment=row["comment"],
        result=LeadResult(row["result"]) if row["result"] in set(LeadResult) else None,
    )


def _kept(store: Store, actor: Actor, call_id: str | None, lead_id: str | None) -> dict[str, Any] | None:
    params = {
        "call_id": call_id,
        "lead_id": _uuid(lead_id) if lead_id else None,
        "every_row": actor.sees_all,
        "user": actor.user,
    }
    rows = store.query(read("leads/kept"), params, actor=actor).to_pylist()
    return rows[0] if rows else None


def _insert(
    store: Store,
    actor: Actor,
    fields: LeadFields,
    now: datetime,
    *,
    source: LeadSource,
    call_id: str | None = None,
    number: str | None = None,
    chat_id: str | None = None,
) -> str:
    lead_id = str(uuid4())
    params = {
        **_written(fields),
        "lead_id": lead_id,
        "number": number,
        "call_id": call_id,
        "chat_id": chat_id,
        "source": source.value,
        "at": now,
        "actor": actor.user,
    }
    store.transact(
        [
            Statement(name="lead_insert", params=params, expect_rows=1),
            trail(actor, now, "lead.create", "lead", lead_id, call_id=call_id, source=source.value),
        ],
        actor=actor,
        touches={Topic.LEADS: [lead_id]},
    )
    return lead_id


def _written(fields: LeadFields) -> dict[str, object]:
    name, comment = " ".join((fields.name or "").split()), (fields.comment or "").strip()
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name has {len(name)} characters, at most {LONGEST_NAME} are kept. Shorten it.")
    if len(comment) > LONGEST_COMMENT:
        raise BadInput(f"The comment has {len(comment)} characters, at most {LONGEST_COMMENT} are kept. Shorten it.")
    return {
        "name": name or None,
        "responsible_id": _uuid(fields.responsible_id) if fields.responsible_id else None,
        "state": fields.work.value,
        "comment": comment or None,
        "result": fields.result and fields.result.value,
    }


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"{text[:60]!r} is no id of a lead or employee.") from None
