"""What a WebM (or Matroska) file says of its sound: length, sides, codec. Only headers are read, never the sound.

A file is a tree of elements: an id, a size, a content. Of what a browser or ffmpeg recorded live the length is often
missing in the head; then the last blocks tell it. Everything comes from a file that may be anything, so sizes are
checked against what is there, and the number of elements that are looked at is limited.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK, _TYPE, _CODEC, _AUDIO, _CHANNELS = 0xAE, 0x83, 0x86, 0xE1, 0x9F
_TIMESTAMP, _BLOCK, _GROUP, _INNER_BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_SOUND = 2  # kind of a track
_MOST_ELEMENTS = 200_000
_LONGEST_HEAD = 1 << 20
_FRAME_S = 0.02  # the last frame begins where its block says
_LONGEST_S = 7 * 86_400.0
_CODECS = {"A_OPUS": "opus", "A_VORBIS": "vorbis", "A_AAC": "aac", "A_PCM/INT/LIT": "pcm_s16le"}


class NoWebm(ValueError):
    """The bytes are no WebM that can be read."""


@dataclass(frozen=True, slots=True)
class Webm:
    """None where the file does not tell."""

    sound_s: float | None
    channel_count: int | None
    codec: str | None


def read_webm(file: BinaryIO, size_bytes: int) -> Webm:
    """What the file says. Raises NoWebm."""
    walk = _Walk(file)
    kind, begin, end = walk.element(0, size_bytes)
    if kind != _EBML:
        raise NoWebm("does not begin like one")
    kind, begin, end = walk.element(end, size_bytes)
    if kind != _SEGMENT:
        raise NoWebm("has no segment")
    scale_s, duration, sides, codec, last_s = 0.001, None, None, None, None
    at = begin
    while at < end:
        kind, inner, following = walk.element(at, end)
        if kind == _INFO:
            values = dict(walk.children(inner, following))
            scale_s = (_whole(values[_SCALE]) if _SCALE in values else 1_000_000) / 1e9
            duration = _real(values[_DURATION]) if _DURATION in values else None
        elif kind == _TRACKS:
            sides, codec = _sound(walk, inner, following)
        elif kind == _CLUSTER:
            if duration:
                break  # the head has told it all
            latest, following = walk.last_block(inner, following)
            last_s = max(last_s or 0.0, latest * scale_s + _FRAME_S)
        at = following
    length_s = duration * scale_s if duration else last_s
    known = length_s is not None and 0.0 <= length_s <= _LONGEST_S
    return Webm(length_s if known else None, sides, codec)


def _sound(walk: _Walk, begin: int, end: int) -> tuple[int | None, str | None]:
    """Sides and codec of the first track of sound."""
    at = begin
    while at < end:
        kind, inner, following = walk.element(at, end)
        at = following
        if kind != _TRACK:
            continue
        values = dict(walk.children(inner, following))
        if _whole(values.get(_TYPE, b"")) != _SOUND:
            continue
        name = values.get(_CODEC, b"").rstrip(b"\x00").decode("ascii", "replace")[:40]
        audio = values.get(_AUDIO)
        sides = _whole(dict(_flat(audio)).get(_CHANNELS, b"\x01")) if audio is not None else 1
        return sides if 1 <= sides <= 32 else None, _CODECS.get(name, name.removeprefix("A_").lower() or None)
    return None, None


class _Walk:
    """Elements of one file, not more than a bearable number of them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = _MOST_ELEMENTS

    def element(self, at: int, end: int) -> tuple[int, int, int]:
        """Id, where the content begins, where it ends; an open end is that of the parent."""
        self._left -= 1
        if self._left < 0:
            raise NoWebm("has too many parts")
        self._file.seek(at)
        head = self._file.read(12)
        kind, kind_bytes = _number(head, 0, keep_mark=True)
        size, size_bytes = _number(head, kind_bytes, keep_mark=False)
        begin = at + kind_bytes + size_bytes
        is_open = size == (1 << (7 * size_bytes)) - 1
        # What is cut off, or claims more than is there, ends with what it lies in.
        return kind, begin, end if is_open or begin + size > end else begin + size

    def children(self, begin: int, end: int) -> list[tuple[int, bytes]]:
        """The elements of a small one with their content."""
        if end - begin > _LONGEST_HEAD:
            raise NoWebm("has a head that is too long")
        self._file.seek(begin)
        return _flat(self._file.read(end - begin))

    def last_block(self, begin: int, end: int) -> tuple[int, int]:
        """The latest time in a cluster, in ticks, and where the cluster ends: one of open size with the next."""
        base = latest = 0
        at = begin
        while at < end:
            kind, inner, following = self.element(at, end)
            if kind == _CLUSTER:
                return latest, at
            if kind == _TIMESTAMP:
                self._file.seek(inner)
                base = _whole(self._file.read(min(8, following - inner)))
                latest = max(latest, base)
            elif kind in (_BLOCK, _GROUP):
                place = inner
                if kind == _GROUP:
                    inside, place, _ = self.element(inner, following)
                    if inside != _INNER_BLOCK:
                        at = following
                        continue
                self._file.seek(place)
                head = self._file.read(11)
                _, used = _number(head, 0, keep_mark=False)
                if len(head) >= used + 2:
                    latest = max(latest, base + int.from_bytes(head[used : used + 2], "big", signed=True))
            at = following
        return latest, end


def _flat(raw: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(raw) and len(found) < 10_000:
        kind, kind_bytes = _number(raw, at, keep_mark=True)
        size, size_bytes = _number(raw, at + kind_bytes, keep_mark=False)
        at += kind_bytes + size_bytes
        found.append((kind, raw[at : at + size]))
        at += size
    return found


def _number(raw: bytes, at: int, *, keep_mark: bool) -> tuple[int, int]:
    """A number whose first byte tells how long it is, and that length."""
    if at >= len(raw) or raw[at] == 0:
        raise NoWebm("is cut off or damaged")
    length = 9 - raw[at].bit_length()
    if at + length > len(raw):
        raise NoWebm("is cut off or damaged")
    value = int.from_bytes(raw[at : at + length], "big")
    return (value if keep_mark else value & ((1 << (7 * length)) - 1)), length


def _whole(raw: bytes) -> int:
    return int.from_bytes(raw[:8], "big")


def _real(raw: bytes) -> float | None:
    if len(raw) not in (4, 8):
        return None
    value = float(struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0])
    return value if 0.0 < value < 1e15 else None
