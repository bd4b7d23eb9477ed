"""Pages of the journal: the next block after a cursor, a jump to an offset, a count, one call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from data.access import require
from data.errors import NotFound
from data.horizon import day_clock
from data.identity.actor import Actor, Permission
from data.journal.compose import (
    INSTANT,
    attention_statement,
    count_statement,
    hours_statement,
    page_statement,
    picks_statement,
)
from data.journal.conditions import FEW
from data.journal.cursor import Cursor, decode_cursor
from data.journal.directory import Directories
from data.journal.filter import CallFilter, CallKind, Sort, SortBy
from data.journal.listing import Listing, Window
from data.journal.offsets import Offsets
from data.journal.reading import Row, call_details, call_row
from data.journal.rows import CallDetails, CallRow
from data.queries import Bound, read
from data.settings import Site
from data.store.protocol import Store

# Newest calls are what people look at: a page is looked for in a short time first, then in longer ones.
_STEPS = (timedelta(days=2), timedelta(days=16), timedelta(days=128))
_SEARCH_STEPS = (timedelta(days=16),)  # each looks all names up once more
_PART_MARGIN = timedelta(days=1)
_ANY_KIND = frozenset(CallKind)
_PIECE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """A block of rows, and the cursor that gives the next one (None: this was the last)."""

    rows: tuple[CallRow, ...]
    after: str | None


class CallJournal:
    """The journal of one store; keep one per process, it remembers where far offsets are.

    as_of: the moment of statuses and markers, mostly now. until: pins the list while it is read
    (calls that ended later are left out). Everybody needs SEE_CALLS; scope OWN sees the calls in
    which one of the actor's extensions took part; without FULL_NUMBERS numbers are masked.
    """

    def __init__(self, store: Store, *, site: Site) -> None:
        self._store = store
        self.site = site
        self._offsets = Offsets(size=64)
        self._directories = Directories(store, site)

    def page(
        self,
        actor: Actor,
        wanted: CallFilter,
        *,
        as_of: datetime,
        sort: Sort | None = None,
        after: str | None = None,
        offset: int = 0,
        limit: int = 50,
        until: datetime | None = None,
    ) -> CallPage:
        """`limit` rows that follow the cursor `after`, else that begin at `offset`.

        Raises BadCursor for a cursor that is not ours or belongs to another sort.
        """
        require(actor, Permission.SEE_CALLS)
        sort = sort or Sort()
        place = decode_cursor(after, sort) if after else None
        listing = self._listing(actor, wanted, as_of=as_of, until=until, sort=sort, after=place)
        found = self._found(listing, limit, 0 if after else offset)
        last = _last_place(found, sort) if found.num_rows == limit else None
        return CallPage(
            rows=self._rows(listing, found, self._attention(listing, found)),
            after=last.encode(sort) if last else None,
        )

    def count(self, actor: Actor, wanted: CallFilter, *, as_of: datetime, until: datetime | None = None) -> int:
        """How many calls the filter leaves; the same count as paging to the end."""
        require(actor, Permission.SEE_CALLS)
        listing = self._listing(actor, wanted, as_of=as_of, until=until)
        known = self._offsets.known(listing)
        if known is not None:
            return known.calls
        return self._query(actor, count_statement(listing)).to_pylist()[0]["calls"]

    def export(
        self,
        actor: Actor,
        wanted: CallFilter,
        *,
        as_of: datetime,
        sort: Sort | None = None,
        until: datetime | None = None,
        block: int = 10_000,
    ) -> Iterator[tuple[CallRow, ...]]:
        """All rows of the filter, in pieces; `block`: how many are asked of the store at once. Needs EXPORT."""
        require(actor, Permission.SEE_CALLS)
        require(actor, Permission.EXPORT)
        sort = sort or Sort()
        place: Cursor | None = None
        while True:
            listing = self._listing(actor, wanted, as_of=as_of, until=until, sort=sort, after=place)
            found = self._found(listing, block, 0)
            attention = self._attention(listing, found)
            # As columns a row takes 400 bytes, as values ten times as much: few are values at a time.
            for first in range(0, found.num_rows, _PIECE):
                yield self._rows(listing, found.slice(first, _PIECE), attention)
            if found.num_rows < block:
                return
            place = _last_place(found, sort)

    def details(self, actor: Actor, call_id: str, *, as_of: datetime) -> CallDetails:
        """One call in full; an id that a merge gave up leads to the call that took it.

        Raises NotFound; a call outside the actor's scope is not found either.
        """
        wanted = CallFilter(kinds=_ANY_KIND, call_ids=frozenset({call_id}))
        rows = self.page(actor, wanted, as_of=as_of, limit=1).rows
        if not rows:
            survivors = self._query(actor, (read("calls/survivor"), {"call_id": call_id})).to_pylist()
            wanted = replace(wanted, call_ids=frozenset(row["call_id"] for row in survivors))
            rows = self.page(actor, wanted, as_of=as_of, limit=1).rows if survivors else ()
        if not rows:
            raise NotFound(f"There is no call {call_id}, or it is not among those you may see.")
        row = rows[0]
        params = {
            "call_id": row.call_id,
            "from_at": row.started_at - _PART_MARGIN,
            "until_at": row.ended_at + _PART_MARGIN,
        }
        parts = self._query(actor, (read("calls/details"), params)).to_pylist()[0]
        return call_details(
            row, parts, self._directories.current(actor), full_numbers=actor.may(Permission.FULL_NUMBERS)
        )

    def _listing(
        self,
        actor: Actor,
        wanted: CallFilter,
        *,
        as_of: datetime,
        until: datetime | None,
        sort: Sort | None = None,
        after: Cursor | None = None,
    ) -> Listing:
        return Listing(
            actor=actor,
            wanted=wanted,
            site=self.site,
            as_of=as_of,
            pinned_at=until,
            sort=sort or Sort(),
            after=after,
        )

    def _found(self, listing: Listing, limit: int, offset: int) -> pa.Table:
        if listing.sort.by is not SortBy.TIME:
            return self._block(listing, limit, offset)
        if offset:
            return self._far(listing, limit, offset)
        reach: Row | None = None
        for window in _windows(listing):
            found = self._block(replace(listing, window=window), limit)
            if found.num_rows == limit:
                break
            reach = reach or self._query(listing.actor, (read("calls/reach"), {})).to_pylist()[0]
            if not _is_beyond(window, reach):
                break
        return found

    def _block(self, listing: Listing, limit: int, offset: int = 0) -> pa.Table:
        """`limit` rows from the offset. Calls that may lie anywhere are picked first, and then looked up."""
        if limit > FEW or not _lies_anywhere(listing):
            return self._query(listing.actor, page_statement(listing, limit, offset))
        picks = self._query(listing.actor, picks_statement(listing, limit, offset))
        if not picks.num_rows:
            return picks
        found = self._query(listing.actor, page_statement(_listing_of(picks, listing), limit))
        places = {call_id: place for place, call_id in enumerate(found["call_id"].to_pylist())}
        # A call that was merged into another in between is gone.
        rows = picks.filter(pc.is_in(picks["call_id"], found["call_id"].combine_chunks()))
        found = found.take([places[call_id] for call_id in rows["call_id"].to_pylist()])
        return found.set_column(found.schema.get_field_index("sort_key"), "sort_key", rows["sort_key"])

    def _far(self, listing: Listing, limit: int, offset: int) -> pa.Table:
        """The block at an offset: it is known or counted in which hours it lies, and only they are read."""
        hours = self._offsets.known(listing)
        if hours is None:
            hours = self._offsets.learn(listing, self._query(listing.actor, hours_statement(listing)))
        place = hours.place(offset, limit, descending=listing.sort.descending)
        return self._block(replace(listing, window=place.window), limit, place.skip)

    def _rows(self, listing: Listing, found: pa.Table, attention: set[str]) -> tuple[CallRow, ...]:
        directory = self._directories.current(listing.actor)
        return tuple(
            call_row(row, directory, attention=row["call_id"] in attention, full_numbers=listing.full_numbers)
            for row in found.to_pylist()
        )

    def _attention(self, listing: Listing, found: pa.Table) -> set[str]:
        """Which of the rows carry "!"."""
        if not found.num_rows:
            return set()
        missed = found.select(["call_id", "started_at"]).filter(found["missed"]).to_pylist()
        if not missed:
            return set()
        starts = {row["call_id"]: row["started_at"] for row in missed}
        clock = day_clock(self.site.zone, listing.as_of)
        told = self._query(listing.actor, attention_statement(clock, listing.as_of, starts))
        return set(told["call_id"].to_pylist())

    def _query(self, actor: Actor, statement: Bound) -> pa.Table:
        text, params = statement
        return self._store.query(text, params, actor=actor)


def _listing_of(picks: pa.Table, listing: Listing) -> Listing:
    """Exactly the calls that were picked."""
    starts = set(picks["started_at"].to_pylist())
    return Listing(
        actor=listing.actor,
        wanted=CallFilter(kinds=_ANY_KIND, call_ids=frozenset(picks["call_id"].to_pylist())),
        site=listing.site,
        as_of=listing.as_of,
        window=Window(from_at=min(starts), until_at=max(starts) + INSTANT),
        starts=tuple(starts),
    )


def _lies_anywhere(listing: Listing) -> bool:
    """Whether the calls of a block are few among many, or not in the order in which they are stored."""
    wanted = listing.wanted
    return bool(wanted.search or wanted.number or wanted.account_id) or listing.sort.by is not SortBy.TIME


def _is_beyond(window: Window, reach: Row) -> bool:
    """Whether there are calls outside of the window."""
    if reach["first_at"] is None:
        return False
    earlier = window.from_at is not None and reach["first_at"] < window.from_at
    later = window.until_at is not None and reach["last_at"] >= window.until_at
    return earlier or later


def _windows(listing: Listing) -> Iterator[Window]:
    """Longer and longer times in which the page may lie, the open one last.

    The calls of one number or client are few and lie anywhere: each shorter time would find some of them,
    look up all that is shown of these, and be too short.
    """
    wanted = listing.wanted
    if wanted.number or wanted.account_id:
        yield Window()
        return
    begun = listing.after.started_at if listing.after else None
    steps = _SEARCH_STEPS if wanted.search else _STEPS
    if listing.sort.descending:
        latest = min((at for at in (wanted.until_at, listing.pinned_at, begun) if at), default=listing.as_of)
        for step in steps:
            if wanted.from_at is None or latest - step > wanted.from_at:
                yield Window(from_at=latest - step)
    elif wanted.from_at or begun:
        earliest = max(at for at in (wanted.from_at, begun) if at)
        for step in steps:
            yield Window(until_at=earliest + step)
    yield Window()


def _last_place(found: pa.Table, sort: Sort) -> Cursor:
    """Where the rows end, and the next begin."""
    (row,) = found.slice(found.num_rows - 1).select(["sort_key", "started_at", "call_id"]).to_pylist()
    key = None if sort.by is SortBy.TIME else row["sort_key"]
    return Cursor(key=key, started_at=row["started_at"], call_id=row["call_id"])
