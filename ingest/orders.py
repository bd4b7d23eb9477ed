"""Orders of users in the outbox for one PBX: each is marked as sent before the PBX hears of it.

So nothing is done twice for one click, whatever dies in between. An order that nobody took in time is
given up: nobody wants done what he clicked on minutes ago.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from data.errors import Conflict, StoreError
from data.identity.actor import system
from data.queries import read
from data.settings import Pbx
from data.store.protocol import Statement, Store, Topic

log = structlog.get_logger()

ACTOR = system("ingest")
_AT_ONCE = 16
_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an order: why not, or what to remember of it."""

    error: str | None = None
    channel: str | None = None


class Orders:
    """Takes orders of one kind; what they mean says `carry_out`."""

    kind: str
    patience: timedelta  # an order that nobody took by then is given up
    longest: timedelta  # one that was begun is over by then

    def __init__(self, pbx: Pbx, store: Store) -> None:
        self._pbx, self._store = pbx, store
        self._callers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=f"{self.kind}-{pbx.name}")

    def carry_out(self, order: Mapping[str, str]) -> Outcome:
        """Have the PBX do it; must not raise."""
        raise NotImplementedError

    def run(self, stop: threading.Event) -> None:
        """Take orders until `stop` is set; a store that is away is asked again."""
        while not stop.is_set():
            try:
                for _ in self._store.notices([Topic.OUTBOX]):
                    if stop.is_set():
                        return
                    self.take(now=datetime.now(UTC))
            except StoreError as error:
                log.debug("the outbox cannot be read for now", pbx=self._pbx.name, reason=str(error))
            stop.wait(_PAUSE_S)

    def take(self, *, now: datetime) -> None:
        """Begin with every order that waits. Raises StoreError."""
        self._give_up_stuck(now)
        params = {"kind": self.kind, "target": self._pbx.name}
        for row in self._store.query(read("outbox/queued"), params, actor=ACTOR).to_pylist():
            if now - row["created_at"] > self.patience:
                self._move(row["outbox_id"], "queued", "failed", error="expired")
            elif self._move(row["outbox_id"], "queued", "sent"):
                self._callers.submit(self._carry_out, row["outbox_id"], json.loads(row["payload"]))

    def close(self) -> None:
        """Take nothing more; what was begun goes on without us."""
        self._callers.shutdown(wait=False, cancel_futures=True)

    def _carry_out(self, outbox_id: str, order: Mapping[str, str]) -> None:
        outcome = self.carry_out(order)
        log.info("order carried out", pbx=self._pbx.name, kind=self.kind, error=outcome.error)
        payload = json.dumps({**order, "channel": outcome.channel}) if outcome.channel else None
        try:
            self._move(outbox_id, "sent", "failed" if outcome.error else "done", error=outcome.error, payload=payload)
        except StoreError as error:
            log.warning("the outcome of an order is not stored", pbx=self._pbx.name, reason=str(error))

    def _give_up_stuck(self, now: datetime) -> None:
        """Orders of a process that died while they were carried out."""
        params = {"kind": self.kind, "target": self._pbx.name, "before": now - self.longest}
        for row in self._store.query(read("outbox/stuck"), params, actor=ACTOR).to_pylist():
            self._move(row["outbox_id"], "sent", "failed", error="unknown")

    def _move(
        self, outbox_id: str, former: str, state: str, *, error: str | None = None, payload: str | None = None
    ) -> bool:
        """Whether the order was still in the state `former`."""
        params = {
            "outbox_id": outbox_id,
            "former": former,
            "state": state,
            "error": error,
            "payload": payload,
            "changed_at": datetime.now(UTC),
        }
        try:
            # Browsers that show the order hear of it as of any change of what goes on now.
            step = Statement(name="outbox_move", params=params, expect_rows=1)
            self._store.transact([step], actor=ACTOR, touches={Topic.LIVE: [outbox_id]})
        except Conflict:
            return False
        return True
