"""Webhooks on their way to the store: kept before they are answered, sent on once, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from dashboard import hook_inbox
from dashboard.hook_inbox import Inbox
from data.errors import StoreUnavailable
from data.settings import Settings
from data.spool import Spool
from data.store.protocol import Statement, Store
from tests.dashboard.serving import in_own_thread

HEADERS = {"webhook-id": "e1"}


class Shelf:
    """A store that may be away; a stored delivery is its account, body and headers."""

    def __init__(self) -> None:
        self.away = False
        self.ids: list[str] = []
        self.stored: list[tuple[str, bytes, dict[str, str]]] = []
        self.changed = threading.Condition()

    def transact(self, steps: Sequence[Statement], **_: object) -> None:
        [step] = steps
        params: Any = step.params
        with self.changed:
            if self.away:
                raise StoreUnavailable("gone")
            self.ids += params["hook_ids"]
            headers = [json.loads(one) for one in params["headers"]]
            self.stored += zip(params["accounts"], params["bodies"], headers, strict=True)
            self.changed.notify_all()

    def query(self, *_: object, **__: object) -> Any:
        raise StoreUnavailable("nobody asks for accounts here")

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.stored) >= count, 30.0)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(hook_inbox, "_PAUSE_S", 0.0)
    monkeypatch.setattr(hook_inbox, "_AFTER_TROUBLE_S", 0.01)
    return Shelf()


def inbox(shelf: Shelf, folder: Path) -> Inbox:
    return Inbox(cast(Store, shelf), Settings(data=folder))


def told(one: Inbox, bodies: Sequence[bytes]) -> list[bool]:
    async def all_at_once() -> list[bool]:
        return list(await asyncio.gather(*(one.keep("office", body, HEADERS) for body in bodies)))

    return in_own_thread(lambda: asyncio.run(all_at_once()))


def test_what_comes_together_is_safe_and_goes_on_in_its_order(shelf: Shelf, tmp_path: Path) -> None:
    bodies = [f"{number}\n{number}".encode() for number in range(50)]
    one = inbox(shelf, tmp_path)
    one.start()

    assert told(one, bodies) == [True] * 50

    shelf.wait_for(50)
    one.stop()
    assert shelf.stored == [("office", body, HEADERS) for body in bodies]
    assert len(set(shelf.ids)) == 50


def test_a_store_that_is_away_refuses_nobody_and_hears_of_it_later(shelf: Shelf, tmp_path: Path) -> None:
    shelf.away = True
    one = inbox(shelf, tmp_path)
    one.start()

    assert told(one, [b"a", b"b"]) == [True, True]
    assert shelf.stored == []
    shelf.away = False

    shelf.wait_for(2)
    one.stop()


def test_a_successor_sends_on_what_was_left(shelf: Shelf, tmp_path: Path) -> None:
    shelf.away = True
    former = inbox(shelf, tmp_path)
    former.start()
    told(former, [b"a"])
    former.stop()
    shelf.away = False

    successor = inbox(shelf, tmp_path)
    successor.start()

    shelf.wait_for(1)
    successor.stop()
    assert [body for _, body, _ in shelf.stored] == [b"a"]


def test_what_the_disk_does_not_take_is_refused(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    one = inbox(shelf, tmp_path)
    one.start()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        assert told(one, [b"a"]) == [False]
    assert told(one, [b"b"]) == [True]

    shelf.wait_for(1)
    one.stop()
    assert [body for _, body, _ in shelf.stored] == [b"b"]


def test_without_a_folder_everything_is_refused(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError("denied")

    monkeypatch.setattr(Spool, "__init__", denied)
    one = inbox(shelf, tmp_path)
    one.start()

    assert told(one, [b"a"]) == [False]
    one.stop()
