"""`report`: the numbers of the pages on the command line."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from commands import Add
from data.errors import SettingsError
from data.identity.actor import system
from data.settings import Settings


def register(add: Add) -> None:
    command = add("report", report, "print a report: the same numbers as on its page")
    command.add_argument("name", help="calls, …; an unknown name lists them all")
    command.add_argument("--from", dest="from_on", required=True, type=day, metavar="DAY", help="first local day")
    command.add_argument("--to", dest="to_on", required=True, type=day, metavar="DAY", help="local day after the last")
    command.add_argument("--by", default="", metavar="A,B", help="dimensions to group by: direction,outcome")
    command.add_argument("--format", default="json", choices=["json", "csv", "xlsx", "parquet"])
    command.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-11-01") from None


def report(options: argparse.Namespace, settings: Settings) -> int:
    from data.metrics.report import run_report
    from data.store.opening import open_store

    if options.to_on <= options.from_on:
        raise SettingsError(f"--to {options.to_on} is not after --from {options.from_on}; --to is excluded.")
    dimensions = [name.strip() for name in options.by.split(",") if name.strip()]
    with open_store(settings) as store:
        content = run_report(
            store,
            options.name,
            from_on=options.from_on,
            to_on=options.to_on,
            by=dimensions,
            format=options.format,
            site=settings.site,
            actor=system("report"),
        )
    if options.output:
        options.output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return 0
