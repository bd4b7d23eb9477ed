"""Events leave the database when their time is over, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.facts import ami_event_table
from data.identity.actor import system
from data.store.database import Database
from ingest.retention import forget_old_events

ACTOR = system("tests")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _event(sequence: int, received_at: datetime) -> dict[str, object]:
    return {
        "pbx": "pbx",
        "sequence": sequence,
        "call_id": "call",
        "received_at": received_at,
        "event_at": None,
        "name": "Newchannel",
        "channels": ["1.1"],
        "fields": {"Event": "Newchannel"},
    }


def test_only_events_older_than_the_retention_are_removed_however_many_days_they_fill(tmp_path: Path) -> None:
    ages = [timedelta(days=days) for days in (400, 399, 91, 90, 89, 0)]
    events = ami_event_table([_event(sequence, NOW - age) for sequence, age in enumerate(ages)])
    with Database(tmp_path) as database:
        database.write_facts({"ami_event": events}, actor=ACTOR)

        limit = forget_old_events(database, now=NOW, days=90)

        left = database.query("select sequence from ami_event order by sequence", actor=ACTOR)["sequence"].to_pylist()
        assert left == [3, 4, 5]
        assert limit == NOW - timedelta(days=90)


def test_an_empty_database_has_nothing_to_remove(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        assert forget_old_events(database, now=NOW, days=1) == NOW - timedelta(days=1)
