"""Writes what the queue log tells: stays completed, calls that nobody else knows, and what it says else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from data.facts import fact_tables
from data.model import CallFacts, QueueVisit
from data.settings import Site
from data.store.protocol import Statement, Store, Topic
from ingest.assembler.office import Office
from ingest.imports.differences import Difference, difference_rows, store_differences, turned
from ingest.imports.explaining import Gaps, is_in_gap
from ingest.imports.members import Members
from ingest.imports.merging import ACTOR, Merged
from ingest.imports.queue_calls import SOURCE, facts_of_queues
from ingest.imports.queue_differences import corrected, joined_visits, visit_differences
from ingest.imports.queue_story import QueueCall
from ingest.imports.stored import MARGIN, rank, stored_calls, stored_visits

# Sources that tell of queues less than the queue's own log does.
_POORER = frozenset({"cdr", "cel", "mikopbx"})


@dataclass(slots=True)
class _Better:
    """Stored calls whose stays the log knows better."""

    calls: list[Mapping[str, Any]] = field(default_factory=list)
    visits: list[QueueVisit] = field(default_factory=list)
    differences: dict[str, list[Difference]] = field(default_factory=dict)  # by the source that said else


@dataclass(slots=True)
class QueueMerger:
    """Writes callers of one PBX. only_in: unknown callers come in only where nobody listened; None: all."""

    store: Store
    pbx: str
    site: Site
    office: Office
    members: Members
    only_in: Gaps | None = None
    merged: Merged = field(default_factory=Merged)

    def write(self, calls: Sequence[QueueCall], now: datetime) -> None:
        """Store them, or what they know better of calls that are stored. now: when differences were noted."""
        told = [facts_of_queues(call, self.office, self.members, pbx=self.pbx) for call in calls if call.stays]
        if not told:
            return
        known = stored_calls(self.store, self.pbx, [facts.call for facts in told], actor=ACTOR)
        pairs = [(facts, known.best(facts.call, rank)) for facts in told]
        visits = stored_visits(self.store, [row for _, row in pairs if row is not None], actor=ACTOR)
        new: dict[str, CallFacts] = {}
        better, found, compared = _Better(), list[Difference](), list[str]()
        for facts, row in pairs:
            if row is None:
                if self.only_in is None or is_in_gap(facts.call, self.only_in):
                    self.merged.added += 1
                    new[facts.call.call_id] = facts
            elif row["source"] == SOURCE:
                self.merged.replaced += 1
                new[facts.call.call_id] = facts
            else:
                compared.append(row["call_id"])
                found += self._compare(facts, row, visits.get(row["call_id"], []), better)
        if new:
            self.store.write_facts(fact_tables(list(new.values()), site=self.site, source=SOURCE), actor=ACTOR)
        if compared:
            store_differences(self.store, found, pbx=self.pbx, source=SOURCE, call_ids=compared, actor=ACTOR, now=now)
        self._improve(better, now)

    def _compare(
        self, facts: CallFacts, row: Mapping[str, Any], ours: list[QueueVisit], better: _Better
    ) -> list[Difference]:
        told = visit_differences(row, ours, facts.queue_visits, self.members)
        if told and (row["incomplete"] or row["source"] in _POORER):
            self.merged.completed += 1
            joined = joined_visits(ours, facts.queue_visits, self.members)
            better.calls.append({**row, **corrected(row, joined)})
            better.visits += [replace(visit, call_id=row["call_id"]) for visit in joined]
            better.differences.setdefault(row["source"], []).extend(
                turned(one) for one in told if one.ours not in (None, "")
            )
            return []
        self.merged.kept += 1
        self.merged.differing += bool(told)
        return told

    def _improve(self, better: _Better, now: datetime) -> None:
        if not better.calls:
            return
        starts = [row["started_at"] for row in better.calls]
        ends = [row["ended_at"] for row in better.calls]
        call_ids = [row["call_id"] for row in better.calls]
        period = {"from_at": min(starts) - MARGIN, "until_at": max(ends) + MARGIN}
        names = ("call_id", "answered_at", "talk_s", "wait_s", "reason", "queues")
        steps = [
            Statement(name="queue_visits_forget", params={**period, "call_ids": call_ids}),
            Statement(
                name="queue_visits_insert",
                params={"rows": [{**asdict(visit), "events": list(visit.events)} for visit in better.visits]},
            ),
            Statement(
                name="call_queues_correct",
                params={**period, "rows": [{name: row[name] for name in names} for row in better.calls]},
            ),
        ]
        for source, found in better.differences.items():
            if found:
                params = {"pbx": self.pbx, "source": source, "noted_at": now, "rows": difference_rows(found)}
                steps.append(Statement(name="differences_insert", params=params))
        self.store.transact(steps, actor=ACTOR, touches={Topic.CALLS: call_ids})
