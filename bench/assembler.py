"""How fast messages become facts: `python -m bench.assembler [CAPTURE …]`.

Each capture is read into memory first; then framing alone, framing with translation, and the
whole way to facts are timed in this process. Prints events per second and microseconds per event.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ingest.assembler import Assembler, Office
from ingest.sources.ami_events import translate
from ingest.stream import Connection, Framer, Message, connections, read_bytes

SHARED = Path(__file__).parents[1].parent / "shared" / "captures"
PIECE = 65_536


def framed(data: bytes) -> list[bytes]:
    """The messages of a stream, framed in pieces as a socket gives them."""
    framer = Framer()
    return [raw for place in range(0, len(data), PIECE) for raw, _ in framer.feed(data[place : place + PIECE])]


def translated(data: bytes) -> int:
    return sum(translate(Message(number, 0.0, raw)) is not None for number, raw in enumerate(framed(data), 1))


def assembled(data: bytes) -> int:
    """Calls of the stream, taken every 500 messages as when catching up."""
    assembler = Assembler(Office(), pbx="bench")
    assembler.connected(datetime.fromtimestamp(0, UTC), 1)
    calls: set[str] = set()
    number = 0
    for number, raw in enumerate(framed(data), 1):
        assembler.feed(Message(number, 0.0, raw))
        if number % 500 == 0:
            calls |= {facts.call.call_id for facts in assembler.take(live=False).calls}
    calls |= {facts.call.call_id for facts in assembler.take(live=False).calls}
    return len(calls)


def timed(name: str, work: Callable[[bytes], object], data: bytes, events: int) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    result = work(data)
    seconds, burnt = time.perf_counter() - began, time.process_time() - cpu
    got = len(result) if isinstance(result, list) else result
    print(f"  {name:<28}{events / seconds:>12,.0f} events/s {burnt / events * 1e6:>8.1f} µs CPU each   ({got:,})")


def main(names: list[str]) -> None:
    paths = [Path(name) for name in names] or [SHARED / "load_local", SHARED / "busy_hour"]
    for connection in connections(paths):
        measure(connection)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory {peak:,.0f} MB, captures included")


def measure(connection: Connection) -> None:
    data = read_bytes(connection.path)
    events = len(framed(data))
    print(f"{connection.path.parent.name}: {events:,} messages, {len(data) / 1e6:,.1f} MB")
    timed("framing", framed, data, events)
    timed("framing and translation", translated, data, events)
    timed("to facts", assembled, data, events)


if __name__ == "__main__":
    main(sys.argv[1:])
