"""What the scripts of live calls play on: the switch, the people, chance, and what really happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from data.model import Direction, Outcome
from ingest.simulator.conversation import lengths
from ingest.simulator.floor import uniforms
from ingest.simulator.lines import Line, Lines
from ingest.simulator.office import PBX_FOLDER, SALES, Employee, Office
from ingest.simulator.sound import SoundBank
from ingest.simulator.switch import Pbx
from ingest.simulator.truth import Truth
from ingest.simulator.wire import Channel

_MOST_TRUTHS = 20_000  # remembered; a demo may run for weeks


class Stage:
    """Shared by all calls that go on at the same time; somebody busy takes part in one of them only."""

    def __init__(
        self,
        pbx: Pbx,
        office: Office,
        *,
        name: str,
        seed: int,
        recordings_dir: Path | None,
        talk_factor: float = 1.0,
    ) -> None:
        rng = np.random.default_rng([seed, 3])
        self.pbx = pbx
        self.office = office
        self.name = name
        self.truths: list[Truth] = []
        self.busy: set[str] = set()
        self.missed: deque[str] = deque(maxlen=30)  # who may be called back, or try again
        self.lines = Lines(
            pbx,
            {
                queue.name: Line(
                    queue=queue,
                    members=[office.employees[at] for at in office.team(queue.team)],
                    over_local=queue.team == SALES,
                )
                for queue in office.queues
            },
        )
        self.draw: Callable[[], float] = uniforms(rng).__next__
        self.by_extension = {employee.extension: employee for employee in office.employees}
        self._factor = lengths(rng, 0.8).__next__
        self._talk_factor = talk_factor
        self._bank = SoundBank(recordings_dir, seed=seed) if recordings_dir is not None else None

    @property
    def now(self) -> float:
        return self.pbx.wire.now

    def spread(self, median: float, least: float = 0.0, most: float = 3600.0) -> float:
        """A drawn length about a median."""
        return min(most, max(least, median * self._factor()))

    def talk_s(self, median: float = 55.0) -> float:
        return self.spread(median * self._talk_factor, 3.0 * min(1.0, self._talk_factor), 900.0)

    def is_free(self, employee: Employee) -> bool:
        return employee.extension not in self.busy

    def somebody(self, *, but: str = "") -> Employee | None:
        """A free employee."""
        people = self.office.employees
        first = int(self.draw() * len(people))
        for step in range(len(people)):
            employee = people[(first + step) % len(people)]
            if self.is_free(employee) and employee.extension != but:
                return employee
        return None

    def begins(self, direction: Direction, first: Channel, outcome: Outcome) -> Truth:
        """The truth of a call whose first channel was just made."""
        return Truth(
            call_id=f"{self.name}-{first.uniqueid}",
            direction=direction,
            started_at=self.pbx.wire.stamp,
            outcome=outcome,
            channels=[first.uniqueid],
        )

    def ends(self, truth: Truth) -> None:
        """The last channel of the call is gone."""
        truth.ended_at = self.pbx.wire.stamp
        self.truths.append(truth)
        if truth.outcome is Outcome.MISSED and truth.external_number is not None:
            self.missed.append(truth.external_number)
        del self.truths[:-_MOST_TRUTHS]

    def record(self, truth: Truth, channel: Channel, party: str, other: str, talk_s: float) -> str:
        """A recording of the channel begins; its file is there at once, as long as the talk will be."""
        moment = self.pbx.moment()
        folder = moment.strftime("%Y/%m/%d/%H")
        file = f"{folder}/{party}-{other}-{moment:%Y%m%d-%H%M%S}-{channel.uniqueid}.wav"
        if self._bank is not None:
            self._bank.put(self._bank.root / file, talk_s)
        path = str((self._bank.root if self._bank is not None else Path(PBX_FOLDER)) / file)
        self.pbx.records(channel, path)
        truth.recordings.append(path)
        return file
