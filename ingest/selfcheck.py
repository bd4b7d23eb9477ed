"""Our calls against the PBX's own records, day by day: agree, only ours, only theirs, differ in what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from data.settings import Site
from data.store.protocol import Store
from ingest.assembler.office import Office
from ingest.daybook import ACTOR, Day, DayBook
from ingest.imports.cdr_calls import facts_of
from ingest.imports.cdr_story import CdrStory
from ingest.imports.differences import Difference, differences
from ingest.imports.explaining import Gaps, why_different, why_only_ours, why_only_theirs
from ingest.imports.gathering import Gathering
from ingest.imports.stored import rank, stored_calls
from ingest.sources.cdr import CdrLine

SOURCE = "cdr"
_BATCH = 1_000  # calls


class SelfCheck:
    """One check of one PBX over some local days, both ends included. source: where the records come from."""

    def __init__(
        self, store: Store, *, pbx: str, site: Site, office: Office, from_on: date, to_on: date, source: str = SOURCE
    ) -> None:
        self._book = DayBook(store, pbx=pbx, site=site, source=source, from_on=from_on, to_on=to_on)
        self._store = store
        self._pbx = pbx
        self._office = office
        self._matched: set[str] = set()

    @property
    def found(self) -> list[Difference]:
        return self._book.found

    def run(self, lines: Iterable[CdrLine], now: datetime) -> list[Day]:
        """Compare with these records, in the order in which they were written, and keep what was found."""
        gaps = self._book.gaps()
        gathering = Gathering()
        ready: list[list[CdrLine]] = []
        for line in lines:
            gathering.add(line)
            ready += gathering.finished()
            if len(ready) >= _BATCH:
                self._compare(ready, gaps)
                ready = []
        self._compare([*ready, *gathering.rest()], gaps)
        self._look_for_ours()
        return self._book.keep(now)

    def _compare(self, calls: list[list[CdrLine]], gaps: Gaps) -> None:
        told = [(facts_of(lines, self._office, pbx=self._pbx), lines) for lines in calls]
        told = [(facts, lines) for facts, lines in told if self._book.covers(facts.call.started_at)]
        if not told:
            return
        stored = stored_calls(self._store, self._pbx, [facts.call for facts, _ in told], actor=ACTOR)
        for facts, lines in told:
            call, story = facts.call, CdrStory(lines, self._office)
            known = stored.best(call, rank)
            if known is None:
                self._book.note(call.started_at, "only_theirs", [Difference(
                    call_id=call.call_id, kind="only_theirs", field=None, ours=None, theirs=str(call.outcome),
                    rule=why_only_theirs(call, story, gaps), started_at=call.started_at,
                )])  # fmt: skip
                continue
            self._matched.add(known["call_id"])
            found = differences(known, call)
            found = [replace(one, rule=why_different(one, known, call, story)) for one in found]
            self._book.note(call.started_at, "differ" if found else "agree", found)

    def _look_for_ours(self) -> None:
        for row in self._book.ask("imports/calls_of_period"):
            if row["call_id"] not in self._matched:
                self._book.note(row["started_at"], "only_ours", [Difference(
                    call_id=row["call_id"], kind="only_ours", field=None, ours=row["outcome"], theirs=None,
                    rule=why_only_ours(row), started_at=row["started_at"],
                )])  # fmt: skip
