"""What a PBX writes of its own is found for any day, fills gaps by itself, and is compared every day."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import app
from data.facts import fact_tables, gap_table
from data.model import Gap
from data.settings import Pbx, PbxRecords, Settings, Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.gap_filling import GapFiller
from ingest.gap_sources import CallRecords, GapSource, gap_sources
from ingest.imports.event_records import EventFeed
from ingest.imports.members import Members
from ingest.imports.merging import Merger
from ingest.imports.queue_merging import QueueMerger
from ingest.imports.record_import import RecordImport
from ingest.queue_follower import QueueFollower
from ingest.records import EventRecords, FileRecords, Records, TableRecords, cdr_messages, queue_lines, with_rotated
from ingest.records_keeper import RecordsKeeper
from ingest.sources import cdr_files
from ingest.sources.cdr import BadRow
from ingest.sources.cdr_events import cdr_of_event
from ingest.stream import connections
from tests.ingest.mariadb import FreePbx
from tests.ingest.test_import_cdr import ACTOR, MOSCOW, SCENARIOS, live_calls, rows
from tests.ingest.test_import_gaps import AFTER, BEFORE, TEN_MINUTES, WITHIN, records

DAY = date(2026, 11, 22)
NIGHT = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 04:00 in Moscow
BEGIN, END = datetime(2026, 11, 21, 21, tzinfo=UTC), datetime(2026, 11, 22, 21, tzinfo=UTC)
OVERFLOW = SCENARIOS / "in_queue_overflow_to_group" / "queue_log"
LATER = datetime(2026, 11, 22, 19, tzinfo=UTC)
END_OF_SHORT_GAP = datetime(2026, 11, 22, 18, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def put_journal(data: Path, *names: str) -> Path:
    """Scenarios as closed segments of the journal, one connection each."""
    folder, first = data / "journal" / "pbx", 1
    for number, name in enumerate(names, 1):
        source = SCENARIOS / name
        messages = list(connections([source])[0].messages())
        last = messages[-1].received_at
        segment = folder / f"{first:016d}-{datetime.fromtimestamp(last, UTC):%Y%m%dT%H}Z-{number}"
        segment.mkdir(parents=True)
        events = gzip.decompress((source / "events.ami.gz").read_bytes())
        (segment / "events.ami").write_bytes(events)
        (segment / "times.csv").write_bytes(gzip.decompress((source / "times.csv.gz").read_bytes()))
        ending = {"cause": "link_cut", "at": last, "bytes": len(events), "messages": len(messages) + 1}
        (segment / "segment.json").write_text(json.dumps(ending), "utf-8")
        first += len(messages) + 1
    return folder


def between(found: Records, from_at: datetime = BEGIN, until_at: datetime = END) -> list[tuple[str, float]]:
    return [(line.channel, line.ended_at) for line in found.between(from_at.timestamp(), until_at.timestamp())]


# ------------------------------------------------------------------ where records are


@pytest.mark.parametrize("name", ["out_busy", "in_group_answered", "transfer_blind_answered"])
def test_events_tell_the_same_records_as_the_file(tmp_path: Path, name: str) -> None:
    events = EventRecords(put_journal(tmp_path, name), MOSCOW)

    assert sorted(between(events)) == sorted(between(FileRecords([SCENARIOS / name / "cdr.csv"], MOSCOW)))
    assert events.since() is None


def test_an_event_that_is_no_record_names_the_value() -> None:
    with pytest.raises(BadRow, match="start: 'soon' is no time"):
        cdr_of_event({"Channel": "SIP/1", "StartTime": "soon", "EndTime": "", "UniqueID": "1.1"}, 7, MOSCOW)


def test_a_day_is_found_in_a_long_log_without_reading_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdr_files, "_NEAR_BYTES", 2_000)
    template = (SCENARIOS / "out_busy" / "cdr.csv").read_text("utf-8").splitlines()[0]
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    log = tmp_path / "Master.csv"
    log.write_text("".join(template.replace("2026-11-22", str(day)) + "\n" for day in days), "utf-8")
    read = 0
    real = cdr_files.RowFile.rows

    def counting(self: cdr_files.RowFile, offset: int, number: int = 0) -> Iterator[cdr_files.Row]:
        nonlocal read
        for row in real(self, offset, number):
            read += 1
            yield row

    monkeypatch.setattr(cdr_files.RowFile, "rows", counting)

    found = between(FileRecords([log], MOSCOW))

    assert {datetime.fromtimestamp(at, MOSCOW).date() for _, at in found} == {
        DAY - timedelta(days=1),
        DAY,
    }  # some hours around it too
    assert read < 100


def test_rotated_parts_of_a_log_are_read_with_it_oldest_first(tmp_path: Path) -> None:
    log = tmp_path / "Master.csv"
    for number, (name, scenario) in enumerate(
        [("Master.csv.2.gz", BEFORE), ("Master.csv.1", WITHIN), ("Master.csv", AFTER), ("Master.csv.old.txt", AFTER)]
    ):
        text = (SCENARIOS / scenario / "cdr.csv").read_bytes()
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        os.utime(tmp_path / name, (LATER.timestamp() + number, LATER.timestamp() + number))

    assert [path.name for path in with_rotated(log)] == ["Master.csv.2.gz", "Master.csv.1", "Master.csv"]
    found = FileRecords(with_rotated(log), MOSCOW)
    ended = [at for _, at in between(found)]
    assert ended == sorted(ended)
    assert found.since() == pytest.approx(datetime(2026, 11, 22, 18, 10, 19, tzinfo=UTC).timestamp(), abs=60)


# ------------------------------------------------------------------ gaps fill themselves


def with_gap(store: Database) -> None:
    heard = [facts for name in (BEFORE, AFTER) for facts in live_calls(SCENARIOS / name).values()]
    store.write_facts({**fact_tables(heard, site=Site(), source="ami"), "gap": gap_table([TEN_MINUTES])}, actor=ACTOR)


def filler(store: Database, found: Records) -> GapFiller:
    return GapFiller(store, [CallRecords(found, Office(), pbx="pbx")], pbx="pbx", site=Site())


def test_a_gap_of_ten_minutes_fills_itself_once_the_records_reach_beyond_it(store: Database, tmp_path: Path) -> None:
    with_gap(store)
    early = filler(store, FileRecords([records(tmp_path, BEFORE, WITHIN)], MOSCOW)).run(LATER)
    brought = rows(store, "select source from call order by started_at")

    late = filler(store, FileRecords([records(tmp_path, BEFORE, WITHIN, AFTER)], MOSCOW)).run(LATER)

    assert (early, late) == (0, 1)
    assert brought == [{"source": "ami"}, {"source": "cdr"}, {"source": "ami"}]
    assert rows(store, "select filled, filled_from from gap") == [{"filled": True, "filled_from": ["cdr"]}]


def test_a_gap_fills_itself_from_the_database(store: Database, freepbx: FreePbx) -> None:
    with_gap(store)
    freepbx.put_records(*(SCENARIOS / name / "cdr.csv" for name in (BEFORE, WITHIN, AFTER)))

    filled = filler(store, TableRecords(freepbx.settings, MOSCOW)).run(LATER)

    assert filled == 1
    assert len(rows(store, "select 1 from call")) == 3


def test_events_complete_calls_but_never_fill_a_gap(store: Database, tmp_path: Path) -> None:
    with_gap(store)

    filled = filler(store, EventRecords(put_journal(tmp_path, BEFORE, WITHIN, AFTER), MOSCOW)).run(LATER)

    assert filled == 0
    assert rows(store, "select filled from gap") == [{"filled": False}]
    assert len(rows(store, "select 1 from call")) == 3


def test_calls_outside_the_gap_are_left_alone(store: Database, tmp_path: Path) -> None:
    store.write_facts({"gap": gap_table([TEN_MINUTES])}, actor=ACTOR)

    filler(store, FileRecords([records(tmp_path, BEFORE, WITHIN, AFTER)], MOSCOW)).run(LATER)

    (within,) = rows(store, "select started_at from call")
    assert within["started_at"] > TEN_MINUTES.started_at


def channel_events(folder: Path, *names: str) -> list[GapSource]:
    log = folder / "cel.csv"
    log.write_text("".join((SCENARIOS / name / "cel.csv").read_text("utf-8") for name in names), "utf-8")
    return gap_sources(Pbx(records=PbxRecords(cel_csv=log)), Settings(data=folder), records=[])


def test_a_gap_fills_itself_from_channel_events_to_the_microsecond(store: Database, tmp_path: Path) -> None:
    around = ("in_queue_answered_second", WITHIN, "transfer_attended_completed")  # 21:11, 21:13 and 21:15
    gap = replace(TEN_MINUTES, started_at=TEN_MINUTES.started_at + timedelta(minutes=2), ended_at=END_OF_SHORT_GAP)
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)
    early = GapFiller(store, channel_events(tmp_path, *around[:2]), pbx="pbx", site=Site()).run(LATER)

    late = GapFiller(store, channel_events(tmp_path, *around), pbx="pbx", site=Site()).run(LATER)

    assert (early, late) == (0, 1)
    assert rows(store, "select filled, filled_from from gap") == [{"filled": True, "filled_from": ["cel"]}]
    (within,) = rows(store, "select source, outcome, started_at from call")
    assert (within["source"], within["outcome"]) == ("cel", "not_reached")
    assert within["started_at"] == datetime(2026, 11, 22, 18, 13, 49, 806732, tzinfo=UTC)


def test_a_call_that_goes_on_behind_the_gap_is_not_given_an_end_by_channel_events(
    store: Database, tmp_path: Path
) -> None:
    store.write_facts({"gap": gap_table([TEN_MINUTES])}, actor=ACTOR)
    (source,) = channel_events(tmp_path, "in_queue_answered_second")
    log = tmp_path / "cel.csv"
    log.write_text("".join(log.read_text("utf-8").splitlines(keepends=True)[:-6]), "utf-8")

    told = source.told(TEN_MINUTES.started_at.timestamp(), END_OF_SHORT_GAP.timestamp())

    assert told.calls == []
    assert told.until > TEN_MINUTES.started_at.timestamp()


def test_parts_that_were_rotated_while_we_ran_are_read_too(tmp_path: Path) -> None:
    log = records(tmp_path, BEFORE)
    found = FileRecords(log, MOSCOW)
    alone = between(found)

    log.rename(tmp_path / "Master.csv.1")
    records(tmp_path, AFTER)

    assert len(between(found)) > len(alone)
    assert between(found)[: len(alone)] == alone


def test_a_gap_that_cannot_be_filled_is_asked_about_less_and_less(store: Database, tmp_path: Path) -> None:
    with_gap(store)
    asked: list[datetime] = []

    class Counting(FileRecords):
        def since(self) -> float | None:
            asked.append(now)
            return super().since()

    work = filler(store, Counting([records(tmp_path, WITHIN)], MOSCOW))
    for minute in range(60):
        now = LATER + timedelta(minutes=minute)
        work.run(now)

    assert 3 <= len(asked) <= 7


# ------------------------------------------------------------------ the queue log is followed


def follower(store: Database, tmp_path: Path, log: Path) -> QueueFollower:
    merger = QueueMerger(store, "pbx", Site(), Office(), Members({}, Office()), only_in=[])
    return QueueFollower(log, merger, folder=tmp_path / "imports")


def nobody_listened(store: Database) -> None:
    began = datetime.fromtimestamp(1795371141, UTC)
    gap = Gap(pbx="pbx", started_at=began, ended_at=began + timedelta(seconds=20), cause="link_cut")
    store.write_facts({"gap": gap_table([gap])}, actor=ACTOR)


@pytest.mark.parametrize("kind", ["renamed", "copied and cut"])
def test_a_log_is_followed_through_its_rotation(store: Database, tmp_path: Path, kind: str) -> None:
    nobody_listened(store)
    lines = OVERFLOW.read_text("utf-8").splitlines(keepends=True)
    log = tmp_path / "queue_log"
    log.write_text("".join(lines[:2]), "utf-8")
    work = follower(store, tmp_path, log)
    counts = [work.step(LATER)]

    with log.open("a", encoding="utf-8") as file:
        file.write(lines[2][:20])  # half a line
    counts.append(work.step(LATER))
    with log.open("a", encoding="utf-8") as file:
        file.write(lines[2][20:])
    if kind == "renamed":
        log.rename(tmp_path / "queue_log.1")
        counts.append(work.step(LATER))
    else:
        counts.append(work.step(LATER))
        log.write_text("", "utf-8")
        work.step(LATER)
    log.write_text("".join(lines[3:]), "utf-8")
    counts.append(work.step(LATER))

    work.close()
    assert counts == [2, 0, 1, len(lines) - 3]
    assert rows(store, "select result, wait_s, place_at_entry from queue_visit") == [
        {"result": "timeout", "wait_s": 8.0, "place_at_entry": 1}
    ]


def test_a_caller_whom_live_events_must_have_seen_does_not_come_in_from_the_log(
    store: Database, tmp_path: Path
) -> None:
    work = follower(store, tmp_path, OVERFLOW)

    work.step(datetime.fromtimestamp(1795371149 + 600, UTC))

    work.close()
    assert rows(store, "select 1 from call") == []


def test_a_caller_is_compared_when_he_is_gone_for_a_while_and_once(store: Database, tmp_path: Path) -> None:
    live = live_calls(OVERFLOW.parent)
    store.write_facts(fact_tables(list(live.values()), site=Site(), source="ami"), actor=ACTOR)
    work = follower(store, tmp_path, OVERFLOW)
    gone = datetime.fromtimestamp(1795371149, UTC)

    work.step(gone + timedelta(seconds=10))
    at_once = work.report.calls.kept
    for minute in (3, 4, 5):
        work.step(gone + timedelta(minutes=minute))

    work.close()
    assert (at_once, work.report.calls.kept, work.report.calls.differing) == (0, 1, 0)


def test_a_follower_that_was_stopped_goes_on_where_it_was(store: Database, tmp_path: Path) -> None:
    nobody_listened(store)
    lines = OVERFLOW.read_text("utf-8").splitlines(keepends=True)
    log = tmp_path / "queue_log"
    log.write_text("".join(lines[:2]), "utf-8")
    now = datetime.fromtimestamp(1795371149, UTC) + timedelta(minutes=10)
    first = follower(store, tmp_path, log)
    first.step(now)
    first.close()
    log.write_text("".join(lines), "utf-8")

    second = follower(store, tmp_path, log)
    second.step(now)

    second.close()
    assert rows(store, "select result, wait_s from queue_visit") == [{"result": "timeout", "wait_s": 8.0}]


def test_years_of_a_log_are_not_read_when_it_is_followed_for_the_first_time(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdr_files, "_NEAR_BYTES", 1_000)
    old = "".join(f"{1600000000 + number * 60}|NONE|sales|Ivan|PENALTY|{number}\n" for number in range(2_000))
    log = tmp_path / "queue_log"
    log.write_text(old + OVERFLOW.read_text("utf-8"), "utf-8")
    work = follower(store, tmp_path, log)

    count = work.step(datetime.fromtimestamp(1795371149 + 600, UTC))

    work.close()
    assert 5 <= count < 100


def test_a_log_that_is_not_there_is_waited_for(store: Database, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    work = follower(store, tmp_path, log)
    before = work.step(LATER)

    log.write_bytes(OVERFLOW.read_bytes())

    assert (before, work.step(LATER)) == (0, 5)
    work.close()


# ------------------------------------------------------------------ every finished day is compared


def keeper(store: Database, tmp_path: Path, **files: Path) -> RecordsKeeper:
    pbx = Pbx(records=PbxRecords(**files))
    return RecordsKeeper(pbx, Settings(data=tmp_path / "data", pbx=[pbx]), store)


def checked(store: Database) -> list[tuple[str, date, int, int]]:
    found = rows(store, "select source, checked_on, agree, unexplained from self_check order by source")
    return [(row["source"], row["checked_on"], row["agree"], row["unexplained"]) for row in found]


def test_a_finished_day_is_compared_once_the_night_is_there(store: Database, tmp_path: Path) -> None:
    folder = OVERFLOW.parent
    store.write_facts(fact_tables(list(live_calls(folder).values()), site=Site(), source="ami"), actor=ACTOR)
    work = keeper(store, tmp_path, cdr_csv=folder / "cdr.csv", queue_log=folder / "queue_log")
    work.look(datetime(2026, 11, 22, 23, tzinfo=UTC))  # 02:00
    too_early = checked(store)

    work.look(NIGHT)

    assert too_early == []
    assert checked(store) == [("cdr", DAY, 1, 0), ("queue_log", DAY, 1, 0)]


def test_without_files_a_day_is_compared_with_the_events_that_came(store: Database, tmp_path: Path) -> None:
    put_journal(tmp_path / "data", "out_busy")
    store.write_facts(
        fact_tables(list(live_calls(SCENARIOS / "out_busy").values()), site=Site(), source="ami"), actor=ACTOR
    )

    keeper(store, tmp_path).look(NIGHT)

    assert checked(store) == [("cdr", DAY, 1, 0)]


def test_a_day_without_records_is_not_compared_with_those_of_the_days_around_it(
    store: Database, tmp_path: Path
) -> None:
    put_journal(tmp_path / "data", "out_busy")
    store.write_facts(
        fact_tables(list(live_calls(SCENARIOS / "out_busy").values()), site=Site(), source="ami"), actor=ACTOR
    )

    found = keeper(store, tmp_path).check(DAY + timedelta(days=1), NIGHT + timedelta(days=1))

    assert found == []
    assert checked(store) == []


def test_a_pbx_that_writes_nothing_is_not_compared_with_nothing(store: Database, tmp_path: Path) -> None:
    store.write_facts(
        fact_tables(list(live_calls(SCENARIOS / "out_busy").values()), site=Site(), source="ami"), actor=ACTOR
    )

    keeper(store, tmp_path).look(NIGHT)

    assert checked(store) == []


def test_garbage_in_the_files_of_a_pbx_ends_nothing(store: Database, tmp_path: Path) -> None:
    nobody_listened(store)
    noise = random.Random(7)  # the same garbage every time
    log, queue = tmp_path / "Master.csv", tmp_path / "queue_log"
    log.write_bytes(noise.randbytes(5_000))
    queue.write_bytes(bytes(5_000) + b"\n" + noise.randbytes(5_000) + b"\n" + OVERFLOW.read_bytes())
    work = keeper(store, tmp_path, cdr_csv=log, queue_log=queue)

    work.look(datetime.fromtimestamp(1795371149 + 600, UTC))

    assert rows(store, "select result from queue_visit") == [{"result": "timeout"}]
    assert len(list(queue_lines(queue, BEGIN.timestamp(), END.timestamp()))) == 5


def test_bad_events_are_set_aside_once_with_their_place_and_value(store: Database, tmp_path: Path) -> None:
    journal = put_journal(tmp_path, "out_busy", "voicemail")
    segment = max(journal.iterdir()) / "events.ami"
    segment.write_bytes(segment.read_bytes().replace(b"StartTime: 2026-11-22", b"StartTime: 2026-13-22"))
    places = [one.sequence for one in cdr_messages(journal, 0) if "2026-13" in one.fields["StartTime"]]

    first, again = (
        RecordImport(Merger(store, "pbx", Site(), "cdr"), office=Office()).run(
            EventFeed(journal, MOSCOW, pbx="pbx", folder=tmp_path / "imports"), since=None
        )
        for _ in range(2)
    )

    assert (first.bad_rows, first.calls.added, again.bad_rows) == (2, 1, 0)
    (_, *kept) = csv.reader(io.StringIO(first.set_aside[0].read_text("utf-8"), newline=""))
    assert [(source, int(place)) for source, place, _, _ in kept] == [("Event: Cdr", place) for place in places]
    assert all(reason.startswith("start: '2026-13-22") and "StartTime: 2026-13-22" in raw for _, _, reason, raw in kept)


# ------------------------------------------------------------------ the commands


def test_the_commands_use_what_came_by_the_manager_interface(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "var"
    put_journal(data, "out_busy", "voicemail")
    imported = app.main(["import", "cdr-events", "--data", str(data)])
    again = app.main(["import", "cdr-events", "--data", str(data)])
    told = capsys.readouterr().out

    status = app.main(["self-check", "--data", str(data), "--from", "2026-11-22"])

    assert (imported, again, status) == (0, 0, 0)
    assert "Calls: 2 new" in told
    assert "Calls: 0 new, 2 written anew" in told
    assert "Compared with Event: Cdr.\n2026-11-22: 2 agree" in capsys.readouterr().out
