"""The replay: captures in, contract objects out."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from ingest.assembler import Batch, Office
from ingest.replay import replay, replay_calls, write_calls

SCENARIOS = Path(__file__).parents[1] / "scenarios"
KEYS = {
    "call_id", "direction", "outcome", "reason", "external_number", "did", "caller_number", "caller_name",
    "called_number", "answered_by", "rang", "queues", "transfers", "recordings", "started_at", "answered_at",
    "ended_at", "wait_s", "talk_s", "incomplete", "channels",
}  # fmt: skip


def test_a_call_is_printed_with_every_field_of_the_contract() -> None:
    (call,) = replay_calls([SCENARIOS / "in_direct_answered"], Office())

    assert call.keys() == KEYS
    assert (call["call_id"], call["direction"], call["outcome"]) == ("pbx-1795371019.3", "inbound", "answered")


def test_files_instead_of_a_folder_are_connections_one_after_the_other() -> None:
    folder = SCENARIOS / "restart_in_call"

    by_folder = list(replay_calls([folder], Office()))
    by_files = list(replay_calls([folder / "events.ami.gz", folder / "events-2.ami.gz"], Office()))

    assert by_files == by_folder
    assert len(by_folder) == 2


def test_a_stream_without_times_beside_it_is_read_by_its_own_clock(tmp_path: Path) -> None:
    whole = gzip.decompress((SCENARIOS / "in_direct_answered" / "events.ami.gz").read_bytes())
    (tmp_path / "events.ami").write_bytes(whole)

    (plain,) = replay_calls([tmp_path], Office())
    (timed,) = replay_calls([SCENARIOS / "in_direct_answered"], Office())

    assert plain == timed


def test_the_name_of_the_pbx_begins_every_id() -> None:
    (call,) = replay_calls([SCENARIOS / "in_direct_answered"], Office(), pbx="north")

    assert call["call_id"] == "north-1795371019.3"


def test_the_trunk_of_the_options_decides_what_is_outside() -> None:
    (call,) = replay_calls([SCENARIOS / "in_direct_answered"], Office(trunks=("PJSIP/nothing",)))

    assert call["direction"] == "internal"


def test_batches_hold_the_events_that_facts_rest_on_and_no_others() -> None:
    batches: list[Batch] = []

    replay([SCENARIOS / "in_queue_answered_second"], Office(), batches.append)

    (facts,) = [facts for batch in batches for facts in batch.calls]
    rows = {row.sequence: row for batch in batches for row in batch.events}
    names = {row.name for row in rows.values()}
    assert not names & {"Newexten", "RTCPSent", "RTCPReceived", "CEL"}
    assert {row.fields["Variable"] for row in rows.values() if row.name == "VarSet"} == {"MIXMONITOR_FILENAME"}
    assert {row.call_id for row in rows.values()} == {facts.call.call_id}
    assert set(rows) <= set(facts.call.events)
    parts: list[Any] = [
        *facts.legs, *facts.queue_visits, *facts.transfers, *facts.recordings, *facts.intervals,
    ]  # fmt: skip
    for fact in parts:
        assert fact.events
        assert set(fact.events) <= set(facts.call.events)


def test_pauses_of_an_agent_become_sessions() -> None:
    batches: list[Batch] = []

    replay([SCENARIOS / "queue_member_pause"], Office(), batches.append)

    sessions = [session for batch in batches for session in batch.agent_sessions if session.kind == "pause"]
    last = sessions[-1]
    assert (last.queue, last.party, last.member_name, last.reason) == ("sales", "201", "Ivan Petrov", "Lunch")
    assert last.ended_at is not None
    assert 8.0 < (last.ended_at - last.started_at).total_seconds() < 11.0


def test_calls_are_written_as_json_lines(tmp_path: Path) -> None:
    target = tmp_path / "calls.jsonl"

    write_calls(replay_calls([SCENARIOS / "two_overlapping"], Office()), str(target))

    lines = [orjson.loads(line) for line in target.read_bytes().splitlines()]
    assert len(lines) == 3
    assert lines[0]["started_at"] < lines[1]["started_at"]


def test_the_module_can_be_run_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ingest.replay", str(SCENARIOS / "out_busy"), "--calls", "-"],
        capture_output=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )

    (call,) = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert (call["outcome"], call["reason"]) == ("not_reached", "busy")
