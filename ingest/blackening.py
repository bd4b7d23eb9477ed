"""Blackens a person in files: segments of the journal, rows that were set aside, exports on disk.

The length of everything stays, so the times and numbers of a segment do, and the bytes of a segment that is
being written can be overwritten where they stand.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from data.person import Blackener
from ingest.segments import replace_file, segments

_SPARED = ("journal", "recordings", "backups")  # the first two have steps of their own, copies are named
_OURS = ("calls.duckdb", "identity.sqlite", "store", "secrets.key", ".")
_LARGEST = 512 << 20


def blacken_journal(journal: Path, blackener: Blackener) -> int:
    """Every segment of one PBX; how many named him. Segments that are packed meanwhile are looked at again."""
    met: set[Path] = set()
    while found := [one.folder for one in segments(journal) if _blacken_folder(one.folder, blackener)]:
        met.update(found)
    return len(met)


def blacken_files(data: Path, blackener: Blackener) -> int:
    """Other files of the data folder: imports, exports …; how many named him."""
    return sum(_blacken(file, blackener) for file in _other_files(data))


def files_named_after(folder: Path, blackener: Blackener) -> list[Path]:
    """Files below `folder` whose names tell his number."""
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and blackener.is_in(file.name.encode())]


def _blacken_folder(folder: Path, blackener: Blackener) -> bool:
    return sum(_blacken(file, blackener) for file in sorted(folder.glob("events.ami*"))) > 0


def _blacken(file: Path, blackener: Blackener) -> bool:
    try:
        if file.stat().st_size > _LARGEST:
            return False
        packed = file.suffix == ".gz"
        content = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    except (FileNotFoundError, gzip.BadGzipFile, EOFError):
        return False  # packed or removed meanwhile, or never whole
    clean = blackener.blacken(content)
    if clean == content:
        return False
    if packed:
        replace_file(file, gzip.compress(clean, 6, mtime=0))
    else:
        _overwrite(file, content, clean)
    return True


def _overwrite(file: Path, content: bytes, clean: bytes) -> None:
    """Write what differs where it stands: somebody may append to the file meanwhile."""
    with file.open("r+b") as target:
        for start, end in _stretches(content, clean):
            os.pwrite(target.fileno(), clean[start:end], start)
        os.fsync(target.fileno())


def _stretches(content: bytes, clean: bytes, step: int = 4096) -> Iterator[tuple[int, int]]:
    for start in range(0, len(content), step):
        if content[start : start + step] != clean[start : start + step]:
            yield start, min(start + step, len(content))


def _other_files(data: Path) -> Iterator[Path]:
    for top in sorted(data.iterdir()):
        if top.name in _SPARED or top.name.startswith(_OURS):
            continue
        yield from (file for file in ([top] if top.is_file() else sorted(top.rglob("*"))) if file.is_file())
