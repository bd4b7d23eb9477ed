"""The list of missed callers in a real browser, by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_missed_caller_is_taken_and_dismissed_by_keyboard(page_as: Callable[..., Page]) -> None:
    page = page_as("supervisor", "/callbacks")
    rows = page.locator(".cb-row")
    expect(rows.first).to_be_visible()
    before = rows.count()
    expect(page.locator('[data-count="/callbacks"]')).to_have_text(str(before) if before < 100 else "99+")
    call = rows.first.get_attribute("data-call")
    one = page.locator(f'.cb-row[data-call="{call}"]')

    page.keyboard.press("j")
    expect(one).to_be_focused()
    page.keyboard.press("t")
    expect(one).to_contain_text("у меня")
    assert [(each["id"], each["help"]) for each in Axe().run(page)["violations"]] == []

    one.locator("[data-do=dismiss]").click()
    form = one.locator(".cb-form")
    form.locator("select").select_option("other")
    form.locator("input").fill("<i>уже не нужно</i>")
    form.locator("input").press("Enter")
    expect(one).to_have_count(0)
    expect(page.locator('[data-count="/callbacks"]')).to_have_text(str(before - 1))
    page.get_by_role("button", name="Снятые").click()
    expect(one).to_contain_text("<i>уже не нужно</i>")
