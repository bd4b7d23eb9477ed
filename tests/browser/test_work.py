"""Tasks and leads in a real browser: made from a call, marked as done, changed in place, and kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROW = ".ag-center-cols-container [row-id]"


def test_a_task_is_made_from_a_call_counted_by_the_bell_and_done(page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/calls?kind=missed")
    page.locator(ROW).first.click()
    page.locator("[data-task-new]").click()
    form = page.locator(".w-form")
    form.locator("input").first.fill("Позвонить <i>завтра</i>")
    form.get_by_role("button", name="Сегодня").click()
    with page.expect_response(lambda answer: answer.url.endswith("/api/tasks") and answer.status == 201):
        form.get_by_role("button", name="Сохранить").click()
    expect(page.locator(".w-short li")).to_contain_text("Позвонить <i>завтра</i>")
    expect(page.locator("#shell-bell .bell-count")).to_have_text("1")

    page.locator("#shell-bell").click()
    row = page.locator(".w-row", has_text="Позвонить <i>завтра</i>")
    expect(row).to_be_visible()
    with page.expect_response(lambda answer: "/api/tasks/" in answer.url and answer.request.method == "PATCH"):
        row.locator("input[type=checkbox]").check()

    expect(page.locator("#shell-bell .bell-count")).to_be_hidden()
    page.get_by_role("button", name="Выполненные").click()
    expect(page.locator(".w-row.is-done")).to_contain_text("Позвонить")


def test_a_lead_is_changed_in_place_and_found_by_its_state(page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/leads?period=90d")
    row = page.locator("[data-lead]").first
    key = row.get_attribute("data-lead")
    saved = lambda answer: "/api/leads/" in answer.url and answer.ok  # noqa: E731
    with page.expect_response(saved):
        row.locator("[data-field=work]").select_option("active")
    with page.expect_response(saved):
        row.locator("[data-field=comment]").fill("=1+1 ждёт счёт")
        row.locator("[data-field=comment]").press("Enter")

    with page.expect_response(lambda answer: "/api/leads?" in answer.url and "work=active" in answer.url):
        page.locator("[data-filter=work]").select_option("active")

    assert "work=active" in page.url
    expect(page.locator("[data-lead]")).to_have_count(1)
    expect(page.locator(f'[data-lead="{key}"] [data-field=comment]')).to_have_value("=1+1 ждёт счёт")


@pytest.mark.parametrize(
    ("path", "theme", "shown"), [("/leads", "light", "[data-lead]"), ("/tasks", "dark", ".w-form")]
)
def test_axe_finds_nothing(page_as: Callable[..., Page], path: str, theme: str, shown: str) -> None:
    page = page_as("supervisor", path, color_scheme=theme)
    if path == "/tasks":
        page.locator("#tasks-new").click()
    page.locator(shown).first.wait_for()

    found = Axe().run(page)

    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]] == []


def test_leads_fit_a_phone(page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/leads?period=90d", width=390, height=844)
    page.locator("[data-lead]").first.wait_for()

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
