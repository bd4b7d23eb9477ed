"""How quickly a file of clients is checked and taken: 100,000 rows with a number each, beside reading the file alone.

    python -m bench.client_import --rows 100000

Serves a store from a process of its own, checks the file, takes it up to the middle and stops, takes the rest, and
takes it again, which must change nothing. Meanwhile somebody else writes to the store. Prints for each step seconds
and processor time here and in the store, how long the others waited, and the most memory of both processes; ends
with 1 where a count is wrong.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.store import _SERVE
from data.client_import.columns import guess
from data.client_import.files import Table, open_table
from data.client_import.taking import Taken, take
from data.identity.actor import system
from data.services.clients import ClientFields, create_client
from data.settings import Settings, Site
from data.store.client import StoreClient, client_of
from data.store.tokens import TokenKind

ACTOR = system("bench")
_KB = 1024

T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "var")
        table = invented(Path(folder) / "clients.csv", options.rows)
        server = subprocess.Popen([sys.executable, "-c", _SERVE, str(settings.data)], stdout=subprocess.DEVNULL)
        try:
            with client_of(settings, TokenKind.RW) as client:
                if not client.wait_ready(60):
                    raise SystemExit("the store did not start")
                return measure(client, table, options.rows, server.pid)
        finally:
            server.terminate()
            server.wait()


def invented(path: Path, rows: int) -> Table:
    """A file as offices send it: every hundredth row is bad."""
    with path.open("w", encoding="cp1251") as file:
        file.write("Код;Название;Телефон;E-mail;Контактное лицо;Теги\n")
        for at in range(rows):
            name = f"ООО «Ромашка {at}»" if at % 100 else ""
            file.write(f"{at};{name};8 912 {at:07d};office{at}@example.ru;Иванов Пётр {at};опт\n")
    return open_table(path)


def measure(store: StoreClient, table: Table, rows: int, server: int) -> int:
    """Print a line per step."""
    bad = -(-rows // 100)
    step = Steps(server=server, rows=rows)
    step.run("reading alone", lambda: sum(1 for _ in table.rows()))
    checked = step.run("checking", lambda: run(store, table, write=False))
    with others_writing(store) as waits:
        half = step.run("taking one half", lambda: run(store, table, write=True, most=rows // 2))
        first = step.run("taking the rest", lambda: run(store, table, write=True))
        again = step.run("taking again", lambda: run(store, table, write=True))
    print(f"somebody else wrote {len(waits)} clients meanwhile, each in at most {max(waits) * 1000:.0f} ms")
    print(f"at most {peak_mb('self')} MB in this process, {peak_mb(str(server))} MB in the store")
    print(f"stopped after {half.counts}, then {first.counts}, the second time {again.counts}")
    right = {"new": rows - bad, "updated": 0, "same": 0, "bad": bad}
    rest = {**right, "new": right["new"] - half.counts["new"], "same": half.counts["new"]}
    twice = {**right, "new": 0, "same": right["new"]}
    is_half = rows // 2 <= half.done < rows
    return int(not is_half or (checked.counts, first.counts, again.counts) != (right, rest, twice))


def run(store: StoreClient, table: Table, *, write: bool, most: int = 1 << 60) -> Taken:
    """Take rows, at most so many."""
    taken = Taken()
    clock = lambda: datetime.now(UTC)  # noqa: E731
    stopped = lambda: taken.done >= most  # noqa: E731
    mapped = guess(table.columns)
    take(store, ACTOR, table, mapped, site=Site(), clock=clock, taken=taken, write=write, stopped=stopped)
    return taken


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Runs step after step, and prints what each took."""

    server: int
    rows: int

    def run(self, title: str, work: Callable[[], T]) -> T:
        began, here, there = time.perf_counter(), time.process_time(), cpu_s(self.server)
        result = work()
        spent, here, there = time.perf_counter() - began, time.process_time() - here, cpu_s(self.server) - there
        print(f"{title:16}{spent:8.1f} s; processor {here:6.1f} s here, {there:6.1f} s in the store", flush=True)
        return result


@contextmanager
def others_writing(store: StoreClient) -> Iterator[list[float]]:
    """Somebody creates a client ten times a second; how long each took."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        while not done.wait(0.1):
            began = time.perf_counter()
            create_client(store, ACTOR, ClientFields(name="Новый"), now=datetime.now(UTC))
            waits.append(time.perf_counter() - began)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        done.set()
        thread.join()


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(process: str) -> int:
    (line,) = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // _KB


if __name__ == "__main__":
    sys.exit(main())
