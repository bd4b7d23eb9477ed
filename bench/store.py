"""What the store costs over plain DuckDB in the same process: interleaved runs, a table of ratios.

    python -m bench.store --calls 1000000

Builds a database of that many calls and three legs each in a temporary folder, serves it from a
process of its own, and asks the same questions through Flight and through `duckdb` directly (on a
copy of the file, since only one process can have it). Runs alternate, so that a busy machine
troubles both alike; medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data.identity.actor import system
from data.settings import Settings
from data.store.client import StoreClient, client_of
from data.store.database import Database
from data.store.tokens import TokenKind

NO_COPIES = {"CALLBOARD_BACKUP__EVERY_DAYS": "0"}
ACTOR = system("bench")
START = datetime(2023, 1, 1, tzinfo=UTC)
SPACING_S = 8
WARM_UP = 2

_CALLS = """
select
    'bench-' || (epoch($start::timestamptz)::bigint + i * 8) || '.' || i as call_id,
    'bench' as pbx,
    'inbound' as direction,
    if(i % 5 = 0, 'missed', 'answered') as outcome,
    '79' || lpad((hash(i) % greatest($calls // 5, 1))::varchar, 9, '0') as external_number,
    if(i % 5 = 0, [], [(200 + i % 40)::varchar]) as answered_by,
    [(200 + i % 40)::varchar] as rang,
    [(200 + i % 40)::varchar] as employees,
    ['sales'] as queues,
    'sales' as queue,
    $start::timestamptz + to_seconds(i * 8) as started_at,
    $start::timestamptz + to_seconds(i * 8 + 100) as ended_at,
    (hash(i) % 60)::double as wait_s,
    if(i % 5 = 0, 0, 30 + hash(i) % 200)::double as talk_s,
    0.0 as hold_s,
    100.0 as duration_s,
    0 as transfer_count,
    0 as recording_count,
    false as incomplete,
    []::varchar[] as channels,
    1 as rule_version,
    'bench' as source,
    [i]::bigint[] as events
from range($from_i, $until_i) as numbers(i)
"""
_LEGS = """
select
    call_id,
    unnest([1, 2, 3]) as position,
    'party' as role,
    employees[1] as party,
    'answered' as result,
    started_at,
    ended_at,
    wait_s as ring_s,
    talk_s,
    hold_s,
    events
from made
"""

JOURNAL_PAGE = """
with page as (
    select *
    from call
    where started_at >= $from_at
        and started_at < $until_at
    order by started_at desc
    limit 50
)
select page.*, number.number_class
from page
left join number on number.number = page.external_number
order by page.started_at desc
"""
REPORT = """
select
    employees[1] as employee,
    count(*) filter (where outcome = 'answered') as accepted,
    count(*) filter (where outcome = 'missed') as missed,
    sum(talk_s) as talk_s,
    median(wait_s) as wait_s
from call
where started_at >= $from_at
    and started_at < $until_at
group by employee
order by employee
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.calls, options.runs)


def measure(folder: Path, calls: int, runs: int) -> None:
    """Print the table."""
    settings = Settings(data=folder / "var")
    began = time.perf_counter()
    build(settings, calls)
    print(f"{calls} calls, {3 * calls} legs made in {time.perf_counter() - began:.1f} s")
    shutil.copyfile(settings.data / "calls.duckdb", folder / "plain.duckdb")
    with served(settings) as client, duckdb.connect(folder / "plain.duckdb") as plain:
        print(f"{'':24}{'plain, ms':>12}{'store, ms':>12}{'ratio':>8}")
        for name, ours, theirs in contests(client, plain, calls, runs + WARM_UP):
            report(name, ours, theirs, runs)


@contextmanager
def served(settings: Settings) -> Iterator[StoreClient]:
    """A store in a process of its own, and the way to it. It makes no copies of itself: they would cost the disk."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(settings.data)], stdout=subprocess.DEVNULL, env={**os.environ, **NO_COPIES}
    )
    try:
        with client_of(settings, TokenKind.RW) as client:
            if not client.wait_ready(60):
                raise SystemExit("the store did not start")
            yield client
    finally:
        server.terminate()
        server.wait()


def build(settings: Settings, calls: int) -> None:
    """A database of `calls` calls, appended in order of time."""
    with Database(settings.data) as database, duckdb.connect() as maker:
        for first in range(0, calls, 500_000):
            params = {"start": START, "calls": calls, "from_i": first, "until_i": min(first + 500_000, calls)}
            made = maker.execute(_CALLS, params).to_arrow_table()
            maker.register("made", made)
            database.append("call", made, actor=ACTOR)
            database.append("leg", maker.execute(_LEGS).to_arrow_table(), actor=ACTOR)
        database.rederive(actor=ACTOR)


Run = Callable[[int], object]


def contests(
    client: StoreClient, plain: duckdb.DuckDBPyConnection, calls: int, turns: int
) -> list[tuple[str, Run, Run]]:
    """Name, through the store, and plain."""
    new = [one_call(calls + turn) for turn in range(turns)]
    end = START + timedelta(seconds=SPACING_S * calls)
    page = {"from_at": end - timedelta(days=1), "until_at": end}
    year = {"from_at": end - timedelta(days=365), "until_at": end}

    def read(sql: str, params: dict[str, Any]) -> tuple[Run, Run]:
        return (
            lambda _: client.query(sql, params, actor=ACTOR),
            lambda _: plain.execute(sql, params).to_arrow_table(),
        )

    def write_plain(turn: int) -> None:
        call, legs = new[turn]
        plain.execute("begin")
        for table, rows in (("call", call), ("leg", legs)):
            plain.register("incoming", rows)
            plain.execute(f"insert into {table} by name select * from incoming")
        plain.execute("commit")

    def write_store(turn: int) -> None:
        call, legs = new[turn]
        client.write_facts({"call": call, "leg": legs}, actor=ACTOR)

    return [
        ("journal page", *read(JOURNAL_PAGE, page)),
        ("report, one year", *read(REPORT, year)),
        # Plain only inserts; the store also looks for the call, replaces it and derives its number.
        ("1 call + 3 legs", write_store, write_plain),
    ]


def one_call(i: int) -> tuple[pa.Table, pa.Table]:
    with duckdb.connect() as maker:
        made = maker.execute(_CALLS, {"start": START, "calls": i, "from_i": i, "until_i": i + 1}).to_arrow_table()
        maker.register("made", made)
        return made, maker.execute(_LEGS).to_arrow_table()


def report(name: str, ours: Run, theirs: Run, runs: int) -> None:
    """Alternate both and print the medians."""
    spent: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(runs + WARM_UP):
        for side, run in (("theirs", theirs), ("ours", ours)):
            began = time.perf_counter()
            run(turn)
            spent[side].append(time.perf_counter() - began)
    plain, store = (statistics.median(spent[side][WARM_UP:]) * 1000 for side in ("theirs", "ours"))
    print(f"{name:24}{plain:12.2f}{store:12.2f}{store / plain:7.2f}x")


_SERVE = """
import signal, sys, threading
from pathlib import Path

from data.settings import Settings
from data.store.server import serve

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
serve(Settings(data=Path(sys.argv[1])), stop=stop)
"""

if __name__ == "__main__":
    main()
