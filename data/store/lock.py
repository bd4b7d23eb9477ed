"""One owner per database: a lock that the kernel takes back when its holder dies.

The lock is `flock` on a file of its own, never on the database: closing any descriptor of the
database inside the owner would drop the lock that DuckDB holds on it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from data.errors import DatabaseUnusable, StoreLocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock, for the message to the second one."""

    pid: int
    host: str
    started_at: str
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, started {self.started_at}: {self.command}"


class StoreLock:
    """Held from `acquire` until `release` or the end of the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        """Raises StoreLocked, naming the holder, while another process has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise DatabaseUnusable(
                f"{self.path} cannot be written: {error.strerror}. Choose a folder of your own with --data."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            first = read_holder(self.path)
            os.close(descriptor)
            raise StoreLocked(
                f"{self.path.parent} already has an owner: {first or 'a process that just starts'}. "
                "Stop that one first, or use another folder with --data."
            ) from None
        # What a dead holder left in the file means nothing once the lock is ours.
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(_ourselves())).encode(), 0)
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        """Give it back; the file stays, since removing it would race with the next holder."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self if self._descriptor is not None else self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def read_holder(path: Path) -> Holder | None:
    """Who wrote its name into the lock file; None where nobody did, or not yet."""
    try:
        return Holder(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _ourselves() -> Holder:
    return Holder(
        pid=os.getpid(),
        host=socket.gethostname(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=" ".join(sys.orig_argv)[:300],
    )
