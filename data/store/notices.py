"""Numbers the commits by topic and tells subscribers: hints that may be lost, numbers that may not.

A subscriber holds at most one notice per topic: what it has not read yet is merged into the
newest. So a slow one costs no memory and never makes a writer wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from data.store.protocol import Notice, Topic

MAX_IDS = 200  # a notice with more says nothing of ids: "look at everything"


class Subscription:
    """What one reader has not seen yet; iterate over it to wait for more."""

    def __init__(self, now: Mapping[Topic, int]) -> None:
        self._waiting = {topic: Notice(topic=topic, number=number) for topic, number in now.items()}
        self._topics = frozenset(now)
        self._changed = threading.Condition()
        self._ended = False

    def offer(self, notice: Notice) -> None:
        if notice.topic not in self._topics:
            return
        with self._changed:
            before = self._waiting.get(notice.topic)
            self._waiting[notice.topic] = notice if before is None else _merge(before, notice)
            self._changed.notify()

    def take(self, timeout_s: float | None = None) -> list[Notice] | None:
        """What came meanwhile, at the latest after `timeout_s`; None once it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, timeout_s)
            if self._ended:
                return None
            notices = list(self._waiting.values())
            self._waiting.clear()
            return notices

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Notice]:
        while (notices := self.take()) is not None:
            yield from notices


class NoticeBoard:
    """The running number of each topic, and who wants to know."""

    def __init__(self) -> None:
        # Beginning at the clock's milliseconds, numbers never go back, not even over a restart.
        first = time.time_ns() // 1_000_000
        self._numbers = dict.fromkeys(Topic, first)
        self._subscriptions: set[Subscription] = set()
        self._lock = threading.Lock()
        self._closed = False

    def publish(self, touches: Mapping[Topic, Iterable[str]]) -> None:
        """Tell that a commit touched these topics; no ids means "any"."""
        with self._lock:
            for topic, ids in touches.items():
                self._numbers[topic] += 1
                chosen = tuple(dict.fromkeys(ids))
                notice = Notice(topic=topic, number=self._numbers[topic], ids=chosen if len(chosen) <= MAX_IDS else ())
                for subscription in self._subscriptions:
                    subscription.offer(notice)

    def subscribe(self, topics: Sequence[Topic]) -> Subscription:
        """Begins with the present number of each topic."""
        with self._lock:
            subscription = Subscription({topic: self._numbers[topic] for topic in topics})
            if self._closed:
                subscription.end()
            self._subscriptions.add(subscription)
            return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)

    def numbers(self) -> dict[Topic, int]:
        with self._lock:
            return dict(self._numbers)

    def close(self) -> None:
        """End every subscription."""
        with self._lock:
            self._closed = True
            for subscription in self._subscriptions:
                subscription.end()


def _merge(before: Notice, after: Notice) -> Notice:
    # Without ids either one means "any", and so does the sum.
    ids = tuple(dict.fromkeys(before.ids + after.ids)) if before.ids and after.ids else ()
    return Notice(topic=after.topic, number=after.number, ids=ids if len(ids) <= MAX_IDS else ())
