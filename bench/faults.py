"""Kills store, web and ingest again and again in the middle of replays: `python -m bench.faults [--rounds 20]`.

Store and web are killed at random moments of one replay each; afterwards the store must hold the
calls of an undisturbed run. Ingest is killed at random moments too, while the PBX goes on without it
and loses a few events with every kill; afterwards the store must hold exactly the calls of the
journal, no call twice, and every call that no kill touched must be as undisturbed. Prints one line
for each of the three and exits with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.ingest.processes import (
    CALLS,
    Row,
    ask,
    calls_of_journal,
    events_of_connection,
    processes,
    undisturbed,
    wait_for_calls,
)
from tests.ingest.replay import SHARED, of_today, replaying
from tests.ingest.waiting import wait_until

LOST = 20  # events that happen while ingest is dead


def killed_beside(command: str, events: Path, rounds: int, chance: random.Random) -> bool:
    """Kill the store or the web while ingest reads; whether the calls are the same as without."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "real"
        expected = undisturbed(Path(folder) / "expected", events)
        commands = ("store", "ingest", *(("web",) if command == "web" else ()))
        with replaying(events, speed="2") as server, processes(data, server.settings(), *commands) as ours:
            for _ in range(rounds):
                _let_pass(chance.uniform(0.0, 2.0))
                ours[command].kill()
                ours[command].start()
            wait_for_calls(data, len(expected), 300.0)
            found = ask(data, CALLS)
            same = found == expected and ours["ingest"].lives == 1
    print(f"{command}: killed {rounds} times, {len(found)} calls of {len(expected)}, {'same' if same else 'DIFFERENT'}")
    return same


def killed_ingest(events: Path, rounds: int, chance: random.Random) -> bool:
    """Kill ingest while the PBX goes on; whether the calls are those of the journal, and whole where untouched."""
    total = events.read_bytes().count(b"\nEvent: ")
    part = total // (rounds + 1) - LOST
    options = f"--cut-after {part} --cut-times {rounds} --cut-mode half-open --on-reconnect continue --lists live"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "real"
        expected = undisturbed(Path(folder) / "expected", events)
        loses = (*options.split(), "--lose", str(LOST))
        with replaying(events, options=loses) as server, processes(data, server.settings(), "store", "ingest") as ours:
            for number in range(1, rounds + 1):
                wait_until(lambda number=number: events_of_connection(data, number) >= part - 5)  # type: ignore[misc]
                _let_pass(chance.uniform(0.0, 0.5))
                ours["ingest"].kill()
                ours["ingest"].start()
            wait_until(lambda: events_of_connection(data, rounds + 1) >= total - rounds * (part + LOST) - 50)
            _let_pass(5.0)
            ours["ingest"].stop()
            found = ask(data, CALLS)
        again = calls_of_journal(data, Path(folder) / "again")
    return _judged(found, again, expected, rounds)


def _judged(found: list[Row], again: list[Row], expected: list[Row], rounds: int) -> bool:
    truth = {row["call_id"]: row for row in expected}
    ids = [row["call_id"] for row in found]
    marked = [row for row in found if row["incomplete"]]
    whole = [row for row in found if not row["incomplete"]]
    wrong = [row["call_id"] for row in whole if truth.get(row["call_id"]) != row]
    twice = len(ids) - len(set(ids))
    good = found == again and not wrong and not twice
    print(
        f"ingest: killed {rounds} times with {LOST} events lost each, {len(found)} calls of {len(expected)}: "
        f"{len(whole)} whole, {len(marked)} marked incomplete, {twice} twice, wrong unmarked: {wrong or 'none'}, "
        f"{'as the journal' if found == again else 'OTHER THAN THE JOURNAL'}"
    )
    return good


def _let_pass(seconds: float) -> None:
    threading.Event().wait(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kills store, web and ingest in the middle of replays.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--capture", type=Path, default=SHARED / "busy_mini", help="folder of a capture")
    parser.add_argument("--only", choices=("store", "web", "ingest"))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        events = of_today(options.capture / "events.ami.gz", Path(folder))
        for command in ("store", "web", "ingest"):
            if options.only in (None, command):
                kill = killed_ingest if command == "ingest" else None
                done = (
                    kill(events, options.rounds, chance)
                    if kill
                    else killed_beside(command, events, options.rounds, chance)
                )
                results.append(done)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
