"""How long after its last event a call stands in a browser's journal, while a capture is replayed as the PBX.

    .venv/bin/python bench/latency.py ../shared/captures/busy_hour/events.ami.gz --speed 10

Starts the replay server, `app.py run` on an empty folder, and a Chromium that keeps the journal open
and notes when each row of a finished call appears. The last event of a call is the latest one that the
journal of raw events received before its row's last change. Prints one JSON object: calls, seen, p50,
p95 and the longest delay in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from data.identity.actor import Role, system  # noqa: E402
from data.identity.users import Users  # noqa: E402
from data.settings import Settings, read_settings  # noqa: E402
from data.store.opening import open_store  # noqa: E402

REPLAY = ROOT / "tests" / "tools" / "ami_replay.py"
PASSWORD = "latency-of-rows"
T = TypeVar("T")
CHROMIUM = os.environ.get("CALLBOARD_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    # Without a graphics card the pixels of so high a window would take a core of their own.
    "--force-device-scale-factor=0.25",
]
# Notes the moment at which each row appears among the finished calls.
WATCH = """
() => {
    const seen = (window.seenCalls = {});
    const look = () => {
        for (const row of document.querySelectorAll(".ag-center-cols-container [row-id]")) {
            const id = row.getAttribute("row-id");
            if (!(id in seen)) seen[id] = Date.now() / 1000;
        }
    };
    setInterval(look, 20);
}
"""
LAST_EVENTS = """
select
    call_id,
    epoch(max(received_at)) as last_at
from ami_event
where call_id in (select call_id from call where direction <> 'internal')
group by call_id
"""


def main() -> int:
    options = _parser().parse_args()
    port, web_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        pbx = [{"name": "lab", "host": "127.0.0.1", "port": port, "user": "bench", "secret": "bench"}]
        os.environ |= {"CALLBOARD_PBX": json.dumps(pbx), "CALLBOARD_WEB__PORT": str(web_port)}
        settings = read_settings(data=Path(folder))
        Users(settings).add("bench", role=Role.SUPERVISOR, name="Bench", password=PASSWORD)
        app = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "run", "--data", folder], start_new_session=True)
        try:
            seen = _watch(options, f"http://127.0.0.1:{web_port}", port)
            last = _last_events(settings)
        finally:
            app.send_signal(signal.SIGTERM)
            app.wait(30)
    delays = sorted(max(0.0, seen[call] - at) for call, at in last.items() if call in seen)
    result = {
        "calls": len(last),
        "seen": len(delays),
        "p50_s": round(delays[len(delays) // 2], 3),
        "p95_s": round(delays[int(len(delays) * 0.95)], 3),
        "longest_s": round(delays[-1], 3),
    }
    print(json.dumps(result))
    return 0 if result["p95_s"] <= 1.0 and len(delays) == len(last) else 1


def _watch(options: argparse.Namespace, address: str, port: int) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        # High enough for every call of the last minutes, for a long call ends far below the newest one; narrow,
        # so that these 160 rows cost what the 25 of a desktop do.
        page = browser.new_page(viewport={"width": 390, "height": 6000})
        retry(lambda: page.goto(f"{address}/calls"), seconds=60)
        page.fill("input[name=login]", "bench")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(".ag-root")
        page.evaluate(WATCH)
        words = ["--port", str(port), "--user", "bench", "--secret", "bench", "--speed", options.speed]
        server = subprocess.Popen([sys.executable, str(REPLAY), str(options.capture), *words])
        try:
            _until_closed(page, server, options.patience)
            seen: dict[str, float] = page.evaluate("() => window.seenCalls")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
            browser.close()
    return seen


def _until_closed(page: Page, server: subprocess.Popen[bytes], patience: float) -> None:
    """Let the page work until no new row has come for `patience` seconds."""
    count, quiet = -1, 0.0
    while quiet < patience:
        page.wait_for_timeout(1000)
        now = page.evaluate("() => Object.keys(window.seenCalls).length")
        quiet = 0.0 if now != count or now == 0 else quiet + 1.0
        count = now
        if server.poll() is not None:
            break


def _last_events(settings: Settings) -> dict[str, float]:
    with open_store(settings) as store:
        rows = store.query(LAST_EVENTS, actor=system("bench")).to_pylist()
    return {row["call_id"]: row["last_at"] for row in rows}


def retry(action: Callable[[], T], *, seconds: float) -> T:
    waiting = threading.Event()
    for _ in range(int(seconds * 4)):
        try:
            return action()
        except Exception:
            waiting.wait(0.25)
    return action()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", type=Path)
    parser.add_argument("--speed", default="10")
    parser.add_argument("--patience", type=float, default=40.0, help="seconds without a new row that end it (40)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
