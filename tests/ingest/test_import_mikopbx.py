"""Years of a MikoPBX come in over REST, page by page, whatever the PBX answers in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.errors import PbxLoginRefused, PbxUnreachable
from data.facts import gap_table
from data.identity.actor import system
from data.model import Gap
from data.settings import Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.imports.merging import Merger
from ingest.imports.mikopbx_import import MikoPbxImport
from ingest.imports.progress import Report
from ingest.sources.mikopbx import MikoPbx
from tests.ingest.rest_pbx import RestPbx, missed, record, rest_pbx

MOSCOW = ZoneInfo("Europe/Moscow")
ACTOR = system("test")
QUEUE = {"dst_chan": "Queue:2200100", "dst_num": "2200100", "is_app": True, "appname": "queue", "recordingfile": ""}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


@pytest.fixture
def pbx() -> Iterator[RestPbx]:
    with rest_pbx() as served:
        yield served


def importing(
    store: Database, folder: Path, pbx: RestPbx, *, pauses: list[float] | None = None, **changed: Any
) -> Report:
    waited = pauses if pauses is not None else []
    with MikoPbx(pbx.settings(**changed), sleep=waited.append) as rest:
        merger = Merger(store, "pbx", Site(), "mikopbx")
        return MikoPbxImport(merger, rest, folder=folder / "imports", zone=MOSCOW, office=Office()).run()


def rows(store: Database, sql: str) -> list[dict[str, Any]]:
    return store.query(sql, actor=ACTOR).to_pylist()


def test_a_record_becomes_the_call_with_its_times_parties_and_recording(
    store: Database, tmp_path: Path, pbx: RestPbx
) -> None:
    pbx.records = [record(1, "2026-11-22 15:03:00.250")]

    importing(store, tmp_path, pbx)

    assert rows(store, "select call_id, direction, outcome, answered_by, did, line, source, talk_s from call") == [
        {
            "call_id": "pbx-mikopbx-1795371001.1",
            "direction": "inbound",
            "outcome": "answered",
            "answered_by": ["201"],
            "did": "74951234567",
            "line": "PJSIP/SIP-TRUNK-5D251358",
            "source": "mikopbx",
            "talk_s": 60.0,
        }
    ]
    (at,) = rows(store, "select started_at from call")
    assert at["started_at"] == datetime(2026, 11, 22, 12, 3, 0, 250_000, tzinfo=UTC)
    assert rows(store, "select file, party, heard from recording") == [
        {"file": pbx.records[0]["recordingfile"], "party": "201", "heard": ["201", "79161112233"]}
    ]


def test_a_call_through_a_queue_is_one_row_with_its_stay_and_all_phones_that_rang(
    store: Database, tmp_path: Path, pbx: RestPbx
) -> None:
    one = {"linkedid": "mikopbx-1795371001.1", "src_chan": "PJSIP/SIP-TRUNK-5D251358-00000001"}
    pbx.records = [
        record(1, "2026-11-22 15:03:00", **one, **QUEUE),
        missed(
            2, "2026-11-22 15:03:01", **one, dst_chan="PJSIP/202-00000002", dst_num="202", endtime="2026-11-22 15:03:09"
        ),
        record(3, "2026-11-22 15:03:10", **one),
    ]

    importing(store, tmp_path, pbx)

    assert rows(store, "select outcome, queues, rang, answered_by, did from call") == [
        {
            "outcome": "answered",
            "queues": ["2200100"],
            "rang": ["202", "201"],
            "answered_by": ["201"],
            "did": "74951234567",
        }
    ]
    assert rows(store, "select queue, result, answered_by, wait_s from queue_visit") == [
        {"queue": "2200100", "result": "answered", "answered_by": "201", "wait_s": 14.0}
    ]
    assert rows(store, "select party, queue, result from leg order by position") == [
        {"party": "202", "queue": "2200100", "result": "no_answer"},
        {"party": "201", "queue": "2200100", "result": "answered"},
    ]


def test_calls_to_outside_and_between_colleagues_are_told_apart(store: Database, tmp_path: Path, pbx: RestPbx) -> None:
    inside = {"src_chan": "PJSIP/202-00000009", "src_num": "202", "from_account": "", "did": ""}
    trunk = {
        "dst_chan": "PJSIP/SIP-TRUNK-5D251358-00000019",
        "dst_num": "84957654321",
        "to_account": "SIP-TRUNK-5D251358",
    }
    pbx.records = [
        record(1, "2026-11-22 15:03:00", **inside, **trunk),
        missed(2, "2026-11-22 15:13:00", **inside),
        missed(3, "2026-11-22 15:23:00", **QUEUE),
    ]

    importing(store, tmp_path, pbx)

    assert rows(store, "select direction, outcome, external_number, called_number from call order by started_at") == [
        {
            "direction": "outbound",
            "outcome": "reached",
            "external_number": "74957654321",
            "called_number": "84957654321",
        },
        {"direction": "internal", "outcome": "unanswered", "external_number": None, "called_number": "201"},
        {"direction": "inbound", "outcome": "missed", "external_number": "79161112233", "called_number": "74951234567"},
    ]


def test_records_without_channels_are_calls_too(store: Database, tmp_path: Path, pbx: RestPbx) -> None:
    pbx.records = [record(1, "2026-11-22 15:03:00", src_chan="", dst_chan="", from_account="")]

    report = importing(store, tmp_path, pbx)

    assert report.bad_rows == 0
    assert rows(store, "select direction, outcome, answered_by from call") == [
        {"direction": "inbound", "outcome": "answered", "answered_by": ["201"]}
    ]


@pytest.mark.parametrize("grouped", [False, True], ids=["records", "whole calls"])
def test_pages_follow_each_other_until_the_last_and_nothing_is_left_out(
    store: Database, tmp_path: Path, pbx: RestPbx, grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MikoPbx.page, "__defaults__", (2,))
    pbx.grouped = grouped
    # The records of the first call end behind all the others: whole calls are not in the order of their last record.
    first = {"linkedid": "mikopbx-1795371001.1"}
    pbx.records = [
        record(1, "2026-11-22 15:00:00", **first),
        *(record(number, f"2026-11-22 15:{number:02}:00") for number in range(2, 8)),
        missed(8, "2026-11-22 15:01:05", **first),
    ]

    importing(store, tmp_path, pbx)

    assert rows(store, "select count(*) as n from call") == [{"n": 7}]
    assert rows(store, "select count(*) as n from leg") == [{"n": 8}]


def test_a_second_import_asks_for_what_is_new_and_changes_nothing(
    store: Database, tmp_path: Path, pbx: RestPbx
) -> None:
    pbx.records = [record(1, "2026-11-22 15:03:00")]
    importing(store, tmp_path, pbx)
    before = rows(store, "from call")
    pbx.asked.clear()

    again = importing(store, tmp_path, pbx)

    assert rows(store, "from call") == before
    assert (again.calls.added, again.bad_rows) == (0, 0)
    pbx.records.append(record(2, "2026-11-23 15:03:00"))
    importing(store, tmp_path, pbx)
    assert rows(store, "select count(*) as n from call") == [{"n": 2}]


@pytest.mark.parametrize("fault", [429, 500, 503, "cut", '{"result": true, "data": {"rec', b"\xff\xfe\x00"], ids=str)
def test_what_a_second_try_mends_is_tried_again(
    store: Database, tmp_path: Path, pbx: RestPbx, fault: int | str | bytes
) -> None:
    pbx.records = [record(1, "2026-11-22 15:03:00")]
    pbx.faults.extend([fault, fault])
    pauses: list[float] = []

    importing(store, tmp_path, pbx, pauses=pauses)

    assert rows(store, "select count(*) as n from call") == [{"n": 1}]
    assert len(pauses) == 2
    assert min(pauses) >= (3.0 if fault == 429 else 0.5)  # as long as the PBX asked for


def test_a_pbx_that_never_answers_in_time_is_given_up_with_what_happened(
    store: Database, tmp_path: Path, pbx: RestPbx
) -> None:
    pbx.faults.extend(["slow"] * 5)

    with pytest.raises(PbxUnreachable, match=r"5 tries: .*timed out.*rest_url"):
        importing(store, tmp_path, pbx, rest_seconds=0.2)


def test_a_wrong_key_is_told_at_once_and_never_written(store: Database, tmp_path: Path, pbx: RestPbx) -> None:
    with pytest.raises(PbxLoginRefused, match="rest_key") as refused:
        importing(store, tmp_path, pbx, rest_key="wrong-secret-key")

    assert len(pbx.asked) == 1
    assert "wrong-secret-key" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        '{"result": false, "data": [], "messages": {"error": ["Date range exceeds"]}}',
        '{"result": true, "data": {"records": "many"}}',
        '{"result": true, "data": 7}',
        "[]",
        "<html>",
    ],
)
def test_an_answer_of_another_shape_is_refused_in_words(
    store: Database, tmp_path: Path, pbx: RestPbx, answer: str
) -> None:
    pbx.faults.extend([answer] * 5)

    with pytest.raises(PbxUnreachable, match="pbx: "):
        importing(store, tmp_path, pbx)


def test_a_redirect_is_not_followed(store: Database, tmp_path: Path, pbx: RestPbx) -> None:
    pbx.faults.append(302)

    with pytest.raises(PbxUnreachable, match="answered 302"):
        importing(store, tmp_path, pbx)


def test_hostile_records_are_set_aside_with_their_value_and_the_others_come_in(
    store: Database, tmp_path: Path, pbx: RestPbx
) -> None:
    pbx.records = [
        record(1, "2026-11-22 15:03:00"),
        record(2, "2026-11-22 15:03:00", start="yesterday"),
        record(3, "2026-11-22 15:03:00", endtime="2026-11-22 15:02:00"),
        record(4, "2026-11-22 15:03:00", src_num={"$gt": ""}),
        record(5, "2026-11-22 15:03:00", dst_chan="x" * 5000),
        record(6, "2026-11-22 15:03:00", linkedid="", UNIQUEID=""),
        record(7, "2026-11-22 15:03:00", did="7495\x00123"),
        record(8, "2026-11-22 15:03:00", start="9999-99-99 99:99:99"),
        {"id": "9; drop table call"},
        record(10, "2026-11-22 15:10:00", src_num="<script>alert(1)</script>"),
    ]

    report = importing(store, tmp_path, pbx)

    assert report.bad_rows == 8
    assert rows(store, "select external_number_raw from call order by started_at") == [
        {"external_number_raw": "79161112233"},
        {"external_number_raw": "scriptalert1script"},
    ]
    (aside,) = report.set_aside
    text = aside.read_text("utf-8")
    assert "start: 'yesterday' is no time" in text
    assert "src_num: {'$gt': ''} is neither text nor number" in text
    assert importing(store, tmp_path, pbx).bad_rows == 1  # one without a number cannot be known again


def test_a_gap_is_filled_from_the_records_and_marked_as_such(store: Database, tmp_path: Path, pbx: RestPbx) -> None:
    pbx.records = [record(1, "2026-11-22 15:03:00")]
    importing(store, tmp_path, pbx)
    started = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)
    gap = Gap(pbx="pbx", started_at=started, ended_at=started + timedelta(minutes=10), cause="link_cut")
    still = Gap(pbx="pbx", started_at=datetime(2999, 1, 1, tzinfo=UTC), ended_at=None, cause="link_cut")
    store.write_facts({"gap": gap_table([gap, still])}, actor=ACTOR)
    pbx.records.append(record(2, "2026-11-22 15:13:00"))

    report = importing(store, tmp_path, pbx)

    assert (report.filled_gaps, report.calls.added) == (1, 1)
    assert rows(store, "select filled from gap order by started_at") == [{"filled": True}, {"filled": False}]
