"""What open browsers cost: how soon each hears a hint, and what other answers take meanwhile.

    .venv/bin/python -m bench.streams --streams 200 --seconds 20

Runs store and web on an empty folder, logs a supervisor in, and asks /api/me again and again, first alone, then beside
so many streams of hints, which a process of their own reads. Five times a second the store announces a change
whose id is the moment; a stream's delay is counted from there. Prints one JSON object: hints that should have been
heard and were, p50, p95 and longest delay, and what /api/me took (p50, p95) without and with the streams, all in ms.
Exits with 1 where a hint was not heard, p95 is above 38 ms, or the median answer takes more than half as long again as
alone; an answer that comes while all streams are told waits for them, which its p95 shows.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from bench.latency import CHROMIUM, FLAGS, free_port
from data.identity.actor import Role, system
from data.identity.users import Users
from data.settings import Settings
from data.store.client import client_of
from data.store.protocol import Topic
from data.store.tokens import TokenKind
from tests.ingest.processes import ROOT, Process

BAR_MS = 38.0
PASSWORD = "streams-of-hints"
PACE_S = 0.2
_SENT = re.compile(rb'event: hint[^\n]*\n(?:[^\n]+\n)*?data: [^\n]*"ids": ?\["(\d+\.\d+)"')


def main() -> int:
    options = _parser().parse_args()
    if options.listen:
        return listen(options.listen, options.streams)
    with tempfile.TemporaryDirectory() as folder:
        told = measure(Path(folder) / "var", options.streams, options.seconds)
    print(json.dumps(told))
    unharmed = told["api_with_p50_ms"] <= 1.5 * told["api_alone_p50_ms"]
    return 0 if told["heard"] == told["expected"] and told["p95_ms"] <= BAR_MS and unharmed else 1


def measure(data: Path, streams: int, seconds: float) -> dict[str, float]:
    data.mkdir()
    port = free_port()
    file = data / "settings.toml"
    file.write_text(f"[web]\nport = {port}\n")
    settings = Settings(data=data)
    Users(settings).add("bench", role=Role.SUPERVISOR, name="Bench", password=PASSWORD)
    processes = [Process(name, file, data) for name in ("store", "web")]
    try:
        for process in processes:
            process.start()
        cookie = _session(f"http://127.0.0.1:{port}")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Cookie": cookie}, trust_env=False) as browser:
            _asked(browser, settings, seconds / 2)  # the first answers warm it up
            alone, _ = _asked(browser, settings, seconds)
            words = [sys.executable, "-m", "bench.streams", "--listen", str(port), "--streams", str(streams)]
            listener = subprocess.Popen(
                words, cwd=ROOT, env={**os.environ, "COOKIE": cookie}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert listener.stdin is not None and listener.stdout is not None
            listener.stdout.readline()  # all are open
            beside, changes = _asked(browser, settings, seconds)
            listener.stdin.close()
            delays = sorted(json.loads(listener.stdout.readline()))
            listener.wait(30)
    finally:
        for process in reversed(processes):
            process.end()
    return {
        "streams": streams,
        "expected": changes * streams,
        "heard": len(delays),
        "p50_ms": _at(delays, 0.5),
        "p95_ms": _at(delays, 0.95),
        "longest_ms": _at(delays, 1.0),
        "api_alone_p50_ms": _at(alone, 0.5),
        "api_alone_p95_ms": _at(alone, 0.95),
        "api_with_p50_ms": _at(beside, 0.5),
        "api_with_p95_ms": _at(beside, 0.95),
    }


def _asked(browser: httpx.Client, settings: Settings, seconds: float) -> tuple[list[float], int]:
    """What each answer took, and how many changes were announced meanwhile, one every PACE_S."""
    took: list[float] = []
    changes, until = 0, time.time() + seconds
    with client_of(settings, TokenKind.RW) as store:
        due = time.time()
        while time.time() < until:
            if time.time() >= due:
                store.transact([], actor=system("bench"), touches={Topic.LEADS: [f"{time.time():.6f}"]})
                changes, due = changes + 1, due + PACE_S
            begun = time.perf_counter()
            browser.get("/api/me").raise_for_status()
            took.append(time.perf_counter() - begun)
            time.sleep(0.02)
    time.sleep(1.0)  # the last hint is on its way
    return took, changes


def listen(port: int, count: int) -> int:
    """Keep streams open until the standard input ends, then print every delay."""
    request = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {os.environ['COOKIE']}\r\n\r\n".encode()
    delays: list[float] = []
    with selectors.DefaultSelector() as ready:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(request)
            heard = b""
            while b"event: hello" not in heard:
                heard += one.recv(1 << 12)
            ready.register(one, selectors.EVENT_READ)
        print("open", flush=True)
        ready.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is sys.stdin:
                    print(json.dumps(delays), flush=True)
                    return 0
                if isinstance(key.fileobj, socket.socket):
                    heard = key.fileobj.recv(1 << 16)
                    delays += [time.time() - float(sent) for sent in _SENT.findall(heard)]


def _session(address: str) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto(address)
        page.fill("input[name=login]", "bench")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector("#shell-cards", state="attached")
        cookies = page.context.cookies()
        browser.close()
    return "; ".join(f"{one['name']}={one['value']}" for one in cookies)


def _at(values: list[float], share: float) -> float:
    if not values:
        return float("nan")
    ordered = sorted(values)
    found = statistics.median(ordered) if share == 0.5 else ordered[min(len(ordered) - 1, int(len(ordered) * share))]
    return round(found * 1000, 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--listen", type=int, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
