"""A store for every test: in the test's process, or behind a socket of the loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.settings import Settings
from data.store.client import StoreClient, client_of
from data.store.database import Database
from data.store.server import serve
from data.store.tokens import TokenKind


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh database of this process."""
    with Database(tmp_path / "var", memory_limit="512MB", readers=2, salt="salt") as database:
        yield database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh data folder."""
    return Settings.model_validate({"data": tmp_path / "var", "store": {"memory_limit": "512MB", "readers": 2}})


@pytest.fixture
def store(settings: Settings) -> Iterator[StoreClient]:
    """A client with the rw token of a store that serves in this process."""
    with serving(settings), client_of(settings, TokenKind.RW) as client:
        yield client


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Run a store on `settings.data`, as `app.py store` does, until the block ends."""
    ready, stop = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            serve(settings, ready=ready.set, stop=stop)
        except BaseException as error:
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="store-under-test", daemon=True)
    thread.start()
    assert ready.wait(30.0), "the store did not start"
    if failures:
        raise failures[0]
    try:
        yield
    finally:
        stop.set()
        thread.join(30.0)
        assert not thread.is_alive(), "the store did not stop"
