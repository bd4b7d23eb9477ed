"""Imports files of channel events: the assembler of live events puts the calls together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from data.model import CallFacts
from ingest.assembler import Assembler, Office
from ingest.assembler.times import moment
from ingest.imports.aside import Aside
from ingest.imports.merging import Merger
from ingest.imports.progress import Report, Watch, unwatched
from ingest.imports.state import FileState
from ingest.sources.cdr import BadRow
from ingest.sources.cdr_files import RowFile
from ingest.sources.cel_files import cel_message

TAKE_EVERY = 5_000  # rows


class CelImport:
    """One run over some files of one PBX."""

    def __init__(
        self, merger: Merger, *, folder: Path, zone: ZoneInfo, office: Office, watch: Watch = unwatched
    ) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._folder = folder
        self._zone = zone
        self._office = office
        self._watch = watch

    def run(self, paths: Sequence[Path]) -> Report:
        """Import them one after the other, going on where an earlier run stopped."""
        for path in paths:
            file = RowFile(path)
            try:
                self._read(file)
            finally:
                file.close()
        return self.report

    def _read(self, file: RowFile) -> None:
        state = FileState.load(self._folder, kind="cel", pbx=self._merger.pbx, fingerprint=file.fingerprint)
        aside = Aside(state.file.with_suffix(".bad.csv"), file.path)
        assembler = Assembler(self._office, pbx=self._merger.pbx)
        at, offset, seen = 0.0, state.offset, state.number
        for row in file.rows(state.offset, file.lines_before(state.offset)):
            try:
                message = cel_message(row, self._zone)
            except BadRow as problem:
                if not row.is_whole:
                    break  # it is being written now: the next import takes it
                if row.number > seen:
                    aside.put(row.number, row.raw, str(problem))
                    self.report.bad_rows += 1
            else:
                if not at:
                    assembler.connected(moment(message.received_at), message.sequence)
                at = max(at, message.received_at)
                assembler.feed(message)
            offset, seen = row.until, max(seen, row.number)
            self.report.rows += 1
            if self.report.rows % TAKE_EVERY == 0:
                self._take(assembler)
                self._save(state, assembler, offset, seen)
                self._watch(file.path.name, self.report, file.packed_position / max(1, file.packed_bytes))
        self._take(assembler)
        self._save(state, assembler, offset, seen)  # what is open may go on in a file that grows
        if at:
            assembler.finish(moment(at))
            self._take(assembler)
        if aside.count:
            self.report.set_aside.append(aside.path)
        self._watch(file.path.name, self.report, 1.0)

    def _take(self, assembler: Assembler) -> None:
        """Store what is finished. Gaps and presence are not told by channel events."""
        batch = assembler.take(live=False)
        self._merger.write([without_positions(facts) for facts in batch.calls], datetime.now(UTC))

    def _save(self, state: FileState, assembler: Assembler, offset: int, number: int) -> None:
        oldest = assembler.oldest_open()
        state.offset = offset if oldest is None else min(offset, oldest - 1)
        state.number = number
        state.save()


def without_positions(facts: CallFacts) -> CallFacts:
    """The same facts without their places in a file: `events` are places in the journal."""
    return replace(
        facts,
        call=replace(facts.call, events=()),
        legs=tuple(replace(part, events=()) for part in facts.legs),
        queue_visits=tuple(replace(part, events=()) for part in facts.queue_visits),
        transfers=tuple(replace(part, events=()) for part in facts.transfers),
        recordings=tuple(replace(part, events=()) for part in facts.recordings),
        intervals=tuple(replace(part, events=()) for part in facts.intervals),
    )
