"""Imports the call records of a MikoPBX over REST: years of them once, then what is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from data.model import CallFacts
from ingest.assembler.office import Office
from ingest.imports.aside import Aside
from ingest.imports.cdr_calls import facts_of
from ingest.imports.cdr_import import BATCH
from ingest.imports.filling import Covered
from ingest.imports.gathering import Gathering
from ingest.imports.merging import ACTOR, Merger
from ingest.imports.progress import Report, Watch, unwatched
from ingest.imports.state import FileState
from ingest.sources.cdr import BadRow, CdrLine
from ingest.sources.mikopbx import MikoPbx, Record, id_of
from ingest.sources.mikopbx_records import cdr_line_of, in_queues

SOURCE = "mikopbx"
_HELD_S = 2 * 3600  # records of one call are written together, when it is over
_SETTLED_S = 120.0  # calls that ended so shortly before we asked may have no records yet


class MikoPbxImport:
    """One run over all records that were not read before."""

    def __init__(
        self,
        merger: Merger,
        rest: MikoPbx,
        *,
        folder: Path,
        zone: ZoneInfo,
        office: Office,
        watch: Watch = unwatched,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._rest = rest
        self._folder = folder
        self._zone = zone
        self._office = office
        self._watch = watch
        self._now = now
        self._gathering = Gathering(_HELD_S)
        self._covered = Covered()
        self._ready: list[CallFacts] = []

    def run(self) -> Report:
        """Read on where an earlier run stopped. Raises PbxUnreachable, PbxLoginRefused, ImportFailed, StoreError."""
        asked_at = self._now()
        state = FileState.load(self._folder, kind=SOURCE, pbx=self._merger.pbx, fingerprint="rest")
        aside = Aside(state.file.with_suffix(".bad.csv"), Path(SOURCE))
        begins_known = state.number > 0
        after: int | None = state.offset
        read_to = seen = max(state.offset, state.number)
        while after is not None:
            page = self._rest.page(after)
            for record in page.records:
                self._take(record, aside, is_new=id_of(record) > seen)
                read_to = max(read_to, id_of(record))
            after = page.after_id
            if after is not None and len(self._ready) >= BATCH:
                self._save(state, after, read_to)
            self._watch(SOURCE, self.report, 0.5 if after is not None else 1.0)
        # What is held may go on in records to come: the state is saved before it is written.
        self._save(state, read_to, read_to)
        self._ready += self._facts(self._gathering.rest())
        self._write()
        if aside.count:
            self.report.set_aside.append(aside.path)
        self._fill(begins_known, asked_at)
        return self.report

    def _take(self, record: Record, aside: Aside, *, is_new: bool) -> None:
        try:
            line = cdr_line_of(record, self._zone)
        except BadRow as problem:
            if is_new or not id_of(record):
                aside.put(id_of(record), orjson.dumps(record)[:4096], str(problem))
                self.report.bad_rows += 1
        else:
            self._gathering.add(line)
            self._covered.add(line)
            self._ready += self._facts(self._gathering.finished())
        self.report.rows += 1

    def _facts(self, finished: Iterable[list[CdrLine]]) -> Iterator[CallFacts]:
        return (facts_of(in_queues(lines), self._office, pbx=self._merger.pbx) for lines in finished)

    def _write(self) -> None:
        for start in range(0, len(self._ready), 2 * BATCH):
            part = {facts.call.call_id: facts for facts in self._ready[start : start + 2 * BATCH]}
            self._merger.write(list(part.values()), datetime.now(UTC))
        self._ready.clear()

    def _save(self, state: FileState, after: int, read_to: int) -> None:
        self._write()  # a call that is neither held nor written would be lost
        state.offset = min([after, *(place - 1 for place in self._gathering.places())])
        state.number = read_to
        state.save()

    def _fill(self, begins_known: bool, asked_at: float) -> None:
        """A gap that was over when we asked is covered: the PBX told everything that it has."""
        if begins_known:
            self._covered.from_at = 0.0
        if self._covered.from_at != float("inf"):
            self._covered.until_at = max(self._covered.until_at, asked_at - _SETTLED_S)
            self.report.filled_gaps = self._covered.fill_gaps(self._merger.store, self._merger.pbx, SOURCE, actor=ACTOR)
