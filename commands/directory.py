"""`import directory`: employees, queues, lines, channels and hours from a file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import say
from data.identity.actor import system
from data.settings import Settings

_SHOWN = 20


def register_directory(kinds: Any) -> None:
    """kinds: the kinds of `import`."""
    text = "employees, queues, lines, channels and hours: a CSV, Excel or TOML file (docs/directory.md)"
    one = kinds.add_parser("directory", help=text, description=f"{text[0].upper()}{text[1:]}.")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="data folder (var/)")
    one.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file")
    one.add_argument("--pbx", help="the codes and extensions are this PBX's (of every PBX)")
    one.set_defaults(run=import_directory)


def import_directory(options: argparse.Namespace, settings: Settings) -> int:
    """Exit status 1: some rows could not be used; the others are in."""
    from data.services.directory import take_in
    from data.services.directory_entries import Source
    from data.store.opening import open_store
    from ingest.imports.directory_file import read_directory_file

    found = read_directory_file(options.file, settings.site)
    with open_store(settings) as store:
        actor, now = system("import"), datetime.now(UTC)
        made = take_in(store, actor, found.entries, source=Source.FILE, pbx=options.pbx, now=now)
    say(
        f"{found.rows} rows: {made.added} new, {made.changed} changed, {made.same} as they were, "
        f"{made.kept} kept as people typed them, {len(found.bad)} cannot be used."
    )
    for bad in found.bad[:_SHOWN]:
        say(f"  {options.file.name}, {bad.place}: {bad.reason}  [{bad.raw[:120]}]")
    if len(found.bad) > _SHOWN:
        say(f"  … and {len(found.bad) - _SHOWN} more.")
    return 1 if found.bad else 0
