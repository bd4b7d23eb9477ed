"""What the records of one call say of its ends: who called, who is outside, who talked with whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from data.model import Direction
from ingest.assembler.office import Office
from ingest.assembler.sides import extension_pattern, number_of_dial
from ingest.imports.gathering import base_of
from ingest.sources.cdr import CdrLine

HIDDEN = frozenset({"", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "hidden"})
ROOMS = frozenset({"confbridge", "meetme", "konference"})
_PORTS = frozenset({"DAHDI", "Zap", "mISDN", "Dongle", "Quectel"})
_OWN = frozenset({"appdial", "appdial2"})  # the record of a dialled channel about itself
_NO_ATTEMPT = _OWN | ROOMS
_DIALS = frozenset({"dial", "queue"})
_OUTSIDE = re.compile(r"\+?\d{6,}")


class CdrStory:
    """The records of one call in the order of their beginning."""

    def __init__(self, lines: Sequence[CdrLine], office: Office) -> None:
        self.lines = sorted(lines, key=lambda line: (line.started_at, line.sequence, _serial(line), line.place))
        self._office = office
        self._extensions = extension_pattern(office.extensions)
        self._outside: dict[str, bool] = {}
        self._numbers: dict[str, str | None] = {}

    @cached_property
    def first(self) -> CdrLine:
        """The record that tells of the caller."""
        real = [line for line in self.lines if not is_local(line.channel)]
        calling = [line for line in real if line.app.lower() not in _OWN]
        return next(iter(calling or real or self.lines))

    @cached_property
    def caller(self) -> str:
        return self.first.channel

    @cached_property
    def attempts(self) -> list[CdrLine]:
        """Records of a call to a real channel, or to one that could not even be made."""
        return [
            line
            for line in self.lines
            if line.app.lower() not in _NO_ATTEMPT
            and not is_local(line.peer)
            and (line.peer or (line.app.lower() in _DIALS and not line.is_answered and _device_of_dial(line)))
        ]

    @cached_property
    def direction(self) -> Direction:
        if self.is_outside(self.caller):
            return Direction.INBOUND
        called = [line for line in self.attempts if self.behind(line.channel) == self.caller]
        outside = [self.is_outside(line.peer) if line.peer else self.dialled(line) for line in called]
        # Who calls a colleague whose calls go to a mobile calls a colleague.
        if outside and outside[0] and not any(is_local(line.peer) for line in self.lines[:1]):
            return Direction.OUTBOUND
        sent_out = not called and not self.is_extension(self.first.dst) and _OUTSIDE.fullmatch(self.first.dst)
        return Direction.OUTBOUND if sent_out or (outside and all(outside)) else Direction.INTERNAL

    @cached_property
    def customers(self) -> frozenset[str]:
        """The channels whose conversations count: the outside party's; of an internal call the caller's."""
        if self.direction is not Direction.OUTBOUND:
            return frozenset({self.caller})
        return frozenset(line.peer for line in self.attempts if line.peer and self.is_outside(line.peer))

    @cached_property
    def talks(self) -> list[tuple[CdrLine, str]]:
        """Records of a conversation with the customer, each with the channel of the other end."""
        found: list[tuple[CdrLine, str]] = []
        for line in self.attempts:
            if not line.is_answered or not line.peer:
                continue
            near = self.behind(line.channel)
            if near in self.customers:
                found.append((line, line.peer))
            elif line.peer in self.customers:
                found.append((line, near))
        # Of two who picked up in the same second the one who kept the customer comes first.
        return sorted(found, key=lambda item: (item[0].answered_at or item[0].ended_at, -item[0].ended_at))

    @cached_property
    def rooms(self) -> list[CdrLine]:
        """The caller's stays in conference rooms."""
        return [line for line in self.lines if line.app.lower() in ROOMS and line.channel == self.caller]

    def behind(self, channel: str) -> str:
        """The real channel that speaks through a Local half."""
        for _ in range(6):
            if not is_local(channel):
                return channel
            above = next((line for line in self.lines if line.peer and base_of(line.peer) == base_of(channel)), None)
            if above is None or base_of(above.channel) == base_of(channel):
                return self.caller
            channel = above.channel
        return self.caller

    def offered_by(self, line: CdrLine) -> CdrLine:
        """The record of the queue or group that led to this attempt."""
        for _ in range(6):
            above = next(
                (other for other in self.lines if other.peer and is_local(line.channel)
                 and base_of(other.peer) == base_of(line.channel)), None,
            )  # fmt: skip
            if above is None:
                return line
            line = above
        return line

    def is_extension(self, number: str) -> bool:
        return self._extensions.fullmatch(number) is not None

    def is_outside(self, channel: str) -> bool:
        """Whether a channel is the telephone network's."""
        if channel not in self._outside:
            self._outside[channel] = self._looks_outside(channel)
        return self._outside[channel]

    def number(self, channel: str) -> str | None:
        """The extension or outside number of an end; None: hidden."""
        if channel not in self._numbers:
            find = self._outside_number if self.is_outside(channel) else self._inside_number
            self._numbers[channel] = find(channel)
        return self._numbers[channel]

    def called_outside(self, line: CdrLine) -> str | None:
        """The outside number that a record asks a trunk for."""
        number = number_of_dial(line.data, tail_of(device_of(line.peer)))
        if number is not None and not self.is_extension(number):
            return number
        return line.dst if _OUTSIDE.fullmatch(line.dst) else None

    def dialled(self, line: CdrLine) -> bool:
        """Whether an attempt without a channel went to the telephone network."""
        device = _device_of_dial(line)
        return not self.is_extension(tail_of(device)) and self.called_outside(line) is not None

    def party_of(self, line: CdrLine) -> str | None:
        """Whom an attempt was meant for."""
        if line.peer:
            return self.number(line.peer)
        if self.dialled(line):
            return self.called_outside(line)
        tail = tail_of(_device_of_dial(line))
        return tail if self.is_extension(tail) else line.dst or None

    def _looks_outside(self, channel: str) -> bool:
        if is_local(channel):
            return False
        device = device_of(channel)
        tail = tail_of(device)
        if self._office.trunks:
            return any(fnmatchcase(name, shape) for shape in self._office.trunks for name in (device, tail))
        if self.is_extension(tail) and technology_of(channel) not in _PORTS:
            return False
        for line in self.lines:
            if line.peer == channel and (number := number_of_dial(line.data, tail)) is not None:
                return not self.is_extension(number)
        for line in self.lines:
            if line.channel == channel:
                return not self.is_extension(line.src)
        return False  # dialled by its own name, so a phone

    def _inside_number(self, channel: str) -> str | None:
        tail = tail_of(device_of(channel))
        if self.is_extension(tail) and technology_of(channel) not in _PORTS:
            return tail
        for line in self.lines:
            if line.channel == channel and self.is_extension(line.src):
                return line.src
            if line.peer == channel and self.is_extension(line.dst):
                return line.dst
        return tail or None

    def _outside_number(self, channel: str) -> str | None:
        for line in self.lines:
            if line.peer == channel and (number := self.called_outside(line)) is not None:
                return number
        shown = next((line.src for line in self.lines if line.channel == channel), "")
        return None if shown.lower() in HIDDEN else shown


def is_local(channel: str) -> bool:
    return channel.startswith("Local/")


def device_of(channel: str) -> str:
    """Technology and name: "PJSIP/trunk" of "PJSIP/trunk-0000002b"."""
    return channel.rpartition("-")[0] or channel


def technology_of(channel: str) -> str:
    return channel.partition("/")[0]


def tail_of(device: str) -> str:
    return device.partition("/")[2]


def targets_of(data: str) -> list[str]:
    """The devices of a dial string."""
    return [part for part in data.partition(",")[0].split("&") if "/" in part]


def _device_of_dial(line: CdrLine) -> str:
    if line.app.lower() != "dial":
        return ""
    first = next(iter(targets_of(line.data)), "")
    return "" if first.startswith("Local/") else first.partition("@")[0]


def _serial(line: CdrLine) -> int:
    text = line.uniqueid.rpartition(".")[2]
    return int(text) if text.isdecimal() else 0
