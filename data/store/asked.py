"""What analysts ask in SQL, as lines of the trail: written before the rows are given out, refused statements too.

A notebook that runs again asks the same: that is one line in half an hour, like one listening.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from data.store.protocol import Params, Statement
from data.store.tokens import Grant

_ONE_ASKING = timedelta(minutes=30)
_MOST_KNOWN = 10_000
_LONGEST = 4_000  # characters of a statement, or of its values

Clock = Callable[[], datetime]


class Asked:
    """Which statements have their line already."""

    def __init__(self, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._known: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = Lock()

    def line(
        self, grant: Grant, sql: str, params: Params | None, *, rows: int | None = None, refused: str = ""
    ) -> Statement | None:
        """The line of a statement that gave so many rows, or was refused; None where it has one. Then `written`."""
        key, now = _key(grant, sql, params, refused), self._clock()
        with self._lock:
            if (last := self._known.get(key)) is not None and now - last < _ONE_ASKING:
                return None
        user = grant.actor.user if grant.actor else "?"
        detail = {"masked": grant.masked, "sql": sql[:_LONGEST]}
        detail |= {"values": str(dict(params))[:_LONGEST]} if params else {}
        detail |= {"reason": refused[:_LONGEST]} if refused else {"rows": rows}
        return Statement(
            name="audit_insert",
            params={
                "acted_at": now,
                "actor": user,
                "action": "sql.refused" if refused else "sql.ask",
                "subject_kind": "sql",
                "subject_id": key.hex()[:12],
                "detail": json.dumps(detail, ensure_ascii=False),
            },
            expect_rows=1,
        )

    def written(self, grant: Grant, sql: str, params: Params | None, *, refused: str = "") -> None:
        """The line is in the trail; only now, so that one that could not be written is tried again."""
        with self._lock:
            key = _key(grant, sql, params, refused)
            self._known[key] = self._clock()
            self._known.move_to_end(key)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)


def _key(grant: Grant, sql: str, params: Params | None, refused: str) -> bytes:
    told = repr((grant.actor and grant.actor.user, grant.masked, sql, params and sorted(params.items()), bool(refused)))
    return hashlib.sha256(told.encode()).digest()
