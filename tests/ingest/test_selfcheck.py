"""Stored calls and the PBX's own records agree, or a rule says why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import app
from data.facts import agent_session_table, fact_tables, gap_table
from data.model import AgentSession, CallFacts, Gap, Outcome, Reason
from data.settings import Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.daybook import Day
from ingest.queue_check import QueueCheck
from ingest.selfcheck import SelfCheck
from ingest.sources.cdr import CdrLine, cdr_line
from ingest.sources.cdr_files import Row, RowFile, values_of
from ingest.sources.queue_log import QueueLine, queue_line
from tests.ingest.test_import_cdr import ACTOR, MOSCOW, NAMES, SCENARIOS, live_calls, rows

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def keep(store: Database, *calls: CallFacts) -> None:
    store.write_facts(fact_tables(calls, site=Site(), source="ami"), actor=ACTOR)


def records(*names: str) -> list[CdrLine]:
    found: list[CdrLine] = []
    for name in names:
        for row in RowFile(SCENARIOS / name / "cdr.csv").rows(0):
            found.append(cdr_line(values_of(row.raw), len(found), MOSCOW))
    return sorted(found, key=lambda line: line.ended_at)


def check(store: Database, lines: list[CdrLine], *, from_on: date = DAY) -> tuple[Day, set[tuple[str, str | None]]]:
    work = SelfCheck(store, pbx="pbx", site=Site(), office=Office(), from_on=from_on, to_on=DAY)
    days = work.run(lines, NOW)
    return days[-1], {(one.field or one.kind, one.rule) for one in work.found}


def test_every_difference_on_the_recorded_scenarios_is_explained(store: Database) -> None:
    names = [*NAMES, "busy_hour"]
    calls = {key: facts for name in names for key, facts in live_calls(SCENARIOS / name).items()}
    keep(store, *calls.values())

    day, found = check(store, records(*names))

    assert day.unexplained == 0, found
    assert (day.only_ours, day.agree + day.differ) == (0, len(calls))
    assert {rule for _, rule in found} >= {
        "pbx_answered_first", "employee_answered_first", "conference_pairs", "no_such_number", "events_lost",
    }  # fmt: skip


# ------------------------------------------------------------------ the queue's own log


EMPLOYEES = {
    "Ivan Petrov": "201", "Anna Smirnova": "202", "Олег Кузнецов": "203", "Maria Volkova": "204",
    "Дмитрий Орлов": "205",
}  # fmt: skip


def queue_lines(*names: str) -> list[QueueLine]:
    lines = [queue_line(row) for name in names for row in RowFile(SCENARIOS / name / "queue_log").rows(0)]
    return sorted(lines, key=lambda line: line.at)


def check_queues(store: Database, lines: list[QueueLine]) -> tuple[Day, list[tuple[str, str | None, str | None]]]:
    work = QueueCheck(store, pbx="pbx", site=Site(), office=Office(), from_on=DAY, to_on=DAY)
    days = work.run(lines, NOW)
    return days[-1], [(one.field or one.kind, one.theirs, one.rule) for one in work.found]


def know_members(store: Database) -> None:
    told = [
        AgentSession(
            pbx="pbx", queue="sales", party=extension, member_name=name, kind="login", reason=None,
            started_at=datetime(2026, 11, 1, tzinfo=UTC), ended_at=None, events=(1,),
        )
        for name, extension in EMPLOYEES.items()
    ]  # fmt: skip
    store.write_facts({"agent_session": agent_session_table(told)}, actor=ACTOR)


def test_the_queue_log_of_every_recorded_scenario_agrees_or_a_rule_says_why_not(store: Database) -> None:
    names = sorted(path.parent.name for path in SCENARIOS.glob("*/queue_log"))
    calls = {key: facts for name in names for key, facts in live_calls(SCENARIOS / name).items()}
    know_members(store)
    keep(store, *calls.values())

    day, found = check_queues(store, queue_lines(*names))

    waited = sum(bool(facts.queue_visits) for facts in calls.values())
    assert (day.unexplained, day.only_ours, day.only_theirs) == (0, 0, 0), found
    assert (day.agree, waited) == (97, 97)


@pytest.mark.parametrize(
    ("told", "instead", "found"),
    [
        ("EXITWITHTIMEOUT", "ABANDON", ("queue_visit.result", "abandoned", None)),
        ("79161112214|1", "79161112214|3", ("queue_visit.place_at_entry", "3", None)),
        ("|sales|", "|support|", ("queue_visit", "support", None)),
        ("1795371149|", "1795371159|", ("queue_visit.left_at", "2026-11-22T18:12:39.000+00:00", None)),
    ],
)
def test_what_the_queue_log_tells_differently_is_named(
    store: Database, told: str, instead: str, found: tuple[str, str, str | None]
) -> None:
    name = "in_queue_overflow_to_group"
    keep(store, *live_calls(SCENARIOS / name).values())
    log = (SCENARIOS / name / "queue_log").read_text("utf-8").replace(told, instead)
    lines = [queue_line(Row(0, 1, 1, text.encode(), True)) for text in log.splitlines()]

    day, differences = check_queues(store, lines)

    assert (day.differ, day.unexplained) == (1, 1)
    assert differences == [found]


def test_who_took_the_caller_is_compared_by_the_member_s_extension(store: Database) -> None:
    name = "in_queue_answered_second"
    know_members(store)
    keep(store, *live_calls(SCENARIOS / name).values())
    took = next(line for line in queue_lines(name) if line.event == "CONNECT")
    other = next(member for member in EMPLOYEES if member != took.member)
    lines = [line._replace(member=other if line.member == took.member else line.member) for line in queue_lines(name)]

    _, differences = check_queues(store, lines)

    assert differences == [("queue_visit.answered_by", EMPLOYEES[other], None)]


def test_a_caller_whom_only_the_queue_log_saw_is_explained_by_a_gap_alone(store: Database) -> None:
    lines = queue_lines("in_queue_overflow_to_group")
    unseen, _ = check_queues(store, lines)
    began = datetime.fromtimestamp(lines[0].at, UTC)
    gap = Gap(pbx="pbx", started_at=began, ended_at=began + timedelta(minutes=10), cause="link_cut")
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)

    explained, found = check_queues(store, lines)

    assert (unseen.only_theirs, unseen.unexplained) == (1, 1)
    assert (explained.only_theirs, explained.unexplained) == (1, 0)
    assert found == [("only_theirs", "sales", "in_gap")]


def test_a_wait_that_the_queue_log_does_not_have_is_only_ours(store: Database) -> None:
    keep(store, *live_calls(SCENARIOS / "in_queue_overflow_to_group").values())

    day, found = check_queues(store, [])

    assert (day.only_ours, day.unexplained) == (1, 1)
    assert found == [("only_ours", None, None)]


def test_the_command_checks_records_and_queue_log_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = SCENARIOS / "in_queue_overflow_to_group"
    data = ["--data", str(tmp_path / "var")]
    app.main(["import", "cdr", str(folder / "cdr.csv"), *data])
    app.main(["import", "queue_log", str(folder / "queue_log"), *data])
    capsys.readouterr()

    files = ["--cdr", str(folder / "cdr.csv"), "--queue-log", str(folder / "queue_log")]
    status = app.main(["self-check", *data, *files, "--from", "2026-11-22"])

    told = capsys.readouterr().out
    assert status == 0
    assert "2026-11-22: 1 agree, 0 differ" in told
    assert "2026-11-22 (queues): 1 agree, 0 differ" in told


def test_a_check_without_anything_to_compare_with_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = app.main(["self-check", "--data", str(tmp_path / "var"), "--from", "2026-11-22"])

    assert status == 2
    assert "There is nothing to compare with. Name files of the PBX by --cdr or --queue-log" in capsys.readouterr().err


# ------------------------------------------------------------------ call detail records


def test_what_agrees_and_what_differs_is_kept_for_the_day(store: Database) -> None:
    keep(store, *live_calls(SCENARIOS / "out_busy").values(), *live_calls(SCENARIOS / "transfer_twice").values())

    check(store, records("out_busy", "transfer_twice"))

    (kept,) = rows(store, "select checked_on, source, agree, differ, unexplained from self_check")
    assert kept == {"checked_on": DAY, "source": "cdr", "agree": 1, "differ": 1, "unexplained": 0}
    assert rows(store, "select field, rule from source_difference") == [
        {"field": "talk_s", "rule": "pbx_answered_first"}
    ]


def test_checking_again_replaces_what_was_found(store: Database) -> None:
    (facts,) = live_calls(SCENARIOS / "out_busy").values()
    keep(store, replace(facts, call=replace(facts.call, outcome=Outcome.REACHED, reason=None)))
    wrong, found = check(store, records("out_busy"))
    keep(store, facts)

    right, _ = check(store, records("out_busy"))

    assert (wrong.differ, wrong.unexplained) == (1, 1)
    assert found == {("outcome", None), ("reason", None)}
    assert (right.agree, right.unexplained) == (1, 0)
    assert rows(store, "select * from source_difference") == []
    assert len(rows(store, "select * from self_check")) == 1


def test_a_call_that_we_never_saw_is_unexplained_unless_nobody_listened(store: Database) -> None:
    began = datetime(2026, 11, 22, 18, 13, 40, tzinfo=UTC)
    missed, found = check(store, records("out_busy"))
    gap = Gap(pbx="pbx", started_at=began, ended_at=began + timedelta(minutes=10), cause="link_cut")
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)

    explained, why = check(store, records("out_busy"))

    assert (missed.only_theirs, missed.unexplained) == (1, 1)
    assert found == {("only_theirs", None)}
    assert (explained.only_theirs, explained.unexplained) == (1, 0)
    assert why == {("only_theirs", "in_gap")}


def test_a_call_without_records_is_unexplained_unless_the_pbx_died(store: Database) -> None:
    (facts,) = live_calls(SCENARIOS / "out_busy").values()
    keep(store, facts)
    missing, _ = check(store, [])
    keep(store, replace(facts, call=replace(facts.call, reason=Reason.SYSTEM_RESTART)))

    died, why = check(store, [])

    assert (missing.only_ours, missing.unexplained) == (1, 1)
    assert (died.only_ours, died.unexplained) == (1, 0)
    assert why == {("only_ours", "pbx_died")}


def test_records_of_other_days_are_left_out(store: Database) -> None:
    work = SelfCheck(
        store, pbx="pbx", site=Site(), office=Office(), from_on=date(2026, 11, 20), to_on=date(2026, 11, 21)
    )

    days = work.run(records("out_busy"), NOW)

    assert [(day.checked_on.day, day.only_theirs) for day in days] == [(20, 0), (21, 0)]


def test_the_command_says_no_when_something_is_unexplained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = SCENARIOS / "out_busy" / "cdr.csv"
    words = ["self-check", "--data", str(tmp_path / "var"), "--cdr", str(log), "--from", "2026-11-22"]
    before = app.main(words)
    unseen = capsys.readouterr().out
    app.main(["import", "cdr", str(log), "--data", str(tmp_path / "var")])
    capsys.readouterr()

    after = app.main(words)

    assert (before, after) == (1, 0)
    assert "2026-11-22: 0 agree, 0 differ, 0 only ours, 1 only theirs; 1 unexplained." in unseen
    assert "2026-11-22: 1 agree, 0 differ, 0 only ours, 0 only theirs; 0 unexplained." in capsys.readouterr().out
