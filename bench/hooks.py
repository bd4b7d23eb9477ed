"""Webhooks under load: so many a second through the whole web process into the store, and nothing of them lost.

`python -m bench.hooks [--rate 200] [--seconds 30] [--direct]` starts store, web and ingest as processes of their own,
sends signed webhooks of WhatsApp at a fixed pace whatever the answers take, and exits with 1 where the 95th percentile
passes 50 ms, an answer is no 200, or a message of an answered webhook is missing at the end. --direct: the webhooks
have a process to themselves, without pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from dashboard.hook_inbox import Inbox
from dashboard.hooks import extra_routes
from data.identity.actor import system
from data.identity.secrets import Secrets
from data.services.messenger_accounts import create_account, put_secrets
from data.settings import Settings
from data.store.client import client_of
from data.store.tokens import TokenKind
from ingest.simulator.messengers.graph import Graph
from tests.ingest.processes import ROOT, Process
from tests.ingest.test_messengers_death import free_port
from tests.ingest.waiting import wait_until

_BAR_MS = 50.0
_CONNECTIONS = 32
BENCH = system("bench")
_SETTLED = """
    select
        (select count(*) from hook_event where state = 'new') as waiting,
        (select count(*) from hook_event) as stored,
        (select count(*) from message) as messages
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve, options.port)
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder) / "var", options.rate, options.seconds, is_direct=options.direct)


def serve(data: Path, port: int) -> int:
    """The webhooks without pages, in this process."""
    settings = Settings(data=data)
    with client_of(settings, TokenKind.APP) as client:
        app = Starlette(routes=extra_routes())
        app.state.hooks = Inbox(client, settings)
        app.state.hooks.start()
        uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
        app.state.hooks.stop()
    return 0


def measure(data: Path, rate: int, seconds: int, *, is_direct: bool) -> int:
    data.mkdir()
    port = free_port()
    file = data / "settings.toml"
    # A PBX that is not there: ingest does not run without one.
    file.write_text(f"[web]\nport = {port}\n[[pbx]]\nname = 'none'\nhost = '127.0.0.1'\nport = 9\n")
    (data / "journal" / "none").mkdir(parents=True)
    processes = [Process(name, file, data) for name in ("store", "ingest", "web")]
    settings = Settings(data=data)
    door = port
    alone: subprocess.Popen[bytes] | None = None
    with Graph() as graph:
        try:
            processes[0].start()
            with client_of(settings, TokenKind.RW) as client:
                now = datetime.now(UTC)
                config = {"connection": graph.connection}
                create_account(client, BENCH, "office", graph.messenger, "Office", config=config, now=now)
                put_secrets(client, Secrets(settings), BENCH, "office", graph.secrets, now=now)
            for process in processes[1:]:
                process.start()
            if is_direct:
                door = free_port()
                words = [sys.executable, "-m", "bench.hooks", "--serve", str(data), "--port", str(door)]
                alone = subprocess.Popen(words, cwd=ROOT)
            requests = _requests(graph, rate * seconds)
            before = os.times().children_user
            took, statuses = asyncio.run(_send(requests, door, rate))
            with client_of(settings, TokenKind.RW) as client:
                wait_until(lambda: client.query(_SETTLED, actor=BENCH)["messages"][0].as_py() >= len(took), 120.0)
                [row] = client.query(_SETTLED, actor=BENCH).to_pylist()
        finally:
            if alone is not None:
                alone.terminate()
                alone.wait(30)
            for process in reversed(processes):
                process.end()
    cpu_ms = (os.times().children_user - before) * 1000 / len(took)
    took.sort()
    p50, p95, worst = (took[min(len(took) - 1, int(len(took) * share))] * 1000 for share in (0.5, 0.95, 1.0))
    good = statuses.count(200)
    way = "directly" if is_direct else "through web"
    print(f"{len(took)} webhooks {way} at {rate}/s: p50 {p50:.1f} ms, p95 {p95:.1f} ms, worst {worst:.1f} ms")
    print(f"answered 200: {good}, stored: {row['stored']}, messages: {row['messages']}, {cpu_ms:.1f} ms of CPU each")
    return 0 if p95 <= _BAR_MS and good == len(took) and row["messages"] >= good else 1


def _requests(graph: Graph, count: int) -> list[bytes]:
    """Signed beforehand, so that the pace is that of the other side."""
    found = []
    for number in range(count):
        event = graph.event(f"7916{number % 500:07}", f"wamid.{number}", {"type": "text", "text": {"body": "да"}})
        body = json.dumps(event).encode()
        headers = {"Host": "bench", "Content-Length": str(len(body)), **graph.sign(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        found.append(f"POST /hooks/office HTTP/1.1\r\n{head}\r\n".encode() + body)
    return found


async def _send(requests: Sequence[bytes], port: int, rate: int) -> tuple[list[float], list[int]]:
    """How long each took from the moment it was to go, and its status. Bare sockets: a client costs more than we do."""
    took: list[float] = []
    statuses: list[int] = []
    free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
    for _ in range(_CONNECTIONS):
        free.append(await _connected(port))

    async def one(request: bytes, at: float) -> None:
        reader, writer = free.popleft() if free else await _connected(port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        took.append(time.perf_counter() - at)
        statuses.append(int(head.split(b" ", 2)[1]))
        free.append((reader, writer))

    begun, tasks = time.perf_counter(), []
    for number, request in enumerate(requests):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        tasks.append(asyncio.create_task(one(request, at)))
    await asyncio.gather(*tasks)
    return took, statuses


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    until = time.monotonic() + 30.0
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
