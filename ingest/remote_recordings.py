"""Recordings behind a web server: found by their address, fetched once to be measured, copies kept for a while.

Every recording without a file is asked for less and less often; a storage that does not answer is left in peace,
and tells nothing about its recordings.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import structlog

from data.errors import RecordingMissing, StorageAway, StoreError
from data.remote_storage import PREFIX, RemoteStorage, kept_copy, remote_storages, storage_of
from data.settings import Settings
from data.store.protocol import Store
from ingest.peaks import Sound, measure
from ingest.recordings import EXPECTED, MISSING, PRESENT, Changes, Row, Walk, found_at, newest
from ingest.sound_files import WrongName, checked, is_sound

log = structlog.get_logger()

_ASKED = 20  # recordings in a round
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=3)
_AWAY = timedelta(minutes=1)  # a storage that did not answer is left in peace
_CHECK_EVERY = timedelta(minutes=1)  # some of those that were found
_REMEMBERED = 20_000
_PAUSE_S, _TROUBLE_PAUSE_S = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class _Try:
    """When to ask for a recording again; the size that was told last."""

    due_at: datetime
    pause: timedelta
    size: int | None = None


class RemoteKeeper:
    """Looks after what lies in the storages of the settings."""

    def __init__(
        self,
        store: Store,
        storages: Mapping[str, RemoteStorage],
        *,
        data: Path,
        zone: tzinfo,
        cache_bytes: int,
        measure: Callable[[Path], Sound] = measure,
        has_room: Callable[[int], bool] = lambda size_bytes: True,
    ) -> None:
        """has_room: whether the disk has room for a copy of so many bytes; without it a recording waits."""
        self._store = store
        self._storages = storages
        self._data = data
        self._zone = zone
        self._cache_bytes = cache_bytes
        self._measure = measure
        self._has_room = has_room
        self._tries: dict[str, _Try] = {}
        self._away_until: dict[str, datetime] = {}
        self._walk, self._check = Walk(EXPECTED, MISSING), Walk(PRESENT)
        self._check_at = datetime(1, 1, 2, tzinfo=UTC)
        self._changes = Changes(store)

    @classmethod
    def of(
        cls, settings: Settings, store: Store, *, has_room: Callable[[int], bool] = lambda size_bytes: True
    ) -> RemoteKeeper:
        cache_bytes = int(settings.recordings.cache_mb * 1_000_000)
        storages = remote_storages(settings)
        data, zone = settings.data, settings.site.zone
        return cls(store, storages, data=data, zone=zone, cache_bytes=cache_bytes, has_room=has_room)

    def run(self, stop: threading.Event) -> None:
        """Round after round until `stop` is set; whatever happens in one, the next comes."""
        pause = _PAUSE_S
        while not stop.wait(pause):
            pause = _PAUSE_S
            try:
                self.look(datetime.now(UTC))
            except StoreError as error:
                pause = _TROUBLE_PAUSE_S
                log.warning("the store is away; remote recordings are looked for later", reason=str(error))
            except Exception:
                pause = _TROUBLE_PAUSE_S
                log.exception("a round through the remote recordings failed; the next one comes")
        for storage in self._storages.values():
            storage.close()

    def look(self, now: datetime) -> None:
        """One round. Raises StoreError; nothing is lost then."""
        self._changes.write()
        due = {row.recording_id: row for row in (*newest(self._store, now), *self._walk.next(self._store))}
        asked = 0
        for row in due.values():
            if asked < _ASKED and self._is_due(row, now):
                asked += 1
                self._seek(row, now)
        if now - self._check_at >= _CHECK_EVERY:
            self._check_at = now
            lying = [row for row in self._check.next(self._store) if row.path is not None]
            for row in [row for row in lying if row.path is not None and row.path.startswith(PREFIX)][:_ASKED]:
                self._check_on(row, now)
        self._changes.write()

    # ---------------------------------------------------------------- one recording

    def _is_due(self, row: Row, now: datetime) -> bool:
        known = self._tries.get(row.recording_id)
        return known is None or now >= known.due_at

    def _seek(self, row: Row, now: datetime) -> None:
        try:
            file = checked(row.file)
        except WrongName:
            self._later(row, now)  # the keeper of the folders says so
            return
        for storage in self._answering(now):
            path = storage.path_of(file, row.started_at, self._zone)
            if path is None or not is_sound(file.name):
                continue
            try:
                if self._take(row, storage, path, now):
                    return
            except RecordingMissing:
                continue
            except StorageAway as error:
                self._leave_in_peace(storage, error, now)
        self._later(row, now)

    def _take(self, row: Row, storage: RemoteStorage, path: str, now: datetime) -> bool:
        """Note what lies there, or that it is to be looked at once more; False: nothing does."""
        size = storage.size(path)
        if size == 0:
            return False
        if row.path == path and row.bytes == size:
            self._changes.note("recording_back", row)
            return True
        known = self._tries.get(row.recording_id)
        if size is not None and (known is None or known.size != size):
            self._remember(row, _Try(now + _FIRST_PAUSE, _FIRST_PAUSE, size))  # it may grow
            return True
        if not self._has_room(size if size is not None else storage.most_bytes):
            self._remember(row, _Try(now + _AWAY, _FIRST_PAUSE, size))
            return True
        copy = self._fetched(storage, path)
        sound = self._measure(copy)
        if size is not None and sound.size_bytes != size:
            self._remember(row, _Try(now + _FIRST_PAUSE, _FIRST_PAUSE, sound.size_bytes))
            return True
        self._tries.pop(row.recording_id, None)
        self._changes.note("recording_found", row, **found_at(path, sound))
        make_room(copy.parent, self._cache_bytes)
        return True

    def _fetched(self, storage: RemoteStorage, path: str) -> Path:
        copy = kept_copy(self._data, path)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=copy.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as into:
                storage.fetch(path, into)
            Path(name).replace(copy)
        finally:
            Path(name).unlink(missing_ok=True)
        return copy

    def _check_on(self, row: Row, now: datetime) -> None:
        storage = storage_of(row.path or "", self._storages)
        if storage is None or storage not in self._answering(now):
            return
        try:
            storage.size(row.path or "")
        except RecordingMissing:
            self._changes.note("recording_missing", row)
        except StorageAway as error:
            self._leave_in_peace(storage, error, now)

    # ---------------------------------------------------------------- when, and what is written

    def _answering(self, now: datetime) -> list[RemoteStorage]:
        return [one for one in self._storages.values() if self._away_until.get(one.name, now) <= now]

    def _leave_in_peace(self, storage: RemoteStorage, error: StorageAway, now: datetime) -> None:
        self._away_until[storage.name] = now + _AWAY
        log.warning("a storage of recordings does not give what it should", reason=str(error))

    def _later(self, row: Row, now: datetime) -> None:
        known = self._tries.get(row.recording_id)
        pause = min(_LONGEST_PAUSE, known.pause * 2) if known is not None else _FIRST_PAUSE
        self._remember(row, _Try(now + pause, pause))

    def _remember(self, row: Row, what: _Try) -> None:
        self._tries.pop(row.recording_id, None)
        self._tries[row.recording_id] = what
        while len(self._tries) > _REMEMBERED:
            self._tries.pop(next(iter(self._tries)))


def make_room(folder: Path, most_bytes: int, *, now: Callable[[], float] = time.time) -> None:
    """Remove the copies that were used longest ago, until the rest is small enough; those of the last minute stay."""
    with os.scandir(folder) as entries:
        copies = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
    size = sum(of_one for _, of_one, _ in copies)
    for used_at, of_one, path in copies:
        if size <= most_bytes:
            return
        if now() - used_at > 60.0:
            Path(path).unlink(missing_ok=True)
            size -= of_one
