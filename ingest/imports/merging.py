"""One call, several sources: the better one's row stays, and what the other says differently is kept beside it.

Live events know more than channel events of a log, those more than records. A call whose events
were lost is completed from records where these know more: a conversation, or a later end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from data.facts import fact_tables
from data.identity.actor import system
from data.model import Call, CallFacts, QueueVisit
from data.settings import Site
from data.store.protocol import Store
from ingest.imports.differences import TOLERANCE_S, Difference, differences, store_differences, turned
from ingest.imports.queue_differences import CORRECTABLE, corrected
from ingest.imports.stored import RANKS, Known, rank, stored_calls, stored_visits

ACTOR = system("import")


@dataclass(slots=True)
class Merged:
    """What became of imported calls."""

    added: int = 0
    replaced: int = 0  # the same or a poorer source knew them
    kept: int = 0  # a better source knew them
    completed: int = 0  # events of them were lost, records knew more
    differing: int = 0  # of those kept: calls of which the import says something else


@dataclass(slots=True)
class Merger:
    """Writes calls of one source of one PBX."""

    store: Store
    pbx: str
    site: Site
    source: str
    merged: Merged = field(default_factory=Merged)

    def write(self, calls: Sequence[CallFacts], now: datetime) -> None:
        """Store them, or keep what is better. now: when the differences were noted."""
        if not calls:
            return
        stored = stored_calls(self.store, self.pbx, [facts.call for facts in calls], actor=ACTOR)
        chosen: dict[str, CallFacts] = {}
        beaten: list[Known] = []
        compared: list[str] = []
        found: list[Difference] = []
        for facts in calls:
            known = stored.best(facts.call, rank)
            if known is None:
                self.merged.added += 1
                chosen[facts.call.call_id] = facts
                continue
            compared.append(str(known["call_id"]))
            if self._wins(facts.call, known):
                taken = under(facts, str(known["call_id"]))
                chosen[taken.call.call_id] = taken
                beaten.append(known)
                continue
            self.merged.kept += 1
            told = differences(known, facts.call)
            self.merged.differing += bool(told)
            found += told
        self._write(chosen, beaten)
        if compared:
            store_differences(
                self.store, found, pbx=self.pbx, source=self.source, call_ids=compared, actor=ACTOR, now=now
            )
        self._keep_what_poorer_sources_said(chosen, beaten, now)

    def _wins(self, call: Call, known: Mapping[str, object]) -> bool:
        if rank(known) > RANKS.get(self.source, 0):
            if known["incomplete"] and _knows_more(call, known):
                self.merged.completed += 1
                return True
            return False
        # A call whose first records lie in a file before this one: what is here is its tail.
        started_at = known["started_at"]
        tail = isinstance(started_at, datetime) and (call.started_at - started_at).total_seconds() > TOLERANCE_S
        if not tail:
            self.merged.replaced += 1
        return not tail

    def _write(self, chosen: dict[str, CallFacts], beaten: Sequence[Known]) -> None:
        visits = stored_visits(self.store, [row for row in beaten if row["queues"]], actor=ACTOR)
        for call_id, told in visits.items():
            chosen[call_id] = _with_better_visits(chosen[call_id], told)
        if chosen:
            tables = fact_tables(list(chosen.values()), site=self.site, source=self.source)
            self.store.write_facts(tables, actor=ACTOR)

    def _keep_what_poorer_sources_said(
        self, chosen: Mapping[str, CallFacts], beaten: Sequence[Known], now: datetime
    ) -> None:
        by_source: dict[str, list[Known]] = {}
        for known in beaten:
            if rank(known) < RANKS.get(self.source, 0):
                by_source.setdefault(known["source"], []).append(known)
        for source, rows in by_source.items():
            told = [turned(one) for row in rows for one in differences(row, chosen[row["call_id"]].call)]
            call_ids = [row["call_id"] for row in rows]
            store_differences(self.store, told, pbx=self.pbx, source=source, call_ids=call_ids, actor=ACTOR, now=now)


def _with_better_visits(facts: CallFacts, stored: Sequence[QueueVisit]) -> CallFacts:
    """Stays that tell the place in the line come from the queue itself: records do not know them better."""
    if any(visit.place_at_entry is not None for visit in facts.queue_visits) or not any(
        visit.place_at_entry is not None for visit in stored
    ):
        return facts
    changes = corrected({name: getattr(facts.call, name) for name in CORRECTABLE}, stored)
    return replace(
        facts,
        queue_visits=tuple(stored),
        call=replace(facts.call, **{**changes, "queues": tuple(changes.get("queues", facts.call.queues))}),
    )


def _knows_more(call: Call, known: Mapping[str, object]) -> bool:
    """Whether it tells of a conversation that was not seen, or of a later end."""
    talk_s, ended_at = known["talk_s"], known["ended_at"]
    if isinstance(talk_s, float) and call.talk_s > talk_s + TOLERANCE_S:
        return True
    return isinstance(ended_at, datetime) and (call.ended_at - ended_at).total_seconds() > TOLERANCE_S


def under(facts: CallFacts, call_id: str) -> CallFacts:
    """The same facts under the id by which the call is known already."""
    if facts.call.call_id == call_id:
        return facts
    aliases = tuple(name for name in dict.fromkeys((facts.call.call_id, *facts.aliases)) if name != call_id)
    return replace(
        facts,
        call=replace(facts.call, call_id=call_id),
        legs=tuple(replace(part, call_id=call_id) for part in facts.legs),
        queue_visits=tuple(replace(part, call_id=call_id) for part in facts.queue_visits),
        transfers=tuple(replace(part, call_id=call_id) for part in facts.transfers),
        recordings=tuple(replace(part, call_id=call_id) for part in facts.recordings),
        intervals=tuple(replace(part, call_id=call_id) for part in facts.intervals),
        aliases=aliases,
    )
