"""Phones that ring for a caller, until one answers or nobody will."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ingest.simulator.lines import Line
from ingest.simulator.office import Employee
from ingest.simulator.stage import Stage
from ingest.simulator.switch import DOWN, RING, RINGING, UP
from ingest.simulator.truth import Truth
from ingest.simulator.wire import UNKNOWN, Channel

Steps = Generator[float, None, None]


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One phone that is dialled, perhaps through both halves of a Local channel."""

    member: Employee
    phone: Channel
    halves: tuple[Channel, Channel] | None = None
    engaged: bool = False

    @property
    def near(self) -> Channel:
        """The channel that the caller's side dialled."""
        return self.phone if self.halves is None else self.halves[0]


@dataclass(slots=True, kw_only=True)
class Ring:
    """How long phones ring, and what came of it."""

    seconds: float  # at most
    patience: float  # until the caller hangs up
    answered: Attempt | None = None
    gave_up: bool = False
    rang_s: float = 0.0
    talk_s: float = 0.0
    file: str = ""


class Phones:
    """Rings phones and tells the PBX's events about it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pbx = stage.pbx

    def ring(
        self, truth: Truth, caller: Channel, members: Sequence[Employee], ring: Ring, line: Line | None = None
    ) -> Generator[float, None, Ring]:
        """Ring these phones; an answered one is busy and records when this returns."""
        stage, pbx = self._stage, self._pbx
        attempts = [self._dial(truth, caller, member, line) for member in members]
        ringing = [attempt for attempt in attempts if not attempt.engaged]
        for attempt in attempts:
            if attempt.engaged:
                self._refuses(caller, attempt)
        stage.busy.update(attempt.member.extension for attempt in ringing)
        yield 0.1
        if not ringing:
            return ring
        for attempt in ringing:
            self._rings(truth, caller, attempt)
        answer_s, first = ring.seconds, None
        for attempt in ringing:
            if stage.draw() < attempt.member.diligence:
                after = 0.8 + stage.spread(attempt.member.reaction_s * 0.8, 0.0, ring.seconds)
                if after < answer_s:
                    answer_s, first = after, attempt
        ring.gave_up = ring.patience < answer_s
        ring.rang_s = min(ring.patience, answer_s)
        yield ring.rang_s
        if ring.gave_up:
            first = None
            pbx.asks_to_hang_up(caller, None if caller.state == UP else 127)
        if first is not None:
            self._answers(truth, caller, first, ring)
        for attempt in ringing:
            if attempt is not first:
                self._stops(caller, attempt, line, ring, elsewhere=first is not None)
                stage.busy.discard(attempt.member.extension)
        ring.answered = first
        return ring

    def _dial(self, truth: Truth, caller: Channel, member: Employee, line: Line | None) -> Attempt:
        pbx = self._pbx
        truth.tries(pbx.wire.now)
        halves: tuple[Channel, Channel] | None = None
        dialler = caller
        if line is not None and line.over_local:
            halves = pbx.local(member.extension, "from-queue", caller)
            self._stage.lines.calls(line, caller, halves[0], member)
            pbx.dial(caller, halves[0], line.interface(member), member.extension)
            dialler = halves[1]
            pbx.run(dialler, "Dial", f"{member.device},20,TtU(sub-rec^{member.extension})")
            truth.channels += [half.uniqueid for half in halves]
        phone = pbx.channel(
            member.device, number=member.extension, name=member.name, context="from-internal", exten="s", state=DOWN,
            linked=caller,
        )  # fmt: skip
        truth.channels.append(phone.uniqueid)
        if line is not None and halves is None:
            self._stage.lines.calls(line, caller, phone, member)
        pbx.dial(dialler, phone, member.extension, caller.exten if line is not None else member.extension)
        return Attempt(member=member, phone=phone, halves=halves, engaged=not self._stage.is_free(member))

    def _rings(self, truth: Truth, caller: Channel, attempt: Attempt) -> None:
        pbx = self._pbx
        pbx.rings(attempt.halves[1] if attempt.halves is not None else caller, attempt.phone)
        if attempt.halves is not None:
            half = attempt.halves[0]
            half.number, half.caller_name = attempt.member.extension, attempt.member.name
            pbx.state(half, RINGING)
            pbx.wire.event("DialState", caller.fields(), half.fields("Dest"), more=(("DialStatus", "RINGING"),))
        truth.rings(attempt.member.extension, pbx.wire.stamp)

    def _answers(self, truth: Truth, caller: Channel, attempt: Attempt, ring: Ring) -> None:
        """The phone is picked up; the winner's dials end, its recording begins."""
        pbx, stage = self._pbx, self._stage
        ring.talk_s = stage.talk_s()
        pbx.state(attempt.phone, UP)
        ring.file = stage.record(truth, attempt.phone, attempt.member.extension, caller.number, ring.talk_s)
        if attempt.halves is not None:
            pbx.dial_ends(attempt.halves[1], attempt.phone, "ANSWER")
            pbx.state(attempt.halves[0], UP)
        pbx.dial_ends(caller, attempt.near, "ANSWER")
        caller.connected, caller.connected_name = attempt.member.extension, attempt.member.name

    def _refuses(self, caller: Channel, attempt: Attempt) -> None:
        """A phone that is in a call says busy without ringing."""
        pbx = self._pbx
        pbx.asks_to_hang_up(attempt.phone, 17)
        pbx.dial_ends(caller, attempt.phone, "BUSY")
        pbx.hang_up(attempt.phone, 17)

    def _stops(self, caller: Channel, attempt: Attempt, line: Line | None, ring: Ring, *, elsewhere: bool) -> None:
        """A phone stops ringing: somebody else answered, the caller is gone, or it rang long enough."""
        pbx = self._pbx
        timed_out = not elsewhere and not ring.gave_up
        if timed_out and line is not None:
            self._stage.lines.no_answer(line, caller, attempt.near, attempt.member, ring.rang_s)
        status = "NOANSWER" if timed_out else "CANCEL"
        cause = 26 if elsewhere else 127 if ring.gave_up and caller.state == RING else 0
        pbx.dial_ends(caller, attempt.near, status)
        if attempt.halves is not None:
            one, two = attempt.halves
            # The real one repeats it for members whose call it cancels.
            pbx.dial_ends(caller, one, "CANCEL")
            pbx.asks_to_hang_up(two, cause)
            pbx.hang_up(one, cause)
            pbx.dial_ends(two, attempt.phone, "CANCEL")
            pbx.soft_hang_up(two)
            pbx.hang_up(two, cause)
        pbx.hang_up(attempt.phone, cause)


def outside(number: str | None) -> tuple[str, str]:
    """Number and name as a trunk's channel shows a caller; None: hidden."""
    return ("anonymous", "Anonymous") if number is None else (number, UNKNOWN)
