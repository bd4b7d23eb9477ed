"""Derives the calls of a period anew from the journal, for instance after the rules have changed.

Everything is assembled first and then replaced in one transaction: readers see the old period or the
new one. What people added (comments, assignments, leads, tasks) hangs on the ids of calls and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.errors import JournalError
from data.identity.actor import system
from data.model import CallFacts
from data.queries import read
from data.settings import Site
from data.store.protocol import IngestStore
from ingest.assembler import Assembler, Batch, Office
from ingest.journal import Position
from ingest.segments import Segment, segments, start_of, whole_bytes
from ingest.stream import Message
from ingest.tail import Began, Item, Tail
from ingest.writer import tables_of

# Reading begins so much earlier: calls that run when it begins are seen in part, and belong to before.
_LEAD = timedelta(hours=2)
# A call that began in the period and lasts longer beyond it than this keeps the row that it has.
_REST = timedelta(hours=24)
_LONGEST = timedelta(days=7)  # no call lasts longer
_TAKE_EVERY = 5_000
_ACTOR = system("rebuild")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What became of a period."""

    calls: int  # derived anew and written
    retracted: int  # rows that the present rules do not make any more


@dataclass
class _Found:
    """What the journal gives for the period."""

    from_at: datetime
    to_at: datetime
    calls: dict[str, CallFacts] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    def take(self, batch: Batch) -> None:
        self.batches.append(batch)
        for name in batch.retracted:
            self.calls.pop(name, None)
        for facts in batch.calls:
            for name in facts.aliases:
                self.calls.pop(name, None)
            self.calls[facts.call.call_id] = facts

    def wanted(self, earlier: set[str]) -> dict[str, CallFacts]:
        """Calls that began in the period, but for those that the store knows to have begun `earlier`."""
        held = {name: facts for name, facts in self.calls.items() if self._holds(facts.call.started_at)}
        return {name: facts for name, facts in held.items() if name not in earlier}

    def as_batch(self, stored: set[str], earlier: set[str]) -> Batch:
        """Only what belongs to the period. stored: ids that the store has for it and that are over."""
        wanted = self.wanted(earlier)
        rows = {row.sequence: row for batch in self.batches for row in batch.events if row.call_id in wanted}
        return Batch(
            calls=tuple(wanted.values()),
            retracted=tuple(sorted(stored - set(wanted))),
            gaps=tuple(
                {gap.started_at: gap for b in self.batches for gap in b.gaps if self._holds(gap.started_at)}.values()
            ),
            events=tuple(rows.values()),
        )

    def _holds(self, at: datetime) -> bool:
        return self.from_at <= at < self.to_at


def rebuild(
    store: IngestStore,
    journal: Path,
    *,
    office: Office,
    pbx: str,
    site: Site,
    from_at: datetime,
    to_at: datetime,
    progress: Callable[[float], None] = lambda share: None,
) -> Rebuilt:
    """Replace the calls of `pbx` that began in [from_at, to_at) by what the journal gives now.

    progress: told the share that is read, 0 to 1. Raises JournalError where the journal does not reach
    back to `from_at`.
    """
    found = _Found(from_at, to_at)
    assembler = Assembler(office, pbx=pbx)
    for number, item in enumerate(_items(journal, from_at, to_at, progress)):
        if isinstance(item, Message):
            assembler.feed(item)
        elif isinstance(item, Began):
            assembler.connected(datetime.fromtimestamp(item.at, UTC), item.sequence)
        else:
            assembler.disconnected(datetime.fromtimestamp(item.at, UTC), item.sequence, item.cause)
        if number % _TAKE_EVERY == 0:
            found.take(assembler.take(live=False))
    last = assembler.take(live=True)
    found.take(last)
    params: dict[str, object] = {"pbx": pbx, "from_at": from_at, "to_at": to_at}
    stored = _ids(store, "calls/of_pbx", params)
    going_on = {call.call_id for call in last.live or ()}  # too long to be read to its end: it keeps its row
    # A conversation of many quiet hours is met in its middle; its whole row began before.
    params = {"pbx": pbx, "from_at": from_at, "since_at": from_at - _LONGEST, "ids": sorted(found.wanted(set()))}
    earlier = _ids(store, "calls/of_pbx_before", params)
    batch = found.as_batch(stored - going_on, earlier)
    if batch:
        store.write_facts(tables_of(batch, site), actor=_ACTOR, retracted=batch.retracted)
    return Rebuilt(calls=len(batch.calls), retracted=len(batch.retracted))


def begins_at(journal: Path) -> datetime | None:
    """The hour from which on the journal of one PBX holds what came; None: it holds nothing."""
    first = next(iter(segments(journal)), None)
    return datetime.fromtimestamp(start_of(first), UTC) if first is not None else None


def _ids(store: IngestStore, query: str, params: dict[str, object]) -> set[str]:
    return set(store.query(read(query), params, actor=_ACTOR)["call_id"].to_pylist())


def _items(journal: Path, from_at: datetime, to_at: datetime, progress: Callable[[float], None]) -> Iterator[Item]:
    begin, end = (from_at - _LEAD).timestamp(), (to_at + _REST).timestamp()
    everything = segments(journal)
    chosen = [one for one in everything if start_of(one) + 3600 > begin and start_of(one) < end]
    if not chosen or start_of(everything[0]) > from_at.timestamp():
        raise JournalError(
            f"The journal in {journal} does not reach back to {from_at:%Y-%m-%d %H:%M} UTC: what came before was "
            "removed or never received. Choose a later beginning."
        )
    present = written_so_far(journal)
    with closing(Tail(journal, start=chosen[0].first, position=lambda: present)) as tail:
        place = None
        while place != tail.place:  # where nothing is read and the place stays, the journal ends
            place = tail.place
            items = tail.read()
            for item in items:
                at = item.received_at if isinstance(item, Message) else item.at
                if at >= end:
                    progress(1.0)
                    return
                yield item
            if items:
                progress(min(1.0, max(0.0, (at - begin) / (end - begin))))
    progress(1.0)


def written_so_far(journal: Path) -> Position:
    """How far the segment that is being written can be read."""
    last: Segment = segments(journal)[-1]
    if last.ending() is not None:
        return Position()
    return Position(segment=last, bytes=whole_bytes(last.events))
