"""Live calls of the pretend office: what the assembler makes of the stream is what really happened."""

from __future__ import annotations

import wave
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from data.model import CallFacts
from ingest.assembler import Assembler, Office
from ingest.replay import contract
from ingest.simulator.live import LiveOffice, Pace
from ingest.simulator.load import load_office
from ingest.simulator.numbers import numbers
from ingest.simulator.truth import Truth
from ingest.stream import Framer, Message, parse_headers

BEGINS_AT = 1795371000.0
EXACT = (
    "direction", "outcome", "reason", "external_number", "did", "caller_number", "called_number", "answered_by",
    "queues", "transfers", "recordings", "incomplete",
)  # fmt: skip
UNORDERED = ("rang", "channels")
MOMENTS = ("started_at", "answered_at", "ended_at", "wait_s", "talk_s")


@pytest.fixture(scope="module")
def played() -> tuple[LiveOffice, bytes]:
    return _play(seed=3, calls=500, per_minute=14)


@pytest.fixture(scope="module")
def events(played: tuple[LiveOffice, bytes]) -> list[dict[str, str]]:
    return [parse_headers(raw) for raw, _ in Framer().feed(played[1])]


def _play(*, seed: int, calls: int, per_minute: float = 9.0, step_s: float = 60.0) -> tuple[LiveOffice, bytes]:
    office = LiveOffice(seed=seed, begins_at=BEGINS_AT, pace=Pace(calls=calls, calls_per_minute=per_minute))
    sent, at = bytearray(), BEGINS_AT
    while not office.is_idle:
        at += step_s
        sent += office.advance(at)
    return office, bytes(sent)


def _assemble(stream: bytes) -> dict[str, CallFacts]:
    assembler = Assembler(Office(), pbx="office")
    assembler.connected(datetime.fromtimestamp(BEGINS_AT, UTC), 0)
    for number, (raw, _) in enumerate(Framer().feed(stream), 1):
        assembler.feed(Message(number, BEGINS_AT, raw))
    assembler.finish(datetime.fromtimestamp(BEGINS_AT + 86_400, UTC))
    return {facts.call.call_id: facts for facts in assembler.take().calls}


def _differences(truths: Iterable[Truth], made: dict[str, CallFacts]) -> list[str]:
    found = []
    for truth in truths:
        if truth.call_id not in made:
            found.append(f"{truth.call_id} was not found")
            continue
        true, got = truth.as_json(), contract(made[truth.call_id])
        wrong = [name for name in EXACT if true[name] != got[name]]
        wrong += [name for name in UNORDERED if set(cast(list[str], true[name])) != set(cast(list[str], got[name]))]
        wrong += [name for name in MOMENTS if got[name] != pytest.approx(true[name], abs=0.01)]
        found += [f"{truth.call_id} {name}: {true[name]} became {got[name]}" for name in wrong]
    return found


def test_every_call_is_reconstructed_as_it_happened(played: tuple[LiveOffice, bytes]) -> None:
    office, stream = played

    made = _assemble(stream)

    assert _differences(office.truths, made) == []
    assert set(made) == {truth.call_id for truth in office.truths}


def test_every_call_of_an_overloaded_office_is_reconstructed_too() -> None:
    office, stream = _play(seed=8, calls=250, per_minute=40)

    made = _assemble(stream)

    assert _differences(office.truths, made) == []
    assert set(made) == {truth.call_id for truth in office.truths}


def test_the_calls_go_every_way(played: tuple[LiveOffice, bytes]) -> None:
    office, _ = played

    ways = Counter((str(truth.outcome), str(truth.reason)) for truth in office.truths)
    transfers = Counter((str(each.kind), each.completed) for truth in office.truths for each in truth.transfers)

    assert len(office.truths) > 470
    assert set(ways) >= {
        ("answered", "None"),
        ("missed", "abandoned"),
        ("missed", "ivr_only"),
        ("missed", "busy"),
        ("missed", "timeout"),
        ("reached", "None"),
        ("not_reached", "no_answer"),
        ("not_reached", "busy"),
        ("not_reached", "cancelled"),
        ("not_reached", "failed"),
        ("unanswered", "cancelled"),
    }
    assert set(transfers) >= {("blind", True), ("attended", True)}
    assert any(truth.external_number is None and truth.did is not None for truth in office.truths)


def test_clients_and_earlier_callers_call_again(played: tuple[LiveOffice, bytes]) -> None:
    office, _ = played
    clients = {str(number) for number in numbers(np.arange(60)).tolist()}

    callers = Counter(truth.external_number for truth in office.truths if truth.external_number)

    assert clients & set(callers)
    assert any(count > 1 for number, count in callers.items() if number not in clients)
    assert sum(count == 1 for count in callers.values()) > 50


def test_missed_callers_are_called_back_or_try_again(played: tuple[LiveOffice, bytes]) -> None:
    office, _ = played
    missed: set[str] = set()
    later: Counter[str] = Counter()

    for truth in sorted(office.truths, key=lambda truth: truth.started_at):
        if truth.external_number in missed:
            later[str(truth.direction)] += 1
        if truth.outcome == "missed" and truth.external_number is not None:
            missed.add(truth.external_number)

    assert later["outbound"] > 20
    assert later["inbound"] > 10


def test_nobody_is_in_two_calls_at_once(played: tuple[LiveOffice, bytes]) -> None:
    office, _ = played
    spells: dict[str, list[tuple[float, float]]] = {employee.extension: [] for employee in office.office.employees}

    for truth in office.truths:
        for party, begun, ended in truth.talks:
            for extension in {party, truth.caller_number} & set(spells):
                spells[str(extension)].append((begun, ended))

    for extension, talks in spells.items():
        talks.sort()
        assert len(talks) > 3
        assert all(later[0] >= earlier[1] for earlier, later in pairwise(talks)), extension


def test_somebody_calls_within_two_seconds_and_several_calls_go_on_soon() -> None:
    office = LiveOffice(seed=1, begins_at=BEGINS_AT)

    first = office.advance(BEGINS_AT + 2.0)
    at_once = []
    for second in range(3, 60):
        office.advance(BEGINS_AT + second)
        at_once.append(len({channel.linkedid for channel in office.pbx.channels.values()}))

    assert first.count(b"Event: Newchannel\r\n") >= 2
    assert max(at_once) >= 3


def test_the_same_seed_gives_the_same_bytes_in_steps_of_any_size() -> None:
    _, coarse = _play(seed=4, calls=40, step_s=60.0)
    _, fine = _play(seed=4, calls=40, step_s=0.25)
    _, other = _play(seed=5, calls=40)

    assert coarse == fine
    assert coarse != other


def test_every_channel_is_born_once_and_gone_once(
    events: list[dict[str, str]], played: tuple[LiveOffice, bytes]
) -> None:
    born = Counter(event["Uniqueid"] for event in events if event["Event"] == "Newchannel")
    gone = Counter(event["Uniqueid"] for event in events if event["Event"] == "Hangup")

    assert born == gone
    assert set(born.values()) == {1}
    assert not played[0].pbx.channels


def test_every_dialling_and_every_stay_in_a_bridge_or_queue_ends(events: list[dict[str, str]]) -> None:
    def pairs(begin: str, end: str, *keys: str) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        found: dict[str, set[tuple[str, ...]]] = {begin: set(), end: set()}
        for event in events:
            if event["Event"] in found:
                found[event["Event"]].add(tuple(event[key] for key in keys))
        return found[begin], found[end]

    for begin, end, *keys in (
        ("DialBegin", "DialEnd", "DestUniqueid"),
        ("BridgeEnter", "BridgeLeave", "BridgeUniqueid", "Uniqueid"),
        ("BridgeCreate", "BridgeDestroy", "BridgeUniqueid"),
        ("QueueCallerJoin", "QueueCallerLeave", "Queue", "Uniqueid"),
        ("AgentConnect", "AgentComplete", "DestUniqueid"),
    ):
        begun, ended = pairs(begin, end, *keys)
        assert begun, begin
        assert begun == ended, begin


def test_timestamps_never_go_back(events: list[dict[str, str]]) -> None:
    stamps = [float(event["Timestamp"]) for event in events]

    assert stamps == sorted(stamps)


def test_recordings_lie_where_the_events_say(tmp_path: Path) -> None:
    office = LiveOffice(seed=2, begins_at=BEGINS_AT, pace=Pace(calls=12), recordings_dir=tmp_path)
    office.advance(BEGINS_AT + 3600)

    files = [Path(file) for truth in office.truths for file in truth.recordings]

    assert len(files) > 4
    for file in files:
        assert file.is_relative_to(tmp_path)
        with wave.open(str(file)) as sound:
            assert sound.getnchannels() == 2
            assert sound.getnframes() > 0


@pytest.mark.parametrize("rate", [500, 1500])
def test_load_comes_at_the_rate_that_was_asked_for(rate: int) -> None:
    office = load_office(seed=1, begins_at=BEGINS_AT, events_per_second=rate)
    office.advance(BEGINS_AT + 40)
    before = office.pbx.wire.events

    office.advance(BEGINS_AT + 60)

    assert (office.pbx.wire.events - before) / 20 == pytest.approx(rate, rel=0.2)
