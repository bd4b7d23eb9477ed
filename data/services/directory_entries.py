"""What a directory is made of, whoever tells it: a PBX, a file or a person. Checked here, once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from data.errors import BadInput
from data.phone import normalise
from data.settings import Site

LONGEST_NAME = 200
LONGEST_CODE = 80
MINUTES = 5  # hours are kept in steps of so many minutes
_TIME = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)(?::00)?")
_EMAIL = re.compile(r"[^@\s,;<>]{1,120}@[^@\s,;<>]{1,120}")
_EXTENSION = re.compile(r"[0-9*#]{1,20}")
_MOBILE = re.compile(r"[0-9]{10,15}")


class Source(StrEnum):
    """Who wrote a row last. What a person typed in is never written over by the others."""

    PBX = "pbx"
    FILE = "file"
    PERSON = "person"


class Code(StrEnum):
    """Things of a PBX that have a code of their own and get a name from us."""

    QUEUE = "queue"
    RING_GROUP = "ring_group"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployeeEntry:
    """name None: the extension is known, not whose it is."""

    name: str | None
    extensions: tuple[str, ...] = ()  # and mobiles
    department: str | None = None  # the team
    email: str | None = None
    active: bool = True
    device: str | None = None
    external_id: str | None = None  # the PBX's own number of the person
    is_guess: bool = False  # a name that only serves where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry:
    kind: Code
    code: str
    title: str | None = None
    extension: str | None = None  # of a queue


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEntry:
    """An office number (normal form) and the name of the channel that brings callers to it."""

    did: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursEntry:
    """opens None: closed all day. closes 00:00: midnight at the end of the day."""

    weekday: int  # 1: Monday
    opens: str | None
    closes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayEntry:
    on_date: date
    title: str | None = None
    opens: str | None = None
    closes: str | None = None


Entry = EmployeeEntry | CodeEntry | ChannelEntry | HoursEntry | HolidayEntry


@dataclass(slots=True)
class Entries:
    """Entries in the order in which they came."""

    all: list[Entry] = field(default_factory=list)

    def add(self, *entries: Entry) -> None:
        self.all += entries


def employee_entry(
    name: str | None,
    extensions: Iterable[str],
    *,
    department: str | None = None,
    email: str | None = None,
    active: bool = True,
    device: str | None = None,
    external_id: str | None = None,
) -> EmployeeEntry:
    """Raises BadInput that names the value."""
    wrong = next((one for one in extensions if not _EXTENSION.fullmatch(one)), None)
    if wrong is not None:
        raise BadInput(f"Extension {_shown(wrong)} is no number that a phone has: digits, * and # only.")
    address = plain(email, "e-mail")
    if address is not None and not _EMAIL.fullmatch(address):
        raise BadInput(f"E-mail {_shown(address)} is no address like anna@example.org.")
    return EmployeeEntry(
        name=plain(name, "name"),
        extensions=tuple(dict.fromkeys(extensions)),
        department=plain(department, "team"),
        email=address,
        active=active,
        device=plain(device, "device"),
        external_id=external_id,
    )


def own_number(raw: str, site: Site) -> str:
    """A mobile as the normal form of its number; an extension as it is dialled."""
    digits = re.sub(r"[\s()-]", "", raw)
    return normalise(digits, site).number or raw if _MOBILE.fullmatch(digits.removeprefix("+")) else raw.strip()


def is_mobile(number: str) -> bool:
    """Whether a number of an employee is one of the telephone network."""
    return _MOBILE.fullmatch(number) is not None


def code_entry(kind: Code, code: str, title: str | None, extension: str | None = None) -> CodeEntry:
    """Raises BadInput that names the value."""
    known = plain(code, f"{kind} code", longest=LONGEST_CODE)
    if known is None:
        raise BadInput(f"A {kind.replace('_', ' ')} needs its code, as the PBX calls it.")
    return CodeEntry(
        kind=kind, code=known, title=plain(title, "title"), extension=plain(extension, "extension", longest=20)
    )


def channel_entry(did: str, title: str | None, site: Site) -> ChannelEntry:
    """The number in its normal form. Raises BadInput that names the value."""
    number = normalise(did, site).number
    name = plain(title, "title")
    if number is None or not re.fullmatch(r"\d{3,15}", number):
        raise BadInput(f"Office number {_shown(did)} is no phone number; write it like +7 495 123-45-67.")
    if name is None:
        raise BadInput(f"Office number {_shown(did)} needs the name of its channel.")
    return ChannelEntry(did=number, title=name)


def hours_entry(weekday: int, opens: str | None, closes: str | None) -> HoursEntry:
    """Raises BadInput that names the value."""
    if not 1 <= weekday <= 7:
        raise BadInput(f"Weekday {weekday} is none: 1 is Monday, 7 is Sunday.")
    begin, end = _stretch(opens, closes)
    return HoursEntry(weekday=weekday, opens=begin, closes=end)


def holiday_entry(
    on_date: date, title: str | None, opens: str | None = None, closes: str | None = None
) -> HolidayEntry:
    """Raises BadInput that names the value."""
    if not 1990 <= on_date.year <= 2100:
        raise BadInput(f"Day {on_date} is not between 1990 and 2100.")
    begin, end = _stretch(opens, closes)
    return HolidayEntry(on_date=on_date, title=plain(title, "title"), opens=begin, closes=end)


def clock(text: str) -> time:
    """A stored time of day."""
    return time.fromisoformat(text)


def plain(text: str | None, what: str, *, longest: int = LONGEST_NAME) -> str | None:
    """One line without blanks around it; None for nothing. Raises BadInput."""
    if text is None:
        return None
    line = " ".join(text.split())
    if len(line) > longest:
        raise BadInput(f"The {what} {_shown(line)} has {len(line)} characters; at most {longest} are kept.")
    if any(not character.isprintable() for character in line):
        raise BadInput(f"The {what} {_shown(line)} has characters that cannot be shown.")
    return line or None


def _stretch(opens: str | None, closes: str | None) -> tuple[str | None, str | None]:
    begin, end = _moment(opens), _moment(closes)
    if begin is None and end is None:
        return None, None
    if begin is None or end is None:
        raise BadInput("Hours need both an opening and a closing time; leave both out for a closed day.")
    if end != time() and end <= begin:
        raise BadInput(f"Closing {end:%H:%M} is not after opening {begin:%H:%M}. For midnight write 24:00.")
    return f"{begin:%H:%M}", f"{end:%H:%M}"


def _moment(text: str | None) -> time | None:
    line = (text or "").strip()
    if not line:
        return None
    found = _TIME.fullmatch(line)
    hour, minute = (int(found[1]), int(found[2])) if found else (25, 0)
    if hour > 24 or (hour == 24 and minute) or minute % MINUTES:
        raise BadInput(f"Time {_shown(line)} is none like 09:00, in steps of {MINUTES} minutes.")
    return time(hour % 24, minute)


def _shown(value: str) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
