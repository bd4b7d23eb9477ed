"""The scripts of live calls that an employee makes: to a number outside, or to a colleague."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.model import Direction, Outcome, Reason
from ingest.simulator.office import TRUNK, Employee
from ingest.simulator.phones import Steps
from ingest.simulator.stage import Stage
from ingest.simulator.switch import DOWN, RING, UP
from ingest.simulator.truth import Truth
from ingest.simulator.wire import UNKNOWN, Channel


@dataclass(frozen=True, slots=True)
class _Failure:
    """One way of not reaching a number outside."""

    share: float  # cumulated
    reason: Reason
    status: str
    cause: int
    rings: bool
    seconds: float


_FAILURES = (
    _Failure(0.45, Reason.NO_ANSWER, "NOANSWER", 19, True, 28.0),
    _Failure(0.70, Reason.CANCELLED, "CANCEL", 127, True, 11.0),
    _Failure(0.90, Reason.BUSY, "BUSY", 17, False, 1.2),
    _Failure(1.0, Reason.FAILED, "NOANSWER", 1, False, 0.6),
)


class Outward:
    """Every way in which an employee's call can go."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pbx = stage.pbx

    def outbound(self, who: Employee, number: str, *, reach: float = 0.66) -> Steps:
        """An employee calls a number outside."""
        stage = self._stage
        stage.busy.add(who.extension)
        caller = self._picks_up(who, number)
        truth = stage.begins(Direction.OUTBOUND, caller, Outcome.NOT_REACHED)
        yield from self._dials(truth, caller, number, reach)
        stage.busy.discard(who.extension)

    def started(self, who: Employee, number: str, told: Callable[[Channel], None], *, reach: float = 0.8) -> Steps:
        """A call that was started for an employee: his phone rings first; `told` once he takes it."""
        stage, pbx = self._stage, self._pbx
        stage.busy.add(who.extension)
        phone = pbx.channel(
            who.device, number=who.extension, name=who.name, context="from-internal", exten="s", state=DOWN
        )
        truth = stage.begins(Direction.OUTBOUND, phone, Outcome.NOT_REACHED)
        truth.rang.append(who.extension)
        pbx.rings_alone(phone)
        yield stage.spread(2.0, 0.8, 6.0)
        told(phone)
        pbx.taken_alone(phone)
        phone.exten = number
        yield from self._dials(truth, phone, number, reach)
        stage.busy.discard(who.extension)

    def _dials(self, truth: Truth, caller: Channel, number: str, reach: float) -> Steps:
        """The caller is in the dialplan; the number outside is called."""
        stage, pbx = self._stage, self._pbx
        truth.external_number, truth.caller_number, truth.called_number = number, caller.number, number
        pbx.run(caller, "Dial", f"PJSIP/{number}@trunk,60,TtU(sub-rec^{number})")
        pbx.dial_variables(caller)
        target = pbx.channel(
            TRUNK, number=UNKNOWN, name=UNKNOWN, context="from-trunk", exten="s", state=DOWN, linked=caller
        )
        truth.channels.append(target.uniqueid)
        target.number = number
        pbx.dial(caller, target, f"{number}@trunk", number)
        truth.tries(stage.now)
        drawn = (stage.draw() - reach) / (1 - reach)
        way = next((way for way in _FAILURES if drawn <= way.share), _FAILURES[0])
        if drawn < 0 or way.rings:
            yield stage.spread(1.2, 0.3, 5.0)
            pbx.rings(caller, target)
            truth.waits_since = pbx.wire.stamp
        if drawn < 0:
            yield stage.spread(6.0, 1.5, 35.0)
            yield from self._two_talk(truth, caller, target, number, stage.talk_s(), Outcome.REACHED)
        else:
            yield way.seconds * (0.6 + 0.8 * stage.draw())
            self._in_vain(truth, caller, target, way.status, way.cause, way.reason, pbx_cause=way.cause)

    def internal(self, who: Employee, other: Employee) -> Steps:
        """An employee calls a colleague."""
        stage, pbx = self._stage, self._pbx
        engaged = not stage.is_free(other)
        stage.busy.add(who.extension)
        caller = self._picks_up(who, other.extension)
        truth = stage.begins(Direction.INTERNAL, caller, Outcome.UNANSWERED)
        truth.caller_number, truth.called_number = who.extension, other.extension
        pbx.run(caller, "Dial", f"{other.device},20,TtU(sub-rec^{other.extension})")
        pbx.dial_variables(caller)
        target = pbx.channel(
            other.device, number=other.extension, name=other.name, context="from-internal", exten="s", state=DOWN,
            linked=caller,
        )  # fmt: skip
        truth.channels.append(target.uniqueid)
        pbx.dial(caller, target, other.extension, other.extension)
        truth.tries(stage.now)
        if engaged:
            yield 0.3
            self._in_vain(truth, caller, target, "BUSY", 17, Reason.BUSY, pbx_cause=17)
            stage.busy.discard(who.extension)
            return
        stage.busy.add(other.extension)
        yield 0.1
        pbx.rings(caller, target)
        truth.rings(other.extension, pbx.wire.stamp)
        if stage.draw() < other.diligence:
            yield stage.spread(4.0, 1.0, 18.0)
            yield from self._two_talk(truth, caller, target, other.extension, stage.talk_s(25.0), Outcome.ANSWERED)
        else:
            yield 8 + 8 * stage.draw()
            self._in_vain(truth, caller, target, "CANCEL", 127, Reason.CANCELLED, pbx_cause=127)
        stage.busy -= {who.extension, other.extension}

    def _picks_up(self, who: Employee, dialled: str) -> Channel:
        return self._pbx.channel(
            who.device, number=who.extension, name=who.name, context="from-internal", exten=dialled, state=RING
        )

    def _two_talk(
        self, truth: Truth, caller: Channel, target: Channel, party: str, talk_s: float, outcome: Outcome
    ) -> Steps:
        """The called party answered: talk until the caller or the called one hangs up."""
        stage, pbx = self._stage, self._pbx
        pbx.state(target, UP)
        file = stage.record(truth, target, party, caller.number, talk_s)
        pbx.variable(caller, "DIALSTATUS", "ANSWER")
        pbx.dial_ends(caller, target, "ANSWER")
        if caller.state != UP:
            pbx.state(caller, UP)
        bridge = pbx.bridge(target, caller)
        begun = pbx.wire.stamp
        truth.answered_at, truth.outcome = begun, outcome
        yield talk_s
        pbx.asks_to_hang_up(caller if stage.draw() < 0.5 else target, 16)
        pbx.leaves(bridge, caller)
        truth.talked(party, begun, pbx.wire.stamp)
        pbx.leaves(bridge, target)
        pbx.cdr(caller, target, destination=party, answered_at=begun, disposition="ANSWERED", recording=file)
        pbx.hang_up(caller, 16)
        pbx.hang_up(target, 16)
        stage.ends(truth)

    def _in_vain(
        self, truth: Truth, caller: Channel, target: Channel, status: str, cause: int, reason: Reason, *, pbx_cause: int
    ) -> None:
        pbx = self._pbx
        pbx.asks_to_hang_up(caller if status == "CANCEL" else target, cause)
        pbx.dial_ends(caller, target, status)
        pbx.variable(caller, "DIALSTATUS", status)
        disposition = "BUSY" if status == "BUSY" else "NO ANSWER"
        pbx.cdr(caller, target, destination=caller.exten, answered_at=None, disposition=disposition)
        pbx.hang_up(target, cause)
        pbx.soft_hang_up(caller)
        pbx.hang_up(caller, pbx_cause)
        truth.reason = reason
        self._stage.ends(truth)
