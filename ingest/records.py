"""Where the call records of a PBX can be read for any period: its files, its database, or what it sent us."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol, TypeVar
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

Item = TypeVar("Item")

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
        found.append(FileRecords(pbx.records.cdr_csv, zone))
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

    def __init__(self, log: Path | list[Path], zone: ZoneInfo) -> None:
        """log: with its rotated parts, whichever there are when it is asked; or the parts, oldest first."""
        self.name = log.name if isinstance(log, Path) else log[-1].name
        self._log = log
        self._zone = zone

    def since(self) -> float | None:
        return first_at(parts_of(self._log), self._written_at)

    def between(self, from_at: float, until_at: float) -> Iterator[CdrLine]:
        return items_around(parts_of(self._log), from_at, until_at, self._line, lambda line: line.ended_at)

    def _line(self, row: Row) -> CdrLine:
        return cdr_line(values_of(row.raw), row.offset, self._zone)

    def _written_at(self, row: Row) -> float:
        return self._line(row).started_at


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
    return items_around(with_rotated(log), from_at, until_at, queue_line, lambda line: line.at)


def parts_of(log: Path | list[Path]) -> list[Path]:
    return with_rotated(log) if isinstance(log, Path) else log


def first_at(parts: Iterable[Path], time_of: Callable[[Row], float]) -> float | None:
    """The moment that the first line tells of; None: no part has a line that does. Raises ImportFailed."""
    for path in parts:
        with closing(RowFile(path)) as file, suppress(BadRow):
            return time_of(Row(0, 1, 0, file.first_line.rstrip(b"\r\n"), True))
    return None


def items_around(
    parts: Iterable[Path], from_at: float, until_at: float, parse: Callable[[Row], Item], at: Callable[[Item], float]
) -> Iterator[Item]:
    """What was written from some hours before a period to some hours after it; bad rows are left out.

    at: when an item was written; the log is sorted by that. Raises ImportFailed.
    """

    def item_of(row: Row) -> Item | None:
        with suppress(BadRow):
            return parse(row) if row.is_whole else None
        return None

    def written_at(row: Row) -> float | None:
        item = item_of(row)
        return None if item is None else at(item)

    for path in parts:
        if path.stat().st_mtime < from_at - HELD_S:
            continue
        with closing(RowFile(path)) as file:
            for row in file.rows(file.offset_at(from_at - HELD_S, written_at)):
                item = item_of(row)
                if item is None:
                    continue
                if at(item) > until_at + HELD_S:
                    break
                if at(item) >= from_at - HELD_S:
                    yield item


def written_at(row: Row) -> float | None:
    """When a line of a queue log was written; None: it does not tell."""
    with suppress(BadRow):
        return queue_line(row).at
    return None
