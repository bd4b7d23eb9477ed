"""The directory in a real browser: what is named there is what other pages show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveApp, serve_office

pytestmark = pytest.mark.browser
CHANNEL = "Реклама <b>на</b> радио"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApp]:
    """One office for these tests, which change its directory."""
    with serve_office(tmp_path_factory.mktemp("directory")) as served:
        yield served


def test_a_channel_named_here_divides_the_report(app: LiveApp, page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/settings/directory?tab=channels", app=app)
    first = page.locator("[data-key]").first
    number = first.locator("th").inner_text()
    with page.expect_response(lambda answer: "/api/directory/channels/" in answer.url and answer.ok):
        first.get_by_role("textbox").fill(CHANNEL)
        first.get_by_role("textbox").press("Enter")
    expect(page.locator(".d-table tr", has_text=number).locator(".pill")).to_have_text("вручную")

    page.goto("/analytics/channels?period=30d&view=table")

    expect(page.locator(".report-table")).to_contain_text(CHANNEL)


def test_an_employee_gets_a_phone_hours_are_checked_and_the_page_has_no_faults(
    app: LiveApp, page_as: Callable[..., Page]
) -> None:
    page = page_as("supervisor", "/settings/directory", app=app, width=390, height=844, color_scheme="dark")
    page.locator("#directory-new").click()
    page.get_by_label("Имя", exact=True).fill("Белова Ольга")
    page.get_by_label("Внутренние номера").first.fill("2x7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="«2x7»")).to_be_visible()
    page.get_by_label("Внутренние номера").first.fill("777")
    page.keyboard.press("Enter")
    expect(page.locator(".d-table tr", has_text="Белова Ольга")).to_contain_text("777")

    page.get_by_role("button", name="Часы работы").click()
    opens = page.get_by_label("Открытие: Суббота")
    opens.fill("10:00")
    opens.press("Enter")
    expect(page.locator("#shell-toasts")).to_contain_text("Нужны и открытие, и закрытие")
    page.get_by_label("Закрытие: Суббота").fill("24:00")
    page.get_by_label("Закрытие: Суббота").press("Enter")
    expect(page.locator("[data-key=sat] .pill")).to_have_text("вручную")
    expect(page.get_by_label("Закрытие: Суббота")).to_have_value("24:00")

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page)
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]] == []
