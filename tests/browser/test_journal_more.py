"""The journal when something changes or fails around it: late facts, no network, an ended session, shared views."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from data.identity.actor import Role, system
from data.identity.users import Users
from data.settings import Settings
from data.store.database import Database
from tests.browser.conftest import PASSWORD, LiveApp, offices
from tests.browser.test_journal import ROWS, Place, row
from tests.builders import SITE, Office, inbound, outbound
from tests.dashboard.serving import running as serving
from tests.dashboard.test_call_pages import fill

pytestmark = pytest.mark.browser

PageAs = Callable[..., Page]
ATTENDED = "transfer_attended_completed"


@contextmanager
def office_in(folder: Path) -> Iterator[Place]:
    """An office with two employees, some calls of yesterday, and one whose transfer was recorded from a real PBX."""
    settings, users = Settings(data=folder), Users(Settings(data=folder))
    for role in Role:
        users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}")
    with Database(folder) as store:
        office = Office(store)
        office.employee("Иванов Пётр", "201")
        office.employee("Смирнова Ольга", "202")
        office.add(*(inbound(yesterday(9, step), f"+7903777{step:04}", talked="201") for step in range(30)))
        fill(store, ATTENDED)
        with serving(settings, store) as process:
            app = LiveApp(url=process.url, settings=settings, store=store)
            yield Place(app=app, office=office, sound=folder / "recordings")


places, place = offices(office_in)


def yesterday(hour: int, minute: int = 0) -> datetime:
    day = datetime.now(SITE.zone) - timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def status(page: Page, call_id: str) -> Locator:
    return row(page, call_id).locator('[col-id="status"]')


def test_a_lost_caller_is_lost_no_more_when_a_call_back_comes_to_light(page_as: PageAs, place: Place) -> None:
    missed = place.office.add(inbound(yesterday(11), "+79032220001", rang=["201"]))
    page = page_as("supervisor", "/calls?q=9032220001", app=place.app)
    expect(status(page, missed)).to_have_text("Потерян")

    place.office.add(outbound(yesterday(12), "+79032220001", by="201", talk_s=30))

    expect(status(page, missed)).to_have_text("Нет ответа")
    expect(row(page, missed).locator(".j-attention")).to_have_count(0)


def test_without_a_network_the_journal_says_so_and_goes_on_afterwards(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)
    expect(page.locator(ROWS).first).to_be_visible()

    page.context.set_offline(True)
    page.get_by_role("button", name="Входящие").click()
    expect(page.locator(".j-note")).to_contain_text("Нет связи")
    expect(page.locator(".j-note").get_by_role("button", name="Повторить")).to_be_visible()
    page.context.set_offline(False)

    expect(page.locator(".j-note")).to_have_count(0)
    expect(page.locator(ROWS).first).to_be_visible()
    expect(page).to_have_url(re.compile("kind=inbound"))


def test_a_session_that_ended_comes_back_to_the_same_filter(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)
    expect(page.locator(ROWS).first).to_be_visible()
    # Nothing else may find the ended session before the filter does.
    page.route("**/api/**", lambda route: route.fallback() if "/api/calls?" in route.request.url else None)

    page.context.clear_cookies(name="callboard_session")
    page.get_by_role("button", name="Исходящие").click()
    page.wait_for_url("**/login?next=**")
    page.unroute_all(behavior="ignoreErrors")
    page.fill("#login", "supervisor")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/calls\?kind=outbound"))
    expect(page.get_by_role("button", name="Исходящие")).to_have_attribute("aria-pressed", "true")


def test_a_saved_view_that_is_shared_opens_for_a_colleague(page_as: PageAs, place: Place) -> None:
    owner = page_as("supervisor", "/calls?kind=missed&q=903", app=place.app)
    owner.get_by_role("button", name="Сохранённые виды").click()
    owner.get_by_placeholder("Имя вида").fill("Непринятые мобильных")
    owner.get_by_label("Показывать всем").check()
    with owner.expect_response(lambda answer: answer.url.endswith("/api/views") and answer.request.method == "POST"):
        owner.get_by_role("button", name="Сохранить", exact=True).click()

    colleague = page_as("administrator", "/calls", app=place.app)
    colleague.get_by_role("button", name="Сохранённые виды").click()
    colleague.get_by_role("button", name="Непринятые мобильных", exact=True).click()

    expect(colleague).to_have_url(re.compile(r"kind=missed"))
    expect(colleague.get_by_role("searchbox")).to_have_value("903")


def test_an_attended_transfer_is_one_call_with_three_rows(page_as: PageAs, place: Place) -> None:
    found = place.app.store.query(
        "select call_id from call where pbx = $pbx and direction = 'inbound'", {"pbx": ATTENDED}, actor=system("tests")
    )
    (call_id,) = found["call_id"].to_pylist()
    page = page_as("supervisor", f"/calls/{call_id}", app=place.app)

    lines = page.locator(".j-route tbody tr")
    expect(lines.filter(has_not=page.locator("td[colspan]"))).to_have_count(3)
    expect(page.locator(".j-route .is-consultation")).to_have_count(1)
    expect(page.locator(".j-route .j-route-line").last).to_contain_text("перев")


def test_everything_found_is_marked_and_a_tag_renamed_for_all(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls?q=9037770", app=place.app)
    expect(page.locator("#journal-count")).to_have_text("30 звонков")
    page.locator(ROWS).first.locator(".j-mark").click()
    page.get_by_role("button", name="Отметить все найденные").click()
    expect(page.locator(".j-many-count")).to_have_text("Отмечено 30 звонков")
    page.locator(".j-many").get_by_role("button", name="Теги").click()
    page.get_by_placeholder("Найти или создать тег").fill("акция")
    page.keyboard.press("Enter")
    expect(page.locator("#shell-toasts")).to_contain_text("30 звонков")
    chief = page_as("supervisor", "/settings/tags", app=place.app)

    line = chief.locator(".w-row").filter(has_text="акция")
    expect(line.get_by_role("link")).to_have_text("30 звонков")
    line.get_by_role("button", name="Изменить тег").click()
    chief.get_by_label("Название тега").fill("осенняя акция")
    chief.get_by_label("зелёный").check()
    chief.keyboard.press("Enter")
    expect(chief.locator(".tag.is-green")).to_have_text("осенняя акция")

    page.locator(ROWS).first.click()
    expect(page.locator(".j-tag-section .tag")).to_have_text("осенняя акция")
    chief.get_by_role("button", name="Удалить тег «осенняя акция»").click()
    expect(chief.get_by_role("alert").filter(has_text="30 звонков")).to_be_visible()
    chief.get_by_role("button", name="Удалить у всех").click()
    expect(chief.get_by_role("heading", name="Тегов пока нет")).to_be_visible()
