"""What the store already has of the calls that an import brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.identity.actor import Actor
from data.model import Call, QueueVisit
from data.queries import read
from data.store.protocol import Store

Known = Mapping[str, Any]

# The better source of a call has the higher one: live events, channel events of a log, records, the queue's log.
RANKS = {"ami": 3, "simulator": 3, "cel": 2, "mikopbx": 1, "cdr": 1, "queue_log": 0}

_NEAR = timedelta(hours=1)  # of one call known by another id: unique ids may repeat after years
MARGIN = timedelta(days=1)


class StoredCalls:
    """Stored rows by every name under which another source may know them."""

    def __init__(self, pbx: str, rows: Sequence[Known]) -> None:
        self._pbx = pbx
        self._rows: dict[str, list[Known]] = {}
        for row in rows:
            for name in {row["call_id"], *(f"{pbx}-{channel}" for channel in row["channels"])}:
                self._rows.setdefault(name, []).append(row)

    def best(self, call: Call, rank: Callable[[Known], int]) -> Known | None:
        """The row of this call that the best source made; None: nobody knows it."""
        names = dict.fromkeys(_names(self._pbx, call))
        rows = [row for name in names for row in self._rows.get(name, ()) if _is_near(row["started_at"], call)]
        return max(rows, key=lambda row: (rank(row), row["call_id"] == call.call_id), default=None)


def stored_calls(store: Store, pbx: str, calls: Sequence[Call], *, actor: Actor) -> StoredCalls:
    """Rows that may be one of `calls`."""
    table = store.query(
        read("imports/stored_calls"),
        {
            "pbx": pbx,
            "from_at": min(call.started_at for call in calls) - MARGIN,
            "until_at": max(call.started_at for call in calls) + MARGIN,
            "names": list({name for call in calls for name in _names(pbx, call)}),
        },
        actor=actor,
    )
    return StoredCalls(pbx, table.to_pylist())


def stored_visits(store: Store, rows: Sequence[Known], *, actor: Actor) -> dict[str, list[QueueVisit]]:
    """Stays in queues of stored calls, in order, by the id of the call."""
    found: dict[str, list[QueueVisit]] = {}
    if not rows:
        return found
    params = {
        "from_at": min(row["started_at"] for row in rows) - MARGIN,
        "until_at": max(row["ended_at"] for row in rows) + MARGIN,
        "call_ids": [row["call_id"] for row in rows],
    }
    for row in store.query(read("imports/stored_visits"), params, actor=actor).to_pylist():
        found.setdefault(row["call_id"], []).append(QueueVisit(**row))
    return found


def rank(known: Known) -> int:
    """How good the source of a stored call is."""
    return RANKS.get(str(known["source"]), 0)


def _names(pbx: str, call: Call) -> list[str]:
    """Ids under which another source may have the call: that of any of its channels."""
    return [call.call_id, *(f"{pbx}-{channel}" for channel in call.channels)]


def _is_near(started_at: datetime, call: Call) -> bool:
    return call.started_at - _NEAR <= started_at <= call.ended_at + _NEAR
