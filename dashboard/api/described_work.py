"""What /api/openapi.json says of tasks and leads."""

from __future__ import annotations

from enum import StrEnum

from dashboard.api.answers import HIGHEST_VERSION
from dashboard.api.described import (
    Json,
    fields,
    fixed,
    many,
    maybe,
    moment,
    operation,
    query,
    ref,
    short_text,
    string,
    uuid,
    writing,
)
from dashboard.api.leads import LAST_PAGE
from dashboard.filters import TODAY, YESTERDAY
from data.journal import LeadState
from data.metrics.periods import Preset
from data.services.comments import SubjectKind
from data.services.leads import LONGEST_COMMENT, LONGEST_NAME, NONE, LeadResult, LeadSource, LeadWork
from data.services.tasks import LONGEST_NOTES, LONGEST_TITLE, TaskState, Whose

_LONGEST_ID = 200
_LEAD = "call: and the id of the call that brought the lead, else the id of its record; `key` of the list."


def work_paths() -> Json:
    """The paths of both."""
    return {
        "/api/tasks": {"get": _tasks(), "post": writing("createTask", "A new task.", "NewTask", "Task", status=201)},
        "/api/tasks/summary": {
            "get": operation("taskSummary", "How many of one's own tasks are open, and the reminders.", ref("Summary"))
        },
        "/api/tasks/{task_id}": {
            "parameters": [{"name": "task_id", "in": "path", "required": True, "schema": uuid()}],
            "patch": writing(
                "changeTask",
                "Change the fields that are sent, or send `done` alone with `version`. Another version than the "
                "present one is refused.",
                "TaskFields",
                "Task",
            ),
        },
        "/api/leads": {
            "get": _leads(),
            "post": writing("createLead", "A lead with a name or a number.", "NewLead", "LeadKey", status=201),
        },
        "/api/leads/{key}": {
            "parameters": [{"name": "key", "in": "path", "required": True, "schema": _key(), "description": _LEAD}],
            "patch": writing(
                "changeLead",
                "Write down what is sent. `version` is that of the list, 0 where nothing was written down yet.",
                "LeadFields",
                "LeadKey",
            ),
        },
    }


def work_schemas() -> Json:
    """What they send and get."""
    task, lead = _task_fields(), _lead_fields()
    return {
        "Task": _task(),
        "TaskFields": fields(task | {"done": {"type": "boolean"}, "version": _version(1)}, required=["version"]),
        "NewTask": fields(task | {"subject": maybe(_subject())}, required=["title"]),
        "Summary": _summary(),
        "Lead": _lead(),
        "LeadKey": fixed({"key": string(), "version": {"type": "integer"}}),
        "LeadFields": fields(lead | {"version": _version(0)}, required=["version"]),
        "NewLead": fields(lead | {"number": maybe(_text(_LONGEST_ID))}),
    }


def _tasks() -> Json:
    made = operation(
        "tasks",
        "Tasks of oneself, or that one gave; with `subject` all about one call, chat or client.",
        fixed({"tasks": many(ref("Task"))}),
        missing=True,
    )
    made["parameters"] = [
        query("whose", _one_of(Whose) | {"default": Whose.MINE}, "`all` is for those who look after everybody's work."),
        query("state", _one_of(TaskState) | {"default": TaskState.OPEN}, "How far they are."),
        query("owner", string(), "The id of an employee: only his."),
        query("subject", string() | {"pattern": f"^({'|'.join(SubjectKind)}):.+$"}, "For example account:ID."),
    ]
    return made


def _leads() -> Json:
    page = {
        "leads": many(ref("Lead")),
        "totals": fixed(_counts("listed", "leads", "registered", "unregistered", "lost")),
        "page": {"type": "integer"},
        "pages": {"type": "integer"},
        "from_on": _day(),
        "last_on": _day(),
    }
    made = operation(
        "leads",
        "The leads of a period, the newest first, and what became of those that called, as the report counts them.",
        fixed(page),
    )
    made["parameters"] = [
        query("period", {"enum": [TODAY, YESTERDAY, *Preset]}, "By the days of the office; else `from` and `to`."),
        query("from", _day(), "The first day."),
        query("to", _day(), "The last day; it counts."),
        query("asof", string(), "The moment whose knowledge counts: a day, a local minute, or `end` of the period."),
        query("lead", many(_one_of(LeadState)), "What became of them."),
        query("work", many(_one_of(LeadWork)), "How far the work on them is."),
        query("result", many({"enum": [*LeadResult, NONE]}), "How the work ended."),
        query("source", many(_one_of(LeadSource)), "Where they come from."),
        query("responsible", many(string()), f"Ids of employees, or {NONE}."),
        query("channel", many(string()), "Acquisition channels."),
        query("q", string(), "Words, or a part of the number."),
        query("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}, "Of the list."),
    ]
    return made


def _task() -> Json:
    return fixed(
        {
            "task_id": uuid(),
            "title": string(),
            "notes": maybe(string()),
            "owner_id": maybe(uuid()),
            "owner": maybe(string()),
            "due_at": maybe(moment()),
            "remind_at": maybe(moment()),
            "subject": maybe(_subject()),
            "about": maybe(string()),
            "done_at": maybe(moment()),
            "done_by": maybe(string()),
            "created_at": moment(),
            "created_by": string(),
            "version": {"type": "integer"},
            "is_mine": {"type": "boolean"},
            "is_overdue": {"type": "boolean"},
        }
    )


def _task_fields() -> Json:
    local = maybe(_text(40) | {"description": "A moment; without an offset by the clock of the office."})
    return {
        "title": short_text(LONGEST_TITLE),
        "notes": maybe(_text(LONGEST_NOTES)),
        "owner_id": maybe(_text(_LONGEST_ID)),
        "due_at": local,
        "remind_at": local,
    }


def _subject() -> Json:
    return fixed({"kind": _one_of(SubjectKind), "id": short_text(_LONGEST_ID)})


def _summary() -> Json:
    reminder = {"task_id": uuid(), "title": string(), "remind_at": moment(), "due_at": maybe(moment())}
    return fixed(_counts("open", "overdue", "due") | {"reminders": many(fixed(reminder))})


def _lead() -> Json:
    known = {
        "key": string(),
        "source": _one_of(LeadSource),
        "found_at": moment(),
        "fate": _one_of(LeadState),
        "work": _one_of(LeadWork),
        "result": {"enum": [*LeadResult, None]},
        "version": {"type": "integer"},
    }
    words = ("call_id", "number_text", "outcome", "channel", "account_id", "client", "responsible", "name")
    return fixed(known | {name: maybe(string()) for name in (*words, "responsible_id", "comment")})


def _lead_fields() -> Json:
    return {
        "name": maybe(_text(LONGEST_NAME)),
        "responsible_id": maybe(_text(_LONGEST_ID)),
        "work": _one_of(LeadWork),
        "comment": maybe(_text(LONGEST_COMMENT)),
        "result": {"enum": [*LeadResult, "", None]},
    }


def _counts(*names: str) -> Json:
    return {name: {"type": "integer"} for name in names}


def _key() -> Json:
    return {"type": "string", "pattern": r"^(call:)?[A-Za-z0-9._-]{1,150}$"}


def _version(low: int) -> Json:
    return {"type": "integer", "minimum": low, "maximum": HIGHEST_VERSION}


def _text(longest: int) -> Json:
    """A text that may be empty, which is as good as none."""
    return {"type": "string", "maxLength": longest}


def _day() -> Json:
    return {"type": "string", "format": "date"}


def _one_of(kind: type[StrEnum]) -> Json:
    return {"enum": [member.value for member in kind]}
