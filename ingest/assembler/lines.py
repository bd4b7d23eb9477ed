"""What a call is made of while it is put together: lines (channels), dials, stays in bridges."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from ingest.events import CallEvent

OPEN = math.inf  # an end that has not come yet
_SPAN = re.compile(r"((?:DAHDI|Zap)/i\d+)/.*")


@dataclass(slots=True)
class Shown:
    """A caller id as a line showed it."""

    at: float
    number: str
    name: str


@dataclass(slots=True)
class App:
    """An application that the dialplan ran on a line."""

    at: float
    name: str  # lower case
    data: str
    sequence: int


@dataclass(slots=True)
class Dial:
    """One attempt to reach one line; parent None: the PBX itself dialled (originate, transfer)."""

    parent: str | None
    target: str
    string: str  # as given to the channel driver: "201", "79161112233@trunk"
    began_at: float
    exten: str  # where the parent stood in the dialplan
    context: str
    queue: str | None = None
    ended_at: float | None = None
    status: str | None = None
    forward: str | None = None
    picked_up: bool = False
    sequences: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Stay:
    """One stay of one line in one bridge."""

    bridge: str
    kind: str  # basic, base (a conference), parking, holding
    since: float
    until: float = OPEN
    sequences: list[int] = field(default_factory=list)

    @property
    def is_talk(self) -> bool:
        """Whether lines in this bridge hear each other."""
        return self.kind not in ("parking", "holding")


@dataclass(slots=True)
class Span:
    """A stretch of time and the events that bound it."""

    since: float
    until: float = OPEN
    sequences: list[int] = field(default_factory=list)
    label: str = ""


@dataclass(slots=True)
class Line:
    """The life of one channel."""

    uniqueid: str
    name: str
    linkedid: str  # as first seen
    began_at: float
    exten: str
    context: str
    account: str
    born_seen: bool  # False: its beginning was not seen
    position: int  # order of appearance
    shown: list[Shown] = field(default_factory=list)
    dnid: str = ""
    apps: list[App] = field(default_factory=list)
    dials: list[Dial] = field(default_factory=list)  # of which it was the target
    ringing_at: float | None = None
    up_at: float | None = None
    gone_at: float = OPEN
    asked_at: float | None = None  # its far end hung up
    cause: int | None = None
    assumed_gone: str = ""  # why, where no hang-up was seen
    stays: list[Stay] = field(default_factory=list)
    holds: list[Span] = field(default_factory=list)
    made_calls: bool = False  # dialled somebody itself
    sequences: list[int] = field(default_factory=list)
    extension: str | None = None  # told by a queue's member interface
    dial_status: str | None = None  # of the last dial it made, where CEL tells it at its end
    took_over: bool = False  # it called by itself and picked up a call that rang elsewhere

    @property
    def is_local(self) -> bool:
        return self.name.startswith("Local/")

    @property
    def pair(self) -> str:
        """What both halves of a Local channel share."""
        return self.name[:-2] if self.name[-2:] in (";1", ";2") else self.name

    @property
    def device(self) -> str:
        """Technology and name: "PJSIP/201"."""
        base = self.pair
        head, dash, _ = base.rpartition("-")
        device = head if dash and "/" in head else base
        span = _SPAN.fullmatch(device)  # of a primary rate line: the number called stands in the name
        return span[1] if span else device

    @property
    def technology(self) -> str:
        return self.name.partition("/")[0]

    @property
    def tail(self) -> str:
        """The device without its technology: "201"."""
        return self.device.partition("/")[2]

    @property
    def was_dialled(self) -> bool:
        """Somebody called this line, as against: it called."""
        if self.dials:
            return True
        return self.linkedid not in ("", self.uniqueid) or any(
            app.name in ("appdial", "appdial2", "appqueue") for app in self.apps
        )


@dataclass(slots=True)
class Timeline:
    """The whole course of one group of channels, in order of the events."""

    lines: dict[str, Line] = field(default_factory=dict)
    dials: list[Dial] = field(default_factory=list)
    dials_by: dict[str, list[Dial]] = field(default_factory=dict)  # by who dialled
    dials_to: dict[str, list[Dial]] = field(default_factory=dict)  # by whom they ask for
    pairs: dict[str, list[str]] = field(default_factory=dict)
    queue_events: list[CallEvent] = field(default_factory=list)
    transfers: list[CallEvent] = field(default_factory=list)  # also pickups and parking
    conferences: list[CallEvent] = field(default_factory=list)
    files: list[CallEvent] = field(default_factory=list)
    record_marks: list[CallEvent] = field(default_factory=list)
    spying: list[CallEvent] = field(default_factory=list)
    office_numbers: list[CallEvent] = field(default_factory=list)
    bills: list[CallEvent] = field(default_factory=list)
    gaps: list[Span] = field(default_factory=list)
    consultations: list[CallEvent] = field(default_factory=list)
    shutdown_at: float | None = None
    from_cel: bool = False
    started_at: float = 0.0
    ended_at: float = 0.0

    def add_dial(self, dial: Dial) -> None:
        self.dials.append(dial)
        self.dials_to.setdefault(dial.target, []).append(dial)
        if dial.parent is not None:
            self.dials_by.setdefault(dial.parent, []).append(dial)

    def other_half(self, line: Line) -> Line | None:
        """The other half of a Local channel."""
        for uniqueid in self.pairs.get(line.pair, ()):
            if uniqueid != line.uniqueid:
                return self.lines.get(uniqueid)
        return None
