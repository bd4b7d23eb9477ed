"""Where a page ended: the last row's place in its order, as text that nobody needs to read."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from data.errors import BadCursor
from data.journal.filter import Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The place of one row in a sort."""

    key: str | float | None  # None where the sort is by time
    started_at: datetime
    call_id: str

    def encode(self, sort: Sort) -> str:
        place = [sort.by, sort.descending, self.key, self.started_at.isoformat(), self.call_id]
        return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode_cursor(text: str, sort: Sort) -> Cursor:
    """The place that `encode` wrote. Raises BadCursor, also for a cursor of another sort."""
    try:
        by, descending, key, started_at, call_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(key=key, started_at=datetime.fromisoformat(started_at), call_id=str(call_id))
    except (ValueError, TypeError, binascii.Error):
        raise BadCursor(f"{text[:40]!r} is no cursor of the journal. Begin again without one.") from None
    if (by, descending) != (sort.by, sort.descending) or cursor.started_at.tzinfo is None:
        raise BadCursor(f"The cursor belongs to a list sorted by {by}, not by {sort.by}. Begin again without one.")
    return cursor
