"""Recorded streams must give the calls that really happened."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ingest.assembler import Office
from ingest.replay import replay_calls

score_calls: Any = import_module("tests.tools.score_calls")  # a tool, outside the type check

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SHARED = Path(__file__).parents[2].parent / "shared"

# Fields whose truth contradicts itself or the rules of the domain: docs/reconstruction.md names them.
EXPLAINED = {"busy_hour": 8}


def scored(name: str, folder: Path) -> tuple[Any, Any, list[dict[str, object]]]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    scenario = score_calls.read_scenario(name, truth, folder)
    calls = list(replay_calls([folder], Office()))
    return scenario, score_calls.score_scenario(scenario, calls), calls


def wrong_fields(score: Any) -> list[str]:
    return [
        f"{label}: {name}: expected {verdict.expected}, got {verdict.got}"
        for label, name, verdict in score.items()
        if not verdict.right
    ]


@pytest.mark.parametrize("name", sorted(path.name for path in SCENARIOS.iterdir() if path.is_dir()))
def test_a_recorded_scenario_gives_its_calls(name: str) -> None:
    _, score, _ = scored(name, SCENARIOS / name)

    wrong = wrong_fields(score)
    assert len(wrong) == EXPLAINED.get(name, 0), "\n".join(wrong)


def test_every_call_of_the_busy_hour_is_found_once_and_no_other() -> None:
    scenario, _, calls = scored("busy_hour", SCENARIOS / "busy_hour")

    pairs = score_calls.match(scenario.calls, calls)
    missing = [call.label for index, call in enumerate(scenario.calls) if index not in pairs and not call.optional]
    assert missing == []
    assert len(set(pairs.values())) == len(calls)
    assert len({call["call_id"] for call in calls}) == len(calls)


@pytest.mark.parametrize("tree", ["captures-cacofonisk", "captures-wazo"])
def test_streams_of_other_offices_give_their_calls(tree: str) -> None:
    top = SHARED / tree
    if not top.is_dir():
        pytest.skip(f"the captures {tree} are not at hand: {top} is missing")

    wrong = []
    for truth in sorted(top.rglob("truth.json")):
        _, score, _ = scored(str(truth.parent.relative_to(top)), truth.parent)
        wrong += [f"{truth.parent.name}: {line}" for line in wrong_fields(score)]

    assert wrong == []
