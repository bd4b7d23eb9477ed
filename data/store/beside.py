"""The store of a process that serves: the one beside it, or one of its own where it was started alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from data.settings import Settings
from data.store.client import client_of
from data.store.protocol import IngestStore
from data.store.tokens import TokenKind
from data.supervise import is_supervised


@contextmanager
def store_beside(settings: Settings, kind: TokenKind) -> Iterator[IngestStore]:
    """The store to work with. Under a supervisor it is a process beside us, even while it is away:
    opening the database here would keep the next life of the store out of it."""
    if is_supervised():
        with client_of(settings, kind) as client:
            yield client
        return
    from data.store.opening import open_store  # loads the database engine, which a client does not need

    with open_store(settings, kind) as store:
        yield store
