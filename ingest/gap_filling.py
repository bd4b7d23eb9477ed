"""Fills the gaps of a PBX from its own records, as soon as these reach beyond them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from data.errors import ImportFailed
from data.model import CallFacts
from data.queries import read
from data.settings import Site
from data.store.protocol import Store
from ingest.gap_sources import GapSource
from ingest.imports.explaining import is_in_gap
from ingest.imports.filling import mark_filled
from ingest.imports.merging import ACTOR, Merger

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=3)
_YOUNG = timedelta(days=7)  # older gaps are filled by an import that somebody asks for


class GapFiller:
    """Looks after the gaps of one PBX."""

    def __init__(self, store: Store, sources: Sequence[GapSource], *, pbx: str, site: Site) -> None:
        self._store = store
        self._sources = sources
        self._pbx = pbx
        self._site = site
        self._tries: dict[datetime, tuple[datetime, timedelta]] = {}  # by gap: when to try again, and the pause

    def run(self, now: datetime) -> int:
        """Bring in what was missed in young gaps; how many of them are filled now. Raises StoreError."""
        params = {"pbx": self._pbx, "ended_after_at": now - _YOUNG}
        rows = self._store.query(read("imports/unfilled_gaps"), params, actor=ACTOR).to_pylist()
        return sum(
            self._fill(row["started_at"], row["ended_at"], now) for row in rows if self._is_due(row["started_at"], now)
        )

    def _is_due(self, started_at: datetime, now: datetime) -> bool:
        """Records reach beyond a gap when the next call has ended: at first that is asked often."""
        due_at, pause = self._tries.get(started_at, (now, _FIRST_PAUSE))
        if now < due_at:
            return False
        self._tries[started_at] = (now + pause, min(_LONGEST_PAUSE, pause * 2))
        return True

    def _fill(self, started_at: datetime, ended_at: datetime, now: datetime) -> bool:
        for source in self._sources:
            try:
                told = source.told(started_at.timestamp(), ended_at.timestamp())
                since = source.since()
            except ImportFailed as error:
                log.warning("records cannot be read", pbx=self._pbx, records=source.name, reason=str(error))
                continue
            calls = _touching(told.calls, started_at, ended_at)
            if calls:
                Merger(self._store, self._pbx, self._site, source.source).write(calls, now)
            if since is not None and since <= started_at.timestamp() and ended_at.timestamp() <= told.until:
                mark_filled(self._store, self._pbx, source.source, started_at, ended_at, actor=ACTOR)
                log.info("gap filled", pbx=self._pbx, records=source.name, calls=len(calls), since=str(started_at))
                return True
        return False


def _touching(calls: Iterable[CallFacts], started_at: datetime, ended_at: datetime) -> list[CallFacts]:
    found = {facts.call.call_id: facts for facts in calls if is_in_gap(facts.call, [(started_at, ended_at)])}
    return list(found.values())
