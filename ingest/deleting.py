"""Deletes files of recordings and of messages, below our own folders only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from data.remote_storage import PREFIX, kept_copy
from data.settings import Settings

log = structlog.get_logger()

MEDIA = "media"  # of the data folder: files of messages, by what they hold


def delete_sound(settings: Settings, path: str | Path | None) -> int | None:
    """Delete a recording's file; its bytes, 0 where there is none any more, None where it may not be deleted."""
    if path is None:
        return 0
    if str(path).startswith(PREFIX):  # the original lies on a server from which we only read
        kept_copy(settings.data, str(path)).unlink(missing_ok=True)
        return None
    roots = [root.resolve() for root in settings.recording_roots]
    file = next((one for root in roots if (one := (root / path).resolve()).is_relative_to(root)), None)
    if file is None:
        log.warning("a recording lies outside the folders of the settings and is left alone")
        return None
    try:
        size = file.stat().st_size
        file.unlink()
    except FileNotFoundError:
        return 0
    except OSError as error:
        log.warning("a recording cannot be deleted", reason=error.strerror)
        return None
    return size


def delete_media(settings: Settings, names: Sequence[str]) -> int:
    """Delete files of messages, called by what they hold, with or without an ending; how many."""
    wanted = set(names)
    if not wanted:
        return 0
    found = [
        file
        for file in (settings.data / MEDIA).rglob("*")
        if file.is_file() and (file.name in wanted or file.name.partition(".")[0] in wanted)
    ]
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)
