"""Processes are killed in the middle of their work: afterwards the calls are as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from dashboard.auth import Identity
from data.identity.actor import Role
from data.settings import Pbx, Settings
from tests.ingest.processes import (
    CALLS,
    Row,
    ask,
    calls_of_journal,
    events_of_connection,
    journal_bytes,
    processed,
    processes,
    undisturbed,
    wait_for_calls,
)
from tests.ingest.replay import capture, of_today, replaying
from tests.ingest.waiting import wait_until

ROUNDS = 3
CUT_AFTER = 700  # then the PBX sends nothing more on this connection


def untouched(rows: list[Row], touched: set[str]) -> list[Row]:
    return [row for row in rows if row["call_id"] not in touched]


@pytest.mark.slow
def test_a_store_killed_again_and_again_holds_the_same_calls(tmp_path: Path) -> None:
    events = of_today(capture("busy_mini") / "events.ami.gz", tmp_path)
    expected = undisturbed(tmp_path / "expected", events)
    chance = random.Random(1)

    with (
        replaying(events, speed="15") as server,
        processes(tmp_path / "real", server.settings(), "store", "ingest") as ours,
    ):
        for _ in range(ROUNDS):
            before = processed(tmp_path / "real")
            wait_until(lambda: processed(tmp_path / "real") > before + chance.randrange(400))  # noqa: B023
            ours["store"].kill()
            ours["store"].start()
        wait_for_calls(tmp_path / "real", len(expected))
        found = ask(tmp_path / "real", CALLS)

    assert ours["ingest"].lives == 1
    assert found == expected


@pytest.mark.slow
def test_ingest_killed_again_and_again_stores_everything_that_reached_the_journal_once(tmp_path: Path) -> None:
    events = of_today(capture("busy_mini") / "events.ami.gz", tmp_path)
    expected = undisturbed(tmp_path / "expected", events)
    data = tmp_path / "real"
    cuts = f"--cut-after {CUT_AFTER} --cut-times {ROUNDS} --cut-mode half-open --on-reconnect continue --lists live"

    with (
        replaying(events, options=tuple(cuts.split())) as server,
        processes(data, server.settings(), "store", "ingest") as ours,
    ):
        reached = 0
        # Killed before and after the facts of what came were stored.
        for number, is_stored in enumerate((False, True, False), start=1):
            wait_until(lambda: events_of_connection(data, number) >= CUT_AFTER - 5)  # noqa: B023 - some tell no time
            wait_until(lambda: not is_stored or processed(data) > reached)  # noqa: B023
            ours["ingest"].kill()
            reached = processed(data)
            ours["ingest"].start()
        wait_for_calls(data, len(expected))
        ours["ingest"].stop()
        found = ask(data, CALLS)
        gaps = ask(data, "select cause, ended_at, events from gap where cause != 'start' order by started_at")

    assert found == calls_of_journal(data, tmp_path / "again")
    assert [row["call_id"] for row in found] == [row["call_id"] for row in expected]
    touched = {row["call_id"] for row in found if row["incomplete"]}
    assert untouched(found, touched) == untouched(expected, touched)
    assert [gap["cause"] for gap in gaps] == ["own_restart"] * (ROUNDS + 1)
    assert [gap["ended_at"] is None for gap in gaps] == [False] * ROUNDS + [True], "only the last stop is still open"


@pytest.mark.slow
def test_memory_stays_bounded_while_the_store_hangs_and_everything_is_stored_afterwards(tmp_path: Path) -> None:
    events = capture("busy_hour") / "events.ami.gz"
    data = tmp_path / "real"

    with replaying(events) as server, processes(data, server.settings(), "store", "ingest") as ours:
        wait_until(lambda: journal_bytes(data) > 0)
        engines = [has_loaded("duckdb", ours[name].pid) for name in ("store", "ingest")]
        os.kill(ours["store"].pid, signal.SIGSTOP)
        wait_until(lambda: journal_bytes(data) > 15 << 20)
        size = memory_bytes(ours["ingest"].pid)
        stored_to = processed(data)
        os.kill(ours["store"].pid, signal.SIGCONT)
        wait_until(lambda: processed(data) > stored_to, 60.0)

    assert size < 150 << 20, "whole, with the pages of libraries that are only mapped"
    assert engines == [True, False], "only the owner of the file needs the database engine"


def memory_bytes(pid: int) -> int:
    """Resident memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) * 1024


def has_loaded(library: str, pid: int) -> bool:
    return library in Path(f"/proc/{pid}/maps").read_text()


def test_the_web_killed_while_people_work_comes_back_with_their_logins_and_loses_no_row(tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir()
    identity = Identity.open(Settings(data=data))
    identity.users.add("anna", role=Role.SUPERVISOR, name="Анна", password="a long password")
    user = identity.users.find("anna")
    assert user is not None
    secret = identity.sessions.open(user).secret

    with processes(data, Pbx(), "store", "web") as ours:
        before = ask(data, "select 1 as alive")
        ours["web"].kill()
        ours["web"].start()
        after = ask(data, "select 1 as alive")

    # Nobody else on the machine reads what they keep; the rest lay there before them.
    kept = [path for path in data.rglob("*") if path.suffix not in (".log", ".toml")]
    assert data / "calls.duckdb" in kept
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []
    assert (before, after, ours["web"].lives, ours["store"].lives) == ([{"alive": 1}], [{"alive": 1}], 2, 1)
    found = identity.sessions.find(secret)
    assert found is not None
