"""A PBX's stream as messages: framing bytes, reading headers, reading captures and journal segments.

Nothing here knows what a message means. A `Message` keeps its bytes and reads its headers only
when somebody asks for them, because most messages are dropped by name alone.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from data.errors import JournalError

LIMIT_BYTES = 65_536  # the longest message that is kept whole; what follows its limit is dropped
SPACING_S = 0.010  # between events of captures that carry no times
_BLANK_LINE = re.compile(rb"\n\r?\n")
_EVENT = b"Event: "
EPOCH = re.compile(r"(?:^|-)(\d{9,11})\.\d+$")  # a unique id tells the second in which it was made


class Message:
    """One message of a manager interface: an event, or the answer to an action.

    sequence: running number of the message within the journal of one PBX; received_at: unix time.
    """

    __slots__ = ("_fields", "name", "raw", "received_at", "sequence")

    def __init__(self, sequence: int, received_at: float, raw: bytes, fields: Mapping[str, str] | None = None) -> None:
        self.sequence = sequence
        self.received_at = received_at
        self.raw = raw
        self._fields = fields
        self.name = name_of(raw) if fields is None else fields.get("Event", "")

    @property
    def fields(self) -> Mapping[str, str]:
        """Headers by name; of a repeated header the first value."""
        if self._fields is None:
            self._fields = parse_headers(self.raw)
        return self._fields

    def __repr__(self) -> str:
        return f"Message({self.sequence}, {self.name or 'response'})"


def name_of(raw: bytes) -> str:
    """The event's name; empty for an answer to an action, a banner or garbage."""
    if raw.startswith(_EVENT):
        start = len(_EVENT)
    else:
        start = raw.find(b"\n" + _EVENT) + 1 + len(_EVENT)
        if start == len(_EVENT):
            return ""
    end = raw.find(b"\n", start)
    return raw[start : end if end >= 0 else len(raw)].strip().decode("utf-8", "replace")


def parse_headers(raw: bytes) -> dict[str, str]:
    """Headers by name. A line without a colon is skipped, a repeated header keeps its first value."""
    text = raw.decode("utf-8", "replace")
    lines = text.split("\r\n" if "\r\n" in text else "\n")
    lines.reverse()  # of equal names the last one written stays, and that shall be the first
    fields = dict([line.split(": ", 1) for line in lines if ": " in line])
    if len(fields) < len(lines) - 1:
        for line in lines:
            name, colon, value = line.partition(":")
            if colon and name not in fields:
                fields[name] = value.strip()
    return fields


class Framer:
    """Cuts a byte stream into messages at blank lines; any piece size gives the same messages.

    A message longer than `limit` is cut there and the rest of it skipped, so that garbage without
    an end cannot fill the memory; `oversized` counts these.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.oversized = 0
        self.offset = 0  # bytes taken so far
        self._limit = limit
        self._rest = b""
        self._dropped = 0  # bytes of the unfinished message that were skipped

    def feed(self, piece: bytes) -> list[tuple[bytes, int]]:
        """Messages that this piece completes, each with the offset just behind it."""
        data = self._rest + piece
        base = self.offset - len(self._rest)
        self.offset += len(piece)
        found: list[tuple[bytes, int]] = []
        start = 0
        for blank in _BLANK_LINE.finditer(data):
            self._keep(found, data[start : blank.start() + 1], base + blank.end())
            start = blank.end()
        self._rest = data[start:]
        self._skip_excess()
        return found

    def _keep(self, found: list[tuple[bytes, int]], raw: bytes, end: int) -> None:
        length = len(raw) + self._dropped
        self._dropped = 0
        if length > self._limit:
            self.oversized += 1
            raw = raw[: self._limit]
            raw = raw[: raw.rfind(b"\n") + 1]  # half a header would be taken for a whole one
        if raw.strip():
            found.append((raw, end))

    def _skip_excess(self) -> None:
        # The last two bytes stay: they may be the first half of a blank line. The dot keeps them
        # apart from the kept head, with which they could look like one.
        excess = len(self._rest) - self._limit - 3
        if excess > 0:
            self._rest = self._rest[: self._limit] + b"." + self._rest[-2:]
            self._dropped += excess

    def torn(self) -> bytes:
        """What the stream ended with in the middle of a message; the framer is empty afterwards."""
        rest, self._rest, self._dropped = self._rest, b"", 0
        return rest


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection to the PBX as it was captured: a file, and the time of each piece received."""

    path: Path
    times: Path | None

    def messages(self, first_sequence: int = 1) -> Iterator[Message]:
        """The messages in order, numbered from `first_sequence`. Raises JournalError."""
        data = read_bytes(self.path)
        if data.lstrip()[:1] in (b"[", b"{"):
            yield from _json_messages(data, self.path, first_sequence)
        else:
            yield from _raw_messages(data, self._moments(), first_sequence)

    def _moments(self) -> tuple[list[int], list[float]]:
        if self.times is None:
            return [], []
        rows = csv.reader(io.StringIO(read_bytes(self.times).decode("ascii", "replace")))
        offsets: list[int] = []
        moments: list[float] = []
        for row in rows:
            try:
                offset, moment = int(row[0]), float(row[1])
            except (ValueError, IndexError):
                continue  # the heading, or a torn last line
            offsets.append(offset)
            moments.append(moment)
        return offsets, moments


def connections(paths: list[Path]) -> list[Connection]:
    """The connections behind capture folders and files, in the order given.

    A folder stands for its `events…` files in the order of their numbers. Raises JournalError.
    """
    found: list[Connection] = []
    for path in paths:
        if path.is_dir():
            files = sorted((file for file in path.iterdir() if _is_events(file)), key=_number)
            if not files:
                raise JournalError(f"{path}: no events.ami, events.json or .gz of them in this folder.")
            found += [Connection(file, _times_beside(file)) for file in files]
        elif path.exists():
            found.append(Connection(path, _times_beside(path)))
        else:
            raise JournalError(f"{path}: no such file or folder. Name a capture folder or its events file.")
    return found


_EVENTS_NAME = re.compile(r"events(?:-(\d+))?\.(ami|json)(\.gz)?$")


def _is_events(file: Path) -> bool:
    return _EVENTS_NAME.fullmatch(file.name) is not None


def _number(file: Path) -> int:
    match = _EVENTS_NAME.fullmatch(file.name)
    return int(match[1] or 1) if match else 1


def _times_beside(file: Path) -> Path | None:
    match = _EVENTS_NAME.fullmatch(file.name)
    if match is None:
        return None
    stem = f"times-{match[1]}" if match[1] else "times"
    return next((path for path in (file.with_name(f"{stem}.csv{end}") for end in (".gz", "")) if path.exists()), None)


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked where it is packed. Raises JournalError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise JournalError(f"{path} cannot be read: {error}. Is the file whole?") from error


def _raw_messages(data: bytes, moments: tuple[list[int], list[float]], sequence: int) -> Iterator[Message]:
    offsets, times = moments
    clock = _Clock()
    for raw, end in Framer().feed(data):
        if times:
            # The piece that holds the last byte completed the message.
            received_at = times[max(0, bisect_right(offsets, end - 1) - 1)]
            yield Message(sequence, received_at, raw)
        else:
            fields = parse_headers(raw)
            yield Message(sequence, clock.read(fields), raw, fields)
        sequence += 1


def _json_messages(data: bytes, path: Path, sequence: int) -> Iterator[Message]:
    clock = _Clock()
    for event in _json_events(data, path):
        fields = {str(key): _text(value) for key, value in event.items()}
        yield Message(sequence, clock.read(fields), b"", fields)
        sequence += 1


def _json_events(data: bytes, path: Path) -> list[dict[str, object]]:
    try:
        loaded = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            loaded = [orjson.loads(line) for line in data.splitlines() if line.strip()]
        except orjson.JSONDecodeError as error:
            raise JournalError(f"{path} is neither a JSON list nor JSON lines: {error}.") from error
    if isinstance(loaded, dict):
        loaded = loaded.get("events", [loaded])
    if not isinstance(loaded, list):
        raise JournalError(f"{path} holds no list of events.")
    return [event for event in loaded if isinstance(event, dict)]


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return "" if value is None else str(value)


class _Clock:
    """Times for captures without times: from `Timestamp`, else from unique ids, else a fixed spacing."""

    def __init__(self) -> None:
        self._now = 0.0

    def read(self, fields: Mapping[str, str]) -> float:
        self._now += SPACING_S
        try:
            self._now = float(fields.get("Timestamp", ""))
        except ValueError:
            made = EPOCH.search(fields.get("Uniqueid", "")) if fields.get("Event") == "Newchannel" else None
            if made:
                self._now = max(self._now, float(made[1]))
        return self._now
