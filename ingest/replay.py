"""Captures through the assembler without a PBX: calls as the replay contract prints them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from data.model import CallFacts
from ingest.assembler import Assembler, Batch, Office
from ingest.assembler.times import moment
from ingest.stream import connections

PBX = "pbx"
TAKE_EVERY = 5_000  # messages between batches


def replay(paths: Iterable[Path], office: Office, sink: Callable[[Batch], None], *, pbx: str = PBX) -> None:
    """Feed captures and hand each batch of facts to `sink`. Raises JournalError.

    paths: capture folders and event files, one connection after the other.
    """
    assembler = Assembler(office, pbx=pbx)
    sequence, last_at, begun = 1, 0.0, False
    for connection in connections(list(paths)):
        first = True
        for message in connection.messages(sequence):
            if first:
                if begun:
                    assembler.disconnected(moment(last_at), sequence, "link_cut")
                assembler.connected(moment(max(message.received_at, last_at)), message.sequence)
                first, begun = False, True
            assembler.feed(message)
            sequence, last_at = message.sequence + 1, max(last_at, message.received_at)
            if sequence % TAKE_EVERY == 0:
                sink(assembler.take(live=False))
    assembler.finish(moment(last_at))
    sink(assembler.take(live=False))


def replay_calls(paths: Iterable[Path], office: Office, *, pbx: str = PBX) -> Iterator[dict[str, object]]:
    """The calls of captures by the replay contract, in the order of their beginning."""
    calls: dict[str, CallFacts] = {}

    def keep(batch: Batch) -> None:
        for name in batch.retracted:
            calls.pop(name, None)
        for facts in batch.calls:
            for name in facts.aliases:
                calls.pop(name, None)
            calls[facts.call.call_id] = facts

    replay(paths, office, keep, pbx=pbx)
    for facts in sorted(calls.values(), key=lambda facts: (facts.call.started_at, facts.call.call_id)):
        yield contract(facts)


def contract(facts: CallFacts) -> dict[str, object]:
    """One call as a JSON object of the replay contract."""
    call = facts.call
    return {
        "call_id": call.call_id,
        "direction": str(call.direction),
        "outcome": str(call.outcome),
        "reason": str(call.reason) if call.reason is not None else None,
        "external_number": call.external_number,
        "did": call.did,
        "caller_number": call.caller_number,
        "caller_name": call.caller_name,
        "called_number": call.called_number,
        "answered_by": list(call.answered_by),
        "rang": list(call.rang),
        "queues": list(call.queues),
        "transfers": [
            {
                "kind": str(made.kind),
                "from": made.from_party,
                "to": made.to_party,
                "completed": made.completed,
            }
            for made in facts.transfers
        ],
        "recordings": [recording.file for recording in facts.recordings],
        "started_at": call.started_at.timestamp(),
        "answered_at": call.answered_at.timestamp() if call.answered_at is not None else None,
        "ended_at": call.ended_at.timestamp(),
        "wait_s": call.wait_s,
        "talk_s": call.talk_s,
        "incomplete": call.incomplete,
        "channels": list(call.channels),
    }


def write_calls(calls: Iterable[dict[str, object]], target: str) -> None:
    """JSON lines into a file; `-` is standard output."""
    lines = b"".join(orjson.dumps(call) + b"\n" for call in calls)
    if target == "-":
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()
    else:
        Path(target).write_bytes(lines)


if __name__ == "__main__":
    words = sys.argv[1:]
    target = words[words.index("--calls") + 1] if "--calls" in words else "-"
    names = [word for word in words if word not in ("--calls", target)]
    write_calls(replay_calls([Path(name) for name in names], Office()), target)
