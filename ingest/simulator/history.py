"""Years of invented calls: so many calls over so many days, the same for the same seed.

Each block of days is written as Arrow tables before the next one begins, so memory does not grow
with the number of calls.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.identity.actor import system
from data.settings import Site
from data.store.protocol import IngestStore
from ingest.simulator.arrivals import expected_weight
from ingest.simulator.calendar import make_days
from ingest.simulator.chats import chat_tables
from ingest.simulator.clients import Clients, client_count, uuids
from ingest.simulator.directory import directory_tables
from ingest.simulator.extras import Extras
from ingest.simulator.keys import make_keys
from ingest.simulator.office import invent_office
from ingest.simulator.past import Past
from ingest.simulator.tables import make_tables
from ingest.simulator.tags import vocabulary

# Pieces above DuckDB's row group (122,880 rows) go straight to the file instead of through its log.
_PIECE_ROWS = 260_000
_MOST_CHATS = 400
_MOST_WAITING = 3
ACTOR = system("simulator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was made, and how long the parts took: making and writing go on side by side."""

    rows: dict[str, int]
    employees: int
    made_s: float  # until everything was made and written
    write_s: float  # of that the store's share
    derive_s: float

    @property
    def calls(self) -> int:
        return self.rows["call"]


def simulate_history(
    store: IngestStore,
    *,
    calls: int,
    days: int,
    until: datetime,
    seed: int,
    site: Site,
    pbx: str = "office",
    recordings_dir: Path | None = None,
) -> Summary:
    """Fill an empty store with an office and `calls` finished calls of the `days` before `until`.

    recordings_dir: where the sound of the latest calls is put; without it recordings stay expected.
    """
    begun = time.perf_counter()
    writer = _Writer(store)
    rng = np.random.default_rng([seed, 2])
    days_of_past = make_days(rng, days=days, until=until, site=site)
    office = invent_office(seed=seed, site=site, calls_a_day=calls / expected_weight(days_of_past).sum())
    employee_ids = uuids(rng, len(office.employees))
    since = until.astimezone(UTC) - timedelta(days=days + 900)
    writer.append(directory_tables(office, employee_ids, pbx=pbx, since=since))
    writer.append(vocabulary(office, since=since))
    known = client_count(calls)
    clients = Clients(rng, office, employee_ids, count=known, begins_at=days_of_past[0].midnight)
    writer.append(clients.known())
    extras = Extras(rng, office, site=site, recordings_dir=recordings_dir, seed=seed, until=until.timestamp())
    past = Past(rng, office, days_of_past, calls=calls, clients=known, until=until)
    channel = 0
    for played in past.blocks():
        keys = make_keys(played.block, played.keep, office=office, pbx=pbx, first_channel=channel)
        channel = keys.next_channel
        writer.append(make_tables(played.block, played.keep, keys) | extras.tables(keys, calls_a_day=calls / days))
    writer.append(clients.registered([each for each in past.aftermath.registrations if each.at < until.timestamp()]))
    chats = min(_MOST_CHATS, 20 + calls // 200)
    writer.append(chat_tables(rng, office, employee_ids, clients.accounts, count=chats, until=until.timestamp()))
    writer.finish()
    made_s = time.perf_counter() - begun
    derived = time.perf_counter()
    store.rederive(actor=ACTOR)
    return Summary(
        rows=writer.rows,
        employees=len(office.employees),
        made_s=made_s,
        write_s=writer.seconds,
        derive_s=time.perf_counter() - derived,
    )


class _Writer:
    """Appends tables in large pieces, beside the simulation, and keeps count."""

    def __init__(self, store: IngestStore) -> None:
        self.rows: dict[str, int] = {}
        self.seconds = 0.0  # spent in the store; most of it while the simulation went on
        self._store = store
        self._waiting: dict[str, list[pa.Table]] = {}
        self._hand = ThreadPoolExecutor(1, "simulator-writer")
        self._written: deque[Future[None]] = deque()

    def append(self, tables: dict[str, pa.Table]) -> None:
        for name, rows in tables.items():
            self.rows[name] = self.rows.get(name, 0) + rows.num_rows
            waiting = self._waiting.setdefault(name, [])
            waiting.append(rows)
            if sum(part.num_rows for part in waiting) >= _PIECE_ROWS:
                self._flush(name)

    def finish(self) -> None:
        """Write what still waits, and wait until all is written. Raises what the store raised."""
        for name in list(self._waiting):
            self._flush(name)
        with self._hand:
            while self._written:
                self._written.popleft().result()

    def _flush(self, name: str) -> None:
        rows = pa.concat_tables(self._waiting.pop(name))
        if rows.num_rows:
            self._written.append(self._hand.submit(self._write, name, rows))
        # Few pieces wait at a time: memory does not grow where the store is slower.
        while len(self._written) > _MOST_WAITING:
            self._written.popleft().result()

    def _write(self, name: str, rows: pa.Table) -> None:
        begun = time.perf_counter()
        self._store.append(name, rows, actor=ACTOR)
        self.seconds += time.perf_counter() - begun
