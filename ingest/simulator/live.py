"""The office at work: calls begin at a rate and are played side by side, in virtual time.

Nothing here waits or reads a clock: `advance(to)` plays everything up to a moment and returns the
bytes that the manager interface sent meanwhile, so a day can be made in seconds and twice alike.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from data.settings import Site
from ingest.simulator.inbound import Inbound
from ingest.simulator.numbers import numbers
from ingest.simulator.office import Did, Employee, Office, invent_office
from ingest.simulator.outward import Outward
from ingest.simulator.phones import Steps
from ingest.simulator.stage import Stage
from ingest.simulator.switch import Pbx
from ingest.simulator.truth import Truth
from ingest.simulator.wire import Channel

_FIRST_CALLS_S = (0.4, 1.3, 2.4)  # somebody who looks at the page sees life at once
_MIX = (0.62, 0.9)  # inbound, outbound; the rest is internal
_CALLED_BACK, _TRIES_AGAIN = 0.5, 0.1  # shares of calls outward and of callers that follow a missed call
_NEW_NUMBERS = 4_000_000  # positions that no history reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much happens."""

    calls_per_minute: float = 9.0
    talk_factor: float = 0.5  # talks shorter than in life, so that fourteen people keep up
    clients: int = 60  # numbers of registered clients: positions below this
    calls: int | None = None  # how many begin; None: without end


class LiveOffice:
    """A pretend office from its first call on."""

    def __init__(
        self,
        *,
        seed: int,
        begins_at: float,
        pace: Pace | None = None,
        site: Site | None = None,
        name: str = "office",
        office: Office | None = None,
        recordings_dir: Path | None = None,
    ) -> None:
        self._site, self._pace = site or Site(), pace or Pace()
        self.office = office or invent_office(seed=seed, site=self._site)
        self._sent = bytearray()
        self.pbx = Pbx(self._sent.extend, now=begins_at, zone=self._site.zone)
        self.stage = Stage(
            self.pbx, self.office, name=name, seed=seed, recordings_dir=recordings_dir,
            talk_factor=self._pace.talk_factor,
        )  # fmt: skip
        self._inbound, self._outward = Inbound(self.stage), Outward(self.stage)
        self._rng = np.random.default_rng([seed, 4])
        self._due: list[tuple[float, int, Steps | None]] = []
        self._order = 0
        self._begun = 0
        self._strangers = int(begins_at) % 3_000_000  # another start, other new numbers
        self._did_shares = np.cumsum([did.weight for did in self.office.dids])
        for after in _FIRST_CALLS_S:
            self._schedule(begins_at + after, None)

    @property
    def zone(self) -> ZoneInfo:
        return self._site.zone

    @property
    def truths(self) -> list[Truth]:
        """What really happened in the calls that are over."""
        return self.stage.truths

    @property
    def is_idle(self) -> bool:
        """No call goes on and none will begin."""
        return not self._due

    def advance(self, to: float) -> bytes:
        """Play everything up to unix time `to`; the bytes sent meanwhile."""
        while self._due and self._due[0][0] <= to:
            at, _, steps = heapq.heappop(self._due)
            self.pbx.wire.now = at
            if steps is None:
                self._next_call(at)
            else:
                self._step(at, steps)
        self.pbx.wire.now = max(self.pbx.wire.now, to)
        sent = bytes(self._sent)
        self._sent.clear()
        return sent

    def start_call(self, who: Employee, number: str, told: Callable[[Channel], None]) -> None:
        """Call an employee's phone, and the number once he takes it, which `told` hears of."""
        self._schedule(self.pbx.wire.now, self._outward.started(who, number, told))

    def _schedule(self, at: float, steps: Steps | None) -> None:
        self._order += 1
        heapq.heappush(self._due, (at, self._order, steps))

    def _step(self, at: float, steps: Steps) -> None:
        try:
            self._schedule(at + next(steps), steps)
        except StopIteration:
            return

    def _next_call(self, at: float) -> None:
        """A call begins, and the next one is planned."""
        if self._pace.calls is not None and self._begun >= self._pace.calls:
            return
        self._begun += 1
        steps = self._new_call()
        if steps is not None:
            self._step(at, steps)
        if self._begun >= len(_FIRST_CALLS_S):
            self._schedule(at + float(self._rng.exponential(60.0 / self._pace.calls_per_minute)), None)

    def _new_call(self) -> Steps | None:
        drawn = self._rng.random()
        if drawn < _MIX[0] or self._begun <= 2:
            return self._inbound.call(self._caller(), self._did())
        who = self.stage.somebody()
        if who is None:
            return None
        if drawn < _MIX[1]:
            return self._outward.outbound(who, self._missed(_CALLED_BACK) or self._number())
        # Now and then somebody who is on the phone is called.
        free = self.stage.somebody(but=who.extension) if self._rng.random() < 0.8 else None
        other = free or self.office.employees[int(self._rng.integers(0, len(self.office.employees)))]
        return self._outward.internal(who, other) if other is not who else None

    def _did(self) -> Did:
        at = int(np.searchsorted(self._did_shares, self._rng.random() * self._did_shares[-1]))
        return self.office.dids[at]

    def _caller(self) -> str | None:
        return None if self._rng.random() < 0.03 else self._missed(_TRIES_AGAIN) or self._number()

    def _missed(self, share: float) -> str | None:
        """With this chance the number that waits longest for a conversation."""
        is_wanted = self._rng.random() < share
        return self.stage.missed.popleft() if is_wanted and self.stage.missed else None

    def _number(self) -> str:
        """A client's number, one that called before, or a new one."""
        drawn = self._rng.random()
        if drawn < 0.55:
            position = int(self._pace.clients * self._rng.random() ** 2.0)
        elif drawn < 0.75:
            position = _NEW_NUMBERS + max(0, self._strangers - int(self._rng.exponential(6.0)))
        else:
            self._strangers += 1
            position = _NEW_NUMBERS + self._strangers
        return str(int(numbers(np.array([position]))[0]))
