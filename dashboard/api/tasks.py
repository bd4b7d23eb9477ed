"""`/api/tasks`: my tasks and those I gave, made from a call, a chat or a client, changed, done; and the bell's numbers.

GET /api/tasks?whose=mine&state=open   GET /api/tasks?subject=call:ID   GET /api/tasks/summary
POST /api/tasks {"title", "notes"?, "owner_id"?, "due_at"?, "remind_at"?, "subject"?: {"kind", "id"}}
PATCH /api/tasks/ID {"version", …fields | "done"}
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, only, refuse, text, version_of
from dashboard.context import current_actor, current_settings, current_store, now
from data.errors import BadInput
from data.services.comments import Subject, SubjectKind
from data.services.tasks import (
    LONGEST_NOTES,
    LONGEST_TITLE,
    Task,
    TaskFields,
    TaskState,
    Whose,
    change_task,
    create_task,
    finish_task,
    summary,
    task,
    tasks,
    tasks_about,
)

API = blueprint("tasks", "/api/tasks")
PUBLIC = True
API.register_error_handler(BadInput, refuse)

_LONGEST_ID = 200
_FIELDS = ("title", "notes", "owner_id", "due_at", "remind_at")

E = TypeVar("E", bound=StrEnum)


@API.get("")
def listed() -> Response:
    """Tasks of ?whose= in ?state=, or all about one ?subject=."""
    whose, state = _choice("whose", Whose, Whose.MINE), _choice("state", TaskState, TaskState.OPEN)
    if "subject" in request.args:
        kind, _, subject_id = request.args["subject"].partition(":")
        found = tasks_about(current_store(), current_actor(), _subject({"kind": kind, "id": subject_id}), now=now())
    else:
        found = tasks(
            current_store(),
            current_actor(),
            whose=whose,
            state=state,
            owner_id=request.args.get("owner") or None,
            now=now(),
        )
    return answer({"tasks": [task_json(one) for one in found]})


@API.get("/summary")
def numbers() -> Response:
    """How many of my tasks are open, due and overdue, and the reminders of today."""
    return answer(summary(current_store(), current_actor(), current_settings().site, now=now()))


@API.post("")
def create() -> Response:
    """A new task; without an owner it is one's own."""
    sent = body()
    only(sent, (*_FIELDS, "subject"))
    subject = sent.get("subject")
    if subject is not None and not isinstance(subject, dict):
        raise BadRequest('subject must be {"kind": "call", "id": …}.')
    made = create_task(
        current_store(),
        current_actor(),
        _fields(sent, TaskFields(title="")),
        subject=_subject(subject) if subject is not None else None,
        now=now(),
    )
    return answer(task_json(task(current_store(), current_actor(), made, now=now())), 201)


@API.patch("/<task_id>")
def change(task_id: str) -> Response:
    """Change the fields that are sent, or say that it is done: {"done": true}; 409 over an old version."""
    store, actor, sent = current_store(), current_actor(), body()
    version = version_of(sent)
    if "done" in sent:
        only(sent, ("done", "version"))
        if not isinstance(sent["done"], bool):
            raise BadRequest("done must be true or false.")
        finish_task(store, actor, task_id, done=sent["done"], version=version, now=now())
    else:
        only(sent, (*_FIELDS, "version"))
        kept = task(store, actor, task_id, now=now())
        change_task(store, actor, task_id, _fields(sent, kept.fields), version=version, now=now())
    return answer(task_json(task(store, actor, task_id, now=now())))


def task_json(one: Task) -> dict[str, Any]:
    """One task as pages show it."""
    return {
        "task_id": one.task_id,
        **{name: getattr(one.fields, name) for name in _FIELDS},
        "owner": one.owner,
        "subject": {"kind": one.subject.kind, "id": one.subject.id} if one.subject else None,
        "about": one.about,
        "done_at": one.done_at,
        "done_by": one.done_by,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "version": one.version,
        "is_mine": one.is_mine,
        "is_overdue": one.is_overdue(now()),
    }


def _fields(sent: dict[str, Any], kept: TaskFields) -> TaskFields:
    """What was kept, with what was sent instead."""
    changed: dict[str, Any] = {}
    if "title" in sent:
        changed["title"] = text(sent, "title", longest=LONGEST_TITLE, required=True)
    if "notes" in sent:
        changed["notes"] = text(sent, "notes", longest=LONGEST_NOTES) or None
    if "owner_id" in sent:
        changed["owner_id"] = text(sent, "owner_id", longest=_LONGEST_ID) or None
    for name in ("due_at", "remind_at"):
        if name in sent:
            changed[name] = _moment(sent, name)
    return replace(kept, **changed)


def _moment(sent: dict[str, Any], name: str) -> datetime | None:
    """An instant of a body; one without an offset is meant by the clock of the office."""
    given = text(sent, name, longest=40)
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
        return (moment if moment.tzinfo else moment.replace(tzinfo=current_settings().site.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"{name}={given!r} is no moment such as 2026-11-22T09:30.") from None


def _subject(sent: dict[str, Any]) -> Subject:
    only(sent, ("kind", "id"))
    kind, subject_id = text(sent, "kind", longest=20), text(sent, "id", longest=_LONGEST_ID, required=True)
    if kind not in set(SubjectKind):
        raise BadRequest(f"kind={kind!r} is none of: {', '.join(SubjectKind)}.")
    return Subject(kind=SubjectKind(kind), id=subject_id)


def _choice(name: str, kind: type[E], otherwise: E) -> E:
    given = request.args.get(name)
    if given is None:
        return otherwise
    if given not in set(kind):
        raise BadRequest(f"{name}={given[:40]!r} is none of: {', '.join(kind)}.")
    return kind(given)
