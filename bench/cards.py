"""How long after the PBX's event a call's card stands in a browser, with many other browsers open.

    .venv/bin/python bench/cards.py ../shared/captures/busy_hour/events.ami.gz --extension 201 --streams 200

Replays a capture as the PBX at its own pace, runs `app.py run` on an empty folder, keeps a Chromium of the
employee open on the journal, and further streams of hints as other browsers would. The event of a card is the
first one after which the calls that go on show the employee's phone in it: the journal of raw events is put
together once more to find it. Prints one JSON object: cards, seen, p50, p95 and longest delay in seconds, hints
that the other streams got, and the processor time of the web process a second. Exits with 1 where p95 is above 0.5 s.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.latency import CHROMIUM, FLAGS, REPLAY, free_port, retry  # noqa: E402
from data.identity.actor import Role  # noqa: E402
from data.identity.users import Users  # noqa: E402
from data.settings import Settings, read_settings  # noqa: E402
from ingest.assembler import Assembler, Office  # noqa: E402
from ingest.stream import connections  # noqa: E402

PASSWORD = "latency-of-cards"
TICKS = os.sysconf("SC_CLK_TCK")
# Notes when the card of each call appears.
WATCH = """
() => {
    const seen = (window.seenCards = {});
    const look = () => {
        for (const card of document.querySelectorAll(".call-card")) {
            if (!(card.dataset.call in seen)) seen[card.dataset.call] = Date.now() / 1000;
        }
    };
    new MutationObserver(look).observe(document.getElementById("shell-cards"), { childList: true });
}
"""


def main() -> int:
    options = _parser().parse_args()
    port, web_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        pbx = [{"name": "lab", "host": "127.0.0.1", "port": port, "user": "bench", "secret": "bench"}]
        os.environ |= {"CALLBOARD_PBX": json.dumps(pbx), "CALLBOARD_WEB__PORT": str(web_port)}
        settings = read_settings(data=Path(folder))
        people = Users(settings)
        people.add("bench", role=Role.MANAGER, name="Bench", password=PASSWORD, extension=options.extension)
        app = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "run", "--data", folder], start_new_session=True)
        try:
            told = _watch(options, f"http://127.0.0.1:{web_port}", port, app.pid)
        finally:
            app.send_signal(signal.SIGTERM)
            app.wait(30)
        events = _events(settings, options.extension)
    seen = told.pop("seen_at")
    delays = sorted(max(0.0, seen[call] - at) for call, at in events.items() if call in seen)
    result = {
        "cards": len(events),
        "seen": len(delays),
        "p50_s": round(delays[len(delays) // 2], 3),
        "p95_s": round(delays[int(len(delays) * 0.95)], 3),
        "longest_s": round(delays[-1], 3),
        **told,
    }
    print(json.dumps(result))
    return 0 if result["p95_s"] <= 0.5 else 1


def _watch(options: argparse.Namespace, address: str, port: int, app: int) -> dict[str, Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        retry(lambda: page.goto(f"{address}/calls"), seconds=60)
        page.fill("input[name=login]", "bench")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(".ag-root")
        page.evaluate(WATCH)
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
        others = Others(address, cookies, options.streams)
        web = child(app, "web")
        words = ["--port", str(port), "--user", "bench", "--secret", "bench", "--speed", options.speed]
        server = subprocess.Popen([sys.executable, str(REPLAY), str(options.capture), *words])
        begun, cpu = datetime.now(UTC), _cpu_s(web)
        try:
            _work(page, server, options.seconds)
            seconds = (datetime.now(UTC) - begun).total_seconds()
            return {
                "seen_at": page.evaluate("() => window.seenCards"),
                "streams": options.streams,
                "hints_of_others": others.hints,
                "web_cpu_a_second": round((_cpu_s(web) - cpu) / seconds, 3),
            }
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
            others.close()
            browser.close()


def _work(page: Page, server: subprocess.Popen[bytes], seconds: float) -> None:
    for _ in range(int(seconds)):
        page.wait_for_timeout(1000)
        if server.poll() is not None:
            return


class Others:
    """Streams of hints as further browsers keep them; read by one thread."""

    def __init__(self, address: str, cookies: str, count: int) -> None:
        self.hints = 0
        parts = urlsplit(address)
        request = f"GET /events HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n\r\n".encode()
        self._open = [socket.create_connection((parts.hostname or "", parts.port or 80)) for _ in range(count)]
        for one in self._open:
            one.sendall(request)
            one.setblocking(False)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(5)
        for one in self._open:
            one.close()

    def _read(self) -> None:
        while not self._stopped.wait(0.1):
            for one in self._open:
                try:
                    self.hints += one.recv(1 << 16).count(b"event: hint")
                except BlockingIOError:
                    continue


def child(app: int, name: str) -> int:
    """The child of the supervisor that does this part: store, ingest, web."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
            except OSError:
                continue
            if parent == app and name.encode() in words:
                return int(entry.name)
    raise SystemExit(f"the process {name} is not found")


def _cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _events(settings: Settings, extension: str) -> dict[str, float]:
    """By call: when the PBX's event arrived that brought the phone into it."""
    first: dict[str, float] = {}
    for segment in sorted((settings.data / "journal" / "lab").iterdir()):
        if not segment.is_dir():
            continue
        assembler = Assembler(Office(), pbx="lab")
        assembler.connected(datetime.fromtimestamp(0, UTC), 0)
        for connection in connections([segment]):
            for message in connection.messages():
                assembler.feed(message)
                for call in assembler.take().live or ():
                    if extension in (*call.ringing, *call.talking, call.caller):
                        first.setdefault(call.call_id, message.received_at)
    return first


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", type=Path)
    parser.add_argument("--extension", default="201")
    parser.add_argument("--speed", default="1")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long to watch (120)")
    parser.add_argument("--streams", type=int, default=0, help="further open browsers (0)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
