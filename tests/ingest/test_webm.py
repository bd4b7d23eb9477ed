"""Length, sides and codec of WebM files, whole, live-recorded, cut off and forged."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import pytest

from ingest.peaks import measure
from ingest.webm import NoWebm, Webm, read_webm


def element(kind: int, content: bytes, *, is_open: bool = False) -> bytes:
    """One element; is_open: its size is not told, as of a live recording."""
    head = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if is_open else (1 << 56 | len(content)).to_bytes(8, "big")
    return head + size + content


def webm(
    *, duration: float | None = 61_500.0, sides: int = 2, is_open: bool = False, codec: bytes = b"A_OPUS"
) -> bytes:
    """Three clusters of a second, 20 ms a block."""
    told = element(0x4489, struct.pack(">d", duration)) if duration is not None else b""
    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + told)
    audio = element(0xE1, element(0xB5, struct.pack(">d", 8000.0)) + element(0x9F, bytes([sides])))
    video = element(0xAE, element(0x83, b"\x01") + element(0x86, b"V_VP8"))
    track = element(0xAE, element(0xD7, b"\x01") + element(0x83, b"\x02") + element(0x86, codec) + audio)
    clusters = b"".join(
        element(
            0x1F43B675,
            element(0xE7, (second * 1000).to_bytes(2, "big"))
            + b"".join(element(0xA3, b"\x81" + at.to_bytes(2, "big") + b"\x80sound") for at in range(0, 1000, 20)),
            is_open=is_open,
        )
        for second in range(3)
    )
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(
        0x18538067, info + element(0x1654AE6B, video + track) + clusters, is_open=is_open
    )


def read(raw: bytes) -> Webm:
    return read_webm(io.BytesIO(raw), len(raw))


def test_the_head_tells_length_sides_and_codec() -> None:
    assert read(webm()) == Webm(61.5, 2, "opus")
    assert read(webm(sides=1, codec=b"A_VORBIS")) == Webm(61.5, 1, "vorbis")


@pytest.mark.parametrize("is_open", [False, True], ids=["closed", "open"])
def test_a_live_recording_is_as_long_as_its_last_block_says(is_open: bool) -> None:
    found = read(webm(duration=None, is_open=is_open))

    assert found.sound_s == pytest.approx(3.0)
    assert found.channel_count == 2


def test_a_file_that_is_cut_off_anywhere_is_read_as_far_as_it_goes_or_refused() -> None:
    raw = webm(duration=None)
    lengths = []
    for end in range(0, len(raw), 37):
        try:
            found = read(raw[:end])
        except NoWebm:
            continue
        if found.sound_s is not None:
            lengths.append(found.sound_s)

    assert lengths == sorted(lengths)
    assert lengths[-1] <= 3.01


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"RIFF....WAVE",
        b"\x1a\x45\xdf\xa3\x80",
        b"\x1a\x45\xdf\xa3" + b"\xff" * 20,
        element(0x1A45DFA3, b"") + element(0x18538067, element(0x1549A966, b"\x00" * 50)),
        element(0x1A45DFA3, b"") + element(0x18538067, b"\xec\x80" * 300_000),
    ],
    ids=["empty", "wav", "nothing behind", "endless", "zeros", "too many"],
)
def test_what_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(NoWebm):
        read(raw)


def test_forged_lengths_are_none() -> None:
    assert read(webm(duration=1e14)).sound_s is None
    assert read(webm(duration=float("nan"))).sound_s == pytest.approx(3.0)


def test_a_measured_file_has_its_checksum(tmp_path: Path) -> None:
    file = tmp_path / "a.webm"
    file.write_bytes(webm())

    sound = measure(file)

    assert (sound.sound_s, sound.channel_count, sound.codec) == (61.5, 2, "opus")
    assert sound.checksum == hashlib.sha256(webm()).hexdigest()
