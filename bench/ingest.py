"""How fast ingest takes a PBX's stream: `python -m bench.ingest [CAPTURE] [--live]`.

The same events come over a real socket from another process, as fast as they are read, to: a bare
`recv`, a bare split into messages, pyst2 as published, panoramisk and cacofonisk (fewer events: they
are slow; the last two in a throw-away environment that the bench installs), our connection with its
journal, and the whole way to a store in a process of its own. Printed are events per second, the CPU
time of the reading process per event, and how many events it found; for the whole way also its
memory. Exits with 1 where ours loses an event or misses a bar of the design.

--live replays a capture (load_local) at its own pace as a PBX that drops a reader after 0.1 s, into
store and ingest as they run for an office, and counts what arrived.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from asterisk.manager import Manager

from bench.peers import PINS, environment, install, measured
from bench.sending import END, sender
from data.settings import JournalSettings, Pbx, Settings
from data.store.client import client_of
from data.store.tokens import TokenKind
from ingest.daemon import PbxIngest
from ingest.journal import Journal
from ingest.sources.ami import Connection
from ingest.sources.ami_supervisor import Patience
from ingest.stream import read_bytes
from tests.ingest.processes import ask, processed, processes
from tests.ingest.replay import SHARED, replaying

PYST2_EVENTS = 3_000  # at some 700 a second
PEER_EVENTS = 40_000
PIECE = 262_144
RING_BYTES = 512 << 20  # holds the whole stream: what a disk is too slow for must not count as lost
PACE_EVENTS = 100_000  # no PBX sends more in a second
BAR_RATE, BAR_CPU_US = 20_000, 50.0


class Stopwatch:
    """Seconds and CPU seconds of this process between `start` and `stop`."""

    def start(self) -> None:
        self._began, self._burnt = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.seconds, self.cpu = time.perf_counter() - self._began, time.process_time() - self._burnt


Reader = Callable[[int, Stopwatch], int]


# ---------------------------------------------------------------- the readers


def log_in(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"Action: Login\r\nUsername: bench\r\nSecret: bench\r\nActionID: 1\r\n\r\n")
    return client


def bare_recv(port: int, watch: Stopwatch) -> int:
    with log_in(port) as client:
        watch.start()
        while client.recv(PIECE):
            pass
        watch.stop()
    return 0


def bare_split(port: int, watch: Stopwatch) -> int:
    found, rest = 0, b""
    with log_in(port) as client:
        watch.start()
        while data := client.recv(PIECE):
            *messages, rest = (rest + data).split(b"\r\n\r\n")
            found += sum(message.startswith(b"Event: ") for message in messages)
        watch.stop()
    return found


def pyst2(port: int, watch: Stopwatch) -> int:
    """pyst2 as it is published: a system call for every byte."""
    manager, events, done = Manager(), 0, threading.Event()

    def count(event: object, _: Manager) -> None:
        nonlocal events
        events += 1
        if events >= PYST2_EVENTS:
            done.set()

    manager.register_event("*", count)
    manager.connect("127.0.0.1", port)
    watch.start()
    manager.login("bench", "bench")
    done.wait(60)
    watch.stop()
    counted = events
    manager._connected.clear()  # else its destructor talks to a server that listens no more
    manager._running.clear()
    return counted


def our_journal(port: int, watch: Stopwatch) -> int:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal" / "pbx", JournalSettings(), ring_bytes=RING_BYTES)
        journal.start()
        connection = Connection(Pbx(host="127.0.0.1", port=port, user="bench"))
        watch.start()
        connection.connect()
        journal.begin(time.time())
        connection.pass_to(journal)
        connection.login()
        connection.lost.wait(300)
        journal.end(connection.lost_at, "link_cut")
        while not journal.drained:
            time.sleep(0.01)
        watch.stop()
        connection.close()
        journal.close()
        return _events_in(Path(folder))


def whole_way(port: int, watch: Stopwatch) -> int:
    """To rows in a store that runs as another process, until the last event is stored."""
    with tempfile.TemporaryDirectory() as folder:
        pbx = Pbx(host="127.0.0.1", port=port, user="bench")
        settings = Settings(data=Path(folder), pbx=[pbx])
        with processes(Path(folder), pbx, "store"), client_of(settings, TokenKind.RW) as client:
            one = PbxIngest(pbx, settings, client, patience=Patience(first_pause=600.0))
            pa.array([0])  # what pyarrow loads at its first array is no part of the way
            watch.start()
            one.start()
            while one.link.connected or not one.link.connections:
                time.sleep(0.01)
            one.stop()
            watch.stop()
            (calls,) = ask(Path(folder), "select count(*) as calls from call")
            print(f"    {calls['calls']:,} calls are stored, {one.journal.dropped_bytes:,} bytes dropped")
        return _events_in(Path(folder))


def _events_in(data: Path) -> int:
    """Events of the capture in the journal: those that carry a time."""
    files = [*data.glob("journal/*/*/events.ami"), *data.glob("journal/*/*/events.ami.gz")]
    return sum(read_bytes(file).count(b"\nTimestamp: ") for file in files)


READERS: dict[str, Reader] = {
    "bare recv": bare_recv,
    "bare split": bare_split,
    "pyst2 as published": pyst2,
    "connection and journal": our_journal,
    "whole way to the store": whole_way,
}


# ---------------------------------------------------------------- what is printed


def at_full_speed(capture: Path) -> bool:
    """Print the table; whether ours lost nothing and keeps the bars."""
    stream = _events_of(capture)
    total = stream.count(b"\nTimestamp: ")
    print(f"{capture.name}: {total:,} events, {len(stream) / 2**20:.0f} MB")
    good = True
    for name, reader in READERS.items():
        pace = len(stream) / total * PACE_EVENTS if reader is whole_way else None
        with sender(stream, bytes_per_s=pace) as port:
            watch = Stopwatch()
            found = reader(port, watch)
        events = min(found, PYST2_EVENTS) if reader is pyst2 else total
        _tell(name, events, watch.seconds, watch.cpu, found)
        if reader in (our_journal, whole_way):
            good = good and found == total
        if reader is whole_way:
            good = good and total / watch.seconds >= BAR_RATE and watch.cpu / total * 1e6 <= BAR_CPU_US
    _peers(_first(stream, PEER_EVENTS) + END)
    print(f"bars: nothing lost, {BAR_RATE:,} events/s, {BAR_CPU_US:g} µs CPU per event: {'kept' if good else 'MISSED'}")
    return good


def _peers(stream: bytes) -> None:
    events = stream.count(b"\nTimestamp: ")
    with environment() as python:
        for name in PINS:
            if (trouble := install(python, name)) is not None:
                print(f"  {name:<24}  cannot be installed here: {trouble}")
                continue
            with sender(stream) as port:
                try:
                    made = measured(python, name, port)
                except subprocess.SubprocessError as error:
                    print(f"  {name:<24}  did not get through {events:,} events: {error}")
                    continue
            _tell(PINS[name].replace("==", " "), events, made.seconds, made.cpu_s, made.events)


def _first(stream: bytes, events: int) -> bytes:
    """So many events from the beginning."""
    for number, found in enumerate(re.finditer(rb"\r\n\r\n", stream), 1):
        if number == events:
            return stream[: found.end()]
    return stream


def _tell(name: str, events: int, seconds: float, cpu_s: float, found: int) -> None:
    rate, cost = events / seconds, cpu_s / events * 1e6
    print(f"  {name:<24}{rate:>12,.0f} events/s {cost:>8.1f} µs CPU each   ({found:,} of {events:,} found)", flush=True)


def live(capture: Path) -> bool:
    """Print what arrived; whether nothing was lost."""
    events = capture / "events.ami.gz"
    with tempfile.TemporaryDirectory() as folder, replaying(events, speed="1", options=_DROPPING) as server:
        data = Path(folder)
        with processes(data, server.settings(), "store", "ingest") as ours:
            done = server.wait(600)
            behind = time.monotonic()
            before = -1
            while before != (before := processed(data)):
                time.sleep(1.5)
            behind = time.monotonic() - behind
            ours["ingest"].stop()
            (calls,) = ask(data, "select count(*) as calls, count(*) filter (where incomplete) as incomplete from call")
    print(f"{capture.name} live, dropped after 0.1 s of not reading:")
    print(f"  sessions {done['sessions']}, events sent {done['events']:,}, lost {done['lost']}")
    print(
        f"  calls {calls['calls']:,}, incomplete {calls['incomplete']}, everything stored {behind:.1f} s after the end"
    )
    return bool(done["sessions"] == 1 and not done["lost"] and calls["calls"] == _calls_of(capture))


def _calls_of(capture: Path) -> int:
    truth = json.loads((capture / "truth.json").read_text("utf-8"))
    counts = truth.get("counts", truth)
    return int(counts["calls"]) if isinstance(counts.get("calls"), int) else len(truth["calls"])


_DROPPING = ("--write-timeout", "0.1", "--close-after", "0", "--exit-after", "1", "--preload")


def _events_of(capture: Path) -> bytes:
    data = gzip.decompress((capture / "events.ami.gz").read_bytes())
    return data[data.index(b"Event: ") :]  # behind the banner and the answer to the login


def main() -> int:
    parser = argparse.ArgumentParser(description="How fast ingest takes a PBX's stream.")
    parser.add_argument("capture", type=Path, nargs="?", default=SHARED / "load_local", help="folder of a capture")
    parser.add_argument("--live", action="store_true", help="at its own pace, from a PBX that drops slow readers")
    options = parser.parse_args()
    return 0 if (live if options.live else at_full_speed)(options.capture) else 1


if __name__ == "__main__":
    sys.exit(main())
