"""Files of channel events become the calls that live events tell of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from data.facts import fact_tables
from data.settings import Site
from data.store.database import Database
from ingest.assembler import Office
from ingest.imports.cel_import import CelImport
from ingest.imports.differences import differing_fields
from ingest.imports.merging import Merger
from ingest.imports.progress import Report
from tests.ingest.test_import_cdr import ACTOR, MOSCOW, SCENARIOS, import_file, live_calls, rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def import_events(store: Database, tmp_path: Path, path: Path) -> Report:
    merger = Merger(store, "pbx", Site(), "cel")
    return CelImport(merger, folder=tmp_path / "imports", zone=MOSCOW, office=Office()).run([path])


@pytest.mark.parametrize("name", ["transfer_attended_completed", "in_queue_answered_second", "out_busy"])
def test_channel_events_of_a_scenario_are_the_calls_that_live_events_tell_of(
    store: Database, tmp_path: Path, name: str
) -> None:
    live = live_calls(SCENARIOS / name)

    import_events(store, tmp_path, SCENARIOS / name / "cel.csv")

    stored = {row["call_id"]: row for row in rows(store, "select * from call")}
    assert set(stored) == set(live)
    assert [field for key, row in stored.items() for field in differing_fields(row, live[key].call)] == []
    assert {row["source"] for row in stored.values()} == {"cel"}
    assert [row["events"] for row in stored.values()] == [[]]


def test_unix_times_are_the_same_instants_as_local_ones(store: Database, tmp_path: Path) -> None:
    text = (SCENARIOS / "out_busy" / "cel.csv").read_text("utf-8")
    local, unix = tmp_path / "local.csv", tmp_path / "unix.csv"
    local.write_text(text, "utf-8")
    unix.write_text(
        text.replace('"2026-11-22 21:13:49.', '"1795371229.').replace('"2026-11-22 21:13:50.', '"1795371230.')
    )
    import_events(store, tmp_path, local)
    before = rows(store, "select started_at, ended_at from call")

    report = import_events(store, tmp_path / "again", unix)

    assert (report.bad_rows, report.calls.replaced) == (0, 1)
    assert rows(store, "select started_at, ended_at from call") == before


def test_a_log_that_is_imported_while_it_grows_gives_whole_calls(store: Database, tmp_path: Path) -> None:
    whole = (SCENARIOS / "transfer_attended_completed" / "cel.csv").read_bytes()
    log = tmp_path / "cel.csv"
    for share in (0.3, 0.6, 1.0):
        log.write_bytes(whole[: int(len(whole) * share)])
        import_events(store, tmp_path, log)

    assert rows(store, "select answered_by, incomplete from call") == [
        {"answered_by": ["201", "202"], "incomplete": False}
    ]


def test_bad_rows_are_set_aside_once(store: Database, tmp_path: Path) -> None:
    lines = (SCENARIOS / "out_busy" / "cel.csv").read_text("utf-8").splitlines(keepends=True)
    log = tmp_path / "cel.csv"
    log.write_text(
        lines[0] + '"CHAN_START","soon"\n' + lines[1].replace("2026-11-22", "yesterday") + "".join(lines[1:-1])
    )

    first = import_events(store, tmp_path, log)
    again = import_events(store, tmp_path, log)

    assert (first.bad_rows, again.bad_rows) == (2, 0)
    kept = first.set_aside[0].read_text("utf-8")
    assert 'cel.csv,2,"2 columns, where a channel event has 16 to 20"' in kept
    assert "cel.csv,3,time: 'yesterday" in kept


def test_channel_events_win_over_records_and_live_events_over_both(store: Database, tmp_path: Path) -> None:
    folder = SCENARIOS / "out_busy"
    import_file(store, tmp_path, folder / "cdr.csv")
    import_events(store, tmp_path, folder / "cel.csv")
    after_events = rows(store, "select source from call")
    live = list(live_calls(folder).values())
    store.write_facts(fact_tables(live, site=Site(), source="ami"), actor=ACTOR)

    import_events(store, tmp_path / "again", folder / "cel.csv")

    assert after_events == [{"source": "cel"}]
    assert rows(store, "select source from call") == [{"source": "ami"}]


def test_the_command_imports_and_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = SCENARIOS / "out_busy" / "cel.csv"

    status = app.main(["import", "cel", str(log), "--data", str(tmp_path / "var"), "--pbx", "north"])

    told = capsys.readouterr().out
    assert status == 0
    assert "Calls: 1 new, 0 written anew" in told
    with Database(tmp_path / "var") as database:
        assert rows(database, "select call_id from call") == [{"call_id": "north-1795371229.172"}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--timezone", "Moscow/Kremlin"], "--timezone 'Moscow/Kremlin' is no time zone"),
        (["--pbx", "Old PBX"], "--pbx 'Old PBX' is no name of a PBX"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    status = app.main(["import", "cdr", str(tmp_path / "none.csv"), "--data", str(tmp_path / "var"), *words])

    assert status == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = app.main(["import", "cdr", str(tmp_path / "none.csv"), "--data", str(tmp_path / "var")])

    assert status == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
