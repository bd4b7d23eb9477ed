"""What reports cost beside plain DuckDB, PostgreSQL and FreePBX's own table in MariaDB: one run, interleaved.

    python -m bench.reports --calls 1000000 --days 365
    python -m bench.reports --data FOLDER --days 1095        # a history that is there already

Serves the history from a process of its own, lets it build its daily rollup, and asks for the same numbers by
`measure` through the store, and by SQL written by hand (`contests.py`): through `duckdb` in this process on
another copy of the file, and through the servers of `rivals.py`. Runs alternate, so that a busy machine troubles
all alike; medians in ms are printed. Where the numbers of the two differ, a line says so.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from bench.contests import CONTESTS, Contest, differing
from bench.rivals import Rival, rivals
from bench.store import served
from data.identity.actor import system
from data.metrics.periods import Period, local_day
from data.settings import Settings
from data.store.client import StoreClient
from data.store.opening import open_store
from ingest.simulator.history import simulate_history

ACTOR = system("bench")
WARM_UP = 2
ENOUGH_MS = 60_000.0  # a database that takes minutes is asked once, not eleven times
LENGTHS = {30: "month", 365: "year", 1095: "three years"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=1095)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--data", type=Path, help="a folder with a history; the store gets a copy")
    parser.add_argument("--keep", type=Path, help="where to leave the history that was made, for --data")
    parser.add_argument("--alone", action="store_true", help="without PostgreSQL and MariaDB")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these questions")
    parser.add_argument("--lengths", nargs="+", type=int, default=list(LENGTHS), metavar="DAYS", help="these periods")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), options)


def compare(folder: Path, options: argparse.Namespace) -> None:
    """Print the table."""
    settings = Settings(data=folder / "var")
    history = options.data or options.keep or folder / "plain"
    if not options.data:
        with open_store(Settings(data=history)) as store:
            simulate_history(
                store, calls=options.calls, days=options.days, until=datetime.now(UTC), seed=1, site=settings.site
            )
    settings.data.mkdir()
    shutil.copyfile(history / "calls.duckdb", settings.data / "calls.duckdb")
    with ExitStack() as stack:
        client = stack.enter_context(served(settings))
        plain = stack.enter_context(duckdb.connect(history / "calls.duckdb", read_only=True))
        others = {} if options.alone else stack.enter_context(rivals(folder / "rivals", plain))
        wait_for_rollup(client)
        (calls,) = plain.execute("select count(*) from call").fetchone() or (0,)
        names = ("measure", "duckdb", *others)
        print(f"{calls} calls in {options.days} days; medians of up to {options.runs} runs, ms")
        print(f"{'':32}" + "".join(f"{name:>12}" for name in names) + f"{'/ duckdb':>10}")
        for length in (length for length in options.lengths if length <= options.days):
            words = LENGTHS.get(length, f"{length} days")
            for contest in CONTESTS:
                if not options.only or contest.name in options.only:
                    asked = _runs(contest, length, client, plain, others, settings)
                    _print(f"{contest.name}, {words}", names, asked, options.runs)


def wait_for_rollup(client: StoreClient) -> None:
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
    """What each takes for one answer, in ms. The two of ours must agree."""
    site, now = settings.site, datetime.now(UTC)
    today = local_day(now, site.zone)
    period = Period(from_on=today - timedelta(days=length), to_on=today)
    ask = partial(contest.ask, client, period, site, ACTOR, now)
    by_hand = partial(contest.by_hand, plain, period, site, now)
    if told := differing(ask(), by_hand()):
        print(f"{contest.name}: the answers differ: {told}", flush=True)
    runs: dict[str, Run] = {"measure": _timed(ask), "duckdb": _timed(by_hand)}
    for name, rival in others.items():
        if sql := contest.text_for(name, period, site):
            runs[name] = partial(rival.ask, sql)
    return runs


def _timed(ask: Callable[[], object]) -> Run:
    def run() -> float:
        began = time.perf_counter()
        ask()
        return (time.perf_counter() - began) * 1000

    return run


def _print(name: str, names: Sequence[str], asked: Mapping[str, Run], runs: int) -> None:
    """Alternate all and print the medians; who has spent enough time rests."""
    spent: dict[str, list[float]] = {who: [] for who in asked}
    for _ in range(runs + WARM_UP):
        for who, run in asked.items():
            if sum(spent[who]) < ENOUGH_MS:
                spent[who].append(run())
    medians = {who: statistics.median(took[WARM_UP:] or took[-1:]) for who, took in spent.items()}
    cells = "".join(f"{medians[who]:12.1f}" if who in medians else f"{'–':>12}" for who in names)
    print(f"{name:32}{cells}{medians['measure'] / medians['duckdb']:10.2f}", flush=True)


if __name__ == "__main__":
    main()
