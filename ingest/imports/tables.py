"""Tables of a FreePBX as feeds: read on from a bookmark, bad rows set aside once."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from data.settings import PbxDatabase
from ingest.imports.aside import Aside
from ingest.imports.feeds import Feed, Item
from ingest.imports.gathering import HELD_S
from ingest.imports.progress import Report
from ingest.imports.state import FileState
from ingest.sources.cdr import BadRow, CdrLine, cdr_of_table, instant
from ingest.sources.cel_files import cel_of_fields
from ingest.stream import Message

if TYPE_CHECKING:  # its library is loaded where there is such a database
    from ingest.sources.freepbx import CdrRows, CelRows, Values

# Columns of the table `cel` in the words of `Event: CEL`.
_CEL = {
    "eventtype": "EventName", "eventtime": "EventTime", "cid_name": "CallerIDname", "cid_num": "CallerIDnum",
    "cid_ani": "CallerIDani", "cid_rdnis": "CallerIDrdnis", "cid_dnid": "CallerIDdnid", "exten": "Exten",
    "context": "Context", "channame": "Channel", "appname": "Application", "appdata": "AppData",
    "amaflags": "AMAFlags", "accountcode": "AccountCode", "uniqueid": "UniqueID", "linkedid": "LinkedID",
    "peer": "Peer", "userdeftype": "UserDefType", "extra": "Extra", "eventextra": "Extra",
}  # fmt: skip


class _TableFeed(Feed[Item]):
    """What both tables share: the bookmark, bad rows, progress."""

    def __init__(self, settings: PbxDatabase, table: str, *, kind: str, pbx: str, folder: Path) -> None:
        self.name = f"{settings.name}.{table}"
        where = f"{settings.socket or f'{settings.host}:{settings.port}'}/{self.name}"
        self._state = FileState.load(
            folder, kind=kind, pbx=pbx, fingerprint=hashlib.sha256(where.encode()).hexdigest()[:32]
        )
        self._place = self._state.offset
        self._total = self._done = 0

    @property
    def done_share(self) -> float:
        return min(1.0, self._done / max(1, self._total))

    def close(self) -> None:
        """Whoever opened the database closes it."""

    def _parsed(self, rows: Iterable[Values], parse: Callable[[Values], Item], report: Report) -> Iterator[Item]:
        aside = Aside(self._state.file.with_suffix(".bad.csv"), Path(self.name))
        seen = _rows_aside(aside.path)
        for row in rows:
            self._done += 1
            report.rows += 1
            try:
                item = parse(row)
            except BadRow as problem:
                raw = _as_line(row)
                if raw not in seen:  # the same rows come again with the next import
                    seen.add(raw)
                    aside.put(self._done, raw.encode(), str(problem))
                    report.bad_rows += 1
            else:
                yield item
        if aside.count and aside.path not in report.set_aside:
            report.set_aside.append(aside.path)


class CdrTable(_TableFeed[CdrLine]):
    """Call records by the beginning of their calls. The place of a record is that local time, counted in seconds.

    A record is written when its call ends: so the last hours are read again every time.
    """

    def __init__(self, rows: CdrRows, settings: PbxDatabase, zone: ZoneInfo, *, pbx: str, folder: Path) -> None:
        super().__init__(settings, settings.cdr_table, kind="cdr-table", pbx=pbx, folder=folder)
        self._rows = rows
        self._zone = zone

    def items(self, report: Report) -> Iterator[CdrLine]:
        since = _text_of(self._place - HELD_S) if self._place else ""
        self._total = self._rows.count(since)
        if not since:
            yield from self._parsed(self._rows.without_time(), self._line, report)
        yield from self._parsed(self._rows.since(since), self._line, report)

    def since(self) -> float | None:
        """The moment since which the table tells everything."""
        with suppress(ValueError, OverflowError):
            return instant(self._rows.first(), self._zone, None)
        return None

    def save(self, oldest: int | None) -> None:
        self._state.offset = self._place if oldest is None else min(self._place, oldest)
        self._state.number = self._done
        self._state.save()

    def _line(self, row: Values) -> CdrLine:
        place = _local_place(row[self._rows.starts])
        line = cdr_of_table(row, place, self._zone)
        self._place = max(self._place, place)
        return line


class CelTable(_TableFeed[Message]):
    """Channel events by their ids."""

    def __init__(self, rows: CelRows, settings: PbxDatabase, zone: ZoneInfo, *, pbx: str, folder: Path) -> None:
        super().__init__(settings, settings.cel_table, kind="cel-table", pbx=pbx, folder=folder)
        self._rows = rows
        self._zone = zone

    def items(self, report: Report) -> Iterator[Message]:
        self._total = self._rows.count(self._place)
        yield from self._parsed(self._rows.after(self._place), self._message, report)

    def save(self, oldest: int | None) -> None:
        self._state.offset = self._place if oldest is None else min(self._place, oldest)
        self._state.number = self._done
        self._state.save()

    def _message(self, row: Values) -> Message:
        fields = dict.fromkeys(_CEL.values(), "")
        fields |= {_CEL[name]: value for name, value in row.items() if name in _CEL}
        sequence = int(row["id"])
        message = cel_of_fields(fields, sequence, self._zone)
        self._place = max(self._place, sequence)
        return message


def _local_place(text: str) -> int:
    """A local time as a number that rises with it."""
    try:
        return int(datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        raise BadRow(f"calldate: {text!r} is no time like 2026-11-22 21:13:21") from None


def local_text(at: float, zone: ZoneInfo) -> str:
    """A moment as the clock of a PBX shows it."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def _text_of(place: int) -> str:
    return datetime.fromtimestamp(max(0, place), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _as_line(row: Values) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(row.values())
    return written.getvalue()


def _rows_aside(path: Path) -> set[str]:
    """What former imports set aside."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {line[3] for line in csv.reader(file) if len(line) > 3}
    except FileNotFoundError:
        return set()
