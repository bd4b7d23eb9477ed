"""Where the call records of a PBX can be read for any period: its files, its database, or what it sent us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from data.settings import Pbx, PbxDatabase, Settings
from ingest.imports.gathering import HELD_S
from ingest.imports.tables import local_text
from ingest.rebuild import written_so_far
from ingest.segments import segments, start_of
from ingest.sources.cdr import BadRow, CdrLine, cdr_line, cdr_of_table, instant
from ingest.sources.cdr_events import cdr_of_event
from ingest.sources.cdr_files import Row, RowFile, values_of
from ingest.sources.queue_log import QueueLine, queue_line
from ingest.stream import Message
from ingest.tail import Tail

_SEGMENT_S = 3600.0  # a segment of the journal is an hour
_ROTATED = re.compile(r"(?:[.-]\d{1,8})?(?:\.gz)?")


class Records(Protocol):
    """The call records of one PBX in one place. Both methods raise ImportFailed."""

    name: str
    is_whole: bool  # tells of every call; what came by the manager interface has our own gaps

    def since(self) -> float | None:
        """The moment from which on it tells everything; None: it is empty."""

    def between(self, from_at: float, until_at: float) -> Iterator[CdrLine]:
        """Records of calls that touch a period, and some around it, in the order in which they were written.

        Rows that cannot be used are left out: the import tells of them.
        """


def records_of(pbx: Pbx, settings: Settings, *, zone: ZoneInfo | None = None) -> list[Records]:
    """What there is for this PBX, the best first. zone: of its clock, if not as the settings say."""
    zone = zone or zone_of(pbx, settings)
    found: list[Records] = []
    if pbx.records.cdr_csv is not None:
        found.append(FileRecords(with_rotated(pbx.records.cdr_csv), zone))
    if pbx.database.is_set:
        found.append(TableRecords(pbx.database, zone))
    found.append(EventRecords(settings.data / "journal" / pbx.name, zone))
    return found


def zone_of(pbx: Pbx, settings: Settings) -> ZoneInfo:
    """The zone of the PBX's clock."""
    return ZoneInfo(pbx.timezone) if pbx.timezone else settings.site.zone


def with_rotated(log: Path) -> list[Path]:
    """A log and its older parts as logrotate names them (`.1`, `.2.gz`, `-20261122`), the oldest first."""
    parts = [log] if log.exists() else []
    if log.parent.is_dir():
        parts += [
            path for path in log.parent.iterdir()
            if path != log and path.name.startswith(log.name) and _ROTATED.fullmatch(path.name[len(log.name):])
        ]  # fmt: skip
    return sorted(parts, key=lambda path: path.stat().st_mtime)


class FileRecords:
    """Master.csv and its older parts."""

    is_whole = True

    def __init__(self, paths: list[Path], zone: ZoneInfo) -> None:
        self.name = paths[-1].name if paths else "Master.csv"
        self._paths = paths
        self._zone = zone

    def since(self) -> float | None:
        for path in self._paths:
            with closing(RowFile(path)) as file:
                if (line := self._line(Row(0, 1, 0, file.first_line.rstrip(b"\r\n"), True))) is not None:
                    return line.started_at
        return None

    def between(self, from_at: float, until_at: float) -> Iterator[CdrLine]:
        for path in self._paths:
            if path.stat().st_mtime < from_at - HELD_S:
                continue
            with closing(RowFile(path)) as file:
                for row in file.rows(file.offset_at(from_at - HELD_S, self._written_at)):
                    line = self._line(row)
                    if line is None:
                        continue
                    if line.ended_at > until_at + HELD_S:
                        break
                    if line.ended_at >= from_at - HELD_S:
                        yield line

    def _line(self, row: Row) -> CdrLine | None:
        try:
            return cdr_line(values_of(row.raw), row.offset, self._zone) if row.is_whole else None
        except BadRow:
            return None

    def _written_at(self, row: Row) -> float | None:
        line = self._line(row)
        return line.ended_at if line is not None else None


class TableRecords:
    """The table `cdr` of a FreePBX."""

    is_whole = True

    def __init__(self, settings: PbxDatabase, zone: ZoneInfo) -> None:
        self.name = f"{settings.name}.{settings.cdr_table}"
        self._settings = settings
        self._zone = zone

    def since(self) -> float | None:
        from ingest.sources.freepbx import CdrRows, RecordsDatabase

        with closing(RecordsDatabase(self._settings)) as database:
            first = CdrRows(database, self._settings.cdr_table).first()
        try:
            return instant(first, self._zone, None)
        except (ValueError, OverflowError):
            return None

    def between(self, from_at: float, until_at: float) -> Iterator[CdrLine]:
        from ingest.sources.freepbx import CdrRows, RecordsDatabase

        with closing(RecordsDatabase(self._settings)) as database:
            rows = CdrRows(database, self._settings.cdr_table)
            for row in rows.since(local_text(from_at - HELD_S, self._zone)):
                try:
                    line = cdr_of_table(row, 0, self._zone)
                except BadRow:
                    continue
                if line.started_at > until_at + HELD_S:
                    break
                yield line


class EventRecords:
    """`Event: Cdr` in our own journal: comes where cdr_manager is enabled, and only while we listened."""

    is_whole = False

    def __init__(self, journal: Path, zone: ZoneInfo) -> None:
        self.name = "Event: Cdr"
        self._journal = journal
        self._zone = zone

    def since(self) -> float | None:
        return None

    def between(self, from_at: float, until_at: float) -> Iterator[CdrLine]:
        for message in cdr_messages(self._journal, first_after(self._journal, from_at - HELD_S)):
            if message.received_at > until_at + HELD_S:
                return
            try:
                yield cdr_of_event(message.fields, message.sequence, self._zone)
            except BadRow:
                continue


def first_after(journal: Path, at: float) -> int:
    """Number of the first message of the hour of a moment."""
    return next((segment.first for segment in segments(journal) if start_of(segment) > at - _SEGMENT_S), 0)


def cdr_messages(journal: Path, start: int) -> Iterator[Message]:
    """Events of call records from a message on, also those of the segment that is being written."""
    if not segments(journal):
        return
    present = written_so_far(journal)
    with closing(Tail(journal, start=start, position=lambda: present)) as tail:
        empty = 0
        while empty < 2:  # one empty piece may be the end of a segment, two are the end of the journal
            items = tail.read()
            empty = 0 if items else empty + 1
            yield from (item for item in items if isinstance(item, Message) and item.name == "Cdr")


def queue_lines(log: Path, from_at: float, until_at: float) -> Iterator[QueueLine]:
    """Lines of a queue log and its older parts about callers of a period, and some around it."""
    for path in with_rotated(log):
        if path.stat().st_mtime < from_at - HELD_S:
            continue
        with closing(RowFile(path)) as file:
            for row in file.rows(file.offset_at(from_at - HELD_S, written_at)):
                try:
                    line = queue_line(row)
                except BadRow:
                    continue
                if line.at > until_at + HELD_S:
                    break
                yield line


def written_at(row: Row) -> float | None:
    """When a line of a queue log was written; None: it does not tell."""
    with suppress(BadRow):
        return queue_line(row).at
    return None
