"""Our calls against the PBX's own records, day by day: agree, only ours, only theirs, differ in what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from data.identity.actor import system
from data.queries import read
from data.settings import Site
from data.store.protocol import Statement, Store
from ingest.assembler.office import Office
from ingest.imports.cdr_calls import facts_of
from ingest.imports.cdr_story import CdrStory
from ingest.imports.differences import Difference, difference_rows, differences
from ingest.imports.explaining import Gaps, why_different, why_only_ours, why_only_theirs
from ingest.imports.gathering import Gathering
from ingest.imports.stored import stored_calls
from ingest.sources.cdr import CdrLine

ACTOR = system("self-check")
SOURCE = "cdr"
_BATCH = 1_000  # calls


@dataclass(slots=True)
class Day:
    """How far both sides agree about the calls that began on one local day."""

    checked_on: date
    agree: int = 0
    only_ours: int = 0
    only_theirs: int = 0
    differ: int = 0
    unexplained: int = 0  # calls with a difference that no rule explains


class SelfCheck:
    """One check of one PBX over some local days, both ends included."""

    def __init__(self, store: Store, *, pbx: str, site: Site, office: Office, from_on: date, to_on: date) -> None:
        self.days = {day: Day(day) for day in (from_on + timedelta(days=n) for n in range((to_on - from_on).days + 1))}
        self.found: list[Difference] = []
        self._store = store
        self._pbx = pbx
        self._site = site
        self._office = office
        self._from_on, self._to_on = from_on, to_on
        self._period: dict[str, Any] = {
            "pbx": pbx,
            "from_at": datetime.combine(from_on, time(), site.zone),
            "until_at": datetime.combine(to_on + timedelta(days=1), time(), site.zone),
        }
        self._matched: set[str] = set()

    def run(self, lines: Iterable[CdrLine], now: datetime) -> list[Day]:
        """Compare with these records, in the order in which they were written, and keep what was found."""
        gaps: Gaps = [(row["started_at"], row["ended_at"]) for row in self._ask("imports/gaps_of_period")]
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
        self._keep(now)
        return list(self.days.values())

    def _compare(self, calls: list[list[CdrLine]], gaps: Gaps) -> None:
        told = [(facts_of(lines, self._office, pbx=self._pbx), lines) for lines in calls]
        told = [(facts, lines) for facts, lines in told if self._day(facts.call.started_at) is not None]
        if not told:
            return
        stored = stored_calls(self._store, self._pbx, [facts.call for facts, _ in told], actor=ACTOR)
        for facts, lines in told:
            call, story = facts.call, CdrStory(lines, self._office)
            known = stored.best(call, lambda row: int(row["source"] != SOURCE))
            if known is None:
                self._note(call.started_at, "only_theirs", [Difference(
                    call_id=call.call_id, kind="only_theirs", field=None, ours=None, theirs=str(call.outcome),
                    rule=why_only_theirs(call, story, gaps), started_at=call.started_at,
                )])  # fmt: skip
                continue
            self._matched.add(known["call_id"])
            found = differences(known, call)
            found = [replace(one, rule=why_different(one, known, call, story)) for one in found]
            self._note(call.started_at, "differ" if found else "agree", found)

    def _look_for_ours(self) -> None:
        for row in self._ask("imports/calls_of_period"):
            if row["call_id"] not in self._matched:
                self._note(row["started_at"], "only_ours", [Difference(
                    call_id=row["call_id"], kind="only_ours", field=None, ours=row["outcome"], theirs=None,
                    rule=why_only_ours(row), started_at=row["started_at"],
                )])  # fmt: skip

    def _note(self, started_at: datetime, verdict: str, found: list[Difference]) -> None:
        day = self._day(started_at)
        if day is None:
            return
        setattr(day, verdict, getattr(day, verdict) + 1)
        day.unexplained += any(one.rule is None for one in found)
        self.found += found

    def _day(self, started_at: datetime) -> Day | None:
        return self.days.get(started_at.astimezone(self._site.zone).date())

    def _ask(self, name: str) -> list[dict[str, Any]]:
        return self._store.query(read(name), self._period, actor=ACTOR).to_pylist()

    def _keep(self, now: datetime) -> None:
        names: dict[str, object] = {"pbx": self._pbx, "source": SOURCE}
        period = {"from_at": self._period["from_at"], "until_at": self._period["until_at"]}
        days = {"from_on": self._from_on, "to_on": self._to_on}
        steps = [
            Statement(name="differences_forget_period", params=names | period),
            Statement(name="self_check_forget", params=names | days),
            Statement(
                name="self_check_insert",
                params=names | {"noted_at": now, "rows": [asdict(day) for day in self.days.values()]},
            ),
        ]
        if self.found:
            rows = difference_rows(self.found)
            steps.append(Statement(name="differences_insert", params=names | {"noted_at": now, "rows": rows}))
        self._store.transact(steps, actor=ACTOR, touches={})
