"""Removes the events of calls from the database when their time is over: a day of them in a transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from data.errors import StoreError
from data.identity.actor import system
from data.queries import read
from data.store.protocol import Statement, Store

log = structlog.get_logger()

ACTOR = system("ingest")
_EVERY_S = 3_600.0
_STEP = timedelta(days=1)  # of events in one transaction: other writes wait for it


def forget_old_events(store: Store, *, now: datetime, days: int) -> datetime:
    """Remove what was received more than `days` ago; the moment before which nothing is left. Raises StoreError."""
    limit = now - timedelta(days=days)
    while (oldest := _oldest(store)) is not None and oldest < limit:
        until = min(oldest + _STEP, limit)
        step = Statement(name="forget_events", params={"from_at": oldest, "until_at": until})
        store.transact([step], actor=ACTOR, touches={})
        log.info("events removed after their retention", from_at=oldest.isoformat(), until_at=until.isoformat())
    return limit


def keep_events_young(store: Store, days: Callable[[], int], stop: threading.Event) -> None:
    """Do it once an hour until `stop` is set; a store that is away is asked again the next hour."""
    while not stop.is_set():
        try:
            forget_old_events(store, now=datetime.now(UTC), days=days())
        except StoreError as error:
            log.warning("old events stay for now", reason=str(error))
        stop.wait(_EVERY_S)


def _oldest(store: Store) -> datetime | None:
    [row] = store.query(read("events/oldest"), actor=ACTOR).to_pylist()
    oldest: datetime | None = row["oldest_at"]
    return oldest
