"""Channel events as a PBX writes them to a file (`cel_custom`): the same messages as `Event: CEL`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ingest.sources.cdr import BadRow, epoch_of, instant
from ingest.sources.cdr_files import Row, values_of
from ingest.stream import Message

# The order of Asterisk's sample of cel_custom.conf, in the words of `Event: CEL`.
_COLUMNS = (
    "EventName", "EventTime", "CallerIDname", "CallerIDnum", "CallerIDani", "CallerIDrdnis", "CallerIDdnid",
    "Exten", "Context", "Channel", "Application", "AppData", "AMAFlags", "AccountCode", "UniqueID", "LinkedID",
    "Peer", "Userfield", "UserDefType", "Extra",
)  # fmt: skip
_FEWEST = _COLUMNS.index("LinkedID") + 1  # later ones came with later versions
_EPOCH = re.compile(r"\d{9,11}(\.\d+)?")
_NAME = re.compile(r"[A-Z_0-9]+")


def cel_message(row: Row, zone: ZoneInfo) -> Message:
    """A line as a message; its sequence is the place in the file, from 1. Raises BadRow."""
    values = values_of(row.raw)
    if not _FEWEST <= len(values) <= len(_COLUMNS):
        raise BadRow(f"{len(values)} columns, where a channel event has {_FEWEST} to {len(_COLUMNS)}")
    fields = dict(zip(_COLUMNS, values, strict=False))
    return cel_of_fields(fields, row.offset + 1, zone)


def cel_of_fields(fields: Mapping[str, str], sequence: int, zone: ZoneInfo) -> Message:
    """A channel event by the names of `Event: CEL` as a message. Raises BadRow."""
    if not _NAME.fullmatch(fields["EventName"]):
        raise BadRow(f"type: {fields['EventName']!r} is no name of a channel event")
    if not fields["UniqueID"]:
        raise BadRow("uniqueid: empty")
    at = _time(fields["EventTime"], zone, epoch_of(fields["UniqueID"]))
    return Message(sequence, at, b"", {**fields, "Event": "CEL", "Timestamp": f"{at:.6f}"})


def _time(text: str, zone: ZoneInfo, born: int | None) -> float:
    if _EPOCH.fullmatch(text):
        return float(text)
    try:
        return instant(text, zone, born)
    except (ValueError, OverflowError):
        raise BadRow(f"time: {text!r} is neither unix time nor like 2026-11-22 21:13:21.135456") from None
