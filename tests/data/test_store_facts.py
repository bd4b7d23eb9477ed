"""Facts: written once, replaced by newer ones, moved when calls turn out to be one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest

from data.errors import QueryRejected
from data.store.database import Database
from tests.data.facts import (
    EVENT_SCHEMA,
    INGEST,
    MORNING,
    aliases,
    batch,
    call_row,
    event_row,
    ids_of,
    leg_row,
    recording_row,
    rows_of,
)


def test_the_same_facts_twice_are_stored_once(database: Database) -> None:
    facts = batch([call_row("a")], leg=[leg_row("a", 1), leg_row("a", 2)])

    database.write_facts(facts, actor=INGEST)
    database.write_facts(facts, actor=INGEST)

    assert ids_of(database) == ["a"]
    assert rows_of(database, "select position from leg order by position") == [{"position": 1}, {"position": 2}]


def test_newer_facts_of_a_call_replace_all_its_rows(database: Database) -> None:
    database.write_facts(batch([call_row("a")], leg=[leg_row("a", 1), leg_row("a", 2)]), actor=INGEST)

    database.write_facts(batch([call_row("a", 1.5, outcome="answered")], leg=[leg_row("a", 1)]), actor=INGEST)

    assert rows_of(database, "select outcome from call") == [{"outcome": "answered"}]
    assert len(rows_of(database, "select * from leg")) == 1


def test_other_calls_stay_as_they_are(database: Database) -> None:
    database.write_facts(batch([call_row("a"), call_row("b", 1)], leg=[leg_row("b", 1, 1)]), actor=INGEST)

    database.write_facts(batch([call_row("a")]), actor=INGEST)

    assert ids_of(database) == ["a", "b"]
    assert len(rows_of(database, "select * from leg")) == 1


def test_few_rows_and_many_are_stored_alike(database: Database) -> None:
    few = [call_row(f"few{n}", n, channels=["1", "2"], wait_s=None) for n in range(3)]
    many = [call_row(f"many{n:03}", n, channels=["1", "2"], wait_s=None) for n in range(200)]

    database.write_facts(batch(few), actor=INGEST)
    database.write_facts(batch(many), actor=INGEST)

    found = rows_of(
        database,
        "select * exclude (first_of_number, contact_after_at) from call where started_at = $at",
        at=MORNING + timedelta(seconds=2),
    )
    assert len(found) == 2
    assert {**found[0], "call_id": ""} == {**found[1], "call_id": ""}


def test_what_is_known_of_a_recording_survives_newer_facts(database: Database) -> None:
    facts = batch([call_row("a")], recording=[recording_row("a", "one.wav")])
    database.write_facts(facts, actor=INGEST)
    with database._write({}) as cursor:
        cursor.execute("update recording set state = 'present', path = 'x/one.wav', sound_s = 12.5")

    database.write_facts(facts, actor=INGEST)

    assert rows_of(database, "select state, path, sound_s from recording") == [
        {"state": "present", "path": "x/one.wav", "sound_s": 12.5}
    ]


def test_a_recording_under_another_name_is_looked_for_anew(database: Database) -> None:
    database.write_facts(batch([call_row("a")], recording=[recording_row("a", "one.wav")]), actor=INGEST)
    with database._write({}) as cursor:
        cursor.execute("update recording set state = 'present', path = 'x/one.wav'")

    database.write_facts(batch([call_row("a")], recording=[recording_row("a", "two.wav")]), actor=INGEST)

    assert rows_of(database, "select state, path from recording") == [{"state": "expected", "path": None}]


def test_a_retracted_call_disappears_with_all_its_rows(database: Database) -> None:
    facts = batch([call_row("a")], leg=[leg_row("a")], recording=[recording_row("a", "one.wav")])
    database.write_facts(facts, actor=INGEST)

    database.write_facts({}, actor=INGEST, retracted=["a"])

    assert ids_of(database) == []
    assert rows_of(database, "select call_id from leg union all select call_id from recording") == []


def test_a_call_is_retracted_however_long_before_its_successor_it_was(database: Database) -> None:
    database.write_facts(batch([call_row("old", -90 * 86_400)]), actor=INGEST)

    database.write_facts(batch([call_row("b")]) | {"call_alias": aliases(old="b")}, actor=INGEST, retracted=["old"])

    assert ids_of(database) == ["b"]


def test_comments_leads_tasks_and_events_follow_a_call_that_was_merged_away(database: Database) -> None:
    database.write_facts(
        batch([call_row("a")]) | {"ami_event": pa.Table.from_pylist([event_row(7, "a")], EVENT_SCHEMA)}, actor=INGEST
    )
    _comment(database, "a", "позвонить завтра")
    _insert(
        database,
        "insert into lead by name select uuid() as lead_id, 'a' as call_id, 'call' as source, "
        "now() as created_at, 'x' as created_by, now() as changed_at",
    )
    _insert(
        database,
        "insert into task by name select uuid() as task_id, 't' as title, 'call' as subject_kind, "
        "'a' as subject_id, now() as created_at, 'x' as created_by",
    )

    database.write_facts(batch([call_row("b")]) | {"call_alias": aliases(a="b")}, actor=INGEST, retracted=["a"])

    assert rows_of(database, "select subject_id, text from comment") == [
        {"subject_id": "b", "text": "позвонить завтра"}
    ]
    assert rows_of(database, "select call_id from lead") == [{"call_id": "b"}]
    assert rows_of(database, "select subject_id from task") == [{"subject_id": "b"}]
    assert rows_of(database, "select call_id from ami_event") == [{"call_id": "b"}]


@pytest.mark.parametrize("commented", [["a", "b"], ["a", "b", "c"], ["b", "c"]])
def test_comments_of_calls_that_become_one_are_joined_in_order(database: Database, commented: Sequence[str]) -> None:
    database.write_facts(batch([call_row("a"), call_row("b", 1), call_row("c", 2)]), actor=INGEST)
    for call_id in commented:
        _comment(database, call_id, f"words of {call_id}")

    database.write_facts(batch([call_row("a")]) | {"call_alias": aliases(b="a", c="a")}, actor=INGEST)

    assert rows_of(database, "select subject_id, text from comment") == [
        {"subject_id": "a", "text": "\n".join(f"words of {call_id}" for call_id in commented)}
    ]
    versions = rows_of(database, "select version from comment_history")
    assert versions == [{"version": 1}], "the former text is kept"


def test_aliases_of_aliases_lead_to_the_last_survivor(database: Database) -> None:
    database.write_facts(batch([call_row("a")]), actor=INGEST)
    database.write_facts(batch([call_row("b")]) | {"call_alias": aliases(a="b")}, actor=INGEST)

    database.write_facts(batch([call_row("c")]) | {"call_alias": aliases(b="c")}, actor=INGEST)

    assert ids_of(database) == ["c"]
    assert rows_of(database, "select alias, call_id from call_alias order by alias") == [
        {"alias": "a", "call_id": "c"},
        {"alias": "b", "call_id": "c"},
    ]


def test_replaying_the_batches_of_a_merge_gives_the_same_again(database: Database) -> None:
    first = batch([call_row("a")])
    second = batch([call_row("b")]) | {"call_alias": aliases(a="b")}
    database.write_facts(first, actor=INGEST)
    _comment(database, "a", "важно")

    for facts, retracted in ((second, ["a"]), (first, []), (second, ["a"])):
        database.write_facts(facts, actor=INGEST, retracted=retracted)

    assert ids_of(database) == ["b"]
    assert rows_of(database, "select alias, call_id from call_alias") == [{"alias": "a", "call_id": "b"}]
    assert rows_of(database, "select subject_id from comment") == [{"subject_id": "b"}]


def test_a_call_that_is_back_is_no_alias_any_more(database: Database) -> None:
    database.write_facts(batch([call_row("b")]) | {"call_alias": aliases(a="b")}, actor=INGEST)

    database.write_facts(batch([call_row("a")]), actor=INGEST)

    assert rows_of(database, "select alias from call_alias") == []


def test_events_gaps_and_presence_from_the_same_place_are_the_same(database: Database) -> None:
    gap = {"pbx": "pbx", "started_at": MORNING, "ended_at": None, "cause": "link_cut", "events": [1]}
    session = {"pbx": "pbx", "queue": "sales", "party": "201", "kind": "login", "started_at": MORNING, "events": [1]}
    events = pa.Table.from_pylist([event_row(1), event_row(2)], EVENT_SCHEMA)
    database.write_facts(batch([], gap=[gap], agent_session=[session]) | {"ami_event": events}, actor=INGEST)
    with database._write({}) as cursor:
        cursor.execute("update gap set filled = true")

    ended = MORNING + timedelta(minutes=5)
    database.write_facts(
        batch([], gap=[gap | {"ended_at": ended}], agent_session=[session | {"ended_at": ended}])
        | {"ami_event": events},
        actor=INGEST,
    )

    assert rows_of(database, "select ended_at = $at as ended, filled from gap", at=ended) == [
        {"ended": True, "filled": True}
    ]
    assert rows_of(database, "select ended_at = $at as ended from agent_session", at=ended) == [{"ended": True}]
    assert rows_of(database, "select sequence, fields['CallerIDNum'] as number from ami_event order by sequence") == [
        {"sequence": 1, "number": "79161234567"},
        {"sequence": 2, "number": "79161234567"},
    ]


def test_numbers_are_derived_with_the_calls(database: Database) -> None:
    database.write_facts(batch([call_row("a"), call_row("b", 60)]), actor=INGEST)

    assert rows_of(database, "select call_id, first_of_number from call order by call_id") == [
        {"call_id": "a", "first_of_number": True},
        {"call_id": "b", "first_of_number": False},
    ]
    assert rows_of(database, "select number, first_call_id from number") == [
        {"number": "79161234567", "first_call_id": "a"}
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"account": pa.table({"a": [1]})}, "'account' is no table of facts"),
        (batch([call_row("a"), call_row("a")]), "in the batch twice"),
        (batch([call_row("a")], leg=[leg_row("b")]), "belongs to call b, which is not in the batch"),
        (batch([call_row("a", surprise=1)]), "surprise"),
    ],
)
def test_facts_that_make_no_sense_are_refused_and_leave_no_trace(
    database: Database, facts: dict[str, pa.Table], words: str
) -> None:
    with pytest.raises(QueryRejected, match=words):
        database.write_facts(facts, actor=INGEST)

    assert ids_of(database) == []


def test_a_write_that_fails_half_way_leaves_no_trace(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("derivation failed")

    monkeypatch.setattr("data.store.replacing.derive.apply", fail)

    with pytest.raises(RuntimeError):
        database.write_facts(batch([call_row("a")], leg=[leg_row("a")]), actor=INGEST)

    assert ids_of(database) == []
    monkeypatch.undo()
    database.write_facts(batch([call_row("b")]), actor=INGEST)
    assert ids_of(database) == ["b"]


def test_live_calls_of_one_pbx_are_replaced_and_gone_after_a_restart(tmp_path: Path) -> None:
    row = {
        "call_id": "a",
        "pbx": "one",
        "direction": "inbound",
        "state": "ringing",
        "state_since_at": MORNING,
        "ringing": ["201"],
        "talking": [],
        "started_at": MORNING,
    }
    with Database(tmp_path) as database:
        database.write_live("one", pa.Table.from_pylist([row]), actor=INGEST)
        database.write_live("two", pa.Table.from_pylist([row | {"call_id": "b", "pbx": "two"}]), actor=INGEST)

        database.write_live("one", pa.Table.from_pylist([row | {"call_id": "c"}]), actor=INGEST)
        first = rows_of(database, "select call_id, ringing from live.live_call order by call_id")
        database.write_live("one", pa.table({}), actor=INGEST)
        second = rows_of(database, "select call_id from live.live_call")

    assert first == [{"call_id": "b", "ringing": ["201"]}, {"call_id": "c", "ringing": ["201"]}]
    assert second == [{"call_id": "b"}]
    with Database(tmp_path) as database:
        assert rows_of(database, "select call_id from live.live_call") == []


def test_bulk_rows_are_appended_and_derived_on_demand(database: Database) -> None:
    rows = [call_row(f"c{n}", n) for n in range(100)]

    database.append("call", pa.Table.from_pylist(rows), actor=INGEST)
    database.rederive(actor=INGEST)

    assert rows_of(database, "select count(*) as n from call where first_of_number") == [{"n": 1}]


def test_rows_for_a_table_that_does_not_exist_are_refused(database: Database) -> None:
    with pytest.raises(QueryRejected, match="no table 'calls'"):
        database.append("calls", pa.table({"a": [1]}), actor=INGEST)


def _comment(database: Database, call_id: str, text: str) -> None:
    _insert(
        database,
        "insert into comment select $id, 'call', $call_id, $text, 'anna', 'Анна', "
        "$at::timestamptz + to_seconds(ascii($call_id)), 1",
        id=uuid4(),
        call_id=call_id,
        text=text,
        at=MORNING,
    )


def _insert(database: Database, sql: str, **params: object) -> None:
    with database._write({}) as cursor:
        cursor.execute(sql, params)
