"""Our callers' stays in queues against the PBX's own log of its queues, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from data.model import CallFacts
from data.settings import Site
from data.store.protocol import Store
from ingest.assembler.office import Office
from ingest.daybook import ACTOR, Day, DayBook
from ingest.imports.differences import Difference
from ingest.imports.explaining import Gaps, Rule, is_in_gap, why_only_ours
from ingest.imports.members import known_members
from ingest.imports.queue_calls import SOURCE, facts_of_queues
from ingest.imports.queue_differences import visit_differences
from ingest.imports.queue_story import QueueCall, QueueStory
from ingest.imports.stored import rank, stored_calls, stored_visits
from ingest.sources.queue_log import QueueLine

_BATCH = 1_000  # calls


class QueueCheck:
    """One check of one PBX over some local days, both ends included."""

    def __init__(self, store: Store, *, pbx: str, site: Site, office: Office, from_on: date, to_on: date) -> None:
        self._book = DayBook(store, pbx=pbx, site=site, source=SOURCE, from_on=from_on, to_on=to_on)
        self._store = store
        self._pbx = pbx
        self._office = office
        self._members = known_members(store, pbx, office, actor=ACTOR)
        self._matched: set[str] = set()

    @property
    def found(self) -> list[Difference]:
        return self._book.found

    def run(self, lines: Iterable[QueueLine], now: datetime) -> list[Day]:
        """Compare with these lines, in their order, and keep what was found."""
        gaps = self._book.gaps()
        story = QueueStory()
        ready: list[QueueCall] = []
        for line in lines:
            story.add(line)
            ready += story.finished()
            if len(ready) >= _BATCH:
                self._compare(ready, gaps)
                ready = []
        self._compare([*ready, *story.rest()], gaps)
        for row in self._book.ask("imports/visits_of_period"):
            if row["call_id"] not in self._matched:
                self._book.note(row["started_at"], "only_ours", [Difference(
                    call_id=row["call_id"], kind="only_ours", field=None, ours=", ".join(row["queues"]), theirs=None,
                    rule=why_only_ours(row), started_at=row["started_at"],
                )])  # fmt: skip
        return self._book.keep(now)

    def _compare(self, calls: list[QueueCall], gaps: Gaps) -> None:
        told = [facts_of_queues(call, self._office, self._members, pbx=self._pbx) for call in calls if call.stays]
        if not told:
            return
        stored = stored_calls(self._store, self._pbx, [facts.call for facts in told], actor=ACTOR)
        pairs = [(facts, stored.best(facts.call, rank)) for facts in told]
        visits = stored_visits(self._store, [row for _, row in pairs if row is not None], actor=ACTOR)
        for facts, known in pairs:
            if known is None:
                self._only_theirs(facts, gaps)
                continue
            self._matched.add(known["call_id"])
            found = visit_differences(known, visits.get(known["call_id"], []), facts.queue_visits, self._members)
            found = [replace(one, rule=_why(known)) for one in found]
            self._book.note(known["started_at"], "differ" if found else "agree", found)

    def _only_theirs(self, facts: CallFacts, gaps: Gaps) -> None:
        call = facts.call
        self._book.note(call.started_at, "only_theirs", [Difference(
            call_id=call.call_id, kind="only_theirs", field=None, ours=None, theirs=", ".join(call.queues),
            rule=Rule.IN_GAP if is_in_gap(call, gaps) else None, started_at=call.started_at,
        )])  # fmt: skip


def _why(known: Mapping[str, Any]) -> Rule | None:
    """The rule behind a difference; None: unexplained."""
    if known["reason"] == "system_restart":
        return Rule.PBX_DIED  # nobody wrote how the wait ended
    return Rule.EVENTS_LOST if known["incomplete"] else None
