"""The work behind `self-check`; it brings the database engine with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from commands import say
from commands.imports import named_pbx, office_of, zone_of
from data.errors import SettingsError
from data.settings import Pbx, Settings
from data.store.opening import open_store
from ingest.daybook import Day
from ingest.imports.differences import Difference
from ingest.queue_check import QueueCheck
from ingest.records import queue_lines, records_of
from ingest.selfcheck import SelfCheck
from ingest.sources.cdr import BadRow, CdrLine, cdr_line
from ingest.sources.cdr_files import Row, RowFile, values_of
from ingest.sources.queue_log import QueueLine, queue_line

_SHOWN = 20
Item = TypeVar("Item")


def compare(options: argparse.Namespace, settings: Settings, from_on: date, to_on: date) -> int:
    """Compare, print each day and what no rule explains; the exit status."""
    pbx = named_pbx(settings, options.pbx)
    zone = zone_of(options.timezone, pbx, settings)
    period = {"from_on": from_on, "to_on": to_on}
    common: dict[str, Any] = {"pbx": pbx.name, "site": settings.site, "office": office_of(pbx), **period}
    found: list[Difference] = []
    records, queues = _sources(options, settings, pbx, zone, from_on, to_on)
    with open_store(settings) as store:
        if records is not None:
            check = SelfCheck(store, **common)
            _tell(check.run(records, datetime.now(UTC)), "")
            found += check.found
        if queues is not None:
            queue_check = QueueCheck(store, **common)
            _tell(queue_check.run(queues, datetime.now(UTC)), " (queues)")
            found += queue_check.found
    unexplained = [one for one in found if one.rule is None]
    for one in unexplained[:_SHOWN]:
        say(f"  {one.call_id}: {one.field or one.kind}: ours {one.ours}, theirs {one.theirs}")
    if len(unexplained) > _SHOWN:
        say(f"  … and {len(unexplained) - _SHOWN} more, in the table source_difference.")
    return 1 if unexplained else 0


def _sources(
    options: argparse.Namespace, settings: Settings, pbx: Pbx, zone: ZoneInfo, from_on: date, to_on: date
) -> tuple[Iterator[CdrLine] | None, Iterator[QueueLine] | None]:
    """Files that were named; else what the settings name, and what the PBX sent."""
    if options.cdr or options.queue_log:
        return (
            _lines(options.cdr, partial(_record, zone=zone), "cdr") if options.cdr else None,
            _lines(options.queue_log, queue_line, "queue_log") if options.queue_log else None,
        )
    begin = datetime.combine(from_on, time(), settings.site.zone).timestamp()
    end = datetime.combine(to_on + timedelta(days=1), time(), settings.site.zone).timestamp()
    log = pbx.records.queue_log
    queues = queue_lines(log, begin, end) if log is not None else None
    for records in records_of(pbx, settings, zone=zone):
        lines = iter(records.between(begin, end))
        if (first := next(lines, None)) is not None:
            say(f"Compared with {records.name}.")
            return chain((first,), lines), queues
    if queues is None:
        raise SettingsError(
            "There is nothing to compare with. Name files of the PBX by --cdr or --queue-log, or in the settings "
            "(pbx.records, pbx.database), or enable cdr_manager on the PBX."
        )
    return None, queues


def _tell(days: Sequence[Day], subject: str) -> None:
    for day in days:
        say(
            f"{day.checked_on}{subject}: {day.agree} agree, {day.differ} differ, {day.only_ours} only ours, "
            f"{day.only_theirs} only theirs; {day.unexplained} unexplained."
        )


def _record(row: Row, zone: ZoneInfo) -> CdrLine:
    return cdr_line(values_of(row.raw), row.offset, zone)


def _lines(paths: Sequence[Path], parse: Callable[[Row], Item], kind: str) -> Iterator[Item]:
    bad = 0
    for path in paths:
        file = RowFile(path)
        try:
            for row in file.rows(0):
                try:
                    yield parse(row)
                except BadRow:
                    bad += 1
        finally:
            file.close()
    if bad:
        say(f"{bad} rows cannot be used; `import {kind}` tells why.")
