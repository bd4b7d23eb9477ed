"""Notices: every commit is numbered by topic; who is slow loses hints, never numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa

from data.store.database import Database
from data.store.notices import MAX_IDS, NoticeBoard
from data.store.protocol import Notice, Topic
from tests.data.facts import INGEST, MORNING, batch, call_row


def test_a_subscriber_first_hears_the_present_numbers(database: Database) -> None:
    database.write_facts(batch([call_row("a")]), actor=INGEST)
    numbers = database.stats()["topics"]
    assert isinstance(numbers, dict)

    with database.subscribed([Topic.CALLS, Topic.LIVE]) as subscription:
        first = subscription.take(1)

    assert first == [
        Notice(topic=Topic.CALLS, number=numbers["calls"]),
        Notice(topic=Topic.LIVE, number=numbers["live"]),
    ]


def test_every_write_is_announced_with_its_ids_after_the_commit(database: Database) -> None:
    with database.subscribed([Topic.CALLS]) as subscription:
        (present,) = subscription.take(1) or []

        database.write_facts(batch([call_row("a"), call_row("b", 1)]), actor=INGEST, retracted=["c"])
        (notice,) = subscription.take(1) or []

    assert notice == Notice(topic=Topic.CALLS, number=present.number + 1, ids=("a", "b", "c"))


def test_live_calls_are_announced_when_they_come_and_when_they_go(database: Database) -> None:
    row = {
        "call_id": "a",
        "pbx": "pbx",
        "direction": "inbound",
        "state": "ringing",
        "state_since_at": MORNING,
        "ringing": ["201"],
        "talking": [],
        "started_at": MORNING,
    }
    with database.subscribed([Topic.LIVE]) as subscription:
        subscription.take(1)

        database.write_live("pbx", pa.Table.from_pylist([row]), actor=INGEST)
        came = subscription.take(1) or []
        database.write_live("pbx", pa.table({}), actor=INGEST)
        went = subscription.take(1) or []

    assert [notice.ids for notice in came + went] == [("a",), ("a",)]


def test_a_write_that_failed_is_not_announced(database: Database) -> None:
    with database.subscribed(list(Topic)) as subscription:
        subscription.take(1)

        try:
            database.write_facts(batch([call_row("a", surprise=1)]), actor=INGEST)
        except Exception as error:
            assert "surprise" in str(error)

        assert subscription.take(0.05) == []


def test_who_is_slow_finds_one_notice_with_the_newest_number() -> None:
    board = NoticeBoard()
    subscription = board.subscribe([Topic.CALLS])
    subscription.take(1)
    before = board.numbers()[Topic.CALLS]

    for number in range(10_000):
        board.publish({Topic.CALLS: [f"call-{number}"]})
    notices = subscription.take(1)

    assert notices == [Notice(topic=Topic.CALLS, number=before + 10_000)], "too many ids mean: look at everything"


def test_ids_are_merged_while_they_are_few() -> None:
    board = NoticeBoard()
    subscription = board.subscribe([Topic.CALLS])
    subscription.take(1)

    board.publish({Topic.CALLS: ["a", "b"]})
    board.publish({Topic.CALLS: ["b", "c"]})
    (merged,) = subscription.take(1) or []
    board.publish({Topic.CALLS: [str(number) for number in range(MAX_IDS)]})
    board.publish({Topic.CALLS: ["one more"]})
    (many,) = subscription.take(1) or []

    assert merged.ids == ("a", "b", "c")
    assert many.ids == ()


def test_a_write_without_ids_is_not_hidden_by_one_with_ids() -> None:
    board = NoticeBoard()
    subscription = board.subscribe([Topic.CALLS])
    subscription.take(1)

    board.publish({Topic.CALLS: ()})
    board.publish({Topic.CALLS: ["a"]})
    (notice,) = subscription.take(1) or []

    assert notice.ids == ()


def test_topics_that_nobody_asked_for_are_not_told() -> None:
    board = NoticeBoard()
    subscription = board.subscribe([Topic.CHATS])
    subscription.take(1)

    board.publish({Topic.CALLS: ["a"]})

    assert subscription.take(0.01) == []


def test_numbers_never_go_back_over_a_restart() -> None:
    first = NoticeBoard()
    for _ in range(5):
        first.publish({Topic.CALLS: ()})

    # Writing takes a millisecond or more, so that the clock outruns the numbers.
    second = NoticeBoard()

    assert second.numbers()[Topic.LIVE] >= first.numbers()[Topic.LIVE]


def test_closing_ends_who_waits(database: Database) -> None:
    heard: list[Notice] = []
    notices: Iterator[Notice] = database.notices([Topic.CALLS])
    thread = threading.Thread(target=lambda: heard.extend(notices))
    thread.start()

    database.close()

    thread.join(5)
    assert not thread.is_alive()
    assert len(heard) <= 1
