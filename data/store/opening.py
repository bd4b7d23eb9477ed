"""The way to a store: the one that runs on the data folder, or one for the time it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from data.errors import StoreLocked
from data.settings import Settings
from data.store.client import StoreClient, client_of
from data.store.database import Database
from data.store.files import LOCK, own_secrets
from data.store.lock import StoreLock
from data.store.protocol import IngestStore
from data.store.tokens import TokenKind

WAIT_S = 10.0  # so long may a store take to start before its lock counts as another command's


@contextmanager
def open_store(settings: Settings, kind: TokenKind = TokenKind.RW) -> Iterator[IngestStore]:
    """The store of `settings`: a client of the one that runs, else a database of this process.

    kind: the token that a client shows; the web process takes APP. Raises StoreUnavailable,
    StoreLocked where another command owns the database for itself, DatabaseUnusable.
    """
    if settings.store.url is not None:
        with client_of(settings, kind) as client:
            yield client
        return
    try:
        lock = StoreLock(settings.data / LOCK).acquire()
    except StoreLocked as locked:
        with _client_of_running(settings, kind, locked) as client:
            yield client
        return
    with lock, own_database(settings) as database:
        yield database


def own_database(settings: Settings) -> Database:
    """The database of the data folder, in this process; the caller holds the lock."""
    store = settings.store
    return Database(
        settings.data,
        memory_limit=store.memory_limit,
        readers=store.readers,
        query_seconds=store.query_seconds,
        result_rows=store.result_rows,
        salt=own_secrets(settings.data).salt,
        site=settings.site,
    )


@contextmanager
def _client_of_running(settings: Settings, kind: TokenKind, locked: StoreLocked) -> Iterator[StoreClient]:
    with client_of(settings, kind) as client:
        if not client.wait_ready(WAIT_S):
            raise locked
        yield client
