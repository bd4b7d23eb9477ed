"""The tables of a FreePBX, in a real MariaDB, become the calls that live events tell of."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import app
from data.errors import ImportFailed
from data.facts import fact_tables, gap_table
from data.model import Gap
from data.settings import PbxDatabase, Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.imports import gathering
from ingest.imports.cel_import import CelImport
from ingest.imports.differences import differing_fields
from ingest.imports.merging import Merger
from ingest.imports.progress import Report
from ingest.imports.record_import import RecordImport
from ingest.imports.tables import CdrTable, CelTable
from ingest.sources import freepbx as source
from ingest.sources.freepbx import CdrRows, CelRows, RecordsDatabase
from tests.ingest.mariadb import CEL_COLUMNS, FreePbx
from tests.ingest.test_import_cdr import ACTOR, MOSCOW, SCENARIOS, UNKNOWABLE, live_calls, rows
from tests.ingest.test_import_gaps import AFTER, BEFORE, TEN_MINUTES, WITHIN

NAMES = ("out_busy", "in_group_answered", "transfer_attended_completed", "conference_three", "voicemail")
# The table has no moment of the answer: it follows from two lengths in whole seconds.
ROUNDED = {"transfer_attended_completed": {"talk_s"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def logs(*names: str) -> list[Path]:
    return [SCENARIOS / name / "cdr.csv" for name in names]


def import_records(store: Database, tmp_path: Path, pbx: FreePbx, zone: ZoneInfo = MOSCOW) -> Report:
    database = RecordsDatabase(pbx.settings)
    feed = CdrTable(CdrRows(database, "cdr"), pbx.settings, zone, pbx="pbx", folder=tmp_path / "imports")
    try:
        return RecordImport(Merger(store, "pbx", Site(), "cdr"), office=Office()).run(feed, since=feed.since())
    finally:
        database.close()


def import_events(store: Database, tmp_path: Path, pbx: FreePbx) -> Report:
    database = RecordsDatabase(pbx.settings)
    feed = CelTable(CelRows(database, "cel"), pbx.settings, MOSCOW, pbx="pbx", folder=tmp_path / "imports")
    merger = Merger(store, "pbx", Site(), "cel")
    work = CelImport(merger, folder=tmp_path / "imports", zone=MOSCOW, office=Office())
    try:
        return work.read(feed)
    finally:
        database.close()


def test_records_of_the_table_are_the_calls_that_live_events_tell_of(
    store: Database, tmp_path: Path, freepbx: FreePbx
) -> None:
    freepbx.put_records(*logs(*NAMES))

    report = import_records(store, tmp_path, freepbx)

    stored = {row["call_id"]: row for row in rows(store, "select * from call")}
    for name in NAMES:
        live = live_calls(SCENARIOS / name)
        told = {field for key, facts in live.items() for field in differing_fields(stored[key], facts.call)}
        assert told == UNKNOWABLE.get(name, set()) | ROUNDED.get(name, set()), name
    assert report.bad_rows == 0
    assert {row["source"] for row in stored.values()} == {"cdr"}


def test_events_of_the_table_are_the_calls_that_live_events_tell_of(
    store: Database, tmp_path: Path, freepbx: FreePbx
) -> None:
    live = live_calls(SCENARIOS / "out_busy") | live_calls(SCENARIOS / "transfer_attended_completed")
    freepbx.put_events(SCENARIOS / "out_busy" / "cel.csv", SCENARIOS / "transfer_attended_completed" / "cel.csv")

    first = import_events(store, tmp_path, freepbx)
    again = import_events(store, tmp_path, freepbx)

    stored = {row["call_id"]: row for row in rows(store, "select * from call")}
    assert [field for key, row in stored.items() for field in differing_fields(row, live[key].call)] == []
    assert (first.calls.added, again.calls.added) == (2, 0)


def test_a_recording_is_known_by_the_name_of_its_file(store: Database, tmp_path: Path, freepbx: FreePbx) -> None:
    freepbx.put_records(*logs("in_direct_answered"), recording="in-74951234567-79161112201-20261122-211019-1.3.wav")

    import_records(store, tmp_path, freepbx)

    assert rows(store, "select file, state from recording") == [
        {"file": "in-74951234567-79161112201-20261122-211019-1.3.wav", "state": "expected"}
    ]


def test_times_without_zone_are_the_pbx_s_also_in_the_hour_that_comes_twice(
    store: Database, tmp_path: Path, freepbx: FreePbx
) -> None:
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # both 02:30 in Berlin
    for number, at in enumerate(twice):
        freepbx.insert("cdr", [{
            "calldate": "2026-10-25 02:30:00", "src": "79161112201", "dst": "201", "channel": f"SIP/trunk-{number}",
            "dstchannel": f"SIP/201-{number}", "lastapp": "Dial", "lastdata": "SIP/201,20", "duration": 9,
            "billsec": 6, "disposition": "ANSWERED", "uniqueid": f"{int(at.timestamp())}.{number}",
            "linkedid": f"{int(at.timestamp())}.{number}",
        }])  # fmt: skip

    import_records(store, tmp_path, freepbx, ZoneInfo("Europe/Berlin"))

    stored = rows(store, "select started_at, answered_at, ended_at from call order by started_at")
    assert [row["started_at"] for row in stored] == twice
    assert {((row["answered_at"] - row["started_at"]).seconds, (row["ended_at"] - row["started_at"]).seconds)
            for row in stored} == {(3, 9)}  # fmt: skip


def test_what_came_since_the_last_import_comes_in_even_if_its_call_began_before(
    store: Database, tmp_path: Path, freepbx: FreePbx
) -> None:
    freepbx.put_records(*logs("voicemail"))  # 21:21
    import_records(store, tmp_path, freepbx)
    freepbx.put_records(*logs("out_busy"))  # 21:13, written later

    report = import_records(store, tmp_path, freepbx)

    assert report.calls.added == 1
    assert len(rows(store, "select 1 from call")) == 2


def test_only_the_last_hours_are_read_again(
    store: Database, tmp_path: Path, freepbx: FreePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAGE", 3)
    monkeypatch.setattr(gathering, "_SWEEP_EVERY", 1)
    freepbx.put_records(*logs(*NAMES))
    freepbx.run("update cdr set calldate = calldate - interval 30 day where uniqueid < '1795371300'")
    whole = import_records(store, tmp_path, freepbx)

    again = import_records(store, tmp_path, freepbx)

    (older,) = rows(store, "select count(*) as calls from call where started_at < '2026-11-01'")
    assert older["calls"] > 0
    assert 0 < again.rows < whole.rows
    assert again.calls.added == 0


def test_a_page_that_ends_within_a_second_loses_no_row(
    store: Database, tmp_path: Path, freepbx: FreePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAGE", 2)
    for number in range(7):
        freepbx.insert("cdr", [{
            "calldate": "2026-11-22 21:10:19", "src": "79161112201", "dst": "201", "channel": f"SIP/trunk-{number}",
            "lastapp": "Hangup", "duration": 1, "disposition": "NO ANSWER", "uniqueid": f"1795371019.{number}",
        }])  # fmt: skip

    report = import_records(store, tmp_path, freepbx)

    assert (report.rows, report.calls.added) == (7, 7)


def test_bad_rows_are_set_aside_once_with_their_values(store: Database, tmp_path: Path, freepbx: FreePbx) -> None:
    freepbx.put_records(*logs("out_busy"))
    good = {"calldate": "2026-11-22 21:30:00", "channel": "SIP/trunk-9", "disposition": "ANSWERED"}
    freepbx.insert("cdr", [
        {"calldate": "0000-00-00 00:00:00", "channel": "SIP/trunk-1"},
        good | {"channel": ""},
        good | {"duration": 5, "billsec": 50},
        good | {"duration": -5},
    ])  # fmt: skip

    first = import_records(store, tmp_path, freepbx)
    again = import_records(store, tmp_path, freepbx)

    assert (first.bad_rows, first.calls.added, again.bad_rows) == (4, 1, 0)
    kept = first.set_aside[0].read_text("utf-8")
    assert "calldate: '0000-00-00 00:00:00' is no time" in kept
    assert "channel: empty" in kept
    assert "billsec: 50 is more than the duration 5" in kept
    assert "duration: '-5' is no number" in kept


def test_bad_channel_events_are_set_aside_once_with_their_values(
    store: Database, tmp_path: Path, freepbx: FreePbx
) -> None:
    freepbx.put_events(SCENARIOS / "out_busy" / "cel.csv")
    good = dict.fromkeys(CEL_COLUMNS, "") | {"eventtype": "HANGUP", "eventtime": "2026-11-22 21:30:00"}
    freepbx.insert("cel", [
        good | {"uniqueid": "1.1", "eventtime": "0000-00-00 00:00:00"},
        good | {"uniqueid": "1.2", "eventtype": "<b>hang up</b>"},
        good | {"uniqueid": ""},
    ])  # fmt: skip

    first = import_events(store, tmp_path, freepbx)
    again = import_events(store, tmp_path, freepbx)

    assert (first.bad_rows, first.calls.added, again.bad_rows) == (3, 1, 0)
    (_, *kept) = csv.reader(first.set_aside[0].read_text("utf-8").splitlines())
    assert [(line, reason) for _, line, reason, _ in kept] == [
        (str(first.rows - 2), "time: '0000-00-00 00:00:00' is neither unix time nor like 2026-11-22 21:13:21.135456"),
        (str(first.rows - 1), "type: '<b>hang up</b>' is no name of a channel event"),
        (str(first.rows), "uniqueid: empty"),
    ]


def test_text_of_any_kind_comes_through_and_is_only_text(store: Database, tmp_path: Path, freepbx: FreePbx) -> None:
    freepbx.run("alter table cdr convert to character set utf8mb4, modify lastdata varbinary(80) not null default ''")
    freepbx.insert("cdr", [{
        "calldate": "2026-11-22 21:30:00", "src": "'; drop table cdr; --", "dst": "s",
        "clid": '"Ёлка <b>😀" <79161112201>', "channel": "SIP/trunk-9", "lastapp": "Playback",
        "lastdata": b"\xff\xfe", "duration": 5, "billsec": 5, "disposition": "ANSWERED", "uniqueid": "1795372200.1",
    }])  # fmt: skip

    report = import_records(store, tmp_path, freepbx)

    assert (report.rows, report.bad_rows) == (1, 0)
    assert rows(store, "select caller_name from call") == [{"caller_name": "Ёлка <b>😀"}]


def test_a_gap_is_filled_from_the_table(store: Database, tmp_path: Path, freepbx: FreePbx) -> None:
    heard = [facts for name in (BEFORE, AFTER) for facts in live_calls(SCENARIOS / name).values()]
    store.write_facts({**fact_tables(heard, site=Site(), source="ami"), "gap": gap_table([TEN_MINUTES])}, actor=ACTOR)
    freepbx.put_records(*logs(BEFORE, WITHIN, AFTER))

    report = import_records(store, tmp_path, freepbx)

    assert report.filled_gaps == 1
    assert rows(store, "select filled, filled_from from gap") == [{"filled": True, "filled_from": ["cdr"]}]
    assert rows(store, "select source from call order by started_at") == [
        {"source": "ami"}, {"source": "cdr"}, {"source": "ami"},
    ]  # fmt: skip


def test_a_gap_after_a_quiet_time_is_filled_too(store: Database, tmp_path: Path, freepbx: FreePbx) -> None:
    freepbx.put_records(*logs(BEFORE))
    freepbx.run("update cdr set calldate = calldate - interval 3 day")
    import_records(store, tmp_path, freepbx)
    gap = Gap(pbx="pbx", started_at=TEN_MINUTES.started_at, ended_at=TEN_MINUTES.ended_at, cause=TEN_MINUTES.cause)
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)
    freepbx.put_records(*logs(WITHIN, AFTER))

    assert import_records(store, tmp_path, freepbx).filled_gaps == 1


def test_a_table_that_is_none_of_records_names_the_column(freepbx: FreePbx) -> None:
    freepbx.run("alter table cdr drop column channel")
    database = RecordsDatabase(freepbx.settings)

    with pytest.raises(ImportFailed, match=r"Table cdr has no column channel\. Set cdr_table"):
        CdrRows(database, "cdr")

    database.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "asterisk"}, r"database asterisk on .*Set name to that of the database"),
        ({"socket": Path("/nowhere/mysqld.sock")}, r"on /nowhere/mysqld.sock: .*Is MariaDB running"),
    ],
)
def test_a_database_that_cannot_be_read_names_the_remedy(
    freepbx: FreePbx, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ImportFailed, match=message):
        RecordsDatabase(freepbx.settings.model_copy(update=changes))


def test_the_database_is_only_read(freepbx: FreePbx) -> None:
    database = RecordsDatabase(freepbx.settings)

    with pytest.raises(ImportFailed, match="READ ONLY"):
        database.value("delete from cdr")

    database.close()


def test_the_command_imports_the_database_of_the_settings(
    tmp_path: Path, freepbx: FreePbx, capsys: pytest.CaptureFixture[str]
) -> None:
    freepbx.put_records(*logs("out_busy"))
    settings = tmp_path / "callboard.toml"
    settings.write_text(
        f'data = "{tmp_path / "var"}"\n[[pbx]]\nname = "office"\n[pbx.database]\nuser = "root"\n'
        f'socket = "{freepbx.settings.socket}"\n'
    )

    status = app.main(["import", "freepbx", "--settings", str(settings)])

    assert status == 0
    assert "Calls: 1 new" in capsys.readouterr().out


def test_a_pbx_without_a_database_says_where_to_set_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = app.main(["import", "freepbx", "--data", str(tmp_path / "var")])

    assert status == 2
    assert "Set host (or socket) in its section [pbx.database]" in capsys.readouterr().err


def test_the_password_is_never_shown() -> None:
    settings = PbxDatabase(host="127.0.0.1", port=1, password="geheim")

    with pytest.raises(ImportFailed) as told:
        RecordsDatabase(settings)

    assert "geheim" not in str(told.value) + repr(settings)
    assert "Is MariaDB running there" in str(told.value)
