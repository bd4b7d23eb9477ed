"""Walks through the folders of recordings: a slice at a time to find moved files by name, or whole for lists."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from ingest.sound_files import is_sound, stem_of

_SHORTEST_STEM = 8  # shorter names are given to several files


def sound_files(roots: Sequence[Path]) -> Iterator[Path | None]:
    """Every sound file below the roots, links not followed; None for each other entry, to count the work."""
    waiting = list(roots)
    while waiting:
        folder = waiting.pop()
        try:
            entries = os.scandir(folder)
        except OSError:
            continue
        with entries:
            while True:
                try:
                    entry = next(entries, None)
                    if entry is None:
                        break
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    is_file = entry.is_file(follow_symlinks=False) and is_sound(entry.name)
                except OSError:
                    break
                yield Path(entry.path) if is_file else None


class Sweep:
    """One walk for all the names that are looked for, in slices."""

    def __init__(self, roots: Sequence[Path], wanted: Mapping[str, str]) -> None:
        """wanted: by the id of a recording the name of its file."""
        self._files = sound_files(roots)
        self._ids: dict[str, list[str]] = {}
        for recording_id, name in wanted.items():
            if len(stem_of(name)) >= _SHORTEST_STEM:
                self._ids.setdefault(stem_of(name), []).append(recording_id)
        self._found: dict[str, list[Path]] = {}
        self.is_over = not self._ids

    def go_on(self, entries: int) -> None:
        """Look at so many entries more."""
        seen = 0
        for path in islice(self._files, entries):
            seen += 1
            if path is not None and (stem := stem_of(path.name)) in self._ids:
                self._found.setdefault(stem, []).append(path)
        self.is_over = self.is_over or seen < entries

    def found(self) -> dict[str, Path]:
        """By id the file, where one recording and one folder have that name. Complete when the walk is over."""
        return {
            self._ids[stem][0]: min(paths)
            for stem, paths in self._found.items()
            if len(self._ids[stem]) == 1 and len({path.parent for path in paths}) == 1
        }
