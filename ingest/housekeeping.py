"""Packs closed segments of a journal and removes those that are older than they have to be kept."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import structlog

from ingest.segments import pack, segments

log = structlog.get_logger()

_DAY_S = 86_400.0


def keep_house(journal: Path, *, now: float, retention_days: int, needed_from: int) -> None:
    """Pack what is closed, remove what ended `retention_days` ago and has no message from `needed_from` on."""
    found = segments(journal)
    # The newest one stays whatever its age: the numbers of new messages are counted on from it.
    for segment, following in pairwise(found):
        ending = segment.ending()
        if ending is None:
            continue
        if now - ending.at > retention_days * _DAY_S and following.first <= needed_from:
            shutil.rmtree(segment.folder)
            log.info("segment removed after its retention", segment=segment.folder.name, days=retention_days)
        else:
            pack(segment)
