"""What the store survives: kill -9 in the middle of writes, and a disk that is full."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

from data.errors import StoreError
from data.settings import Settings
from data.store.client import client_of
from data.store.database import Database
from data.store.tokens import TokenKind
from tests.data.facts import INGEST, batch, call_row, ids_of, leg_row, rows_of

ROOT = Path(__file__).parents[2]
ROUNDS = 5

SERVE = """
import sys
from pathlib import Path

from data.settings import Settings
from data.store.server import serve

settings = Settings.model_validate({"data": Path(sys.argv[1]), "store": {"memory_limit": "512MB", "readers": 2}})
serve(settings, ready=lambda: print("ready", flush=True))
"""

# Files of this process may not grow beyond a limit: for DuckDB that is a full disk.
FILL = """
import resource, signal, sys
from pathlib import Path

import pyarrow as pa

from data.errors import DiskFull, StoreError
from data.store.database import Database
from tests.data.facts import INGEST, batch, call_row, ids_of

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
database = Database(folder, memory_limit="512MB", readers=1)
database.write_facts(batch([call_row("before")]), actor=INGEST)
used = max(path.stat().st_size for path in folder.glob("calls.duckdb*"))
resource.setrlimit(resource.RLIMIT_FSIZE, (used + 65_536, resource.RLIM_INFINITY))
stored = ["before"]
outcome = "never full"
for number in range(1000):
    try:
        facts = batch([call_row(f"c{number}", number, caller_name="x" * 20_000)])
        database.write_facts(facts, actor=INGEST)
        stored.append(f"c{number}")
    except StoreError as error:
        outcome = f"{type(error).__name__}: {error}"
        break
print(outcome.splitlines()[0])
try:
    print(sorted(stored) == ids_of(database))
except StoreError as error:
    print(type(error).__name__, str(error).splitlines()[0])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
try:
    database.write_facts(batch([call_row("after", 5000)]), actor=INGEST)
    print("goes on")
except StoreError as error:
    print(type(error).__name__, str(error).splitlines()[0])
print(len(stored), flush=True)
import os
os._exit(0)
"""


def test_nothing_acknowledged_is_lost_when_the_store_is_killed_while_writing(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data": tmp_path})
    chance = random.Random(7)
    acknowledged: list[str] = []
    attempted: list[str] = []

    with client_of(settings, TokenKind.RW) as client:
        for _ in range(ROUNDS):
            process = _start(tmp_path)
            kill_at = len(acknowledged) + chance.randrange(3, 10)
            enough = threading.Event()
            killer = threading.Thread(target=_kill, args=(process, enough))
            killer.start()
            try:
                while True:
                    number = len(attempted)
                    attempted.append(f"c{number:06}")
                    facts = batch(
                        [call_row(attempted[-1], number)], leg=[leg_row(attempted[-1], n, number) for n in (1, 2, 3)]
                    )
                    client.write_facts(facts, actor=INGEST)
                    acknowledged.append(attempted[-1])
                    if len(acknowledged) == kill_at:
                        enough.set()  # dies during one of the next writes
            except StoreError:
                enough.set()
            killer.join(60)
            process.wait(60)

    with Database(tmp_path) as database:
        found = ids_of(database)
        assert set(acknowledged) <= set(found) <= set(attempted)
        assert len(found) == len(set(found))
        # No call without its legs, and none twice.
        assert rows_of(database, "select call_id from leg group by 1 having count(*) <> 3") == []
        assert rows_of(database, "select count(distinct call_id) as n from leg") == [{"n": len(found)}]
        assert rows_of(database, "select call_id from call where first_of_number") == [{"call_id": "c000000"}]


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False
    )

    assert done.returncode == 0, done.stderr
    refusal, unharmed, afterwards, stored = done.stdout.splitlines()
    assert refusal.startswith("DiskFull: The disk of the database is full; nothing of this write was stored")
    assert (unharmed, afterwards) == ("True", "goes on")
    with Database(tmp_path) as database:
        assert len(ids_of(database)) == int(stored) + 1, "what was stored, and the call after there was room again"


def _start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            # Else the log of a busy store would fill the pipe.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process
    raise AssertionError("the store did not start")


def _kill(process: subprocess.Popen[str], when: threading.Event) -> None:
    when.wait(60)
    process.kill()
