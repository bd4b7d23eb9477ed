"""Keeps the list of files that belong to no recording, and gives those to their call whose name tells it.

Every hour one walk through the folders. FreePBX and others write the unique id of a channel at the end of a name:
where exactly one call had that channel, the file becomes its recording.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog

from data.errors import StoreError
from data.queries import read
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic
from ingest.recordings import ACTOR
from ingest.sound_files import stem_of
from ingest.sound_lists import orphans

log = structlog.get_logger()

_FIRST_PAUSE_S, _PAUSE_S = 60.0, 3600.0
_BATCH = 2_000  # files
_MOST = 100_000  # files in the list
_UNIQUEID = re.compile(r"(?:^|[-_.])(\d{9,10}\.\d{1,9})$")
_NEAR = timedelta(days=1)  # a channel is younger than its call, by no more than this


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    size: int
    modified_at: datetime


class OrphanKeeper:
    """Walks through the folders of one store."""

    def __init__(self, store: Store, roots: Sequence[Path], *, patience: timedelta) -> None:
        self._store = store
        self._roots = roots
        self._patience = patience

    @classmethod
    def of(cls, settings: Settings, store: Store) -> OrphanKeeper:
        patience = timedelta(minutes=settings.recordings.patience_minutes)
        return cls(store, settings.recording_roots, patience=patience)

    def run(self, stop: threading.Event) -> None:
        """Walk after walk until `stop` is set."""
        pause = _FIRST_PAUSE_S
        while not stop.wait(pause):
            pause = _PAUSE_S
            try:
                self.walk(datetime.now(UTC))
            except StoreError as error:
                pause = _FIRST_PAUSE_S
                log.warning("the store is away; files without a recording are listed later", reason=str(error))
            except Exception:
                log.exception("a walk for files without a recording failed; the next one comes")

    def walk(self, now: datetime) -> int:
        """Bring the list up to date; how many files became recordings. Raises StoreError."""
        attached, listed = 0, 0
        found = orphans(self._store, ACTOR, self._roots, older_than=now - self._patience)
        files = (file for path in found if (file := _file(path)) is not None)
        while batch := list(islice(files, _BATCH)):
            owners = self._owners(batch)
            for file in batch:
                if (owner := owners.get(file.path)) is not None:
                    self._attach(file, *owner)
                    attached += 1
            rest = [file for file in batch if file.path not in owners][: _MOST - listed]
            listed += len(rest)
            self._list(rest, now)
        self._write([Statement(name="orphan_forget", params={"seen_at": now})])
        return attached

    def _owners(self, files: Sequence[_File]) -> dict[str, tuple[str, datetime]]:
        """By path the call whose channel a name tells, and when that channel began."""
        told = {file.path: name for file in files if (name := _uniqueid(file.path)) is not None}
        if not told:
            return {}
        begun = {name: datetime.fromtimestamp(int(name.partition(".")[0]), UTC) for name in told.values()}
        params = {
            "names": sorted(begun),
            "from_at": min(begun.values()) - _NEAR,
            "until_at": max(begun.values()) + _NEAR,
        }
        calls: dict[str, set[str]] = {}
        for row in self._store.query(read("recordings/owners"), params, actor=ACTOR).to_pylist():
            calls.setdefault(row["name"], set()).add(row["call_id"])
        return {
            path: (next(iter(calls[name])), begun[name]) for path, name in told.items() if len(calls.get(name, ())) == 1
        }

    def _attach(self, file: _File, call_id: str, begun_at: datetime) -> None:
        near = {"call_id": call_id, "from_at": begun_at - _NEAR, "until_at": begun_at + _NEAR}
        steps = [
            Statement(name="recording_attach", params=near | {"file": file.path}),
            Statement(name="call_recordings_count", params=near),
        ]
        self._store.transact(steps, actor=ACTOR, touches={Topic.CALLS: (call_id,)})
        log.info("a file became the recording of the call in its name", call_id=call_id)

    def _list(self, files: Sequence[_File], now: datetime) -> None:
        if not files:
            return
        params = {
            "paths": [file.path for file in files],
            "sizes": [file.size for file in files],
            "times": [file.modified_at for file in files],
            "seen_at": now,
        }
        self._write([Statement(name=name, params=params) for name in ("orphan_again", "orphan_insert")])

    def _write(self, steps: Sequence[Statement]) -> None:
        self._store.transact(steps, actor=ACTOR, touches={})


def _file(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:
        return None
    text = str(path).encode(errors="replace").decode()  # a mark for every byte that is no text
    return _File(text, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _uniqueid(path: str) -> str | None:
    found = _UNIQUEID.search(stem_of(Path(path).name))
    return found[1] if found is not None else None
