"""How long until two open pages say that the PBX, ingest, the store or the web process is lost.

    .venv/bin/python -m bench.loss ../shared/captures/hold_unhold/events.ami.gz

Runs `app.py run` with a replayed PBX and keeps the wall board and an employee's journal open. Each process in turn is
stopped so that it says nothing more and closes nothing (SIGSTOP), which is the loss that is hardest to notice; the PBX
is killed, too. Notes when the board and when the journal show that something is lost, and when that is gone after the
process went on. Prints one JSON object, seconds by loss; exits with 1 where any was told after more than 5.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.cards import child
from bench.latency import CHROMIUM, FLAGS, REPLAY, free_port
from bench.live import running, signed_in

BAR_S = 5.0
# Notes when the board is called old, and when a banner of a loss is there.
WATCH = """
() => {
    const lost = () => Boolean(document.querySelector("#shell-banners .is-bad, #shell-banners .is-warn"));
    const told = () => lost() || Boolean(document.querySelector(".lb-stale"));
    window.turned = [];
    let was = told();
    const look = () => { if (told() !== was) window.turned.push([(was = !was), Date.now() / 1000]); };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
"""


def main() -> int:
    options = _parser().parse_args()
    port = free_port()
    with running(port, stderr=subprocess.DEVNULL) as app:
        replay = [sys.executable, str(REPLAY), str(options.capture), "--port", str(port)]
        replay += ["--user", "bench", "--secret", "bench"]
        server = subprocess.Popen(replay, stdout=subprocess.DEVNULL)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                pages = {
                    "board": signed_in(
                        browser.new_context(), f"{app.address}/live", "supervisor", "#live-board .lb-table"
                    ),
                    "journal": signed_in(browser.new_context(), f"{app.address}/calls", "employee", ".ag-root"),
                }
                for page in pages.values():
                    page.evaluate(WATCH)
                told = {name: _stopped(pages, child(app.pid, name)) for name in ("ingest", "store", "web")}
                told["pbx silent"] = _stopped(pages, server.pid)
                told["pbx gone"] = _lost(pages, server)
                browser.close()
        finally:
            server.kill()
    print(json.dumps(told))
    late = [s for of in told.values() for name, s in of.items() if name.endswith("told_s") and (s is None or s > BAR_S)]
    return 1 if late else 0


def _stopped(pages: dict[str, Page], process: int) -> dict[str, float | None]:
    begun = time.time()
    os.kill(process, signal.SIGSTOP)
    told = _turned(pages, begun, lost=True)
    begun = time.time()
    os.kill(process, signal.SIGCONT)
    return told | _turned(pages, begun, lost=False)


def _lost(pages: dict[str, Page], server: subprocess.Popen[bytes]) -> dict[str, float | None]:
    begun = time.time()
    server.kill()
    return _turned(pages, begun, lost=True)


def _turned(pages: dict[str, Page], begun: float, *, lost: bool, patience_s: float = 15.0) -> dict[str, float | None]:
    """By page: seconds until it told the loss (or its end); None: it did not."""
    word = "told_s" if lost else "over_s"
    found: dict[str, float | None] = {}
    while len(found) < len(pages) and time.time() - begun < patience_s:
        for name, page in pages.items():
            page.wait_for_timeout(100)
            turned = [at for state, at in page.evaluate("() => window.turned") if state is lost and at >= begun]
            if turned:
                found.setdefault(f"{name} {word}", round(turned[0] - begun, 2))
    for page in pages.values():
        page.wait_for_timeout(1000)
    return {f"{name} {word}": found.get(f"{name} {word}") for name in pages}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
