"""The supervisor: order, restarts, stopping together, a child that cannot start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from data.supervise import Child, ChildFailed, Supervisor

ROOT = Path(__file__).parents[1]
WAIT_S = 60

SERVE = """
import sys, threading
sys.path.insert(0, {root!r})
from pathlib import Path
from data.supervise import stop_on_signals, stop_with_parent, tell_ready
stop = stop_on_signals()
stop_with_parent(stop)
import os
with open({log!r}, "a") as log:
    print("{name} up", os.getpid(), file=log)
tell_ready()
{act}
stop.wait()
with open({log!r}, "a") as log:
    print("{name} down", os.getpid(), file=log)
"""


def child(name: str, log: Path, act: str = "") -> Child:
    return Child(name, [sys.executable, "-c", SERVE.format(root=str(ROOT), log=str(log), name=name, act=act)])


def lines(log: Path) -> list[str]:
    return [line.rpartition(" ")[0] for line in log.read_text("utf-8").splitlines()]


def wait_for(log: Path, text: str, times: int = 1) -> None:
    waiting = threading.Event()
    for _ in range(WAIT_S * 20):
        if log.exists() and log.read_text("utf-8").count(text) >= times:
            return
        waiting.wait(0.05)
    raise AssertionError(
        f"{text!r} did not come {times} times: {log.read_text('utf-8') if log.exists() else 'nothing'}"
    )


def test_children_start_in_order_and_stop_in_the_opposite_one(tmp_path: Path) -> None:
    log, stop = tmp_path / "log", threading.Event()

    Supervisor([[child("store", log)], [child("web", log)]], stop=stop).run(on_ready=stop.set)

    assert lines(log) == ["store up", "web up", "web down", "store down"]


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    log, stop = tmp_path / "log", threading.Event()
    supervisor = Supervisor([[child("web", log)]], stop=stop)
    serves = threading.Event()
    running = threading.Thread(target=supervisor.run, args=(serves.set,))
    running.start()
    assert serves.wait(WAIT_S)  # who dies before that could not start

    os.kill(int(log.read_text("utf-8").split()[2]), signal.SIGKILL)
    wait_for(log, "web up", times=2)
    stop.set()
    running.join(WAIT_S)

    assert lines(log) == ["web up", "web up", "web down"]


def test_a_child_that_cannot_start_ends_the_family(tmp_path: Path) -> None:
    log = tmp_path / "log"
    broken = Child("web", [sys.executable, "-c", "raise SystemExit(2)"])

    with pytest.raises(ChildFailed, match=r"web could not start \(exit status 2\)"):
        Supervisor([[child("store", log)], [broken]], stop=threading.Event()).run()

    assert lines(log) == ["store up", "store down"]


def test_children_stop_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    one = child("store", log)
    program = (
        f"import sys, threading; sys.path.insert(0, {str(ROOT)!r})\n"
        "from data.supervise import Child, Supervisor\n"
        f"Supervisor([[Child('store', {list(one.command)!r})]], stop=threading.Event()).run()"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program])
    wait_for(log, "store up")

    supervisor.kill()
    supervisor.wait()

    wait_for(log, "store down")
