"""Call detail records, whatever they come from: one line per pair of channels, times of whole local seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

COLUMNS = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_IDENTITY = ("uniqueid", "userfield")  # each can be switched off in cdr.conf
_NEWER = ("peeraccount", "linkedid", "sequence")
_SHAPES = {
    len(COLUMNS) + known + newer: COLUMNS + _IDENTITY[:known] + _NEWER[:newer]
    for known in range(3)
    for newer in (0, len(_NEWER))
}
_EPOCH = re.compile(r"(?:^|-)(\d{9,11})\.\d+$")


class BadRow(ValueError):
    """A row that cannot be used; the text names the column and its value."""


class CdrLine(NamedTuple):
    """One record. Times are unix time; of several lines of one call the ids are in common."""

    place: int  # where it stood in its source: byte offset, or the row's own id
    src: str
    dst: str
    clid: str
    channel: str
    peer: str  # the channel it was connected to, or tried
    app: str
    data: str
    started_at: float
    answered_at: float | None
    ended_at: float
    disposition: str
    uniqueid: str
    linkedid: str
    sequence: int
    recording: str = ""
    did: str = ""

    @property
    def is_answered(self) -> bool:
        """What the PBX calls answered: menus, music and voicemail are too."""
        return self.disposition == "ANSWERED"


def cdr_line(values: Sequence[str], place: int, zone: ZoneInfo) -> CdrLine:
    """A row of Master.csv, old or new column set. Raises BadRow."""
    names = _SHAPES.get(len(values))
    if names is None:
        expected = ", ".join(str(count) for count in sorted(_SHAPES))
        raise BadRow(f"{len(values)} columns, where a record has {expected}")
    return cdr_record(dict(zip(names, values, strict=True)), place, zone)


def cdr_record(row: Mapping[str, str], place: int, zone: ZoneInfo) -> CdrLine:
    """A record by the names of its columns. Raises BadRow."""
    uniqueid, channel = row.get("uniqueid", ""), row["channel"]
    if not channel:
        raise BadRow("channel: empty")
    born = epoch_of(uniqueid)
    started_at = _instant(row, "start", zone, born)
    ended_at = _instant(row, "end", zone, born) if row["end"] else started_at
    answered_at = _instant(row, "answer", zone, born) if row["answer"] else None
    if ended_at < started_at:
        raise BadRow(f"end: {row['end']!r} is before the start {row['start']!r}")
    return CdrLine(
        place,
        row["src"],
        row["dst"],
        row["clid"],
        channel,
        row["dstchannel"],
        row["lastapp"],
        row["lastdata"],
        started_at,
        answered_at,
        ended_at,
        row["disposition"].upper(),
        uniqueid,
        row.get("linkedid", ""),
        _number(row, "sequence"),
        row.get("recordingfile", ""),
        row.get("did", ""),
    )


def cdr_of_table(row: Mapping[str, str], place: int, zone: ZoneInfo) -> CdrLine:
    """A row of a database: its beginning and how long it took and was talked. Raises BadRow."""
    uniqueid, channel = row.get("uniqueid", ""), row["channel"]
    if not channel:
        raise BadRow("channel: empty")
    started_at = _instant(row, "calldate" if "calldate" in row else "start", zone, epoch_of(uniqueid))
    duration_s, talked_s = _number(row, "duration"), _number(row, "billsec")
    if talked_s > duration_s:
        raise BadRow(f"billsec: {talked_s} is more than the duration {duration_s}")
    disposition = row["disposition"].upper()
    ended_at = started_at + duration_s
    return CdrLine(
        place,
        row["src"],
        row["dst"],
        row.get("clid", ""),
        channel,
        row.get("dstchannel", ""),
        row.get("lastapp", ""),
        row.get("lastdata", ""),
        started_at,
        ended_at - talked_s if disposition == "ANSWERED" else None,
        ended_at,
        disposition,
        uniqueid,
        row.get("linkedid", ""),
        _number(row, "sequence"),
        row.get("recordingfile", ""),
        row.get("did", ""),
    )


def epoch_of(uniqueid: str) -> int | None:
    """The second in which the channel was made, which a unique id tells."""
    found = _EPOCH.search(uniqueid)
    return int(found[1]) if found is not None else None


def _number(row: Mapping[str, str], name: str) -> int:
    text = row.get(name, "")
    if text and not text.isdecimal():
        raise BadRow(f"{name}: {text!r} is no number")
    return int(text or 0)


def _instant(row: Mapping[str, str], name: str, zone: ZoneInfo, born: int | None) -> float:
    try:
        return instant(row[name], zone, born)
    except (ValueError, OverflowError):
        raise BadRow(f"{name}: {row[name]!r} is no time like 2026-11-22 21:13:21") from None


def instant(text: str, zone: ZoneInfo, born: int | None) -> float:
    """Unix time of a local time. born: the second in which its channel was made. Raises ValueError."""
    hour, rest = _hour(text[:13], zone), _seconds(text[13:])
    first, second = hour[0] + rest, hour[1] + rest
    # An hour that the clocks repeat: the channel cannot be younger than its own record.
    return second if first != second and born is not None and first < born - 1 else first


@lru_cache(maxsize=256)
def _hour(text: str, zone: ZoneInfo) -> tuple[float, float]:
    """Both instants at which a local hour may begin; mostly they are the same."""
    local = datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=zone)
    return local.timestamp(), local.replace(fold=1).timestamp() if _repeats(local) else local.timestamp()


def _repeats(local: datetime) -> bool:
    """Whether the hour comes twice; one that never comes has two offsets too, in the other order."""
    return local.replace(fold=1).timestamp() > local.timestamp()


def _seconds(text: str) -> float:
    if len(text) < 6 or text[0] != ":" or text[3] != ":":
        raise ValueError(text)
    minutes, seconds = int(text[1:3]), float(text[4:])
    if not (0 <= minutes < 60 and 0 <= seconds < 61):
        raise ValueError(text)
    return minutes * 60 + seconds
