"""The directory of the office: read as one, told by a PBX or a file, and changed by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from data.access import require
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission
from data.metrics.reads import Reads
from data.queries import read
from data.runtime import changed_site, stored_values
from data.services.directory_entries import (
    ChannelEntry,
    CodeEntry,
    EmployeeEntry,
    Entry,
    HolidayEntry,
    HoursEntry,
    Source,
    is_mobile,
)
from data.services.directory_plan import LONG_AGO, Plan, Stored, plan
from data.services.trail import trail
from data.settings import WEEKDAYS, Site
from data.store.protocol import Statement, Store, Topic

SEEN = timedelta(days=92)  # what calls of so long ago name is offered for a title


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Everything on the page: rows as they are stored, and what calls name besides."""

    stored: Stored
    seen: Sequence[dict[str, Any]]


def stored_directory(store: Store, actor: Actor) -> Stored:
    """The directory as it is."""
    found = {
        name: store.query(read(f"directory/{name}"), actor=actor).to_pylist()
        for name in ("employees", "extensions", "codes", "hours", "holidays")
    }
    return Stored(**found)


def listed_directory(store: Store, actor: Actor, *, now: datetime) -> Listed:
    """For the page. Raises NotAllowed."""
    require(actor, Permission.DIRECTORY)
    seen = store.query(read("directory/seen"), {"from_at": now - SEEN}, actor=actor).to_pylist()
    return Listed(stored=stored_directory(store, actor), seen=seen)


def site_in_force(store: Reads, site: Site, actor: Actor) -> Site:
    """The site with the working hours of the directory and what was changed at run time; the settings say the rest."""
    site = changed_site(site, stored_values(store))
    hours = store.query(read("directory/hours"), actor=actor).to_pylist()
    days = store.query(read("directory/holidays"), actor=actor).to_pylist()
    if not hours and not days:
        return site
    open_at = dict(site.hours)
    for row in hours:
        open_at.pop(WEEKDAYS[row["weekday"] - 1], None)
        if row["opens"] is not None:
            open_at[WEEKDAYS[row["weekday"] - 1]] = _stretch(row)
    own = {row["on_date"] for row in days}
    closed = {day for day in site.holidays if day not in own} | {row["on_date"] for row in days if row["opens"] is None}
    short = {day: text for day, text in site.short_days.items() if day not in own}
    short |= {row["on_date"]: _stretch(row) for row in days if row["opens"] is not None}
    return site.model_copy(update={"hours": open_at, "holidays": sorted(closed), "short_days": short})


def _stretch(row: dict[str, Any]) -> str:
    return f"{row['opens']}-{'24:00' if row['closes'] == '00:00' else row['closes']}"


def take_in(
    store: Store, actor: Actor, entries: Iterable[Entry], *, source: Source, pbx: str | None, now: datetime
) -> Plan:
    """Let the directory say what a PBX or a file tells; the same twice changes nothing. What was done."""
    require(actor, Permission.DIRECTORY)
    made = plan(stored_directory(store, actor), entries, source=source, pbx=pbx, now=now)
    if made.statements:
        counts = {"added": made.added, "changed": made.changed, "kept": made.kept}
        noted = trail(actor, now, "directory.learn", "directory", pbx or source, source=source, **counts)
        store.transact([*made.statements, noted], actor=actor, touches={Topic.DIRECTORY: ()})
    return made


def save_employee(store: Store, actor: Actor, employee_id: str | None, entry: EmployeeEntry, *, now: datetime) -> str:
    """Keep what a person typed of an employee (None: a new one); the id. Raises BadInput, NotFound."""
    require(actor, Permission.DIRECTORY)
    if entry.name is None:
        raise BadInput("An employee needs a name.")
    stored = stored_directory(store, actor)
    known = next((row for row in stored.employees if row["employee_id"] == employee_id), None)
    if employee_id is not None and known is None:
        raise NotFound(f"There is no employee {employee_id[:40]}. Load the page again.")
    key = employee_id or str(uuid4())
    values = {
        "employee_id": key,
        "name": entry.name,
        "department": entry.department,
        "email": entry.email,
        "active": entry.active,
        "source": str(Source.PERSON),
        "external_id": known["external_id"] if known else None,
    }
    steps = [
        Statement(name=f"directory_employee_{'update' if known else 'insert'}", params=values, expect_rows=1),
        *_phones(stored, key, entry.extensions, now),
        trail(
            actor, now, "directory.employee", "employee", key,
            name=entry.name, department=entry.department, extensions=list(entry.extensions), active=entry.active,
        ),
    ]  # fmt: skip
    store.transact(steps, actor=actor, touches={Topic.DIRECTORY: [key]})
    return key


def _phones(stored: Stored, employee_id: str, wanted: Sequence[str], now: datetime) -> list[Statement]:
    current = {row["extension"]: row for row in stored.extensions if row["is_current"]}
    ever = {row["extension"] for row in stored.extensions}
    has = {code for code, row in current.items() if row["employee_id"] == employee_id}
    steps: list[Statement] = []
    for code in sorted(has - set(wanted)):
        ended = {"extension": code, "pbx": current[code]["pbx"], "at": now}
        steps.append(Statement(name="directory_extension_end", params=ended))
    for code in wanted:
        if code in has:
            continue
        known = current.get(code)
        if known is not None:
            ended = {"extension": code, "pbx": known["pbx"], "at": now}
            steps.append(Statement(name="directory_extension_end", params=ended))
        first = code not in ever or (known is not None and known["employee_id"] is None)
        given = {
            "extension": code,
            "pbx": known["pbx"] if known else None,
            "employee_id": employee_id,
            "device": known["device"] if known else None,
            "kind": "mobile" if is_mobile(code) else "phone",
            "from_at": LONG_AGO if first else now,
            "source": str(Source.PERSON),
        }
        steps.append(Statement(name="directory_extension_insert", params=given, expect_rows=1))
    return steps


def save_entry(store: Store, actor: Actor, entry: Entry, *, pbx: str | None = None, now: datetime) -> None:
    """Keep what a person typed: a title, a channel, hours, a day. Raises BadInput."""
    require(actor, Permission.DIRECTORY)
    match entry:
        case CodeEntry(title=None):
            steps, subject, key = [_forget(entry, pbx)], entry.kind.value, entry.code
        case CodeEntry():
            values = {"code": entry.code, "pbx": pbx, "title": entry.title, "source": str(Source.PERSON)}
            if entry.kind == "queue":
                values["extension"] = entry.extension or _extension_of(store, actor, entry.code, pbx)
            steps = [_forget(entry, pbx), Statement(name=f"directory_{entry.kind}_insert", params=values)]
            subject, key = entry.kind.value, entry.code
        case ChannelEntry():
            steps, subject, key = _pair("channel", {"did": entry.did}, {"title": entry.title}), "channel", entry.did
        case HoursEntry():
            values = {"opens": entry.opens, "closes": entry.closes}
            steps = _pair("hours", {"weekday": entry.weekday}, values)
            subject, key = "hours", str(entry.weekday)
        case HolidayEntry():
            values = {"title": entry.title, "opens": entry.opens, "closes": entry.closes}
            steps, subject, key = _pair("holiday", {"on_date": entry.on_date}, values), "holiday", str(entry.on_date)
        case EmployeeEntry():
            raise BadInput("Employees are kept by save_employee.")
    noted = trail(actor, now, f"directory.{subject}", subject, key, **_said(entry))
    store.transact([*steps, noted], actor=actor, touches={Topic.DIRECTORY: [key]})


def forget_channel(store: Store, actor: Actor, did: str, *, now: datetime) -> None:
    """The number has no channel any more."""
    _drop(store, actor, Statement(name="directory_channel_forget", params={"did": did}), "channel", did, now)


def forget_hours(store: Store, actor: Actor, weekday: int, *, now: datetime) -> None:
    """The weekday has the hours of the settings again."""
    step = Statement(name="directory_hours_forget", params={"weekday": weekday})
    _drop(store, actor, step, "hours", str(weekday), now)


def forget_holiday(store: Store, actor: Actor, on_date: date, *, now: datetime) -> None:
    """The day is one like others again."""
    step = Statement(name="directory_holiday_forget", params={"on_date": on_date})
    _drop(store, actor, step, "holiday", str(on_date), now)


def _drop(store: Store, actor: Actor, step: Statement, subject: str, key: str, now: datetime) -> None:
    require(actor, Permission.DIRECTORY)
    noted = trail(actor, now, f"directory.{subject}.forget", subject, key)
    store.transact([step, noted], actor=actor, touches={Topic.DIRECTORY: [key]})


def _forget(entry: CodeEntry, pbx: str | None) -> Statement:
    return Statement(name=f"directory_{entry.kind}_forget", params={"code": entry.code, "pbx": pbx})


def _extension_of(store: Store, actor: Actor, code: str, pbx: str | None) -> str | None:
    rows = stored_directory(store, actor).codes
    return next(
        (row["extension"] for row in rows if (row["kind"], row["code"], row["pbx"]) == ("queue", code, pbx)), None
    )


def _pair(name: str, key: Mapping[str, object], values: Mapping[str, object]) -> list[Statement]:
    return [
        Statement(name=f"directory_{name}_forget", params=key),
        Statement(name=f"directory_{name}_insert", params={**key, **values, "source": str(Source.PERSON)}),
    ]


def _said(entry: Entry) -> dict[str, object]:
    names = ("title", "opens", "closes")
    return {name: value for name in names if (value := getattr(entry, name, None)) is not None}
