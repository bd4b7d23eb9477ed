"""Generated sound of conversations: two voices that take turns, each on its own side.

A recording is a WAV file: 8000 samples a second, 16 bits, two channels (left whoever is outside,
right the employee). Few distinct files stand for all conversations; the nearest length is taken.
"""

from __future__ import annotations

import io
import os
import shutil
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.simulator.calendar import Floats

RATE = 8000
BUCKETS = 400  # of the waveform, per side
FOLDER = "simulator"
_LENGTHS_S = (4, 7, 11, 16, 22, 30, 40, 55)
_VOICES_HZ = (118.0, 196.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One generated file."""

    path: Path
    size_bytes: int
    sound_s: float
    peaks: bytes


class SoundBank:
    """The distinct files, made in `root`/simulator when they are not there yet."""

    def __init__(self, root: Path, *, seed: int) -> None:
        self.root = root
        self.sounds = [_made(root / FOLDER / f"talk-{length:02d}.wav", length, seed) for length in _LENGTHS_S]

    def nearest(self, talk_s: Floats) -> npt.NDArray[np.int64]:
        """For each conversation the position of the sound that is nearest in length."""
        lengths = np.array([sound.sound_s for sound in self.sounds])
        return np.abs(np.asarray(talk_s)[:, None] - lengths).argmin(axis=1).astype(np.int64)

    def put(self, path: Path, talk_s: float) -> Sound:
        """Place the nearest sound under another name, without a second copy where the disk allows."""
        sound = self.sounds[int(self.nearest(np.array([talk_s]))[0])]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        try:
            os.link(sound.path, path)
        except OSError:
            shutil.copyfile(sound.path, path)
        return sound


def waveform(samples: npt.NDArray[np.int16], buckets: int = BUCKETS) -> bytes:
    """Loudest sample of each bucket as 0..255: all buckets of the first side, then of the second."""
    loud = np.abs(samples.astype(np.int32))
    edges = np.linspace(0, len(loud), buckets, endpoint=False).astype(np.int64)
    peaks = np.maximum.reduceat(loud, edges, axis=0)
    return (peaks * 255 // 32_768).astype(np.uint8).T.tobytes()


def conversation(seconds: float, seed: int) -> npt.NDArray[np.int16]:
    """Samples of a conversation, one column a side."""
    rng = np.random.default_rng([seed, 7])
    total = int(seconds * RATE)
    sides = np.zeros((total, 2))
    at, side = int(0.3 * RATE), 1
    while at < total:
        length = min(total - at, int(rng.uniform(1.0, 3.5) * RATE))
        sides[at : at + length, side] = _speech(rng, length, _VOICES_HZ[side])
        at += length + int(rng.uniform(0.15, 0.7) * RATE)
        side = 1 - side
    return np.asarray(sides * 21_000, np.int16)


def _speech(rng: np.random.Generator, length: int, pitch_hz: float) -> Floats:
    """Something that rises, falls and pauses like speech, without a word in it."""
    at = np.arange(length) / RATE
    melody = pitch_hz * (1 + 0.12 * np.sin(2 * np.pi * rng.uniform(0.3, 0.8) * at + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(melody) / RATE
    tone = sum(np.sin(phase * harmonic) / harmonic**1.2 for harmonic in range(1, 9))
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(3.2, 4.6) * at) + 0.35, 0, 1)
    knots = np.arange(0, at[-1] + 0.8, 0.4)
    loudness = np.interp(at, knots, rng.uniform(0.25, 1.0, len(knots)))
    spoken = (np.asarray(tone) / 2.2 + 0.06 * rng.standard_normal(length)) * syllables * loudness
    return np.clip(spoken, -1, 1)


def _made(path: Path, seconds: int, seed: int) -> Sound:
    samples = conversation(seconds, seed + seconds)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole under another name first: a reader never sees half a file.
        part = path.with_suffix(".part")
        part.write_bytes(wav(samples))
        part.replace(path)
    return Sound(path=path, size_bytes=path.stat().st_size, sound_s=len(samples) / RATE, peaks=waveform(samples))


def wav(samples: npt.NDArray[np.int16]) -> bytes:
    """Two columns of samples as a file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()
