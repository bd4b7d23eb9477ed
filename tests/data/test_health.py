"""What the facts mean: each trouble is named with its values, and all is well where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.disk import Level, Room, Write
from data.facts import gap_table
from data.health import FINE, STATES, Facts, Mark, examine, gather, worst
from data.identity.actor import system
from data.model import Gap
from data.settings import Backups, Pbx, Settings
from data.store.database import Database
from data.store.protocol import Statement
from ingest.vitals import tell

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ROOM = Room(total_bytes=1000, free_bytes=500, level=Level.GOOD)
SETTINGS = Settings(pbx=[Pbx(name="office")])
OFFICE = {"recordings_missing": 0, "outbox_stuck": 0, "outbox_failed": 0}
GOOD_BACKUP = {"made_at": NOW - timedelta(hours=6), "bytes": 1000, "error": None}
FACTS = Facts(
    now=NOW,
    settings=SETTINGS,
    room=ROOM,
    store_s=0.01,
    office=OFFICE,
    vitals={"office": {"connected": 1.0, "clock_ahead_s": 0.1}},
    told_at=NOW - timedelta(seconds=3),
    last_backup=GOOD_BACKUP,
    good_backup=GOOD_BACKUP,
)


def states(facts: Facts) -> dict[str, str]:
    return {finding.check: finding.state for finding in examine(facts)}


def test_where_nothing_is_wrong_every_finding_is_fine() -> None:
    findings = examine(FACTS)

    assert {finding.state for finding in findings} <= FINE
    assert worst(findings) is not Mark.BAD
    assert states(FACTS)["link"] == "up"


@pytest.mark.parametrize(
    ("changed", "check", "state"),
    [
        ({"office": None}, "store", "away"),
        ({"store_s": 2.0}, "store", "slow"),
        ({"room": replace(ROOM, level=Level.LOW)}, "disk", "low"),
        ({"room": replace(ROOM, level=Level.SCARCE, stopped=frozenset({Write.PEAKS}))}, "disk", "scarce"),
        ({"room": replace(ROOM, level=Level.READ_ONLY)}, "disk", "read_only"),
        ({"told_at": NOW - timedelta(minutes=1)}, "ingest", "silent"),
        ({"told_at": None}, "ingest", "silent"),
        ({"vitals": {"office": {"lag_s": 90.0}}}, "lag", "late"),
        ({"vitals": {"office": {"behind_bytes": 1e9}}}, "lag", "late"),
        ({"vitals": {"office": {"journal_failing": 1.0}}}, "journal", "failing"),
        ({"vitals": {"office": {"journal_dropped_bytes": 5.0}}}, "journal", "dropped"),
        ({"vitals": {"office": {"facts_rejected": 1.0}}}, "facts", "rejected"),
        ({"vitals": {"office": {"events_left_out": 1.0}}}, "facts", "left_out"),
        ({"vitals": {"office": {"clock_ahead_s": -60.0}}}, "clock", "off"),
        ({"vitals": {}}, "link", "unknown"),
        ({"last_backup": GOOD_BACKUP | {"error": "no room"}}, "backup", "failed"),
        ({"last_backup": None, "good_backup": None}, "backup", "never"),
        ({"good_backup": GOOD_BACKUP | {"made_at": NOW - timedelta(days=3)}}, "backup", "old"),
        ({"settings": SETTINGS.model_copy(update={"backup": Backups(every_days=0)})}, "backup", "off"),
        ({"office": OFFICE | {"recordings_missing": 2}}, "recordings", "missing"),
        ({"office": OFFICE | {"outbox_stuck": 2}}, "outbox", "stuck"),
        ({"office": OFFICE | {"outbox_failed": 2}}, "outbox", "failed"),
    ],
)
def test_each_trouble_is_named(changed: dict[str, Any], check: str, state: str) -> None:
    facts = replace(FACTS, **changed)

    assert states(facts)[check] == state
    assert state in STATES[check]


def test_an_open_gap_is_a_lost_link_since_then_and_what_it_cost_is_summed() -> None:
    row = {"pbx": "office", "gaps": 2, "unfilled": 1, "lost_s": 700.0, "open_since": NOW - timedelta(minutes=5)}

    found = {finding.check: finding for finding in examine(replace(FACTS, gaps=[row]))}

    assert (found["link"].state, found["link"].mark, found["link"].since) == ("lost", Mark.BAD, row["open_since"])
    assert (found["gaps"].state, found["gaps"].values) == ("unfilled", {"count": 2, "seconds": 700.0})


def test_the_facts_come_from_the_store_and_from_what_ingest_tells(database: Database, tmp_path: Path) -> None:
    told = [{"pbx": "office", "name": "connected", "value": 1.0}, {"pbx": "office", "name": "events", "value": 7.0}]
    tell(database, told, now=NOW)
    tell(database, told, now=NOW)
    gap = Gap(pbx="office", started_at=NOW - timedelta(hours=2), ended_at=NOW - timedelta(hours=1), cause="link_cut")
    # The first login ever is a gap of no length: before it there was nothing to listen to.
    begin = Gap(pbx="office", started_at=NOW - timedelta(hours=3), ended_at=NOW - timedelta(hours=3), cause="start")
    database.write_facts({"gap": gap_table([gap, begin])}, actor=system("test"))
    kept = {"made_at": NOW, "file": "x", "bytes": 5, "took_s": 1.0, "error": None}
    database.transact([Statement(name="backup_insert", params=kept)], actor=system("test"), touches={})
    (tmp_path / "journal" / "office").mkdir(parents=True)
    (tmp_path / "journal" / "office" / "raw").write_bytes(b"x" * 12)
    settings = SETTINGS.model_copy(update={"data": tmp_path})

    facts = gather(settings, database, ROOM, now=NOW)

    assert facts.vitals == {"office": {"connected": 1.0, "events": 7.0}}
    assert facts.told_at == NOW
    assert facts.journal_bytes == {"office": 12}
    assert facts.good_backup is not None
    assert facts.good_backup["bytes"] == 5
    assert [row["gaps"] for row in facts.gaps] == [1]
    assert states(facts)["gaps"] == "unfilled"
    assert states(facts)["link"] == "up"
