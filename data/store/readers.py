"""A bounded number of reads at a time, each with a limit; a waiting write goes first."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from data.errors import QueryTooLong

Cursor = duckdb.DuckDBPyConnection

# How long a new read lets a write pass. Most writes take milliseconds; behind a long one (an import)
# reads go on, since DuckDB lets them see the state before it.
_COURTESY_S = 0.05
_AGAIN_S = 0.05


class Readers:
    """Cursors for `count` reads at a time."""

    def __init__(self, connection: Cursor, count: int) -> None:
        self._free = [connection.cursor() for _ in range(count)]
        self._count = count
        self._writes = 0
        self._changed = threading.Condition()

    @contextmanager
    def reading(self, timeout_s: float) -> Iterator[Cursor]:
        """A cursor for one read. Raises QueryTooLong where all stay busy for `timeout_s`."""
        cursor = self._take(timeout_s)
        try:
            yield cursor
        finally:
            with self._changed:
                self._free.append(cursor)
                self._changed.notify()

    @contextmanager
    def write_first(self) -> Iterator[None]:
        """While this lasts, new reads wait a moment before they start."""
        with self._changed:
            self._writes += 1
        try:
            yield
        finally:
            with self._changed:
                self._writes -= 1
                self._changed.notify_all()

    @property
    def busy(self) -> int:
        return self._count - len(self._free)

    def close(self, timeout_s: float = 10.0) -> None:
        """Close all cursors, once those at work are back."""
        with self._changed:
            self._changed.wait_for(lambda: not self.busy, timeout_s)
            for cursor in self._free:
                cursor.close()

    def _take(self, timeout_s: float) -> Cursor:
        with self._changed:
            if self._writes:
                self._changed.wait_for(lambda: not self._writes, min(_COURTESY_S, timeout_s))
            if not self._changed.wait_for(lambda: self._free, timeout_s):
                raise QueryTooLong(
                    f"All {self._count} readers of the store were busy for {timeout_s:g} s. "
                    "Try again, or raise store.readers in the settings."
                )
            return self._free.pop()


@dataclass(order=True)
class Alarm:
    """The end of one statement's time."""

    at: float
    tie: int
    cursor: Cursor = field(compare=False)
    done: bool = field(default=False, compare=False)
    rang: bool = field(default=False, compare=False)
    withdrawn: bool = field(default=False, compare=False)  # rung because nobody waits for the answer


class Watchdog:
    """Interrupts statements whose time is over: one thread for all of them."""

    def __init__(self) -> None:
        self._alarms: list[Alarm] = []
        self._ties = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="store-watchdog", daemon=True)
        self._thread.start()

    @contextmanager
    def limit(self, cursor: Cursor, seconds: float) -> Iterator[Alarm]:
        """While this lasts, `cursor` is interrupted once `seconds` have passed."""
        alarm = Alarm(at=time.monotonic() + seconds, tie=next(self._ties), cursor=cursor)
        with self._changed:
            heapq.heappush(self._alarms, alarm)
            if self._alarms[0] is alarm:
                self._changed.notify()
        try:
            yield alarm
        finally:
            # Under the lock, so that a late ring cannot hit the next statement of this cursor.
            with self._changed:
                alarm.done = True

    def withdraw(self, alarm: Alarm) -> None:
        """Interrupt one statement now, if it still runs."""
        with self._changed:
            alarm.withdrawn = True
            alarm.at = 0.0
            heapq.heapify(self._alarms)
            self._changed.notify()

    def ring_all(self) -> None:
        """Interrupt whatever runs now, for the end of the process."""
        with self._changed:
            for alarm in self._alarms:
                alarm.at = 0.0
            heapq.heapify(self._alarms)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._alarms and (self._alarms[0].done or self._alarms[0].at <= now):
                    self._ring(heapq.heappop(self._alarms), now)
                self._changed.wait(self._alarms[0].at - now if self._alarms else None)

    def _ring(self, alarm: Alarm, now: float) -> None:
        if alarm.done:
            return
        alarm.rang = True
        alarm.cursor.interrupt()
        # An interrupt between two statements is forgotten: ring again until the reader is out.
        alarm.at = now + _AGAIN_S
        heapq.heappush(self._alarms, alarm)
