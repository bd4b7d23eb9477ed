"""One row of a file as the client it tells of, or the reasons why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from data.client_import.columns import Field, Mapped
from data.errors import BadInput
from data.phone import Number
from data.services.clients import ClientKind
from data.services.fields import LONGEST_NAME, LONGEST_NOTES, usable_emails, usable_messengers
from data.services.numbers import known_number
from data.services.tags import tag_title
from data.settings import Site

_LISTED = re.compile(r"[,;\n]+")
_WRITTEN_FOR_SPREADSHEETS = re.compile(r"^'(?=[=+\-@|\s])")  # the apostrophe of our own export

_KINDS = {
    ClientKind.ORGANISATION: {"организация", "юрлицо", "юридическое лицо", "ооо"}
    | {"organisation", "organization", "company"},
    ClientKind.PERSON: {"частное лицо", "person", "физлицо", "физическое лицо", "человек", "individual"},
}


class Reason(StrEnum):
    """Why a row is not taken; the words are `clients.ui.c.import.reason.<reason>`."""

    NAME_MISSING = "name_missing"
    NAME_LONG = "name_long"
    PHONE_BAD = "phone_bad"
    PHONE_TAKEN = "phone_taken"
    PHONE_TWICE = "phone_twice"
    EMAIL_BAD = "email_bad"
    MESSENGER_BAD = "messenger_bad"
    EXTERNAL_TWICE = "external_twice"
    RESPONSIBLE_UNKNOWN = "responsible_unknown"
    KIND_UNKNOWN = "kind_unknown"
    TEXT_LONG = "text_long"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason, the value it is about, and the other client or line that it collides with."""

    reason: Reason
    value: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The client of one row. None and empty: the file says nothing, what stands on the card stays."""

    line: int
    name: str
    external_id: str | None = None
    kind: ClientKind | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)  # by normal form
    emails: tuple[str, ...] = ()
    messengers: tuple[str, ...] = ()
    contact: str | None = None
    position: str | None = None
    responsible_id: str | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None

    @property
    def phones(self) -> tuple[str, ...]:
        """Its numbers in normal form."""
        return tuple(self.numbers)


@dataclass(slots=True)
class Understood:
    """Reads row after row; remembers ids and numbers of the file, each of which may come once."""

    mapped: Mapped
    site: Site
    employees: Mapping[str, str]  # folded name -> id
    _ids: dict[str, int] = field(default_factory=dict)
    _phones: dict[str, int] = field(default_factory=dict)

    def read(self, line: int, cells: Sequence[str]) -> Wanted | tuple[Fault, ...]:
        """The client of the row, or every reason why there is none."""
        values = self._values(cells)
        faults: list[Fault] = []

        def one(name: Field, longest: int = LONGEST_NAME) -> str | None:
            text = values[name][0].strip() if values.get(name) else ""
            if len(text) > longest:
                faults.append(Fault(reason=Reason.TEXT_LONG, value=text[:60]))
            return text or None

        name = " ".join((values.get(Field.NAME) or [""])[0].split())
        if not name:
            faults.append(Fault(reason=Reason.NAME_MISSING))
        elif len(name) > LONGEST_NAME:
            faults.append(Fault(reason=Reason.NAME_LONG))
        wanted = Wanted(
            line=line,
            name=name,
            external_id=one(Field.EXTERNAL_ID, 200),
            kind=self._kind(one(Field.KIND), faults),
            numbers=self._numbers(_listed(values, Field.PHONE), faults),
            emails=_usable(usable_emails, _listed(values, Field.EMAIL), Reason.EMAIL_BAD, faults),
            messengers=_usable(usable_messengers, _listed(values, Field.MESSENGER), Reason.MESSENGER_BAD, faults),
            contact=one(Field.CONTACT),
            position=one(Field.POSITION),
            responsible_id=self._responsible(one(Field.RESPONSIBLE), faults),
            tags=_tags(_listed(values, Field.TAGS), faults),
            notes=one(Field.NOTES, LONGEST_NOTES),
        )
        faults += self._twice(wanted)
        return tuple(faults) if faults else wanted

    def _values(self, cells: Sequence[str]) -> dict[Field, list[str]]:
        values: dict[Field, list[str]] = {}
        for place, name in self.mapped.items():
            text = _WRITTEN_FOR_SPREADSHEETS.sub("", cells[place]).replace("\x00", "").strip()
            if text:
                values.setdefault(name, []).append(text)
        return values

    def _kind(self, text: str | None, faults: list[Fault]) -> ClientKind | None:
        if text is None:
            return None
        for kind, words in _KINDS.items():
            if text.lower().strip(". ") in words:
                return kind
        faults.append(Fault(reason=Reason.KIND_UNKNOWN, value=text[:60]))
        return None

    def _numbers(self, given: list[str], faults: list[Fault]) -> dict[str, Number]:
        numbers: dict[str, Number] = {}
        for text in given:
            try:
                number, known = known_number(text, self.site)
                numbers.setdefault(number, known)
            except BadInput:
                faults.append(Fault(reason=Reason.PHONE_BAD, value=text[:60]))
        return numbers

    def _responsible(self, text: str | None, faults: list[Fault]) -> str | None:
        if text is None:
            return None
        known = self.employees.get(folded(text))
        if known is None:
            faults.append(Fault(reason=Reason.RESPONSIBLE_UNKNOWN, value=text[:60]))
        return known

    def _twice(self, wanted: Wanted) -> list[Fault]:
        faults = []
        if wanted.external_id is not None:
            before = self._ids.setdefault(wanted.external_id, wanted.line)
            if before != wanted.line:
                faults.append(Fault(reason=Reason.EXTERNAL_TWICE, value=wanted.external_id, other=str(before)))
        for number in wanted.phones:
            before = self._phones.setdefault(number, wanted.line)
            if before != wanted.line:
                faults.append(Fault(reason=Reason.PHONE_TWICE, value=number, other=str(before)))
        return faults


def folded(text: str) -> str:
    """A name as it is compared."""
    return " ".join(text.lower().replace("ё", "е").split())


def _listed(values: Mapping[Field, list[str]], name: Field) -> list[str]:
    return [part.strip() for text in values.get(name, ()) for part in _LISTED.split(text) if part.strip()]


def _usable(check: object, given: list[str], reason: Reason, faults: list[Fault]) -> tuple[str, ...]:
    kept: list[str] = []
    for text in given:
        try:
            kept += check([text])  # type: ignore[operator]
        except BadInput:
            faults.append(Fault(reason=reason, value=text[:60]))
    return tuple(dict.fromkeys(kept))


def _tags(given: list[str], faults: list[Fault]) -> tuple[str, ...]:
    kept = []
    for text in given:
        try:
            kept.append(tag_title(text))
        except BadInput:
            faults.append(Fault(reason=Reason.TEXT_LONG, value=text[:60]))
    return tuple(dict.fromkeys(kept))
