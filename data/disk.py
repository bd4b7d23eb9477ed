"""The disk of a data folder: how full it is, what that stops, and what it is told by.

A disk that fills up is told first; then the writes that can wait stop one by one, the least needed first. Facts
and the journal go on to the last byte: what they do on a full disk is theirs to say (docs/operations.md).
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from data.errors import DiskFull
from data.settings import Disk

log = structlog.get_logger()

_LOOK_S = 5.0
_RESUME = 1.1  # a write that stopped goes on with a tenth more room than it stopped at: no flapping


class Write(StrEnum):
    """Writes that can wait, the least needed first."""

    PEAKS = "peaks"  # curves of recordings, copies of remote ones: made once there is room
    EVENTS = "events"  # events of calls in the database: the journal has them
    EXPORTS = "exports"  # files that people ask for, and those that they send
    BACKUPS = "backups"  # a copy as large as the database; what there are already stay


# Of the free share at which stopping begins.
STOPS_AT = {Write.PEAKS: 1.0, Write.EVENTS: 0.8, Write.EXPORTS: 0.6, Write.BACKUPS: 0.4}


class Level(StrEnum):
    """How a disk does, from good to bad."""

    GOOD = "good"
    LOW = "low"  # told, nothing stops yet
    SCARCE = "scarce"  # writes that can wait stop
    READ_ONLY = "read_only"  # nothing can be written at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a disk has. stopped: the writes that wait."""

    total_bytes: int
    free_bytes: int
    level: Level
    stopped: frozenset[Write] = frozenset()

    @property
    def free_share(self) -> float:
        return self.free_bytes / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine says of a disk. free: for this account."""

    total_bytes: int
    free_bytes: int
    is_read_only: bool = False


def judge(reading: Reading, limits: Disk, before: frozenset[Write] = frozenset()) -> Room:
    """What `reading` means. before: what was stopped until now."""
    share = reading.free_bytes / reading.total_bytes if reading.total_bytes else 0.0
    stop = limits.stop_free_percent / 100
    stopped = frozenset(
        write for write, part in STOPS_AT.items() if share < stop * part * (_RESUME if write in before else 1.0)
    )
    level = Level.SCARCE if stopped else Level.LOW if share < limits.warn_free_percent / 100 else Level.GOOD
    if reading.is_read_only:
        level, stopped = Level.READ_ONLY, frozenset(Write)
    return Room(total_bytes=reading.total_bytes, free_bytes=reading.free_bytes, level=level, stopped=stopped)


def read_disk(folder: Path) -> Reading:
    """Of the disk that holds `folder`, or where it would come to lie."""
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    usage = shutil.disk_usage(place)
    return Reading(usage.total, usage.free, bool(os.statvfs(place).f_flag & os.ST_RDONLY))


class DiskGuard:
    """Watches the disk of one folder; any thread may ask. A change is logged once, and told to `changed`."""

    def __init__(
        self,
        folder: Path,
        limits: Callable[[], Disk],
        *,
        read: Callable[[Path], Reading] = read_disk,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[Room], None] = lambda room: None,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._read = read
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        self._looked_at = -_LOOK_S
        self._room: Room | None = None
        self._was: tuple[Level, frozenset[Write]] = (Level.GOOD, frozenset())

    def room(self) -> Room:
        """The disk as it was seen at most five seconds ago."""
        with self._lock:
            if self._room is None or self._clock() - self._looked_at >= _LOOK_S:
                self._looked_at = self._clock()
                before = self._room.stopped if self._room else frozenset()
                self._room = judge(self._read(self._folder), self._limits(), before)
            room, was = self._room, self._was
            self._was = (room.level, room.stopped)
        if self._was != was:
            self._tell(room, was[0])
        return room

    def allows(self, write: Write) -> bool:
        """Whether there is room for a write that can wait."""
        return write not in self.room().stopped

    def has_room(self, write: Write, bytes_needed: int) -> bool:
        """Whether a write of so many bytes leaves what the journal and the facts need."""
        room = self.room()
        spare = room.free_bytes - room.total_bytes * self._limits().stop_free_percent / 100 * STOPS_AT[write]
        return write not in room.stopped and (not bytes_needed or bytes_needed <= spare)

    def require(self, write: Write, *, bytes_needed: int = 0) -> None:
        """Raises DiskFull where the write must wait, or would use up what the journal and the facts need."""
        if not self.has_room(write, bytes_needed):
            room = self.room()
            need = f", and {_mega(bytes_needed)} are needed" if bytes_needed else ""
            raise DiskFull(
                f"The disk of {self._folder} has {_mega(room.free_bytes)} left ({room.free_share:.1%}){need}: "
                f"{write} wait until there is more. Free some space, or change disk.stop_free_percent."
            )

    def _tell(self, room: Room, was: Level) -> None:
        said = {
            "folder": str(self._folder),
            "free_bytes": room.free_bytes,
            "free_percent": round(room.free_share * 100, 1),
            "stopped": sorted(write.value for write in room.stopped),
        }
        if room.level is Level.GOOD:
            log.info("the disk has room again", **said)
        elif room.level is Level.LOW:
            log.warning("the disk fills up; free some space", **said)
        elif room.level is Level.READ_ONLY:
            log.error("the disk can only be read; mount it for writing", **said)
        else:
            log.error("the disk is nearly full; writes that can wait stop", **said)
        self._changed(room)


def _mega(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
