"""Which ends are outside the office, and the number that stands for each end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

from ingest.assembler.lines import Line, Timeline
from ingest.assembler.office import Office

_HIDDEN = frozenset(
    {
        "", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "hidden", "asterisk", "blocked",
        "anonymous.invalid", "id unavailable", "number unavailable", "no number",
    }
)  # fmt: skip
# Technologies whose channel names carry a port of the machine, not an extension.
_PORTS = frozenset({"DAHDI", "Zap", "mISDN", "Dongle", "Quectel", "OOH323", "Unistim", "Console"})
_OUTWARD = re.compile(
    r"(?:^|[-_.])(?:trunks?|pstn|did|in|incoming|inbound|external|provider|gateway|gw)(?:$|[-_.])", re.I
)
_INWARD = re.compile(r"(?:^|[-_.])(?:internal|phones?|users?|inside|local|extensions?|stations?)(?:$|[-_.])", re.I)
_DIGITS = re.compile(r"\+?\d+")
_LONG = re.compile(r"\+?\d{6,}")
_DEVICE_OF = re.compile(r"(\d+)[-_.][A-Za-z]\w*")  # "201-WS": one of several devices of an extension
_ADDRESS = re.compile(r"^(?:sips?|tel|iax2?):([^@;:]+)", re.I)


@lru_cache(maxsize=64)
def extension_pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


class Sides:
    """Tells the ends of one call apart."""

    def __init__(self, timeline: Timeline, office: Office) -> None:
        self._timeline = timeline
        self._office = office
        self._pattern = extension_pattern(office.extensions)
        self._outside: dict[str, bool] = {}
        self._numbers: dict[str, str | None] = {}
        by_device: dict[str, bool] = {}
        for line in timeline.lines.values():
            if not line.is_local and (verdict := self._by_strong_signs(line)) is not None:
                by_device.setdefault(line.device, verdict)
        for line in timeline.lines.values():
            strong = self._by_strong_signs(line)
            if strong is None:
                strong = by_device.get(line.device)
            self._outside[line.uniqueid] = self._by_weak_signs(line) if strong is None else strong

    def is_outside(self, line: Line) -> bool:
        """Whether this end is the telephone network's: a trunk's channel."""
        return self._outside[line.uniqueid]

    def is_extension(self, number: str | None) -> bool:
        return bool(number) and self._pattern.fullmatch(number or "") is not None

    def number(self, line: Line) -> str | None:
        """The extension or the outside number of an end, as the PBX gave it; None: hidden."""
        if line.uniqueid not in self._numbers:
            find = self._outside_number if self.is_outside(line) else self._inside_number
            self._numbers[line.uniqueid] = find(line)
        return self._numbers[line.uniqueid]

    def name(self, line: Line) -> str | None:
        """The name shown together with the number."""
        number = self.number(line)
        fitting = [shown.name for shown in line.shown if shown.name and (shown.number or None) == number]
        anyhow = [shown.name for shown in line.shown if shown.name]
        # A dialled phone shows its own name first; click-to-call then writes what it is for over it.
        chosen = (fitting[:1] if line.was_dialled else fitting[-1:]) or anyhow[:1]
        return chosen[0] if chosen and chosen[0].lower() not in _HIDDEN else None

    # --- outside or inside

    def _by_strong_signs(self, line: Line) -> bool | None:
        if line.is_local:
            return False
        if self._office.trunks:
            names = (line.device, line.tail)
            return any(fnmatchcase(name, pattern) for pattern in self._office.trunks for name in names)
        asked = [number for dial in line.dials if (number := number_of_dial(dial.string, line.tail)) is not None]
        if self._tail_extension(line) is not None:
            # A trunk may be called like an extension: it is asked for, or shows, numbers that no extension has.
            shown = next((shown.number for shown in line.shown if shown.number), "")
            comes = bool(_LONG.fullmatch(shown)) and not self.is_extension(shown) and self._born_outward(line)
            return any(_LONG.fullmatch(number) and not self.is_extension(number) for number in asked) or comes
        for number in asked:
            if not (self.is_extension(number) and _INWARD.search(line.context)):
                return True
        return None

    def _born_outward(self, line: Line) -> bool:
        """Whether its driver puts the line into a context for calls from outside, as its name tells."""
        return line.born_seen and _OUTWARD.search(line.context) is not None

    def _by_weak_signs(self, line: Line) -> bool:
        if line.is_local:
            return False
        # The context of a channel's birth is its driver's setting; later it is just where it stands.
        context = line.context if line.born_seen else ""
        if self._born_outward(line):
            return True
        number = next((shown.number for shown in line.shown if shown.number), "")
        if self.is_extension(number) or number == line.tail or (line.account and line.account == line.tail):
            return False
        if _INWARD.search(context):
            return False
        if line.was_dialled and line.dials:
            return False  # dialled by its own name, so a phone
        if number.lower() in _HIDDEN:
            return not self._timeline.from_cel
        return _DIGITS.fullmatch(number) is not None

    def _tail_extension(self, line: Line) -> str | None:
        if line.technology in _PORTS:
            return None
        return line.tail if self.is_extension(line.tail) else None

    # --- numbers

    def _inside_number(self, line: Line) -> str | None:
        first = next((shown.number for shown in line.shown if shown.number), None)
        if self.is_extension(first):
            return first
        if line.extension is not None:
            return line.extension
        if (tail := self._tail_extension(line)) is not None:
            return tail
        for shown in line.shown:
            if self.is_extension(shown.number):
                return shown.number
        if line.is_local:
            return line.tail.partition("@")[0] or first
        for dial in line.dials:
            parent = self._timeline.lines.get(dial.parent or "")
            if parent is not None and parent.is_local and self.is_extension(parent.exten):
                return parent.exten
        device = _DEVICE_OF.fullmatch(line.tail)
        if device is not None and self.is_extension(device[1]):
            return device[1]
        return first or line.tail or None

    def _outside_number(self, line: Line) -> str | None:
        for dial in line.dials:
            if (number := number_of_dial(dial.string, line.tail)) is not None:
                return number
        if line.was_dialled:
            for dial in line.dials:
                if _DIGITS.fullmatch(dial.exten):
                    return dial.exten
        seen = [shown.number for shown in line.shown if shown.number.lower() not in _HIDDEN]
        if seen:
            return self._caller_number(seen)
        return None

    def _caller_number(self, seen: list[str]) -> str:
        """The number as the network sent it, unless the dialplan only completed it."""
        first, last = seen[0], seen[-1]
        return last if last != first and last.lstrip("+").endswith(first.lstrip("+0")) else first


def number_of_dial(string: str, tail: str) -> str | None:
    """The number that a dial string asks a trunk for; None if it names a phone only.

    "7916…@trunk", "trunk/7916…", "g1/7916…", "trunk/sip:7916…@host", "+7916…@trunk".
    """
    text = string.partition(",")[0]
    found = None
    for part in _parts(text):
        address = _ADDRESS.match(part)
        number = (address[1] if address else part).partition("@")[0]
        if number == tail or not re.fullmatch(r"[+*#\d]{2,}", number):
            continue
        if number.lstrip("0+") == tail.lstrip("0+"):
            continue
        found = number if found is None or len(number) > len(found) else found
    return found


def _parts(text: str) -> Iterable[str]:
    head, at, _host = text.partition("@")
    if at and "/" not in head:
        yield head
        return
    yield from text.split("/")
