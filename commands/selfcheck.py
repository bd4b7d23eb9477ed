"""`self-check`: our calls against the PBX's own records."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from commands import Add, say
from commands.imports import named_pbx, named_zone
from data.errors import SettingsError
from data.settings import Settings
from data.store.opening import open_store
from ingest.assembler import Office
from ingest.selfcheck import SelfCheck
from ingest.sources.cdr import BadRow, CdrLine, cdr_line
from ingest.sources.cdr_files import RowFile, values_of

_SHOWN = 20


def register(add: Add) -> None:
    command = add("self-check", run, "compare the stored calls with the PBX's own call detail records")
    command.add_argument("--cdr", nargs="+", type=Path, required=True, metavar="FILE", help="Master.csv, oldest first")
    command.add_argument("--from", dest="from_on", type=_day, required=True, metavar="DAY", help="2026-11-01")
    command.add_argument("--to", dest="to_on", type=_day, metavar="DAY", help="the last day (the first)")
    command.add_argument("--pbx", help="name of the PBX (the first of the settings, else pbx)")
    command.add_argument("--timezone", metavar="ZONE", help="zone of the times in the file (the site's)")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Exit status 1: something differs and no rule explains it."""
    from_on, to_on = options.from_on, options.to_on or options.from_on
    if to_on < from_on:
        raise SettingsError(f"--to {to_on} is before --from {from_on}. Swap them.")
    pbx = named_pbx(settings, options.pbx)
    zone = named_zone(options.timezone or settings.site.timezone)
    office = Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions)
    with open_store(settings) as store:
        check = SelfCheck(store, pbx=pbx.name, site=settings.site, office=office, from_on=from_on, to_on=to_on)
        days = check.run(_records(options.cdr, zone), datetime.now(UTC))
    for day in days:
        say(
            f"{day.checked_on}: {day.agree} agree, {day.differ} differ, {day.only_ours} only ours, "
            f"{day.only_theirs} only theirs; {day.unexplained} unexplained."
        )
    unexplained = [one for one in check.found if one.rule is None]
    for one in unexplained[:_SHOWN]:
        say(f"  {one.call_id}: {one.field or one.kind}: ours {one.ours}, theirs {one.theirs}")
    if len(unexplained) > _SHOWN:
        say(f"  … and {len(unexplained) - _SHOWN} more, in the table source_difference.")
    return 1 if unexplained else 0


def _records(paths: Sequence[Path], zone: ZoneInfo) -> Iterator[CdrLine]:
    bad = 0
    for path in paths:
        file = RowFile(path)
        try:
            for row in file.rows(0):
                try:
                    yield cdr_line(values_of(row.raw), row.offset, zone)
                except BadRow:
                    bad += 1
        finally:
            file.close()
    if bad:
        say(f"{bad} rows cannot be used; `import cdr` tells why.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-11-01") from None
