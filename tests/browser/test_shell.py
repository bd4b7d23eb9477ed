"""The frame in a real browser: login and back, themes, languages, phone, hints, errors, keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from data.identity.users import Users
from data.store.protocol import Topic
from tests.browser.conftest import PASSWORD, LiveApp
from tests.dashboard.fakes import FakeStore
from tests.dashboard.house import OPTIONS, build_house
from tests.dashboard.serving import running

pytestmark = pytest.mark.browser

MEGABYTE = 1024 * 1024

PageAs = Callable[..., Page]


@pytest.fixture(scope="module")
def shell_store() -> FakeStore:
    return FakeStore()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, shell_store: FakeStore) -> Iterator[LiveApp]:
    """The frame around small pages of the tests, over a store in memory."""
    settings = build_house(tmp_path_factory.mktemp("shell")).settings
    with running(settings, shell_store, **OPTIONS) as process:
        yield LiveApp(url=process.url, settings=settings, store=shell_store)


@pytest.fixture
def visit(page_as: PageAs, app: LiveApp) -> Iterator[PageAs]:
    """page_as on the small pages; what users preferred is forgotten afterwards."""
    yield lambda role, path="/", **options: page_as(role, path, app=app, **options)
    users = Users(app.settings)
    for user in users.list():
        users.prefer(user.login, "theme", "system")
        users.prefer(user.login, "language", "ru")


def test_a_stranger_logs_in_and_is_back_where_he_wanted_to_be(visit: PageAs) -> None:
    page = visit("supervisor", "/calls?word=вечер")

    expect(page.get_by_text("вечер")).to_be_visible()
    expect(page).to_have_title("Принят · Callboard")
    expect(page.locator('.side-link[aria-current="page"]')).to_have_text("Принят")


def test_a_wrong_password_is_told_and_the_name_is_kept(visit: PageAs) -> None:
    page = visit(None, "/login")
    page.fill("#login", "analyst")
    page.fill("#password", "wrong")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Неверное имя пользователя или пароль")
    expect(page.locator("#login")).to_have_value("analyst")
    expect(page.locator("#password")).to_be_focused()


def test_logging_out_leads_to_the_login_in_every_tab(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")
    other = page.context.new_page()
    other.goto("/calls")
    expect(other.locator("#shell-live")).to_have_attribute("data-state", "live")

    page.click(".user-menu summary")
    page.click("text=Выйти")

    page.wait_for_url("**/login")
    other.wait_for_url("**/login?next=**")


def test_the_theme_follows_the_system_until_the_user_chooses_and_is_remembered(visit: PageAs) -> None:
    page = visit("supervisor", "/calls", color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")

    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-theme=light]")

    page.click(".user-menu summary")
    with page.expect_response("**/api/me/preferences/theme"):
        page.click('[data-name="theme"][data-value="dark"]')
    page.wait_for_selector("html[data-theme=dark]")

    page.reload()
    page.wait_for_selector("html[data-theme=dark]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 27)"


def test_the_first_paint_has_the_theme_already(visit: PageAs) -> None:
    page = visit("supervisor", "/calls", color_scheme="dark")

    before = page.evaluate(
        """async () => {
            const html = await (await fetch('/calls')).text();
            const head = new DOMParser().parseFromString(html, 'text/html').head;
            return [...head.children].map(node => node.tagName + (node.src || node.href || ''));
        }"""
    )

    script = next(place for place, node in enumerate(before) if "head/theme.js" in node)
    sheet = next(place for place, node in enumerate(before) if "all.css" in node)
    assert script < sheet


def test_switching_the_language_reloads_the_page_in_it(visit: PageAs) -> None:
    page = visit("supervisor", "/calls?word=x")

    page.click(".user-menu summary")
    page.click('[data-name="language"][data-value="en"]')

    expect(page.locator('.side-link[aria-current="page"]')).to_have_text("Accepted")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.url.endswith("/calls?word=x")


def test_the_sidebar_folds_and_stays_folded(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    assert _width(page, "#shell-side") == 208

    page.click('[data-action="fold"]')
    assert _width(page, "#shell-side") == 56

    page.reload()
    page.wait_for_selector("#shell-side .side-link")
    assert _width(page, "#shell-side") == 56


def test_on_a_phone_the_menu_is_a_drawer_and_nothing_overflows(visit: PageAs) -> None:
    page = visit("supervisor", "/calls", width=390, height=800)
    expect(page.locator("#shell-side")).not_to_be_visible()

    page.click('[data-action="open-side"]')
    expect(page.locator("#shell-side")).to_be_visible()
    page.click("#shell-side .side-link >> nth=1")

    expect(page.locator("#shell-side")).not_to_be_visible()
    expect(page.get_by_role("heading", name="Хранилище не отвечает")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_changes_without_loading_everything_anew_and_back_works(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    page.wait_for_selector(".page-head")
    page.evaluate("window.same = true")

    page.click("#shell-side .side-link >> nth=2")
    expect(page.get_by_role("heading", name="Что-то сломалось")).to_be_visible()
    expect(page.get_by_role("button", name="Повторить")).to_be_visible()
    page.go_back()

    expect(page.locator("h1")).to_have_text("Звонки")
    assert page.evaluate("window.same") is True


def test_a_hint_reaches_scripts_and_callbacks_of_every_tab(visit: PageAs, shell_store: FakeStore) -> None:
    page = visit("supervisor", "/calls")
    expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")
    other = page.context.new_page()
    other.goto("/calls")
    expect(other.locator("#shell-live")).to_have_attribute("data-state", "live")
    for tab in (page, other):
        tab.evaluate(
            "document.addEventListener('callboard:calls', e => { document.body.dataset.heard = e.detail.ids[0]; })"
        )

    shell_store.announce(Topic.CALLS, "pbx-1732.7")

    for tab in (page, other):
        expect(tab.locator("body")).to_have_attribute("data-heard", "pbx-1732.7")


def test_the_ribbon_tells_that_the_link_to_the_pbx_is_lost_and_that_it_is_back(
    visit: PageAs, shell_store: FakeStore
) -> None:
    page = visit("supervisor", "/calls")
    expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")

    shell_store.gaps = [{"pbx": "office", "since": datetime.now(UTC) - timedelta(minutes=2, seconds=5)}]
    shell_store.announce(Topic.LINK)
    expect(page.locator(".banner")).to_have_text("Связь с АТС office потеряна 2 минуты назад. Новых звонков не видно.")

    shell_store.gaps = []
    shell_store.announce(Topic.LINK)
    expect(page.locator(".banner")).to_have_count(0)


def test_offline_is_told_in_a_banner(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    page.wait_for_selector("#shell-banners", state="attached")

    page.context.set_offline(True)
    expect(page.locator(".banner")).to_contain_text("Нет сети")

    page.context.set_offline(False)
    expect(page.locator(".banner")).to_have_count(0)


def test_a_server_that_is_gone_is_told_and_forgotten_when_it_is_back(page_as: PageAs, tmp_path: Path) -> None:
    settings = build_house(tmp_path).settings
    with running(settings, FakeStore(), **OPTIONS) as process:
        page = page_as("supervisor", "/calls", app=LiveApp(url=process.url, settings=settings, store=FakeStore()))
        expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")

    expect(page.locator(".banner")).to_contain_text("Нет связи с сервером")

    with running(settings, FakeStore(), port=urlsplit(process.url).port or 0, **OPTIONS):
        expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")
        expect(page.locator(".banner")).to_have_count(0)


def test_a_page_of_an_older_version_asks_to_be_loaded_anew(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    expect(page.locator("#shell-live")).to_have_attribute("data-state", "live")
    expect(page.locator(".banner")).to_have_count(0)

    page.route(
        "**/calls",
        lambda route: route.fulfill(
            response=(old := route.fetch()), body=old.text().replace("all.js?v=", "all.js?v=0")
        ),
    )
    page.reload()

    expect(page.locator(".banner")).to_have_text("Программа обновлена. Перезагрузите страницу, когда будет удобно.")


def test_a_session_that_ended_leads_to_the_login_at_the_next_click(visit: PageAs, app: LiveApp) -> None:
    page = visit("analyst", "/calls?word=x")
    page.wait_for_selector(".page-head")
    # Unanswered: the page asks for itself now and then, and would find the ended session before the click does.
    page.route("**/api/**", lambda _: None)

    page.context.clear_cookies(name="callboard_session")
    page.click("#shell-side .side-link >> nth=1")

    page.wait_for_url("**/login?next=**")


def test_the_keyboard_reaches_the_content_and_the_menu(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    page.wait_for_selector(".page-head")

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "shell-content"

    page.focus(".user-menu summary")
    page.keyboard.press("Enter")
    expect(page.locator(".user-sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".user-sheet")).not_to_be_visible()


def test_g_and_a_letter_go_to_a_page_whatever_the_layout_of_the_keyboard(visit: PageAs) -> None:
    page = visit("supervisor", "/away")
    page.wait_for_selector(".page-head")

    page.keyboard.press("KeyG")
    page.keyboard.press("KeyJ")

    page.wait_for_url("**/calls")


def test_an_unknown_address_shows_the_error_page_with_the_way_home(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    page.goto("/nowhere")

    expect(page.get_by_role("heading")).to_have_text("Страница не найдена")
    page.click("text=На главную")
    page.wait_for_url("**/calls")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(visit: PageAs, theme: str) -> None:
    page = visit(None, "/login", color_scheme=theme)
    complaints = [_complaints(page, "/login")]
    page.fill("#login", "supervisor")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".page-head")

    for path in ("/calls", "/away", "/nowhere"):
        page.goto(path)
        page.wait_for_selector("h1")
        complaints.append(_complaints(page, path))

    assert [line for lines in complaints for line in lines] == []


def test_the_grid_is_fetched_when_a_page_without_it_leads_to_one_that_has_it(page_as: PageAs) -> None:
    page = page_as("supervisor", "/analytics/quality")
    page.wait_for_selector("h1")
    assert page.evaluate("'dash_ag_grid' in window") is False

    page.click('.side-link[href="/calls"]')

    page.wait_for_selector(".ag-row [col-id]", state="attached")
    assert page.evaluate("document.querySelectorAll('script[src*=dash_ag_grid]').length") >= 1


@pytest.mark.parametrize(("path", "drawn"), [("/", ".js-plotly-plot .main-svg"), ("/calls", ".ag-row [col-id]")])
def test_a_first_visit_fetches_less_than_a_megabyte(page_as: PageAs, path: str, drawn: str) -> None:
    page = page_as(None, path)
    fetched: dict[str, float] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    wire.on("Network.loadingFinished", lambda told: fetched.update({told["requestId"]: told["encodedDataLength"]}))
    page.reload()

    page.fill("#login", "supervisor")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(drawn, state="attached")

    assert 300_000 < sum(fetched.values()) < MEGABYTE


def test_printing_shows_the_page_without_the_frame(visit: PageAs) -> None:
    page = visit("supervisor", "/calls")
    page.wait_for_selector(".page-head")

    page.emulate_media(media="print")

    expect(page.locator("#shell-side")).not_to_be_visible()
    expect(page.locator("h1")).to_be_visible()


def _complaints(page: Page, path: str) -> list[str]:
    found: dict[str, Any] = Axe().run(page)
    return [f"{path}: {one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]]


def _width(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["width"]
