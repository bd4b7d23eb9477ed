"""Blackens a person in files: segments of the journal, rows that were set aside, exports on disk.

The length of plain files stays, so the times and numbers of a segment do, and the bytes of a segment that is being
written can be overwritten where they stand. Files of any size are read in pieces.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from data.person import Blackener
from data.spool import SUFFIX, SpoolBusy, overwrite
from data.store.files import DATABASES
from ingest.packed_files import PACKED, UNREADABLE, pieces, rewritten
from ingest.segments import segments

_SPARED = ("journal", "recordings", "backups")  # the first two have steps of their own, copies are named
_OURS = ("calls.duckdb", "identity.sqlite", "store", "secrets.key", ".")


@dataclass(slots=True)
class Found:
    """What a walk through files met. unread: those that could not be read to their end, by names without him."""

    met: int = 0
    unread: list[str] = field(default_factory=list)


def blacken_journal(journal: Path, blackener: Blackener) -> Found:
    """Every segment of one PBX. Segments that are packed meanwhile are looked at again."""
    found, met = Found(), set[Path]()
    while again := [one.folder for one in segments(journal) if _blacken_folder(one.folder, blackener, found)]:
        met.update(again)
        found.unread.clear()
    found.met = len(met)
    return found


def blacken_files(data: Path, blackener: Blackener) -> Found:
    """Other files of the data folder: imports, exports …; their names too."""
    found = Found()
    for file in _other_files(data):
        is_named = blackener.is_in(file.name.encode())
        found.met += _blacken(file, blackener, found) or is_named
        if is_named and file.exists():
            file.rename(_free(file.with_name(_clean_name(file, blackener))))
    return found


def files_named_after(folder: Path, blackener: Blackener) -> list[Path]:
    """Files below `folder` whose names tell his number."""
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and blackener.is_in(file.name.encode())]


def _blacken_folder(folder: Path, blackener: Blackener, found: Found) -> bool:
    return sum(_blacken(file, blackener, found) for file in sorted(folder.glob("events.ami*"))) > 0


def _blacken(file: Path, blackener: Blackener, found: Found) -> bool:
    try:
        if file.suffix in PACKED:
            return rewritten(file, blackener)
        if file.suffix == SUFFIX:
            return overwrite(file, blackener.blacken)  # records with sums, which a process may be reading
        return _overwritten(file, blackener)
    except FileNotFoundError:
        return False  # packed or removed meanwhile
    except (*UNREADABLE, SpoolBusy):
        found.unread.append(f"{file.parent.name}/{_clean_name(file, blackener)}")
        return False


def _overwritten(file: Path, blackener: Blackener) -> bool:
    """Write what differs where it stands: somebody may append to the file meanwhile."""
    met, at = [], 0
    with file.open("rb") as source:
        for piece in pieces(source):
            clean = blackener.blacken(piece)
            met += [(at + start, clean[start:end]) for start, end in _stretches(piece, clean)]
            at += len(piece)
    if met:
        with file.open("r+b") as target:
            for start, clean in met:
                os.pwrite(target.fileno(), clean, start)
            os.fsync(target.fileno())
    return bool(met)


def _stretches(content: bytes, clean: bytes, step: int = 4096) -> Iterator[tuple[int, int]]:
    if clean == content:
        return
    for start in range(0, len(content), step):
        if content[start : start + step] != clean[start : start + step]:
            yield start, min(start + step, len(content))


def _clean_name(file: Path, blackener: Blackener) -> str:
    return blackener.blacken(file.name.encode()).decode(errors="replace")


def _free(file: Path) -> Path:
    """That name, or one like it that is not taken."""
    tries = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in range(2, 1_000_000))
    return file if not file.exists() else next(one for one in tries if not one.exists())


def _other_files(data: Path) -> Iterator[Path]:
    for top in sorted(data.iterdir()):
        if top.name in _SPARED or top.name.startswith(_OURS):
            continue
        inside = [top] if top.is_file() else sorted(top.rglob("*"))
        yield from (file for file in inside if file.is_file() and file.suffix not in DATABASES)
