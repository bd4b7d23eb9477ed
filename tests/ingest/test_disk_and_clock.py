"""What a full disk, a read-only disk and a clock that jumps cost the stream and the calls: nothing."""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from data.settings import JournalSettings
from ingest.assembler import Office
from ingest.journal import Journal
from ingest.replay import replay_calls
from ingest.stream import Message
from tests.ingest.test_journal import NOON, FullDisk, event, numbers, read_all
from tests.ingest.waiting import wait_until

SCENARIOS = Path(__file__).parents[1] / "scenarios"
HOUR = 3600.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "pbx", JournalSettings(fsync_seconds=0.0), retry_s=0.01)
    opened.start()
    opened.begin(NOON)
    yield opened
    opened.close()


def test_a_disk_that_becomes_read_only_is_said_and_loses_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(NOON, event(0))
    wait_until(lambda: journal.drained)
    usual = os.pwrite

    def refuse(*_: Any) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "pwrite", refuse)
    with structlog.testing.capture_logs() as logs:
        journal.append(NOON + 1, event(1))
        wait_until(lambda: journal.is_failing)
        wait_until(lambda: any(log.get("reason") == "Read-only file system" for log in logs))
        waiting = journal.waiting_bytes
        monkeypatch.setattr(os, "pwrite", usual)
        wait_until(lambda: journal.drained)
        wait_until(lambda: not journal.is_failing)
    journal.close()

    assert waiting == len(event(1))
    assert logs[-1]["event"] == "journal is written again"
    assert numbers(read_all(journal.folder)) == [0, 1]


def test_the_journal_says_that_it_fails_as_long_as_it_does(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(monkeypatch)
    disk.room = 0
    journal.append(NOON, event(0))
    wait_until(lambda: journal.is_failing)
    disk.room = None

    wait_until(lambda: not journal.is_failing)

    assert journal.dropped_bytes == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of two megabytes, where this account may mount one."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "callboard-test", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_on_a_real_full_disk_the_stream_waits_in_memory_and_is_whole_afterwards(small_disk: Path) -> None:
    journal = Journal(small_disk / "pbx", JournalSettings(fsync_seconds=0.0), retry_s=0.01)
    journal.start()
    journal.begin(NOON)
    journal.append(NOON, event(0))
    wait_until(lambda: journal.drained)
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(b"x" * 65_536)
            file.flush()

    for number in range(1, 40):
        journal.append(NOON + number, event(number, size=10_000))
    wait_until(lambda: journal.is_failing)
    ballast.unlink()
    wait_until(lambda: journal.drained)
    journal.close()

    assert numbers(read_all(journal.folder)) == list(range(40))
    assert journal.dropped_bytes == 0


@pytest.mark.parametrize("step_s", [-HOUR, -5.0, 5.0, HOUR])
def test_a_clock_that_jumps_leaves_the_stream_in_its_order(journal: Journal, step_s: float) -> None:
    journal.append(NOON, event(0))
    journal.append(NOON + 1 + step_s, event(1))
    journal.append(NOON + 2 + step_s, event(2))
    journal.append(NOON + 3, event(3))
    journal.close()

    items = read_all(journal.folder)
    assert numbers(items) == [0, 1, 2, 3]
    sequences = [item.sequence for item in items if isinstance(item, Message)]
    assert sequences == sorted(set(sequences))


@pytest.mark.parametrize("step_s", [-HOUR, HOUR])
@pytest.mark.parametrize("name", ["in_direct_answered", "transfer_blind_answered", "in_queue_abandoned"])
def test_our_clock_that_jumps_in_the_middle_of_a_call_changes_nothing_of_it(
    tmp_path: Path, name: str, step_s: float
) -> None:
    stepped = _stepped(SCENARIOS / name, tmp_path, "ours", step_s)

    calls, expected = (list(replay_calls([folder], Office())) for folder in (stepped, SCENARIOS / name))

    assert calls == expected


@pytest.mark.parametrize("step_s", [-HOUR, HOUR])
@pytest.mark.parametrize("name", ["in_direct_answered", "transfer_blind_answered", "in_queue_abandoned"])
def test_the_clock_of_the_pbx_that_jumps_costs_the_times_of_the_calls_that_go_on_and_nothing_else(
    tmp_path: Path, name: str, step_s: float
) -> None:
    stepped = _stepped(SCENARIOS / name, tmp_path, "of the PBX", step_s)

    calls, expected = (list(replay_calls([folder], Office())) for folder in (stepped, SCENARIOS / name))

    told = ("call_id", "direction", "outcome", "answered_by", "external_number", "queues", "transfers", "recordings")
    assert [[call[key] for key in told] for call in calls] == [[call[key] for key in told] for call in expected]
    seconds: list[Any] = [call[key] for call in calls for key in ("wait_s", "talk_s")]
    assert all(value is None or value >= 0 for value in seconds)


def _stepped(scenario: Path, target: Path, clock: str, step_s: float) -> Path:
    """The recorded stream, whose second half has another clock."""
    events = gzip.decompress((scenario / "events.ami.gz").read_bytes())
    head, *lines = gzip.decompress((scenario / "times.csv.gz").read_bytes()).decode().splitlines()
    if clock == "ours":
        half = len(lines) // 2
        parts = [line.split(",") for line in lines]
        later = [[offset, f"{float(at) + step_s:.6f}", *rest] for offset, at, *rest in parts[half:]]
        lines = [",".join(part) for part in (*parts[:half], *later)]
    else:
        half = len(events) // 2
        stamp = re.compile(rb"Timestamp: (\d+\.\d+)")
        events = events[:half] + stamp.sub(lambda found: b"Timestamp: %.6f" % (float(found[1]) + step_s), events[half:])
    (target / "events.ami.gz").write_bytes(gzip.compress(events))
    (target / "times.csv.gz").write_bytes(gzip.compress("\n".join([head, *lines, ""]).encode()))
    return target
