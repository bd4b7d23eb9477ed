"""Reads raw deliveries in the order they came and puts what they say into chats.

Whatever cannot be understood is kept aside with the reason and never holds up the rest; what was understood and
cannot be stored is tried again, alone, and kept aside too when that does not help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from data.errors import Conflict, DiskFull, StoreUnavailable
from data.queries import read
from data.services.chats.received_rows import Delivered
from data.services.chats.receiving import receive
from data.settings import Site
from data.store.protocol import Statement, Store, Topic
from ingest.messengers.accounts import ACTOR, Line, Lines
from ingest.messengers.adapter import NotUnderstood, Parsed

log = structlog.get_logger()

_AT_ONCE = 200
_TRIES = 5
_DONE_FOR = timedelta(days=14)  # messengers repeat for seven days
_FAILED_FOR = timedelta(days=90)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Read:
    """A raw delivery, and what it says."""

    row: Row
    delivered: Delivered
    problems: Sequence[str]


class Inbox:
    """The deliveries of all accounts. Used by one thread."""

    def __init__(self, store: Store, lines: Lines, site: Site) -> None:
        self._store, self._lines, self._site = store, lines, site

    def take(self) -> int:
        """Read what waits, some of it; how many deliveries. Raises StoreUnavailable, DiskFull."""
        rows = self._store.query(read("hooks/new"), {"limit": _AT_ONCE}, actor=ACTOR).to_pylist()
        good = [found for row in rows if (found := self._understood(row)) is not None]
        whole = [one for one in good if not one.problems]
        try:
            if whole:
                receive(self._store, ACTOR, [one.delivered for one in whole], site=self._site, now=datetime.now(UTC))
        except (StoreUnavailable, DiskFull):
            raise
        except Exception as error:
            log.warning("deliveries are read one by one", count=len(whole), reason=str(error))
            for one in whole:
                self._take_alone(one)
        for one in good:
            if one.problems:
                self._take_alone(one)
        return len(rows)

    def forget_old(self, now: datetime) -> None:
        """Remove deliveries whose time is over. Raises StoreError."""
        params = {"done_before": now - _DONE_FOR, "failed_before": now - _FAILED_FOR}
        self._store.transact([Statement(name="hook_events_forget", params=params)], actor=ACTOR, touches={})

    def _understood(self, row: Row) -> _Read | None:
        line = self._lines.get(row["account"]) or self._refreshed(row["account"])
        if line is None:
            self._put_aside(row, f"There is no enabled account {row['account']!r}.")
            return None
        try:
            parsed: Parsed = line.adapter.parse(row["body"], row["received_at"])
        except NotUnderstood as error:
            self._put_aside(row, str(error))
            return None
        except Exception as error:
            log.exception("a delivery cannot be read", account=row["account"])
            self._put_aside(row, f"It cannot be read: {type(error).__name__}.")
            return None
        hook_id = None if parsed.problems else row["hook_id"]
        delivered = Delivered(
            account=row["account"], messenger=line.account.messenger, items=parsed.items, hook_id=hook_id
        )
        return _Read(row, delivered, parsed.problems)

    def _refreshed(self, account: str) -> Line | None:
        self._lines.refresh()
        return self._lines.get(account)

    def _take_alone(self, one: _Read) -> None:
        try:
            receive(self._store, ACTOR, [one.delivered], site=self._site, now=datetime.now(UTC))
        except (StoreUnavailable, DiskFull):
            raise
        except Conflict:
            return  # another process took it
        except Exception as error:
            if one.row["attempts"] + 1 >= _TRIES:
                self._put_aside(one.row, f"It cannot be stored: {error}")
            else:
                self._note(Statement(name="hook_event_again", params=_noted(one.row, str(error))))
            return
        if one.problems:
            self._put_aside(one.row, " ".join(one.problems[:10]))

    def _put_aside(self, row: Row, reason: str) -> None:
        log.warning("a delivery of a messenger is kept aside", account=row["account"], reason=reason)
        params = {**_noted(row, reason), "at": datetime.now(UTC)}
        self._note(Statement(name="hook_event_failed", params=params))

    def _note(self, step: Statement) -> None:
        self._store.transact([step], actor=ACTOR, touches={})


def keep(store: Store, account: str, bodies: Sequence[bytes]) -> None:
    """Store raw deliveries that were asked for. Raises StoreError; then nothing of them is stored."""
    now = datetime.now(UTC)
    params = {
        "hook_ids": [str(uuid4()) for _ in bodies],
        "accounts": [account] * len(bodies),
        "moments": [now + timedelta(microseconds=place) for place in range(len(bodies))],
        "bodies": list(bodies),
        "headers": ["{}"] * len(bodies),
        "from_at": now,
    }
    step = Statement(name="hook_events_insert", params=params, expect_rows=len(bodies))
    store.transact([step], actor=ACTOR, touches={Topic.HOOKS: ()})


def _noted(row: Row, reason: str) -> dict[str, object]:
    return {"hook_id": row["hook_id"], "error": reason[:1000]}
