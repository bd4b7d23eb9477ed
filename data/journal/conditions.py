"""The conditions that a filter asks for: expressions of `calls/conditions.sql`, and their values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data.errors import NotAllowed
from data.journal.filter import CallKind, SortBy
from data.journal.listing import Listing
from data.metrics.slices import read_slice, slice_restriction
from data.model import Status
from data.phone import search_pattern
from data.queries import compose, fragments

_OWN_MARGIN = timedelta(days=1)
FEW = 500  # so many starts are compared one by one
# Filters that are lists of values, each with a condition and a parameter of its name.
_LISTS = (
    "queues",
    "lines",
    "dids",
    "channels",
    "number_classes",
    "countries",
    "regions",
    "reasons",
    "outcomes",
    "tags",
)


@dataclass(slots=True, kw_only=True)
class Conditions:
    """What the rows must fulfil, and which relations that takes."""

    texts: list[str] = field(default_factory=list)
    params: dict[str, object] = field(default_factory=dict)
    needs_owner: bool = False
    needs_found_client: bool = False
    needs_attention: bool = False

    def add(self, name: str, **params: object) -> None:
        self.texts.append(_condition(name))
        self.params |= params


def conditions(listing: Listing, key: str) -> Conditions:
    """Those of the listing; key: the expression by which it is sorted."""
    found = Conditions()
    _add_kinds(found, listing)
    _add_time(found, listing)
    _add_people(found, listing)
    _add_lists(found, listing)
    _add_states(found, listing)
    _add_search(found, listing)
    _add_place(found, listing, key)
    return found


def begun_at(starts: Iterable[datetime]) -> tuple[str, dict[str, object]]:
    """The condition that a call began at one of these moments, and its values."""
    params: dict[str, object] = {f"start_{place}": start for place, start in enumerate(starts)}
    return compose(_condition("starts"), {"starts": ", ".join(f"${name}" for name in params)}), params


def _add_kinds(found: Conditions, listing: Listing) -> None:
    kinds = listing.wanted.kinds
    if not kinds:
        found.add("not_internal")
    elif not kinds >= {CallKind.INBOUND, CallKind.OUTBOUND, CallKind.INTERNAL}:
        found.texts.append(_any(_condition(kind) for kind in sorted(kinds)))


def _add_time(found: Conditions, listing: Listing) -> None:
    wanted, clock = listing.wanted, listing.clock
    if listing.from_at:
        found.add("from_at", from_at=listing.from_at)
    if listing.until_at:
        found.add("until_at", until_at=listing.until_at)
    if listing.pinned_at:
        found.add("pinned", pinned_at=listing.pinned_at)
    if wanted.hours:
        found.texts.append(compose(_condition("hours"), {"local_hour": clock.hour_sql("call.started_at")}))
        found.params |= {"hours": sorted(wanted.hours), **clock.params()}
    if wanted.weekdays:
        found.texts.append(compose(_condition("weekdays"), {"local_day": clock.day_sql("call.started_at")}))
        found.params |= {"weekdays": sorted(wanted.weekdays), **clock.params()}


def _add_people(found: Conditions, listing: Listing) -> None:
    wanted, actor = listing.wanted, listing.actor
    if not actor.sees_all or wanted.mine:
        since = listing.from_at and listing.from_at - _OWN_MARGIN
        found.add("took_part", own=sorted(actor.extensions if wanted.mine else actor.seen), took_part_from=since)
    if wanted.employees:
        found.add("employees", employees=sorted(wanted.employees))
    if wanted.extensions:
        found.add("extensions", extensions=sorted(wanted.extensions))
    if wanted.account_id is not None:
        found.needs_owner = True
        found.add("account", account_id=wanted.account_id)
    if wanted.number is not None:
        if not listing.full_numbers:
            raise NotAllowed(
                f"User {actor.user} may not see whole numbers, and so not look calls up by one. Search by client."
            )
        found.add("number", number=wanted.number)


def _add_lists(found: Conditions, listing: Listing) -> None:
    wanted = listing.wanted
    for name in _LISTS:
        values = getattr(wanted, name)
        if values:
            found.add(name, **{name: sorted(values)})
    if wanted.call_ids:
        found.add("call_ids", call_ids=sorted(wanted.call_ids))
    if listing.starts:
        text, starts = begun_at(listing.starts)
        found.texts.append(text)
        found.params |= starts
    if wanted.slice:
        counted = slice_restriction(
            read_slice(wanted.slice),
            from_at=wanted.from_at,
            until_at=wanted.until_at,
            as_of=listing.as_of,
            site=listing.site,
        )
        found.texts.append(counted.sql)
        found.params |= counted.params
    if wanted.has_recording is not None:
        found.add("with_recording" if wanted.has_recording else "without_recording")
    if wanted.has_comment is not None:
        found.add("with_comment" if wanted.has_comment else "without_comment")
    if wanted.talk_longer_s is not None:
        found.add("talk_longer_s", talk_longer_s=wanted.talk_longer_s)
    if wanted.wait_longer_s is not None:
        found.add("wait_longer_s", wait_longer_s=wanted.wait_longer_s)


def _add_states(found: Conditions, listing: Listing) -> None:
    wanted, rules = listing.wanted, listing.rules
    states = []
    if wanted.lost or wanted.statuses == {Status.LOST}:
        states.append(rules.lost)
    elif wanted.statuses:
        states.append(f"list_contains($statuses, {rules.status})")
        found.params["statuses"] = sorted(wanted.statuses)
    if wanted.first:
        states.append(rules.lead)
    if wanted.leads:
        states.append(f"list_contains($leads, {rules.lead_state})")
        found.params["leads"] = sorted(wanted.leads)
    if wanted.unregistered:
        states.append(_condition("unregistered"))
    found.texts += states
    found.needs_owner |= bool(states)
    if wanted.attention:
        found.needs_attention = True
        found.add("attention")


def _add_search(found: Conditions, listing: Listing) -> None:
    text = listing.wanted.search.strip()
    if not text:
        return
    found.needs_found_client = True
    found.params["words"] = text.lower().replace("ё", "е")
    ways = ["search_client", "search_employee"]
    part = search_pattern(text, listing.site)
    if part is not None:
        found.params["extension"] = part.contains
        ways.append("search_extension")
        if listing.full_numbers:
            found.params |= {"number_part": part.contains, "number_start": part.starts}
            ways.append("search_number")
    found.texts.append(_any(map(_condition, ways)))


def _add_place(found: Conditions, listing: Listing, key: str) -> None:
    after = listing.after
    if after is None:
        return
    if listing.sort.by is SortBy.TIME:
        name = "after_newest" if listing.sort.descending else "after_oldest"
    else:
        name = "after_descending" if listing.sort.descending else "after_ascending"
    found.texts.append(compose(_condition(name), {"key": key}))
    found.params |= {"after_key": after.key, "after_at": after.started_at, "after_id": after.call_id}


def _condition(name: str) -> str:
    return fragments("calls/conditions")[name]


def _any(texts: Iterable[str]) -> str:
    return "(" + " or ".join(texts) + ")"
