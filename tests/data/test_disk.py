"""A disk that fills up is told first, then stops what can wait, one after the other; all goes on when there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from data.disk import DiskGuard, Level, Reading, Room, Write, judge, read_disk
from data.errors import DiskFull
from data.settings import Disk

LIMITS = Disk(warn_free_percent=10, stop_free_percent=5)


@pytest.mark.parametrize(
    ("free", "level", "stopped"),
    [
        (50.0, Level.GOOD, []),
        (9.9, Level.LOW, []),
        (4.9, Level.SCARCE, ["peaks"]),
        (3.9, Level.SCARCE, ["events", "peaks"]),
        (2.9, Level.SCARCE, ["events", "exports", "peaks"]),
        (0.0, Level.SCARCE, ["backups", "events", "exports", "peaks"]),
    ],
)
def test_what_can_wait_stops_in_its_order(free: float, level: Level, stopped: list[str]) -> None:
    room = judge(Reading(total_bytes=1000, free_bytes=int(free * 10)), LIMITS)

    assert (room.level, sorted(room.stopped)) == (level, stopped)


def test_on_a_disk_that_can_only_be_read_everything_waits() -> None:
    room = judge(Reading(1000, 900, is_read_only=True), LIMITS)

    assert (room.level, room.stopped) == (Level.READ_ONLY, frozenset(Write))


class Machine:
    """A disk whose free space a test sets, and a clock."""

    def __init__(self, free_bytes: int) -> None:
        self.free_bytes = free_bytes
        self.at = 0.0
        self.heard: list[Room] = []
        self.guard = DiskGuard(
            Path("var"),
            lambda: LIMITS,
            read=lambda folder: Reading(1000, self.free_bytes),
            clock=lambda: self.at,
            changed=self.heard.append,
        )

    def after(self, seconds: float, free_bytes: int) -> Room:
        self.at += seconds
        self.free_bytes = free_bytes
        return self.guard.room()


def test_a_change_is_logged_and_told_once_and_the_way_back_too() -> None:
    machine = Machine(900)
    with structlog.testing.capture_logs() as logs:
        machine.after(0, 900)
        machine.after(6, 80)
        machine.after(6, 70)
        machine.after(6, 10)
        machine.after(6, 900)

    assert [line["event"].partition(";")[0] for line in logs] == [
        "the disk fills up",
        "the disk is nearly full",
        "the disk has room again",
    ]
    assert [room.level for room in machine.heard] == [Level.LOW, Level.SCARCE, Level.GOOD]


def test_a_write_goes_on_only_with_a_little_more_room_than_it_stopped_at() -> None:
    machine = Machine(900)

    stops = [machine.after(6, free).stopped for free in (49, 51, 56)]

    assert stops == [{Write.PEAKS}, {Write.PEAKS}, frozenset()]


def test_a_write_that_must_wait_is_refused_with_the_numbers_and_the_remedy() -> None:
    machine = Machine(10)

    with pytest.raises(DiskFull, match=r"1\.0%.*backups wait.*disk\.stop_free_percent"):
        machine.guard.require(Write.BACKUPS)


def test_a_write_that_would_use_up_the_rest_is_refused_before_it_begins() -> None:
    machine = Machine(300)
    machine.guard.require(Write.BACKUPS, bytes_needed=200)

    with pytest.raises(DiskFull, match="are needed"):
        machine.guard.require(Write.BACKUPS, bytes_needed=290)


def test_limits_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="the warning comes first"):
        Disk(warn_free_percent=1, stop_free_percent=5)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of four megabytes, where this account may mount one."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "callboard-test", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_real_disk_that_fills_up_and_is_cleared_again(small_disk: Path) -> None:
    at = iter(range(0, 1000, 10))
    guard = DiskGuard(small_disk, lambda: LIMITS, clock=lambda: float(next(at)))
    levels = [guard.room().level]
    file = small_disk / "filling"
    file.write_bytes(b"x" * 4_100_000)
    levels.append(guard.room().level)
    file.unlink()
    levels.append(guard.room().level)

    assert levels == [Level.GOOD, Level.SCARCE, Level.GOOD]


def test_a_real_disk_that_becomes_read_only_is_seen(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    assert read_disk(small_disk).is_read_only
    assert judge(read_disk(small_disk), LIMITS).level is Level.READ_ONLY
