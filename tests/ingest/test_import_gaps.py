"""What happened while nobody listened comes in from the PBX's records, and the gap says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.facts import fact_tables, gap_table
from data.model import Gap
from data.settings import Site
from data.store.database import Database
from tests.ingest.test_import_cdr import ACTOR, SCENARIOS, import_file, live_calls, rows

BEFORE, WITHIN, AFTER = "in_direct_answered", "out_busy", "voicemail"  # 21:10, 21:13 and 21:21 local time
TEN_MINUTES = Gap(
    pbx="pbx",
    started_at=datetime(2026, 11, 22, 18, 11, tzinfo=UTC),
    ended_at=datetime(2026, 11, 22, 18, 21, tzinfo=UTC),
    cause="link_cut",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Live events of two calls, and ten minutes between them in which nobody listened."""
    with Database(tmp_path / "var") as database:
        heard = [facts for name in (BEFORE, AFTER) for facts in live_calls(SCENARIOS / name).values()]
        database.write_facts(
            {**fact_tables(heard, site=Site(), source="ami"), "gap": gap_table([TEN_MINUTES])}, actor=ACTOR
        )
        yield database


def records(folder: Path, *names: str) -> Path:
    log = folder / "Master.csv"
    log.write_text("".join((SCENARIOS / name / "cdr.csv").read_text("utf-8") for name in names), "utf-8")
    return log


def test_a_gap_of_ten_minutes_is_filled_and_marked_as_such(store: Database, tmp_path: Path) -> None:
    report = import_file(store, tmp_path, records(tmp_path, BEFORE, WITHIN, AFTER))

    assert report.filled_gaps == 1
    assert rows(store, "select filled from gap") == [{"filled": True}]
    assert rows(store, "select source, outcome from call order by started_at") == [
        {"source": "ami", "outcome": "answered"},
        {"source": "cdr", "outcome": "not_reached"},
        {"source": "ami", "outcome": "missed"},
    ]


def test_a_pbx_that_was_away_for_an_hour_loses_no_call_of_that_hour(tmp_path: Path) -> None:
    hour = Gap(
        pbx="pbx",
        started_at=TEN_MINUTES.started_at,
        ended_at=datetime(2026, 11, 22, 19, 11, tzinfo=UTC),
        cause="link_cut",
    )
    log = records(tmp_path, BEFORE, WITHIN, AFTER)
    log.write_text(log.read_text("utf-8").replace("2026-11-22 21:21:", "2026-11-22 22:21:"), "utf-8")
    with Database(tmp_path / "var") as store:
        heard = list(live_calls(SCENARIOS / BEFORE).values())
        store.write_facts({**fact_tables(heard, site=Site(), source="ami"), "gap": gap_table([hour])}, actor=ACTOR)

        import_file(store, tmp_path, log)

        assert rows(store, "select filled, cause from gap") == [{"filled": True, "cause": "link_cut"}]
        assert rows(store, "select source from call order by started_at") == [
            {"source": "ami"},
            {"source": "cdr"},
            {"source": "cdr"},
        ]


@pytest.mark.parametrize("names", [(BEFORE, WITHIN), (WITHIN, AFTER)], ids=["ends within", "begins within"])
def test_a_gap_that_the_records_cover_in_part_stays_open(
    store: Database, tmp_path: Path, names: tuple[str, str]
) -> None:
    report = import_file(store, tmp_path, records(tmp_path, *names))

    assert report.filled_gaps == 0
    assert rows(store, "select filled from gap") == [{"filled": False}]
    assert len(rows(store, "select 1 from call")) == 3


def test_a_log_that_has_grown_past_the_gap_fills_it(store: Database, tmp_path: Path) -> None:
    import_file(store, tmp_path, records(tmp_path, BEFORE, WITHIN))

    report = import_file(store, tmp_path, records(tmp_path, BEFORE, WITHIN, AFTER))

    assert report.filled_gaps == 1


def test_a_gap_of_another_pbx_stays_open(store: Database, tmp_path: Path) -> None:
    other = Gap(pbx="south", started_at=TEN_MINUTES.started_at, ended_at=TEN_MINUTES.ended_at, cause="link_cut")
    store.write_facts({"gap": gap_table([other])}, actor=ACTOR)

    import_file(store, tmp_path, records(tmp_path, BEFORE, WITHIN, AFTER))

    assert rows(store, "select pbx, filled from gap order by pbx") == [
        {"pbx": "pbx", "filled": True},
        {"pbx": "south", "filled": False},
    ]
