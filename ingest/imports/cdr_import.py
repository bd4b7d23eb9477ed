"""Imports Master.csv files: years of records stream through, a few hours of them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from data.model import CallFacts
from ingest.assembler.office import Office
from ingest.imports.aside import Aside
from ingest.imports.cdr_calls import facts_of
from ingest.imports.filling import Covered
from ingest.imports.gathering import Gathering
from ingest.imports.merging import ACTOR, Merger
from ingest.imports.progress import Report, Watch, unwatched
from ingest.imports.state import FileState
from ingest.sources.cdr import BadRow, CdrLine, cdr_line
from ingest.sources.cdr_files import Row, RowFile, values_of

BATCH = 4_000  # calls after which they are written and reading can go on from there; a transaction has up to two
STEP = 5_000  # rows between two tellings of the progress
_FILE_BIT = 48  # a record's place tells its file above this bit, its offset below


class CdrImport:
    """One run over some files of one PBX, in the order of their first rows."""

    def __init__(
        self, merger: Merger, *, folder: Path, zone: ZoneInfo, office: Office, watch: Watch = unwatched
    ) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._folder = folder
        self._zone = zone
        self._office = office
        self._watch = watch
        self._gathering = Gathering()
        self._covered = Covered()
        self._ready: list[CallFacts] = []
        self._states: list[FileState] = []

    def run(self, paths: Sequence[Path]) -> Report:
        """Import them, going on where an earlier run stopped. Raises ImportFailed, StoreError."""
        files = sorted((RowFile(path) for path in paths), key=self._begins_at)
        try:
            self._states = [self._state(file) for file in files]
            for begins_at in filter(None, map(self._begins_at, files)):
                self._covered.reach(begins_at)  # a log tells everything since its beginning
            for index, file in enumerate(files):
                for offset in self._states[index].held:
                    self._add(self._line(file.row(offset), index))
            for index, file in enumerate(files):
                self._read(file, index)
            # What is held may go on in a file that grows: the state is saved before it is written.
            self._save()
            self._ready += self._facts(self._gathering.rest())
            self._write()
            self.report.filled_gaps = self._covered.fill_gaps(
                self._merger.store, self._merger.pbx, self._merger.source, actor=ACTOR
            )
        finally:
            for file in files:
                file.close()
        return self.report

    def _read(self, file: RowFile, index: int) -> None:
        state = self._states[index]
        aside = Aside(state.file.with_suffix(".bad.csv"), file.path)
        for row in file.rows(state.offset, state.number):
            try:
                line = self._line(row, index)
            except BadRow as problem:
                if not row.is_whole:
                    break  # it is being written now: the next import takes it
                aside.put(row.number, row.raw, str(problem))
                self.report.bad_rows += 1
                state.bad_rows += 1
            else:
                self._add(line)
                self._ready += self._facts(self._gathering.finished())
            state.offset, state.number = row.until, row.number
            self.report.rows += 1
            if len(self._ready) >= BATCH:
                self._save()
            if self.report.rows % STEP == 0:
                self._watch(file.path.name, self.report, file.packed_position / max(1, file.packed_bytes))
        if aside.count:
            self.report.set_aside.append(aside.path)
        self._watch(file.path.name, self.report, 1.0)

    def _add(self, line: CdrLine) -> None:
        self._gathering.add(line)
        self._covered.add(line)

    def _facts(self, finished: Iterable[list[CdrLine]]) -> Iterator[CallFacts]:
        return (facts_of(lines, self._office, pbx=self._merger.pbx) for lines in finished)

    def _write(self) -> None:
        for start in range(0, len(self._ready), 2 * BATCH):
            part = {facts.call.call_id: facts for facts in self._ready[start : start + 2 * BATCH]}
            self._merger.write(list(part.values()), datetime.now(UTC))
        self._ready.clear()

    def _save(self) -> None:
        self._write()  # a call that is neither held nor written would be lost
        held: dict[int, list[int]] = {}
        for place in self._gathering.places():
            held.setdefault(place >> _FILE_BIT, []).append(place & ((1 << _FILE_BIT) - 1))
        for index, state in enumerate(self._states):
            state.held = held.get(index, [])
            state.save()

    def _state(self, file: RowFile) -> FileState:
        return FileState.load(self._folder, kind="cdr", pbx=self._merger.pbx, fingerprint=file.fingerprint)

    def _line(self, row: Row, index: int) -> CdrLine:
        return cdr_line(values_of(row.raw), index << _FILE_BIT | row.offset, self._zone)

    def _begins_at(self, file: RowFile) -> float:
        try:
            return cdr_line(values_of(file.first_line.rstrip(b"\r\n")), 0, self._zone).started_at
        except BadRow:
            return 0.0
