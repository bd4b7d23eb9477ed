"""Files without a recording are listed, and become the recording of the call that their name tells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.facts import fact_tables
from data.settings import Site
from data.store.database import Database
from ingest.orphan_keeper import OrphanKeeper
from tests.ingest.fakes import facts
from tests.ingest.test_recordings import ACTOR, NAME, NOON, Office, write_wav

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNIQUEID = f"{int(NOON.timestamp())}.77"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Database(tmp_path / "var", memory_limit="256MB", readers=1, salt="salt") as database:
        yield Office(tmp_path, database)


def walk(office: Office, now: datetime = NOW) -> int:
    return OrphanKeeper(office.database, [office.root], patience=timedelta(hours=1)).walk(now)


def put(office: Office, name: str) -> Path:
    path = write_wav(office.root / name)
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    return path


def rows(office: Office, sql: str) -> list[dict[str, Any]]:
    return office.database.query(sql, actor=ACTOR).to_pylist()


def call(office: Office, call_id: str, channel: str) -> None:
    told = facts(call_id)
    told = replace(told, call=replace(told.call, channels=(channel,), started_at=NOON, ended_at=NOON))
    office.database.write_facts(fact_tables([told], site=Site(), source="ami"), actor=ACTOR)


def test_file_without_a_recording_is_listed_until_it_is_gone(office: Office) -> None:
    alone = put(office, "2026/алло, это я.wav")
    put(office, NAME)
    office.expect(NAME)
    walk(office)
    first = rows(office, "select * from orphan_file")

    walk(office, NOW + timedelta(hours=1))
    again = rows(office, "select found_at, seen_at from orphan_file")
    alone.unlink()
    walk(office, NOW + timedelta(hours=2))

    assert [(row["path"], row["bytes"], row["modified_at"]) for row in first] == [(str(alone), first[0]["bytes"], NOON)]
    assert again == [{"found_at": NOW, "seen_at": NOW + timedelta(hours=1)}]
    assert rows(office, "select * from orphan_file") == []


def test_orphan_becomes_a_recording_when_a_call_names_it(office: Office) -> None:
    put(office, f"elsewhere/{NAME}")
    walk(office)
    before = len(rows(office, "select * from orphan_file"))
    office.expect(f"/gone/{NAME}")

    office.look(6, timedelta(minutes=3))
    walk(office, NOW + timedelta(hours=1))

    assert before == 1
    assert office.row()["state"] == "present"
    assert rows(office, "select * from orphan_file") == []


def test_file_whose_name_tells_a_channel_becomes_the_recording_of_its_call(office: Office) -> None:
    path = put(office, f"out-79031234567-201-20261122-150000-{UNIQUEID}.wav")
    call(office, "pbx-1", UNIQUEID)

    attached = walk(office)

    assert attached == 1
    assert walk(office, NOW + timedelta(hours=1)) == 0
    office.look(3)
    assert (office.row()["call_id"], office.row()["state"], office.row()["path"]) == ("pbx-1", "present", str(path))
    assert rows(office, "select recording_count from call") == [{"recording_count": 1}]
    assert rows(office, "select * from orphan_file") == []


def test_name_that_fits_two_calls_is_not_guessed(office: Office) -> None:
    put(office, f"x-{UNIQUEID}.wav")
    call(office, "pbx-1", UNIQUEID)
    call(office, "other-1", UNIQUEID)

    assert walk(office) == 0
    assert len(rows(office, "select * from orphan_file")) == 1


@pytest.mark.parametrize("name", ["x-1234.5.wav", "x-9999999999.1.wav", "'; drop table call; --.wav", "x-\udcff.wav"])
def test_odd_names_are_listed_and_do_no_harm(office: Office, name: str) -> None:
    put(office, name)
    call(office, "pbx-1", UNIQUEID)

    assert walk(office) == 0
    assert len(rows(office, "select * from orphan_file")) == 1
