"""The pictures of the README, taken from a running demo.

.venv/bin/python app.py demo &
.venv/bin/python -m tools.screenshots http://127.0.0.1:8050 --until 2026-11-20T15:00
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = os.environ.get("CALLBOARD_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ROWS = ".ag-center-cols-container [row-id]"
SETTLE_MS = 2500  # for drawing to come to rest; nothing tells when a chart has


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--until", required=True, help="local minute before which the journal begins, on a working day")
    options = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = _page(browser, options.address, WIDE)
        page.goto(options.address + "/calls")
        _shoot(page, "login")
        _log_in(page)
        _journal(page, options)
        for name in ("calls", "missed", "weekdays"):
            page.goto(f"{options.address}/analytics/{name}")
            _shoot(page, f"report-{name}")
        dark = _page(browser, options.address, WIDE, dark=True)
        _log_in(dark)
        dark.goto(f"{options.address}/calls?to={options.until}")
        dark.wait_for_selector(ROWS)
        _shoot(dark, "journal-dark")
        administrator = _page(browser, options.address, WIDE)
        _log_in(administrator, "admin")
        _administration(administrator, options)
        phone = _page(browser, options.address, PHONE)
        _log_in(phone)
        phone.goto(f"{options.address}/calls?to={options.until}")
        phone.wait_for_selector(ROWS)
        _shoot(phone, "journal-phone")
        browser.close()


def _page(browser: Browser, address: str, size: dict[str, int], *, dark: bool = False) -> Page:
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light", locale="ru-RU")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + "/login")
    return page


def _log_in(page: Page, login: str = "supervisor") -> None:
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "callboard")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("main")


def _journal(page: Page, options: argparse.Namespace) -> None:
    page.goto(f"{options.address}/calls?to={options.until}")
    page.wait_for_selector(ROWS)
    _shoot(page, "journal")
    page.goto(f"{options.address}/calls?to={options.until}&recording=1&talk=60&kind=inbound")
    page.wait_for_selector(ROWS)
    page.click(f"{ROWS} >> nth=2")
    _shoot(page, "panel")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/*")
    page.wait_for_selector("#call-facts dl")
    _shoot(page, "call")


def _administration(page: Page, options: argparse.Namespace) -> None:
    page.goto(f"{options.address}/people/supervisor")
    page.select_option("[name=scope]", "group")
    page.select_option("[name=listens]", "listed")
    page.fill("[name=listens_to]", "201 202 205")
    _shoot(page, "person")
    page.goto(f"{options.address}/settings/status")
    _shoot(page, "status")


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
