"""What must be written so that the directory says what a PBX or a file tells: pure, from what is stored.

A row that a person typed in stays as it is, and is counted. A PBX writes over what a PBX told; a file over what a
PBX or a file told. An extension that passes to somebody else begins anew: calls before keep who had it then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from data.services.directory_entries import (
    ChannelEntry,
    Code,
    CodeEntry,
    EmployeeEntry,
    Entry,
    HolidayEntry,
    HoursEntry,
    Source,
    is_mobile,
)
from data.store.protocol import Statement

Row = Mapping[str, Any]
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The directory as it is."""

    employees: Sequence[Row] = ()
    extensions: Sequence[Row] = ()
    codes: Sequence[Row] = ()
    hours: Sequence[Row] = ()
    holidays: Sequence[Row] = ()


@dataclass(slots=True)
class Plan:
    """Statements, and what they do."""

    statements: list[Statement] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0  # a person typed something else: theirs stays


def plan(stored: Stored, entries: Iterable[Entry], *, source: Source, pbx: str | None, now: datetime) -> Plan:
    """What to write. pbx: whose codes and extensions these are; None: of every PBX."""
    return _Planning(stored, source, pbx, now).run(entries)


class _Planning:
    def __init__(self, stored: Stored, source: Source, pbx: str | None, now: datetime) -> None:
        self.plan = Plan()
        self._source = source
        self._pbx = pbx
        self._now = now
        self._employees: dict[str, dict[str, Any]] = {row["employee_id"]: dict(row) for row in stored.employees}
        self._current = {row["extension"]: dict(row) for row in stored.extensions if self._is_ours(row, current=True)}
        self._ever = {row["extension"] for row in stored.extensions if self._is_ours(row, current=False)}
        self._codes = {(row["kind"], row["code"]): dict(row) for row in stored.codes if row["pbx"] in (None, pbx)}
        self._hours = {row["weekday"]: dict(row) for row in stored.hours}
        self._holidays = {row["on_date"]: dict(row) for row in stored.holidays}

    def run(self, entries: Iterable[Entry]) -> Plan:
        for entry in entries:
            match entry:
                case EmployeeEntry():
                    self._employee(entry)
                case CodeEntry():
                    self._code(entry)
                case ChannelEntry():
                    self._row(
                        self._codes, ("channel", entry.did), {"title": entry.title}, "channel", {"did": entry.did}
                    )
                case HoursEntry():
                    values = {"opens": entry.opens, "closes": entry.closes}
                    self._row(self._hours, entry.weekday, values, "hours", {"weekday": entry.weekday})
                case HolidayEntry():
                    values = {"title": entry.title, "opens": entry.opens, "closes": entry.closes}
                    self._row(self._holidays, entry.on_date, values, "holiday", {"on_date": entry.on_date})
        return self.plan

    # ---------------------------------------------------------------- rows with one key

    def _code(self, entry: CodeEntry) -> None:
        known = self._codes.get((entry.kind, entry.code))
        values: dict[str, Any] = {"title": entry.title}
        if entry.kind is Code.QUEUE:
            values["extension"] = entry.extension
        if known is not None:
            # Nothing told is no news: a name or number learned elsewhere stays.
            values = {name: value if value is not None else known.get(name) for name, value in values.items()}
        key = {"code": entry.code, "pbx": known["pbx"] if known is not None else self._pbx}
        self._row(self._codes, (entry.kind, entry.code), values, entry.kind, key)

    def _row(
        self, rows: dict[Any, dict[str, Any]], at: Any, values: dict[str, Any], name: str, key: dict[str, Any]
    ) -> None:
        known = rows.get(at)
        if known is not None and all(known.get(one) == value for one, value in values.items()):
            self.plan.same += 1
            return
        if known is not None and not self._may_change(known):
            self.plan.kept += 1
            return
        if known is not None:
            self._write(f"directory_{name}_forget", key)
            self.plan.changed += 1
        else:
            self.plan.added += 1
        self._write(f"directory_{name}_insert", {**key, **values, "source": self._source})
        rows[at] = {**key, **values, "source": self._source}

    # ---------------------------------------------------------------- people

    def _employee(self, entry: EmployeeEntry) -> None:
        if entry.name is None or (entry.is_guess and any(self._has_owner(one) for one in entry.extensions)):
            for extension in entry.extensions:
                self._nobodys(extension, entry.device)
            return
        known = self._person(entry)
        person: Row = known if known is not None else self._new_person(entry)
        if known is not None:
            self._change_person(known, entry)
        for extension in entry.extensions:
            self._give(extension, person, entry)
        if entry.external_id is not None:
            self._take_mobiles_but(entry.extensions, person)

    def _person(self, entry: EmployeeEntry) -> dict[str, Any] | None:
        """By the PBX's number of the person, else who has one of the extensions under that name, else by the name."""
        everybody = list(self._employees.values())
        if entry.external_id is not None:
            for row in everybody:
                if row["external_id"] == entry.external_id:
                    return row
        named = [row for row in everybody if row["name"].casefold() == (entry.name or "").casefold()]
        owners = {held["employee_id"] for one in entry.extensions if (held := self._current.get(one))}
        return next((row for row in named if row["employee_id"] in owners), named[0] if len(named) == 1 else None)

    def _new_person(self, entry: EmployeeEntry) -> dict[str, Any]:
        employee_id = str(uuid4())
        person: dict[str, Any] = {
            "employee_id": employee_id,
            "name": entry.name,
            "department": entry.department,
            "email": entry.email,
            "active": entry.active,
            "external_id": entry.external_id,
            "source": self._source,
        }
        # Whose extensions a person gave out by hand: nobody new takes them.
        if entry.extensions and all(self._is_kept(extension) for extension in entry.extensions):
            return person
        self._write("directory_employee_insert", person)
        self._employees[employee_id] = person
        self.plan.added += 1
        return person

    def _change_person(self, person: dict[str, Any], entry: EmployeeEntry) -> None:
        told = {
            "name": entry.name,
            "department": entry.department or person["department"],
            "email": entry.email or person["email"],
            "active": entry.active,
            "external_id": entry.external_id or person["external_id"],
        }
        if all(person[name] == value for name, value in told.items()):
            self.plan.same += 1
        elif not self._may_change(person):
            self.plan.kept += 1
        else:
            person |= told | {"source": self._source}
            names = ("employee_id", "name", "department", "email", "active", "source", "external_id")
            self._write("directory_employee_update", {name: person[name] for name in names})
            self.plan.changed += 1

    def _is_kept(self, extension: str) -> bool:
        known = self._current.get(extension)
        if known is None or known["employee_id"] is None:
            return False
        owner = self._employees.get(known["employee_id"])
        return not self._may_change(known) or (owner is not None and not self._may_change(owner))

    def _has_owner(self, extension: str) -> bool:
        known = self._current.get(extension)
        return known is not None and known["employee_id"] is not None

    def _give(self, extension: str, person: Row, entry: EmployeeEntry) -> None:
        known = self._current.get(extension)
        if known is not None and known["employee_id"] == person["employee_id"]:
            self._note_device(known, entry.device)
            return
        if self._is_kept(extension):
            self.plan.kept += 1
            return
        if known is not None:
            self._write("directory_extension_end", {"extension": extension, "pbx": known["pbx"], "at": self._now})
        # Nobody had it before: then its calls of the past are this person's too.
        first = extension not in self._ever or (known is not None and known["employee_id"] is None)
        self._new_extension(extension, person["employee_id"], entry.device, LONG_AGO if first else self._now)

    def _take_mobiles_but(self, told: Sequence[str], person: Row) -> None:
        """Who gave a mobile back may see it become a client's; an extension stays his until another gets it."""
        for number, known in list(self._current.items()):
            is_his = known["employee_id"] == person["employee_id"] and known["source"] == self._source
            if is_his and is_mobile(number) and number not in told:
                self._write("directory_extension_end", {"extension": number, "pbx": known["pbx"], "at": self._now})
                del self._current[number]
                self.plan.changed += 1

    def _nobodys(self, extension: str, device: str | None) -> None:
        known = self._current.get(extension)
        if known is not None:
            self._note_device(known, device)
            self.plan.same += 1
            return
        self._new_extension(extension, None, device, LONG_AGO if extension not in self._ever else self._now)
        self.plan.added += 1

    def _new_extension(self, extension: str, employee_id: str | None, device: str | None, from_at: datetime) -> None:
        row = {
            "extension": extension, "pbx": self._pbx, "employee_id": employee_id, "from_at": from_at,
            "kind": "mobile" if is_mobile(extension) else "phone", "source": self._source,
            "device": None if is_mobile(extension) else device,
        }  # fmt: skip
        self._write("directory_extension_insert", row)
        self._current[extension] = row
        self._ever.add(extension)

    def _note_device(self, known: dict[str, Any], device: str | None) -> None:
        is_news = device is not None and known.get("device") != device and not is_mobile(known["extension"])
        if is_news and self._source is Source.PBX:
            key = {"extension": known["extension"], "pbx": known["pbx"]}
            self._write("directory_extension_device", {**key, "device": device})
            known["device"] = device

    # ---------------------------------------------------------------- who may write over whom

    def _may_change(self, known: Row) -> bool:
        match self._source:
            case Source.PERSON:
                return True
            case Source.FILE:
                return known["source"] != Source.PERSON
            case Source.PBX:
                return known["source"] == Source.PBX

    def _is_ours(self, row: Row, *, current: bool) -> bool:
        return row["pbx"] in (None, self._pbx) and (row["is_current"] or not current)

    def _write(self, name: str, params: Mapping[str, object]) -> None:
        values = {key: str(value) if isinstance(value, Source) else value for key, value in params.items()}
        self.plan.statements.append(Statement(name=name, params=values))
