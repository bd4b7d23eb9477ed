"""How quickly the phone book answers a PBX: whole requests over HTTP, with a token, over very many clients.

    python -m bench.phonebook --clients 500000

Invents the clients in a temporary folder, serves store and pages as two processes would be, and asks for known
and unknown numbers in turn, also while somebody writes. Prints median, 95th percentile and the longest time;
ends with 1 where the 95th percentile is beyond the limit.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyarrow as pa

from data.identity.actor import Role, system
from data.identity.tokens import Tokens
from data.identity.users import Users
from data.logs import set_up_logs
from data.services.clients import ClientFields, create_client
from data.settings import Settings
from data.store.client import StoreClient, client_of
from data.store.opening import open_store
from data.store.protocol import IngestStore
from data.store.tokens import TokenKind
from tests.dashboard.serving import running

LIMIT_MS = 20.0
ACTOR = system("bench")
_SERVE = """
import signal, sys, threading
from pathlib import Path

from data.settings import Settings
from data.store.server import serve

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
serve(Settings(data=Path(sys.argv[1])), stop=stop)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=500_000)
    parser.add_argument("--requests", type=int, default=500)
    options = parser.parse_args()
    set_up_logs("warning", process="bench")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"data": folder, "web": {"api_requests_per_minute": 10**9}})
        with open_store(settings) as store:
            invent(store, options.clients)
        users, tokens = Users(settings), Tokens(settings)
        users.ensure("pbx", password="bench-1234", role=Role.MANAGER, name="PBX")
        token = tokens.issue("pbx", "bench")
        process = subprocess.Popen([sys.executable, "-c", _SERVE, folder], cwd=Path(__file__).parents[1])
        try:
            with client_of(settings, TokenKind.APP) as client:
                assert client.wait_ready(120.0), "the store did not start"
                return ask_all(settings, client, token, options.clients, options.requests)
        finally:
            process.terminate()
            process.wait(30)


def invent(store: IngestStore, clients: int) -> None:
    """So many clients with a number each, looked after by ten employees with a phone."""
    now = datetime.now(UTC)
    employees = [str(uuid.uuid4()) for _ in range(10)]
    names = [f"Сотрудник {at}" for at in range(10)]
    store.append("employee", pa.table({"employee_id": employees, "name": names}), actor=ACTOR)
    phones = {"extension": [str(200 + at) for at in range(10)], "employee_id": employees, "from_at": [now] * 10}
    store.append("extension", pa.table(phones), actor=ACTOR)
    ids = [str(uuid.uuid4()) for _ in range(clients)]
    trail = {"created_at": [now] * clients, "created_by": ["bench"] * clients}
    accounts = {
        "account_id": ids,
        "name": [f"ООО Клиент {at}" for at in range(clients)],
        "folded": [f"ооо клиент {at}" for at in range(clients)],
        "responsible_id": [employees[at % 10] for at in range(clients)],
        **trail,
        "changed_at": [now] * clients,
        "changed_by": ["bench"] * clients,
    }
    store.append("account", pa.table(accounts), actor=ACTOR)
    assignments = {
        "assignment_id": [str(uuid.uuid4()) for _ in range(clients)],
        "number": [number_of(at) for at in range(clients)],
        "account_id": ids,
        "from_at": [now] * clients,
        "assigned_by": ["bench"] * clients,
    }
    store.append("phone_assignment", pa.table(assignments), actor=ACTOR)


def number_of(place: int) -> str:
    return f"79{place * 1979 % 10**9:09d}"


def ask_all(settings: Settings, client: StoreClient, token: str, clients: int, requests: int) -> int:
    chosen = random.Random(7)
    numbers = [number_of(chosen.randrange(clients)) if at % 5 else "74950000000" for at in range(requests)]
    with running(settings, client) as web, httpx.Client(headers={"Authorization": f"Bearer {token}"}) as http:
        url = f"{web.url}/api/phonebook"
        for number in numbers[:20]:  # the first requests load what the others find loaded
            http.get(url, params={"number": number})
        quiet = measured(http, url, numbers)
        stop = threading.Event()
        writer = threading.Thread(target=write, args=(client, stop))
        writer.start()
        busy = measured(http, url, numbers)
        stop.set()
        writer.join()
    tell("quiet", quiet)
    tell("while somebody writes", busy)
    return 0 if percentile(quiet) <= LIMIT_MS else 1


def measured(http: httpx.Client, url: str, numbers: list[str]) -> list[float]:
    """Milliseconds of every request."""
    taken = []
    for number in numbers:
        began = time.perf_counter()
        answer = http.get(url, params={"number": number})
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.json()["found"] == (number != "74950000000")
    return taken


def write(client: StoreClient, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        create_client(client, ACTOR, ClientFields(name="Новый"), now=datetime.now(UTC))


def percentile(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def tell(title: str, taken: list[float]) -> None:
    print(
        f"{title:<22} shortest {min(taken):6.1f} ms, median {statistics.median(taken):6.1f} ms, "
        f"p95 {percentile(taken):6.1f} ms, longest {max(taken):6.1f} ms (limit {LIMIT_MS:.0f} ms at p95)"
    )


if __name__ == "__main__":
    sys.exit(main())
