"""`report`: the numbers of the pages on the command line."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from commands import Add
from data.errors import SettingsError
from data.identity.actor import system
from data.settings import Settings

if TYPE_CHECKING:
    from data.metrics.compiler import Restriction

ACTOR = system("report")


def register(add: Add) -> None:
    command = add("report", report, "print a report: the same numbers as on its page")
    command.add_argument("name", help="calls, …; an unknown name lists them all")
    command.add_argument("--from", dest="from_on", required=True, type=day, metavar="DAY", help="first local day")
    command.add_argument("--to", dest="to_on", required=True, type=day, metavar="DAY", help="local day after the last")
    command.add_argument("--by", default="", metavar="A,B", help="dimensions to group by: direction,outcome")
    command.add_argument(
        "--filter", default="", metavar="QUERY", help='as in the address of a page: "queue=sales&kind=missed"'
    )
    command.add_argument(
        "--as-of", type=moment, metavar="TIME", help="with the knowledge of that local day or time: 2026-11-20T12:00"
    )
    command.add_argument(
        "--set",
        default=[],
        action="append",
        type=parameter,
        metavar="NAME=VALUE",
        help="a parameter of formulas: target_s=30",
    )
    command.add_argument("--format", default="json", choices=["json", "csv", "xlsx", "parquet"])
    command.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-11-01") from None


def moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it like 2026-11-20T12:00") from None


def parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no parameter; write it like target_s=30") from None


def report(options: argparse.Namespace, settings: Settings) -> int:
    from data.metrics.report import run_report
    from data.services.directory import site_in_force
    from data.store.opening import open_store

    if options.to_on <= options.from_on:
        raise SettingsError(f"--to {options.to_on} is not after --from {options.from_on}; --to is excluded.")
    as_of = options.as_of
    if as_of is not None and as_of.tzinfo is None:
        as_of = as_of.replace(tzinfo=settings.site.zone)
    with open_store(settings) as store:
        content = run_report(
            store,
            options.name,
            from_on=options.from_on,
            to_on=options.to_on,
            by=[name.strip() for name in options.by.split(",") if name.strip()],
            format=options.format,
            where=_chosen(options.filter, as_of, settings),
            as_of=as_of,
            params=dict(options.set),
            site=site_in_force(store, settings.site, ACTOR),
            actor=ACTOR,
        )
    if options.output:
        _write(options.output, content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return 0


def _chosen(query: str, as_of: datetime | None, settings: Settings) -> Restriction | None:
    """The calls that a page with this address would count; without one all of them."""
    from dashboard.filters import read_query
    from data.journal.selection import restriction

    now = datetime.now(UTC)
    asked = read_query(query, zone=settings.site.zone, now=now)
    return restriction(asked.filter, actor=ACTOR, site=settings.site, as_of=as_of or now)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}. Choose another --output.") from None
