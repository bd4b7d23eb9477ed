"""Tasks and leads through /api, and what the pages make of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.components.my_tasks import my_tasks
from dashboard.context import Context, acting
from data.identity.actor import Actor, Role
from tests.builders import inbound
from tests.dashboard.desk import NOW, Desk, open_desk

STRANGER = "+79035556677"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("work")) as desk:
        desk.office.add(
            inbound("2026-11-19 10:00", STRANGER, rang=["202"], call_id="pbx-1.1"),
            inbound("2026-11-20 10:00", STRANGER, talked="201", call_id="pbx-2.1"),
        )
        yield desk


def test_a_task_is_made_from_a_call_by_the_clock_of_the_office(desk: Desk) -> None:
    sent = {"title": "Перезвонить", "due_at": "2026-11-20T16:30", "subject": {"kind": "call", "id": "pbx-2.1"}}

    made = desk.user("manager").send("POST", "/api/tasks", sent, 201)

    assert (made["due_at"], made["about"], made["is_mine"]) == ("2026-11-20T13:30:00Z", "+7 903 555-66-77", True)
    about = desk.user().get("/api/tasks?subject=call:pbx-2.1")["tasks"]
    assert [one["task_id"] for one in about] == [made["task_id"]]


def test_the_bell_tells_what_is_due_and_of_what_to_remind(desk: Desk) -> None:
    user = desk.user("administrator")
    sent = {"title": "Счёт", "due_at": "2026-11-20T08:00:00Z", "remind_at": "2026-11-20T07:00:00Z"}
    made = user.send("POST", "/api/tasks", sent, 201)
    before = user.get("/api/tasks/summary")

    user.send("PATCH", f"/api/tasks/{made['task_id']}", {"version": made["version"], "done": True})

    assert (before["open"], before["overdue"], before["due"]) == (1, 1, 1)
    assert [one["title"] for one in before["reminders"]] == ["Счёт"]
    assert user.get("/api/tasks/summary")["open"] == 0


def test_the_start_page_marks_what_is_late(desk: Desk) -> None:
    actor = Actor(user="supervisor", role=Role.SUPERVISOR)
    desk.user().send("POST", "/api/tasks", {"title": "<b>Поздно</b>", "due_at": "2026-11-19T10:00"}, 201)

    with acting(Context(settings=desk.settings, store=desk.office.store, actor=actor, clock=lambda: NOW)):
        shown = str(my_tasks())

    assert "<b>Поздно</b>" in shown  # as text: Dash escapes it
    assert "просрочена: Вчера" in shown


@pytest.mark.parametrize(
    "body",
    [
        {}, {"title": ""}, {"title": 5}, {"title": "x", "due_at": "завтра"}, {"title": "x", "subject": "call"},
        {"title": "x", "subject": {"kind": "ufo", "id": "1"}}, {"title": "x" * 301},
        {"title": "x", "due_at": "0001-01-01T00:00"},
    ],
)  # fmt: skip
def test_a_task_that_cannot_be_kept_is_refused(desk: Desk, body: dict[str, object]) -> None:
    desk.user().send("POST", "/api/tasks", body, 400)


@pytest.mark.parametrize(
    "body",
    [
        {"versoin": 1}, {"version": 1, "done": "yes"}, {"version": 1, "done": True, "title": "x"},
        {"version": 1, "titel": "x"}, {"version": True, "title": "x"}, {"version": 2**31, "title": "x"},
        {"version": 1, "title": "\x00"}, {"version": 1, "title": "\ud800"},
    ],
)  # fmt: skip
def test_a_change_that_is_not_understood_is_refused_and_changes_nothing(desk: Desk, body: dict[str, object]) -> None:
    made = desk.user().send("POST", "/api/tasks", {"title": "Счёт", "subject": {"kind": "call", "id": "pbx-1.1"}}, 201)

    desk.user().send("PATCH", f"/api/tasks/{made['task_id']}", body, 400)
    desk.user().send("POST", "/api/leads", {"name": "Пётр", **body}, 400)

    kept = desk.user().get("/api/tasks?subject=call:pbx-1.1")["tasks"]
    assert made in kept


def test_tasks_of_others_are_nobodys_business(desk: Desk) -> None:
    made = desk.user("administrator").send("POST", "/api/tasks", {"title": "Тайна"}, 201)

    desk.user("manager").send("PATCH", f"/api/tasks/{made['task_id']}", {"version": 1, "done": True}, 404)
    desk.user("manager").get("/api/tasks?whose=all", 403)
    desk.user("analyst").send("POST", "/api/tasks", {"title": "x"}, 403)
    desk.user().get("/api/tasks?whose=nobody", 400)


def test_a_lead_is_changed_in_place_over_the_version_that_was_read(desk: Desk) -> None:
    user = desk.user()
    (lead,) = user.get("/api/leads?period=7d")["leads"]
    path = f"/api/leads/{lead['key']}"

    kept = user.send("PATCH", path, {"version": lead["version"], "work": "active", "comment": "ждёт"})
    user.send("PATCH", path, {"version": lead["version"], "work": "closed"}, 409)

    answer = user.get("/api/leads?period=7d&work=active&q=ждёт")
    assert (lead["call_id"], lead["fate"], kept["version"]) == ("pbx-1.1", "lost", 1)
    assert [one["comment"] for one in answer["leads"]] == ["ждёт"]
    assert answer["totals"] == {"listed": 1, "leads": 1, "registered": 0, "unregistered": 0, "lost": 1}


def test_leads_of_an_address_are_those_of_its_filters(desk: Desk) -> None:
    user = desk.user()

    assert user.get("/api/leads?from=2026-11-20&to=2026-11-20")["leads"] == []
    assert [one["fate"] for one in user.get("/api/leads?asof=2026-11-19T12:00")["leads"]] == ["unregistered"]
    for query in ("work=ufo", "result=ufo", "source=ufo", "lead=ufo", "page=0", "period=ufo"):
        user.get(f"/api/leads?{query}", 400)


@pytest.mark.parametrize("path", ["/tasks", "/leads"])
@pytest.mark.parametrize("login", ["manager", "supervisor", "analyst", "administrator"])
def test_pages_open_for_everybody_who_sees_calls(desk: Desk, path: str, login: str) -> None:
    assert desk.user(login).client.get(path).status_code == 200
