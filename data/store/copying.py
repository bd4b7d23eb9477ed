"""Copies that the store makes of itself: at their hour, proved, remembered with their result, and the old ones removed.

A night that was slept through is made up for as soon as the store runs again. A copy needs as much room as the
database; where there is not so much, none is tried, and the refusal is what is remembered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from data.disk import DiskGuard, Write
from data.errors import CallboardError
from data.identity.actor import system
from data.identity.copies import copy_users, users_of
from data.queries import read
from data.settings import Backups, Settings
from data.store.database import Database
from data.store.protocol import Statement, Topic

log = structlog.get_logger()

_ACTOR = system("store")
_LOOK_S = 20.0
_AGAIN = timedelta(hours=1)  # after a copy that failed
_NAME = "calls-*.duckdb"


def due_at(last_at: datetime | None, plan: Backups, zone: ZoneInfo, *, failed: bool = False) -> datetime | None:
    """When the next copy is due; a moment that is past: now. None: never. last_at: of the last try."""
    if plan.every_days == 0:
        return None
    if last_at is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    if failed:
        return last_at + _AGAIN
    hour, minute = map(int, plan.at.split(":"))
    local = last_at.astimezone(zone)
    at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if at <= local:
        at += timedelta(days=1)
    return (at + timedelta(days=plan.every_days - 1)).astimezone(UTC)


class Copying:
    """Makes the copies of one database; `step` is called every now and then."""

    def __init__(
        self,
        database: Database,
        settings: Callable[[], Settings],
        guard: DiskGuard,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._settings = settings
        self._guard = guard
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; whatever fails, the next look comes."""
        while not stop.wait(_LOOK_S):
            try:
                self.step()
            except Exception:
                log.exception("the look after the copies failed; the next one comes")

    def step(self) -> bool:
        """Make a copy if one is due; whether one was tried."""
        settings = self._settings()
        tried = self._database.query(read("backups/last"), actor=_ACTOR).to_pylist()
        last = tried[0] if tried else None
        due = due_at(
            last["made_at"] if last else None,
            settings.backup,
            settings.site.zone,
            failed=bool(last and last["error"]),
        )
        now = self._clock()
        if due is None or now < due or not self._has_data():
            return False
        self.make(now, keep=settings.backup.keep)
        return True

    def make(self, now: datetime, *, keep: int) -> Path | None:
        """One copy now; its file, or None where it failed: then the reason is kept and logged."""
        begun = time.monotonic()
        values: dict[str, object] = {"made_at": now, "file": None, "bytes": None, "took_s": None, "error": None}
        made: Path | None = None
        try:
            self._guard.require(Write.BACKUPS, bytes_needed=self._database.path.stat().st_size)
            made = self._database.backup(actor=_ACTOR)
            copy_users(self._database.path.parent, made)
            values |= {"file": str(made), "bytes": made.stat().st_size, "took_s": time.monotonic() - begun}
            log.info("backup made, opened and counted", file=str(made), bytes=values["bytes"])
            remove_old(self._database.backups, keep)
        except (CallboardError, OSError) as error:
            values["error"] = str(error)
            log.error("no backup could be made", reason=str(error))
        step = Statement(name="backup_insert", params=values, expect_rows=1)
        self._database.transact([step], actor=_ACTOR, touches={Topic.LINK: ()})
        return made if values["error"] is None else None

    def _has_data(self) -> bool:
        return bool(self._database.query(read("backups/worth"), actor=_ACTOR)["worth"][0].as_py())


def remove_old(backups: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` copies, and their users; what was removed."""
    copies = sorted(backups.glob(_NAME))
    gone = []
    for leftover in backups.glob(".calls-*"):  # of a copy that a kill ended
        leftover.unlink()
    for copy in copies[: max(0, len(copies) - keep)]:
        for file in (copy, users_of(copy)):
            if file.exists():
                file.unlink()
                gone.append(file)
    if gone:
        log.info("old backups removed", files=[file.name for file in gone])
    return gone
