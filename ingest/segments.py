"""Segments: the folders in which the raw stream of one PBX lies on disk, each readable like a capture.

    <journal>/<pbx>/0000000000012345-20261122T20Z-7/
        events.ami       the bytes exactly as received (events.ami.gz once closed)
        times.csv        offset,unix_time: when the piece that begins at this offset was received
        segment.json     how and when it ended; missing while it is written

The name tells the number of the segment's first message, the UTC hour and the number of the
connection. Numbers run on from segment to segment; they rise always, but one may be left out,
because blank lines are counted instead of messages (which are never more). An hour's end cuts a
connection into segments at a blank line between messages.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

import orjson
import structlog

from data.errors import JournalError

log = structlog.get_logger()

CONTINUED = "continued"  # how a segment ends whose connection goes on in the next one
OWN_RESTART = "own_restart"  # we ended while the connection stood
BLANK_LINE = re.compile(rb"\n\r?\n")
TIMES_HEADING = b"offset,unix_time\n"

_NAME = re.compile(r"(\d{16})-(\d{8}T\d\d)Z-(\d+)")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a segment ended: CONTINUED, or the cause for which the connection was lost."""

    cause: str
    at: float  # unix time
    bytes: int
    messages: int  # at most; how far the numbers of the next segment are ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One folder of the journal."""

    folder: Path
    first: int  # number of its first message
    hour: str  # 20261122T20
    connection: int

    @property
    def events(self) -> Path:
        return self.folder / "events.ami"

    @property
    def times(self) -> Path:
        return self.folder / "times.csv"

    def ending(self) -> Ending | None:
        """How it ended; None while it is written, or where we were killed."""
        try:
            return Ending(**orjson.loads((self.folder / "segment.json").read_bytes()))
        except FileNotFoundError:
            return None
        except (orjson.JSONDecodeError, TypeError) as error:
            raise JournalError(f"{self.folder}/segment.json cannot be read: {error}. Remove that file.") from error

    def end(self, ending: Ending) -> None:
        replace_file(self.folder / "segment.json", orjson.dumps(asdict(ending)))

    def open(self, name: Path) -> FileIO | gzip.GzipFile:
        """One of its two files for reading, packed or not. Raises JournalError."""
        for _ in range(2):  # packing may replace the plain file between the two looks
            with contextlib.suppress(FileNotFoundError):
                # Unbuffered: of a file that grows, nothing must be kept that was read too early.
                return name.open("rb", buffering=0)
            with contextlib.suppress(FileNotFoundError):
                return gzip.open(name.with_name(name.name + ".gz"), "rb")
        raise JournalError(f"{name}: this part of the journal is gone. Was it removed by hand?")


def hour_of(at: float) -> str:
    """The UTC hour as it stands in names."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H")


def start_of(segment: Segment) -> float:
    """Unix time at which the hour in its name begins."""
    return datetime.strptime(f"{segment.hour}+0000", "%Y%m%dT%H%z").timestamp()


def new_segment(journal: Path, *, first: int, at: float, connection: int) -> Segment:
    """A segment that is to be made; nothing is on disk yet."""
    hour = hour_of(at)
    return Segment(folder=journal / f"{first:016d}-{hour}Z-{connection}", first=first, hour=hour, connection=connection)


def segments(journal: Path) -> list[Segment]:
    """The segments of one PBX in order; folders with other names are not ours."""
    found = [
        Segment(folder=folder, first=int(match[1]), hour=match[2], connection=int(match[3]))
        for folder in (journal.iterdir() if journal.is_dir() else ())
        if (match := _NAME.fullmatch(folder.name))
    ]
    return sorted(found, key=lambda segment: (segment.first, segment.connection))


def recover(journal: Path) -> tuple[int, int]:
    """Close what a killed process left open; the next first number and the last connection's number.

    A message that is not whole is cut off and reported: it will never be completed.
    """
    first, connection = 1, 0
    last: tuple[Segment, Ending] | None = None
    for segment in segments(journal):
        _finish_packing(segment)
        ending = segment.ending() or _close_torn(segment)
        connection = segment.connection
        first = segment.first + ending.messages
        if ending.bytes:
            last = segment, ending
    if last and last[1].cause == CONTINUED:  # killed before the next segment held a whole message
        last[0].end(replace(last[1], cause=OWN_RESTART))
    return first, connection


def _finish_packing(segment: Segment) -> None:
    for path in (segment.events, segment.times):
        path.with_name(path.name + ".gz.new").unlink(missing_ok=True)
        if path.with_name(path.name + ".gz").exists():
            path.unlink(missing_ok=True)  # the packed file got its name when it was whole


def _close_torn(segment: Segment) -> Ending:
    size = segment.events.stat().st_size if segment.events.exists() else 0
    whole = whole_bytes(segment.events) if size else 0
    moments = [moment for moment in _moments(segment) if moment[0] < whole]
    moments = moments or [(0, start_of(segment))]  # a power cut may have taken all times
    if whole:
        os.truncate(segment.events, whole)
    messages = _count_messages(segment.events) if whole else 0
    ending = Ending(cause=OWN_RESTART, at=moments[-1][1], bytes=whole, messages=messages)
    if whole:
        replace_file(segment.times, TIMES_HEADING + b"".join(times_line(*moment) for moment in moments))
        segment.end(ending)
    else:
        shutil.rmtree(segment.folder)
    if whole < size:
        log.warning(
            "journal ended within a message, the torn tail was cut",
            segment=segment.folder.name,
            torn_bytes=size - whole,
            whole_bytes=whole,
        )
    return ending


def whole_bytes(events: Path) -> int:
    """Bytes up to the end of the last blank line, found from behind: a segment may be large."""
    with events.open("rb") as file:
        until = file.seek(0, os.SEEK_END)
        while until > 0:
            start = max(0, until - _CHUNK)
            file.seek(start)
            data = file.read(until - start + 2)  # a blank line may lie across two chunks
            if found := max((blank.end() for blank in BLANK_LINE.finditer(data)), default=0):
                return start + found
            until = start
    return 0


def _count_messages(events: Path) -> int:
    count, tail = 0, b""
    with events.open("rb") as file:
        while data := file.read(_CHUNK):
            count += count_messages(tail, data)
            tail = data[-2:]
    return count


def count_messages(tail: bytes, data: bytes) -> int:
    """How many messages may end in `data`, which follows upon `tail`; never too few."""
    return (tail[-2:] + data).count(b"\n\r\n") + (tail[-1:] + data).count(b"\n\n")


def _moments(segment: Segment) -> Iterator[tuple[int, float]]:
    if not segment.times.exists():
        return
    for line in segment.times.read_bytes().split(b"\n")[1:-1]:  # what stands behind the last line end is torn
        offset, _, moment = line.partition(b",")
        try:
            yield int(offset), float(moment)
        except ValueError:
            return  # a power cut may leave zeros


def times_line(offset: int, at: float) -> bytes:
    return b"%d,%.6f\n" % (offset, at)


def pack(segment: Segment) -> None:
    """Compress a closed segment; a kill in between leaves the plain files."""
    for path in (segment.times, segment.events):
        if not path.exists():
            continue
        packed = path.with_name(path.name + ".gz.new")
        with path.open("rb") as plain, packed.open("wb") as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as target:
                shutil.copyfileobj(plain, target, _CHUNK)
            raw.flush()
            os.fsync(raw.fileno())
        packed.rename(path.with_name(path.name + ".gz"))
        path.unlink()


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a kill or a power cut leaves either the old or the new content."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
