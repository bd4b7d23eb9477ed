"""Copies that the store makes of itself: at their hour, with the users, remembered, and never without room."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from data.disk import DiskGuard, Reading
from data.errors import DatabaseUnusable
from data.identity.actor import Role, system
from data.identity.copies import restore_users
from data.identity.database import open_identity
from data.identity.sessions import Sessions
from data.identity.users import Users
from data.settings import Backups, Settings
from data.store.copying import Copying, due_at
from data.store.database import Database
from tests.data.facts import INGEST, batch, call_row, ids_of

NIGHT = datetime(2026, 11, 20, 0, 20, tzinfo=UTC)  # 03:20 in Moscow
ZONE = Settings().site.zone


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [
        (NIGHT, 1, NIGHT + timedelta(days=1)),
        (NIGHT - timedelta(minutes=1), 1, NIGHT),
        (NIGHT + timedelta(hours=9), 1, NIGHT + timedelta(days=1)),
        (NIGHT, 7, NIGHT + timedelta(days=7)),
        (NIGHT, 0, None),
    ],
)
def test_the_next_copy_is_due_at_its_hour(last: datetime, days: int, due: datetime | None) -> None:
    assert due_at(last, Backups(every_days=days), ZONE) == due


class Keeper:
    """A database with a call in it, whose clock and disk a test sets."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.now = NIGHT
        self.free_bytes = 900 << 20
        self.settings = Settings(data=folder, backup=Backups(keep=2))
        self.folder, self.database = folder, database
        guard = DiskGuard(folder, lambda: self.settings.disk, read=lambda _: Reading(1 << 30, self.free_bytes))
        guard_clock = iter(range(0, 10_000, 10))
        guard._clock = lambda: float(next(guard_clock))
        self.copying = Copying(database, lambda: self.settings, guard, clock=lambda: self.now)
        database.write_facts(batch([call_row("a")]), actor=INGEST)

    def tries(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.database.query(
            "select * from backup order by made_at", actor=system("test")
        ).to_pylist()
        return rows

    def files(self, pattern: str = "calls-*") -> list[Path]:
        return sorted((self.folder / "backups").glob(pattern))


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    with Database(tmp_path, memory_limit="512MB", readers=2) as database:
        yield Keeper(tmp_path, database)


def test_the_first_copy_comes_at_once_and_the_next_at_its_hour(keeper: Keeper) -> None:
    steps = [keeper.copying.step(), keeper.copying.step()]
    keeper.now += timedelta(days=1, minutes=1)
    steps.append(keeper.copying.step())

    assert steps == [True, False, True]
    assert [(row["error"], Path(row["file"]).stat().st_size == row["bytes"]) for row in keeper.tries()] == [
        (None, True),
        (None, True),
    ]


def test_the_users_are_copied_beside_the_calls(keeper: Keeper) -> None:
    Users(keeper.settings).ensure("anna", password="a long password", role=Role.SUPERVISOR, name="Анна")

    keeper.copying.step()

    (copy,) = keeper.files("identity-*.sqlite")
    with sqlite3.connect(copy) as users:
        assert users.execute("select login from app_user").fetchall() == [("anna",)]
    assert copy.stat().st_mode & 0o077 == 0


def test_users_come_back_with_the_copy_and_nobody_stays_logged_in(keeper: Keeper) -> None:
    users, sessions = Users(keeper.settings), Sessions(keeper.settings)
    users.add("anna", password="a long password", role=Role.SUPERVISOR, name="Анна")
    anna = users.find("anna")
    assert anna is not None
    secret = sessions.open(anna).secret
    keeper.copying.step()
    users.add("ivan", role=Role.MANAGER, name="Иван")
    open_identity(keeper.settings).dispose()

    came, kept = restore_users(keeper.folder, keeper.files()[0])

    open_identity(keeper.settings).dispose()
    assert came == keeper.files("identity-*")[0]
    assert [user.login for user in users.list()] == ["anna"]
    assert users.check("anna", "a long password") is not None
    assert sessions.find(secret) is None
    assert kept is not None
    with sqlite3.connect(kept) as former:
        assert former.execute("select login from app_user order by 1").fetchall() == [("anna",), ("ivan",)]
    assert (keeper.folder / "identity.sqlite").stat().st_mode & 0o077 == 0


def test_what_is_no_copy_of_users_changes_nothing(keeper: Keeper) -> None:
    users = Users(keeper.settings)
    users.add("anna", role=Role.SUPERVISOR, name="Анна")
    keeper.copying.step()
    keeper.files("identity-*")[0].write_bytes(b"no database")

    with pytest.raises(DatabaseUnusable, match=r"identity-.*as they were"):
        restore_users(keeper.folder, keeper.files()[0])

    assert [user.login for user in users.list()] == ["anna"]
    assert restore_users(keeper.folder, keeper.folder / "calls-other.duckdb") == (None, None)


def test_the_commands_copy_and_bring_back_calls_and_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, data = Settings(data=tmp_path / "var"), ["--data", str(tmp_path / "var")]
    Users(settings).add("anna", role=Role.SUPERVISOR, name="Анна")
    with Database(settings.data, memory_limit="512MB", readers=2) as database:
        database.write_facts(batch([call_row("a")]), actor=INGEST)

    made = app.main(["backup", str(tmp_path / "friday.duckdb"), *data])
    shutil.rmtree(settings.data)
    open_identity(settings).dispose()
    brought = app.main(["restore", str(tmp_path / "friday.duckdb"), *data])

    assert (made, brought) == (0, 0)
    assert "Everybody logs in anew" in capsys.readouterr().out
    assert [user.login for user in Users(settings).list()] == ["anna"]
    with Database(settings.data, memory_limit="512MB", readers=2) as database:
        assert ids_of(database) == ["a"]


def test_old_copies_go_after_a_new_one_was_proved(keeper: Keeper) -> None:
    for _ in range(4):
        keeper.copying.step()
        keeper.now += timedelta(days=1)

    assert len(keeper.files()) == 2
    assert keeper.files()[-1] == Path(keeper.tries()[-1]["file"])


def test_without_room_no_copy_is_tried_the_reason_is_kept_and_it_is_made_up_for(keeper: Keeper) -> None:
    keeper.copying.step()
    kept = keeper.files()
    keeper.free_bytes = 1 << 20
    keeper.now += timedelta(days=1)
    refused = keeper.copying.step()
    too_early = keeper.copying.step()
    keeper.free_bytes = 900 << 20
    keeper.now += timedelta(hours=2)
    again = keeper.copying.step()

    assert (refused, too_early, again) == (True, False, True)
    assert [row["error"] is None for row in keeper.tries()] == [True, False, True]
    assert "backups wait" in keeper.tries()[1]["error"]
    assert kept[0] in keeper.files()


def test_an_empty_database_is_not_copied(tmp_path: Path) -> None:
    with Database(tmp_path, memory_limit="512MB", readers=2) as database:
        guard = DiskGuard(tmp_path, lambda: Settings().disk)
        copying = Copying(database, Settings, guard, clock=lambda: NIGHT)

        assert not copying.step()
