"""How often a script may ask: a bucket of requests for each user of tokens, filled again as time goes by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_BURST_S = 10.0  # of silence, and so many seconds' worth of requests may come at once
_MOST_NAMES = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """So many requests a minute for each name; safe to use from many threads."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60.0
        self._room = max(1.0, self._rate * _BURST_S)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Take one request; 0 where it may go on, else the seconds until the next one may."""
        at = self._clock()
        with self._lock:
            if len(self._buckets) > _MOST_NAMES:
                self._forget(at)
            bucket = self._buckets.setdefault(name, _Bucket(self._room, at))
            bucket.tokens = min(self._room, bucket.tokens + (at - bucket.filled_at) * self._rate)
            bucket.filled_at = at
            if bucket.tokens < 1.0:
                return (1.0 - bucket.tokens) / self._rate
            bucket.tokens -= 1.0
            return 0.0

    def _forget(self, at: float) -> None:
        """Leave out the buckets that are full again."""
        full_after = self._room / self._rate
        self._buckets = {name: one for name, one in self._buckets.items() if at - one.filled_at < full_after}
