"""Ingest as a whole: from the socket of a PBX to the rows of a real store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from data.errors import PbxLoginRefused
from data.settings import JournalSettings, Pbx, Settings
from data.store.opening import open_store
from data.store.protocol import IngestStore
from ingest.daemon import ingest
from ingest.sources.ami import WrongAddress
from ingest.sources.ami_supervisor import Patience
from tests.ingest.processes import CALLS, TEST, Row, undisturbed
from tests.ingest.replay import Replay, capture, replaying
from tests.ingest.waiting import wait_until

SOON = Patience(first_pause=0.02, longest_pause=0.1, refused_pause=30.0, booted=0.3)


class At:
    """Ingest at work on a data folder, with the store in this process."""

    def __init__(self, store: IngestStore) -> None:
        self._store = store

    def ask(self, sql: str) -> list[Row]:
        return self._store.query(sql, actor=TEST).to_pylist()

    def calls(self) -> list[Row]:
        return self.ask(CALLS)


@contextmanager
def at_work(folder: Path, *pbx: Pbx) -> Iterator[At]:
    settings = Settings(data=folder, pbx=list(pbx), journal=JournalSettings(fsync_seconds=0.0))
    stop, ready = threading.Event(), threading.Event()
    failure: list[BaseException] = []

    def work(store: IngestStore) -> None:
        try:
            ingest(settings, store, ready=ready.set, stop=stop, patience=SOON)
        except BaseException as error:
            failure.append(error)

    with open_store(settings) as store:
        worker = threading.Thread(target=work, args=(store,))
        worker.start()
        try:
            wait_until(lambda: ready.is_set() or failure)
            yield At(store)
        finally:
            stop.set()
            worker.join(30)
        assert not worker.is_alive()
        if failure:
            raise failure[0]


def as_pbx(server: Replay, name: str = "pbx") -> Pbx:
    return server.settings(name=name)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--split", "1-900"),
        ("--garbage", "0.05", "--oversize", "200000"),
        ("--cut-after", "700", "--cut-times", "3", "--on-reconnect", "continue", "--lists", "live"),
        ("--cut-after", "900", "--cut-mode", "rst", "--on-reconnect", "continue", "--lists", "live"),
    ],
    ids=["plain", "split", "garbage", "cut", "reset"],
)
def test_every_call_of_a_busy_stream_is_stored_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    events = capture("busy_mini") / "events.ami.gz"
    expected = undisturbed(tmp_path / "expected", events)

    with replaying(events, options=options) as server, at_work(tmp_path / "real", as_pbx(server)) as office:
        wait_until(lambda: len(office.calls()) >= len(expected))
        wait_until(lambda: office.ask("select count(*) as n from live.live_call") == [{"n": 0}])
        found = office.calls()

    touched = {row["call_id"] for row in found if row["incomplete"]}
    assert [row["call_id"] for row in found] == [row["call_id"] for row in expected]
    assert [row for row in found if row["call_id"] not in touched] == [
        row for row in expected if row["call_id"] not in touched
    ]
    assert not touched or "--cut-after" in options


def test_a_daemon_that_is_started_again_goes_on_where_it_stopped(tmp_path: Path) -> None:
    events = capture("busy_mini") / "events.ami.gz"
    expected = undisturbed(tmp_path / "expected", events)
    options = ("--cut-after", "1300", "--cut-mode", "half-open", "--on-reconnect", "continue", "--lists", "live")

    with replaying(events, options=options) as server:
        with at_work(tmp_path / "real", as_pbx(server, "moscow")) as office:
            wait_until(office.calls)
            assert len(office.calls()) < len(expected)
        with at_work(tmp_path / "real", as_pbx(server, "moscow")) as office:
            wait_until(lambda: len(office.calls()) >= len(expected))
            found = office.calls()
            wait_until(lambda: not office.ask("select 1 from gap where ended_at is null"))
            gaps = office.ask("select started_at, ended_at, cause from gap order by started_at")

    assert [row["call_id"].removeprefix("moscow-") for row in found] == [
        row["call_id"].removeprefix("pbx-") for row in expected
    ]
    assert [gap["cause"] for gap in gaps] == ["start", "own_restart"]


def test_two_pbxs_with_the_same_unique_ids_keep_their_calls_apart(tmp_path: Path) -> None:
    events = capture("in_queue_answered_second") / "events.ami.gz"
    expected = undisturbed(tmp_path / "expected", events)

    with replaying(events) as first, replaying(events) as second:
        north, south = as_pbx(first, "north"), as_pbx(second, "south")
        with at_work(tmp_path / "real", north, south) as office:
            wait_until(lambda: len(office.calls()) >= 2 * len(expected))
            found = {row["call_id"] for row in office.calls()}

    ids = [row["call_id"].removeprefix("pbx") for row in expected]
    assert found == {f"{name}{own}" for name in ("north", "south") for own in ids}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ami_cut", ("--fully-booted", "never", "--lists", "live")),
        ("restart_in_call", ("--fully-booted", "never", "--down", "0.3")),
    ],
)
def test_a_lost_link_leaves_a_gap_that_ends_and_no_call_open(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    parts = capture(name) / "events.ami.gz", capture(name) / "events-2.ami.gz"
    expected = undisturbed(tmp_path / "expected", *parts)

    with replaying(*parts, speed="20", options=options) as server, at_work(tmp_path / "real", as_pbx(server)) as office:
        wait_until(lambda: len(office.calls()) >= len(expected), 40.0)
        wait_until(lambda: office.ask("select count(*) as n from live.live_call") == [{"n": 0}])
        found = office.calls()
        gaps = office.ask("select ended_at, cause from gap where cause != 'start'")

    assert [row["call_id"] for row in found] == [row["call_id"] for row in expected]
    assert [row["outcome"] for row in found] == [row["outcome"] for row in expected]
    assert len(gaps) == 1
    assert gaps[0]["ended_at"] is not None
    assert gaps[0]["cause"] == ("pbx_restart" if name == "restart_in_call" else "link_cut")


def test_a_link_that_is_down_shows_since_when(tmp_path: Path) -> None:
    events = capture("internal_answered") / "events.ami.gz"

    with replaying(events) as server, at_work(tmp_path, as_pbx(server)) as office:
        wait_until(office.calls)
        assert not office.ask("select 1 from gap where ended_at is null")

        server.stop()

        wait_until(lambda: office.ask("select started_at from gap where ended_at is null and cause = 'link_cut'"))


def test_a_pbx_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    events = capture("internal_answered") / "events.ami.gz"
    with replaying(events) as server:
        port = server.port
    nobody = Pbx(host="127.0.0.1", port=port, user="replay", secret=SecretStr("replay"))

    with at_work(tmp_path, nobody) as office, replaying(events, options=("--port", str(port))):
        wait_until(office.calls)


def test_a_wrong_secret_ends_the_first_start_with_a_clear_message(tmp_path: Path) -> None:
    with replaying(capture("internal_answered") / "events.ami.gz") as server:
        wrong = server.settings(secret="wrong")
        with pytest.raises(PbxLoginRefused, match=r"refuses the login of 'replay'"), at_work(tmp_path, wrong):
            pass


def test_an_unknown_host_ends_the_first_start_with_a_clear_message(tmp_path: Path) -> None:
    unknown = Pbx(host="no-such-host.invalid", connect_seconds=5)

    with pytest.raises(WrongAddress, match=r"no-such-host\.invalid"), at_work(tmp_path, unknown):
        pass


def test_a_secret_that_becomes_wrong_later_stops_nothing(tmp_path: Path) -> None:
    events = capture("internal_answered") / "events.ami.gz"
    with replaying(events) as server:
        with at_work(tmp_path, as_pbx(server)) as office:
            wait_until(office.calls)

        with structlog.testing.capture_logs() as logs, at_work(tmp_path, server.settings(secret="changed")) as office:
            wait_until(lambda: any("no link" in log["event"] for log in logs))
            assert office.calls(), "the history is there all the same"
