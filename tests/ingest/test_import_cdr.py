"""Records become the calls that live events tell of, as far as records can know."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import app
from bench.imports import write_records
from data.facts import fact_tables
from data.identity.actor import system
from data.model import CallFacts
from data.settings import Site
from data.store.database import Database
from ingest.assembler import Batch, Office
from ingest.imports.cdr_calls import facts_of
from ingest.imports.cdr_import import CdrImport
from ingest.imports.differences import differences
from ingest.imports.gathering import Gathering
from ingest.imports.merging import Merger, under
from ingest.imports.progress import Report
from ingest.replay import replay
from ingest.sources.cdr import cdr_line
from ingest.sources.cdr_files import RowFile, values_of
from tests.ingest.test_sources_cdr import NEW

SCENARIOS = Path(__file__).parents[1] / "scenarios"
MOSCOW = ZoneInfo("Europe/Moscow")
ACTOR = system("test")

# What records cannot know of a scenario, by the call's position; docs/sources.md gives the rules.
UNKNOWABLE = {
    "click_to_call": {"talk_s"},  # the employee's answer counts as the call's
    "conference_three": {"talk_s", "ended_at"},  # each pair of participants has a record, of one of them only
    "connect_mid_call": {"talk_s"},  # here the records know more
    "in_ivr_to_extension": {"talk_s"},  # the menu answered, the person's answer is not told
    "in_queue_support_first_answers": {"talk_s"},  # the queue answered, the person's answer is not told
    "out_invalid_number": {"reason"},  # told as NO ANSWER
    "parking_timeout_comes_back": {"talk_s"},  # ringing back counts as talk
    "transfer_blind_answered": {"talk_s"},  # ringing at the new party counts as talk
    "transfer_twice": {"talk_s"},
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def calls_from(path: Path, columns: int = 21) -> dict[str, CallFacts]:
    gathering = Gathering()
    for row in RowFile(path).rows(0):
        gathering.add(cdr_line(values_of(row.raw)[:columns], row.offset, MOSCOW))
    found = (facts_of(lines, Office(), pbx="pbx") for lines in gathering.rest())
    return {facts.call.call_id: facts for facts in found}


def live_calls(folder: Path) -> dict[str, CallFacts]:
    calls: dict[str, CallFacts] = {}

    def keep(batch: Batch) -> None:
        for facts in batch.calls:
            for name in (*facts.aliases, facts.call.call_id):
                calls.pop(name, None)
            calls[facts.call.call_id] = facts

    replay([folder], Office(), keep)
    return calls


def as_stored(facts: CallFacts) -> dict[str, Any]:
    row = fact_tables([facts], site=Site(), source="ami")["call"].to_pylist()[0]
    return dict(row)


def importing(store: Database, tmp_path: Path) -> CdrImport:
    merger = Merger(store, "pbx", Site(), "cdr")
    return CdrImport(merger, folder=tmp_path / "imports", zone=MOSCOW, office=Office())


def import_file(store: Database, tmp_path: Path, path: Path) -> Report:
    return importing(store, tmp_path).run([path])


def rows(store: Database, sql: str) -> list[dict[str, Any]]:
    return store.query(sql, actor=ACTOR).to_pylist()


NAMES = sorted(path.parent.name for path in SCENARIOS.glob("*/cdr.csv") if path.parent.name != "busy_hour")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("columns", [21, 18], ids=["new", "old"])
def test_records_of_a_scenario_are_the_calls_that_live_events_tell_of(name: str, columns: int) -> None:
    live = live_calls(SCENARIOS / name)

    recorded = calls_from(SCENARIOS / name / "cdr.csv", columns)

    # A second connection is a file of its own; what happened meanwhile is only in the records.
    assert set(live) <= set(recorded)
    told = {row.field for key, facts in live.items() for row in differences(as_stored(facts), recorded[key].call)}
    assert told == UNKNOWABLE.get(name, set())


def test_an_attended_transfer_is_one_call_although_its_records_have_two_linked_ids() -> None:
    (facts,) = calls_from(SCENARIOS / "transfer_attended_completed" / "cdr.csv").values()

    assert facts.call.answered_by == ("201", "202")
    assert facts.aliases == ("pbx-1795371340.230",)
    assert [(made.kind, made.from_party, made.to_party, made.completed) for made in facts.transfers] == [
        ("attended", "201", "202", True)
    ]


def test_participants_of_a_conference_keep_a_call_each() -> None:
    calls = calls_from(SCENARIOS / "conference_three" / "cdr.csv")

    assert [facts.call.conference for facts in calls.values()] == ["800", "800", "800"]


def test_an_answer_by_menu_queue_or_voicemail_is_no_conversation() -> None:
    for name, reason in (
        ("in_ivr_abandoned", "ivr_only"),
        ("in_queue_abandoned", "abandoned"),
        ("voicemail", "voicemail"),
    ):
        (facts,) = calls_from(SCENARIOS / name / "cdr.csv").values()

        assert (facts.call.outcome, facts.call.reason, facts.call.talk_s) == ("missed", reason, 0.0)


def test_a_queue_that_overflows_is_left_by_timeout_and_the_group_answers() -> None:
    (facts,) = calls_from(SCENARIOS / "in_queue_overflow_to_group" / "cdr.csv").values()

    (visit,) = facts.queue_visits
    assert (visit.queue, visit.result, visit.wait_s) == ("sales", "timeout", 8.0)
    assert facts.call.ring_group == "610"
    assert {leg.queue for leg in facts.legs} == {"sales", "610"}


def test_the_busy_hour_has_every_call_once() -> None:
    live = live_calls(SCENARIOS / "busy_hour")

    recorded = calls_from(SCENARIOS / "busy_hour" / "cdr.csv")

    assert set(recorded) == set(live)
    wrong = [key for key, facts in live.items() if recorded[key].call.outcome != facts.call.outcome]
    assert wrong == []


def test_imported_calls_are_marked_as_such(store: Database, tmp_path: Path) -> None:
    report = import_file(store, tmp_path, SCENARIOS / "busy_mini" / "cdr.csv")

    assert report.calls.added == 25
    assert rows(store, "select distinct source from call") == [{"source": "cdr"}]


def test_importing_a_file_again_changes_nothing(store: Database, tmp_path: Path) -> None:
    import_file(store, tmp_path, SCENARIOS / "busy_mini" / "cdr.csv")
    before = rows(store, "select * from call order by call_id")

    again = import_file(store, tmp_path, SCENARIOS / "busy_mini" / "cdr.csv")

    assert again.rows == 0
    assert rows(store, "select * from call order by call_id") == before


def test_a_stopped_import_goes_on_where_it_was(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = SCENARIOS / "busy_mini" / "cdr.csv"
    monkeypatch.setattr("ingest.imports.cdr_import.BATCH", 4)
    monkeypatch.setattr("ingest.imports.gathering._SWEEP_EVERY", 1)
    first = importing(store, tmp_path)
    first._gathering = Gathering(held_s=2.0)
    stop_after(first, calls=8)
    with pytest.raises(KeyboardInterrupt):
        first.run([path])
    taken = first.report.rows

    rest = import_file(store, tmp_path, path)

    assert 0 < taken < 54
    assert 0 < rest.rows < 54
    told = {row["call_id"]: row["outcome"] for row in rows(store, "select call_id, outcome from call")}
    assert told == {key: facts.call.outcome for key, facts in calls_from(path).items()}


def stop_after(work: CdrImport, calls: int) -> None:
    """Somebody presses Ctrl+C when so many calls are stored."""
    write: Callable[..., None] = work._merger.write

    class Stopping(Merger):
        def write(self, given: Any, now: datetime) -> None:
            write(given, now)
            if work.report.calls.added >= calls:
                raise KeyboardInterrupt

    old = work._merger
    work._merger = Stopping(old.store, old.pbx, old.site, old.source, old.merged)


KILLED = """
import importlib, os, signal, sys
from ingest.imports.state import FileState
for often in sys.argv[1].split(","):
    module, name, size = often.split(":")
    setattr(importlib.import_module("ingest.imports." + module), name, int(size))
keep = FileState.save
def save_and_die(state):
    keep(state)
    os.kill(os.getpid(), signal.SIGKILL)
FileState.save = save_and_die
import app
app.main(sys.argv[2:])
"""


def master_csv(log: Path) -> None:
    write_records(log, 5_000)


def days_of_channel_events(log: Path) -> None:
    day = (SCENARIOS / "out_busy" / "cel.csv").read_text("utf-8")
    ids = re.compile(r'"1795371229\.(\d+)"')
    log.write_text(
        "".join(ids.sub(rf'"{n}.\1"', day.replace("2026-11-22", f"2026-11-{n:02}")) for n in range(1, 21)),
        "utf-8",
    )


def days_of_a_queue(log: Path) -> None:
    day = (SCENARIOS / "in_queue_abandoned" / "queue_log").read_text("utf-8")
    times = re.compile(r"\b1795\d{6}\b")
    log.write_text(
        "".join(times.sub(lambda found, n=n: str(int(found[0]) + 86_400 * n), day) for n in range(20)),  # type: ignore[misc]
        "utf-8",
    )


@pytest.mark.parametrize(
    ("kind", "write", "often"),
    [
        ("cdr", master_csv, "cdr_import:BATCH:400"),
        ("cel", days_of_channel_events, "cel_import:TAKE_EVERY:100"),
        ("queue_log", days_of_a_queue, "queue_import:BATCH:5,queue_story:_SWEEP_EVERY:10"),
    ],
)
def test_an_import_that_is_killed_in_the_middle_goes_on_and_gives_the_same_calls(
    tmp_path: Path, kind: str, write: Callable[[Path], None], often: str
) -> None:
    log = tmp_path / "log"
    write(log)
    words = ["import", kind, str(log), "--data", str(tmp_path / "var")]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, often, *words], cwd=SCENARIOS.parents[1], capture_output=True, check=False
    )
    with Database(tmp_path / "var") as database:
        (before,) = rows(database, "select count(*) as calls from call")

    status = app.main(words)

    app.main(["import", kind, str(log), "--data", str(tmp_path / "whole")])
    with Database(tmp_path / "whole") as whole:
        expected = rows(whole, SUMS)
    with Database(tmp_path / "var") as database:
        assert rows(database, SUMS) == expected
    assert (killed.returncode, status) == (-signal.SIGKILL, 0)
    assert 0 < before["calls"] < expected[0]["calls"]


SUMS = """
    select count(*) as calls, count(distinct call_id) as ids, sum(talk_s) as talk_s, sum(wait_s) as wait_s,
        (select count(*) from leg) as legs, (select count(*) from queue_visit) as visits
    from call
"""


def test_a_file_that_grows_completes_the_call_at_its_end(store: Database, tmp_path: Path) -> None:
    whole = (SCENARIOS / "transfer_twice" / "cdr.csv").read_text("utf-8").splitlines(keepends=True)
    log = tmp_path / "Master.csv"
    log.write_text(whole[0] + whole[1][:60], "utf-8")
    import_file(store, tmp_path, log)
    (before,) = rows(store, "select answered_by from call")

    log.write_text("".join(whole), "utf-8")
    report = import_file(store, tmp_path, log)

    assert before == {"answered_by": ["201"]}
    assert report.bad_rows == 0
    assert rows(store, "select answered_by from call") == [{"answered_by": ["201", "202", "204"]}]


def test_bad_rows_are_counted_and_kept_aside_with_line_and_reason(store: Database, tmp_path: Path) -> None:
    log = tmp_path / "Master.csv"
    log.write_bytes(
        f"{NEW}\nnonsense\n".encode() + b"\xff\xfe\x00\n" + NEW.replace("21:10:28", "later").encode() + b"\n"
    )

    report = import_file(store, tmp_path, log)

    assert (report.rows, report.bad_rows, report.calls.added) == (4, 3, 1)
    kept = report.set_aside[0].read_text("utf-8")
    assert 'Master.csv,2,"1 columns, where a record has' in kept
    assert "Master.csv,4,end: '2026-11-22 later' is no time like 2026-11-22 21:13:21," in kept


def test_what_live_events_told_stays_and_the_difference_is_kept(store: Database, tmp_path: Path) -> None:
    live = live_calls(SCENARIOS / "out_invalid_number")
    store.write_facts(fact_tables(list(live.values()), site=Site(), source="ami"), actor=ACTOR)

    report = import_file(store, tmp_path, SCENARIOS / "out_invalid_number" / "cdr.csv")

    assert (report.calls.kept, report.calls.differing, report.calls.added) == (1, 1, 0)
    assert rows(store, "select source, reason from call") == [{"source": "ami", "reason": "failed"}]
    assert rows(store, "select field, ours, theirs, source from source_difference") == [
        {"field": "reason", "ours": "failed", "theirs": "no_answer", "source": "cdr"}
    ]


def test_a_call_known_under_the_id_of_a_later_channel_is_the_same_call(store: Database, tmp_path: Path) -> None:
    (facts,) = live_calls(SCENARIOS / "transfer_attended_completed").values()
    renamed = under(facts, "pbx-1795371335.229")
    store.write_facts(fact_tables([renamed], site=Site(), source="ami"), actor=ACTOR)

    import_file(store, tmp_path, SCENARIOS / "transfer_attended_completed" / "cdr.csv")

    assert rows(store, "select call_id, source from call") == [{"call_id": "pbx-1795371335.229", "source": "ami"}]


def test_a_call_whose_events_were_lost_is_completed_from_its_records(store: Database, tmp_path: Path) -> None:
    live = live_calls(SCENARIOS / "connect_mid_call")
    store.write_facts(fact_tables(list(live.values()), site=Site(), source="ami"), actor=ACTOR)

    report = import_file(store, tmp_path, SCENARIOS / "connect_mid_call" / "cdr.csv")

    assert report.calls.completed == 1
    stored = rows(store, "select call_id, source, talk_s, incomplete from call order by call_id")
    assert stored[0] == {"call_id": "pbx-1795371718.461", "source": "cdr", "talk_s": 8.0, "incomplete": False}
    assert stored[1]["source"] == "ami"


def test_records_of_calls_that_are_long_over_are_let_go() -> None:
    gathering = Gathering(held_s=60.0)
    for number in range(3000):
        text = NEW.replace("1795371019.3", f"{1795371019 + number}.3").replace("00000002", f"{number:08x}")
        at = datetime.fromtimestamp(1795371019 + number, UTC).astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S")
        values = values_of(text.encode())
        values[9:12] = [at, at, at]
        values[6] = ""
        gathering.add(cdr_line(values, number, MOSCOW))
        for _ in gathering.finished():
            pass

    assert len(gathering.places()) < 1_200


def test_of_two_who_pick_up_in_the_same_second_the_one_who_keeps_the_caller_comes_first() -> None:
    facts = calls_from(SCENARIOS / "busy_hour" / "cdr.csv")["pbx-1795371973.710"]

    assert facts.call.answered_by == ("202", "203")
    assert facts.call.talk_s == 4.0
