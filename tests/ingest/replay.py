"""A PBX for tests: the replay tool as a server of its own, in a process of its own."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from data.settings import Pbx

_STAMP = re.compile(rb"Timestamp: (\d+\.\d+)")
TOOL = Path(__file__).parents[1] / "tools" / "ami_replay.py"
SHARED = Path(__file__).parents[3] / "shared" / "captures"


def capture(name: str) -> Path:
    """A folder of the captures; the test is skipped where they are not at hand."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the capture {name} is not at hand: {folder} is missing")
    return folder


def of_today(events: Path, folder: Path) -> Path:
    """The same stream as if it happened just now: the PBX and we agree on the time."""
    data = gzip.decompress(events.read_bytes())
    stamps = [float(stamp) for stamp in _STAMP.findall(data)]
    ahead = time.time() - max(stamps)
    target = folder / "events.ami"
    target.write_bytes(_STAMP.sub(lambda found: b"Timestamp: %.6f" % (float(found[1]) + ahead), data))
    return target


@dataclass
class Replay:
    """A server that runs."""

    port: int
    process: subprocess.Popen[str]
    done: dict[str, Any] = field(default_factory=dict)

    def settings(self, **more: Any) -> Pbx:
        """The PBX as our settings name it."""
        values = {"host": "127.0.0.1", "port": self.port, "user": "replay", "secret": "replay", "ping_seconds": 5.0}
        return Pbx(**{**values, **more})

    def stop(self) -> dict[str, Any]:
        """End it; what it counted."""
        if not self.done:
            self.process.terminate()
            self.wait()
        return self.done

    def wait(self, seconds: float = 60.0) -> dict[str, Any]:
        """Wait until it ends by itself; what it counted."""
        output, _ = self.process.communicate(timeout=seconds)
        self.done = json.loads(output.partition("done ")[2] or "{}")
        return self.done


@contextmanager
def replaying(*captures: Path, speed: str = "max", options: tuple[str, ...] = ()) -> Iterator[Replay]:
    """Serve captures on a free port."""
    command = [sys.executable, str(TOOL), *map(str, captures), "--speed", speed, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    replay = Replay(port=int(line.rpartition(":")[2]), process=process)
    try:
        yield replay
    finally:
        replay.stop()
