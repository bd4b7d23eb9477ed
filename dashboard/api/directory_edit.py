"""`/api/directory/…`: the whole directory, and what a person changes of it; for who has the right `directory`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.text.formats import phone
from data.errors import BadInput
from data.services.directory import (
    forget_channel,
    forget_holiday,
    forget_hours,
    listed_directory,
    save_employee,
    save_entry,
)
from data.services.directory_entries import (
    LONGEST_CODE,
    LONGEST_NAME,
    Code,
    channel_entry,
    code_entry,
    employee_entry,
    holiday_entry,
    hours_entry,
    own_number,
)

API = blueprint("directory_edit", "/api/directory")
API.register_error_handler(BadInput, refuse)
_KINDS = {"queues": Code.QUEUE, "ring-groups": Code.RING_GROUP, "lines": Code.LINE}
_MOST_PHONES = 50


@API.get("/entries")
def entries() -> Response:
    """Everything there is: employees, phones, codes with titles, codes that calls name, hours, holidays."""
    listed = listed_directory(current_store(), current_actor(), now=now())
    stored, site = listed.stored, current_settings().site
    return answer(
        {
            "employees": stored.employees,
            "phones": [row for row in stored.extensions if row["is_current"]],
            "codes": [_readable(row) for row in stored.codes],
            "seen": [_readable(row) for row in listed.seen],
            "hours": stored.hours,
            "holidays": stored.holidays,
            "settings": {"hours": site.hours, "holidays": site.holidays, "short_days": site.short_days},
        }
    )


@API.post("/employees")
def new_employee() -> Response:
    """Keep {"name", "extensions", "department", "email", "active"}; the id."""
    return answer({"employee_id": _employee(None)}, 201)


@API.put("/employees/<employee_id>")
def employee(employee_id: str) -> Response:
    """The same of an employee there is."""
    return answer({"employee_id": _employee(employee_id)})


@API.put("/<kind>/<path:code>")
def title(kind: str, code: str) -> Response:
    """Keep {"title", "pbx"?} of a queue, ring group or line; an empty title forgets it."""
    if kind not in _KINDS:
        raise BadRequest(f"{kind[:40]!r} is none of {', '.join(_KINDS)}.")
    sent = body()
    entry = code_entry(_KINDS[kind], code[: LONGEST_CODE + 1], text(sent, "title", longest=LONGEST_NAME) or None)
    pbx = text(sent, "pbx", longest=32) or None
    save_entry(current_store(), current_actor(), entry, pbx=pbx, now=now())
    return answer({"code": entry.code, "title": entry.title})


@API.put("/channels/<did>")
def channel(did: str) -> Response:
    """Keep {"title"}, the name of the channel that an office number stands for."""
    entry = channel_entry(did, text(body(), "title", longest=LONGEST_NAME), current_settings().site)
    save_entry(current_store(), current_actor(), entry, now=now())
    return answer({"did": entry.did, "title": entry.title})


@API.delete("/channels/<did>")
def no_channel(did: str) -> Response:
    forget_channel(current_store(), current_actor(), did, now=now())
    return answer({"did": did})


@API.put("/hours/<int:weekday>")
def hours(weekday: int) -> Response:
    """Keep {"opens", "closes"} of a weekday (1: Monday); both empty: closed."""
    sent = body()
    entry = hours_entry(weekday, text(sent, "opens", longest=8) or None, text(sent, "closes", longest=8) or None)
    save_entry(current_store(), current_actor(), entry, now=now())
    return answer({"weekday": weekday, "opens": entry.opens, "closes": entry.closes})


@API.delete("/hours/<int:weekday>")
def no_hours(weekday: int) -> Response:
    """The weekday has the hours of the settings again."""
    forget_hours(current_store(), current_actor(), weekday, now=now())
    return answer({"weekday": weekday})


@API.route("/holidays/<day>", methods=["PUT", "DELETE"])
def holiday(day: str) -> Response:
    """Keep {"title", "opens", "closes"} of a day, or forget it."""
    try:
        on_date = date.fromisoformat(day)
    except ValueError:
        raise BadRequest(f"{day[:40]!r} is no day like 2026-12-31.") from None
    if request.method == "DELETE":
        forget_holiday(current_store(), current_actor(), on_date, now=now())
        return answer({"day": on_date})
    sent = body()
    words = {name: text(sent, name, longest=LONGEST_NAME) or None for name in ("title", "opens", "closes")}
    entry = holiday_entry(on_date, words["title"], words["opens"], words["closes"])
    save_entry(current_store(), current_actor(), entry, now=now())
    return answer({"day": on_date, "title": entry.title, "opens": entry.opens, "closes": entry.closes})


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """`row` with the code as people read it: an office number is written like one."""
    return {**row, "text": phone(row["code"]) if row["kind"] == "channel" else row["code"]}


def _employee(employee_id: str | None) -> str:
    sent = body()
    entry = employee_entry(
        text(sent, "name", longest=LONGEST_NAME, required=True),
        _phones(sent),
        department=text(sent, "department", longest=LONGEST_NAME) or None,
        email=text(sent, "email", longest=LONGEST_NAME) or None,
        active=sent.get("active") is not False,
    )
    return save_employee(current_store(), current_actor(), employee_id, entry, now=now())


def _phones(sent: dict[str, Any]) -> list[str]:
    given = sent.get("extensions", [])
    if not isinstance(given, list) or len(given) > _MOST_PHONES or not all(isinstance(one, str) for one in given):
        raise BadRequest(f"extensions must be a list of at most {_MOST_PHONES} texts.")
    return [own_number(one, current_settings().site) for one in given]
