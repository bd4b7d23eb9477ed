"""Libraries that others use for the manager interface, each measured in a throw-away environment of its own.

`environment()` makes the environment and installs the pinned peers; where one cannot be installed the
bench says so. This file is also the program that runs there: `python peers.py NAME PORT` prints what
it measured as one JSON object. It imports nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PINS = {"panoramisk": "panoramisk==1.4", "cacofonisk": "cacofonisk==0.7.10"}
_SECONDS = 120.0


@dataclass(frozen=True)
class Measured:
    """events: that the library told of; seconds and cpu_s from the login to the last event."""

    events: int
    seconds: float
    cpu_s: float


@contextmanager
def environment() -> Iterator[Path]:
    """The Python of an environment with nothing in it; it disappears afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        yield Path(folder) / "bin" / "python"


def install(python: Path, name: str) -> str | None:
    """Install one peer; the last words of pip where that fails."""
    words = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PINS[name]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["pip failed"])[-1]


def measured(python: Path, name: str, port: int) -> Measured:
    """Run one peer against the server at `port`. Raises subprocess errors."""
    words = [str(python), __file__, name, str(port)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=_SECONDS)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


# ---------------------------------------------------------------- the program in the environment


class _Count:
    """Counts events and stops at the last one."""

    def __init__(self) -> None:
        self.events = 0
        self.began, self.burnt = time.perf_counter(), time.process_time()

    def event(self, _manager: object, event: dict[str, str]) -> None:
        self.events += 1

    def result(self) -> str:
        seconds, cpu_s = time.perf_counter() - self.began, time.process_time() - self.burnt
        return json.dumps({"events": self.events, "seconds": seconds, "cpu_s": cpu_s})


def _panoramisk(port: int) -> None:
    import asyncio

    from panoramisk import Manager  # type: ignore[import-not-found]

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    count = _Count()
    manager = Manager(loop=loop, host="127.0.0.1", port=port, username="bench", secret="bench")
    manager.register_event("*", count.event)
    manager.register_event("BenchEnd", lambda *_: loop.call_soon(loop.stop))
    loop.run_until_complete(manager.connect())
    loop.run_forever()
    print(count.result())


def _cacofonisk(port: int) -> None:
    import asyncio

    asyncio.set_event_loop(asyncio.new_event_loop())
    from cacofonisk.reporters import BaseReporter  # type: ignore[import-not-found]
    from cacofonisk.runners.ami_runner import AmiRunner  # type: ignore[import-not-found]

    count = _Count()
    runner = AmiRunner([f"tcp://bench:bench@127.0.0.1:{port}"], BaseReporter())
    runner.attach_all()
    for manager in runner.ami_managers:
        manager.register_event("*", count.event)
        manager.register_event("BenchEnd", lambda *_: runner.loop.call_soon(runner.loop.stop))
    runner.loop.run_forever()
    print(count.result())


if __name__ == "__main__":
    {"panoramisk": _panoramisk, "cacofonisk": _cacofonisk}[sys.argv[1]](int(sys.argv[2]))
