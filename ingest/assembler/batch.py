"""What the assembler hands over: the changes since it was last asked."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import AgentSession, AmiEvent, CallFacts, Gap, LiveCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Changes since the last `take()`; writing one twice changes nothing.

    calls: new or changed facts, whole, one per call id. retracted: ids whose rows disappear.
    gaps, agent_sessions: the same, keyed by (pbx, started_at) and (pbx, queue, party, kind, started_at).
    live: all calls that are going on; None where that did not change.
    """

    calls: tuple[CallFacts, ...] = ()
    retracted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    agent_sessions: tuple[AgentSession, ...] = ()
    events: tuple[AmiEvent, ...] = ()
    live: tuple[LiveCall, ...] | None = None

    def __bool__(self) -> bool:
        rows = self.calls or self.retracted or self.gaps or self.agent_sessions or self.events
        return bool(rows) or self.live is not None
