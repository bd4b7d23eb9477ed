"""Whether a wall board that nobody closes stays as small as it was: a night of calls in a few minutes.

    .venv/bin/python -m bench.night ../shared/captures/busy_hour/events.ami.gz --seconds 150

Runs `app.py run`, replays a capture again and again many times as fast as it was, and keeps the wall board open in a
Chromium whose timers run as many times faster too. After every round of `--every` seconds the page's garbage is
collected, and its heap, nodes and listeners are noted. Prints one JSON object: events that ingest received, how often
the board was asked for, and the three figures at each note. Exits with 1 where the mean of the last third is more
than a tenth above that of the middle one (in the first the page still fills its caches).
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from bench.latency import CHROMIUM, FLAGS, REPLAY, free_port
from bench.live import running, signed_in

FIGURES = ("JSHeapUsedSize", "Nodes", "JSEventListeners")
MOST_GROWTH = 1.1
# The page's timers run so many times as fast.
HURRY = """
(() => {
    const by = %d;
    for (const name of ["setTimeout", "setInterval"]) {
        const usual = window[name];
        window[name] = (act, delay, ...more) => usual(act, (delay || 0) / by, ...more);
    }
})();
"""


def main() -> int:
    options = _parser().parse_args()
    port = free_port()
    with running(port, stderr=subprocess.DEVNULL) as app:
        words = ["--port", str(port), "--user", "bench", "--secret", "bench", "--speed", str(options.speed)]
        words = [sys.executable, str(REPLAY), str(options.capture), *words, "--close-after", "0"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            notes, asked = _watch(app.address, options)
        finally:
            server.send_signal(signal.SIGINT)
            told = server.communicate()[0]
    events = json.loads(told[told.index("done ") + 5 :])["events"]
    growth = {name: round(_growth([note[name] for note in notes]), 3) for name in FIGURES}
    print(json.dumps({"events": events, "boards": asked, "growth": growth, "notes": notes}))
    return 1 if max(growth.values()) > MOST_GROWTH else 0


def _watch(address: str, options: argparse.Namespace) -> tuple[list[dict[str, int]], int]:
    asked = 0

    def count(url: str) -> None:
        nonlocal asked
        asked += url.endswith("/api/live/board")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context()
        context.add_init_script(HURRY % options.speed)
        page = signed_in(context, f"{address}/live", "supervisor", "#live-board .lb-table")
        page.on("request", lambda request: count(request.url))
        tools = context.new_cdp_session(page)
        tools.send("Performance.enable")
        notes = []
        for _ in range(int(options.seconds / options.every)):
            page.wait_for_timeout(options.every * 1000)
            notes.append(_noted(tools))
        browser.close()
    return notes, asked


def _noted(tools: CDPSession) -> dict[str, int]:
    tools.send("HeapProfiler.collectGarbage")
    found = {one["name"]: int(one["value"]) for one in tools.send("Performance.getMetrics")["metrics"]}
    return {name: found[name] for name in FIGURES}


def _growth(values: list[int]) -> float:
    third = max(1, len(values) // 3)
    middle, last = values[third : 2 * third], values[-third:]
    return (sum(last) / len(last)) / (sum(middle) / len(middle))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", type=Path)
    parser.add_argument("--speed", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=150.0, help="how long to watch (150)")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two notes (10)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
