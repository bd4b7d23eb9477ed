"""What reports cost over plain DuckDB in the same process: interleaved runs, a table of ratios.

    python -m bench.reports --calls 1000000 --days 1095

Invents that many calls in a temporary folder, serves them from a process of its own, and asks for the same
numbers by `measure` through the store and by SQL written by hand, through `duckdb` directly, on a copy of
the file. By hand a day is the offset of the zone added once, which is the quickest way there is. Runs
alternate; medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from data.identity.actor import system
from data.metrics.measure import measure
from data.metrics.periods import Period
from data.settings import Settings
from data.store.client import StoreClient, client_of
from data.store.opening import open_store
from data.store.tokens import TokenKind
from ingest.simulator.history import simulate_history

ACTOR = system("bench")
WARM_UP = 2
_SERVE = """
import signal, sys, threading
from pathlib import Path

from data.settings import Settings
from data.store.server import serve

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
serve(Settings(data=Path(sys.argv[1])), stop=stop)
"""

# A zone without clock changes, as an interval: Moscow.
DAY = "(started_at at time zone 'UTC' + interval 3 hour)::date"
HOUR = "extract(hour from started_at at time zone 'UTC' + interval 3 hour)"
PERIOD = "started_at >= $from_at and started_at < $until_at"


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The same numbers twice."""

    name: str
    metrics: Sequence[str]
    by: Sequence[str]
    sql: str


CONTESTS = (
    Contest(
        name="calls by day",
        metrics=("accepted", "missed", "successful", "failed"),
        by=("day",),
        sql=f"""
            select
                {DAY} as day,
                count(*) filter (where direction = 'inbound' and outcome = 'answered'),
                count(*) filter (where direction = 'inbound' and outcome = 'missed'),
                count(*) filter (where outcome = 'reached'),
                count(*) filter (where outcome = 'not_reached')
            from call
            where {PERIOD}
            group by day
            order by day
        """,
    ),
    Contest(
        name="calls by hour",
        metrics=("calls",),
        by=("hour",),
        sql=f"select {HOUR} as hour, count(*) from call where {PERIOD} group by hour order by hour",
    ),
    Contest(
        name="waits by queue",
        metrics=("answered", "asa", "wait_p90"),
        by=("queue",),
        sql=f"""
            select
                visit.queue,
                count(*) filter (where visit.result = 'answered'),
                avg(visit.wait_s) filter (where visit.result = 'answered'),
                quantile_cont(visit.wait_s, 0.9) filter (where visit.result = 'answered')
            from queue_visit as visit
            inner join call on call.call_id = visit.call_id
            where call.{PERIOD.replace("and ", "and call.")} and call.direction = 'inbound'
            group by visit.queue
            order by visit.queue
        """,
    ),
    Contest(
        name="clients",
        metrics=("calls",),
        by=("client",),
        sql=f"""
            select owner.account_id::varchar, count(*)
            from call
            left join number_owner as owner
                on owner.number = call.external_number
                and owner.owns_from_at <= call.started_at
                and owner.owns_until_at > call.started_at
            where {PERIOD}
            group by all
            order by all
        """,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=1095)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), options.calls, options.days, options.runs)


def compare(folder: Path, calls: int, days: int, runs: int) -> None:
    """Print the table."""
    settings = Settings(data=folder / "var")
    settings.data.mkdir()
    with open_store(settings) as store:
        simulate_history(store, calls=calls, days=days, until=datetime.now(UTC), seed=1, site=settings.site)
    shutil.copyfile(settings.data / "calls.duckdb", folder / "plain.duckdb")
    server = subprocess.Popen([sys.executable, "-c", _SERVE, str(settings.data)], stdout=subprocess.DEVNULL)
    try:
        with (
            client_of(settings, TokenKind.RW) as client,
            duckdb.connect(folder / "plain.duckdb", read_only=True) as plain,
        ):
            if not client.wait_ready(60):
                raise SystemExit("the store did not start")
            print(f"{calls} calls in {days} days\n{'':32}{'plain, ms':>12}{'measure, ms':>12}{'ratio':>8}")
            for length, words in ((30, "month"), (365, "year"), (1095, "three years")):
                for contest in CONTESTS:
                    _print(f"{contest.name}, {words}", *_runs(contest, length, client, plain, settings), runs)
    finally:
        server.terminate()
        server.wait()


Run = Callable[[], object]


def _runs(
    contest: Contest, length: int, client: StoreClient, plain: duckdb.DuckDBPyConnection, settings: Settings
) -> tuple[Run, Run]:
    zone, today = settings.site.zone, date.today()  # noqa: DTZ011
    period = Period(from_on=today - timedelta(days=length), to_on=today)
    bounds = {"from_at": period.from_at(zone), "until_at": period.until_at(zone)}

    def ours() -> object:
        return measure(
            client, contest.metrics, by=contest.by, from_on=period.from_on, to_on=period.to_on,
            site=settings.site, actor=ACTOR,
        )  # fmt: skip

    return ours, lambda: plain.execute(contest.sql, bounds).df()


def _print(name: str, ours: Run, theirs: Run, runs: int) -> None:
    """Alternate both and print the medians."""
    spent: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(runs + WARM_UP):
        for who, run in (("ours", ours), ("theirs", theirs)):
            began = time.perf_counter()
            run()
            if turn >= WARM_UP:
                spent[who].append((time.perf_counter() - began) * 1000)
    our, their = statistics.median(spent["ours"]), statistics.median(spent["theirs"])
    print(f"{name:32}{their:12.1f}{our:12.1f}{our / their:8.2f}")


if __name__ == "__main__":
    main()
