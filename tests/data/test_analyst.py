"""`data.connect()`: read-only and masked, over a folder or a store that runs, with the numbers of the reports."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import data
from data.errors import NotAllowed, QueryRejected, SettingsError, StoreError
from data.identity.actor import system
from data.metrics.report import report_frame
from data.settings import Settings
from data.store.opening import open_store
from data.store.server import serve
from ingest.simulator.history import simulate_history

UNTIL = datetime(2026, 11, 20, 18, tzinfo=UTC)
NOVEMBER = {"from_on": "2026-11-01", "to_on": "2026-12-01"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    settings = Settings(data=folder)
    with open_store(settings) as store:
        simulate_history(
            store, calls=400, days=50, until=UNTIL, seed=5, site=settings.site, recordings_dir=folder / "rec"
        )
    return folder


@pytest.fixture
def running(folder: Path) -> Iterator[Path]:
    """The folder while its store serves, in a thread of this process."""
    ready, stop = threading.Event(), threading.Event()
    server = threading.Thread(target=serve, args=(Settings(data=folder),), kwargs={"ready": ready.set, "stop": stop})
    server.start()
    assert ready.wait(30)
    yield folder
    stop.set()
    server.join(30)


def test_numbers_are_those_of_the_reports(folder: Path) -> None:
    with data.connect(folder) as office:
        told = office.report("calls", by=["direction"], **NOVEMBER)
    settings = Settings(data=folder)
    with open_store(settings) as store:
        first, after = date(2026, 11, 1), date(2026, 12, 1)
        kept = report_frame(
            store, "calls", by=["direction"], site=settings.site, actor=system("test"), from_on=first, to_on=after
        )

    assert told.to_dict() == kept.to_dict()
    assert told["calls"].sum() > 0


def test_numbers_of_people_are_pseudonyms_unless_asked_otherwise(folder: Path) -> None:
    sql = "select external_number from call where external_number is not null order by call_id limit 5"

    with data.connect(folder) as office:
        masked = office.query(sql)["external_number"]
    with data.connect(folder, masked=False) as office:
        full = office.query(sql)["external_number"]

    assert masked.str.startswith("x").all()
    assert full.str.isdigit().all()
    assert masked.nunique() == full.nunique()


@pytest.mark.parametrize("sql", ["delete from call", "select 1; select 2", "copy call to 'calls.csv'"])
def test_nothing_can_be_written(folder: Path, sql: str) -> None:
    with data.connect(folder) as office, pytest.raises(QueryRejected):
        office.query(sql)


def test_a_running_store_is_asked_and_the_token_ends_with_the_connection(running: Path) -> None:
    with data.connect(running) as office:
        calls = office.query("select count(*) as calls from call")["calls"].item()
        numbers = office.query("select external_number from call where external_number is not null limit 1")
        assert "analyst" in (running / "store_tokens.json").read_text("utf-8")

    assert calls == 400
    assert numbers["external_number"].item().startswith("x")
    assert "analyst" not in (running / "store_tokens.json").read_text("utf-8")


def test_a_token_that_nobody_issued_is_refused(running: Path) -> None:
    with data.connect(running, token="invented") as office, pytest.raises(NotAllowed):
        office.query("select 1")


def test_closed_months_become_files_once(folder: Path, tmp_path: Path) -> None:
    with data.connect(folder) as office:
        files = office.closed_months(tmp_path, now=UNTIL)
        stamps = [file.stat().st_mtime_ns for file in files]
        again = office.closed_months(tmp_path, now=UNTIL)
        october = office.measure("calls", from_on="2026-10-01", to_on="2026-11-01")["calls"].item()

    assert [file.name for file in files] == [
        "call_2026-10.parquet",
        "leg_2026-10.parquet",
        "queue_visit_2026-10.parquet",
    ]
    assert [file.stat().st_mtime_ns for file in again] == stamps
    assert pq.read_table(files[0]).num_rows == october > 0


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        data.connect(tmp_path / "nowhere")


def test_a_store_elsewhere_wants_a_token() -> None:
    with pytest.raises(SettingsError, match="wants a token"):
        data.connect(url="grpc://127.0.0.1:1")


def test_limits_protect_the_office(folder: Path) -> None:
    with data.connect(folder) as office, pytest.raises(StoreError, match="more than 10 rows"):
        office.query("select * from call", max_rows=10)
