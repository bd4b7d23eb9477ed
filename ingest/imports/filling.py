"""Gaps in what we heard of a PBX, filled by an import that covers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.identity.actor import Actor
from data.store.protocol import Statement, Store, Topic
from ingest.assembler.times import moment
from ingest.sources.cdr import CdrLine

PARTIAL = "queue_log"


@dataclass(slots=True)
class Covered:
    """The time of which an import has the records."""

    from_at: float = float("inf")
    until_at: float = float("-inf")

    def add(self, line: CdrLine) -> None:
        self.reach(line.started_at)
        self.reach(line.ended_at)

    def reach(self, at: float) -> None:
        """Something of this moment was told."""
        self.from_at = min(self.from_at, at)
        self.until_at = max(self.until_at, at)

    def fill_gaps(self, store: Store, pbx: str, source: str, *, actor: Actor) -> int:
        """Mark the gaps that lie within as filled from this source; how many that were.

        The queue's log does not know calls that never were in a queue: a gap stays open after it.
        """
        if self.from_at > self.until_at:
            return 0
        return mark_filled(store, pbx, source, moment(self.from_at), moment(self.until_at), actor=actor)


def mark_filled(store: Store, pbx: str, source: str, from_at: datetime, until_at: datetime, *, actor: Actor) -> int:
    """Mark the gaps within a time of which the source told everything; how many that were."""
    params = {
        "pbx": pbx,
        "source": source,
        "has_every_call": source != PARTIAL,
        "from_at": from_at,
        "until_at": until_at,
    }
    (filled,) = store.transact(
        [Statement(name="gap_fill", params=params)], actor=actor, touches={Topic.LINK: (), Topic.CALLS: ()}
    )
    return filled.num_rows
