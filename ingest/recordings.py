"""Ties the files of recordings to their rows: finds them when they come, measures them once, notes when they go.

Everything is done in rounds of bounded work, the newest recordings first. A round keeps nothing that
the next one needs, except files seen once (their size must not change until the second look) and
what a store that is away did not take yet.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import structlog

from data.errors import QueryRejected, StoreError
from data.identity.actor import system
from data.queries import read
from data.remote_storage import PREFIX
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic
from ingest.peaks import Sound, measure
from ingest.sound_files import SoundFolders, WrongName
from ingest.sound_walk import Sweep

log = structlog.get_logger()

ACTOR = system("ingest")
EXPECTED, PRESENT, MISSING = "expected", "present", "missing"

_ROWS = 200  # of each kind in a round
_MEASURED = 40  # files in a round
_MOST_WAITING = 1_000  # files for their second look
_WANTED = 5_000  # names of one sweep
_ENTRIES = 5_000  # of the tree in a round
_NEW = timedelta(days=2)
_WALK_EVERY = timedelta(seconds=10)
_SWEEP_EVERY = timedelta(minutes=2)
_PAUSE_S, _BUSY_PAUSE_S, _TROUBLE_PAUSE_S = 2.0, 0.1, 5.0
_COMPLAIN_S = 60.0
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is stored of a recording."""

    recording_id: str
    call_id: str
    file: str
    state: str
    path: str | None
    bytes: int | None
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file at the first look."""

    row: Row
    path: Path
    size_bytes: int | None  # None: not looked at yet


class Walk:
    """A way through all recordings in some states, newest first, over and over."""

    def __init__(self, *states: str) -> None:
        self.states = states
        self.place = (LAST, "")

    def next(self, store: Store) -> list[Row]:
        """The next of them; behind the last one it begins anew."""
        rows = awaited(store, self.states, FIRST, self.place, rows=_ROWS)
        self.place = (rows[-1].started_at, rows[-1].recording_id) if len(rows) == _ROWS else (LAST, "")
        return rows


class RecordingKeeper:
    """Looks after the recordings of one store."""

    def __init__(
        self,
        store: Store,
        folders: SoundFolders,
        *,
        patience: timedelta,
        measure: Callable[[Path], Sound] = measure,
        keeps_peaks: Callable[[], bool] = lambda: True,
    ) -> None:
        """keeps_peaks: whether there is room for the curves; what is left without is measured again afterwards."""
        self.troubles: Counter[str] = Counter()
        self._store = store
        self._folders = folders
        self._patience = patience
        self._measure = measure
        self._keeps_peaks = keeps_peaks
        self._again: dict[str, _Seen] = {}
        self._changes = Changes(store)
        self._walks = (Walk(EXPECTED, MISSING), Walk(PRESENT))
        self._walk_at = self._sweep_at = FIRST
        self._wanted: dict[str, Row] = {}
        self._sweep: tuple[Sweep, dict[str, Row]] | None = None
        self._measured = 0

    @classmethod
    def of(cls, settings: Settings, store: Store, *, keeps_peaks: Callable[[], bool] = lambda: True) -> RecordingKeeper:
        recordings = settings.recordings
        folders = SoundFolders(settings.recording_roots, zone=settings.site.zone, moved=recordings.moved)
        patience = timedelta(minutes=recordings.patience_minutes)
        return cls(store, folders, patience=patience, keeps_peaks=keeps_peaks)

    def run(self, stop: threading.Event) -> None:
        """Round after round until `stop` is set; whatever happens in one, the next comes."""
        pause, complained_at = _PAUSE_S, -_COMPLAIN_S
        reported: Counter[str] = Counter()
        while not stop.wait(pause):
            try:
                pause = _BUSY_PAUSE_S if self.look(datetime.now(UTC)) else _PAUSE_S
            except StoreError as error:
                pause = _TROUBLE_PAUSE_S
                if time.monotonic() - complained_at >= _COMPLAIN_S:
                    complained_at = time.monotonic()
                    log.warning("the store is away; recordings are looked for later", reason=str(error))
            except Exception:
                pause = _COMPLAIN_S
                log.exception("a round through the recordings failed; the next one comes")
            troubles = self.troubles + self._folders.refused
            if new := troubles - reported:
                reported = troubles
                log.warning("recordings that were not taken", **{key.replace(" ", "_"): n for key, n in new.items()})

    def look(self, now: datetime) -> bool:
        """One round; whether the next may follow at once. Raises StoreError; nothing is lost then."""
        self._changes.write()
        self._measured = 0
        due = self._due(now)
        seen, self._again = self._again, {}
        rows = {row.recording_id: row for row in due} | {key: first.row for key, first in seen.items()}
        for row in rows.values():
            self._look_at(row, seen.get(row.recording_id), now)
        self._look_everywhere(now)
        self._changes.write()
        return self._measured >= _MEASURED or self._sweep is not None

    # ---------------------------------------------------------------- which rows

    def _due(self, now: datetime) -> list[Row]:
        if len(self._again) >= _MOST_WAITING:
            return []
        rows = newest(self._store, now)
        if now - self._walk_at >= _WALK_EVERY:
            self._walk_at = now
            for walk in self._walks:
                rows += walk.next(self._store)
        return rows

    # ---------------------------------------------------------------- one row

    def _look_at(self, row: Row, first: _Seen | None, now: datetime) -> None:
        if row.state == PRESENT and row.path is not None and row.path.startswith(PREFIX):
            return  # on another machine: remote_recordings.py looks after it
        try:
            path = self._file_of(row, first)
        except WrongName as error:
            self._refuse(row, error)
            return
        size = _size(path) if path is not None else 0
        if path is None or not size:  # a file without a byte holds no sound yet
            self._absent(row, now)
            return
        self._wanted.pop(row.recording_id, None)
        if str(path) == row.path and (size == row.bytes or (row.bytes is None and not self._keeps_peaks())):
            if row.state == MISSING:
                self._changes.note("recording_back", row)
            return
        if first is None or first.path != path or first.size_bytes != size or self._measured >= _MEASURED:
            self._again[row.recording_id] = _Seen(row, path, size)
            return
        self._measured += 1
        try:
            sound = self._measure(path)
        except OSError as error:
            self.troubles["files that cannot be read"] += 1
            log.info("recording cannot be read", recording_id=row.recording_id, reason=error.strerror or str(error))
            self._absent(row, now)
            return
        if sound.size_bytes != size:  # it grows on
            self._again[row.recording_id] = _Seen(row, path, sound.size_bytes)
            return
        self._found(row, path, sound)

    def _file_of(self, row: Row, first: _Seen | None) -> Path | None:
        if row.path is not None and (known := self._folders.allowed(Path(row.path))) is not None:
            return known
        found = self._folders.find(row.file, row.started_at)
        if found is None and first is not None:
            return self._folders.allowed(first.path)
        return found

    def _refuse(self, row: Row, error: WrongName) -> None:
        if row.state == EXPECTED:
            self.troubles["names that no recording has"] += 1
            log.warning("recording refused", recording_id=row.recording_id, reason=str(error))
            self._changes.note("recording_missing", row)

    def _absent(self, row: Row, now: datetime) -> None:
        if len(self._wanted) < _WANTED:
            self._wanted[row.recording_id] = row
        is_late = row.state == EXPECTED and now - row.ended_at > self._patience
        is_gone = row.state == PRESENT and row.path is not None and self._folders.is_mounted(row.path)
        if is_late or is_gone:
            self._changes.note("recording_missing", row)

    # ---------------------------------------------------------------- files that moved

    def _look_everywhere(self, now: datetime) -> None:
        """Search what no rule found by its name alone: one walk for all, a slice in a round."""
        if self._sweep is None:
            if not self._wanted or now - self._sweep_at < _SWEEP_EVERY:
                return
            wanted, self._wanted = self._wanted, {}
            names = {key: PurePosixPath(row.file).name for key, row in wanted.items()}
            self._sweep = Sweep(self._folders.roots, names), wanted
        sweep, wanted = self._sweep
        sweep.go_on(_ENTRIES)
        if sweep.is_over:
            self._sweep, self._sweep_at = None, now
            for key, path in sweep.found().items():
                self._again.setdefault(key, _Seen(wanted[key], path, None))

    # ---------------------------------------------------------------- what is written

    def _found(self, row: Row, path: Path, sound: Sound) -> None:
        is_whole = sound.peaks is None or self._keeps_peaks()
        self._changes.note("recording_found", row, **found_at(str(path), sound, is_whole=is_whole))


class Changes:
    """Changes of recordings on their way to the store, kept while it is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unwritten: list[tuple[str, Statement]] = []

    def note(self, statement: str, row: Row, **values: object) -> None:
        """A change of a recording, as long as its facts still name that file."""
        key = {"recording_id": row.recording_id, "file": row.file, "started_at": row.started_at}
        self._unwritten.append((row.call_id, Statement(name=statement, params=key | values)))

    def write(self) -> None:
        """Store them all. Raises StoreError; then they are kept, unless they are what is refused."""
        if not self._unwritten:
            return
        calls = sorted({call_id for call_id, _ in self._unwritten})
        try:
            self._store.transact([step for _, step in self._unwritten], actor=ACTOR, touches={Topic.CALLS: calls})
        except QueryRejected:
            self._unwritten = []  # the same would be refused again, and keep all others out
            raise
        self._unwritten = []


def found_at(path: str, sound: Sound, *, is_whole: bool = True) -> dict[str, object]:
    """The values of the statement `recording_found`. is_whole: there is room for the waveform."""
    return {
        "path": path,
        "bytes": sound.size_bytes if is_whole else None,  # without its size it is measured again, once there is room
        "sound_s": sound.sound_s,
        "channel_count": sound.channel_count,
        "codec": sound.codec,
        "checksum": sound.checksum,
        "peaks": sound.peaks if is_whole else None,
    }


def awaited(
    store: Store, states: Sequence[str], since: datetime, place: tuple[datetime, str], *, rows: int
) -> list[Row]:
    """Recordings in one of some states that began since a moment, the newest first, below a place."""
    params = {"states": list(states), "from_at": since, "before_at": place[0], "before_id": place[1], "rows": rows}
    return [Row(**row) for row in store.query(read("recordings/awaited"), params, actor=ACTOR).to_pylist()]


def newest(store: Store, now: datetime) -> list[Row]:
    """The newest recordings that no file was found for yet."""
    return awaited(store, (EXPECTED,), now - _NEW, (LAST, ""), rows=_ROWS)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
