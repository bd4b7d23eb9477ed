"""An office as busy as a bench wants it: so many manager events a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache

from ingest.simulator.live import LiveOffice, Pace
from ingest.simulator.office import CALLS_PER_EMPLOYEE_A_DAY, invent_office
from ingest.simulator.pbx import ManagerServer

_TALK_FACTOR = 0.2
_SAMPLE_CALLS = 400
_BUSY_SHARE = 0.35  # of the employees, so that nearly every call finds somebody


def load_office(*, seed: int, begins_at: float, events_per_second: float, name: str = "office") -> LiveOffice:
    """An office that sends so many events a second once its first minute is over.

    How many events and how many busy seconds a call takes is measured on a sample first.
    """
    events, busy_s = _cost_of_a_call(seed)
    calls_per_second = events_per_second / events
    people = max(14.0, calls_per_second * busy_s / _BUSY_SHARE)
    office = invent_office(seed=seed, calls_a_day=people * CALLS_PER_EMPLOYEE_A_DAY)
    pace = Pace(calls_per_minute=calls_per_second * 60, talk_factor=_TALK_FACTOR)
    return LiveOffice(seed=seed, begins_at=begins_at, pace=pace, office=office, name=name)


@lru_cache(maxsize=4)
def _cost_of_a_call(seed: int) -> tuple[float, float]:
    """Events of a call, and employees' seconds in it, in an office that is not overloaded."""
    office = invent_office(seed=seed, calls_a_day=20_000)
    pace = Pace(calls_per_minute=240, talk_factor=_TALK_FACTOR, calls=_SAMPLE_CALLS)
    live = LiveOffice(seed=seed, begins_at=0.0, pace=pace, office=office)
    at = 0.0
    while not live.is_idle:
        at += 60
        live.advance(at)
    busy_s = sum((truth.ended_at or 0.0) - truth.started_at for truth in live.truths)
    return live.pbx.wire.events / _SAMPLE_CALLS, busy_s / _SAMPLE_CALLS


def serve_load(
    host: str,
    port: int,
    *,
    events_per_second: float,
    seed: int,
    stop: threading.Event,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve such an office on a manager port until `stop`. Raises PortBusy."""

    def begin(now: float) -> LiveOffice:
        return load_office(seed=seed, begins_at=now, events_per_second=events_per_second)

    ManagerServer(begin).serve(host, port, stop=stop, ready=ready)
