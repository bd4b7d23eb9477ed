"""Who in the office is free: shifts, absences, lunches, and being on the phone only once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ingest.simulator.calendar import Day
from ingest.simulator.codes import SESSIONS
from ingest.simulator.office import Office
from ingest.simulator.sheets import Sheet

LOGIN, PAUSE = range(len(SESSIONS))
_NEVER = math.inf
_ASKED = (0.58, 0.78, 0.9, 0.97, 1.0)  # who makes calls outward, by team, cumulated


def uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Endless numbers between 0 and 1, drawn in bulk."""
    while True:
        yield from rng.random(8192).tolist()


class Floor:
    """The employees, each with the moment until which he or she is busy."""

    def __init__(self, office: Office, rng: np.random.Generator) -> None:
        self.office = office
        self.busy = [_NEVER] * len(office.employees)
        self.teams = [office.team(team) for team in range(len(office.departments))]
        # Each team twice in a row, so that a search may begin anywhere in it.
        self._twice = [members * 2 for members in self.teams]
        self._orders = _orders(len(self.teams))
        self._leaves = [0.0] * len(office.employees)
        self._lunch = [_NEVER] * len(office.employees)
        self._came = [_NEVER] * len(office.employees)
        self._pauses: list[tuple[int, float, float]] = []
        self._next = [0] * len(self.teams)
        self._queues = {queue.team: at for at, queue in enumerate(office.queues)}
        self._draw = uniforms(rng).__next__
        self._rng = rng
        self._attention = [1.0] * 25
        self._midnight = 0.0

    def begin(self, day: Day) -> None:
        """Everybody who works today comes; nobody is on the phone any more."""
        opens, closes = day.midnight + day.opens_s, day.midnight + day.closes_s
        self._midnight = day.midnight
        self._attention = self._rng.beta(6.0, 1.1, 25).tolist()
        for at in range(len(self.busy)):
            if closes <= opens or self._is_absent(at, day):
                self.busy[at] = self._came[at] = self._lunch[at] = _NEVER
                self._leaves[at] = 0.0
                continue
            self.busy[at] = self._came[at] = opens + (self._draw() * 16 - 11) * 60
            self._leaves[at] = closes + (self._draw() - 0.6) * 1200
            self._lunch[at] = day.midnight + (12.0 + 2.5 * self._draw()) * 3600 if day.is_working else _NEVER
        self._pauses.clear()

    def end(self, sheet: Sheet, until: float) -> None:
        """Write down who was there; a session that reaches past `until` has no end yet."""
        for at, came in enumerate(self._came):
            queue = self._queues.get(self.office.employees[at].team)
            if queue is None or came >= until:
                continue
            left = max(self._leaves[at], min(self.busy[at], self._leaves[at] + 3600))
            sheet.add(queue, at, LOGIN, came, left if left < until else math.nan)
        for at, begun, ended in self._pauses:
            queue = self._queues.get(self.office.employees[at].team)
            if queue is not None and begun < until:
                sheet.add(queue, at, PAUSE, begun, ended if ended < until else math.nan)

    def is_free(self, who: int, at: float) -> bool:
        if at >= self._lunch[who]:
            self._go_to_lunch(who)
        return self.busy[who] <= at < self._leaves[who]

    def answers(self, who: int, at: float, drawn: float) -> bool:
        """Whether this ring is answered; in some hours everybody has other work to do."""
        hour = min(24, int((at - self._midnight) / 3600))
        return drawn < self.office.employees[who].diligence * self._attention[hour]

    def is_here(self, who: int, at: float) -> bool:
        """At work, on the phone or not."""
        return self._came[who] <= at < self._leaves[who]

    def free(self, team: int, at: float, most: int) -> list[int]:
        """Up to `most` free members of a team, beginning behind the one who was first last time."""
        members, busy, leaves, lunch = self._twice[team], self.busy, self._leaves, self._lunch
        first = self._next[team]
        found: list[int] = []
        count = len(members) // 2
        for place in range(first, first + count):
            who = members[place]
            if at >= lunch[who]:
                self._go_to_lunch(who)
            if busy[who] <= at < leaves[who]:
                if not found:
                    self._next[team] = (place + 1) % count
                found.append(who)
                if len(found) == most:
                    break
        return found

    def next_free_at(self, team: int) -> float:
        """When the first member becomes free; infinite if nobody does today."""
        return min((self.busy[who] for who in self.teams[team] if self.busy[who] < self._leaves[who]), default=_NEVER)

    def anybody(self, at: float) -> int | None:
        """A free employee of any team, salespeople most often."""
        drawn = self._draw()
        first = next(at for at, share in enumerate(_ASKED) if drawn <= share)
        for team in self._orders[first]:
            found = self.free(team, at, 1)
            if found:
                return found[0]
        return None

    def _go_to_lunch(self, who: int) -> None:
        begun = max(self._lunch[who], self.busy[who])
        ended = begun + (25 + 25 * self._draw()) * 60
        self._lunch[who] = _NEVER
        if begun < self._leaves[who]:
            self.busy[who] = ended
            self._pauses.append((who, begun, min(ended, self._leaves[who])))

    def _is_absent(self, who: int, day: Day) -> bool:
        on_holiday = (day.on.toordinal() + who * 29) % 182 < 12
        free_saturday = not day.is_working and (day.on.toordinal() // 7 + who) % 3 != 0
        return on_holiday or free_saturday or self._draw() < 0.02


def _orders(teams: int) -> list[list[int]]:
    """For each team that is asked first, all teams in the order in which they are asked."""
    return [[first, *(team for team in range(teams) if team != first)] for first in range(teams)]
