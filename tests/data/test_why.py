"""The explanation of a call says what its facts say, in both languages."""

from __future__ import annotations

import string

import pytest

from data.model import LegResult, Outcome, Reason, TransferKind
from data.why import _EN, _RU, why_facts
from tests.ingest.play import play

TRANSFERRED = """
    0.0  new    trunk number=79161112233 exten=74951234567
    0.1  queue-join trunk queue=sales position=1
    0.2  dial   trunk > 201
    0.3  ring   201
    2.3  up     201
    2.3  end    trunk > 201 ANSWER
    2.3  queue-leave trunk queue=sales
    2.3  agent-connect trunk 201 queue=sales interface=PJSIP/201
    2.3  talk   201 trunk
    5.3  blind  201 trunk extension=202
    5.3  part   201 trunk
    5.3  gone   201
    5.4  dial   trunk > 202
    5.5  ring   202
    9.0  end    trunk > 202 NOANSWER
    9.0  gone   202 trunk cause=19
"""


def test_a_transferred_call_is_told_step_by_step() -> None:
    steps = why_facts(play(TRANSFERRED).one, language="en")

    assert [step.text for step in steps] == [
        "Inbound: a channel of line PJSIP/trunk began the call, number 79161112233, dialled 74951234567.",
        "Waited 2.2 s in queue sales, answered by 201.",
        "201 rang for 2.0 s and was put through, 3.0 s of talk (ANSWER).",
        "201 transferred the call to 202, but nobody took it there.",
        "202 rang for 3.5 s and was not picked up (NOANSWER).",
        "Outcome: answered (201), 3.0 s of talk with people.",
        "Employees: 201: those who talked, in order.",
    ]


def test_each_step_names_events_of_the_call() -> None:
    facts = play(TRANSFERRED).one

    steps = why_facts(facts)

    assert all(step.events for step in steps[:-1])
    assert {number for step in steps for number in step.events} <= set(facts.call.events)


def test_russian_is_the_first_language() -> None:
    assert why_facts(play(TRANSFERRED).one)[-1].text == "Сотрудники: 201 — те, кто говорил, по порядку."


def test_both_languages_have_the_same_sentences_with_the_same_values() -> None:
    def places(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    assert {key: places(text) for key, text in _RU.items()} == {key: places(text) for key, text in _EN.items()}


@pytest.mark.parametrize("language", [_RU, _EN])
def test_every_word_of_the_model_has_its_sentence(language: dict[str, str]) -> None:
    wanted = [f"outcome.{word}" for word in Outcome] + [f"reason.{word}" for word in Reason]
    wanted += [f"leg.{word}" for word in LegResult] + [f"transfer.{word}" for word in TransferKind]

    assert [key for key in wanted if key not in language] == []
