"""How long after a click a report of one month is drawn, in a real browser.

    .venv/bin/python -m bench.clicks --calls 300000 --days 365
    .venv/bin/python -m bench.clicks --data FOLDER          # a history that is there already

Starts the store and the web process over the history, opens each report from the menu, and then asks it for
another month and back. Drawn is when the page changed for the last time after the click: numbers, tables and charts.
Medians in ms: `menu` from a click in the menu, `month` from a click that asks for another month.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from bench.reports import wait_for_rollup
from bench.store import NO_COPIES
from dashboard.text import speaking
from dashboard.text.formats import day
from data.identity.actor import Role
from data.identity.users import Users
from data.settings import read_settings
from data.store.client import client_of
from data.store.opening import open_store
from data.store.tokens import TokenKind
from ingest.simulator.history import simulate_history

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CALLBOARD_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PASSWORD = "clicks-of-a-mouse"
GOAL_MS = 400
REPORTS = (
    "calls", "places", "hours", "weekdays", "channels", "employees", "clients", "leads", "missed", "recovery",
    "repeats", "service", "load", "quality",
)  # fmt: skip
# Clicks, and tells how many ms later the page changed for the last time before it rested for a while.
CLICK = """
([selector, words]) => new Promise((resolve) => {
    const REST_MS = 700;
    const began = performance.now();
    let last = began;
    const settled = () => {
        const period = document.querySelector(".report-period");
        const drawn = document.querySelector(".report-table, .js-plotly-plot .main-svg");
        return period && period.textContent.includes(words) && drawn;
    };
    const watch = new MutationObserver((changes) => {
        if (changes.some((change) => document.querySelector("main").contains(change.target))) last = performance.now();
    });
    watch.observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
    document.querySelector(selector).click();
    const look = () => {
        if (settled() && performance.now() - last > REST_MS) {
            watch.disconnect();
            resolve(last - began);
        } else setTimeout(look, 20);
    };
    look();
})
"""
# The address of another month, as the picker of the period writes it.
ASK = """
([query]) => {
    const link = document.createElement("button");
    link.id = "bench-click";
    link.hidden = true;
    document.body.append(link);
    link.addEventListener("click", () => {
        window.callboardJournal.state.replace(query);
        link.remove();
    });
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, help="a folder with a history; a user is added to it")
    parser.add_argument("--only", nargs="+", metavar="REPORT", default=list(REPORTS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        if not options.data:
            settings = read_settings(data=data)
            with open_store(settings) as store:
                simulate_history(
                    store, calls=options.calls, days=options.days, until=datetime.now(UTC), seed=1, site=settings.site
                )
        with serving(data) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ru-RU")
            log_in(page, address)
            late = [name for name in options.only if not _measured(page, address, name, options.runs)]
            browser.close()
    print(f"later than {GOAL_MS} ms: {', '.join(late) or 'none'}")


def _measured(page: Page, address: str, name: str, runs: int) -> bool:
    """Print the medians of a report; whether both are soon enough."""
    months = [_month_before(date.today(), number) for number in (1, 2)]  # noqa: DTZ011
    other = "hours" if name != "hours" else "places"
    menu, month = [], []
    for run in range(runs + 1):
        page.goto(f"{address}/analytics/{other}")
        page.wait_for_selector(".report-graph .main-svg")
        took = page.evaluate(CLICK, [f'a[href^="/analytics/{name}"]', ""])
        asked = []
        for first, last in months:
            page.evaluate(ASK, [f"from={first}&to={last}"])
            asked.append(page.evaluate(CLICK, ["#bench-click", _words(first)]))
        if run:  # the first time everything is cold
            menu.append(took)
            month += asked
    medians = statistics.median(menu), statistics.median(month)
    print(f"{name:12} menu {medians[0]:7.0f}   month {medians[1]:7.0f}", flush=True)
    return max(medians) <= GOAL_MS


def _words(first: date) -> str:
    """How the page names the period that begins there: what says that it shows that one."""
    with speaking("ru"):
        return f"{day(first)} –"


def _month_before(today: date, number: int) -> tuple[date, date]:
    """First and last day of the month so many months ago."""
    first = today.replace(day=1)
    for _ in range(number):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    return first, last


def log_in(page: Page, address: str) -> None:
    """As the user of the bench, once the page answers."""
    end = time.monotonic() + 60
    while True:
        try:
            page.goto(f"{address}/login")
            break
        except Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    page.fill("input[name=login]", "bench")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("main")


@contextmanager
def serving(data: Path, *, has_calls: bool = True) -> Iterator[str]:
    """The address of an application over the folder, with a user who may see reports and chats."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    users = Users(read_settings(data=data))
    if users.find("bench") is None:
        users.add("bench", role=Role.SUPERVISOR, name="Bench", password=PASSWORD)
    environment = {**os.environ, **NO_COPIES, "CALLBOARD_WEB__PORT": str(port)}
    words = [sys.executable, str(ROOT / "app.py")]
    parts = [
        subprocess.Popen([*words, part, "--data", str(data)], env=environment, stdout=subprocess.DEVNULL, stderr=-3)
        for part in ("store", "web")
    ]
    try:
        with client_of(read_settings(data=data), TokenKind.RW) as client:
            client.wait_ready(120)
            if has_calls:
                wait_for_rollup(client)
        yield f"http://127.0.0.1:{port}"
    finally:
        for part in reversed(parts):
            part.send_signal(signal.SIGTERM)
            part.wait(30)


if __name__ == "__main__":
    main()
