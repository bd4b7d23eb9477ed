"""From the journal to the store: nothing is lost, nothing is stored twice, whatever stops in between."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import structlog

from data.errors import DiskFull, QueryRejected, StoreUnavailable
from data.identity.actor import Actor
from data.model import AmiEvent, CallFacts
from data.settings import JournalSettings, Site
from ingest.assembler import Assembler, Batch
from ingest.assembler import Office as PbxOffice
from ingest.assembler.derive import derive
from ingest.checkpoint import CheckpointFile
from ingest.journal import Journal
from ingest.processing import Processor
from ingest.telling import LinkStanding, LinkState
from ingest.writer import FactWriter
from tests.ingest.fakes import FakeStore, PairAssembler, facts, live
from tests.ingest.play import START, Script
from tests.ingest.waiting import wait_until

NOON = 1_795_374_000.0


def event(name: str, own: str) -> bytes:
    return f"Event: {name}\r\nId: {own}\r\n\r\n".encode()


STREAM = b"".join(
    event(name, own)
    for name, own in [
        ("Start", "a"), ("Start", "b"), ("Middle", "a"), ("Stop", "a"), ("Start", "c"),
        ("Start", "d"), ("Stop", "d"), ("Stop", "b"), ("Middle", "c"), ("Stop", "c"),
    ]
)  # fmt: skip


class Office:
    """One PBX without a PBX: a journal that the test writes, and its processing into a fake store."""

    def __init__(self, folder: Path, store: FakeStore) -> None:
        self.store = store
        self.stop = threading.Event()
        self.checkpoint = CheckpointFile(folder)
        self.journal = Journal(
            folder, JournalSettings(fsync_seconds=10.0), lowest_first=self.checkpoint.value.stored_to
        )
        self.journal.start()
        self.assembler = PairAssembler()
        self.time = 0.0
        self.processor = Processor(
            "pbx",
            journal=self.journal,
            assembler=self.assembler,
            writer=FactWriter(store, pbx="pbx", site=Site(), stop=self.stop, longest_pause_s=0.01),
            checkpoint=self.checkpoint,
            now=lambda: self.time,
        )

    def receive(self, data: bytes, at: float = NOON) -> None:
        self.journal.append(at, data)
        wait_until(lambda: self.journal.drained)

    def work(self) -> None:
        """Process everything that the journal has, and store it."""
        while self.processor.step():
            pass
        self.time += 10
        self.processor.flush()
        self.processor.step()

    def kill(self) -> None:
        """End as a kill does: what was not stored is gone."""
        self.journal.close()
        self.processor._tail.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pbx"
    made.mkdir()
    return made


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    one = Office(folder, FakeStore())
    yield one
    one.kill()


def undisturbed(tmp_path: Path) -> dict[str, int]:
    folder = tmp_path / "undisturbed"
    folder.mkdir()
    one = Office(folder, FakeStore())
    one.journal.begin(NOON)
    one.receive(STREAM)
    one.work()
    one.kill()
    return {call_id: len(events) for call_id, events in one.store.calls.items()}


def test_calls_are_stored_and_the_checkpoint_follows(office: Office) -> None:
    office.journal.begin(NOON)

    office.receive(event("Start", "a") + event("Stop", "a") + event("Start", "b"))
    office.work()

    assert list(office.store.calls) == ["pbx-a"]
    assert office.checkpoint.value.resume_from == office.assembler.open["b"][0]
    assert office.checkpoint.value.stored_to == office.assembler.fed[-1] + 1


def test_a_restart_after_every_event_gives_the_same_calls(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)
    pieces = [piece + b"\r\n\r\n" for piece in STREAM.split(b"\r\n\r\n")[:-1]]

    for cut in range(len(pieces) + 1):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        store = FakeStore()
        first = Office(folder, store)
        first.journal.begin(NOON)
        first.receive(b"".join(pieces[:cut]))
        first.work()
        first.kill()
        second = Office(folder, store)
        second.journal.begin(NOON + 1)
        second.receive(b"".join(pieces[cut:]), NOON + 1)
        second.work()
        second.kill()

        assert {call_id: len(events) for call_id, events in store.calls.items()} == expected, f"cut after {cut}"
        assert all(ended is not None for ended in list(store.gaps.values())[:-1])
        shutil.rmtree(folder)


def test_a_call_seen_in_part_after_a_restart_does_not_replace_the_whole_one(folder: Path) -> None:
    store = FakeStore()
    first = Office(folder, store)
    first.journal.begin(NOON)
    first.receive(event("Start", "a") + event("Start", "b") + event("Stop", "a"))
    first.work()
    assert len(store.calls["pbx-a"]) == 2
    first.kill()

    second = Office(folder, store)
    second.work()
    second.journal.begin(NOON + 1)
    second.receive(event("Stop", "b"))
    second.work()
    second.kill()

    assert second.assembler.fed[0] > first.assembler.fed[0], "reading began at the open call"
    assert len(store.calls["pbx-a"]) == 2
    assert len(store.calls["pbx-b"]) == 2


def test_what_was_stored_but_not_acknowledged_is_stored_again_in_its_place(folder: Path) -> None:
    store = FakeStore()
    first = Office(folder, store)
    first.journal.begin(NOON)
    first.receive(event("Start", "a") + event("Stop", "a"))
    first.checkpoint.move = lambda checkpoint: None  # type: ignore[method-assign]
    first.work()
    first.kill()
    writes = store.writes

    second = Office(folder, store)
    second.work()
    second.kill()

    assert store.writes == writes + 1
    assert list(store.calls) == ["pbx-a"]


def test_a_lost_checkpoint_costs_only_time(folder: Path) -> None:
    store = FakeStore()
    first = Office(folder, store)
    first.journal.begin(NOON)
    first.receive(STREAM)
    first.work()
    first.kill()
    before = dict(store.calls)
    (folder / "checkpoint.json").write_bytes(b"{half")

    second = Office(folder, store)
    second.work()
    second.kill()

    assert store.calls == before


def test_a_gap_that_was_open_at_a_restart_is_closed_by_the_next_connection(folder: Path) -> None:
    store = FakeStore()
    first = Office(folder, store)
    first.journal.begin(NOON)
    first.receive(STREAM)
    first.journal.end(NOON + 5, "link_cut")
    wait_until(lambda: first.journal.drained)
    first.work()
    assert list(store.gaps.values()) == [None]
    first.kill()

    second = Office(folder, store)
    second.work()
    second.kill()
    third = Office(folder, store)
    third.journal.begin(NOON + 60)
    third.receive(event("Start", "z"), NOON + 60)
    third.work()
    third.kill()

    ((started, ended),) = store.gaps.items()
    assert (started.timestamp(), ended and ended.timestamp()) == (NOON + 5, NOON + 60)


def test_while_the_store_is_away_nothing_is_read_and_nothing_is_lost(office: Office) -> None:
    office.store.trouble = StoreUnavailable("nobody serves the store")
    office.journal.begin(NOON)
    office.receive(event("Start", "a") + event("Stop", "a"))
    office.time += 10

    worker = threading.Thread(target=office.processor.run, args=(office.stop,))
    with structlog.testing.capture_logs() as logs:
        worker.start()
        wait_until(lambda: office.store.tries >= 3)
        for number in range(50):
            office.receive(event("Start", str(number)) + event("Stop", str(number)))
        assert len(office.assembler.fed) == 2
    office.store.trouble = None
    wait_until(lambda: len(office.assembler.fed) == 102)
    office.journal.close()
    office.stop.set()
    worker.join(20)

    assert len(office.store.calls) == 51
    assert len([log for log in logs if "takes no facts" in log["event"]]) == 1


def test_a_stop_does_not_wait_for_a_store_that_is_away(office: Office) -> None:
    office.store.trouble = DiskFull("the disk of the database is full")
    office.journal.begin(NOON)
    office.receive(event("Start", "a") + event("Stop", "a"))
    office.time += 10
    worker = threading.Thread(target=office.processor.run, args=(office.stop,))
    worker.start()
    assert office.store.tried.wait(20)

    office.stop.set()
    worker.join(20)

    assert not worker.is_alive()
    assert office.checkpoint.value.stored_to == 0


def test_one_bad_message_is_skipped_with_its_traceback(office: Office) -> None:
    office.journal.begin(NOON)

    with structlog.testing.capture_logs() as logs:
        office.receive(event("Start", "a") + event("Bomb", "a") + event("Stop", "a"))
        office.work()

    assert list(office.store.calls) == ["pbx-a"]
    assert office.processor.troubles["not understood"] == 1
    assert [log["log_level"] for log in logs if log["event"] == "message skipped"] == ["error"]


def test_odd_input_is_counted_and_reported_once_a_minute(office: Office) -> None:
    office.journal.begin(NOON)
    odd = (
        b"Event: Start\r\nno colon here\r\n\r\n"
        b"Name: without event\r\n\r\n"
        b"Event: Start\r\nCallerIDName: \xff\xfe\r\n\r\n"
        b"Event: Start\r\nValue: " + b"x" * 100_000 + b"\r\n\r\n"
    )

    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            office.receive(odd)
            office.work()
        office.journal.end(NOON, "link_cut")
        wait_until(lambda: office.journal.drained)
        office.work()
        office.time += 60
        office.processor.step()

    (report,) = [log for log in logs if log["event"].startswith("odd input")]
    assert report["lines_that_are_no_headers"] == 3
    assert report["messages_without_a_name"] == 3
    assert report["bytes_that_are_no_UTF-8"] == 3
    assert report["messages_over_the_size_limit"] == 3


def test_facts_that_the_store_rejects_keep_no_others_out(office: Office) -> None:
    office.store.refused = {
        "pbx-b": QueryRejected("a value that the table cannot hold"),
        "pbx-c": OverflowError("a value that nobody can hold"),
    }
    office.journal.begin(NOON)

    with structlog.testing.capture_logs() as logs:
        office.receive(STREAM)
        office.work()

    assert set(office.store.calls) == {"pbx-a", "pbx-d"}
    assert sorted(log["calls"][0] for log in logs if "cannot be stored" in log["event"]) == ["pbx-b", "pbx-c"]
    assert office.checkpoint.value.stored_to > 0


def test_of_facts_that_change_before_they_are_stored_only_the_newest_count(office: Office) -> None:
    office.assembler.script = iter(
        [
            Batch(calls=(facts("pbx-a", events=(1,)), facts("pbx-b", events=(1,)))),
            Batch(calls=(facts("pbx-a", events=(1, 2)),), retracted=("pbx-b",)),
        ]
    )
    office.journal.begin(NOON)
    office.receive(event("Start", "x"))

    office.processor.step()
    office.processor.flush()
    assert office.store.writes == 0, "facts wait a moment for others"
    office.work()

    assert office.store.writes == 1
    assert office.store.calls == {"pbx-a": [1, 2]}


def test_calls_that_go_on_are_told_at_once(office: Office) -> None:
    office.assembler.script = iter([Batch(live=(live("pbx-a"),)), Batch(), Batch(live=())])
    office.journal.begin(NOON)

    seen = []
    for _ in range(3):
        office.receive(event("Start", "x"))
        office.time += 0.06
        office.processor.step()
        seen.append(list(office.store.live["pbx"]))

    assert seen == [["pbx-a"], ["pbx-a"], []]
    assert office.store.writes == 0


UP = LinkState(state=LinkStanding.UP, heard_ago_s=0.1)


def test_calls_that_go_on_are_told_again_when_the_store_was_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.telling.PULSE_S", 0.0)
    writer = FactWriter(office.store, pbx="pbx", site=Site(), stop=office.stop)
    office.store.trouble = StoreUnavailable("nobody serves the store")
    writer.write_live(Batch(live=(live("pbx-a"),)))
    writer.pulse(UP)
    assert "pbx" not in office.store.live

    office.store.trouble = None
    writer.pulse(UP)

    assert (office.store.live, office.store.links) == ({"pbx": ["pbx-a"]}, {"pbx": "up"})


def test_a_store_that_began_anew_is_told_everything_before_the_pulse(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.telling.PULSE_S", 0.0)
    writer = FactWriter(office.store, pbx="pbx", site=Site(), stop=office.stop)
    writer.pulse(UP)
    writer.write_live(Batch(live=(live("pbx-a"),)))
    office.store.live.clear()
    office.store.links.clear()

    writer.pulse(UP)

    assert (office.store.live, office.store.links) == ({"pbx": ["pbx-a"]}, {"pbx": "up"})


def test_the_pulse_tells_a_lost_link_at_once_and_the_rest_once_a_second(office: Office) -> None:
    writer = FactWriter(office.store, pbx="pbx", site=Site(), stop=office.stop)
    writer.pulse(UP)
    office.store.links["pbx"] = "untouched"

    writer.pulse(UP)
    assert office.store.links == {"pbx": "untouched"}
    writer.pulse(LinkState(state=LinkStanding.LOST, heard_ago_s=0.0))
    assert office.store.links == {"pbx": "lost"}


def test_what_a_killed_process_told_of_open_calls_is_cleared_at_the_start(office: Office) -> None:
    office.store.live["pbx"] = ["pbx-of-the-dead-process"]

    office.processor.step()

    assert office.store.live == {"pbx": []}


def test_a_call_that_cannot_be_put_together_keeps_no_other_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    text = "".join(f"{at}.0 new {who}\n{at}.5 gone {who}\n" for at, who in enumerate(("201", "202", "203")))
    stream = b"".join(message.raw + b"\r\n" for message in script.messages(text))
    ids = {who: f"pbx-{script.phones[who].uniqueid}" for who in ("201", "202", "203")}

    def derive_but_one(*given: Any, call_id: str, **more: Any) -> CallFacts | None:
        if call_id == ids["202"]:
            raise OverflowError("no such date")
        return derive(*given, call_id=call_id, **more)

    monkeypatch.setattr("ingest.assembler.assembler.derive", derive_but_one)
    office.processor._assembler = Assembler(PbxOffice(), pbx="pbx")
    office.journal.begin(START)
    with structlog.testing.capture_logs() as logs:
        office.receive(stream, START)
        office.work()

    assert set(office.store.calls) == {ids["201"], ids["203"]}
    assert office.processor.troubles["calls not understood"] == 1
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "a call cannot be put together; the journal keeps its events"
    ]
    assert office.checkpoint.value.stored_to > 0


def test_without_room_calls_are_stored_and_their_events_stay_in_the_journal(folder: Path) -> None:
    room = [False]
    tables: list[Mapping[str, pa.Table]] = []

    class Keeping(FakeStore):
        def write_facts(self, told: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
            tables.append(told)

    writer = FactWriter(Keeping(), pbx="pbx", site=Site(), stop=threading.Event(), keeps_events=lambda: room[0])
    hangup = AmiEvent(
        pbx="pbx", sequence=1, call_id="pbx-1", received_at=datetime(2026, 11, 22, tzinfo=UTC), event_at=None,
        name="Hangup", channels=("1.1",), fields={},
    )  # fmt: skip
    batch = Batch(calls=(facts("pbx-1"),), events=(hangup,))

    writer.write(batch)
    room[0] = True
    writer.write(batch)

    assert [told["ami_event"].num_rows for told in tables] == [0, 1]
    assert [told["call"].num_rows for told in tables] == [1, 1]
    assert writer.events_left_out == 1
