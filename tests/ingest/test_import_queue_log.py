"""The queue's own log fills what live events missed, completes poorer sources, and is no danger to better ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from data.facts import agent_session_table, fact_tables, gap_table
from data.identity.actor import system
from data.model import AgentSession, Gap
from data.settings import Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.imports.members import Members, known_members
from ingest.imports.progress import Report
from ingest.imports.queue_import import QueueImport
from ingest.imports.queue_merging import QueueMerger
from ingest.sources.cdr import BadRow
from ingest.sources.cdr_files import Row
from ingest.sources.queue_log import QueueLine, queue_line
from tests.ingest.test_import_cdr import ACTOR, SCENARIOS, import_file, live_calls, rows

NAMES = {"Ivan Petrov": "201", "Anna Smirnova": "202", "Олег Кузнецов": "203"}
OVERFLOW = SCENARIOS / "in_queue_overflow_to_group"
PAUSE = SCENARIOS / "queue_member_pause"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def import_log(store: Database, tmp_path: Path, *paths: Path) -> Report:
    merger = QueueMerger(store, "pbx", Site(), Office(), Members(NAMES, Office()))
    return QueueImport(merger, folder=tmp_path / "imports").run(paths)


def parsed(text: str) -> QueueLine:
    return queue_line(Row(0, 1, len(text), text.encode(), True))


def visits(store: Database) -> list[dict[str, Any]]:
    return rows(store, "select queue, wait_s, place_at_entry, result, answered_by from queue_visit order by entered_at")


def write_log(folder: Path, text: str, name: str = "queue_log") -> Path:
    log = folder / name
    log.write_text(text, "utf-8")
    return log


def test_a_line_tells_who_took_whom_after_how_long() -> None:
    line = parsed("1795371144|1795371142.90|sales|Ivan Petrov|CONNECT|2|1795371142.93|2")

    assert (line.at, line.uniqueid, line.queue, line.member) == (1795371144.0, "1795371142.90", "sales", "Ivan Petrov")
    assert (line.event, line.number("hold_s"), line.number("ring_s")) == ("CONNECT", 2, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1795371144|1.9|sales", "3 columns, where a queue's event has 5 or more"),
        ("yesterday|1.9|sales|NONE|ABANDON|1|1|5", "time: 'yesterday' is no unix time"),
        ("1795371144|1.9|sales|NONE|<script>|1", "event: '<script>' is no name of an event"),
        ("1795371144|1.9|sales|NONE|ABANDON|1|first|5", "place: 'first' is no number"),
        ("1795371144|1.9|sa\x1bles|NONE|ABANDON|1|1|5", r"queue: 'sa\x1bles' is no name"),
    ],
)
def test_a_line_that_cannot_be_used_names_the_value(text: str, reason: str) -> None:
    with pytest.raises(BadRow) as told:
        parsed(text)

    assert str(told.value) == reason


def test_a_call_that_nobody_else_knows_comes_in_as_far_as_the_log_tells_it(store: Database, tmp_path: Path) -> None:
    report = import_log(store, tmp_path, PAUSE / "queue_log")

    assert (report.calls.added, report.bad_rows) == (2, 0)
    call = rows(store, "select source, outcome, incomplete, answered_by, wait_s, talk_s from call order by call_id")[0]
    assert call == {
        "source": "queue_log", "outcome": "answered", "incomplete": True, "answered_by": ["203"], "wait_s": 2.0,
        "talk_s": 4.0,
    }  # fmt: skip
    assert rows(store, "select party, result, ring_s, talk_s from leg order by started_at")[0] == {
        "party": "203", "result": "answered", "ring_s": 2.0, "talk_s": 4.0,
    }  # fmt: skip


def test_a_log_alone_tells_a_queue_left_by_timeout_from_one_that_was_abandoned(store: Database, tmp_path: Path) -> None:
    import_log(store, tmp_path, OVERFLOW / "queue_log", SCENARIOS / "in_queue_abandoned" / "queue_log")

    assert [visit["result"] for visit in visits(store)] == ["abandoned", "timeout"]
    assert rows(store, "select reason, rang from call order by started_at") == [
        {"reason": "abandoned", "rang": ["201", "202", "203"]},
        {"reason": "timeout", "rang": ["201", "202", "203"]},
    ]


def test_records_that_let_the_queue_answer_learn_when_the_member_did(store: Database, tmp_path: Path) -> None:
    folder = SCENARIOS / "in_queue_support_first_answers"
    (live,) = live_calls(folder).values()
    import_file(store, tmp_path, folder / "cdr.csv")
    (before,) = rows(store, "select talk_s from call")

    report = import_log(store, tmp_path, folder / "queue_log")

    (after,) = rows(store, "select source, talk_s, wait_s from call")
    assert report.calls.completed == 1
    assert before["talk_s"] > live.call.talk_s + 1.6
    assert after["talk_s"] == pytest.approx(live.call.talk_s, abs=1.6)
    assert after["wait_s"] == pytest.approx(live.call.wait_s, abs=1.6)
    assert visits(store)[0]["place_at_entry"] == 1


def test_what_the_log_completed_stays_when_the_records_come_again(store: Database, tmp_path: Path) -> None:
    folder = SCENARIOS / "in_queue_support_first_answers"
    import_file(store, tmp_path, folder / "cdr.csv")
    import_log(store, tmp_path, folder / "queue_log")
    completed = rows(store, "select talk_s, wait_s, answered_at from call"), visits(store)

    import_file(store, tmp_path / "again", folder / "cdr.csv")

    assert (rows(store, "select talk_s, wait_s, answered_at from call"), visits(store)) == completed


def test_the_order_of_records_and_log_does_not_matter(store: Database, tmp_path: Path) -> None:
    folder = SCENARIOS / "in_queue_support_first_answers"
    import_log(store, tmp_path, folder / "queue_log")

    import_file(store, tmp_path, folder / "cdr.csv")

    (call,) = rows(store, "select source, incomplete, talk_s, line from call")
    assert (call["source"], call["incomplete"], call["line"]) == ("cdr", False, "PJSIP/trunk")
    assert visits(store)[0]["place_at_entry"] == 1
    assert {row["source"] for row in rows(store, "select source from source_difference")} <= {"queue_log"}


def test_what_live_events_told_stays_and_the_difference_is_kept(store: Database, tmp_path: Path) -> None:
    store.write_facts(fact_tables(list(live_calls(OVERFLOW).values()), site=Site(), source="ami"), actor=ACTOR)
    told = (OVERFLOW / "queue_log").read_text("utf-8").replace("EXITWITHTIMEOUT", "ABANDON")

    report = import_log(store, tmp_path, write_log(tmp_path, told))

    assert (report.calls.kept, report.calls.differing) == (1, 1)
    assert visits(store)[0]["result"] == "timeout"
    assert rows(store, "select source, field, ours, theirs from source_difference") == [
        {"source": "queue_log", "field": "queue_visit.result", "ours": "timeout", "theirs": "abandoned"}
    ]


def test_importing_again_changes_nothing(store: Database, tmp_path: Path) -> None:
    import_log(store, tmp_path, PAUSE / "queue_log")
    before = rows(store, "select * from call order by call_id"), rows(store, "select * from agent_session")

    report = import_log(store, tmp_path, PAUSE / "queue_log")

    assert report.calls.added == 0
    assert (rows(store, "select * from call order by call_id"), rows(store, "select * from agent_session")) == before


def test_a_log_that_was_rotated_while_a_caller_waited_gives_one_whole_call(store: Database, tmp_path: Path) -> None:
    lines = (OVERFLOW / "queue_log").read_text("utf-8").splitlines(keepends=True)
    old = write_log(tmp_path, "".join(lines[:2]))
    import_log(store, tmp_path, old)
    rotated = old.rename(tmp_path / "queue_log.1")
    new = write_log(tmp_path, "".join(lines[2:]))

    import_log(store, tmp_path, new, rotated)

    (visit,) = visits(store)
    assert (visit["result"], visit["wait_s"], visit["place_at_entry"]) == ("timeout", 8.0, 1)
    assert rows(store, "select rang from call") == [{"rang": ["201", "202", "203"]}]


def test_the_line_that_is_being_written_waits(store: Database, tmp_path: Path) -> None:
    whole = (OVERFLOW / "queue_log").read_text("utf-8")
    log = write_log(tmp_path, whole[:-4])
    first = import_log(store, tmp_path, log)

    log.write_text(whole, "utf-8")
    import_log(store, tmp_path, log)

    assert first.bad_rows == 0
    assert visits(store)[0]["result"] == "timeout"


def test_a_pause_comes_in_once_however_often_the_log_is_read(store: Database, tmp_path: Path) -> None:
    lines = (PAUSE / "queue_log").read_text("utf-8").splitlines(keepends=True)
    log = write_log(tmp_path, "".join(lines[:2]))
    import_log(store, tmp_path, log)
    (open_one,) = rows(store, "select ended_at from agent_session")

    log.write_text("".join(lines), "utf-8")
    import_log(store, tmp_path, log)

    assert open_one == {"ended_at": None}
    (pause,) = rows(
        store, "select queue, party, kind, reason, epoch(ended_at - started_at) as length_s from agent_session"
    )
    assert pause == {
        "queue": "sales", "party": "201", "kind": "pause", "reason": "Lunch", "length_s": 9.0,
    }  # fmt: skip


def test_a_pause_that_live_events_told_is_not_told_twice(store: Database, tmp_path: Path) -> None:
    began = datetime.fromtimestamp(1795372171.4, UTC)
    live = AgentSession(
        pbx="pbx", queue="sales", party="201", member_name="Ivan Petrov", kind="pause", reason="Lunch",
        started_at=began, ended_at=None, events=(7,),
    )  # fmt: skip
    store.write_facts({"agent_session": agent_session_table([live])}, actor=ACTOR)

    import_log(store, tmp_path, PAUSE / "queue_log")

    (pause,) = rows(store, "select started_at, ended_at from agent_session")
    assert pause["started_at"] == began
    assert pause["ended_at"] == datetime.fromtimestamp(1795372180, UTC)


def test_members_are_known_by_what_live_events_told(store: Database) -> None:
    told = AgentSession(
        pbx="pbx", queue="sales", party="201", member_name="Ivan Petrov", kind="login", reason=None,
        started_at=datetime(2026, 11, 22, tzinfo=UTC), ended_at=None, events=(1,),
    )  # fmt: skip
    store.write_facts({"agent_session": agent_session_table([told])}, actor=ACTOR)

    members = known_members(store, "pbx", Office(), actor=system("test"))

    names = ("IVAN PETROV", "Local/202@from-queue/n", "PJSIP/203", "Anna (204)", "Nobody")
    assert [members.extension(name) for name in names] == ["201", "202", "203", "204", None]


def test_a_gap_that_only_the_queue_log_tells_of_stays_open_and_says_so(store: Database, tmp_path: Path) -> None:
    began = datetime.fromtimestamp(1795372171, UTC)
    gap = Gap(pbx="pbx", started_at=began, ended_at=began + timedelta(seconds=13), cause="link_cut")
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)

    import_log(store, tmp_path, PAUSE / "queue_log")

    assert rows(store, "select filled, filled_from from gap") == [{"filled": False, "filled_from": ["queue_log"]}]
    assert len(rows(store, "select 1 from call")) == 2


def test_a_pbx_that_starts_anew_ends_every_wait(store: Database, tmp_path: Path) -> None:
    text = "1795371141|1.90|sales|NONE|ENTERQUEUE||79161112214|1\n1795371200|NONE|NONE|NONE|QUEUESTART|\n"

    import_log(store, tmp_path, write_log(tmp_path, text))

    assert visits(store) == [
        {"queue": "sales", "wait_s": 0.0, "place_at_entry": 1, "result": "lost", "answered_by": None}
    ]


def test_the_command_sets_bad_rows_aside_with_line_and_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (PAUSE / "queue_log").read_bytes()
    log = tmp_path / "queue_log"
    log.write_bytes(b"soon|1.9|sales|NONE|ABANDON|1|1|5\n" + whole + b"\xff\xfe\x00\n")

    status = app.main(["import", "queue_log", str(log), "--data", str(tmp_path / "var")])

    told = capsys.readouterr().out
    assert status == 0
    assert "10 rows in" in told
    assert "2 of them set aside." in told
    (aside,) = (tmp_path / "var" / "imports").glob("*.bad.csv")
    assert "queue_log,1,time: 'soon' is no unix time" in aside.read_text("utf-8")
