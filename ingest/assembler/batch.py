"""What the assembler hands over: the changes since it was last asked."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import AgentSession, AmiEvent, CallFacts, Gap, LiveCall, LiveMember, LivePhone


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Changes since the last `take()`; writing one twice changes nothing.

    calls: new or changed facts, whole, one per call id. retracted: ids whose rows disappear.
    gaps, agent_sessions: the same, keyed by (pbx, started_at) and (pbx, queue, party, kind, started_at).
    live: all calls that are going on; members, phones: all of them with their state; None where that did not change.
    """

    calls: tuple[CallFacts, ...] = ()
    retracted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    agent_sessions: tuple[AgentSession, ...] = ()
    events: tuple[AmiEvent, ...] = ()
    live: tuple[LiveCall, ...] | None = None
    members: tuple[LiveMember, ...] | None = None
    phones: tuple[LivePhone, ...] | None = None

    def __bool__(self) -> bool:
        rows = self.calls or self.retracted or self.gaps or self.agent_sessions or self.events
        return bool(rows) or any(told is not None for told in (self.live, self.members, self.phones))
