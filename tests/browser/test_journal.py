"""The journal as people use it: in a real browser, over a real store, with calls that arrive meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from data.identity.actor import Role
from data.identity.users import Users
from data.settings import Settings
from data.store.database import Database
from tests.browser.conftest import PASSWORD, LiveApp, offices
from tests.builders import Office, inbound, outbound, running
from tests.dashboard.serving import running as serving

pytestmark = pytest.mark.browser
SOON_MS = 5_000

PageAs = Callable[..., Page]
ROMASHKA = "+79161112233"
ROWS = ".ag-center-cols-container .ag-row[row-id]"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running application and the office behind it."""

    app: LiveApp
    office: Office
    sound: Path


@contextmanager
def office_in(folder: Path) -> Iterator[Place]:
    """An office with two employees, one client and the calls of a day; tests take numbers of their own."""
    settings, users = Settings(data=folder), Users(Settings(data=folder))
    for role in Role:
        users.ensure(role.value, password=PASSWORD, role=role, name=f"Имя {role.value}")
    with Database(folder) as store:
        office = Office(store)
        office.employee("Иванов Пётр", "201")
        office.employee("Смирнова Ольга", "202")
        office.client("Ромашка", ROMASHKA)
        office.add(*(inbound(ago(hours=2, minutes=step), f"+7903555{step:04}", talked="201") for step in range(120)))
        office.add(*(inbound(ago(hours=1, minutes=step), ROMASHKA, rang=["202"]) for step in range(3)))
        with serving(settings, store) as process:
            app = LiveApp(url=process.url, settings=settings, store=store)
            yield Place(app=app, office=office, sound=folder / "recordings")


places, place = offices(office_in)


def ago(**passed: float) -> datetime:
    return datetime.now(UTC) - timedelta(**passed)


def shown(page: Page) -> list[str]:
    """The ids of the rows on the screen, from the top."""
    expect(page.locator(ROWS).first).to_be_visible()
    rows = page.locator(ROWS).evaluate_all(
        "rows => rows.map(row => [Number(row.getAttribute('row-index')), row.getAttribute('row-id')])"
    )
    return [call_id for _, call_id in sorted(rows)]


def row(page: Page, call_id: str) -> Locator:
    return page.locator(f'.ag-row[row-id="{call_id}"]')


def test_a_filter_stands_in_the_address_paper_and_a_reload_show_the_same_rows(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)

    page.get_by_role("button", name="Непринятые").click()
    expect(page).to_have_url(re.compile(r"kind=missed"))
    page.get_by_role("searchbox").fill("ромаш")
    expect(page).to_have_url(re.compile(r"q="))
    expect(page.locator("#journal-count")).to_have_text("3 звонка")
    before = shown(page)
    printed = "document.body.title = document.querySelector('.j-print').textContent"
    page.evaluate(f"() => {{ window.print = () => {{ {printed} }} }}")
    page.keyboard.press("Control+p")
    expect(page.locator("body")).to_have_attribute("title", re.compile(r"^Непринятые.*«ромаш».*(Ромашка.*){3}"))
    page.reload()

    expect(page.locator("#journal-count")).to_have_text("3 звонка")
    assert shown(page) == before
    expect(page.get_by_role("searchbox")).to_have_value("ромаш")
    expect(page.get_by_role("button", name="Непринятые")).to_have_attribute("aria-pressed", "true")


def test_seeking_in_the_player_fetches_only_a_part_of_the_file(page_as: PageAs, place: Place) -> None:
    call_id = place.office.add(
        inbound(ago(minutes=50), "+79031110001", talked=["201", "202"], recorded=True), sound_in=place.sound
    )
    page = page_as("supervisor", f"/calls?q=9031110001&selected={call_id}", app=place.app)
    expect(page.locator(".j-player-time")).to_have_text("0:00 / 0:40")
    with page.expect_response(lambda answer: "/recordings/" in answer.url and answer.status == 206) as heard:
        box = page.locator(".j-strip").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 10)

    assert re.match(r"bytes \d+-\d+/640044", heard.value.headers["content-range"])
    expect(page.locator(".j-player-time")).to_have_text("0:30 / 0:40")
    expect(page.locator('.j-part[aria-current="true"]')).to_contain_text("Смирнова Ольга")


def test_a_comment_is_seen_by_a_second_user_without_a_reload(page_as: PageAs, place: Place) -> None:
    call_id = place.office.add(inbound(ago(minutes=49), "+79031110002", talked="201"))
    writer = page_as("supervisor", f"/calls?q=9031110002&selected={call_id}", app=place.app)
    reader = page_as("administrator", f"/calls?q=9031110002&selected={call_id}", app=place.app)
    expect(reader.locator(".j-comment")).to_be_visible()

    writer.locator(".j-comment").fill("Просит счёт")
    writer.keyboard.press("Control+Enter")

    expect(reader.locator(".j-comment")).to_have_value("Просит счёт")
    expect(row(reader, call_id).locator('[col-id="comment"]')).to_have_text("Просит счёт")


def test_of_two_who_write_at_once_the_second_sees_both_texts(page_as: PageAs, place: Place) -> None:
    call_id = place.office.add(inbound(ago(minutes=48), "+79031110003", talked="201"))
    first = page_as("supervisor", f"/calls?selected={call_id}", app=place.app)
    second = page_as("administrator", f"/calls?selected={call_id}", app=place.app)
    second.locator(".j-comment").fill("Второй")

    first.locator(".j-comment").fill("Первый")
    first.keyboard.press("Control+Enter")

    expect(second.locator(".j-conflict blockquote")).to_have_text("Первый")
    second.get_by_role("button", name="Объединить").click()
    second.keyboard.press("Control+Enter")
    expect(first.locator(".j-comment")).to_have_value("Первый\nВторой")


def test_an_unknown_number_becomes_a_client_and_its_older_rows_say_so(page_as: PageAs, place: Place) -> None:
    older = place.office.add(inbound(ago(minutes=47), "+79031110004", rang=["201"]))
    newer = place.office.add(inbound(ago(minutes=46), "+79031110004", talked="201"))
    page = page_as("supervisor", f"/calls?number=79031110004&selected={newer}", app=place.app)
    expect(row(page, older)).to_contain_text("+7 903 111-00-04")

    page.get_by_role("button", name="Привязать").click()
    page.get_by_placeholder("Название клиента или имя").fill("Новая фирма")
    page.get_by_role("option", name="Создать").click()

    expect(row(page, older).locator('[col-id="client"]')).to_contain_text("Новая фирма")
    expect(row(page, newer).locator('[col-id="client"]')).to_contain_text("Новая фирма")
    expect(page.locator(".j-client-link")).to_have_text("Новая фирма")


def test_a_failure_is_shown_with_its_id_and_can_be_retried(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)
    body = '{"error": "internal", "message": "boom", "request_id": "feed1234"}'
    page.route("**/api/calls?*", lambda route: route.fulfill(status=500, content_type="application/json", body=body))
    page.goto("/calls")
    expect(page.get_by_role("alert")).to_contain_text("feed1234")

    page.unroute("**/api/calls?*")
    page.get_by_role("button", name="Повторить").click()

    expect(page.locator(ROWS).first).to_be_visible()
    expect(page.locator(".j-note")).to_have_count(0)


def test_no_such_calls_is_said_with_a_way_back(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls?q=qqqqqq&lost=1", app=place.app)
    expect(page.get_by_text("Таких звонков нет")).to_be_visible()

    page.locator(".j-note").get_by_role("button", name="Сбросить фильтры").click()

    expect(page.locator(ROWS).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/calls$"))


def test_a_whole_journey_by_keyboard(page_as: PageAs, place: Place) -> None:
    place.office.add(
        inbound(ago(minutes=45), "+79031110005", talked="201", recorded=True),
        inbound(ago(minutes=44), "+79031110005", talked="202", recorded=True),
        sound_in=place.sound,
    )
    page = page_as("supervisor", "/calls", app=place.app)
    expect(page.locator(ROWS).first).to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type("9031110005")
    expect(page.locator("#journal-count")).to_have_text("2 звонка")
    page.keyboard.press("Enter")
    expect(page.locator(".j-panel .j-facts")).to_contain_text("Смирнова Ольга")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".j-panel .j-facts")).to_contain_text("Иванов Пётр")
    page.keyboard.press(" ")
    expect(page.locator(".j-player.is-playing")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".j-player-time")).to_have_text(re.compile(r"0:1\d / 0:20|0:20 / 0:20"))
    page.keyboard.press(">")
    expect(page.locator(".j-speed")).to_have_text("1,25×")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ход звонка")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("j")
    expect(page.locator(ROWS).first).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("На 10 секунд назад, вперёд")


def test_many_marked_calls_are_tagged_at_once_and_a_filter_finds_them(page_as: PageAs, place: Place) -> None:
    place.office.add(*(inbound(ago(minutes=43 - step), "+79031110010", talked="201") for step in range(4)))
    page = page_as("supervisor", "/calls?q=9031110010", app=place.app)
    expect(page.locator("#journal-count")).to_have_text("4 звонка")

    page.locator(ROWS).nth(0).locator(".j-mark").click()
    page.locator(ROWS).nth(2).locator(".j-mark").click(modifiers=["Shift"])
    expect(page.locator(".j-many-count")).to_have_text("Отмечено 3 звонка")
    page.locator(".j-many").get_by_role("button", name="Теги").click()
    page.get_by_placeholder("Найти или создать тег").fill("рекламация")
    page.keyboard.press("Enter")
    expect(page.locator("#shell-toasts")).to_contain_text("Тег «рекламация» добавлен: 3 звонка")
    page.goto("/calls")
    page.get_by_role("button", name="Фильтры").click()
    page.get_by_label("рекламация").check()

    expect(page.locator("#journal-count")).to_have_text("3 звонка")
    page.keyboard.press("Escape")
    page.locator(ROWS).first.click()
    expect(page.locator(".j-tag-section .tag")).to_have_text("рекламация")


def test_columns_and_density_follow_the_user_to_another_browser(page_as: PageAs, place: Place) -> None:
    first = page_as("analyst", "/calls", app=place.app)
    expect(first.locator(ROWS).first).to_be_visible()
    first.get_by_role("button", name="Столбцы").click()
    with first.expect_response("**/api/me/preferences/journal.columns"):
        first.get_by_role("button", name="Теги").click()
    with first.expect_response("**/api/me/preferences/journal.density"):
        first.get_by_role("button", name="Плотные строки").click()

    second = page_as("analyst", "/calls", app=place.app)

    expect(second.locator('.ag-header-cell[col-id="tags"]')).to_be_visible()
    expect(second.locator("#journal-list.is-compact")).to_be_visible()


def test_a_missed_call_that_is_returned_stops_asking_for_attention(page_as: PageAs, place: Place) -> None:
    missed = place.office.add(inbound(ago(minutes=2), "+79031110006", rang=["201"]))
    page = page_as("supervisor", "/calls", app=place.app)
    expect(row(page, missed).locator(".j-attention")).to_be_visible()

    returned = place.office.add(outbound(ago(minutes=1), "+79031110006", by="201", talk_s=30))

    expect(row(page, returned)).to_be_visible(timeout=SOON_MS)
    expect(row(page, missed).locator(".j-attention")).to_have_count(0)
    # The new row took the place of the red one, and must not keep its red.
    expect(row(page, missed)).to_have_class(re.compile("j-row-missed"))
    expect(row(page, returned)).not_to_have_class(re.compile("j-row-missed"))


def test_a_running_call_stands_on_top_with_a_clock_and_settles(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)
    expect(page.locator(ROWS).first).to_be_visible()
    call = running(ago(seconds=30), "+79031110007", state="talking", talking=["202"])
    above = page.locator(".ag-floating-top")

    place.office.live(call)
    expect(above).to_contain_text("Разговор")
    expect(above).to_contain_text("Смирнова Ольга")
    expect(above.locator(".j-clock")).to_have_text(re.compile(r"0:3\d"))
    place.office.live()
    place.office.add(inbound(ago(seconds=30), "+79031110007", talked="202", talk_s=20, call_id=call.call_id))

    expect(row(page, call.call_id)).to_be_visible(timeout=SOON_MS)
    expect(above.locator(".j-clock")).to_have_count(0)


def test_new_calls_do_not_move_a_list_that_is_being_read(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app)
    expect(page.locator(ROWS).first).to_be_visible()
    page.mouse.move(600, 500)
    page.mouse.wheel(0, 1500)
    expect(page.locator(f"{ROWS}[row-index='45']")).to_be_visible()
    before = row_at(page, 45)

    place.office.add(inbound(ago(seconds=70), "+79031110008", talked="201", talk_s=50))
    expect(page.locator(".j-chip-new")).to_have_text("1 новый звонок")

    assert row_at(page, 45) == before
    page.locator(".j-chip-new").click()
    expect(page.locator(ROWS).filter(has_text="+7 903 111-00-08")).to_be_visible()


def row_at(page: Page, index: int) -> str | None:
    return page.locator(f"{ROWS}[row-index='{index}']").get_attribute("row-id")


def test_a_phone_shows_four_columns_and_the_call_in_a_sheet(page_as: PageAs, place: Place) -> None:
    page = page_as("supervisor", "/calls", app=place.app, width=390, height=844)
    first = page.locator(ROWS).first
    expect(first).to_be_visible()

    first.click()

    expect(page.locator(".ag-header-cell")).to_have_count(4)
    expect(page.locator(".j-panel.is-open h2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
