"""Plays one call after the other, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.model import IntervalKind, LegResult, Reason
from ingest.simulator.codes import (
    ANSWER,
    ANSWERED,
    APPLICATIONS,
    BUSY,
    CANCEL,
    CONGESTION,
    INBOUND,
    INTERNAL,
    INTERVALS,
    IVR,
    MISSED,
    NO_NUMBER,
    NOANSWER,
    NOBODY,
    NONE,
    NOT_REACHED,
    OUTBOUND,
    OUTSIDE,
    REACHED,
    REASONS,
    RESULTS,
    UNANSWERED,
)  # fmt: skip
from ingest.simulator.conversation import NO_ANSWER, PARTY, TOOK, Conversations, lengths
from ingest.simulator.floor import Floor, uniforms
from ingest.simulator.ringing import CANCELLED, ENGAGED, Ringing, Rung
from ingest.simulator.sheets import Block

_REASON = {reason: REASONS.index(reason) for reason in Reason}
_APPLICATION = {name: at for at, name in enumerate(APPLICATIONS)}
_FAILED, _UNREACHABLE = RESULTS.index(LegResult.FAILED), RESULTS.index(LegResult.UNREACHABLE)
_IVR_LANE = INTERVALS.index(IntervalKind.IVR)
_IVR_DROP_SHARE = 0.06
_MENU = ((0.55, "sales"), (0.84, "support"), (0.95, "delivery"), (1.0, "group"))


@dataclass(frozen=True, slots=True)
class _Failure:
    """One way of not reaching a number."""

    share: float  # of the vain calls, cumulated
    reason: Reason
    result: int
    status: int
    cause: int
    rings: bool
    least_s: float
    spread_s: float


_FAILURES = (
    _Failure(0.48, Reason.NO_ANSWER, NO_ANSWER, NOANSWER, 19, True, 28.0, 20.0),
    _Failure(0.72, Reason.CANCELLED, CANCELLED, CANCEL, 0, True, 4.0, 20.0),
    _Failure(0.89, Reason.BUSY, ENGAGED, BUSY, 17, False, 0.4, 0.2),
    _Failure(0.96, Reason.UNREACHABLE, _UNREACHABLE, CONGESTION, 20, False, 1.0, 0.5),
    _Failure(1.0, Reason.FAILED, _FAILED, NOANSWER, 1, False, 0.5, 0.2),
)
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a call, as far as later calls depend on it."""

    end: float
    contact: bool  # a person talked with the outside number
    who: int  # whoever talked or called, NOBODY if nobody did


class Switchboard:
    """Plays calls on the floor and writes them on the sheets of `block`."""

    def __init__(self, floor: Floor, rng: np.random.Generator) -> None:
        self.block = Block()
        self._floor = floor
        self._draw = uniforms(rng).__next__
        self._talks = Conversations(floor, self.block, self._draw, rng)
        self._ringing = Ringing(floor, self.block, self._draw, rng)
        self._patience = lengths(rng, 0.7).__next__
        self._routes = {queue.name: at for at, queue in enumerate(floor.office.queues)}

    # ------------------------------------------------------------------ inbound

    def inbound(self, at: float, number: int, did: int, *, is_open: bool, wanted: int = NONE) -> Played:
        """A call from outside; `wanted`: the employee whom a caller of a direct number asks for."""
        call = self.block.calls.count
        if not is_open:
            end = at + 6 + 14 * self._draw()
            return self._missed(call, at, end, number, did, Reason.OUT_OF_HOURS, application="announcement")
        route, now = self._floor.office.dids[did].route, at + 0.05
        if route == "ivr":
            now += min(60.0, 4 + 9 * self._patience())
            self.block.intervals.add(call, _IVR_LANE, OUTSIDE, IVR, at + 0.05, now)
            if self._draw() < _IVR_DROP_SHARE:
                return self._missed(call, at, now, number, did, Reason.IVR_ONLY, application="ivr")
            drawn = self._draw()
            route = next(name for share, name in _MENU if drawn <= share)
        patience = 0.5 + 4.5 * self._draw() if self._draw() < 0.025 else 75.0 * self._patience()
        if route == "group":
            return self._to_group(call, at, now, number, did, patience, queue=NONE, entered=_NAN)
        if route == "direct":
            return self._to_desk(call, at, now, number, did, patience, wanted)
        return self._to_queue(call, at, now, number, did, patience, self._routes[route])

    def _to_queue(self, call: int, at: float, now: float, number: int, did: int, patience: float, queue: int) -> Played:
        rung = self._ringing.queue(call, queue, now, patience)
        if rung.offer is not None:
            return self._answered(call, at, number, did, rung, queue=queue, since=now)
        if not rung.gave_up:
            left = patience - (rung.end - now)
            return self._to_group(call, at, rung.end, number, did, left, queue=queue, entered=now)
        application = "queue" if rung.ring != rung.ring else None
        return self._missed(
            call, at, rung.end, number, did, Reason.ABANDONED, queue=queue, since=now, application=application
        )

    def _to_group(
        self, call: int, at: float, now: float, number: int, did: int, patience: float, *, queue: int, entered: float
    ) -> Played:
        rung = self._ringing.group(call, now, patience)
        since = rung.ring if entered != entered else entered
        if rung.offer is not None:
            return self._answered(call, at, number, did, rung, queue=queue, since=since, group=1)
        reason = Reason.CALLER_HUNG_UP if rung.gave_up and queue == NONE else Reason.TIMEOUT
        return self._missed(call, at, rung.end, number, did, reason, queue=queue, since=since, group=1)

    def _to_desk(self, call: int, at: float, now: float, number: int, did: int, patience: float, wanted: int) -> Played:
        rung = self._ringing.desk(call, wanted, now, patience)
        if rung.offer is not None:
            return self._answered(call, at, number, did, rung, queue=NONE, since=rung.ring)
        engaged = rung.ring != rung.ring
        reason = Reason.BUSY if engaged else Reason.CALLER_HUNG_UP if rung.gave_up else Reason.TIMEOUT
        return self._missed(
            call, at, rung.end, number, did, reason, since=now if engaged else rung.ring,
            status=BUSY if engaged else NOANSWER,
            cause=17 if engaged else 16 if rung.gave_up else 19,
        )  # fmt: skip

    def _answered(
        self, call: int, at: float, number: int, did: int, rung: Rung, *, queue: int, since: float, group: int = 0
    ) -> Played:
        offer = rung.offer
        assert offer is not None  # noqa: S101 - for the type checker: callers asked
        talked = self._talks.inbound(offer)
        self.block.calls.add(
            call, INBOUND, ANSWERED, NONE, NONE, at, talked.end, offer.answer, offer.answer - since, talked.talk,
            talked.hold, number, did, group, queue, NOBODY, NOBODY, ANSWER, 16,
        )  # fmt: skip
        return Played(end=talked.end, contact=True, who=offer.who)

    def _missed(
        self, call: int, at: float, end: float, number: int, did: int, reason: Reason, *, queue: int = NONE,
        since: float = _NAN, group: int = 0, application: str | None = None, status: int = NONE, cause: int = 16,
    ) -> Played:  # fmt: skip
        self.block.calls.add(
            call, INBOUND, MISSED, _REASON[reason], NONE if application is None else _APPLICATION[application], at,
            end, _NAN, end - since, 0.0, 0.0, number, did, group, queue, NOBODY, NOBODY, status, cause,
        )  # fmt: skip
        return Played(end=end, contact=False, who=NOBODY)

    # ------------------------------------------------------------------ outbound and internal

    def outbound(self, at: float, number: int, who: int, *, reach: float = 0.64) -> Played:
        """An employee calls a number outside, which answers with the chance `reach`."""
        call = self.block.calls.count
        ring = at + 1.0 + 2.5 * self._draw()
        drawn = (self._draw() - reach) / (1 - reach)
        if drawn < 0:
            answer = ring + min(40.0, 6.0 * self._patience())
            end = answer + self._talks.talk_s(who, 80.0)
            hold = self._talks.hold(call, who, answer, end)
            self._dial(call, who, TOOK, ANSWER, 16, at, ring, answer, end, hold)
            self._outbound(call, REACHED, NONE, at, end, ring, answer, hold, number, who, ANSWER, 16)
            self._talks.release(who, end)
            return Played(end=end, contact=True, who=who)
        way = next(way for way in _FAILURES if drawn <= way.share)
        end = ring + way.least_s + way.spread_s * self._draw()
        ring = ring if way.rings else _NAN
        self._dial(call, who, way.result, way.status, way.cause, at, ring, _NAN, end, 0.0)
        self._outbound(
            call, NOT_REACHED, _REASON[way.reason], at, end, ring, _NAN, 0.0, number, who, way.status, way.cause
        )
        self._talks.release(who, end, wrap_median=5.0)
        return Played(end=end, contact=False, who=who)

    def _dial(
        self, call: int, who: int, result: int, status: int, cause: int, at: float, ring: float, answer: float,
        end: float, hold: float,
    ) -> None:  # fmt: skip
        talk = end - answer if answer == answer else 0.0
        self.block.legs.add(call, PARTY, who, OUTSIDE, NONE, result, status, cause, at, ring, answer, end, talk, hold)

    def _outbound(
        self, call: int, outcome: int, reason: int, at: float, end: float, ring: float, answer: float, hold: float,
        number: int, who: int, status: int, cause: int,
    ) -> None:  # fmt: skip
        talks = answer == answer
        wait = (answer if talks else end) - (ring if ring == ring else at)
        self.block.calls.add(
            call, OUTBOUND, outcome, reason, NONE, at, end, answer, wait,
            end - answer if talks else 0.0, hold, number, NONE, 0, NONE, who, NOBODY, status, cause,
        )  # fmt: skip

    def internal(self, at: float, who: int, other: int) -> Played:
        """An employee calls a colleague."""
        call = self.block.calls.count
        ring = at + 0.15
        free = self._floor.is_free(other, at)
        answer = _NAN
        if not free:
            end, result, status, cause, ring, reason = at + 1.0, ENGAGED, BUSY, 17, _NAN, Reason.BUSY
        elif self._draw() < self._floor.office.employees[other].diligence:
            answer = ring + 1 + 5 * self._draw() * self._patience()
            end = answer + self._talks.talk_s(other, 38.0)
            result, status, cause = TOOK, ANSWER, 16
        elif self._draw() < 0.6:
            end, result, status, cause, reason = ring + 6 + 15 * self._draw(), CANCELLED, CANCEL, 0, Reason.CANCELLED
        else:
            end, result, status, cause, reason = ring + 30.0, NO_ANSWER, NOANSWER, 0, Reason.TIMEOUT
        talks = answer == answer
        talk = end - answer if talks else 0.0
        wait = (answer if talks else end) - (ring if free else at)
        self.block.legs.add(call, PARTY, who, other, NONE, result, status, cause, at, ring, answer, end, talk, 0.0)
        self.block.calls.add(
            call, INTERNAL, ANSWERED if talks else UNANSWERED, NONE if talks else _REASON[reason], NONE, at, end,
            answer, wait, talk, 0.0, NO_NUMBER, NONE, 0, NONE, who, other, status, cause,
        )  # fmt: skip
        self._talks.release(who, end, wrap_median=3.0)
        if free:
            self._talks.release(other, end, wrap_median=3.0)
        return Played(end=end, contact=False, who=who)
