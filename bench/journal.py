"""What the journal costs at many calls, against plain DuckDB in this process on the same statements.

    python -m bench.journal --data FOLDER --calls 10000000 --days 1095   # makes the past first, if there is none
    python -m bench.journal --data FOLDER --export 1000000              # memory and time of each kind of file

The past is the simulator's. The store is served from a process of its own and asked through Flight,
as the web process does; every statement that the journal sends is then run by `duckdb` in this process
on a copy of the file (only one process can have it). Runs alternate, medians are printed. The
journal's time holds all it does: several statements, rows turned into values, directory, markers.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bench.store import served
from dashboard.export import FORMATS, export_calls
from dashboard.text import speaking
from data.identity.actor import Actor, system
from data.journal import CallFilter, CallJournal, CallKind, CallRow, Sort, SortBy
from data.settings import Settings, Site
from data.store.client import client_of
from data.store.database import Database
from data.store.files import DATABASE
from data.store.tokens import TokenKind
from data.store.wire import bound
from ingest.simulator.history import simulate_history

ACTOR = system("bench")
SITE = Site()
FAR = 1_000_000
PAGE = 100


class Recorder:
    """A store that keeps what it was asked, so that the same can be asked elsewhere."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def query(self, sql: str, params: Mapping[str, object] | None = None, **options: Any) -> pa.Table:
        self.asked.append((sql, params or {}))
        return self._store.query(sql, params, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--export", type=int, help="rows of a file instead of the timings")
    parser.add_argument("--form", choices=FORMATS, help="only this kind of file, over a store that runs")
    options = parser.parse_args()
    if not (options.data / DATABASE).exists():
        make(options.data, options.calls, options.days)
    if options.form:
        export_one(options.data, options.export, options.form)
    elif options.export:
        export_all(options.data, options.export)
    else:
        compare(options.data, options.runs)


def make(folder: Path, calls: int, days: int) -> None:
    """The simulator's past, and what it cost."""
    folder.mkdir(parents=True, exist_ok=True)
    began, cpu = time.perf_counter(), time.process_time()
    with Database(folder) as database:
        summary = simulate_history(database, calls=calls, days=days, until=datetime.now(UTC), seed=1, site=SITE)
    seconds, burnt = time.perf_counter() - began, time.process_time() - cpu
    size = (folder / DATABASE).stat().st_size
    print(f"{summary.calls:,} calls of {days} days made in {seconds:.0f} s ({burnt:.0f} s CPU), {size / 1e6:,.0f} MB")


def compare(folder: Path, runs: int) -> None:
    plain_folder = folder / "plain"
    plain_folder.mkdir(exist_ok=True)
    shutil.copyfile(folder / DATABASE, plain_folder / DATABASE)
    plain = duckdb.connect(str(plain_folder / DATABASE), read_only=True)
    plain.execute("set timezone = 'UTC'")
    try:
        with served(Settings(data=folder)) as store:
            recorder = Recorder(store)
            journal = CallJournal(recorder, site=SITE)  # type: ignore[arg-type]
            total = plain.execute("select count(*) from call").fetchall()[0][0]
            print(f"{total:,} calls; medians of {runs} runs, ms")
            print(f"{'':34}{'journal':>9}{'plain':>9}{'ratio':>7}   statements")
            for name, ask in questions(journal, plain):
                row(name, ask, recorder, plain, runs)
    finally:
        plain.close()
        shutil.rmtree(plain_folder)


def questions(journal: CallJournal, plain: Any) -> list[tuple[str, Callable[[Actor], object]]]:
    """What people ask of the journal."""
    moment = plain.execute("select max(ended_at) from call").fetchall()[0][0].astimezone(UTC)
    queue = plain.execute("select queue from call where queue is not null limit 1").fetchall()[0][0]
    employee = plain.execute("select employee_id::varchar from employee order by name limit 1").fetchall()[0][0]
    tag = plain.execute("select tag_id::varchar from call_tag limit 1").fetchall()[0][0]
    number = plain.execute("select external_number from call where external_number is not null limit 1").fetchall()[0][
        0
    ]
    nothing = CallFilter()

    def page(wanted: CallFilter, **options: Any) -> Callable[[Actor], object]:
        return lambda actor: journal.page(actor, wanted, as_of=moment, limit=PAGE, **options)

    def count(wanted: CallFilter) -> Callable[[Actor], object]:
        return lambda actor: journal.count(actor, wanted, as_of=moment)

    def far(actor: Actor) -> object:
        # Each time another list, so that no remembered hour helps.
        pinned = moment - timedelta(microseconds=next(steps))
        return journal.page(actor, nothing, as_of=moment, limit=PAGE, offset=FAR, until=pinned)

    steps = iter(range(1, 10_000))
    missed = CallFilter(kinds=frozenset({CallKind.MISSED}))
    month = CallFilter(from_at=moment - timedelta(days=30))
    return [
        ("first page", page(nothing)),
        ("missed", page(missed)),
        ("lost", page(CallFilter(lost=True))),
        ("leads", page(CallFilter(first=True))),
        ("unregistered", page(CallFilter(unregistered=True))),
        ("needs attention, 30 days", page(replace(month, attention=True))),
        ("one employee", page(CallFilter(employees=frozenset({employee})))),
        ("one queue", page(CallFilter(queues=frozenset({queue})))),
        ("one tag", page(CallFilter(tags=frozenset({tag})))),
        ("with comment", page(CallFilter(has_comment=True))),
        ("talk longer than 10 min", page(CallFilter(talk_longer_s=600))),
        ("one number", page(CallFilter(number=number))),
        ("search: part of a number", page(CallFilter(search=number[3:9]))),
        ("search: client's name", page(CallFilter(search="климат"))),
        ("search: nothing found", page(CallFilter(search="нетникого"))),
        ("longest talk first", page(nothing, sort=Sort(by=SortBy.TALK))),
        ("count of all", count(nothing)),
        ("count of missed", count(missed)),
        ("count of a search", count(CallFilter(search=number[3:9]))),
        (f"row {FAR:,} of a fresh list", far),
        (f"row {FAR:,} again", page(nothing, offset=FAR, until=moment)),
    ]


def row(name: str, ask: Callable[[Actor], object], recorder: Recorder, plain: Any, runs: int) -> None:
    ours, theirs = [], []
    asked: list[tuple[str, Mapping[str, object]]] = []
    for turn in range(runs + 1):  # the first one warms up
        recorder.asked = []
        took = timed(lambda: ask(ACTOR))
        asked = recorder.asked or asked
        direct = timed(partial(directly, plain, asked))
        if turn:
            ours.append(took)
            theirs.append(direct)
    one, other = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    print(f"{name:34}{one:>9.1f}{other:>9.1f}{one / other:>7.2f}   {len(asked)}", flush=True)


def directly(plain: Any, asked: list[tuple[str, Mapping[str, object]]]) -> None:
    for sql, params in asked:
        plain.execute(sql, bound(params)).to_arrow_table()


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def export_all(folder: Path, rows: int) -> None:
    """Each kind of file made in a process of its own, so that its peak of memory is its own."""
    with served(Settings(data=folder)):
        for form in FORMATS:
            command = [sys.executable, "-m", "bench.journal", "--data", str(folder), "--export", str(rows)]
            subprocess.run([*command, "--form", form], check=True)


def export_one(folder: Path, rows: int, form: str) -> None:
    """One file of at most so many rows, as the web process makes it; the chunks are counted and dropped."""
    began, before = time.perf_counter(), peak_mb()
    with client_of(Settings(data=folder), TokenKind.RW) as store, speaking("ru"):
        journal = CallJournal(store, site=SITE)
        blocks = journal.export(ACTOR, CallFilter(), as_of=datetime.now(UTC))
        file = export_calls(form, first(blocks, rows), zone=SITE.zone)
        first_s, size = 0.0, 0
        for chunk in file.chunks:
            first_s = first_s or time.perf_counter() - began
            size += len(chunk)
    took = time.perf_counter() - began
    print(
        f"{form:8}{rows:>10,} rows {size / 1e6:8.1f} MB in {took:6.1f} s, first bytes after {first_s:5.1f} s, "
        f"{peak_mb():,.0f} MB of memory at most ({before:,.0f} before)",
        flush=True,
    )


def first(blocks: Iterable[tuple[CallRow, ...]], rows: int) -> Iterator[tuple[CallRow, ...]]:
    for block in blocks:
        yield block[:rows]
        rows -= len(block)
        if rows <= 0:
            return


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
