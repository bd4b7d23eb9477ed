"""Cards and wall board beside the truth: recorded calls at their own pace, two browsers, second by second.

    .venv/bin/python -m bench.live hold_unhold in_queue_answered_second
    .venv/bin/python -m bench.live --pictures pictures busy_mini

Runs `app.py run` on an empty folder and opens two browsers: employee 201 on the journal, a supervisor on the
wall board. Then `ami_replay.py` plays each scenario at real speed, while both pages note four times a second what
they show. The truth is what the phones and the telephone network saw (`truth.json`), not what the PBX told. At
every whole second, unless the truth changed within the last one, it is compared with the note of that moment:
the state of 201's cards and their clocks; the calls on the board and their clocks, what every employee does and
since when, how many wait in each queue and the longest wait. Prints each difference and one JSON object with
the number of comparisons; exits with 1 where there was a difference.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.latency import CHROMIUM, FLAGS, REPLAY, ROOT, free_port, retry
from bench.seen import Difference, Snapshot, Truth, differences, read_truth
from data.identity.actor import Role
from data.identity.users import Users
from data.settings import Settings, read_settings
from data.store.opening import open_store
from ingest.stream import connections
from tests.builders import Office

SCENARIOS = ROOT / "tests" / "scenarios"
PASSWORD = "beside-the-truth"
EMPLOYEE = "201"
# Notes what the page shows of calls, cards, people and queues, and when.
WATCH = """
() => {
    const text = (root, of) => { const found = root.querySelector(of); return found ? found.textContent : ""; };
    const all = (of, make) => [...document.querySelectorAll(of)].map(make);
    window.seen = [];
    setInterval(() => window.seen.push({
        at: Date.now() / 1000,
        cards: all(".call-card", (one) => ({ state: one.dataset.state, clock: text(one, ".card-clock") })),
        calls: all(".lb-call", (one) => ({ state: text(one, ".lb-state"), clock: text(one, ".lb-clock") })),
        people: all("[data-extension]", (one) => ({
            extension: one.dataset.extension,
            doing: [...one.classList].find((name) => name.startsWith("lb-is-")).slice(6),
            clock: text(one, ".lb-clock"),
        })),
        queues: all("[data-queue]", (one) => ({
            queue: one.dataset.queue,
            cells: [...one.querySelectorAll("td")].map((cell) => cell.textContent),
        })),
    }), 250);
}
"""


@dataclass(kw_only=True)
class Played:
    """One scenario as the browsers showed it. began_at: when its second 0 was, by our clock."""

    truth: Truth
    began_at: float
    employee: list[Snapshot] = field(default_factory=list)
    board: list[Snapshot] = field(default_factory=list)


def main() -> int:
    options = _parser().parse_args()
    port = free_port()
    with running(port) as app, _browsers(app.address) as pages:
        played = [_play(name, port, app.settings, pages, options.pictures) for name in options.scenario]
    return _judge(played)


@dataclass(frozen=True, kw_only=True)
class Running:
    """An application at work for a bench. pid: of its supervisor."""

    address: str
    settings: Settings
    pid: int


@contextmanager
def running(port: int, *, stderr: int | None = None) -> Iterator[Running]:
    """`app.py run` on an empty folder with `people` in it, for a PBX at `port`, as long as the block lasts.

    stderr: as of Popen.
    """
    web_port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        pbx = [{"name": "lab", "host": "127.0.0.1", "port": port, "user": "bench", "secret": "bench"}]
        os.environ |= {"CALLBOARD_PBX": json.dumps(pbx), "CALLBOARD_WEB__PORT": str(web_port)}
        settings = read_settings(data=Path(folder))
        people(settings)
        words = [sys.executable, str(ROOT / "app.py"), "run", "--data", folder]
        app = subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            yield Running(address=f"http://127.0.0.1:{web_port}", settings=settings, pid=app.pid)
        finally:
            app.send_signal(signal.SIGTERM)
            app.wait(30)


def people(settings: Settings) -> None:
    users = Users(settings)
    users.add("employee", role=Role.MANAGER, name="Иван", password=PASSWORD, extension=EMPLOYEE)
    users.add("supervisor", role=Role.SUPERVISOR, name="Шеф", password=PASSWORD)
    with open_store(settings) as store:
        office = Office(store)  # type: ignore[arg-type]
        for number in range(201, 231):
            office.employee(f"Сотрудник {number}", str(number))


@contextmanager
def _browsers(address: str) -> Iterator[tuple[Page, Page]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--force-device-scale-factor=1"])
        employee = signed_in(browser.new_context(), f"{address}/calls", "employee", ".ag-root")
        board = signed_in(browser.new_context(), f"{address}/live", "supervisor", "#live-board > *")
        for page in (employee, board):
            page.evaluate(WATCH)
        yield employee, board
        browser.close()


def signed_in(context: Any, address: str, login: str, there: str) -> Page:
    page: Page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    retry(lambda: page.goto(address), seconds=60)
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(there)
    return page


def _play(name: str, port: int, settings: Settings, pages: tuple[Page, Page], pictures: Path | None) -> Played:
    folder = SCENARIOS / name
    truth = read_truth(folder / "truth.json")
    (capture,) = folder.glob("events.ami*")
    words = ["--port", str(port), "--user", "bench", "--secret", "bench", "--speed", "1"]
    began = time.time()
    server = subprocess.Popen([sys.executable, str(REPLAY), str(capture), *words], stdout=subprocess.DEVNULL)
    try:
        offset = retry(lambda: _offset(settings, began), seconds=30)
        played = Played(truth=truth, began_at=truth.t0 + offset)
        for second in range(int(truth.ended_s) + 3):
            pages[0].wait_for_timeout(max(0.0, (played.began_at + second + 0.5 - time.time()) * 1000))
            if pictures is not None:
                for page, whose in zip(pages, ("employee", "board"), strict=True):
                    page.screenshot(path=pictures / f"{name}-{second:02d}-{whose}.png")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    for page, kept in zip(pages, (played.employee, played.board), strict=True):
        kept += [Snapshot(**one) for one in page.evaluate("() => window.seen.splice(0)") if one["at"] > began]
    return played


def _offset(settings: Settings, since: float) -> float:
    """What our clock was ahead of the recorded one, of the events that came since then."""
    ahead = [
        message.received_at - float(message.fields["Timestamp"])
        for connection in connections(sorted((settings.data / "journal" / "lab").iterdir()))
        for message in connection.messages()
        if message.received_at > since and message.fields.get("Timestamp")
    ]
    return min(ahead)


def _judge(played: list[Played]) -> int:
    compared = 0
    found: list[Difference] = []
    for one in played:
        count, wrong = differences(one.truth, one.began_at, one.employee, one.board, employee_phone=EMPLOYEE)
        compared += count
        found += wrong
    for difference in found:
        print(difference, file=sys.stderr)
    print(json.dumps({"scenarios": len(played), "comparisons": compared, "differences": len(found)}))
    return 1 if found or not compared else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="+", help="folders of tests/scenarios")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of both pages every second")
    return parser


if __name__ == "__main__":
    sys.exit(main())
