"""Mutated bytes of real streams through reader and assembler: `python -m bench.fuzz_reader [MEGABYTES] [SEED]`.

Each stream is one of another day: what lost its end is given up after a day without a word, as in an
office. Stops with a traceback at the first crash; prints progress and memory, which must stay flat.
"""

from __future__ import annotations

import gzip
import random
import re
import resource
import sys
import time
from pathlib import Path

from ingest.assembler import Assembler, Office
from ingest.stream import Framer, Message

SCENARIOS = Path(__file__).parents[1] / "tests" / "scenarios"
_STAMP = re.compile(rb"\nTimestamp: (\d+\.\d+)")
SLOW_S = 5.0  # CPU time for one stream: longer is a stall


def of_day(data: bytes, day: int) -> bytes:
    """The stream as it would have come so many days later; its unique ids come again, as after a restart."""
    return _STAMP.sub(lambda found: b"\nTimestamp: %.6f" % (float(found[1]) + 86_400.0 * day), data)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some flipped, dropped, repeated, or moved between places."""
    bent = bytearray(data)
    for _ in range(max(1, int(len(bent) * chance.choice((0.0005, 0.005, 0.02))))):
        place = chance.randrange(len(bent) + 1)
        length = chance.choice((1, 4, 30, 400))
        kind = chance.randrange(4)
        if kind == 0:
            bent[place : place + 1] = bytes((chance.randrange(256),))
        elif kind == 1 and len(bent) > 1000:
            del bent[place : place + length]
        elif kind == 2:
            bent[place:place] = bent[place : place + length]
        else:
            source = chance.randrange(len(bent))
            bent[place:place] = bent[source : source + length]
    return bytes(bent)


def run(megabytes: float, seed: int) -> None:
    chance = random.Random(seed)
    streams = [gzip.decompress(path.read_bytes()) for path in sorted(SCENARIOS.glob("*/events*.ami.gz"))]
    streams = [stream for stream in streams if len(stream) < 600_000]
    fed = calls = sequence = day = 0
    assembler, framer = Assembler(Office(), pbx="fuzz"), Framer()
    reported = 0.0
    while fed < megabytes * 1e6:
        day += 1
        data = mutated(of_day(chance.choice(streams), day), chance)
        began = time.process_time()
        for place in range(0, len(data), 4096):
            for raw, _ in framer.feed(data[place : place + 4096]):
                sequence += 1
                assembler.feed(Message(sequence, 1.7953e9 + 86_400.0 * day, raw))
            calls += len(assembler.take().calls)
        assert time.process_time() - began < SLOW_S, f"stalled in a stream of seed {seed} after {fed} bytes"
        fed += len(data)
        if fed / 1e6 - reported >= 1.0:
            reported = fed / 1e6
            memory = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
            print(
                f"{reported:6.1f} MB  {sequence:9,} messages  {calls:7,} facts  {memory:6.0f} MB resident", flush=True
            )


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
