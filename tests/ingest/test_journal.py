"""The journal keeps every byte, whatever happens to the process or the disk."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from data.settings import JournalSettings
from ingest.housekeeping import keep_house
from ingest.journal import JOURNAL_FULL, Journal
from ingest.segments import CONTINUED, OWN_RESTART, pack, segments
from ingest.stream import Message, connections
from ingest.tail import JOURNAL_DAMAGED, Began, Ended, Item, Tail
from tests.ingest.waiting import wait_until

NOON = 1_795_374_000.0  # 2026-11-22 19:00 UTC, a full hour
Open = Callable[..., Journal]


def event(number: int, size: int = 0) -> bytes:
    return b"Event: Test\r\nNumber: %d\r\nFill: %s\r\n\r\n" % (number, b"x" * size)


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[Open]:
    """A journal that is written; it is closed at the end."""
    opened: list[Journal] = []

    def open_one(**options: object) -> Journal:
        journal = Journal(tmp_path / "pbx", JournalSettings(fsync_seconds=0.0), retry_s=0.01, **options)  # type: ignore[arg-type]
        journal.start()
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        journal.close()


def read_all(journal: Path, start: int = 0) -> list[Item]:
    tail = Tail(journal, start=start)
    found: list[Item] = []
    while items := tail.read():
        found += items
    return found


def numbers(items: list[Item]) -> list[int]:
    return [int(item.fields["Number"]) for item in items if isinstance(item, Message)]


def test_what_was_appended_is_read_with_its_times_and_rising_numbers(open_journal: Open) -> None:
    journal = open_journal()

    journal.begin(NOON)
    journal.append(NOON + 0.25, b"Asterisk Call Manager/9\r\n" + event(1) + event(2)[:10])
    journal.append(NOON + 0.5, event(2)[10:])
    journal.end(NOON + 1, "link_cut")
    journal.close()

    began, first, second, ended = read_all(journal.folder)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.received_at, second.received_at) == (NOON + 0.25, NOON + 0.5)
    assert began == Began(at=NOON + 0.25, sequence=first.sequence)
    assert isinstance(ended, Ended)
    assert (ended.at, ended.cause) == (NOON + 1, "link_cut")
    assert first.sequence < second.sequence < ended.sequence


def test_a_segment_replays_like_a_capture(open_journal: Open) -> None:
    journal = open_journal()
    journal.begin(NOON)
    journal.append(NOON, event(1) + event(2))
    journal.end(NOON, "link_cut")
    journal.close()

    (segment,) = segments(journal.folder)
    (connection,) = connections([segment.folder])
    as_capture = list(connection.messages(segment.first))

    from_tail = [item for item in read_all(journal.folder) if isinstance(item, Message)]
    assert [(one.sequence, one.received_at, one.raw) for one in as_capture] == [
        (one.sequence, one.received_at, one.raw) for one in from_tail
    ]


def test_an_hour_cuts_the_connection_between_two_messages(open_journal: Open) -> None:
    journal = open_journal()
    stream = b"".join(event(number) for number in range(6))
    before, after = stream[:100], stream[100:]

    journal.begin(NOON)
    journal.append(NOON + 3599, before)
    journal.append(NOON + 3600, after)
    journal.end(NOON + 3601, "link_cut")
    journal.close()

    first, second = segments(journal.folder)
    ending = first.ending()
    assert ending is not None
    assert ending.cause == CONTINUED
    assert first.connection == second.connection
    assert second.first == first.first + ending.messages
    with second.open(second.events) as file:
        assert file.read().startswith(b"Event: ")
    items = read_all(journal.folder)
    assert numbers(items) == list(range(6))
    assert [type(item) for item in items if not isinstance(item, Message)] == [Began, Ended]


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_single_bytes_are_cut_between_messages_too(open_journal: Open, newline: bytes) -> None:
    journal = open_journal()
    stream = b"".join(event(number) for number in range(4)).replace(b"\r\n", newline)

    journal.begin(NOON)
    for position in range(len(stream)):
        journal.append(NOON + 3590 + position / 5, stream[position : position + 1])
    journal.end(NOON + 7000, "link_cut")
    journal.close()

    assert len(segments(journal.folder)) == 2
    assert numbers(read_all(journal.folder)) == [0, 1, 2, 3]


def test_a_large_segment_is_cut_before_its_hour_ends(open_journal: Open) -> None:
    journal = open_journal(segment_bytes=1000)

    journal.begin(NOON)
    for number in range(30):
        journal.append(NOON, event(number, size=60))
        wait_until(lambda: journal.drained)
    journal.end(NOON, "link_cut")
    journal.close()

    assert len(segments(journal.folder)) > 2
    assert numbers(read_all(journal.folder)) == list(range(30))


def test_reading_goes_on_while_the_journal_grows(open_journal: Open) -> None:
    journal = open_journal()
    tail = Tail(journal.folder, position=lambda: journal.position)
    seen: list[Item] = []
    journal.begin(NOON)

    for number in range(3):
        before = journal.position
        journal.append(NOON + number, event(number))
        journal.wait_for_more(before, 5.0)
        seen += tail.read()

    assert numbers(seen) == [0, 1, 2]
    assert tail.read() == []
    assert tail.behind_bytes == 0


def test_reading_begins_at_any_message(open_journal: Open) -> None:
    journal = open_journal()
    for connection in range(3):
        journal.begin(NOON)
        journal.append(NOON, event(2 * connection) + event(2 * connection + 1))
        journal.end(NOON, "link_cut")
    journal.close()
    everything = read_all(journal.folder)

    for item in everything:
        if isinstance(item, Message):
            wanted = [one for one in everything if isinstance(one, Message) and one.sequence >= item.sequence]
            assert numbers(read_all(journal.folder, start=item.sequence)) == numbers(list(wanted))


def test_numbers_rise_over_a_restart(open_journal: Open) -> None:
    for restart in range(3):
        journal = open_journal()
        journal.begin(NOON)
        journal.append(NOON, event(restart))
        journal.close()

    found = [item.sequence for item in read_all(journal.folder) if isinstance(item, Message)]

    assert found == [1, 2, 3]
    assert [one.connection for one in segments(journal.folder)] == [1, 2, 3]


def test_no_number_below_what_was_stored_is_given_again(open_journal: Open) -> None:
    journal = open_journal(lowest_first=5000)

    journal.begin(NOON)
    journal.append(NOON, event(1))
    journal.close()

    assert segments(journal.folder)[0].first == 5000


def test_a_journal_torn_at_any_byte_keeps_all_whole_messages(open_journal: Open, tmp_path: Path) -> None:
    journal = open_journal()
    stream = event(0) + event(1) + event(2)
    journal.begin(NOON)
    for position in range(0, len(stream), 7):
        journal.append(NOON + position, stream[position : position + 7])
    journal.close()
    (segment,) = segments(journal.folder)
    (segment.folder / "segment.json").unlink()
    ends = [len(event(0)), 2 * len(event(0)), 3 * len(event(0))]

    for size in range(len(stream) + 1):
        torn = tmp_path / "torn"
        shutil.copytree(journal.folder, torn)
        os.truncate(torn / segment.folder.name / "events.ami", size)
        with structlog.testing.capture_logs() as logs:
            again = Journal(torn, JournalSettings())
            again.start()
        again.begin(NOON + 9000)
        again.append(NOON + 9000, event(9))
        again.close()

        whole = sum(end <= size for end in ends)
        items = read_all(torn)
        assert numbers(items) == [*range(whole), 9]
        reported = [log["torn_bytes"] for log in logs if "torn" in log["event"]]
        assert reported == ([size - (ends[whole - 1] if whole else 0)] if size not in (0, *ends) else [])
        causes = [item.cause for item in items if isinstance(item, Ended)]
        assert causes == [OWN_RESTART] * (2 if whole else 1)
        shutil.rmtree(torn)


def test_times_torn_at_any_byte_lose_no_message(open_journal: Open, tmp_path: Path) -> None:
    journal = open_journal()
    journal.begin(NOON)
    for number in range(3):
        journal.append(NOON + number, event(number))
    journal.close()
    (segment,) = segments(journal.folder)
    (segment.folder / "segment.json").unlink()

    for size in range(segment.times.stat().st_size + 1):
        torn = tmp_path / "torn"
        shutil.copytree(journal.folder, torn)
        os.truncate(torn / segment.folder.name / "times.csv", size)
        again = Journal(torn, JournalSettings())
        again.start()
        again.close()

        items = read_all(torn)
        assert numbers(items) == [0, 1, 2]
        assert all(item.received_at >= NOON for item in items if isinstance(item, Message))
        shutil.rmtree(torn)


def test_closed_segments_are_packed_and_read_the_same(open_journal: Open) -> None:
    journal = open_journal()
    for number in range(3):
        journal.begin(NOON)
        journal.append(NOON, event(number, size=500))
        journal.end(NOON, "link_cut")
    journal.close()
    plain = read_all(journal.folder)

    keep_house(journal.folder, now=NOON, retention_days=1, needed_from=0)

    first, second, newest = segments(journal.folder)
    assert not first.events.exists()
    assert gzip.decompress((first.folder / "events.ami.gz").read_bytes()) == event(0, size=500)
    assert (second.folder / "times.csv.gz").exists()
    assert newest.events.exists()
    assert numbers(read_all(journal.folder)) == numbers(plain) == [0, 1, 2]


def test_a_kill_while_packing_loses_nothing(open_journal: Open) -> None:
    journal = open_journal()
    journal.begin(NOON)
    journal.append(NOON, event(1))
    journal.end(NOON, "link_cut")
    journal.close()
    (segment,) = segments(journal.folder)
    plain = segment.events.read_bytes()
    pack(segment)
    segment.events.write_bytes(plain)  # killed between the new name and the removal
    (segment.folder / "times.csv.gz.new").write_bytes(b"half")

    again = open_journal()
    again.close()

    assert sorted(path.name for path in segment.folder.iterdir()) == ["events.ami.gz", "segment.json", "times.csv.gz"]
    assert numbers(read_all(journal.folder)) == [1]


def test_old_segments_go_but_never_unread_ones_nor_the_newest(open_journal: Open) -> None:
    journal = open_journal()
    for number in range(3):
        journal.begin(NOON)
        journal.append(NOON, event(number))
        journal.end(NOON, "link_cut")
    journal.close()
    _, second, third = segments(journal.folder)
    ten_days_later = NOON + 10 * 86_400

    keep_house(journal.folder, now=ten_days_later, retention_days=11, needed_from=third.first)
    assert len(segments(journal.folder)) == 3
    keep_house(journal.folder, now=ten_days_later, retention_days=9, needed_from=second.first)
    assert segments(journal.folder) == [second, third]
    keep_house(journal.folder, now=ten_days_later, retention_days=9, needed_from=1 << 40)
    assert segments(journal.folder) == [third]


class FullDisk:
    """A disk that takes `room` bytes more, and everything again once `room` is None."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self._pwrite = os.pwrite
        monkeypatch.setattr(os, "pwrite", self.pwrite)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        if self.room is None:
            return self._pwrite(file, data, offset)
        part = min(len(data), self.room)
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= part
        return self._pwrite(file, data[:part], offset)


@pytest.mark.parametrize("room", [0, 3, 40, 60, 100])
def test_what_comes_while_the_disk_is_full_is_written_afterwards(
    open_journal: Open, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    disk = FullDisk(monkeypatch)
    journal = open_journal()
    journal.begin(NOON)
    journal.append(NOON, event(0))
    wait_until(lambda: journal.drained)

    disk.room = room
    with structlog.testing.capture_logs() as logs:
        for number in range(1, 4):
            assert journal.append(NOON + number, event(number))
        wait_until(lambda: any("cannot be written" in log["event"] for log in logs))
    disk.room = None
    wait_until(lambda: journal.drained)
    journal.close()

    assert logs[0]["reason"] == "No space left on device"
    items = read_all(journal.folder)
    assert numbers(items) == [0, 1, 2, 3]
    assert [item.received_at for item in items if isinstance(item, Message)] == [NOON, NOON + 1, NOON + 2, NOON + 3]


def test_a_full_disk_and_a_full_memory_end_in_a_named_gap(open_journal: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(monkeypatch)
    journal = open_journal(ring_bytes=3 * len(event(0)))
    journal.begin(NOON)
    disk.room = 0

    kept = [journal.append(NOON + number, event(number)) for number in range(6)]
    assert journal.overflowed
    assert not journal.drained
    disk.room = None
    wait_until(lambda: journal.drained)
    assert journal.overflowed, "only a new connection makes the stream whole again"
    assert not journal.append(NOON + 6, event(6))
    journal.end(NOON + 7, "link_cut")
    journal.begin(NOON + 8)
    assert journal.append(NOON + 8, event(8))
    journal.close()

    assert kept == [True, True, True, False, False, False]
    assert journal.dropped_bytes == 4 * len(event(0))
    items = read_all(journal.folder)
    assert numbers(items) == [0, 1, 2, 8]
    first_end = next(item for item in items if isinstance(item, Ended))
    assert (first_end.cause, first_end.at) == (JOURNAL_FULL, NOON + 3)


def test_appending_never_waits_for_a_disk_that_hangs(open_journal: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, goes_on = threading.Event(), threading.Event()
    real = os.fsync

    def hanging_fsync(file: int) -> None:
        hangs.set()
        assert goes_on.wait(10)
        real(file)

    journal = open_journal()
    monkeypatch.setattr(os, "fsync", hanging_fsync)
    journal.begin(NOON)
    journal.append(NOON, event(0))
    assert hangs.wait(10)

    appended = [journal.append(NOON, event(number)) for number in range(1, 100)]

    goes_on.set()
    journal.close()
    assert all(appended)
    assert numbers(read_all(journal.folder)) == list(range(100))


def test_a_damaged_segment_becomes_a_gap_and_later_ones_are_read(open_journal: Open) -> None:
    journal = open_journal()
    for number in range(3):
        journal.begin(NOON)
        journal.append(NOON, event(number))
        journal.end(NOON, "link_cut")
    journal.close()
    damaged = segments(journal.folder)[1]
    os.truncate(damaged.events, 5)

    items = read_all(journal.folder)

    assert numbers(items) == [0, 2]
    assert [item.cause for item in items if isinstance(item, Ended)] == ["link_cut", JOURNAL_DAMAGED, "link_cut"]
