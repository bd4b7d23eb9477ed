"""`check-pbx`: whether the PBX's own records can be read, as far as the settings name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from data.errors import ImportFailed
from data.settings import Pbx
from ingest.sources.cdr import BadRow, cdr_line
from ingest.sources.cdr_files import Row, RowFile, values_of
from ingest.sources.cel_files import cel_message
from ingest.sources.check_findings import Finding, Mark
from ingest.sources.queue_log import queue_line

_WANTED = ("linkedid", "uniqueid", "did", "recordingfile")
_LOST = {
    "linkedid": "transfers are put together by channels alone",
    "uniqueid": "calls cannot be matched with events",
    "did": "the number that was called is not known",
    "recordingfile": "recordings of imported calls are not known",
}


def check_records(pbx: Pbx, zone: ZoneInfo) -> Iterator[Finding]:
    """One finding per source that the settings name."""
    records = pbx.records
    if records.cdr_csv is not None:
        yield _file("cdr_csv", records.cdr_csv, lambda row: cdr_line(values_of(row.raw), 0, zone))
    if records.cel_csv is not None:
        yield _file("cel_csv", records.cel_csv, lambda row: cel_message(row, zone))
    if records.queue_log is not None:
        yield _file("queue_log", records.queue_log, queue_line)
    if pbx.database.is_set:
        yield from _database(pbx)


def _file(subject: str, path: Path, parse: Callable[[Row], object]) -> Finding:
    try:
        with closing(RowFile(path)) as file:
            line = file.first_line
            if not line:
                return Finding(mark=Mark.UNKNOWN, subject=subject, text=f"{path} is empty")
            parse(Row(0, 1, len(line), line.rstrip(b"\r\n"), True))
    except ImportFailed as error:
        return Finding(mark=Mark.MISSING, subject=subject, text=str(error))
    except BadRow as problem:
        return Finding(mark=Mark.MISSING, subject=subject, text=f"{path}, line 1: {problem}")
    return Finding(mark=Mark.GOOD, subject=subject, text=f"{path} can be read")


def _database(pbx: Pbx) -> Iterator[Finding]:
    from ingest.sources.freepbx import CdrRows, CelRows, RecordsDatabase

    settings = pbx.database
    subject = f"table {settings.cdr_table}"
    try:
        with closing(RecordsDatabase(settings)) as database:
            rows = CdrRows(database, settings.cdr_table)
            text = f"can be read, from {rows.first() or 'no row'} to {rows.last() or 'no row'}"
            lost = [f"without {name} {_LOST[name]}" for name in _WANTED if name not in rows.columns]
            mark = Mark.MISSING if lost else Mark.GOOD
            yield Finding(mark=mark, subject=subject, text="; ".join([text, *lost]))
            subject = f"table {settings.cel_table}"
            count = CelRows(database, settings.cel_table).count(0)
            yield Finding(mark=Mark.GOOD, subject=subject, text=f"can be read, {count} events")
    except ImportFailed as error:
        yield Finding(mark=Mark.MISSING, subject=subject, text=str(error))
