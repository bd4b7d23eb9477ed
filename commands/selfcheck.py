"""`self-check`: our calls against the PBX's own records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from commands import Add, say
from commands.imports import named_pbx, office_of, zone_of
from data.errors import SettingsError
from data.settings import Settings
from data.store.opening import open_store
from ingest.daybook import Day
from ingest.imports.differences import Difference
from ingest.queue_check import QueueCheck
from ingest.selfcheck import SelfCheck
from ingest.sources.cdr import BadRow, CdrLine, cdr_line
from ingest.sources.cdr_files import Row, RowFile, values_of
from ingest.sources.queue_log import queue_line

_SHOWN = 20
Item = TypeVar("Item")


def register(add: Add) -> None:
    command = add("self-check", run, "compare the stored calls with the PBX's own call detail records and queue log")
    command.add_argument("--cdr", nargs="+", type=Path, default=[], metavar="FILE", help="Master.csv, oldest first")
    command.add_argument(
        "--queue-log", nargs="+", type=Path, default=[], metavar="FILE", help="queue_log, oldest first"
    )
    command.add_argument("--from", dest="from_on", type=_day, required=True, metavar="DAY", help="2026-11-01")
    command.add_argument("--to", dest="to_on", type=_day, metavar="DAY", help="the last day (the first)")
    command.add_argument("--pbx", help="name of the PBX (the first of the settings, else pbx)")
    command.add_argument("--timezone", metavar="ZONE", help="zone of the times in the file (the site's)")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Exit status 1: something differs and no rule explains it."""
    from_on, to_on = options.from_on, options.to_on or options.from_on
    if to_on < from_on:
        raise SettingsError(f"--to {to_on} is before --from {from_on}. Swap them.")
    if not (options.cdr or options.queue_log):
        raise SettingsError("There is nothing to compare with. Name files of the PBX by --cdr or --queue-log.")
    pbx = named_pbx(settings, options.pbx)
    zone = zone_of(options.timezone, pbx, settings)
    period = {"from_on": from_on, "to_on": to_on}
    common: dict[str, Any] = {"pbx": pbx.name, "site": settings.site, "office": office_of(pbx), **period}
    found: list[Difference] = []
    with open_store(settings) as store:
        if options.cdr:
            check = SelfCheck(store, **common)
            days = check.run(_lines(options.cdr, partial(_record, zone=zone), "cdr"), datetime.now(UTC))
            _tell(days, "")
            found += check.found
        if options.queue_log:
            queues = QueueCheck(store, **common)
            days = queues.run(_lines(options.queue_log, queue_line, "queue_log"), datetime.now(UTC))
            _tell(days, " (queues)")
            found += queues.found
    unexplained = [one for one in found if one.rule is None]
    for one in unexplained[:_SHOWN]:
        say(f"  {one.call_id}: {one.field or one.kind}: ours {one.ours}, theirs {one.theirs}")
    if len(unexplained) > _SHOWN:
        say(f"  … and {len(unexplained) - _SHOWN} more, in the table source_difference.")
    return 1 if unexplained else 0


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-11-01") from None
