"""How quickly a file of clients is checked and taken: 100,000 rows with a number each, beside reading the file alone.

    python -m bench.client_import --rows 100000

Serves a store from a process of its own, checks the file, takes it, and takes it again, which must change
nothing. Prints seconds, rows a second, the most memory of this process, and ends with 1 where a count is wrong.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.store import _SERVE
from data.client_import.columns import guess
from data.client_import.files import Table, open_table
from data.client_import.taking import Taken, take
from data.identity.actor import system
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
                return measure(client, table, options.rows)
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


def measure(store: StoreClient, table: Table, rows: int) -> int:
    """Print a line per step."""
    bad = -(-rows // 100)
    timed("reading alone", rows, lambda: sum(1 for _ in table.rows()))
    checked = timed("checking", rows, lambda: run(store, table, write=False))
    first = timed("taking", rows, lambda: run(store, table, write=True))
    again = timed("taking again", rows, lambda: run(store, table, write=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"at most {peak // _KB} MB in this process; new {first.counts['new']}, the second time {again.counts}")
    right = {"new": rows - bad, "updated": 0, "same": 0, "bad": bad}
    twice = {"new": 0, "updated": 0, "same": rows - bad, "bad": bad}
    return int((checked.counts, first.counts, again.counts) != (right, right, twice))


def run(store: StoreClient, table: Table, *, write: bool) -> Taken:
    taken = Taken()
    clock = lambda: datetime.now(UTC)  # noqa: E731
    take(store, ACTOR, table, guess(table.columns), site=Site(), clock=clock, taken=taken, write=write)
    return taken


def timed(title: str, rows: int, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = work()
    spent = time.perf_counter() - began
    print(f"{title:16}{spent:8.1f} s{rows / spent:10.0f} rows/s", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
