"""The directory from a file: one table of rows of several kinds (CSV, Excel), or TOML with a list per kind.

kind;code;name;extensions;team;email;active;opens;closes
employee;;Иванов Пётр;201 202;Продажи;ivanov@example.org;yes;;
queue;sales;Продажи;;;;;;
line;PJSIP/trunk;Ростелеком;;;;;;
channel;+7 495 123-45-67;Яндекс;;;;;;
hours;mon;;;;;;09:00;18:00
holiday;2026-12-31;Новый год;;;;;;
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from data.errors import BadInput, ImportFailed
from data.services.directory_entries import (
    Code,
    Entry,
    channel_entry,
    code_entry,
    employee_entry,
    holiday_entry,
    hours_entry,
    own_number,
)
from data.settings import WEEKDAYS, Site
from ingest.sources.sheets import excel_date, sheet_rows

_RUSSIAN_DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_COLUMNS = {
    "kind": "kind", "вид": "kind", "тип": "kind",
    "code": "code", "код": "code", "номер": "code", "number": "code", "did": "code", "day": "code", "день": "code",
    "date": "code", "дата": "code",
    "name": "name", "имя": "name", "фио": "name", "название": "name", "title": "name",
    "extensions": "extensions", "extension": "extensions", "внутренние": "extensions", "внутренний": "extensions",
    "team": "team", "department": "team", "отдел": "team", "группа": "team",
    "email": "email", "e-mail": "email", "почта": "email",
    "active": "active", "работает": "active",
    "opens": "opens", "открытие": "opens", "closes": "closes", "закрытие": "closes",
}  # fmt: skip
_KINDS = {
    "employee": "employee", "сотрудник": "employee",
    "queue": "queue", "очередь": "queue",
    "ring_group": "ring_group", "группа": "ring_group",
    "line": "line", "линия": "line",
    "channel": "channel", "канал": "channel",
    "hours": "hours", "часы": "hours",
    "holiday": "holiday", "праздник": "holiday",
}  # fmt: skip
_NO = frozenset({"no", "нет", "0", "false", "ложь"})
_YES = frozenset({"", "yes", "да", "1", "true", "истина"})
_LARGEST_BYTES = 8 << 20

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadEntry:
    """A row that cannot be used, and why."""

    place: str  # "line 7", or "employee 2" of TOML
    reason: str
    raw: str


@dataclass(slots=True)
class DirectoryFile:
    """What a file tells, in its order."""

    entries: list[Entry] = field(default_factory=list)
    bad: list[BadEntry] = field(default_factory=list)
    rows: int = 0


def read_directory_file(path: Path, site: Site) -> DirectoryFile:
    """All rows that can be used, and the others with the reason. Raises ImportFailed where there is no table."""
    found = DirectoryFile()
    rows = _of_toml(path) if path.suffix.lower() == ".toml" else _of_sheet(path)
    for place, values in rows:
        found.rows += 1
        try:
            found.entries.append(_entry(values, site))
        except BadInput as problem:
            found.bad.append(BadEntry(place, str(problem), "; ".join(value for value in values.values() if value)))
    return found


def _of_sheet(path: Path) -> Iterator[tuple[str, Values]]:
    rows = sheet_rows(path)
    head = next(rows, None)
    names = [_COLUMNS.get(title.casefold().strip(), "") for title in head.values] if head is not None else []
    if "kind" not in names or not {"code", "name"} & set(names):
        raise ImportFailed(
            f"{path}: the first row must name the columns: kind, code, name, extensions, team, email, active, opens, "
            "closes. docs/directory.md has an example."
        )
    for row in rows:
        values = {name: value for name, value in zip(names, row.values, strict=False) if name}
        yield f"line {row.number}", values


def _of_toml(path: Path) -> Iterator[tuple[str, Values]]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ImportFailed(f"{path} is larger than {_LARGEST_BYTES >> 20} MB. Split it.")
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read: {error.strerror or error}. Name a file that is there.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFailed(f"{path} is no valid TOML: {error}. Correct that line.") from error
    for kind, items in told.items():
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ImportFailed(f"{path}: {kind} is no list of tables. Write [[{kind}]] above each of them.")
        for number, item in enumerate(items, 1):
            values = {_COLUMNS.get(str(name).casefold(), ""): _plain(value) for name, value in item.items()}
            yield f"{kind} {number}", {"kind": kind, **values}


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime):
        return str(value.date())
    return str(value)


def _entry(values: Values, site: Site) -> Entry:
    kind = _KINDS.get(values.get("kind", "").casefold())
    code, name = values.get("code", ""), values.get("name") or None
    opens, closes = values.get("opens") or None, values.get("closes") or None
    match kind:
        case "employee":
            if name is None:
                raise BadInput("An employee needs a name.")
            phones = re.split(r"[\s,;]+", (values.get("extensions") or code).strip())
            team, email = values.get("team"), values.get("email")
            numbers = [own_number(one, site) for one in phones if one]
            return employee_entry(name, numbers, department=team, email=email, active=_active(values))
        case "queue" | "ring_group" | "line":
            return code_entry(Code(kind), code, name, values.get("extensions") or None)
        case "channel":
            return channel_entry(code, name, site)
        case "hours":
            return hours_entry(_weekday(code), opens, closes)
        case "holiday":
            return holiday_entry(_day(code), name, opens, closes)
    known = ", ".join(dict.fromkeys(_KINDS.values()))
    raise BadInput(f"Kind {values.get('kind', '')[:40]!r} is none of {known}.")


def _active(values: Values) -> bool:
    text = values.get("active", "").casefold()
    if text not in _YES | _NO:
        raise BadInput(f"Active {text[:40]!r} is neither yes nor no.")
    return text not in _NO


def _weekday(text: str) -> int:
    short = text.casefold()[:3]
    for names in (WEEKDAYS, _RUSSIAN_DAYS):
        for number, name in enumerate(names, 1):
            if short in (name, str(number)) or short[: len(name)] == name:
                return number
    raise BadInput(f"Weekday {text[:40]!r} is none: write mon … sun, or 1 … 7.")


def _day(text: str) -> date:
    line = text.strip()
    russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", line)
    try:
        if russian is not None:
            return date(int(russian[3]), int(russian[2]), int(russian[1]))
        return excel_date(line) or date.fromisoformat(line[:10])
    except ValueError:
        raise BadInput(f"Day {line[:40]!r} is none like 2026-12-31.") from None
