"""What reports cost beside plain DuckDB, PostgreSQL and FreePBX's own table in MariaDB: one run, interleaved.

    python -m bench.reports --calls 1000000 --days 365
    python -m bench.reports --data FOLDER --days 1095        # a history that is there already

Serves the history from a process of its own, lets it build its daily rollup, and asks for the same numbers by
`measure` through the store, and by SQL written by hand: through `duckdb` in this process on a copy of the
file, and through the servers of `rivals.py`. By hand a day is the offset of the zone added once, which is the
quickest way there is. Runs alternate, so that a busy machine troubles all alike; medians in ms are printed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from bench.rivals import Rival, rivals
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
DAY = "(started_at at time zone 'UTC' + interval '3 hour')::date"
HOUR = "extract(hour from started_at at time zone 'UTC' + interval '3 hour')"
PERIOD = "started_at >= $from_at and started_at < $until_at"


EMPLOYEES = f"""
    with seat as (
        select call_id, pbx, started_at, direction, outcome, unnest(employees) as extension
        from call
        where {PERIOD}
    ),
    part as (
        select distinct
            seat.call_id, seat.direction, seat.outcome, seat.extension,
            coalesce(extension.employee_id::varchar, seat.extension) as employee
        from seat
        left join extension
            on extension.extension = seat.extension
            and extension.from_at <= seat.started_at
            and coalesce(extension.until_at, timestamptz 'infinity') > seat.started_at
    ),
    talk as (
        select call_id, extension, max(talk_s) as talk_s
        from (
            select call_id, party as extension, sum(talk_s) as talk_s
            from leg where {PERIOD} and role = 'party' and talk_s > 0 group by all
            union all
            select call_id, caller, sum(talk_s)
            from leg where {PERIOD} and role = 'party' and talk_s > 0 group by all
        )
        group by all
    )
    select
        part.employee,
        count(*) filter (where part.direction = 'inbound' and part.outcome = 'answered'),
        count(*) filter (where part.direction = 'inbound' and part.outcome = 'missed'),
        count(*) filter (where part.outcome = 'reached'),
        count(*) filter (where part.outcome = 'not_reached'),
        sum(talk.talk_s)
    from part
    left join talk on talk.call_id = part.call_id and talk.extension = part.extension
    group by part.employee
    order by part.employee
"""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The same numbers twice."""

    name: str
    metrics: Sequence[str]
    by: Sequence[str]
    sql: str
    postgresql: str | None = None
    mariadb: str | None = None


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
        postgresql=f"""
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
        # The nearest that a row per dial attempt comes to it: the rows of a call put together first.
        mariadb="""
            select date(begun), sum(inbound and talked), sum(inbound and not talked),
                sum(not inbound and talked), sum(not inbound and not talked)
            from (
                select min(calldate) as begun, max(dcontext = 'from-trunk') as inbound,
                    max(disposition = 'ANSWERED') as talked
                from cdr
                where calldate >= $from_local and calldate < $until_local
                group by linkedid
            ) as one_call
            group by date(begun)
            order by date(begun)
        """,
    ),
    Contest(
        name="outcomes by queue",
        metrics=("calls", "accepted", "missed", "talk"),
        by=("queue", "outcome"),
        sql=f"""
            select queue, outcome, count(*), count(*) filter (where direction = 'inbound' and outcome = 'answered'),
                count(*) filter (where direction = 'inbound' and outcome = 'missed'), sum(talk_s)
            from call
            where {PERIOD}
            group by queue, outcome
            order by queue, outcome
        """,
        postgresql=f"""
            select queue, outcome, count(*), count(*) filter (where direction = 'inbound' and outcome = 'answered'),
                count(*) filter (where direction = 'inbound' and outcome = 'missed'), sum(talk_s)
            from call
            where {PERIOD}
            group by queue, outcome
            order by queue, outcome
        """,
    ),
    Contest(
        name="employees",
        metrics=("accepted", "missed", "successful", "failed", "talk"),
        by=("employee",),
        sql=EMPLOYEES,
        # Of a phone, not of an employee, and rings for calls: what these tables hold.
        postgresql=f"select party, count(*), sum(talk_s) from leg where {PERIOD} group by party order by party",
        mariadb="""
            select dst, count(*), sum(billsec) from cdr
            where calldate >= $from_local and calldate < $until_local
            group by dst order by dst
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
    parser.add_argument("--data", type=Path, help="a folder with a history; it is copied")
    parser.add_argument("--alone", action="store_true", help="without PostgreSQL and MariaDB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), options)


def compare(folder: Path, options: argparse.Namespace) -> None:
    """Print the table."""
    settings = Settings(data=folder / "var")
    settings.data.mkdir()
    if options.data:
        shutil.copyfile(options.data / "calls.duckdb", settings.data / "calls.duckdb")
    else:
        with open_store(settings) as store:
            simulate_history(
                store, calls=options.calls, days=options.days, until=datetime.now(UTC), seed=1, site=settings.site
            )
    shutil.copyfile(settings.data / "calls.duckdb", folder / "plain.duckdb")
    with ExitStack() as stack:
        server = subprocess.Popen([sys.executable, "-c", _SERVE, str(settings.data)], stdout=subprocess.DEVNULL)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        client = stack.enter_context(client_of(settings, TokenKind.RW))
        if not client.wait_ready(120):
            raise SystemExit("the store did not start")
        plain = stack.enter_context(duckdb.connect(folder / "plain.duckdb", read_only=True))
        others = {} if options.alone else stack.enter_context(rivals(folder / "rivals", plain))
        _wait_for_rollup(client)
        (calls,) = plain.execute("select count(*) from call").fetchone() or (0,)
        names = ("measure", "duckdb", *others)
        print(f"{calls} calls in {options.days} days; medians of {options.runs} runs, ms")
        print(f"{'':32}" + "".join(f"{name:>12}" for name in names) + f"{'/ duckdb':>10}")
        for length, words in ((30, "month"), (365, "year"), (1095, "three years")):
            if length <= options.days:
                for contest in CONTESTS:
                    asked = _runs(contest, length, client, plain, others, settings)
                    _print(f"{contest.name}, {words}", names, asked, options.runs)


def _wait_for_rollup(client: StoreClient) -> None:
    """The store builds its days when nobody writes."""
    seen = -1
    sql = "select count(*) as days from call_day_built"
    while (days := client.query(sql, actor=ACTOR)["days"][0].as_py()) != seen or days == 0:
        seen = days
        time.sleep(3)


Run = Callable[[], float]


def _runs(
    contest: Contest,
    length: int,
    client: StoreClient,
    plain: duckdb.DuckDBPyConnection,
    others: Mapping[str, Rival],
    settings: Settings,
) -> dict[str, Run]:
    """What each takes for one answer, in ms."""
    zone, today = settings.site.zone, date.today()  # noqa: DTZ011
    period = Period(from_on=today - timedelta(days=length), to_on=today)
    bounds = {"from_at": period.from_at(zone), "until_at": period.until_at(zone)}
    runs: dict[str, Run] = {
        "measure": _timed(lambda: measure(
            client, contest.metrics, by=contest.by, from_on=period.from_on, to_on=period.to_on,
            site=settings.site, actor=ACTOR,
        )),
        "duckdb": _timed(lambda: plain.execute(contest.sql, bounds).df()),
    }  # fmt: skip
    places = {
        "$from_at": f"'{bounds['from_at']}'",
        "$until_at": f"'{bounds['until_at']}'",
        "$from_local": f"'{period.from_on}'",
        "$until_local": f"'{period.to_on}'",
    }
    for name, rival in others.items():
        if sql := getattr(contest, name):
            for place, value in places.items():
                sql = sql.replace(place, value)
            runs[name] = partial(rival.ask, sql)
    return runs


def _timed(ask: Callable[[], object]) -> Run:
    def run() -> float:
        began = time.perf_counter()
        ask()
        return (time.perf_counter() - began) * 1000

    return run


def _print(name: str, names: Sequence[str], asked: Mapping[str, Run], runs: int) -> None:
    """Alternate all and print the medians."""
    spent: dict[str, list[float]] = {who: [] for who in asked}
    for turn in range(runs + WARM_UP):
        for who, run in asked.items():
            took = run()
            if turn >= WARM_UP:
                spent[who].append(took)
    medians = {who: statistics.median(took) for who, took in spent.items()}
    cells = "".join(f"{medians[who]:12.1f}" if who in medians else f"{'–':>12}" for who in names)
    print(f"{name:32}{cells}{medians['measure'] / medians['duckdb']:10.2f}", flush=True)


if __name__ == "__main__":
    main()
