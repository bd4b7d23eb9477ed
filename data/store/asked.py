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


class Asked:
    """Writes the lines by `write`, one for each different statement of an analyst and half an hour."""

    def __init__(
        self, write: Callable[[Statement], None], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._write = write
        self._clock = clock
        self._known: OrderedDict[bytes, datetime] = OrderedDict()
        self._lock = Lock()

    def tell(
        self, grant: Grant, sql: str, params: Params | None, *, rows: int | None = None, refused: str | None = None
    ) -> None:
        """A statement gave so many rows, or was refused. Raises StoreError where that cannot be written down."""
        user, values = grant.actor.user if grant.actor else "?", str(dict(params)) if params else None
        told = repr((user, grant.masked, sql, values, refused is None)).encode()
        key, now = hashlib.sha256(told).digest(), self._clock()
        with self._lock:
            if (last := self._known.get(key)) is not None and now - last < _ONE_ASKING:
                return
        detail: dict[str, object] = {
            "sql": sql[:_LONGEST],
            "values": values and values[:_LONGEST],
            "masked": grant.masked,
        }
        detail |= {"rows": rows} if refused is None else {"reason": refused[:_LONGEST]}
        line = {
            "acted_at": now,
            "actor": user,
            "action": "sql.ask" if refused is None else "sql.refused",
            "subject_kind": "sql",
            "subject_id": key.hex()[:12],
            "detail": json.dumps(
                {name: value for name, value in detail.items() if value is not None}, ensure_ascii=False
            ),
        }
        self._write(Statement(name="audit_insert", params=line, expect_rows=1))
        with self._lock:  # only now: had the store refused, the next asking must try again
            self._known[key] = now
            self._known.move_to_end(key)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
