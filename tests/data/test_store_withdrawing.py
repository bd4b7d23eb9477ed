"""Questions that nobody waits for any more are stopped, in this process and behind the socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from data.errors import QueryWithdrawn, StoreError
from data.store.client import StoreClient
from data.store.database import Database
from data.store.protocol import Store
from data.store.readers import Watchdog
from data.store.withdrawing import Question, Questions, asked_for
from tests.data.facts import INGEST, rows_of
from tests.data.test_store_reading import ENDLESS
from tests.ingest.waiting import wait_until


@contextmanager
def asking(store: Store, question: Question) -> Iterator[list[type[BaseException]]]:
    """Somebody who asks without end; what became of it stands in the list afterwards."""
    outcome: list[type[BaseException]] = []

    def ask() -> None:
        try:
            with asked_for(question):
                store.query(ENDLESS, actor=INGEST)
        except Exception as error:
            outcome.append(type(error))

    thread = threading.Thread(target=ask)
    thread.start()
    yield outcome
    thread.join(60)


def test_a_query_ends_when_its_question_is_withdrawn(database: Database) -> None:
    question = Question()
    with asking(database, question) as outcome:
        wait_until(lambda: database.stats()["readers_busy"] == 1)
        question.withdraw()

    assert outcome == [QueryWithdrawn]
    assert rows_of(database, "select 1 as one") == [{"one": 1}]


def test_withdrawing_reaches_the_process_of_the_store(store: StoreClient) -> None:
    question = Question()
    with asking(store, question) as outcome:
        wait_until(lambda: store.stats()["readers_busy"] == 1)
        question.withdraw()

    assert outcome == [QueryWithdrawn]
    assert store.stats()["readers_busy"] == 0


def test_one_withdrawn_question_leaves_the_others_alone(database: Database) -> None:
    kept, gone = Question(), Question()
    with asking(database, kept) as outcome:
        with asking(database, gone):
            wait_until(lambda: database.stats()["readers_busy"] == 2)
            gone.withdraw()
        still_asked = database.stats()["readers_busy"]
        kept.withdraw()

    assert still_asked == 1
    assert outcome == [QueryWithdrawn]


def test_nothing_begins_for_a_question_that_was_withdrawn(database: Database) -> None:
    question = Question()
    question.withdraw()

    with pytest.raises(QueryWithdrawn), asked_for(question):
        database.query("select 1", actor=INGEST)


def test_withdrawing_what_was_answered_does_nothing() -> None:
    questions = Questions()
    with questions.asked("a"):
        pass

    questions.withdraw("a")


def test_a_reader_that_is_interrupted_at_any_moment_serves_the_next_question(tmp_path: Path) -> None:
    with Database(tmp_path / "var", readers=1) as database:
        with ringing(database._reading._watchdog):
            for _ in range(300):
                with suppress(StoreError):
                    database.query("select sum(range) as total from range(1000)", actor=INGEST)

        assert rows_of(database, "select 1 as one") == [{"one": 1}]


@contextmanager
def ringing(watchdog: Watchdog) -> Iterator[None]:
    """Every statement is interrupted again and again, as long as it is in reach."""
    over = threading.Event()

    def ring() -> None:
        while not over.is_set():
            with watchdog._changed:
                for alarm in watchdog._alarms:
                    if not alarm.done:
                        alarm.cursor.interrupt()

    thread = threading.Thread(target=ring)
    thread.start()
    yield
    over.set()
    thread.join()
