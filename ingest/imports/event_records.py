"""Call records that the manager interface sent (`Event: Cdr`), read again from our own journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from ingest.imports.aside import Aside
from ingest.imports.feeds import Feed
from ingest.imports.progress import Report
from ingest.imports.state import FileState
from ingest.records import cdr_messages
from ingest.sources.cdr import BadRow, CdrLine
from ingest.sources.cdr_events import cdr_of_event


class EventFeed(Feed[CdrLine]):
    """The place of a record is the number of its message."""

    def __init__(self, journal: Path, zone: ZoneInfo, *, pbx: str, folder: Path) -> None:
        self.name = "Event: Cdr"
        self._journal = journal
        self._zone = zone
        self._state = FileState.load(folder, kind="cdr-events", pbx=pbx, fingerprint="journal")
        self._read_to = self._state.offset

    def items(self, report: Report) -> Iterator[CdrLine]:
        aside = Aside(self._state.file.with_suffix(".bad.csv"), Path(self.name))
        for message in cdr_messages(self._journal, self._read_to):
            report.rows += 1
            try:
                line = cdr_of_event(message.fields, message.sequence, self._zone)
            except BadRow as problem:
                if message.sequence > self._state.number:
                    aside.put(message.sequence, message.raw, str(problem))
                    report.bad_rows += 1
            else:
                yield line
            self._read_to = message.sequence + 1
            self._state.number = max(self._state.number, message.sequence)
        if aside.count and aside.path not in report.set_aside:
            report.set_aside.append(aside.path)

    @property
    def done_share(self) -> float:
        return 0.0  # nobody counted them

    def save(self, oldest: int | None) -> None:
        self._state.offset = self._read_to if oldest is None else min(self._read_to, oldest)
        self._state.save()

    def close(self) -> None:
        """Nothing is open."""
