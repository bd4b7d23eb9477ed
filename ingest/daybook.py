"""What a check found on each local day: how far both sides agree, and every contradiction; kept in the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from data.identity.actor import system
from data.queries import read
from data.settings import Site
from data.store.protocol import Statement, Store
from ingest.imports.differences import Difference, difference_rows
from ingest.imports.explaining import Gaps

ACTOR = system("self-check")


@dataclass(slots=True)
class Day:
    """How far both sides agree about the calls that began on one local day."""

    checked_on: date
    agree: int = 0
    only_ours: int = 0
    only_theirs: int = 0
    differ: int = 0
    unexplained: int = 0  # calls with a difference that no rule explains


class DayBook:
    """One check of one PBX against one source over some local days, both ends included."""

    def __init__(self, store: Store, *, pbx: str, site: Site, source: str, from_on: date, to_on: date) -> None:
        self.days = {day: Day(day) for day in (from_on + timedelta(days=n) for n in range((to_on - from_on).days + 1))}
        self.found: list[Difference] = []
        self._store = store
        self._pbx = pbx
        self._source = source
        self._site = site
        self._from_on, self._to_on = from_on, to_on
        self._period: dict[str, Any] = {
            "pbx": pbx,
            "from_at": datetime.combine(from_on, time(), site.zone),
            "until_at": datetime.combine(to_on + timedelta(days=1), time(), site.zone),
        }

    def gaps(self) -> Gaps:
        """Times of the period in which nobody listened."""
        return [(row["started_at"], row["ended_at"]) for row in self.ask("imports/gaps_of_period")]

    def ask(self, name: str) -> list[dict[str, Any]]:
        """Rows of a query over the period."""
        return self._store.query(read(name), self._period, actor=ACTOR).to_pylist()

    def covers(self, started_at: datetime) -> bool:
        return self._day(started_at) is not None

    def note(self, started_at: datetime, verdict: str, found: list[Difference]) -> None:
        """One call that began then. verdict: agree, differ, only_ours, only_theirs."""
        day = self._day(started_at)
        if day is None:
            return
        setattr(day, verdict, getattr(day, verdict) + 1)
        day.unexplained += any(one.rule is None for one in found)
        self.found += found

    def keep(self, now: datetime) -> list[Day]:
        """Put what was found in the place of the former check of these days."""
        names: dict[str, object] = {"pbx": self._pbx, "source": self._source}
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
        return list(self.days.values())

    def _day(self, started_at: datetime) -> Day | None:
        return self.days.get(started_at.astimezone(self._site.zone).date())
