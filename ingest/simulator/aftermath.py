"""What missed calls lead to: employees call back, callers try again, strangers become clients."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.simulator.calendar import Day
from ingest.simulator.codes import NONE
from ingest.simulator.conversation import lengths
from ingest.simulator.floor import uniforms

CALL_BACK, CALLER_AGAIN = range(2)

_CALLED_BACK_SHARE = 0.62
_RETURNS_SHARE = 0.38
_REGISTERED_SHARE = 0.34
_MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, order=True)
class FollowUp:
    """A call that will be made because another one was missed."""

    at: float
    order: int
    kind: int = field(compare=False)
    number: int = field(compare=False)
    did: int = field(compare=False)
    attempt: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """A stranger who became a client."""

    number: int
    at: float
    by: int  # employee


class Aftermath:
    """Keeps open misses until somebody talks with the number, and says what happens meanwhile."""

    def __init__(self, rng: np.random.Generator, days: Sequence[Day], *, clients: int) -> None:
        self.registrations: list[Registration] = []
        self._clients = clients
        self._open: set[int] = set()
        self._known: set[int] = set()
        self._due: list[FollowUp] = []
        self._order = 0
        self._openings = [(d.midnight + d.opens_s, d.midnight + d.closes_s) for d in days if d.closes_s > d.opens_s]
        self._closings = [closes for _, closes in self._openings]
        self._draw = uniforms(rng).__next__
        self._minutes = lengths(rng, 1.3).__next__

    def is_due(self, at: float) -> bool:
        """Whether anything may have to be done before `at`."""
        return bool(self._due) and self._due[0].at < at

    def due(self, at: float) -> Iterator[FollowUp]:
        """Follow-ups that begin before `at`, in order; those that are settled by now fall away."""
        while self._due and self._due[0].at < at:
            follow_up = heapq.heappop(self._due)
            if follow_up.number in self._open:
                yield follow_up

    def missed(self, number: int, did: int, at: float, *, attempt: int = 0) -> None:
        """A call of this number was missed, or a call-back did not reach it."""
        if number < 0:
            return
        self._open.add(number)
        if attempt >= _MOST_ATTEMPTS:
            return
        if attempt == 0 and self._draw() < _RETURNS_SHARE:
            self._push(at + 20 + 300 * self._minutes(), CALLER_AGAIN, number, did, 1)
        if self._draw() < _CALLED_BACK_SHARE:
            self._push(self._in_hours(at + 90 + 900 * self._minutes()), CALL_BACK, number, did, attempt + 1)

    def talked(self, number: int, at: float, who: int) -> None:
        """A person talked with this number."""
        if number < 0:
            return
        self._open.discard(number)
        if number >= self._clients and number not in self._known:
            self._known.add(number)
            if self._draw() < _REGISTERED_SHARE:
                self.registrations.append(Registration(number, at + 60 + 1500 * self._minutes(), who))

    def postpone(self, follow_up: FollowUp, at: float) -> None:
        """Nobody was free to do it: a little later."""
        self._push(
            self._in_hours(at + 240 + 600 * self._draw()), follow_up.kind, follow_up.number, NONE, follow_up.attempt
        )

    def _push(self, at: float, kind: int, number: int, did: int, attempt: int) -> None:
        if at < math.inf:
            self._order += 1
            heapq.heappush(self._due, FollowUp(at, self._order, kind, number, did, attempt))

    def _in_hours(self, at: float) -> float:
        """The moment itself when the office is open, else some time in its next morning."""
        day = bisect_right(self._closings, at + 600)
        if day == len(self._openings):
            return math.inf
        opens, closes = self._openings[day]
        return at if at > opens + 600 else min(closes - 600, opens + 600 + 5400 * self._draw())
