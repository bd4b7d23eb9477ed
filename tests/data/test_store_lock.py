"""One owner per folder: a second is refused and told of the first; a dead one is in nobody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.errors import DatabaseUnusable, StoreLocked
from data.settings import Settings
from data.store.lock import StoreLock
from data.store.opening import open_store
from tests.data.conftest import serving

HOLD = """
import sys
from pathlib import Path
from data.store.lock import StoreLock

with StoreLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "store.lock")]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_owner_is_told_who_the_first_is(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    try:
        with pytest.raises(StoreLocked) as refusal:
            StoreLock(tmp_path / "store.lock").acquire()
    finally:
        holder.communicate()

    assert f"process {holder.pid} on {os.uname().nodename}" in str(refusal.value)
    assert str(tmp_path) in str(refusal.value)
    assert "store.lock" in str(refusal.value), "the command of the first owner"


def test_a_killed_owner_leaves_no_lock_behind(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    with StoreLock(tmp_path / "store.lock"):
        text = (tmp_path / "store.lock").read_text()

    assert f'"pid": {os.getpid()}' in text


def test_rubbish_in_the_lock_file_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "store.lock").write_bytes(b"\xff\x00 not json")

    with StoreLock(tmp_path / "store.lock"), pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
        StoreLock(tmp_path / "store.lock").acquire()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DatabaseUnusable, match=r"file/store\.lock cannot be written: .*--data"):
        StoreLock(tmp_path / "file" / "store.lock").acquire()


def test_a_second_store_on_the_folder_is_refused(settings: Settings) -> None:
    with serving(settings), pytest.raises(StoreLocked, match=f"process {os.getpid()}"), serving(settings):
        pass


def test_a_command_is_told_which_other_command_has_the_folder(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.store.opening.WAIT_S", 0.1)

    with (
        StoreLock(settings.data / "store.lock"),
        pytest.raises(StoreLocked, match=f"process {os.getpid()}"),
        open_store(settings),
    ):
        pass
