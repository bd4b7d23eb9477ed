"""Files of chats in a storage of our own: each kept once, under the hash of what it holds.

A file is written beside its place and moved there when it is whole, so a reader never sees half of one. What a
file is says its beginning (`sniffed`), never its name or whoever sent it: a library for that (libmagic) needs a C
library on every machine, and a dozen beginnings are all that messengers send.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.errors import NotFound
from data.settings import Settings

_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = 512
UNKNOWN = "application/octet-stream"

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "audio/webm": ".weba",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "text/plain": ".txt",
}

# What a browser may show within a page of ours: nothing of these runs anything.
SHOWN = frozenset(one for one in _SUFFIXES if one.startswith(("image/", "audio/", "video/")))


class MediaMissing(NotFound):
    """The file is none of ours, or retention removed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that is kept. media: the hash under which it lies."""

    media: str
    media_type: str
    size_bytes: int


class MediaFolder:
    """The files below `media/` of the data folder."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.data / "media"

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """A file to write to; unless it is kept before the block ends, nothing stays of it."""
        waiting = self._root / "coming"
        waiting.mkdir(parents=True, exist_ok=True)
        path = waiting / secrets.token_hex(16)
        try:
            with path.open("xb") as file:
                yield Draft(self, path, file)
        finally:
            path.unlink(missing_ok=True)

    def put(self, content: bytes) -> Stored:
        """Keep these bytes."""
        with self.draft() as draft:
            draft.write(content)
            return draft.keep()

    def path(self, media: str) -> Path:
        """Where the file lies. Raises MediaMissing."""
        if not _HASH.fullmatch(media):
            raise MediaMissing(f"{media[:80]!r} names no file of a chat.")
        path = self._place(media)
        if not path.is_file():
            raise MediaMissing(f"The file {media[:12]}… of a chat is not in {self._root}. Restore it from a backup.")
        return path

    def _place(self, media: str) -> Path:
        return self._root / media[:2] / media[2:4] / media


class Draft:
    """A file that is being written; takes bytes like a file."""

    def __init__(self, folder: MediaFolder, path: Path, file: IO[bytes]) -> None:
        self._folder, self._path, self._file = folder, path, file
        self._hash = hashlib.sha256()
        self._head = b""
        self.size_bytes = 0

    def write(self, piece: bytes) -> int:
        self._hash.update(piece)
        if len(self._head) < _HEAD:
            self._head += piece[: _HEAD - len(self._head)]
        self.size_bytes += len(piece)
        return self._file.write(piece)

    @property
    def media_type(self) -> str:
        """What it is, by what was written so far."""
        return sniffed(self._head)

    def keep(self) -> Stored:
        """Put it in its place, on the disk for good."""
        self._file.flush()
        os.fsync(self._file.fileno())
        media = self._hash.hexdigest()
        place = self._folder._place(media)
        place.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(place)
        return Stored(media=media, media_type=self.media_type, size_bytes=self.size_bytes)


def sniffed(head: bytes) -> str:
    """The media type by the first bytes of a file; `UNKNOWN` where they tell nothing."""
    for begin, media_type in _BEGINNINGS:
        if head.startswith(begin):
            return media_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else UNKNOWN
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6):
        return "audio/mpeg"
    return "text/plain" if head and _is_text(head) else UNKNOWN


def suffix_of(media_type: str) -> str:
    """How the name of such a file ends; "" where it may be anything."""
    return _SUFFIXES.get(media_type, "")


_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)


def _of_brand(brand: bytes) -> str:
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/3gpp" if brand[:2] == b"3g" else "video/mp4"


def _is_text(head: bytes) -> bool:
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head):
        return False
    # A letter of several bytes may be cut at the end of what was looked at.
    for cut in range(4):
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return True
    return False
