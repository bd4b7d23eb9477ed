"""Carries out the erasure of a person: tables, recordings, journal, other files, the database file itself.

Every step may be repeated, so a request that was cut short is carried out anew from its beginning.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from data.errors import CallboardError, StoreError
from data.identity.actor import Actor, Role, system
from data.person import Blackener, Person, core
from data.queries import read
from data.services.trail import trail
from data.settings import Settings
from data.store.files import BACKUPS, DATABASES
from data.store.protocol import IngestStore, Statement
from ingest.blackening import blacken_files, blacken_journal, files_named_after
from ingest.deleting import delete_media, delete_sound

log = structlog.get_logger()

ACTOR = system("ingest")
_EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What an erasure did. Nothing in it names the person; pseudonyms are what stands in place of his numbers."""

    pseudonyms: tuple[str, ...]
    rows: dict[str, int]
    recordings: int  # files deleted
    recording_bytes: int
    media: int
    segments: int  # of the journal, with bytes overwritten
    files: int  # others, with bytes overwritten
    preferences: int
    not_deleted: tuple[str, ...]  # recordings that this account may not delete: ids
    unread: tuple[str, ...]  # files that could not be read to their end: nobody knows whether he is in them
    backups: tuple[str, ...]  # copies of the databases that still have him

    def as_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False)


def keep_erasing(settings: Settings, store: IngestStore, stop: threading.Event) -> None:
    """Carry out what is asked for until `stop` is set; a store that is away is asked again."""
    while not stop.wait(_EVERY_S):
        try:
            erase_asked(settings, store, now=datetime.now(UTC))
        except StoreError as error:
            log.warning("erasures wait for the store", reason=str(error))


def erase_asked(settings: Settings, store: IngestStore, *, now: datetime) -> int:
    """Carry out every erasure that is asked for; how many were done. Raises StoreError where the store is away."""
    for row in store.query(read("privacy/asked"), actor=ACTOR).to_pylist():
        person = Person.of_json(json.loads(row["subject"]))
        asked_by = Actor(user=row["asked_by"], role=Role.ADMINISTRATOR)
        try:
            certificate = erase(settings, store, person)
        except StoreError:
            raise
        except (CallboardError, OSError) as error:
            log.exception("an erasure failed and is tried again when it is asked for anew")
            _finish(store, asked_by, row["erasure_id"], now, state="failed", error=type(error).__name__)
            continue
        _finish(store, asked_by, row["erasure_id"], now, state="rewriting", certificate=certificate)
    # The tables are without him, the request too; what was there before is still in the file.
    rewriting = [row["erasure_id"] for row in store.query(read("privacy/rewriting"), actor=ACTOR).to_pylist()]
    if rewriting:
        store.rewrite(actor=ACTOR)
        steps = [Statement(name="erasure_done", params={"erasure_id": one, "at": now}) for one in rewriting]
        store.transact(steps, actor=ACTOR, touches={})
    return len(rewriting)


def erase(settings: Settings, store: IngestStore, person: Person) -> Certificate:
    """Take `person` out of everything of ours. Raises StoreError, OSError; then it is to be repeated."""
    # Late: ingest does without the database of users, and erasures are rare.
    from data.identity.erasing import forget_preferences
    from data.services.notes import Notes

    Notes(settings, store).hand_over()
    asked = {"numbers": list(person.numbers)}
    recordings = store.query(read("privacy/recordings"), asked, actor=ACTOR).to_pylist()
    names = [row["caller_name"] for row in store.query(read("privacy/caller_names"), asked, actor=ACTOR).to_pylist()]
    blackener = Blackener(person, settings.site, tuple(names))
    # Files first: afterwards nobody knows any more which were his.
    gone, size, kept = _delete_recordings(settings, recordings, blackener)
    journals = [blacken_journal(one, blackener) for one in sorted((settings.data / "journal").glob("*"))]
    files = blacken_files(settings.data, blackener)
    needles = [*(core(number) for number in person.numbers), *person.long_words]
    preferences = forget_preferences(settings, needles)
    rows, media = store.erase(person, actor=ACTOR)
    return Certificate(
        pseudonyms=tuple(person.numbers.values()),
        rows=rows,
        recordings=gone,
        recording_bytes=size,
        media=delete_media(settings, media),
        segments=sum(one.met for one in journals),
        files=files.met,
        preferences=preferences,
        not_deleted=kept,
        unread=tuple(sorted({name for one in (*journals, files) for name in one.unread})),
        backups=tuple(sorted(file.name for file in _copies(settings.data))),
    )


def _delete_recordings(
    settings: Settings, rows: Sequence[dict[str, Any]], blackener: Blackener
) -> tuple[int, int, tuple[str, ...]]:
    gone, size, kept = 0, 0, []
    found: list[tuple[str | Path, str]] = [(row["path"], row["recording_id"]) for row in rows if row["path"]]
    # Strays: no row names them, and their names must not stand in the certificate.
    found += [(file.resolve(), "stray") for file in files_named_after(settings.data / "recordings", blackener)]
    for path, recording_id in found:
        deleted = delete_sound(settings, path)
        if deleted is None:
            kept.append(recording_id)
        elif deleted:
            gone, size = gone + 1, size + deleted
    return gone, size, tuple(kept)


def _copies(data: Path) -> Iterator[Path]:
    """Databases beside the present ones: backups, and what a restore put aside."""
    for folder, beside in ((data / BACKUPS, "*"), (data, "*.replaced-*")):
        yield from (file for file in folder.glob(beside) if file.suffix in DATABASES)


def _finish(
    store: IngestStore,
    asked_by: Actor,
    erasure_id: str,
    now: datetime,
    *,
    state: str,
    certificate: Certificate | None = None,
    error: str | None = None,
) -> None:
    told = {"erasure_id": erasure_id, "state": state, "at": now, "error": error}
    told["certificate"] = certificate.as_json() if certificate else None
    steps = [Statement(name="erasure_finish", params=told, expect_rows=1)]
    if certificate:
        steps.append(trail(asked_by, now, "person.erase", "person", erasure_id, pseudonyms=certificate.pseudonyms))
    store.transact(steps, actor=ACTOR, touches={})
