"""Deletes what is kept no longer: events, recordings, calls, chats and the trail, in small steps.

What a legal hold keeps stays. Events go by the settings where nobody decided otherwise; all else only by a rule.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from data.errors import StoreError
from data.identity.actor import system
from data.queries import read
from data.services.retention import DataClass, over, rules
from data.services.trail import trail
from data.settings import Settings
from data.store.protocol import IngestStore, Statement, Store
from ingest.deleting import delete_media, delete_sound

log = structlog.get_logger()

ACTOR = system("ingest")
_EVERY_S = 3_600.0
_STEP = timedelta(days=1)  # of events in one transaction: other writes wait for it
_ROWS = 200  # of calls, recordings or chats in one transaction
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def forget_old_events(store: Store, *, now: datetime, days: int) -> datetime:
    """Remove what was received more than `days` ago; the moment before which nothing is left. Raises StoreError."""
    limit = now - timedelta(days=days)
    while (oldest := _oldest(store)) is not None and oldest < limit:
        until = min(oldest + _STEP, limit)
        step = Statement(name="forget_events", params={"from_at": oldest, "until_at": until})
        store.transact([step], actor=ACTOR, touches={})
        log.info("events removed after their retention", from_at=oldest.isoformat(), until_at=until.isoformat())
    return limit


def forget_old(
    settings: Settings, store: IngestStore, *, now: datetime, event_days: int | None = None
) -> dict[DataClass, int]:
    """Delete everything whose time is over; how much of each class. Raises StoreError; the rest goes next time.

    event_days: of events, where there is no rule; those of the settings unless given.
    """
    known = rules(store, ACTOR)
    usual = event_days or settings.journal.event_retention_days
    forget_old_events(store, now=now, days=known.pop(DataClass.EVENT, usual))
    gone: dict[DataClass, int] = {}
    for kind, days in known.items():
        if count := _FORGET[kind](settings, store, now - timedelta(days=days)):
            gone[kind] = count
            told = trail(ACTOR, now, "retention.run", "retention", kind.value, rows=count, days=days)
            store.transact([told], actor=ACTOR, touches={})
            log.info("deleted after its retention", kind=kind.value, rows=count, days=days)
    return gone


def keep_young(settings: Settings, store: IngestStore, event_days: Callable[[], int], stop: threading.Event) -> None:
    """Do it once an hour until `stop` is set; a store that is away is asked again the next hour."""
    while not stop.is_set():
        try:
            forget_old(settings, store, now=datetime.now(UTC), event_days=event_days())
        except StoreError as error:
            log.warning("what is old stays for now", reason=str(error))
        stop.wait(_EVERY_S)


def _recordings(settings: Settings, store: IngestStore, until: datetime) -> int:
    count = 0
    for rows in _batches(store, "recording", until):
        ids = [row["id"] for row in rows if delete_sound(settings, row["path"]) is not None]
        store.transact([Statement(name="recordings_deleted", params={"ids": ids})], actor=ACTOR, touches={})
        count += len(ids)
    return count


def _calls(settings: Settings, store: IngestStore, until: datetime) -> int:
    count = 0
    for rows in _batches(store, "call", until):
        ids = [row["id"] for row in rows]
        for sound in store.query(read("retention/recordings_of"), {"ids": ids}, actor=ACTOR).to_pylist():
            delete_sound(settings, sound["path"])
        hanging = [
            Statement(name=f"forget_{table}s_of", params={"ids": ids})
            for table in ("call_tag", "lead", "ami_event", "source_difference")
        ]
        store.transact([*_comments("call", ids), *hanging], actor=ACTOR, touches={})
        store.write_facts({}, actor=ACTOR, retracted=ids)
        count += len(ids)
    return count


def _chats(settings: Settings, store: IngestStore, until: datetime) -> int:
    count = 0
    for rows in _batches(store, "chat", until):
        ids = [row["id"] for row in rows]
        media = store.query(read("retention/media_of"), {"ids": ids}, actor=ACTOR)["media"].to_pylist()
        delete_media(settings, media)
        parts = ("message", "chat_event", "chat_seen", "chat_tag", "chat_automation", "chat")
        steps = [Statement(name=f"forget_{part}s", params={"ids": ids}) for part in parts]
        store.transact([*_comments("chat", ids), *steps], actor=ACTOR, touches={})
        count += len(ids)
    store.transact([Statement(name="forget_hooks", params={"until_at": until})], actor=ACTOR, touches={})
    return count


def _audit(_: Settings, store: IngestStore, until: datetime) -> int:
    (counted,) = store.query(read("retention/audit_count"), {"until_at": until}, actor=ACTOR).to_pylist()
    store.transact([Statement(name="forget_audit", params={"until_at": until})], actor=ACTOR, touches={})
    return int(counted["rows"])


_FORGET: dict[DataClass, Callable[[Settings, IngestStore, datetime], int]] = {
    DataClass.RECORDING: _recordings,
    DataClass.CALL: _calls,
    DataClass.CHAT: _chats,
    DataClass.AUDIT: _audit,
}


def _comments(kind: str, ids: Sequence[str]) -> list[Statement]:
    return [
        Statement(name=f"forget_{table}s_of", params={"kind": kind, "ids": list(ids)})
        for table in ("comment_history", "comment", "task")
    ]


def _batches(store: Store, name: str, until: datetime) -> Iterator[list[dict[str, Any]]]:
    """The rows of a class, some at a time, each once: what cannot be deleted is passed by."""
    at, key = _LONG_AGO, ""
    while True:
        asked = {"until_at": until, "after_at": at, "after_id": key, "limit": _ROWS}
        rows = store.query(over(name), asked, actor=ACTOR, timeout_s=120.0).to_pylist()
        if not rows:
            return
        yield rows
        at, key = rows[-1]["at"], rows[-1]["id"]


def _oldest(store: Store) -> datetime | None:
    [row] = store.query(read("events/oldest"), actor=ACTOR).to_pylist()
    oldest: datetime | None = row["oldest_at"]
    return oldest
