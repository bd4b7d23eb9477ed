"""Tasks: what somebody has to do until when, about a call, a chat or a client, and when he is reminded of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor, Permission
from data.metrics.periods import day_start, local_day
from data.phone import display, mask
from data.queries import read
from data.services.clients import get_client
from data.services.comments import Subject, SubjectKind
from data.services.trail import trail
from data.services.visible import visible_call, visible_chat
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

LONGEST_TITLE = 300
LONGEST_NOTES = 10_000
MOST = 500
_SOON = timedelta(hours=12)  # reminders that a browser hears of beforehand, so that it tells them to the second


class Whose(StrEnum):
    MINE = "mine"
    GIVEN = "given"  # made by me for others
    ALL = "all"  # for those who look after everybody's work


class TaskState(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFields:
    """What people fill in. owner_id None: whoever makes it."""

    title: str
    notes: str | None = None
    owner_id: str | None = None
    due_at: datetime | None = None
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task as it stands. about: the client, chat or number that it is about, in words."""

    task_id: str
    fields: TaskFields
    owner: str | None
    subject: Subject | None
    about: str | None
    done_at: datetime | None
    done_by: str | None
    created_at: datetime
    created_by: str
    version: int
    is_mine: bool

    def is_overdue(self, now: datetime) -> bool:
        return self.done_at is None and self.fields.due_at is not None and self.fields.due_at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    task_id: str
    title: str
    remind_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """My open tasks in numbers. due: until the end of today, overdue ones included. reminders: past and soon."""

    open: int
    overdue: int
    due: int
    reminders: tuple[Reminder, ...]


def may_see_all(actor: Actor) -> bool:
    """Whether somebody looks after everybody's tasks."""
    return actor.may(Permission.LIVE)


def tasks(
    store: Store,
    actor: Actor,
    *,
    whose: Whose = Whose.MINE,
    state: TaskState = TaskState.OPEN,
    subject: Subject | None = None,
    owner_id: str | None = None,
    now: datetime,
    limit: int = MOST,
) -> tuple[Task, ...]:
    """Open ones by urgency, done ones the latest first. subject: those about it that the actor may see."""
    require(actor, Permission.SEE_CALLS)
    if whose is Whose.ALL and not may_see_all(actor):
        raise NotAllowed(f"User {actor.user} may see no tasks of others. An administrator can change the role.")
    return _listed(
        store,
        actor,
        now,
        whose=whose.value,
        state=state.value,
        subject_kind=subject and subject.kind.value,
        subject_id=subject and subject.id,
        owner_id=owner_id and _uuid(owner_id),
        limit=limit,
    )


def tasks_about(store: Store, actor: Actor, subject: Subject, *, now: datetime) -> tuple[Task, ...]:
    """All tasks about a call, chat or client that the actor may see, open and done."""
    require(actor, Permission.SEE_CALLS)
    known = _subject(store, actor, subject)
    whose = "all" if may_see_all(actor) else "seen"
    return _listed(store, actor, now, whose=whose, state="any", subject_kind=known.kind.value, subject_id=known.id)


def task(store: Store, actor: Actor, task_id: str, *, now: datetime) -> Task:
    """One's own task, or one that the actor made or looks after. Raises NotFound."""
    require(actor, Permission.SEE_CALLS)
    whose = "all" if may_see_all(actor) else "seen"
    found = _listed(store, actor, now, whose=whose, state="any", task_id=_uuid(task_id))
    if not found:
        raise NotFound(f"There is no task {task_id[:40]}, or it is not among those you may see.")
    return found[0]


def summary(store: Store, actor: Actor, site: Site, *, now: datetime) -> Summary:
    """What the bell and the start page show."""
    require(actor, Permission.SEE_CALLS)
    tomorrow = day_start(local_day(now, site.zone) + timedelta(days=1), site.zone)
    params = {**_me(actor), "at": now, "day_end": tomorrow, "soon": now + _SOON}
    (row,) = store.query(read("tasks/summary"), params, actor=actor).to_pylist()
    reminders = tuple(Reminder(**reminder) for reminder in row["reminders"])
    return Summary(open=row["open"], overdue=row["overdue"], due=row["due"], reminders=reminders)


def create_task(
    store: Store, actor: Actor, fields: TaskFields, *, subject: Subject | None = None, now: datetime
) -> str:
    """A new task; the id. Raises BadInput, NotFound for a subject that is none, NotAllowed."""
    require(actor, Permission.COMMENT)
    known = _subject(store, actor, subject) if subject else None
    task_id = str(uuid4())
    params = {
        **_written(replace(fields, owner_id=fields.owner_id or actor.employee_id)),
        "task_id": task_id,
        "subject_kind": known and known.kind.value,
        "subject_id": known and known.id,
        "at": now,
        "actor": actor.user,
    }
    about = f"{known.kind}:{known.id}" if known else None
    store.transact(
        [
            Statement(name="task_insert", params=params, expect_rows=1),
            trail(actor, now, "task.create", "task", task_id, about=about),
        ],
        actor=actor,
        touches={Topic.TASKS: [task_id]},
    )
    return task_id


def change_task(store: Store, actor: Actor, task_id: str, fields: TaskFields, *, version: int, now: datetime) -> None:
    """Replace what was filled in. Raises Conflict when somebody else changed it, BadInput, NotFound, NotAllowed."""
    kept = _changeable(store, actor, task_id, now)
    params = {**_written(fields), "task_id": kept.task_id, "version": version, "at": now, "actor": actor.user}
    _run(store, actor, kept, Statement(name="task_update", params=params, expect_rows=1), "task.change", now)


def finish_task(store: Store, actor: Actor, task_id: str, *, done: bool = True, version: int, now: datetime) -> None:
    """The task is done, or open again. Raises as change_task."""
    kept = _changeable(store, actor, task_id, now)
    params = {"task_id": kept.task_id, "done": done, "version": version, "at": now, "actor": actor.user}
    action = "task.done" if done else "task.reopen"
    _run(store, actor, kept, Statement(name="task_done", params=params, expect_rows=1), action, now)


def _run(store: Store, actor: Actor, kept: Task, step: Statement, action: str, now: datetime) -> None:
    steps = [step, trail(actor, now, action, "task", kept.task_id)]
    store.transact(steps, actor=actor, touches={Topic.TASKS: [kept.task_id]})


def _changeable(store: Store, actor: Actor, task_id: str, now: datetime) -> Task:
    require(actor, Permission.COMMENT)
    return task(store, actor, task_id, now=now)


def _listed(store: Store, actor: Actor, now: datetime, **asked: object) -> tuple[Task, ...]:
    nothing = {"task_id": None, "subject_kind": None, "subject_id": None, "owner_id": None, "limit": MOST}
    params = {**nothing, **_me(actor), "at": now, **asked}
    full = actor.may(Permission.FULL_NUMBERS)
    rows = store.query(read("tasks/listed"), params, actor=actor).to_pylist()
    return tuple(_task(row, full_numbers=full) for row in rows)


def _me(actor: Actor) -> dict[str, object]:
    return {"user": actor.user, "employee_id": actor.employee_id, "extensions": sorted(actor.extensions)}


def _task(row: dict[str, Any], *, full_numbers: bool) -> Task:
    number = row["number"] and (display(row["number"]) if full_numbers else mask(row["number"]))
    subject = Subject(kind=SubjectKind(row["subject_kind"]), id=row["subject_id"]) if row["subject_kind"] else None
    return Task(
        task_id=row["task_id"],
        fields=TaskFields(
            title=row["title"],
            notes=row["notes"],
            owner_id=row["owner_id"],
            due_at=row["due_at"],
            remind_at=row["remind_at"],
        ),
        owner=row["owner"],
        subject=subject,
        about=row["subject"] or row["client"] or number,
        done_at=row["done_at"],
        done_by=row["done_by"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        version=row["version"],
        is_mine=row["is_mine"],
    )


def _written(fields: TaskFields) -> dict[str, object]:
    title = " ".join(fields.title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise BadInput(f"A task needs 1 to {LONGEST_TITLE} characters, this one has {len(title)}. Type another text.")
    notes = (fields.notes or "").strip() or None
    if notes and len(notes) > LONGEST_NOTES:
        raise BadInput(f"The notes have {len(notes)} characters, at most {LONGEST_NOTES} are kept. Shorten them.")
    return {
        "title": title,
        "notes": notes,
        "owner_id": fields.owner_id and _uuid(fields.owner_id),
        "due_at": fields.due_at,
        "remind_at": fields.remind_at,
    }


def _subject(store: Store, actor: Actor, subject: Subject) -> Subject:
    """The subject as it is kept, if the actor may see it. Raises NotFound."""
    match subject.kind:
        case SubjectKind.CALL:
            return Subject(kind=subject.kind, id=visible_call(store, actor, subject.id))
        case SubjectKind.ACCOUNT:
            return Subject(kind=subject.kind, id=get_client(store, actor, subject.id).account_id)
        case SubjectKind.CHAT:
            return Subject(kind=subject.kind, id=visible_chat(store, actor, subject.id))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"{text[:40]!r} is no id of a task, chat or employee.") from None
