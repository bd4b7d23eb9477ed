"""Webhooks under load: so many a second through the whole web process into the store, and nothing of them lost.

`python -m bench.hooks [--rate 200] [--seconds 30]` starts store, web and ingest as processes of their own, sends
signed webhooks of WhatsApp at a fixed pace whatever the answers take, and exits with 1 where the 95th percentile
passes 50 ms, an answer is no 200, or a message of an answered webhook is missing at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from data.identity.actor import system
from data.identity.secrets import Secrets
from data.services.messenger_accounts import create_account, put_secrets
from data.settings import Settings
from data.store.client import client_of
from data.store.tokens import TokenKind
from ingest.simulator.messengers.graph import Graph
from tests.ingest.processes import Process
from tests.ingest.test_messengers_death import free_port
from tests.ingest.waiting import wait_until

_BAR_MS = 50.0
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
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder) / "var", options.rate, options.seconds)


def measure(data: Path, rate: int, seconds: int) -> int:
    data.mkdir()
    port = free_port()
    file = data / "settings.toml"
    # A PBX that is not there: ingest does not run without one.
    file.write_text(f"[web]\nport = {port}\n[[pbx]]\nname = 'none'\nhost = '127.0.0.1'\nport = 9\n")
    (data / "journal" / "none").mkdir(parents=True)
    processes = [Process(name, file, data) for name in ("store", "web", "ingest")]
    settings = Settings(data=data)
    with Graph() as graph:
        try:
            processes[0].start()
            with client_of(settings, TokenKind.RW) as client:
                now = datetime.now(UTC)
                config = {"connection": graph.connection}
                create_account(client, BENCH, "office", graph.messenger, "Office", config=config, now=now)
                put_secrets(client, Secrets(settings), BENCH, "office", graph.secrets, now=now)
            processes[1].start()
            processes[2].start()
            took, statuses = asyncio.run(_send(graph, f"http://127.0.0.1:{port}/hooks/office", rate, seconds))
            with client_of(settings, TokenKind.RW) as client:
                wait_until(lambda: client.query(_SETTLED, actor=BENCH)["waiting"][0].as_py() == 0, 120.0)
                [row] = client.query(_SETTLED, actor=BENCH).to_pylist()
        finally:
            for process in reversed(processes):
                process.end()
    took.sort()
    p50, p95, worst = (took[min(len(took) - 1, int(len(took) * share))] * 1000 for share in (0.5, 0.95, 1.0))
    good = statuses.count(200)
    print(f"{len(took)} webhooks at {rate}/s: p50 {p50:.1f} ms, p95 {p95:.1f} ms, worst {worst:.1f} ms")
    print(f"answered 200: {good}, stored: {row['stored']}, messages: {row['messages']}")
    return 0 if p95 <= _BAR_MS and good == len(took) and row["messages"] >= good else 1


async def _send(graph: Graph, url: str, rate: int, seconds: int) -> tuple[list[float], list[int]]:
    took: list[float] = []
    statuses: list[int] = []

    async def one(client: httpx.AsyncClient, number: int) -> None:
        event = graph.event(f"7916{number % 500:07}", f"wamid.{number}", {"type": "text", "text": {"body": "да"}})
        body = json.dumps(event).encode()
        begun = time.perf_counter()
        answer = await client.post(url, content=body, headers=graph.sign(body))
        took.append(time.perf_counter() - begun)
        statuses.append(answer.status_code)

    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, timeout=30.0, limits=limits) as client:
        begun, tasks = time.perf_counter(), []
        for number in range(rate * seconds):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client, number)))
        await asyncio.gather(*tasks)
    return took, statuses


if __name__ == "__main__":
    sys.exit(main())
