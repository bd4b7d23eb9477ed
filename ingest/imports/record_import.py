"""Imports call records from any feed: years of them stream through, a few hours in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from data.model import CallFacts
from ingest.assembler.office import Office
from ingest.imports.cdr_calls import facts_of
from ingest.imports.cdr_import import BATCH, STEP
from ingest.imports.feeds import Feed
from ingest.imports.filling import Covered
from ingest.imports.gathering import Gathering
from ingest.imports.merging import ACTOR, Merger
from ingest.imports.progress import Report, Watch, unwatched
from ingest.sources.cdr import CdrLine


class RecordImport:
    """One run over one feed of one PBX."""

    def __init__(self, merger: Merger, *, office: Office, watch: Watch = unwatched) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._office = office
        self._watch = watch
        self._gathering = Gathering()
        self._ready: list[CallFacts] = []

    def run(self, feed: Feed[CdrLine], *, since: float | None) -> Report:
        """Import it, going on where an earlier run stopped, and close it. Raises ImportFailed, StoreError.

        since: from when on the feed tells everything; None: it does not, so that it fills no gap.
        """
        covered = Covered()
        try:
            for line in feed.items(self.report):
                self._gathering.add(line)
                covered.add(line)
                self._take(list(self._gathering.finished()))
                if len(self._ready) >= BATCH:
                    self._save(feed)
                if self.report.rows % STEP == 0:
                    self._watch(feed.name, self.report, feed.done_share)
            # What is held may go on in a source that grows: the bookmark is kept before it is written.
            self._save(feed)
            self._take(list(self._gathering.rest()))
            self._write()
            if since is not None:
                covered.reach(since)
                self.report.filled_gaps = covered.fill_gaps(
                    self._merger.store, self._merger.pbx, self._merger.source, actor=ACTOR
                )
            self._watch(feed.name, self.report, 1.0)
        finally:
            feed.close()
        return self.report

    def _take(self, finished: list[list[CdrLine]]) -> None:
        self._ready += (facts_of(lines, self._office, pbx=self._merger.pbx) for lines in finished)

    def _save(self, feed: Feed[CdrLine]) -> None:
        self._write()  # a call that is neither held nor written would be lost
        feed.save(min(self._gathering.places(), default=None))

    def _write(self) -> None:
        for start in range(0, len(self._ready), 2 * BATCH):
            part = {facts.call.call_id: facts for facts in self._ready[start : start + 2 * BATCH]}
            self._merger.write(list(part.values()), datetime.now(UTC))
        self._ready.clear()
