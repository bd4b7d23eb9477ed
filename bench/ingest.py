"""How fast ingest takes a PBX's stream: `python -m bench.ingest [CAPTURE] [--live]`.

The same events come over a real socket from another process, as fast as they are read, to: a bare
`recv`, a bare split into messages, pyst2 as published (fewer events: it is slow), our connection
with its journal, and the whole way to a store in a process of its own. Printed are events per
second and the CPU time of this process per event.

--live replays a capture (load_local) at its own pace as a PBX that drops a reader after 0.1 s, into
store and ingest as they run for an office, and counts what arrived.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
from asterisk.manager import Manager

from data.settings import JournalSettings, Pbx, Settings
from data.store.client import client_of
from data.store.tokens import TokenKind
from ingest.daemon import PbxIngest
from ingest.journal import Journal
from ingest.sources.ami import Connection
from ingest.sources.ami_supervisor import Patience
from tests.ingest.processes import ask, events_of_connection, processed, processes
from tests.ingest.replay import SHARED, replaying

PYST2_EVENTS = 3_000  # at some 700 a second
PIECE = 262_144


class Stopwatch:
    """Seconds and CPU seconds of this process between `start` and `stop`."""

    def start(self) -> None:
        self._began, self._burnt = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.seconds, self.cpu = time.perf_counter() - self._began, time.process_time() - self._burnt


Reader = Callable[[int, Stopwatch], int]


# ---------------------------------------------------------------- the other side


@contextmanager
def sender(stream: bytes) -> Iterator[int]:
    """A manager interface in a process of its own that lets everybody in and sends the stream; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("fork").Process(target=_accept, args=(listener, stream), daemon=True)
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def _accept(listener: socket.socket, stream: bytes) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_serve, args=(client, stream), daemon=True).start()


def _serve(client: socket.socket, stream: bytes) -> None:
    with suppress(OSError), client, client.makefile("rb") as incoming:
        client.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        action: dict[str, str] = {}
        for line in incoming:
            name, _, value = line.decode().strip().partition(": ")
            if name:
                action[name] = value
                continue
            client.sendall(f"Response: Success\r\nActionID: {action['ActionID']}\r\n\r\n".encode())
            if action["Action"] == "Login":
                client.sendall(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n" + stream)
                client.shutdown(socket.SHUT_WR)
            action = {}


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
        journal = Journal(Path(folder) / "journal" / "pbx", JournalSettings())
        journal.start()
        connection = Connection(Pbx(host="127.0.0.1", port=port, user="bench"))
        watch.start()
        connection.connect()
        journal.begin(time.time())
        connection.pass_to(journal)
        connection.login()
        connection.lost.wait(300)
        while not journal.drained:
            time.sleep(0.01)
        watch.stop()
        connection.close()
        journal.close()
        return events_of_connection(Path(folder), 1)


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
            return one.processor.events


READERS: dict[str, Reader] = {
    "bare recv": bare_recv,
    "bare split": bare_split,
    "pyst2 as published": pyst2,
    "connection and journal": our_journal,
    "whole way to the store": whole_way,
}


# ---------------------------------------------------------------- what is printed


def at_full_speed(capture: Path) -> None:
    stream = _events_of(capture)
    total = stream.count(b"\nTimestamp: ")
    print(f"{capture.name}: {total:,} events, {len(stream) / 2**20:.0f} MB")
    with sender(stream) as port:
        for name, reader in READERS.items():
            watch = Stopwatch()
            found = reader(port, watch)
            events = min(found, PYST2_EVENTS) if reader is pyst2 else total
            print(
                f"  {name:<24}{events / watch.seconds:>12,.0f} events/s {watch.cpu / events * 1e6:>8.1f} µs CPU each"
                f"   ({found:,} found)"
            )


def live(capture: Path) -> None:
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


_DROPPING = ("--write-timeout", "0.1", "--close-after", "0", "--exit-after", "1", "--preload")


def _events_of(capture: Path) -> bytes:
    data = gzip.decompress((capture / "events.ami.gz").read_bytes())
    return data[data.index(b"Event: ") :]  # behind the banner and the answer to the login


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast ingest takes a PBX's stream.")
    parser.add_argument("capture", type=Path, nargs="?", default=SHARED / "load_local", help="folder of a capture")
    parser.add_argument("--live", action="store_true", help="at its own pace, from a PBX that drops slow readers")
    options = parser.parse_args()
    (live if options.live else at_full_speed)(options.capture)


if __name__ == "__main__":
    main()
