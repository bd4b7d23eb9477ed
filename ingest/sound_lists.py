"""Lists for whoever looks after recordings: their states, those without a file, files without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from data.identity.actor import Actor
from data.queries import read
from data.store.protocol import Store
from ingest.sound_files import SUFFIX, stem_of
from ingest.sound_walk import sound_files

_BATCH = 20_000  # files that are compared at once with all recordings
_LAST = datetime(9999, 12, 30, tzinfo=UTC)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many recordings are in a state, and the bytes of their files."""

    state: str
    recordings: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRecording:
    """A recording whose file nobody found."""

    recording_id: str
    file: str  # as the PBX named it
    started_at: datetime


def states(store: Store, actor: Actor) -> list[StateCount]:
    """One entry per state that there is."""
    return [StateCount(**row) for row in store.query(read("recordings/states"), actor=actor).to_pylist()]


def missing(store: Store, actor: Actor, *, rows: int) -> list[MissingRecording]:
    """The newest of them."""
    params = {"states": ["missing"], "from_at": _FIRST, "before_at": _LAST, "before_id": "", "rows": rows}
    found = store.query(read("recordings/awaited"), params, actor=actor).to_pylist()
    names = ("recording_id", "file", "started_at")
    return [MissingRecording(**{name: row[name] for name in names}) for row in found]


def orphans(store: Store, actor: Actor, roots: Sequence[Path], *, older_than: datetime) -> Iterator[Path]:
    """Sound files below the roots that belong to no recording and were last written before `older_than`.

    A younger file may be of a call that goes on: its recording is stored when it ends.
    """
    found = (path for path in sound_files([root.resolve() for root in roots]) if path is not None)
    old = (path for path in found if _is_older(path, older_than))
    while batch := list(islice(old, _BATCH)):
        by_text = {_text(path): path for path in batch}
        params = {
            "paths": list(by_text),
            "stems": [_text(Path(stem_of(path.name))) for path in by_text.values()],
            "suffix": SUFFIX,
        }
        unknown = store.query(read("recordings/unknown"), params, actor=actor, timeout_s=300.0)
        yield from (by_text[path] for path in unknown["path"].to_pylist())


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except OSError:
        return False


def _text(path: Path) -> str:
    """With a mark for every byte that is no text: such a name belongs to no recording."""
    return str(path).encode(errors="replace").decode()
