"""The PBX's log of its queues (`queue_log`): who came, waited, was taken by whom; who is a member, who pauses.

    1795371144|1795371142.90|sales|Ivan Petrov|CONNECT|2|1795371142.93|2
    unix time | channel | queue | member | event | what the event tells

`NONE` stands for what there is not. The file has neither a version nor a heading; events that a
dialplan writes of its own are let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ingest.sources.cdr import BadRow
from ingest.sources.cdr_files import Row

_TIME = re.compile(r"\d{9,11}(\.\d{1,9})?")
_EVENT = re.compile(r"[A-Z][A-Z0-9_]*")
_NUMBER = re.compile(r"\d{1,10}")
_FEWEST = 5
_LONGEST = 80  # of a name, as Asterisk cuts them; longer ones are garbage that nobody shall see on a page

# What an event tells, in its order. Names that end in _s or are `place` are numbers.
_TELLS: Mapping[str, tuple[str, ...]] = {
    "ENTERQUEUE": ("url", "caller", "place"),
    "CONNECT": ("hold_s", "bridged", "ring_s"),
    "COMPLETEAGENT": ("hold_s", "talk_s", "place"),
    "COMPLETECALLER": ("hold_s", "talk_s", "place"),
    "ABANDON": ("last_place", "place", "hold_s"),
    "EXITWITHTIMEOUT": ("last_place", "place", "hold_s"),
    "EXITEMPTY": ("last_place", "place", "hold_s"),
    "EXITWITHKEY": ("key", "last_place", "place", "hold_s"),
    "TRANSFER": ("extension", "context", "hold_s", "talk_s", "place"),
    "BLINDTRANSFER": ("extension", "context", "hold_s", "talk_s", "place"),
    "ATTENDEDTRANSFER": ("method", "target", "hold_s", "talk_s", "place"),
    "RINGNOANSWER": ("ring_ms",),
    "RINGCANCELED": ("ring_ms",),
    "PAUSE": ("reason",),
}
_NUMBERS = frozenset({"hold_s", "talk_s", "ring_s", "ring_ms", "place", "last_place"})


class QueueLine(NamedTuple):
    """One event of the log. An empty text: NONE."""

    place: int  # byte offset in the file
    at: float  # unix time
    uniqueid: str
    queue: str
    member: str  # name of the member, or the interface where it has none
    event: str
    told: Mapping[str, str]

    def number(self, name: str) -> int | None:
        text = self.told.get(name, "")
        return int(text) if text else None


def queue_line(row: Row) -> QueueLine:
    """A line of the log. Raises BadRow."""
    if not row.is_whole:
        raise BadRow("the line is not ended yet")  # half a line looks like a whole one
    values = row.raw.decode("utf-8", "replace").split("|")
    if len(values) < _FEWEST:
        raise BadRow(f"{len(values)} columns, where a queue's event has {_FEWEST} or more")
    time, uniqueid, queue, member, event = (value.strip() for value in values[:_FEWEST])
    if not _TIME.fullmatch(time):
        raise BadRow(f"time: {time!r} is no unix time")
    if not _EVENT.fullmatch(event):
        raise BadRow(f"event: {event!r} is no name of an event")
    for name, value in (("channel", uniqueid), ("queue", queue), ("member", member)):
        if len(value) > _LONGEST * 2 or not value.isprintable():
            raise BadRow(f"{name}: {value[:_LONGEST]!r} is no name")
    told = dict(zip(_TELLS.get(event, ()), values[_FEWEST:], strict=False))
    for name in _NUMBERS & told.keys():
        if told[name] and not _NUMBER.fullmatch(told[name]):
            raise BadRow(f"{name.removesuffix('_s').removesuffix('_ms')}: {told[name]!r} is no number")
    return QueueLine(row.offset, float(time), _none(uniqueid), _none(queue), _none(member), event, told)


def _none(value: str) -> str:
    return "" if value == "NONE" else value
