"""Plays the calls of a stretch of days on the floor, block after block."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from ingest.simulator.aftermath import CALL_BACK, Aftermath, FollowUp
from ingest.simulator.arrivals import expected_weight, make_arrivals
from ingest.simulator.calendar import Day
from ingest.simulator.codes import INBOUND, INTERNAL
from ingest.simulator.floor import Floor, uniforms
from ingest.simulator.office import Office
from ingest.simulator.sheets import Block
from ingest.simulator.switchboard import Switchboard

BLOCK_CALLS = 250_000
BLOCK_DAYS = 31
_FOLLOW_UPS = 0.09  # first guess of how many calls follow from one that begins by itself
_SPARE = 0.05  # the last block makes so many too many, and drops them


@dataclass(frozen=True, slots=True)
class Played:
    """One block: its sheets, which of its calls count, and when it ended."""

    block: Block
    keep: npt.NDArray[np.bool_]


class Past:
    """`calls` calls over `days`; iterate `blocks()` once."""

    def __init__(
        self,
        rng: np.random.Generator,
        office: Office,
        days: Sequence[Day],
        *,
        calls: int,
        clients: int,
        until: datetime,
    ) -> None:
        self.aftermath = Aftermath(rng, days, clients=clients)
        self._rng, self._office, self._days = rng, office, days
        self._calls, self._clients, self._until = calls, clients, until.astimezone(UTC).timestamp()
        self._floor = Floor(office, rng)
        self._board = Switchboard(self._floor, rng)
        self._draw = uniforms(rng).__next__
        self._today = -1
        self._tomorrow = 0.0
        self._strangers = 0

    def blocks(self) -> Iterator[Played]:
        """The blocks in the order of time; the sheets of one are emptied before the next."""
        weights = np.cumsum(expected_weight(self._days))
        done, ratio = 0, _FOLLOW_UPS
        for first, last in self._stretches(weights):
            is_last = last == len(self._days)
            wanted = round(self._calls * weights[last - 1] / weights[-1]) - done
            count = max(0, round(wanted / (1 + ratio) * (1 + _SPARE * is_last)) + 4 * is_last)
            self._play(first, last, count)
            keep = self._finished()
            if is_last:
                keep = self._exactly(keep, self._calls - done)
            made = int(keep.sum())
            ratio = max(0.0, made / count - 1) if count > 1000 else ratio
            done += made
            yield Played(self._board.block, keep)
            self._board.block.clear()

    def _stretches(self, weights: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
        """Days of each block: never more than a month, nor more calls than fit into memory."""
        first = 0
        for day in range(1, len(self._days) + 1):
            before = weights[first - 1] if first else 0.0
            fits = day < len(self._days) and (weights[day] - before) / weights[-1] * self._calls <= BLOCK_CALLS
            if day == len(self._days) or not fits or day - first == BLOCK_DAYS:
                yield first, day
                first = day

    def _play(self, first: int, last: int, count: int) -> None:
        arrivals = make_arrivals(
            self._rng, self._office, self._days[first:last],
            count=count, clients=self._clients, strangers=self._strangers,
        )  # fmt: skip
        self._strangers = arrivals.strangers
        columns = (arrivals.at, arrivals.direction, arrivals.number, arrivals.did)
        for at, direction, number, did in zip(*(column.tolist() for column in columns), strict=True):
            if self.aftermath.is_due(at):
                self._follow_up(at)
            if at >= self._tomorrow:
                self._turn(at)
            self._begin(at, direction, number, did)
        end = self._days[last - 1]
        self._follow_up(end.midnight + end.until_s)
        if last == len(self._days):
            self._floor.end(self._board.block.sessions, self._until)

    def _begin(self, at: float, direction: int, number: int, did: int) -> None:
        if direction == INBOUND:
            self._call_in(at, number, did, attempt=0)
            return
        who = self._floor.anybody(at)
        if who is None:
            return
        if direction == INTERNAL:
            other = int(self._draw() * len(self._office.employees))
            if other != who and self._floor.is_here(other, at):
                self._board.internal(at, who, other)
            return
        played = self._board.outbound(at, number, who)
        if played.contact:
            self.aftermath.talked(number, played.end, who)

    def _call_in(self, at: float, number: int, did: int, *, attempt: int) -> None:
        wanted = (number if number >= 0 else int(at)) % len(self._office.employees)
        played = self._board.inbound(at, number, did, is_open=self._days[self._today].is_open(at), wanted=wanted)
        if played.contact:
            self.aftermath.talked(number, played.end, played.who)
        else:
            self.aftermath.missed(number, did, played.end, attempt=attempt)

    def _follow_up(self, until: float) -> None:
        for each in self.aftermath.due(until):
            self._turn(each.at)
            if each.kind == CALL_BACK:
                self._call_back(each)
            else:
                self._call_in(each.at, each.number, each.did, attempt=each.attempt)

    def _call_back(self, follow_up: FollowUp) -> None:
        who = self._floor.anybody(follow_up.at)
        if who is None:
            self.aftermath.postpone(follow_up, follow_up.at)
            return
        played = self._board.outbound(follow_up.at, follow_up.number, who, reach=0.74)
        if played.contact:
            self.aftermath.talked(follow_up.number, played.end, who)
        else:
            self.aftermath.missed(follow_up.number, follow_up.did, played.end, attempt=follow_up.attempt)

    def _turn(self, at: float) -> None:
        """Come to the day of this moment."""
        while self._today + 1 < len(self._days) and at >= self._days[self._today + 1].midnight:
            if self._today >= 0:
                self._floor.end(self._board.block.sessions, self._until)
            self._today += 1
            following = self._days[self._today + 1 : self._today + 2]
            self._tomorrow = following[0].midnight if following else math.inf
            self._floor.begin(self._days[self._today])

    def _finished(self) -> npt.NDArray[np.bool_]:
        return self._board.block.calls.frame()["end"] <= self._until

    def _exactly(self, keep: npt.NDArray[np.bool_], wanted: int) -> npt.NDArray[np.bool_]:
        """Without as many calls as are too many, taken from everywhere: no other row depends on a call."""
        kept = np.flatnonzero(keep)
        exact = keep.copy()
        exact[self._rng.choice(kept, max(0, len(kept) - wanted), replace=False)] = False
        return exact
