"""The users beside a copy of the calls: copied with it while they log in and out, and brought back with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from data.errors import DatabaseUnusable
from data.store.files import IDENTITY

_BESIDE = ("", "-wal", "-shm")  # the file, and what SQLite keeps next to it while it is in use


def users_of(backup: Path) -> Path:
    """Where the users of a copy of the calls lie: `identity-….sqlite` beside `calls-….duckdb`."""
    return backup.with_name(backup.stem.replace("calls-", "identity-", 1) + ".sqlite")


def copy_users(data: Path, backup: Path) -> Path | None:
    """The users as of one moment, beside the copy of the calls; None where they live on another machine.

    Raises DatabaseUnusable.
    """
    source = data / IDENTITY
    if not source.exists():
        return None
    target = users_of(backup)
    _copy(source, target)
    return target


def restore_users(data: Path, backup: Path) -> tuple[Path | None, Path | None]:
    """Put the users that lie beside `backup` in the place of the present ones: whence they came, where those are now.

    (None, None) where there are none beside it: then they stay. Nobody stays logged in, so that a session that was
    ended since does not come back. Raises DatabaseUnusable; then nothing was changed.
    """
    source = users_of(backup)
    if not source.exists():
        return None, None
    arriving = data / f".{IDENTITY}.arriving"
    try:
        _copy(source, arriving)
        with closing(sqlite3.connect(arriving)) as users, users:
            users.execute("delete from user_session")
    except (sqlite3.Error, DatabaseUnusable):
        arriving.unlink(missing_ok=True)
        raise DatabaseUnusable(
            f"{source} is no copy of users and was not put in place: the users are as they were."
        ) from None
    kept = _put_aside(data / IDENTITY)
    arriving.rename(data / IDENTITY)
    return source, kept


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as present,
            closing(sqlite3.connect(target)) as copy,
        ):
            present.backup(copy)
            if copy.execute("pragma integrity_check").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("the copy is not whole")
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise DatabaseUnusable(f"{source} cannot be copied: {error}. Restore it from an earlier backup.") from None


def _put_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"identity.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}.sqlite")
    for beside in _BESIDE:
        file = database.with_name(database.name + beside)
        if file.exists():
            file.rename(kept.with_name(kept.name + beside))
    return kept
