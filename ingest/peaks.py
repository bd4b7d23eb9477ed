"""Measures a sound file once: length, sides, codec, and the loudness that the player draws.

A WAV file is read by the standard library, bucket by bucket, so that a long one needs no more
memory than a short one. Of other formats the length is read from their tags, and nothing is drawn.
"""

from __future__ import annotations

import hashlib
import os
import stat
import wave
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import structlog

from ingest.webm import NoWebm, read_webm

BUCKETS = 400  # per side
_HEADER_BYTES = 44  # the shortest of a WAV file
_CODECS = {1: "pcm_u8", 2: "pcm_s16le", 3: "pcm_s24le", 4: "pcm_s32le"}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a file holds; None where its format does not tell."""

    size_bytes: int
    sound_s: float | None = None
    channel_count: int | None = None
    codec: str | None = None
    checksum: str | None = None  # SHA-256 of the whole file
    peaks: bytes | None = None  # 0..255: all buckets of the first side, then of the second


def measure(path: Path) -> Sound:
    """What the file holds, as far as it can be read. Raises OSError where it cannot be opened."""
    # Not blocking, and not through a link: between the look and this a pipe may have taken its place.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no regular file")
        sound = _sound_of(file, path, found.st_size)
        return replace(sound, checksum=_checksum(file))


def _sound_of(file: BinaryIO, path: Path, size_bytes: int) -> Sound:
    try:
        return _of_wav(file, size_bytes)
    except (wave.Error, EOFError, ValueError, ZeroDivisionError):
        file.seek(0)
    try:
        webm = read_webm(file, size_bytes)
    except NoWebm:
        file.seek(0)
        return _of_tags(file, path, size_bytes)
    return Sound(size_bytes=size_bytes, sound_s=webm.sound_s, channel_count=webm.channel_count, codec=webm.codec)


def _checksum(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _of_wav(file: BinaryIO, size_bytes: int) -> Sound:
    with wave.open(file, "rb") as sound:
        sides, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        # A header may claim more than was written: the PBX died, or somebody forged it.
        frames = min(sound.getnframes(), max(0, size_bytes - _HEADER_BYTES) // (sides * width))
        return Sound(
            size_bytes=size_bytes,
            sound_s=frames / rate,
            channel_count=sides,
            codec=_CODECS.get(width, "pcm"),
            peaks=_peaks(sound, frames) if frames and sides <= 2 and width <= 2 else None,
        )


def _peaks(sound: wave.Wave_read, frames: int) -> bytes:
    edges = [frames * bucket // BUCKETS for bucket in range(BUCKETS + 1)]
    loudest = np.zeros((BUCKETS, sound.getnchannels()), np.int64)
    for bucket, (begin, end) in enumerate(pairwise(edges)):
        sound.setpos(begin)
        samples = _samples(sound.readframes(max(1, end - begin)), sound)
        if len(samples):
            loudest[bucket] = np.abs(samples).max(axis=0)
    return np.minimum(loudest * 255 // 32_768, 255).astype(np.uint8).T.tobytes()


def _samples(raw: bytes, sound: wave.Wave_read) -> npt.NDArray[np.int64]:
    """One column a side, as if of 16 bits."""
    sides, width = sound.getnchannels(), sound.getsampwidth()
    whole = raw[: len(raw) // (sides * width) * (sides * width)]
    if width == 1:  # WAV of 8 bits has no sign: silence is 128
        return (np.frombuffer(whole, np.uint8).astype(np.int64).reshape(-1, sides) - 128) * 256
    return np.frombuffer(whole, "<i2").astype(np.int64).reshape(-1, sides)


def _of_tags(file: BinaryIO, path: Path, size_bytes: int) -> Sound:
    from tinytag import TinyTag  # seldom needed, and not small

    codec = path.suffix.lower().lstrip(".") or None
    try:
        tag = TinyTag.get(path.name, file_obj=file, tags=False)
    except Exception as error:  # a reader of foreign formats, given a file that may be anything
        log.info("length of a recording unknown", file=path.name, reason=str(error) or type(error).__name__)
        return Sound(size_bytes=size_bytes, codec=codec)
    return Sound(size_bytes=size_bytes, sound_s=tag.duration, channel_count=tag.channels, codec=codec)
