"""Imports that are under way: an uploaded file each, checked and taken by a thread that can be asked and stopped.

They live in the memory of the web process; after a restart the file is chosen again, which does no harm,
since taking a file twice changes nothing.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

import structlog

from data.client_import.columns import Mapped
from data.client_import.files import Row, Table, open_table
from data.client_import.taking import Taken, take
from data.errors import BadInput, CallboardError, NotFound
from data.identity.actor import Actor
from data.settings import Site
from data.store.protocol import Store

log = structlog.get_logger()

_KEPT_S = 3600
_MOST_OF_ONE = 3  # imports that one user may have open
_MOST = 20


class Stage(StrEnum):
    READY = "ready"  # columns are known
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


_BUSY = frozenset({Stage.CHECKING, Stage.RUNNING})


@dataclass(slots=True, kw_only=True)
class Import:
    """One file of one user."""

    import_id: str
    user: str
    name: str
    folder: tempfile.TemporaryDirectory[str]
    table: Table
    total: int
    first: tuple[Row, ...]  # rows to look at
    touched: float
    stage: Stage = Stage.READY
    mapped: Mapped = field(default_factory=dict)
    taken: Taken = field(default_factory=Taken)
    why: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Imports:
    """All imports of the process."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, Import] = {}

    def receive(self, actor: Actor, name: str, content: bytes) -> Import:
        """Keep the file and read its columns. Raises BadInput for a file that cannot be read, or too many."""
        self._forget_old()
        with self._lock:
            mine = [one for one in self._known.values() if one.user == actor.user]
            if len(self._known) >= _MOST or sum(one.stage in _BUSY for one in mine) >= _MOST_OF_ONE:
                raise BadInput("Too many imports are open. Wait until one of them is done.")
            for one in sorted(mine, key=lambda one: one.touched)[: max(0, len(mine) - _MOST_OF_ONE + 1)]:
                if one.stage not in _BUSY:
                    self._drop(one)
        folder = tempfile.TemporaryDirectory(prefix="callboard-import-")
        try:
            path = Path(folder.name) / "table"
            path.write_bytes(content)
            table = open_table(path)
            first: list[Row] = []
            total = 0
            for total, (_, cells) in enumerate(table.rows(), 1):  # noqa: B007
                if len(first) < 5:
                    first.append(cells)
        except BaseException:
            folder.cleanup()
            raise
        made = Import(
            import_id=str(uuid4()),
            user=actor.user,
            name=name[:120],
            folder=folder,
            table=table,
            total=total,
            first=tuple(first),
            touched=self._monotonic(),
        )
        with self._lock:
            self._known[made.import_id] = made
        return made

    def find(self, actor: Actor, import_id: str) -> Import:
        """The user's own import. Raises NotFound."""
        with self._lock:
            found = self._known.get(import_id)
            if found is None or found.user != actor.user:
                raise NotFound("There is no such import any more. Choose the file again.")
            found.touched = self._monotonic()
            return found

    def start(
        self,
        store: Store,
        actor: Actor,
        found: Import,
        *,
        site: Site,
        clock: Callable[[], datetime],
        write: bool,
    ) -> None:
        """Check the rows, or take them, in a thread. Raises BadInput while it is at work already."""
        with self._lock:
            if found.stage in _BUSY:
                raise BadInput("This import is at work already.")
            found.stage = Stage.RUNNING if write else Stage.CHECKING
            found.taken = Taken()
            found.stop.clear()

        def work() -> None:
            try:
                take(
                    store,
                    actor,
                    found.table,
                    found.mapped,
                    site=site,
                    clock=clock,
                    taken=found.taken,
                    write=write,
                    stopped=found.stop.is_set,
                )
                ended = Stage.DONE if write else Stage.CHECKED
                found.stage = Stage.STOPPED if found.stop.is_set() else ended
            except CallboardError as error:
                found.why, found.stage = str(error), Stage.FAILED
            except Exception:
                log.exception("import failed", import_id=found.import_id)
                found.why, found.stage = "see the log of the server", Stage.FAILED

        found.thread = threading.Thread(target=work, name="client-import", daemon=True)
        found.thread.start()

    def _forget_old(self) -> None:
        before = self._monotonic() - _KEPT_S
        with self._lock:
            for one in list(self._known.values()):
                if one.touched < before and one.stage not in _BUSY:
                    self._drop(one)

    def _drop(self, one: Import) -> None:
        del self._known[one.import_id]
        one.folder.cleanup()
