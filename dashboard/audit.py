"""The trail in people's words: the filter of its page, and what each line says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from dashboard.text import language, t
from dashboard.text.catalogue import read_catalogue
from dashboard.text.formats import date_time, phone
from data.services.audit import AuditFilter, AuditRow

_USUAL_DAYS = 30
_LONGEST = 200
_MACHINES_ID = re.compile(r"[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TITLES = ("title", "name", "shortcut")  # details that tell people what an id means


def read_filter(query: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> AuditFilter:
    """The filter of an address; a day that is none falls back to the last thirty days."""
    today = now.astimezone(zone).date()
    last = _day(query.get("to", "")) or today
    first = _day(query.get("from", "")) or last - timedelta(days=_USUAL_DAYS - 1)
    return AuditFilter(
        from_at=datetime.combine(first, time(), zone),
        until_at=datetime.combine(last + timedelta(days=1), time(), zone),
        actor=query.get("who", "")[:_LONGEST],
        action=query.get("what", "")[:_LONGEST],
        search=query.get("q", "")[:_LONGEST],
    )


def write_filter(wanted: AuditFilter, **more: str) -> str:
    """The address' part after "?" that `read_filter` reads."""
    first, last = days_of(wanted)
    values = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "who": wanted.actor,
        "what": wanted.action,
        "q": wanted.search,
    }
    return urlencode({name: value for name, value in {**values, **more}.items() if value})


def days_of(wanted: AuditFilter) -> tuple[date, date]:
    """The first and the last local day of the filter."""
    return wanted.from_at.date(), (wanted.until_at - timedelta(days=1)).date()


def action_words(action: str) -> str:
    """What was done; the name itself where a newer version wrote it."""
    return _known(f"audit.action.{action}") or action


def who_words(actor: str, names: Mapping[str, str]) -> str:
    """Whose doing it was: a name, else the login, else which process."""
    process = actor.removeprefix("system:")
    if process == actor:
        return f"{names[actor]} ({actor})" if names.get(actor) else actor
    return _known(f"audit.process.{process}") or t("audit.process", name=process)


def subject_words(row: AuditRow) -> str:
    """What it was done to."""
    kind = _known(f"audit.subject.{row.subject_kind}") or row.subject_kind
    shown = phone(row.subject_id) if row.subject_kind == "number" else row.subject_id
    if row.subject_kind == "setting":
        shown = _known(f"settings.{row.subject_id}") or row.subject_id
    if _MACHINES_ID.fullmatch(row.subject_id):
        shown = next((f"«{told}»" for name in _TITLES if (told := _told(row).get(name))), shown)
    return f"{kind} {shown}".strip()


def subject_link(row: AuditRow) -> str | None:
    """Where the subject can be looked at."""
    paths = {"call": "/calls/", "account": "/clients/", "user": "/people/", "team": "/people/teams/"}
    if row.subject_kind == "recording":
        return f"/calls/{quote(row.subject_id.rpartition('.')[0], safe='')}"
    # Exports name their form, not a row.
    if row.subject_kind not in paths or row.action.endswith((".export", ".exchange")) or not row.subject_id:
        return None
    return paths[row.subject_kind] + quote(row.subject_id, safe="")


def detail_words(row: AuditRow) -> list[tuple[str, str]]:
    """The details, one name and value each."""
    told = _told(row)
    if not told and row.detail:
        return [("", row.detail)]
    change = row.action == "user.rights"  # the only one that tells values before and after
    return [
        (_known(f"audit.detail.{name}") or name, _pair(name, value) if change else _value(name, value))
        for name, value in told.items()
    ]


def _told(row: AuditRow) -> dict[str, Any]:
    """The details by name; none where they are no such thing."""
    try:
        told = json.loads(row.detail or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _pair(name: str, value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{_value(name, value[0])} → {_value(name, value[1])}"
    return _value(name, value)


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return t("audit.yes") if value else t("audit.no")
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if name == "role":
        return _known(f"role.{value}") or value
    if name in ("scope", "listens"):
        return _known(f"people.scope.{value}") or value
    if name in ("from", "until"):
        return _moment(value)
    return value


def _moment(value: str) -> str:
    """In the zone in which it was asked."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return date_time(at, at.tzinfo) if at.tzinfo else value


def _known(key: str) -> str | None:
    words = read_catalogue(language()).gettext(key)
    return None if words == key else words


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
