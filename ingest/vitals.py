"""What ingest tells of itself every few seconds: numbers for the status page and for /metrics, by way of the store.

They live in the store's memory only: who does not tell them any more is gone, and that is seen.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from data.errors import StoreError
from data.identity.actor import system
from data.store.protocol import Statement, Store

if TYPE_CHECKING:
    from ingest.daemon import PbxIngest

log = structlog.get_logger()

PROCESS = "ingest"
_ACTOR = system("ingest")
_EVERY_S = 5.0

Sample = dict[str, Any]  # {"pbx", "name", "value"}


def samples(ingests: Sequence[PbxIngest]) -> Iterator[Sample]:
    """The numbers of every PBX. *_bytes and *_s: units; the others are counts since the start, or 0 and 1."""
    for one in ingests:
        journal, processor, link, writer = one.journal, one.processor, one.link, one.writer
        values: dict[str, float | None] = {
            "connected": link.connected,
            "connections": link.connections,
            "clock_ahead_s": link.clock_ahead_s,
            "events": processor.events,
            "calls": processor.calls,
            "behind_bytes": processor.behind_bytes,
            "lag_s": processor.lag_s,
            "odd_messages": sum(processor.troubles.values()),
            "journal_dropped_bytes": journal.dropped_bytes,
            "journal_waiting_bytes": journal.waiting_bytes,
            "journal_failing": journal.is_failing,
            "facts_rejected": writer.rejected,
            "events_left_out": writer.events_left_out,
        }
        yield from (
            {"pbx": one.pbx.name, "name": name, "value": float(value)}
            for name, value in values.items()
            if value is not None
        )


def tell(store: Store, told: Sequence[Sample], *, now: datetime) -> None:
    """Put these in the place of the former ones. Raises StoreError."""
    rows = {"process": PROCESS, "rows": json.dumps(list(told)), "told_at": now}
    steps = [
        Statement(name="vitals_forget", params={"process": PROCESS}),
        Statement(name="vitals_insert", params=rows),
    ]
    store.transact(steps, actor=_ACTOR, touches={})


def keep_telling(store: Store, ingests: Callable[[], Sequence[PbxIngest]], stop: threading.Event) -> None:
    """Tell every few seconds until `stop` is set; a store that is away hears it later."""
    while not stop.wait(_EVERY_S):
        try:
            tell(store, list(samples(ingests())), now=datetime.now(UTC))
        except StoreError as error:
            log.debug("vitals are told later", reason=str(error))
