"""Facts that were taken from the assembler and are not stored yet: of everything only the newest."""

from __future__ import annotations

from datetime import datetime

from data.model import AgentSession, AmiEvent, CallFacts, Gap
from ingest.assembler import Batch


class Pending:
    """Several batches as one, for one write."""

    def __init__(self) -> None:
        self.calls: dict[str, CallFacts] = {}
        self.retracted: dict[str, None] = {}
        self.gaps: dict[datetime, Gap] = {}
        self.agent_sessions: dict[tuple[str, str, str, datetime], AgentSession] = {}
        self.events: dict[int, AmiEvent] = {}

    def add(self, batch: Batch) -> None:
        for fact in batch.calls:
            self.retracted.pop(fact.call.call_id, None)
            self.calls[fact.call.call_id] = fact
        for call_id in batch.retracted:
            self.calls.pop(call_id, None)
            self.retracted[call_id] = None
        self.gaps |= {gap.started_at: gap for gap in batch.gaps}
        self.agent_sessions |= {(own.queue, own.party, own.kind, own.started_at): own for own in batch.agent_sessions}
        self.events |= {event.sequence: event for event in batch.events}

    @property
    def rows(self) -> int:
        """How many rows a write of it makes, roughly."""
        of_calls = sum(2 + len(fact.legs) + len(fact.intervals) for fact in self.calls.values())
        return of_calls + len(self.retracted) + len(self.gaps) + len(self.agent_sessions) + len(self.events)

    def __bool__(self) -> bool:
        return bool(self.calls or self.retracted or self.gaps or self.agent_sessions or self.events)

    def as_batch(self) -> Batch:
        return Batch(
            calls=tuple(self.calls.values()),
            retracted=tuple(self.retracted),
            gaps=tuple(self.gaps.values()),
            agent_sessions=tuple(self.agent_sessions.values()),
            events=tuple(self.events.values()),
        )
