"""Tasks: whose they are, until when, of what one is reminded, and who may touch them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope
from data.services.comments import Subject, SubjectKind
from data.services.tasks import (
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
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, account, employee, local, own, told, write

NOON = local("03-02 12:00")
HOUR = timedelta(hours=1)
ANNA = Actor(user="anna", role=Role.MANAGER, extensions=frozenset({"201"}))
BORIS = Actor(user="boris", role=Role.MANAGER, extensions=frozenset({"202"}), scope=Scope.OWN)


def titles(database: Database, actor: Actor, **asked: object) -> list[str]:
    return [one.fields.title for one in tasks(database, actor, now=NOON, **asked)]  # type: ignore[arg-type]


def test_the_most_urgent_comes_first_and_what_is_late_is_overdue(database: Database) -> None:
    for title, due in (("Потом", None), ("Завтра", NOON + 24 * HOUR), ("Вчера", NOON - 24 * HOUR)):
        create_task(database, ANNA, TaskFields(title=title, due_at=due), now=NOON)

    found = tasks(database, ANNA, now=NOON)

    assert [(one.fields.title, one.is_overdue(NOON)) for one in found] == [
        ("Вчера", True), ("Завтра", False), ("Потом", False)
    ]  # fmt: skip
    assert titles(database, ANNA, state=TaskState.OVERDUE) == ["Вчера"]


def test_a_task_is_the_owners_and_the_giver_sees_it_too(database: Database) -> None:
    anna = employee(database, "Анна", "201")
    create_task(database, BORIS, TaskFields(title="Перезвонить", owner_id=anna), now=NOON)
    create_task(database, BORIS, TaskFields(title="Своё"), now=NOON)

    assert titles(database, ANNA) == ["Перезвонить"]
    assert titles(database, BORIS) == ["Своё"]
    assert titles(database, BORIS, whose=Whose.GIVEN) == ["Перезвонить"]
    assert sorted(titles(database, CHIEF, whose=Whose.ALL)) == ["Перезвонить", "Своё"]
    assert tasks(database, ANNA, now=NOON)[0].owner == "Анна"


def test_nobody_but_owner_giver_and_supervisor_touches_a_task(database: Database) -> None:
    task_id = create_task(database, BORIS, TaskFields(title="Своё"), now=NOON)

    with pytest.raises(NotFound):
        finish_task(database, ANNA, task_id, version=1, now=NOON)
    with pytest.raises(NotAllowed):
        tasks(database, ANNA, whose=Whose.ALL, now=NOON)
    with pytest.raises(NotAllowed):
        create_task(database, ANALYST, TaskFields(title="Нельзя"), now=NOON)
    finish_task(database, CHIEF, task_id, version=1, now=NOON)
    assert task(database, BORIS, task_id, now=NOON).done_by == "olga"


def test_done_is_told_with_who_and_when_and_can_be_taken_back(database: Database) -> None:
    task_id = create_task(database, ANNA, TaskFields(title="Счёт", due_at=NOON - HOUR), now=NOON)

    finish_task(database, ANNA, task_id, version=1, now=NOON + HOUR)
    done = task(database, ANNA, task_id, now=NOON)
    finish_task(database, ANNA, task_id, done=False, version=2, now=NOON + HOUR)

    assert (done.done_by, done.done_at, done.is_overdue(NOON)) == ("anna", NOON + HOUR, False)
    assert titles(database, ANNA) == ["Счёт"]
    actions = database.query("select action from audit order by rowid", actor=CHIEF)["action"].to_pylist()
    assert actions == ["task.create", "task.done", "task.reopen"]


def test_a_supervisor_who_mends_a_task_does_not_take_it_over(database: Database) -> None:
    task_id = create_task(database, BORIS, TaskFields(title="Счот"), now=NOON)
    chief = Actor(user="olga", role=Role.SUPERVISOR, employee_id=employee(database, "Ольга", "300"))

    change_task(database, chief, task_id, TaskFields(title="Счёт"), version=1, now=NOON)

    assert titles(database, BORIS) == ["Счёт"]


def test_the_second_of_two_who_change_a_task_is_told(database: Database) -> None:
    task_id = create_task(database, ANNA, TaskFields(title="Счёт"), now=NOON)
    change_task(database, ANNA, task_id, TaskFields(title="Счёт и акт"), version=1, now=NOON)

    with pytest.raises(Conflict):
        change_task(database, CHIEF, task_id, TaskFields(title="Акт"), version=1, now=NOON)

    assert task(database, ANNA, task_id, now=NOON).fields.title == "Счёт и акт"


def test_a_task_names_the_client_of_its_call_and_hides_the_number_of_strangers(database: Database) -> None:
    write(
        database,
        told("known", "03-01 10:00", number="+79120000001"),
        told("strange", "03-01 11:00", number="+79120000002"),
    )
    romashka = account(database, "Ромашка")
    own(database, "79120000001", romashka, "03-01 12:00")
    subjects = (
        Subject(kind=SubjectKind.CALL, id="known"),
        Subject(kind=SubjectKind.CALL, id="strange"),
        Subject(kind=SubjectKind.ACCOUNT, id=romashka),
    )
    for minute, subject in enumerate(subjects):
        made_at = NOON + timedelta(minutes=minute)
        create_task(database, CHIEF, TaskFields(title=f"{subject.kind}"), subject=subject, now=made_at)

    assert [one.about for one in tasks(database, CHIEF, now=NOON)] == ["Ромашка", "+7 912 000-00-02", "Ромашка"]
    about = tasks_about(database, CHIEF, Subject(kind=SubjectKind.CALL, id="known"), now=NOON)
    assert [one.fields.title for one in about] == ["call"]


@pytest.mark.parametrize(
    "subject",
    [
        Subject(kind=SubjectKind.CALL, id="nowhere"),
        Subject(kind=SubjectKind.CHAT, id="00000000-0000-0000-0000-000000000000"),
        Subject(kind=SubjectKind.CHAT, id="nonsense"),
        Subject(kind=SubjectKind.ACCOUNT, id="nonsense"),
    ],
)
def test_a_task_about_nothing_is_refused(database: Database, subject: Subject) -> None:
    with pytest.raises(NotFound):
        create_task(database, CHIEF, TaskFields(title="О чём?"), subject=subject, now=NOON)


def test_who_sees_only_his_own_calls_makes_no_task_of_others(database: Database) -> None:
    write(database, told("annas", "03-01 10:00", employees=["201"]))

    with pytest.raises(NotFound):
        create_task(
            database, BORIS, TaskFields(title="x"), subject=Subject(kind=SubjectKind.CALL, id="annas"), now=NOON
        )


@pytest.mark.parametrize("title", ["", "  ", "x" * 301])
def test_a_task_needs_a_title_that_can_be_kept(database: Database, title: str) -> None:
    with pytest.raises(BadInput):
        create_task(database, ANNA, TaskFields(title=title), now=NOON)


def test_the_bell_counts_my_open_tasks_and_knows_the_reminders_of_the_next_hours(database: Database) -> None:
    for title, due, remind in (
        ("поздно", -1, -2), ("сегодня", 3, 1), ("завтра", 20, 19), ("когда-нибудь", None, None)
    ):  # fmt: skip
        moments = {"due_at": None if due is None else NOON + due * HOUR, "remind_at": remind and NOON + remind * HOUR}
        create_task(database, ANNA, TaskFields(title=title, **moments), now=NOON)  # type: ignore[arg-type]
    create_task(database, BORIS, TaskFields(title="чужая", due_at=NOON), now=NOON)

    told_ = summary(database, ANNA, SITE, now=NOON)

    assert (told_.open, told_.overdue, told_.due) == (4, 1, 2)
    assert [one.title for one in told_.reminders] == ["поздно", "сегодня"]
