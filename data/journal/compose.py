"""The statements of the journal: the texts of `data/queries/calls` with what a listing needs in them.

Joins that no condition needs are left out: they would be made for every call instead of for the
rows of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from data.horizon import DayClock
from data.journal.conditions import FEW, Conditions, begun_at, conditions
from data.journal.filter import SortBy
from data.journal.listing import Listing
from data.queries import Bound, bound, compose, fragments, read

# Calls of the day of a miss begin at most a day, of 25 hours, after it; what was answered later may have begun before.
_NEXT_DAYS = timedelta(days=2)
_DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def page_statement(listing: Listing, limit: int, offset: int = 0) -> Bound:
    """The block of rows: columns of CallRow, contact_after_at and sort_key."""
    rules = listing.rules
    order = _order(listing)
    parts = {
        "order": order,
        "page_order": order.replace("sort_key", "call.sort_key"),
        "page_owner": rules.owner_sql("number in (select external_number from page)"),
        "status": rules.status,
        "lead": rules.lead,
        "missed": rules.missed,
        "registered_then": rules.registered_then,
        "since": "$since_at" if listing.starts else "(select since_at from page_begin)",
    }
    params = {"limit": limit, "offset": offset, "since_at": min(listing.starts, default=listing.as_of) - _DAY}
    return _statement("calls/page", listing, parts, {**rules.params(), **params})


def picks_statement(listing: Listing, limit: int, offset: int = 0) -> Bound:
    """Which calls the block has, in order: `call_id`, `started_at`, `sort_key`."""
    return _statement("calls/picks", listing, {"order": _order(listing)}, {"limit": limit, "offset": offset})


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
    # The limit lets the engine know how few they are: else it would put all assignments into a hash table.
    begun, moments = begun_at(dict.fromkeys(starts.values())) if len(starts) <= FEW else ("true", {})
    which = f"{begun} and call.call_id in (select unnest($call_ids)) limit $most"
    spans = [_missed_between(first, last + INSTANT) for first, last in _stretches(starts.values())]
    told = [_told(f"_{place}") for place in range(len(spans))]
    text = _attention(clock, which, " or ".join(told)).rstrip().rstrip(",")
    params = {**clock.params(), **moments, "as_of": as_of, "call_ids": list(starts), "most": len(starts)}
    params |= _missed_between(min(starts.values()), max(starts.values()) + INSTANT)
    for place, span in enumerate(spans):
        params |= {f"{name}_{place}": value for name, value in span.items()}
    return bound(f"with\n{text}\n\nselect call_id\nfrom attention", params)


def _order(listing: Listing) -> str:
    direction = "desc" if listing.sort.descending else "asc"
    by_key = [] if listing.sort.by is SortBy.TIME else [f"sort_key {direction}"]
    return ", ".join([*by_key, f"call.started_at {direction}", f"call.call_id {direction}"])


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
    if found.needs_owner:
        relations.append(f"owner as (\n{listing.rules.owner_sql(_numbers(listing))}\n),")
    if found.needs_found_client:
        owner = listing.rules.owner_sql("number in (select number from found_number)")
        relations.append(compose(read("calls/found_client"), {"found_owner": owner}))
    if found.needs_attention:
        relations.append(_attention(listing.clock, "true", _told()))
    return relations


def _numbers(listing: Listing) -> str:
    """Whose owners matter: of a short time, few; to put those of all numbers in order takes longer than the rest."""
    if listing.from_at is None:
        return "true"
    bounds = ["from_at"] + ["until_at"] * (listing.until_at is not None)
    known = fragments("calls/conditions")
    return compose(known["number_of_time"], {"time": " and ".join(known[bound] for bound in bounds)})


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


def _attention(clock: DayClock, which: str, told: str) -> str:
    parts = {
        "which": which,
        "told": told,
        "day_of_start": clock.day_sql("call.started_at"),
        "day_of_event": clock.day_sql("call.happened_at"),
    }
    return compose(read("calls/attention"), parts)


def _attention_bounds(listing: Listing) -> dict[str, object]:
    first = listing.from_at or datetime.fromtimestamp(0, listing.as_of.tzinfo)
    return _missed_between(first, listing.until_at or listing.as_of + INSTANT)


def _missed_between(first: datetime, until: datetime) -> dict[str, object]:
    """Misses that begin within a time, and the calls that may have settled them."""
    return {"missed_from": first, "missed_until": until, "told_from": first - _DAY, "told_until": until + _NEXT_DAYS}


def _told(place: str = "") -> str:
    return f"(call.started_at >= $told_from{place} and call.started_at < $told_until{place})"


def _stretches(starts: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """First and last of the starts that lie close together: misses of years apart have only their days looked at."""
    stretches: list[tuple[datetime, datetime]] = []
    for start in sorted(starts):
        if stretches and start - stretches[-1][1] <= _DAY + _NEXT_DAYS:
            stretches[-1] = stretches[-1][0], start
        else:
            stretches.append((start, start))
    return stretches
