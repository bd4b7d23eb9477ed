"""How fast the pretend office is made: `python -m bench.simulator [history|stream|serve] …`.

history [CALLS] [DAYS]   an invented past into a store of its own; making and writing overlap
stream [EVENTS]          bytes of the manager interface, without a socket
serve RATE [PORT]        so many events a second on a manager port, until Ctrl-C: a load for ingest
"""

from __future__ import annotations

import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from data.settings import Site
from data.store.database import Database
from ingest.simulator.history import simulate_history
from ingest.simulator.load import load_office, serve_load
from ingest.simulator.pbx import SECRET, USER


def history(calls: int = 1_000_000, days: int = 365) -> None:
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder)) as database:
        began, cpu = time.perf_counter(), time.process_time()
        summary = simulate_history(
            database, calls=calls, days=days, until=datetime.now(UTC), seed=1, site=Site(),
            recordings_dir=Path(folder) / "recordings",
        )  # fmt: skip
        seconds, burnt = time.perf_counter() - began, time.process_time() - cpu
        size = sum(file.stat().st_size for file in Path(folder).glob("calls*"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{summary.calls:,} calls of {days} days, {summary.employees} employees: {seconds:.1f} s, {burnt:.1f} s CPU")
    print(f"  made and written in {summary.made_s:.1f} s (the store's share {summary.write_s:.1f} s),", end=" ")
    print(f"derived in {summary.derive_s:.1f} s; {size / 1e6:,.0f} MB on disk, {peak:,.0f} MB in memory at most")
    for table, rows in sorted(summary.rows.items(), key=lambda item: -item[1]):
        print(f"  {table:<20}{rows:>12,}")


def stream(events: int = 300_000) -> None:
    office = load_office(seed=1, begins_at=0.0, events_per_second=5_000)
    began, cpu, sent, at = time.perf_counter(), time.process_time(), 0, 0.0
    while office.pbx.wire.events < events:
        at += 1.0
        sent += len(office.advance(at))
    seconds, burnt = time.perf_counter() - began, time.process_time() - cpu
    made = office.pbx.wire.events
    print(f"{made:,} events, {sent / 1e6:.0f} MB: {made / seconds:,.0f} events/s, {burnt / made * 1e6:.1f} µs CPU each")


def serve(rate: int, port: int = 5038) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def ready() -> None:
        print(f"{rate:,} events/s on 127.0.0.1:{port}, user {USER}, secret {SECRET}; Ctrl-C stops it", flush=True)

    serve_load("127.0.0.1", port, events_per_second=rate, seed=1, stop=stop, ready=ready)


WORK: dict[str, Callable[..., None]] = {"history": history, "stream": stream, "serve": serve}

if __name__ == "__main__":
    name, *numbers = sys.argv[1:] or ["history"]
    if name not in WORK:
        sys.exit(__doc__)
    WORK[name](*map(int, numbers))
