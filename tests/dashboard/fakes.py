"""A store in memory for tests of the shell: answers by a table, announces what a test says."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from data.errors import StoreUnavailable
from data.identity.actor import Actor
from data.store.protocol import Notice, Params, Statement, Topic


class FakeStore:
    """One `Store` whose state a test sets: `away`, `gaps`, and `announce` for notices."""

    def __init__(self) -> None:
        self.away = False
        self.gaps: list[dict[str, object]] = []
        self.trail: list[dict[str, object]] = []
        self._listeners: list[queue.SimpleQueue[Notice | None]] = []
        self._numbers = dict.fromkeys(Topic, 0)

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        self._check()
        if "from setting" in sql:
            return pa.table({"name": [], "value": []})
        if "from gap" in sql:
            return pa.Table.from_pylist(self.gaps)
        if "from live.live_link" in sql:
            return pa.table({})
        return pa.table({"one": [1]})

    def transact(
        self, statements: Sequence[Statement], *, actor: Actor, touches: Mapping[Topic, Iterable[str]]
    ) -> list[pa.Table]:
        """Keeps lines of the trail; the shell writes nothing else."""
        self._check()
        assert {step.name for step in statements} == {"audit_insert_once"}
        self.trail.extend(dict(step.params) for step in statements)
        return []

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None:
        raise AssertionError("the shell writes nothing")

    def notices(self, topics: Sequence[Topic]) -> Iterator[Notice]:
        self._check()
        heard: queue.SimpleQueue[Notice | None] = queue.SimpleQueue()
        self._listeners.append(heard)
        for topic in topics:
            yield Notice(topic=topic, number=self._numbers[topic])
        while (notice := heard.get()) is not None:
            yield notice
        raise StoreUnavailable("The store hung up. Try again later.")

    def announce(self, topic: Topic, *ids: str) -> None:
        """Tell everybody who listens of one commit."""
        self._numbers[topic] += 1
        for heard in self._listeners:
            heard.put(Notice(topic=topic, number=self._numbers[topic], ids=ids))

    def hang_up(self) -> None:
        """Be away, and end all streams of notices."""
        self.away = True
        for heard in self._listeners:
            heard.put(None)
        self._listeners.clear()

    @property
    def has_listener(self) -> bool:
        return bool(self._listeners)

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("Nobody serves the store here. Try again later.")
