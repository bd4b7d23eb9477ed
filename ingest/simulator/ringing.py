"""Ringing phones until somebody answers: in a queue, in the ring group, on one desk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.model import LegResult
from ingest.simulator.codes import BUSY, CANCEL, NOANSWER, NONE, OUTSIDE, RESULTS, VISITS
from ingest.simulator.conversation import NO_ANSWER, PARTY, Offer, lengths
from ingest.simulator.floor import Floor
from ingest.simulator.sheets import Block

ELSEWHERE, CANCELLED, ENGAGED = (
    RESULTS.index(each) for each in (LegResult.ELSEWHERE, LegResult.CANCELLED, LegResult.BUSY)
)
SERVED, GAVE_UP, TIMED_OUT = (VISITS.index(each) for each in ("answered", "abandoned", "timeout"))
GROUP = 99  # stands for the ring group where legs name a queue

_RING_S = 15.0
_RETRY_S = 5.0
_QUEUE_S = 150.0  # then the ring group takes over


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """How ringing ended: with an offer that was answered, or at a moment without one."""

    offer: Offer | None
    end: float
    ring: float  # first ring, nan without
    gave_up: bool  # the caller hung up


class Ringing:
    """Rings free phones and writes the legs that were not answered."""

    def __init__(self, floor: Floor, block: Block, draw: Callable[[], float], rng: np.random.Generator) -> None:
        self._floor = floor
        self._block = block
        self._draw = draw
        self._reaction = lengths(rng, 0.45).__next__
        self._lines: list[deque[float]] = [deque() for _ in floor.office.queues]

    def queue(self, call: int, queue: int, at: float, patience: float) -> Rung:
        """Wait in a queue: its free members ring, round after round, until one answers or time is up."""
        rules = self._floor.office.queues[queue]
        gives_up = at + patience
        until = min(gives_up, at + _QUEUE_S)
        place = self._place(queue, at)
        now = at
        ring = float("nan")
        offer: Offer | None = None
        while offer is None and now < until:
            free = self._floor.free(rules.team, now, rules.rings)
            if not free:
                now = max(now + 0.5, self._floor.next_free_at(rules.team) + 0.2)
                continue
            ring = ring if ring == ring else now + 0.1
            offer, now = self._round(call, queue, free, now, min(until, now + _RING_S), gives_up)
            now += 0.0 if offer is not None or now >= until else _RETRY_S
        leave = offer.answer if offer is not None else until
        self._lines[queue].append(leave)
        result = SERVED if offer is not None else GAVE_UP if gives_up <= at + _QUEUE_S else TIMED_OUT
        self._block.visits.add(call, queue, at, leave, place, result, offer.who if offer is not None else NONE)
        return Rung(offer=offer, end=leave, ring=ring, gave_up=result == GAVE_UP)

    def group(self, call: int, at: float, patience: float) -> Rung:
        """The ring group's free phones ring together for half a minute."""
        free = self._floor.free(self._floor.office.group_team, at, 2)
        until = min(at + patience, at + 30.0)
        if not free:
            return Rung(offer=None, end=until, ring=float("nan"), gave_up=patience < 30.0)
        offer, now = self._round(call, GROUP, free, at, until, at + patience)
        return Rung(offer=offer, end=now, ring=at + 0.1, gave_up=offer is None and patience < 30.0)

    def desk(self, call: int, who: int, at: float, patience: float) -> Rung:
        """One phone rings, unless its owner is on the phone."""
        if not self._floor.is_free(who, at):
            end = at + 1.5
            self._block.legs.add(call, PARTY, OUTSIDE, who, NONE, ENGAGED, BUSY, 17, at, np.nan, np.nan, end, 0.0, 0.0)
            return Rung(offer=None, end=end, ring=float("nan"), gave_up=False)
        offer, now = self._round(call, NONE, [who], at, min(at + patience, at + 30.0), at + patience)
        return Rung(offer=offer, end=now, ring=at + 0.1, gave_up=offer is None and patience < 30.0)

    def _round(
        self, call: int, queue: int, free: list[int], at: float, until: float, gives_up: float
    ) -> tuple[Offer | None, float]:
        """Ring these phones until one answers; the offer, or when the ringing ended."""
        employees = self._floor.office.employees
        answer, first = until, NONE
        for who in free:
            if self._floor.answers(who, at, self._draw()):
                picked_up = at + 0.6 + employees[who].reaction_s * self._reaction()
                if picked_up < answer:
                    answer, first = picked_up, who
        gave_up = first == NONE and until >= gives_up
        add = self._block.legs.add
        for who in free:
            if who == first:
                continue
            if first != NONE:
                result, status, cause = ELSEWHERE, CANCEL, 26
            elif gave_up:
                result, status, cause = CANCELLED, CANCEL, 0
            else:
                result, status, cause = NO_ANSWER, NOANSWER, 0
            self._floor.busy[who] = answer
            add(call, PARTY, OUTSIDE, who, queue, result, status, cause, at, at + 0.1, np.nan, answer, 0.0, 0.0)
        if first == NONE:
            return None, until
        return Offer(call=call, who=first, queue=queue, at=at, ring=at + 0.1, answer=answer), answer

    def _place(self, queue: int, at: float) -> int:
        line = self._lines[queue]
        while line and line[0] <= at:
            line.popleft()
        return 1 + sum(leave > at for leave in line)
