"""Lists for whoever looks after recordings: those without a file, and files without a recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.access import require
from data.errors import NotAllowed
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.trail import trail
from data.store.protocol import Store

_BLOCK = 5_000
_LONGEST_QUERY_S = 60.0


class FileList(StrEnum):
    MISSING = "missing"
    ORPHANS = "orphans"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSize:
    """How much a list holds. bytes: of missing recordings what they had when they were measured.

    seen_at: when the folders were walked through last; None: never, or there was nothing.
    """

    files: int
    bytes: int
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One line. name: as the PBX named it, or the path here.

    at: beginning of the recording, or last change of the file.
    """

    at: datetime
    name: str
    bytes: int | None
    call_id: str | None = None  # of a recording
    was_there: bool = False  # a recording whose file came and went
    found_at: datetime | None = None  # of a file without a recording


def list_size(store: Store, actor: Actor, which: FileList) -> ListSize:
    """Raises NotAllowed."""
    _require(actor, which)
    if which is FileList.ORPHANS:
        return ListSize(**store.query(read("recordings/orphan_count"), actor=actor).to_pylist()[0])
    return ListSize(**store.query(read("recordings/lost_count"), _visible(actor), actor=actor).to_pylist()[0])


def listed_files(store: Store, actor: Actor, which: FileList, *, limit: int, offset: int) -> tuple[ListedFile, ...]:
    """The newest first. Raises NotAllowed."""
    _require(actor, which)
    page = {"limit": limit, "offset": offset}
    if which is FileList.ORPHANS:
        rows = store.query(read("recordings/orphans"), page, actor=actor, timeout_s=_LONGEST_QUERY_S).to_pylist()
        return tuple(
            ListedFile(at=row["modified_at"], name=row["path"], bytes=row["bytes"], found_at=row["found_at"])
            for row in rows
        )
    params = page | _visible(actor)
    rows = store.query(read("recordings/lost"), params, actor=actor, timeout_s=_LONGEST_QUERY_S).to_pylist()
    return tuple(
        ListedFile(
            at=row["started_at"],
            name=row["file"],
            bytes=row["bytes"],
            call_id=row["call_id"],
            was_there=row["path"] is not None,
        )
        for row in rows
    )


def exported_files(store: Store, actor: Actor, which: FileList, *, now: datetime) -> Iterator[tuple[ListedFile, ...]]:
    """All of a list in blocks; that it leaves is written down. Raises NotAllowed."""
    require(actor, Permission.EXPORT)
    _require(actor, which)
    store.transact([trail(actor, now, "recordings.export", "recording", which)], actor=actor, touches={})
    return _blocks(store, actor, which)


def may_see(actor: Actor, which: FileList) -> bool:
    """Files without a call are for those who may hear every call."""
    return actor.may(Permission.DOWNLOAD) and (which is FileList.MISSING or actor.hears_all)


def _blocks(store: Store, actor: Actor, which: FileList) -> Iterator[tuple[ListedFile, ...]]:
    offset = 0
    while block := listed_files(store, actor, which, limit=_BLOCK, offset=offset):
        yield block
        offset += len(block)


def _require(actor: Actor, which: FileList) -> None:
    require(actor, Permission.DOWNLOAD)
    if not may_see(actor, which):
        raise NotAllowed(
            f"User {actor.user} hears only some calls, and these files belong to none. Ask an administrator."
        )


def _visible(actor: Actor) -> dict[str, Any]:
    return {"everything": actor.hears_all, "extensions": sorted(actor.heard)}
