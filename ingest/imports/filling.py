"""Gaps in what we heard of a PBX, filled by an import that covers them."""

from __future__ import annotations

from dataclasses import dataclass

from data.identity.actor import Actor
from data.store.protocol import Statement, Store, Topic
from ingest.assembler.times import moment
from ingest.sources.cdr import CdrLine


@dataclass(slots=True)
class Covered:
    """The time of which an import has the records."""

    from_at: float = float("inf")
    until_at: float = float("-inf")

    def add(self, line: CdrLine) -> None:
        self.from_at = min(self.from_at, line.started_at)
        self.until_at = max(self.until_at, line.ended_at)

    def fill_gaps(self, store: Store, pbx: str, *, actor: Actor) -> int:
        """Mark the gaps that lie within as filled; how many that were."""
        if self.from_at > self.until_at:
            return 0
        params = {"pbx": pbx, "from_at": moment(self.from_at), "until_at": moment(self.until_at)}
        (filled,) = store.transact(
            [Statement(name="gap_fill", params=params)], actor=actor, touches={Topic.LINK: (), Topic.CALLS: ()}
        )
        return filled.num_rows
