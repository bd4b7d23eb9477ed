"""What happens after a person answered: talk, hold, and handing over to a colleague."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from data.model import IntervalKind, LegResult, LegRole, TransferKind
from ingest.simulator.codes import ANSWER, INTERVALS, KINDS, NOANSWER, NONE, OUTSIDE, RESULTS, ROLES
from ingest.simulator.floor import Floor
from ingest.simulator.sheets import Block

PARTY, CONSULTATION = ROLES.index(LegRole.PARTY), ROLES.index(LegRole.CONSULTATION)
BLIND, ATTENDED = KINDS.index(TransferKind.BLIND), KINDS.index(TransferKind.ATTENDED)
TOOK, NO_ANSWER = RESULTS.index(LegResult.ANSWERED), RESULTS.index(LegResult.NO_ANSWER)
HOLD, CONSULT = INTERVALS.index(IntervalKind.HOLD), INTERVALS.index(IntervalKind.CONSULTATION)

_HOLD_SHARE = 0.1
_TRANSFER_SHARE = 0.06
_RING_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The ring that somebody answered."""

    call: int
    who: int
    queue: int  # NONE, a queue, or the ring group
    at: float
    ring: float
    answer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """What a conversation came to."""

    end: float
    talk: float
    hold: float


def lengths(rng: np.random.Generator, sigma: float) -> Iterator[float]:
    """Endless lognormal factors with median 1, drawn in bulk."""
    while True:
        yield from rng.lognormal(0.0, sigma, 8192).tolist()


class Conversations:
    """Writes the leg of whoever answered, and everything behind it."""

    def __init__(self, floor: Floor, block: Block, draw: Callable[[], float], rng: np.random.Generator) -> None:
        self.block = block
        self._floor = floor
        self._draw = draw
        self._factor = lengths(rng, 0.95).__next__
        self._wrap = lengths(rng, 0.7).__next__

    def talk_s(self, who: int, median: float) -> float:
        """A drawn length of conversation: a few seconds to an hour."""
        return max(3.0, min(3600.0, median * self._factor() * self._floor.office.employees[who].talk_factor))

    def release(self, who: int, at: float, wrap_median: float = 14.0) -> None:
        """The employee hung up and is free again after some work."""
        self._floor.busy[who] = at + wrap_median * self._wrap()

    def hold(self, call: int, who: int, answer: float, end: float) -> float:
        """Perhaps a hold somewhere inside the talk; its length."""
        room = end - answer
        if room < 45 or self._draw() > _HOLD_SHARE:
            return 0.0
        begun = answer + room * (0.2 + 0.4 * self._draw())
        length = min(room * 0.3, 8 + 50 * self._draw())
        self.block.intervals.add(call, HOLD, who, OUTSIDE, begun, begun + length)
        return length

    def inbound(self, offer: Offer) -> Talked:
        """The caller talks to whoever answered, and perhaps to a second person."""
        end = offer.answer + self.talk_s(offer.who, 95.0)
        drawn = self._draw()
        if end - offer.answer > 25 and drawn < _TRANSFER_SHARE:
            target = self._colleague(offer.who, offer.answer)
            if target is not None:
                return (self._blind if drawn < _TRANSFER_SHARE * 0.55 else self._attended)(offer, end, target)
        hold = self.hold(offer.call, offer.who, offer.answer, end)
        self._leg(offer, end, end - offer.answer, hold)
        self.release(offer.who, end)
        return Talked(end=end, talk=end - offer.answer, hold=hold)

    def _blind(self, offer: Offer, end: float, target: int) -> Talked:
        """The first hangs up at once; the caller hears the second one's phone ring."""
        given = offer.answer + (end - offer.answer) * (0.2 + 0.5 * self._draw())
        self._leg(offer, given, given - offer.answer, 0.0)
        self.release(offer.who, given)
        add = self.block.legs.add
        if self._draw() > self._floor.office.employees[target].diligence:
            over = given + _RING_S
            add(
                offer.call, PARTY, offer.who, target, NONE, NO_ANSWER, NOANSWER, 0, given, given + 0.1, np.nan, over,
                0.0, 0.0,
            )  # fmt: skip
            self._floor.busy[target] = over
            self.block.transfers.add(offer.call, BLIND, offer.who, target, 0, given)
            return Talked(end=over + 0.5, talk=given - offer.answer, hold=0.0)
        answer = given + 2 + 9 * self._draw()
        end = answer + self.talk_s(target, 80.0)
        hold = self.hold(offer.call, target, answer, end)
        add(
            offer.call, PARTY, offer.who, target, NONE, TOOK, ANSWER, 16, given, given + 0.1, answer, end,
            end - answer, hold,
        )  # fmt: skip
        self.release(target, end)
        self.block.transfers.add(offer.call, BLIND, offer.who, target, 1, given)
        return Talked(end=end, talk=given - offer.answer + end - answer, hold=hold)

    def _attended(self, offer: Offer, end: float, target: int) -> Talked:
        """The caller is on hold while the two employees talk; then the first one leaves."""
        asked = offer.answer + (end - offer.answer) * (0.2 + 0.4 * self._draw())
        dialled = asked + 1.2
        answer = dialled + 2 + 8 * self._draw()
        given = answer + 5 + 25 * self._draw()
        self.block.intervals.add(offer.call, HOLD, offer.who, OUTSIDE, asked, given)
        self._leg(offer, given, given - offer.answer, given - asked)
        self.release(offer.who, given)
        end = given + self.talk_s(target, 80.0)
        self.block.legs.add(
            offer.call, CONSULTATION, offer.who, target, NONE, TOOK, ANSWER, 16, dialled, dialled + 0.1, answer, end,
            end - given, 0.0,
        )  # fmt: skip
        self.block.intervals.add(offer.call, CONSULT, offer.who, target, answer, given)
        self.block.transfers.add(offer.call, ATTENDED, offer.who, target, 1, given)
        self.release(target, end)
        return Talked(end=end, talk=end - offer.answer, hold=given - asked)

    def _colleague(self, who: int, at: float) -> int | None:
        """Somebody free to hand over to, seldom of the same team."""
        own = self._floor.office.employees[who].team
        teams = len(self._floor.teams)
        for step in range(teams):
            free = self._floor.free((own + 1 + step + int(self._draw() * 2)) % teams, at, 1)
            if free and free[0] != who:
                return free[0]
        return None

    def _leg(self, offer: Offer, end: float, talk: float, hold: float) -> None:
        self.block.legs.add(
            offer.call, PARTY, OUTSIDE, offer.who, offer.queue, TOOK, ANSWER, 16, offer.at, offer.ring, offer.answer,
            end, talk, hold,
        )  # fmt: skip
