"""`import`: years of history from a PBX's own records."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from commands import Add, say
from commands.directory import register_directory
from commands.numbering import register_import
from data.errors import SettingsError
from data.settings import Pbx, Settings

if TYPE_CHECKING:  # with them comes the database engine, which the other commands do without
    from ingest.assembler import Office
    from ingest.imports.progress import Report, Watch

FOLDER = "imports"  # of the data folder: how far each file has come, and its bad rows
_LINE_S = 10.0
_BAR = 30


def register(add: Add) -> None:
    command = add("import", run, "bring calls of the past in from the PBX's own records")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, text in (
        ("cdr", "call detail records: Master.csv, old or new column set"),
        ("cel", "channel events: the file of cel_custom"),
        ("queue_log", "the log of the queues: waits, rings and pauses"),
    ):
        one = kinds.add_parser(kind, help=text, description=f"{text[0].upper()}{text[1:]}; also packed by gzip.")
        one.add_argument("files", nargs="+", type=Path, metavar="FILE")
        _common(one)
    for kind, text in (
        ("freepbx", "call records of a FreePBX: the table cdr of pbx.database"),
        ("freepbx-cel", "channel events of a FreePBX: the table cel of pbx.database"),
        ("cdr-events", "call records that the manager interface sent: Event: Cdr of the journal"),
    ):
        _common(kinds.add_parser(kind, help=text, description=f"{text[0].upper()}{text[1:]}."))
    register_import(kinds)
    _common(kinds.add_parser("mikopbx", help="a MikoPBX over REST", description="Call records of a MikoPBX over REST."))
    register_directory(kinds)


def _common(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data folder (var/)")
    one.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file")
    one.add_argument("--pbx", help="name of the PBX in the ids of calls (the first of the settings, else pbx)")
    one.add_argument("--timezone", metavar="ZONE", help="zone of local times (the PBX's, else the site's): Europe/Omsk")


def run(options: argparse.Namespace, settings: Settings) -> int:
    from commands.importing import READERS

    began = time.monotonic()
    report = READERS[options.kind](options, settings, _watch())
    _tell(report, time.monotonic() - began)
    return 0


def office_of(pbx: Pbx) -> Office:
    """What the settings tell of the office behind a PBX."""
    from ingest.assembler import Office

    return Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions)


def named_pbx(settings: Settings, name: str | None) -> Pbx:
    """The PBX of that name; one that is not in the settings (any more) has their defaults."""
    if name is None:
        return settings.pbx[0] if settings.pbx else Pbx()
    known = next((pbx for pbx in settings.pbx if pbx.name == name), None)
    if known is not None:
        return known
    try:
        return Pbx(name=name)
    except ValueError:
        raise SettingsError(f"--pbx {name!r} is no name of a PBX. Use small letters, digits and _.") from None


def zone_of(named: str | None, pbx: Pbx, settings: Settings) -> ZoneInfo:
    """The zone of the PBX's clock: as asked for, else of its settings, else the site's."""
    return named_zone(named or pbx.timezone or settings.site.timezone)


def named_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(f"--timezone {name!r} is no time zone. Write for instance Europe/Moscow.") from None


def _tell(report: Report, seconds: float) -> None:
    calls = report.calls
    rate = report.rows / seconds if seconds > 0 else 0.0
    say(f"{report.rows} rows in {seconds:.1f} s ({rate:.0f} a second), {report.bad_rows} of them set aside.")
    say(
        f"Calls: {calls.added} new, {calls.replaced} written anew, {calls.completed} completed, "
        f"{calls.kept} known better already ({calls.differing} of them told differently)."
    )
    if report.filled_gaps:
        say(f"Times when nobody listened to the PBX, now filled: {report.filled_gaps}.")
    for file in report.set_aside:
        say(f"Rows that cannot be used, with the reason: {file}")


def _watch() -> Watch:
    """A bar that moves on a terminal, a line now and then elsewhere."""
    stream, moves = sys.stderr, sys.stderr.isatty()
    began = told = time.monotonic()

    def watch(name: str, report: Report, done_share: float, /) -> None:
        nonlocal told
        now = time.monotonic()
        done = done_share >= 1.0
        if not done and now - told < (0.1 if moves else _LINE_S):
            return
        told = now
        rate = report.rows / max(0.001, now - began)
        text = f"{name}: {done_share:4.0%}, {report.rows} rows, {rate:.0f} a second, {report.bad_rows} bad"
        if moves:
            bar = "#" * int(_BAR * min(1.0, done_share))
            stream.write(f"\r[{bar:<{_BAR}}] {text}\x1b[K" + ("\n" if done else ""))
        else:
            stream.write(text + "\n")
        stream.flush()

    return watch
