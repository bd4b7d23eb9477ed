"""`self-check`: our calls against the PBX's own records."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from commands import Add
from data.errors import SettingsError
from data.settings import Settings


def register(add: Add) -> None:
    command = add("self-check", run, "compare the stored calls with the PBX's own call detail records and queue log")
    command.add_argument(
        "--cdr",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="Master.csv, oldest first (what the settings name, else Event: Cdr of the journal)",
    )
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
    from commands.checking import compare

    return compare(options, settings, from_on, to_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-11-01") from None
