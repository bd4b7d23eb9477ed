"""The statements of the journal: the texts of `data/queries/calls` with what a listing needs in them.

Joins that no condition needs are left out: they would be made for every call instead of for the
rows of a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from data.horizon import DayClock
from data.journal.conditions import Conditions, conditions
from data.journal.filter import SortBy
from data.journal.listing import Listing
from data.queries import Bound, bound, compose, fragments, read

# Calls of the day of a miss begin at most a day, of 25 hours, after it.
_NEXT_DAYS = timedelta(days=2)
_INSTANT = timedelta(microseconds=1)


def page_statement(listing: Listing, limit: int, offset: int = 0) -> Bound:
    """The block of rows: columns of CallRow, contact_after_at and sort_key."""
    rules = listing.rules
    direction = "desc" if listing.sort.descending else "asc"
    by_key = [] if listing.sort.by is SortBy.TIME else [f"sort_key {direction}"]
    order = ", ".join([*by_key, f"call.started_at {direction}", f"call.call_id {direction}"])
    parts = {
        "order": order,
        "page_order": order.replace("sort_key", "call.sort_key"),
        "page_owner": rules.owner_sql("number in (select external_number from page)"),
        "status": rules.status,
        "lead": rules.lead,
        "missed": rules.missed,
        "registered_then": rules.registered_then,
    }
    return _statement("calls/page", listing, parts, {**rules.params(), "limit": limit, "offset": offset})


def count_statement(listing: Listing) -> Bound:
    """One row: `calls`."""
    return _statement("calls/count", listing)


def ids_statement(listing: Listing) -> Bound:
    """One row per call, in no order: `call_id`."""
    return _statement("calls/ids", listing)


def hours_statement(listing: Listing) -> Bound:
    """One row per hour that has calls of the listing: `hour`, `calls`."""
    return _statement("calls/hours", listing)


def attention_statement(clock: DayClock, as_of: datetime, starts: Mapping[str, datetime]) -> Bound:
    """Which of some missed calls (id -> start) carry "!": `call_id`."""
    text = _attention(clock, "call.call_id in (select unnest($call_ids))").rstrip().rstrip(",")
    bounds = _missed_between(min(starts.values()), max(starts.values()) + _INSTANT)
    params = {**clock.params(), **bounds, "as_of": as_of, "call_ids": list(starts)}
    return bound(f"with\n{text}\n\nselect call_id\nfrom attention", params)


def _statement(
    name: str, listing: Listing, parts: Mapping[str, str] | None = None, params: Mapping[str, object] | None = None
) -> Bound:
    key = fragments("calls/sorts")[listing.sort.by]
    found = conditions(listing, key)
    found.needs_owner |= listing.sort.by is SortBy.CLIENT
    text = compose(
        read(name),
        {
            "with": "\n".join(_relations(found, listing)),
            "joins": "\n".join(_joins(found, listing)),
            "where": "\n    and ".join(found.texts) or "true",
            "key": key,
            **(parts or {}),
        },
    )
    rules = {**listing.rules.params(), "full_numbers": listing.full_numbers}
    attention = {**listing.clock.params(), **_attention_bounds(listing)}
    return bound(text, {**rules, **attention, **found.params, **(params or {})})


def _relations(found: Conditions, listing: Listing) -> list[str]:
    relations = []
    if found.needs_owner or found.needs_found_client:
        relations.append(f"owner as (\n{listing.rules.owner_sql()}\n),")
    if found.needs_found_client:
        relations.append(read("calls/found_client"))
    if found.needs_attention:
        relations.append(_attention(listing.clock, "true"))
    return relations


def _joins(found: Conditions, listing: Listing) -> list[str]:
    sorts = fragments("calls/sorts")
    joins = [listing.rules.join_sql()] if found.needs_owner else []
    if listing.sort.by is SortBy.CLIENT:
        joins.append(sorts["join_client"])
    if listing.sort.by is SortBy.EMPLOYEE:
        joins.append(sorts["join_employee"])
    if found.needs_found_client:
        joins.append(sorts["join_found_client"])
    return joins


def _attention(clock: DayClock, which: str) -> str:
    parts = {
        "which": which,
        "day_of_start": clock.day_sql("call.started_at"),
        "day_of_event": clock.day_sql("call.happened_at"),
    }
    return compose(read("calls/attention"), parts)


def _attention_bounds(listing: Listing) -> dict[str, object]:
    first = listing.from_at or datetime.fromtimestamp(0, listing.as_of.tzinfo)
    return _missed_between(first, listing.until_at or listing.as_of + _INSTANT)


def _missed_between(first: datetime, until: datetime) -> dict[str, object]:
    return {"missed_from": first, "missed_until": until, "day_until": until + _NEXT_DAYS}
