"""`replay --into` and `report`: what an outsider does to hold our numbers against the truth of a capture."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app import main

SCENARIOS = Path(__file__).parent / "scenarios"
EVER = ["--from", "2020-01-01", "--to", "2030-01-01"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calls of busy_hour."""
    folder = tmp_path_factory.mktemp("busy") / "var"
    assert main(["replay", str(SCENARIOS / "busy_hour"), "--into", str(folder)]) == 0
    return folder


def report(capfdbinary: pytest.CaptureFixture[bytes], folder: Path, *words: str) -> bytes:
    capfdbinary.readouterr()
    assert main(["report", "calls", "--data", str(folder), *EVER, *words]) == 0
    return capfdbinary.readouterr().out


def truth() -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = json.loads((SCENARIOS / "busy_hour/truth.json").read_text("utf-8"))["calls"]
    return calls


def fate(call: dict[str, Any]) -> tuple[str, str]:
    happy, not_happy = {
        "inbound": ("answered", "missed"),
        "outbound": ("reached", "not_reached"),
        "internal": ("answered", "unanswered"),
    }[call["direction"]]
    return call["direction"], happy if call["status"] == "answered" else not_happy


def became_a_transfer(call: dict[str, Any]) -> bool:
    """A consultation of an employee about a customer who was handed over then."""
    _, _, customer = call["note"].partition("consultation call of ")
    return bool(customer) and any(
        transfer["completed"]
        for other in truth()
        if other["external_number"] == customer
        for transfer in other["transfers"]
    )


def test_the_report_of_a_replayed_hour_equals_its_truth_less_the_consultations(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = json.loads(report(capfdbinary, folder, "--by", "direction,outcome", "--format", "json"))

    found = {(row["direction"], row["outcome"]): row["calls"] for row in rows}
    # A consultation that ended in a transfer is part of the customer's call.
    expected = Counter(fate(call) for call in truth() if not became_a_transfer(call))
    assert found == expected
    assert sum(expected.values()) < len(truth())


def test_the_same_numbers_come_as_table_and_sheet(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    text = report(capfdbinary, folder, "--by", "direction", "--format", "csv").decode()
    sheet = report(capfdbinary, folder, "--by", "direction", "--format", "xlsx")

    rows = {row["direction"]: int(row["calls"]) for row in csv.DictReader(io.StringIO(text))}
    assert rows == Counter(call["direction"] for call in truth() if not became_a_transfer(call))
    assert sheet.startswith(b"PK")


def test_a_filter_of_a_page_and_a_moment_hold_on_the_command_line(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (missed,) = json.loads(report(capfdbinary, folder, "--filter", "kind=missed"))
    (none,) = json.loads(report(capfdbinary, folder, "--as-of", "2020-01-02"))

    assert missed["calls"] == missed["missed"] > 0
    assert none["calls"] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--filter", "kind=lots"], "kind='lots'"),
        (["--by", "moon"], "moon"),
        (["--set", "tempo=3"], "tempo"),
        (["--output", "/nonexistent/report.json"], "/nonexistent/report.json"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["report", "calls", "--data", str(folder), *EVER, *words]) == 2

    error = capfd.readouterr().err.strip()
    assert told in error
    assert len(error.splitlines()) == 1
