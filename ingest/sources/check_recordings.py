"""`check-pbx`: whether recordings can be reached where the settings say that they lie."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from data.errors import StorageAway
from data.remote_storage import RemoteStorage
from data.settings import RecordingSettings, RemoteRecordings
from ingest.sources.check_findings import Finding, Mark


def check_recordings(settings: RecordingSettings) -> list[Finding]:
    """One finding per folder and per storage of the settings."""
    return [*map(_folder, settings.roots), *map(_storage, settings.remote)]


def _folder(root: Path) -> Finding:
    try:
        with os.scandir(root) as entries:
            empty = next(entries, None) is None
    except OSError as error:
        text = f"{root} cannot be read: {error.strerror}. Check recordings.roots, the mount and its rights"
        return Finding(mark=Mark.MISSING, subject="recordings", text=text)
    text = f"{root} is empty: is its storage mounted?" if empty else f"{root} can be read"
    return Finding(mark=Mark.UNKNOWN if empty else Mark.GOOD, subject="recordings", text=text)


def _storage(settings: RemoteRecordings) -> Finding:
    subject = f"recordings, {settings.name}"
    try:
        with closing(RemoteStorage(settings)) as storage:
            return Finding(mark=Mark.GOOD, subject=subject, text=storage.probe())
    except StorageAway as error:
        return Finding(mark=Mark.MISSING, subject=subject, text=str(error))
