"""Where the files of recordings lie: from the name that a PBX gave to a file below our folders.

That name comes from outside and may be anything. What is given back is a regular file below one
of the folders after every link was followed, with the suffix of a sound format; nothing else.
"""

from __future__ import annotations

import os
import re
import stat
import time
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath

from data.errors import CallboardError

SUFFIXES = (
    ".wav", ".webm", ".ogg", ".opus", ".mp3", ".m4a", ".flac", ".wav49", ".gsm", ".g722", ".ulaw", ".alaw", ".sln",
)  # fmt: skip
SUFFIX = r"\.(?:" + "|".join(suffix[1:] for suffix in SUFFIXES) + ")$"

_LONGEST_PATH = 1024
_LONGEST_NAME = 255
_DEEPEST = 24
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\\]")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})  # controls, marks of direction, line separators
_REMEMBERED = 64  # folders
_SETTLED_S = 2.0  # within so long after a change a folder may change again without a new time stamp

Names = Mapping[str, Sequence[str]]  # names of files by their stems


class WrongName(CallboardError):
    """The PBX named a file as no recording is called."""


def checked(file: str) -> PurePosixPath:
    """The name as a path. Raises WrongName."""
    path = PurePosixPath(file)
    wrong = (
        "is empty" if not path.name
        else "is too long" if len(file.encode(errors="replace")) > _LONGEST_PATH
        or max(len(part.encode(errors="replace")) for part in path.parts) > _LONGEST_NAME
        else "has characters that no file of a PBX has"
        if _CONTROL.search(file) or any(unicodedata.category(sign) in _UNSEEN for sign in file)
        else "leads upwards" if ".." in path.parts
        else "is hidden" if path.name.startswith(".")
        else "lies too deep" if len(path.parts) > _DEEPEST
        else None
    )  # fmt: skip
    if wrong is not None:
        raise WrongName(f"The file name {file[:120]!r} {wrong}. Look at the recording rules of the PBX.")
    return path


def stem_of(name: str) -> str:
    """The name without the suffix of a sound format: what a converted file keeps."""
    return re.sub(SUFFIX, "", name, flags=re.IGNORECASE)


def is_sound(name: str) -> bool:
    return re.search(SUFFIX, name, re.IGNORECASE) is not None


class SoundFolders:
    """The folders that recordings may lie in.

    roots: the only places that anything is taken from.
    moved: where a folder of the PBX is found here, by its path there.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        zone: tzinfo,
        moved: Mapping[str, Path] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.roots = tuple(dict.fromkeys(Path(os.path.realpath(root)) for root in roots))
        self.refused: Counter[str] = Counter()
        self._given = tuple(roots)
        self._zone = zone
        self._moved = {PurePosixPath(there): here for there, here in (moved or {}).items()}
        self._now = now
        self._listed: OrderedDict[Path, tuple[int, float, Names]] = OrderedDict()

    def find(self, file: str, started_at: datetime) -> Path | None:
        """The file that the PBX calls `file`, or what it was converted to. Raises WrongName."""
        path = checked(file)
        for folder in self._folders(path, started_at):
            names = self._names(folder).get(stem_of(path.name), ())
            for name in sorted(names, key=lambda name: (name != path.name, _rank(name))):
                if (found := self.allowed(folder / name)) is not None:
                    return found
        return None

    def allowed(self, path: Path) -> Path | None:
        """The regular file that `path` leads to; None where there is none or it lies outside the roots."""
        for base in self.roots if not path.is_absolute() else (Path(),):
            try:
                real = (base / path).resolve(strict=True)
                mode = real.lstat().st_mode
            except (OSError, RuntimeError, ValueError):
                continue
            if not self._is_inside(real):
                self.refused["leads out of the folders"] += 1
            elif not stat.S_ISREG(mode):
                self.refused["is no regular file"] += 1
            elif is_sound(real.name) and _CONTROL.search(str(real)) is None:
                return real
        return None

    def is_mounted(self, path: str) -> bool:
        """Whether the root of that file has anything in it: an empty one is a storage that went away."""
        homes = [root for root in self.roots if Path(path).is_relative_to(root)] or self.roots
        return any(_has_entries(root) for root in homes)

    def _folders(self, path: PurePosixPath, started_at: datetime) -> Iterator[Path]:
        """Where the file may lie, likeliest first."""
        if path.is_absolute() and any(Path(path).is_relative_to(root) for root in (*self._given, *self.roots)):
            yield Path(path.parent)
        for there, here in self._moved.items():
            if path.is_relative_to(there):
                yield here / path.parent.relative_to(there)
        parts = path.parent.parts[1:] if path.is_absolute() else path.parent.parts
        local = started_at.astimezone(self._zone)
        for begin in range(len(parts) + 1):
            yield from (root.joinpath(*parts[begin:]) for root in self.roots)
        for day in (f"{local:%Y/%m/%d/%H}", f"{local:%Y/%m/%d}"):
            yield from (root / day for root in self.roots)

    def _names(self, folder: Path) -> Names:
        """Sound files of one folder; listed again only when it changed."""
        try:
            real = folder.resolve(strict=True)
            changed = real.stat()
        except (OSError, RuntimeError, ValueError):
            return {}
        if not stat.S_ISDIR(changed.st_mode):
            return {}
        if not self._is_inside(real):
            self.refused["leads out of the folders"] += 1
            return {}
        known = self._listed.get(real)
        if known is not None and known[0] == changed.st_mtime_ns and known[1] - changed.st_mtime > _SETTLED_S:
            self._listed.move_to_end(real)
            return known[2]
        listed_at = self._now()
        names: dict[str, list[str]] = {}
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    if is_sound(entry.name):
                        names.setdefault(stem_of(entry.name), []).append(entry.name)
        except OSError:
            self.refused["is a folder that cannot be read"] += 1
            return {}
        self._listed[real] = (changed.st_mtime_ns, listed_at, names)
        while len(self._listed) > _REMEMBERED:
            self._listed.popitem(last=False)
        return names

    def _is_inside(self, real: Path) -> bool:
        return any(real.is_relative_to(root) for root in self.roots)


def _rank(name: str) -> int:
    return SUFFIXES.index(Path(name).suffix.lower())


def _has_entries(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False
