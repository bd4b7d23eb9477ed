"""Reports in a real browser: what one sees leads to exactly those calls, and the address tells it all."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.components.report import REPORTS
from dashboard.page import discover

pytestmark = pytest.mark.browser
PageAs = Callable[..., Page]
CHART = ".js-plotly-plot .main-svg"

discover()


def shown(page: Page) -> Page:
    """The page when its report is there."""
    page.wait_for_selector(".report-controls")
    page.wait_for_selector(f"{CHART}, .report-table")
    return page


def numbers(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def journal_count(page: Page) -> int:
    """The count beside the title of the journal, once it is told."""
    page.wait_for_url("**/calls?**")
    expect(page.locator("#journal-count")).to_have_text(re.compile(r"\d"))
    return numbers(page.locator("#journal-count").inner_text())


def test_a_cell_of_a_table_leads_to_as_many_calls_and_back(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/calls?period=30d&view=table"))
    total = page.locator(".report-table tfoot td").first
    count = numbers(total.inner_text())

    total.locator("a").click()

    assert journal_count(page) == count > 0
    page.go_back()
    shown(page)
    assert "view=table" in page.url


def test_a_bar_leads_to_its_own_calls_though_all_series_share_the_hover(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/calls?period=30d&step=month"))
    months = page.evaluate("Array.from(document.querySelector('.js-plotly-plot')._fullData[1].y)")
    missed = max(months)  # on the first of a month the last bar is too low to be hit
    box = page.locator(".js-plotly-plot .trace.bars").nth(1).locator("path").nth(months.index(missed)).bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".hoverlayer .legend")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    count = journal_count(page)
    assert parse_qs(urlsplit(page.url).query)["slice"][0].startswith("missed?")
    assert count == missed > 0


def test_controls_write_the_address_and_the_address_restores_them(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/calls"))

    page.get_by_role("button", name="Таблица").click()
    page.wait_for_selector(".report-table")
    page.get_by_role("button", name="Недели").press("Enter")
    expect(page.get_by_role("button", name="Недели", pressed=True)).to_be_focused()  # the answer took nothing away
    page.get_by_role("button", name="Пропущенные", exact=True).click()
    page.wait_for_selector("th[aria-sort=descending]")

    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["view"], asked["step"], asked["order"], asked["period"]) == (
        ["table"],
        ["week"],
        ["-missed"],
        ["30d"],
    )
    page.reload()
    shown(page)
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Пропущенные")
    missed = [numbers(cell) for cell in page.locator(".report-table tbody tr td:nth-child(3)").all_inner_texts()]
    assert missed == sorted(missed, reverse=True)


def test_the_filter_bar_of_the_journal_narrows_the_report(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/calls?period=30d&view=table"))
    before = numbers(page.locator(".kpi-value.number").first.inner_text())

    page.locator(".j-toggle.is-outbound").click()
    page.wait_for_url(lambda url: "kind=outbound" in url)
    expect(page.locator(".report-table tfoot td").first).to_have_text("0")

    after = numbers(page.locator(".kpi-value.number").first.inner_text())
    assert 0 < after < before


def test_files_hold_the_table(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/employees?period=30d"))
    page.locator(".report-export summary").click()

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()

    with zipfile.ZipFile(download.value.path()) as files:
        names = files.namelist()
        content = files.read(names[0]).decode("utf-8-sig")
    assert download.value.suggested_filename.startswith("employees_")
    assert names[-1] == "meaning.csv"
    assert content.splitlines()[0].startswith("Сотрудник,Принятые")
    assert len(content.splitlines()) > 3


def test_a_chart_is_saved_as_a_picture(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/hours?period=30d"))
    page.locator(".report-export summary").click()

    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()

    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_marks_take_the_colours_of_the_theme(page_as: PageAs) -> None:
    page = shown(page_as("supervisor", "/analytics/calls", color_scheme="dark"))

    assert page.evaluate("document.querySelector('.js-plotly-plot').data[0].marker.color") == "#2a8fca"


def test_nothing_on_a_phone_is_wider_than_the_screen(page_as: PageAs) -> None:
    page = page_as("supervisor", "/", width=390, height=844)
    widths = {}

    for name in sorted(REPORTS):
        page.goto(f"/analytics/{name}")
        widths[name] = shown(page).evaluate("document.documentElement.scrollWidth")

    assert {name: width for name, width in widths.items() if width > 390} == {}


@pytest.mark.parametrize("path", ["/analytics/service", "/analytics/weekdays?view=table", "/"])
def test_axe_finds_nothing(page_as: PageAs, path: str) -> None:
    page = page_as("supervisor", path)
    page.wait_for_selector(".kpi-row, .report-table")
    page.wait_for_selector(f"{CHART}, .report-table")

    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})

    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found["violations"]] == []


def test_the_start_page_shows_the_day_and_leads_to_who_waits(page_as: PageAs) -> None:
    page = page_as("supervisor", "/")
    page.wait_for_selector(".kpi-row")
    waiting = page.locator(".overview a.chip[href*=attention]")
    count = numbers(waiting.inner_text())

    waiting.click()

    page.wait_for_url("**/calls?attention=1&period=today")
    assert journal_count(page) == count


def test_who_may_not_see_reports_is_told_so(page_as: PageAs) -> None:
    page = page_as("manager", "/analytics/calls")

    expect(page.locator("body")).to_contain_text("Нет доступа")
