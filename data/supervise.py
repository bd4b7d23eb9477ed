"""Keeps a family of processes running: starts them in order, restarts one that dies, stops them together.

A child is told three things: its standard input is a pipe that closes when the parent is gone,
`CALLBOARD_READY_FD` is a descriptor on which it says that it serves, and SIGTERM asks it to stop.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from data.errors import CallboardError

log = structlog.get_logger()

READY_FD = "CALLBOARD_READY_FD"
CANNOT_START = 2  # exit status of a process that a person must help: starting it again is no use
_STOP_S = 15.0
_LOOK_S = 0.2
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_HEALTHY_S = 60.0  # after so long a life, the next death is a new story: back-off starts again


class ChildFailed(CallboardError):
    """A process could not start; its own message was printed before."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the family: its name and how it is started."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs children until `stop` is set or one of them cannot start.

    stages: the children of a stage start together, when those of the stage before are ready.
    """

    def __init__(self, stages: Sequence[Sequence[Child]], *, stop: threading.Event) -> None:
        self._stages = stages
        self._stop = stop

    def run(self, on_ready: Callable[[], None] | None = None) -> None:
        """Serve until stopped. Raises ChildFailed where a child says that it cannot start."""
        family: list[_Running] = []
        try:
            for stage in self._stages:
                started = [_Running(child) for child in stage]
                family += started
                for running in started:
                    running.wait_ready(self._stop)
                if self._stop.is_set():
                    return
            if on_ready is not None:
                on_ready()
            while not self._stop.wait(_LOOK_S):
                for running in family:
                    running.look_after()
        finally:
            for running in reversed(family):
                running.end()


class _Running:
    """A child at work, through all its lives."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._deaths = 0
        self._start()

    def _start(self) -> None:
        ready, tell = os.pipe()
        # Ours to close as late as possible: a child that says "ready" to nobody gets a broken pipe.
        self._ready = os.fdopen(ready, "rb", buffering=0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                self._child.command,
                stdin=subprocess.PIPE,
                env={**os.environ, **self._child.env, READY_FD: str(tell)},
                pass_fds=(tell,),
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops the children in order
            )
        finally:
            os.close(tell)
        self._started = time.monotonic()
        self._restart_at: float | None = None

    def wait_ready(self, stop: threading.Event) -> None:
        """Wait until it serves, or `stop` is set. Raises ChildFailed where it dies before."""
        while not stop.is_set():
            if not select.select([self._ready], [], [], _LOOK_S)[0]:
                continue
            if not self._ready.read(1) and not stop.is_set():
                raise self._failed("could not start", self._process.wait())
            return

    def look_after(self) -> None:
        """Start it again if it died, later and later. Raises ChildFailed where that is no use."""
        if self._restart_at is not None:
            if time.monotonic() >= self._restart_at:
                self._ready.close()
                self._start()
            return
        status = self._process.poll()
        if status is None:
            return
        if status == CANNOT_START:
            raise self._failed("gave up", status)
        self._deaths = 1 if time.monotonic() - self._started > _HEALTHY_S else self._deaths + 1
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self._deaths - 1))
        self._restart_at = time.monotonic() + pause
        log.error("process died, starting it again", child=self._child.name, status=status, pause_s=pause)

    def end(self) -> None:
        """Ask it to stop, and make it stop if it does not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                log.error("process did not stop, killing it", child=self._child.name, after_s=_STOP_S)
                self._process.kill()
                self._process.wait()
        self._ready.close()

    def _failed(self, what: str, status: int) -> ChildFailed:
        return ChildFailed(f"{self._child.name} {what} (exit status {status}); its own message stands above.")


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        # In a thread of its own: the interrupted code may hold the very lock that set() needs.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop


def is_supervised() -> bool:
    """Whether a supervisor started this process, and keeps others beside it."""
    return READY_FD in os.environ


def tell_ready() -> None:
    """Say to a supervising parent, if there is one, that this process serves."""
    if number := os.environ.get(READY_FD):
        descriptor = int(number)
        os.write(descriptor, b"1")
        os.close(descriptor)


def stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when the supervising parent is gone, however it ended."""
    if not is_supervised():
        return

    def watch() -> None:
        # Not sys.stdin: a thread that waits in it keeps its lock, and the interpreter cannot end.
        while os.read(0, 1):
            pass
        stop.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
