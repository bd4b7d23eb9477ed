"""`backup` and `restore`: copies of the database, taken while it is in use."""

from __future__ import annotations

import argparse
import shutil
from datetime import UTC, datetime
from pathlib import Path

from commands import Add, say
from data.errors import StoreError
from data.identity.actor import system
from data.settings import Settings
from data.store.protocol import Statement, Topic


def register(add: Add) -> None:
    command = add("backup", backup, "copy the database, also while it is in use")
    command.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="where to (the folder backups/ of the data)"
    )
    command = add("restore", restore, "put the copy FILE in the place of the present database")
    command.add_argument("file", type=Path, metavar="FILE")


def backup(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.opening import open_store

    target: Path | None = options.file
    if target is not None and target.exists():
        raise StoreError(f"{target} is there already. Choose another name, or remove it first.")
    begun = datetime.now(UTC)
    with open_store(settings) as store:
        made = store.backup(actor=system("backup"))
        kept = {"made_at": begun, "file": str(target or made), "bytes": made.stat().st_size, "error": None}
        kept["took_s"] = (datetime.now(UTC) - begun).total_seconds()
        step = Statement(name="backup_insert", params=kept, expect_rows=1)
        store.transact([step], actor=system("backup"), touches={Topic.LINK: ()})
    if target is not None:
        made = Path(shutil.move(made, target))
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB, opened and counted.")
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    from data.store.backup import restore as put_back

    aside = put_back(settings.data, options.file)
    say(f"{options.file} is in place." + (f" The former database is kept as {aside}." if aside else ""))
    return 0
