"""Messages on their way out, by a clock of the test: longer and longer apart, given up in the end, taken up again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from data.identity.actor import system
from data.messaging import Messenger, SendError
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from data.store.database import Database
from ingest.messengers.accounts import Line, Lines
from ingest.messengers.adapter import Adapter, Outgoing, SendFailed
from ingest.messengers.outbox import Outbox
from tests.chats import chat_database, emptied

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BUSY = SendFailed(SendError.UNREACHABLE, "HTTP 503", again=True)
LOST = SendFailed(SendError.UNREACHABLE, "HTTP 503", again=True, in_doubt=True)


class Desk:
    """An outbox, and a messenger that does what it is told. told: an answer or a trouble for each attempt."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.now = database, NOON
        self.heard: list[str | None] = []
        self.answers: list[SendFailed] = []
        self.released: threading.Event | None = None  # before it is set the messenger answers nothing
        self._ended = threading.Semaphore(0)
        account = MessengerAccount(account="office", messenger=Messenger.WHATSAPP, title="Офис")
        adapter = SimpleNamespace(send=self._send, tells_our_id=True)
        line = Line(account, cast(Adapter, adapter))
        lines = SimpleNamespace(refresh=lambda: None, get=lambda _: line, tell=lambda *_: None)
        self.make: Callable[[], Outbox] = lambda: Outbox(
            database, cast(Lines, lines), settings, clock=lambda: self.now, chance=lambda: 0.5, done=self._ended.release
        )
        self.outbox = self.make()

    def write(self, text: str, *, chat: str | None = None, state: str = "queued") -> str:
        """A message of a chat on its way; the id of the chat. state: of its order."""
        message_id, chat_id = str(uuid4()), chat or str(uuid4())
        cursor = self.database._writer
        cursor.execute(
            "insert into chat (chat_id, messenger, messenger_account, user_key, created_at) "
            "select $c, 'whatsapp', 'office', $c, $at where $c::uuid not in (select chat_id from chat)",
            {"c": chat_id, "at": self.now},
        )
        cursor.execute(
            "insert into message (message_id, chat_id, kind, ours, text, sent_at, state) "
            "values ($m, $c, 'text', true, $t, $at, 'queued')",
            {"m": message_id, "c": chat_id, "t": text, "at": self.now},
        )
        count = self.database.query("select count(*) as n from outbox", actor=system("test"))["n"][0].as_py()
        cursor.execute(
            "insert into outbox "
            "(outbox_id, kind, target, subject_id, payload, state, created_at, created_by, changed_at) "
            "values ($o, 'message', 'office', $m, '{}', $s, $at, 'anna', $at)",
            {"o": str(uuid4()), "m": message_id, "s": state, "at": self.now + timedelta(microseconds=count)},
        )
        return chat_id

    def after(self, seconds: float, *answers: SendFailed) -> list[str | None]:
        """What the messenger heard when so much time had passed and the outbox looked."""
        self.now += timedelta(seconds=seconds)
        self.answers += answers
        self.heard.clear()
        self.outbox.take()
        for _ in range(len(self.outbox._in_hand)):
            assert self._ended.acquire(timeout=30)
        return list(self.heard)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self.database.query(sql, actor=system("test")).to_pylist()

    def _send(self, message: Outgoing) -> str:
        self.heard.append(message.text)
        if self.released is not None:
            assert self.released.wait(30)
        if self.answers:
            raise self.answers.pop(0)
        return f"wamid.{message.message_id}"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with chat_database(tmp_path_factory.mktemp("outbox")) as database:
        yield database


@pytest.fixture
def desk(opened: Database, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(emptied(opened), Settings(data=tmp_path))
    yield desk
    desk.outbox.close()


def test_trouble_is_tried_again_longer_and_longer_apart(desk: Desk) -> None:
    desk.write("да")
    pauses, last = [], 0.0
    for _ in range(10):
        assert desk.after(last, BUSY) == ["да"]
        [row] = desk.rows("select next_attempt_at from outbox")
        last = (row["next_attempt_at"] - desk.now).total_seconds()
        pauses.append(last)
        assert desk.after(last / 2) == []
        last /= 2

    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert desk.after(last) == ["да"]
    assert desk.rows("select state, attempts from outbox") == [{"state": "done", "attempts": 11}]


def test_after_a_day_it_is_given_up_with_the_last_reason(desk: Desk) -> None:
    desk.write("да")
    desk.after(0, BUSY)
    desk.after(24 * 3600, BUSY)

    assert desk.rows("select state, error from message") == [{"state": "failed", "error": "unreachable: HTTP 503"}]
    assert desk.rows("select state from outbox") == [{"state": "failed"}]


def test_an_account_that_is_to_wait_waits_as_a_whole(desk: Desk) -> None:
    desk.write("раз")
    assert desk.after(0, SendFailed(SendError.RATE_LIMITED, "429", again=True, after_s=60.0)) == ["раз"]
    desk.write("два")

    assert desk.after(59) == []
    assert sorted(map(str, desk.after(2))) == ["два", "раз"]


def test_what_may_have_arrived_waits_for_a_receipt_and_the_next_of_its_chat_with_it(desk: Desk) -> None:
    chat = desk.write("раз")
    desk.write("два", chat=chat)

    assert desk.after(0, LOST) == ["раз"]
    assert desk.after(29) == []
    assert desk.after(2) == ["раз"]
    assert desk.after(0) == ["два"]


def test_what_was_taken_by_one_that_died_is_taken_up_again(desk: Desk) -> None:
    chat = desk.write("раз", state="sent")
    desk.write("два", chat=chat)

    assert desk.after(0) == []
    assert desk.after(20) == []
    assert desk.after(11) == ["раз"]
    assert desk.after(0) == ["два"]


def test_what_another_process_still_sends_is_not_taken_up_however_long_it_takes(desk: Desk) -> None:
    desk.write("большой файл")
    other, desk.released = desk.make(), threading.Event()
    other.take()

    for _ in range(10):
        desk.now += timedelta(seconds=11)
        other.take()
        desk.outbox.take()
    desk.released.set()
    other.close()

    assert desk.heard == ["большой файл"]
    assert desk.rows("select state, attempts from outbox") == [{"state": "done", "attempts": 1}]


def test_an_order_that_another_process_tried_meanwhile_is_not_taken_from_an_old_list(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("да")
    other = desk.make()
    refresh = desk.outbox._lines.refresh

    def tried_elsewhere() -> None:
        monkeypatch.setattr(desk.outbox._lines, "refresh", refresh)
        desk.answers.append(BUSY)
        other.take()
        other.close()

    monkeypatch.setattr(desk.outbox._lines, "refresh", tried_elsewhere)

    assert desk.after(0) == ["да"]
    assert desk.rows("select state, attempts from outbox") == [{"state": "queued", "attempts": 1}]
