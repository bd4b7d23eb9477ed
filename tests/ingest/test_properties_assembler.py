"""Properties that hold for every stream: determinism, restarts, disorder, repetition, loss."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.model import CallFacts, Outcome
from ingest.assembler import Assembler, Office
from ingest.stream import Message, connections
from tests.ingest.play import keep

SCENARIOS = Path(__file__).parents[1] / "scenarios"
GOOD = {Outcome.ANSWERED, Outcome.REACHED}
SMALL = [
    "ami_cut", "conference_three", "forward_unconditional", "in_queue_overflow_to_group", "parking_retrieved",
    "pickup_group", "restart_in_call", "transfer_attended_completed", "transfer_attended_customer_hangs_up",
    "transfer_blonde_by_feature_code", "two_overlapping", "connect_mid_call",
]  # fmt: skip
_bounded = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Boundary:
    """The end of one connection and the beginning of the next, as the journal keeps it."""

    def __init__(self, sequence: int, at: float) -> None:
        self.sequence, self.at = sequence, at


Step = Message | Boundary


@cache
def steps_of(name: str) -> list[Step]:
    """The events of a scenario; nobody changes the list, for it is read once."""
    steps: list[Step] = []
    sequence, last_at = 1, 0.0
    for connection in connections([SCENARIOS / name]):
        messages = list(connection.messages(sequence))
        steps += [Boundary(sequence, last_at or messages[0].received_at), *messages]
        sequence, last_at = messages[-1].sequence + 1, messages[-1].received_at
    return steps


def run(
    assembler: Assembler, steps: list[Step], kept: dict[str, CallFacts], *, take_every: int = 10**9, end: bool = True
) -> None:
    previous: Step | None = None
    begun = not isinstance(steps[0], Boundary)
    for count, step in enumerate(steps, 1):
        if isinstance(step, Boundary):
            if begun:
                assembler.disconnected(_time(step.at), step.sequence, "link_cut")
        else:
            if isinstance(previous, Boundary):
                assembler.connected(_time(step.received_at), step.sequence)
                begun = True
            assembler.feed(step)
        previous = step
        if count % take_every == 0:
            keep(kept, assembler)
    if end:
        last = steps[-1]
        assembler.finish(_time(last.at if isinstance(last, Boundary) else last.received_at))
    keep(kept, assembler)


def facts_of(steps: list[Step], take_every: int = 10**9) -> dict[str, CallFacts]:
    kept: dict[str, CallFacts] = {}
    run(Assembler(Office(), pbx="pbx"), steps, kept, take_every=take_every)
    return kept


@cache
def whole_of(name: str) -> dict[str, CallFacts]:
    """What a scenario tells when nothing disturbs it."""
    return facts_of(steps_of(name))


def digest(kept: dict[str, CallFacts]) -> str:
    text = "\n".join(repr(kept[name]) for name in sorted(kept))
    return hashlib.sha256(text.encode()).hexdigest()


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@pytest.mark.parametrize("name", SMALL)
def test_the_size_of_batches_changes_nothing(name: str) -> None:
    steps = steps_of(name)

    whole = digest(whole_of(name))

    assert [digest(facts_of(steps, size)) for size in (1, 7, 100)] == [whole] * 3


def test_a_busy_hour_replayed_twice_gives_the_same_facts() -> None:
    again = facts_of(steps_of("busy_hour"), 1_000)

    assert digest(again) == digest(whole_of("busy_hour"))


def restarted(steps: list[Step], at: int) -> dict[str, CallFacts]:
    """Facts where the reader stopped before step `at` and began anew at its reading point."""
    kept: dict[str, CallFacts] = {}
    first = Assembler(Office(), pbx="pbx")
    run(first, steps[:at], kept, end=False)
    resumed_at = steps[at].sequence
    oldest = first.oldest_open()
    start = at
    if oldest is not None:
        start = next(index for index, step in enumerate(steps) if step.sequence >= oldest)
    run(Assembler(Office(), pbx="pbx", resumed_at=resumed_at), steps[start:], kept)
    return kept


@pytest.mark.parametrize("name", SMALL)
def test_a_restart_at_any_event_gives_the_same_facts(name: str) -> None:
    steps = steps_of(name)
    whole = digest(whole_of(name))
    every = max(1, len(steps) // 40)

    differing = [at for at in range(1, len(steps), every) if digest(restarted(steps, at)) != whole]

    assert differing == []


def test_restarts_in_a_busy_hour_give_the_same_facts() -> None:
    steps, whole = steps_of("busy_hour"), whole_of("busy_hour")

    for at in range(9_001, len(steps), 17_973):
        again = restarted(steps, at)
        assert again.keys() == whole.keys()
        assert [name for name in whole if again[name] != whole[name]] == []


def disordered(messages: list[Step], seed: int, reach: int) -> list[Step]:
    """Each message moved by at most `reach` places; numbered anew, as the journal would."""
    chance = random.Random(seed)
    order = sorted(range(len(messages)), key=lambda index: index + chance.uniform(0, reach))
    return renumbered([messages[index] for index in order])


def renumbered(steps: list[Step]) -> list[Step]:
    return [
        Message(number, step.received_at, step.raw) if isinstance(step, Message) else Boundary(number, step.at)
        for number, step in enumerate(steps, 1)
    ]


def rows_are_distinct(kept: dict[str, CallFacts]) -> bool:
    """No channel is in two rows, no two rows have one id."""
    channels = [uniqueid for facts in kept.values() for uniqueid in facts.call.channels]
    return len(channels) == len(set(channels))


@given(name=st.sampled_from(SMALL), seed=st.integers(0, 10**6), reach=st.integers(1, 6))
@_bounded
def test_bounded_disorder_neither_multiplies_nor_loses_calls(name: str, seed: int, reach: int) -> None:
    steps, whole = steps_of(name), whole_of(name)

    kept = facts_of(disordered(steps, seed, reach))

    assert rows_are_distinct(kept)
    assert {call_id: facts.call.outcome for call_id, facts in kept.items()} == {
        call_id: facts.call.outcome for call_id, facts in whole.items()
    }


@given(name=st.sampled_from(SMALL), seed=st.integers(0, 10**6), share=st.floats(0.01, 1.0))
@_bounded
def test_repeated_events_change_no_call(name: str, seed: int, share: float) -> None:
    chance = random.Random(seed)
    steps, whole = steps_of(name), whole_of(name)
    doubled = [copy for step in steps for copy in ([step, step] if chance.random() < share else [step])]
    doubled = [step for index, step in enumerate(doubled) if not (
        isinstance(step, Boundary) and index and isinstance(doubled[index - 1], Boundary)
    )]  # fmt: skip

    kept = facts_of(renumbered(doubled))

    assert rows_are_distinct(kept)
    for call_id, facts in whole.items():
        again = kept[call_id].call
        assert (again.outcome, again.answered_by, again.rang) == (
            facts.call.outcome, facts.call.answered_by, facts.call.rang,
        )  # fmt: skip
        assert again.talk_s == pytest.approx(facts.call.talk_s, abs=0.01)
    assert kept.keys() == whole.keys()


@given(name=st.sampled_from(SMALL), seed=st.integers(0, 10**6), share=st.floats(0.01, 0.6))
@_bounded
def test_lost_events_never_make_two_rows_of_one_channel(name: str, seed: int, share: float) -> None:
    chance = random.Random(seed)
    steps = [step for step in steps_of(name) if isinstance(step, Boundary) or chance.random() > share]
    if not any(isinstance(step, Message) for step in steps):
        return

    kept = facts_of(renumbered(steps))

    assert rows_are_distinct(kept)
    assert all(facts.call.duration_s >= 0 and facts.call.talk_s >= 0 for facts in kept.values())


def linkedid(step: Step) -> str:
    if isinstance(step, Boundary):
        return ""
    fields = step.fields
    return fields.get("Linkedid") or fields.get("DestLinkedid") or fields.get("LocalOneLinkedid") or ""


@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.9))
@settings(max_examples=15, deadline=None)
def test_a_call_whose_events_all_arrived_is_not_harmed_by_losses_of_others(seed: int, share: float) -> None:
    chance = random.Random(seed)
    steps, whole = steps_of("busy_mini"), whole_of("busy_mini")
    plain = [facts for facts in whole.values() if not facts.transfers and facts.call.outcome in GOOD]
    safe = {facts.call.call_id.removeprefix("pbx-") for facts in plain[::2]}
    kept_steps = [step for step in steps if linkedid(step) in safe | {""} or chance.random() > share]

    kept = facts_of(renumbered(kept_steps))

    for root in safe:
        assert kept[f"pbx-{root}"].call.outcome is whole[f"pbx-{root}"].call.outcome
        assert kept[f"pbx-{root}"].call.answered_by == whole[f"pbx-{root}"].call.answered_by
