"""`backup` and `restore`: copies of the calls and the users, taken while they are in use."""

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
    command = add("backup", backup, "copy calls and users, also while they are in use")
    command.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="where to (the folder backups/ of the data)"
    )
    command = add("restore", restore, "put the copy FILE, and the users beside it, in the place of the present ones")
    command.add_argument("file", type=Path, metavar="FILE")


def backup(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.copies import copy_users
    from data.store.opening import open_store

    target: Path | None = options.file
    if target is not None and target.exists():
        raise StoreError(f"{target} is there already. Choose another name, or remove it first.")
    begun = datetime.now(UTC)
    with open_store(settings) as store:
        made = store.backup(actor=system("backup"))
        if target is not None:
            made = Path(shutil.move(made, target))
        users = copy_users(settings.data, made)
        kept = {"made_at": begun, "file": str(made), "bytes": made.stat().st_size, "error": None}
        kept["took_s"] = (datetime.now(UTC) - begun).total_seconds()
        step = Statement(name="backup_insert", params=kept, expect_rows=1)
        store.transact([step], actor=system("backup"), touches={Topic.LINK: ()})
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB, opened and counted.")
    say(f"{users}: the users." if users else "The users live elsewhere; they are not in this copy.")
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    from data.identity.copies import restore_users
    from data.store.backup import restore as put_back

    aside = put_back(settings.data, options.file)
    say(f"{options.file} is in place." + (f" The former database is kept as {aside}." if aside else ""))
    users, former = restore_users(settings.data, options.file)
    if users is None:
        say("No users lie beside it: they are as they were.")
        return 0
    say(
        f"{users} is in place: users, passwords and rights of that day; who was locked since must be locked again. "
        "Everybody logs in anew." + (f" The former users are kept as {former}." if former else "")
    )
    return 0
