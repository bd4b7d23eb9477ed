"""What really happened in a call of the pretend office, in the form in which reconstructions are scored."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.model import Direction, Outcome, Reason, TransferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTransfer:
    kind: TransferKind
    from_party: str
    to_party: str
    completed: bool


@dataclass(slots=True, kw_only=True)
class Truth:
    """One call; filled while it goes on, true when `ended_at` is set."""

    call_id: str
    direction: Direction
    started_at: float
    outcome: Outcome
    reason: Reason | None = None
    external_number: str | None = None
    did: str | None = None
    caller_number: str | None = None
    called_number: str | None = None
    answered_by: list[str] = field(default_factory=list)
    rang: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    transfers: list[TrueTransfer] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    waits_since: float | None = None  # first queue, else first ring
    tried_at: float | None = None  # first dialling, for calls that never rang
    answered_at: float | None = None
    ended_at: float | None = None
    talks: list[tuple[str, float, float]] = field(default_factory=list)  # with whom, from, until
    channels: list[str] = field(default_factory=list)

    @property
    def talk_s(self) -> float:
        """Length of the union of the stretches with a person."""
        total, reached = 0.0, float("-inf")
        for begun, ended in sorted((begun, ended) for _, begun, ended in self.talks):
            total += max(0.0, ended - max(begun, reached))
            reached = max(reached, ended)
        return total

    @property
    def wait_s(self) -> float | None:
        since = self.waits_since or self.tried_at
        if since is None or self.ended_at is None:
            return None
        return (self.answered_at or self.ended_at) - since

    def tries(self, at: float) -> None:
        """A phone or a number is dialled."""
        self.tried_at = self.tried_at or at

    def rings(self, extension: str, at: float) -> None:
        if extension not in self.rang:
            self.rang.append(extension)
        self.waits_since = at if self.waits_since is None else self.waits_since

    def talked(self, party: str, begun: float, ended: float) -> None:
        """A stretch in which the caller talked with this party."""
        self.talks.append((party, begun, ended))
        if party not in self.answered_by:
            self.answered_by.append(party)

    def as_json(self) -> dict[str, object]:
        """The object that a replay prints for this call (`ingest.replay`)."""
        return {
            "call_id": self.call_id,
            "direction": str(self.direction),
            "outcome": str(self.outcome),
            "reason": str(self.reason) if self.reason is not None else None,
            "external_number": self.external_number,
            "did": self.did,
            "caller_number": self.caller_number,
            "caller_name": None,
            "called_number": self.called_number,
            "answered_by": self.answered_by,
            "rang": self.rang,
            "queues": self.queues,
            "transfers": [
                {
                    "kind": str(each.kind),
                    "from": each.from_party,
                    "to": each.to_party,
                    "completed": each.completed,
                }
                for each in self.transfers
            ],
            "recordings": self.recordings,
            "started_at": self.started_at,
            "answered_at": self.answered_at,
            "ended_at": self.ended_at,
            "wait_s": self.wait_s,
            "talk_s": self.talk_s,
            "incomplete": False,
            "channels": self.channels,
        }
