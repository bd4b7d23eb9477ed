"""Brings facts to the store, and waits for it as long as it is away."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Protocol

import pyarrow as pa
import structlog

from data.errors import QueryRejected, StoreError
from data.facts import agent_session_table, ami_event_table, fact_tables, gap_table
from data.identity.actor import Actor, system
from data.model import AmiEvent
from data.settings import Site
from data.store.protocol import LiveTable
from ingest.assembler import Batch
from ingest.telling import LinkState, LiveTold

log = structlog.get_logger()

SOURCE = "ami"
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_COMPLAIN_S = 60.0
_EVENT_COLUMNS = tuple(column.name for column in fields(AmiEvent))


class FactStore(Protocol):
    """What ingest needs of a store."""

    def write_facts(self, tables: Mapping[str, pa.Table], *, actor: Actor, retracted: Sequence[str] = ()) -> None: ...

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool: ...


def tables_of(batch: Batch, site: Site) -> dict[str, pa.Table]:
    """The rows of a batch by table, as `write_facts` takes them."""
    return {
        **fact_tables(batch.calls, site=site, source=SOURCE),
        "gap": gap_table(batch.gaps),
        "agent_session": agent_session_table(batch.agent_sessions),
        "ami_event": ami_event_table([_columns(event) for event in batch.events]),
    }


class FactWriter:
    """Writes the facts of one PBX. A write comes back when the store has acknowledged it."""

    def __init__(
        self,
        store: FactStore,
        *,
        pbx: str,
        site: Site,
        stop: threading.Event,
        longest_pause_s: float = _LONGEST_PAUSE_S,
        keeps_events: Callable[[], bool] = lambda: True,
    ) -> None:
        """keeps_events: whether there is room for the events of calls; the journal has them anyway."""
        self.rejected = 0  # facts that the store cannot take; the log names them
        self.waits = 0  # failed tries
        self.events_left_out = 0  # for want of room; app.py rebuild brings them back
        self._store = store
        self._pbx = pbx
        self._site = site
        self._stop = stop
        self._longest_pause_s = longest_pause_s
        self._keeps_events = keeps_events
        self._actor = system("ingest")
        self._complained_at = -_COMPLAIN_S
        self._live = LiveTold(pbx, store, self._actor, self._complain)

    def write(self, batch: Batch) -> bool:
        """Store the batch, however long that takes; False where `stop` came first."""
        parts = [self._with_room(batch)]
        while parts:
            try:
                tables = tables_of(parts[0], self._site)
                if not self._send(tables, parts[0].retracted):
                    return False
            except Exception as error:
                # A store that is away makes `_send` wait; what arrives here is wrong with the facts themselves.
                singles = list(_one_by_one(parts[0]))
                if len(singles) > 1:
                    parts[:1] = singles
                    continue
                self._set_aside(parts[0], error)
            del parts[0]
        return True

    def write_live(self, batch: Batch) -> None:
        """Tell what goes on now, as far as it changed; while the store is away nobody asks for it."""
        self._live.tell(batch)

    def pulse(self, link: LinkState) -> None:
        """Say that what was told still stands; all of it anew where the store has forgotten it."""
        self._live.pulse(link)

    def _with_room(self, batch: Batch) -> Batch:
        if not batch.events or self._keeps_events():
            return batch
        self.events_left_out += len(batch.events)
        return replace(batch, events=())

    def _send(self, tables: Mapping[str, pa.Table], retracted: Sequence[str]) -> bool:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                self._store.write_facts(tables, actor=self._actor, retracted=retracted)
            except QueryRejected:
                raise
            except StoreError as error:
                self.waits += 1
                self._complain(error)
                if self._stop.wait(pause * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret hangs on it
                    return False
                pause = min(self._longest_pause_s, pause * 2)
            else:
                return True

    def _set_aside(self, part: Batch, error: Exception) -> None:
        self.rejected += 1
        log.error(
            "facts cannot be stored and are left out; the journal keeps their events",
            pbx=self._pbx,
            calls=[fact.call.call_id for fact in part.calls],
            events=[event.sequence for event in part.events],
            exc_info=error,
        )

    def _complain(self, error: StoreError) -> None:
        if time.monotonic() - self._complained_at >= _COMPLAIN_S:
            self._complained_at = time.monotonic()
            log.warning("the store takes no facts for now; they wait in the journal", pbx=self._pbx, reason=str(error))


def _one_by_one(batch: Batch) -> Iterator[Batch]:
    """The same in the smallest parts that can be written alone: so one bad row keeps no others out."""
    yield from (Batch(calls=(fact,)) for fact in batch.calls)
    if batch.retracted:
        yield Batch(retracted=batch.retracted)
    yield from (Batch(gaps=(gap,)) for gap in batch.gaps)
    yield from (Batch(agent_sessions=(session,)) for session in batch.agent_sessions)
    yield from (Batch(events=(event,)) for event in batch.events)


def _columns(event: AmiEvent) -> dict[str, object]:
    # Not asdict, which copies every value: it took more time than all the rest of a write.
    return {name: getattr(event, name) for name in _EVENT_COLUMNS}
