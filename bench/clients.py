"""How quickly a list of clients is paged and searched, beside plain DuckDB: interleaved runs, medians.

    python -m bench.clients --clients 500000

Builds that many clients, half of them with a contact person, each with a number, in a temporary folder,
serves them from a process of its own, and asks what the page /clients asks. The plain side runs the same
statements on a copy of the file in this process: what is above it is the price of the service. Limit: 100 ms.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.store import _SERVE, ACTOR
from data.identity.actor import Actor
from data.services.client_list import ClientFilter, ClientSort, client_page, count_clients
from data.settings import Settings, Site
from data.store.client import client_of
from data.store.database import Database
from data.store.protocol import Store
from data.store.tokens import TokenKind

LIMIT_MS = 100
SITE = Site()

_ACCOUNTS = """
select
    uuid() as account_id,
    ['ООО «Ромашка ', 'Иванов Пётр ', 'ИП Сидоров ', 'Астра Плюс ', 'Мебельный Дом ', 'Стройка и Ко '][1 + i % 6]
        || hash(i) % 100000 || '»' as name,
    lower(replace(name, 'ё', 'е')) as folded,
    if(i % 6 = 1, 'person', 'organisation') as kind,
    timestamptz '2024-01-01 00:00:00+00' + to_seconds(i * 60) as created_at,
    'bench' as created_by,
    timestamptz '2024-01-01 00:00:00+00' + to_seconds(hash(i) % 40000000) as changed_at,
    'bench' as changed_by,
    'a note of some length, as people write them, about client ' || i as notes,
    i::varchar as external_id
from range($clients) as numbers(i)
"""
_CONTACTS = """
select
    uuid() as contact_id,
    account_id,
    'Смирнов Олег ' || hash(name) % 1000 as name,
    lower(name) as folded,
    created_at,
    created_by,
    changed_at,
    changed_by
from made
where hash(external_id) % 2 = 0
"""
_NUMBERS = """
select
    uuid() as assignment_id,
    '79' || lpad((hash(external_id) % 1000000000)::varchar, 9, '0') as number,
    account_id,
    created_at as from_at,
    'bench' as assigned_by
from made
"""
_SEEN = """
select
    number,
    number as raw,
    'mobile' as number_class,
    1 as rule_version,
    from_at as last_call_at
from made
"""


class Plain:
    """A store that is nothing but DuckDB in this process."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def query(self, sql: str, params: Mapping[str, object] | None = None, *, actor: Actor, **_: object) -> pa.Table:
        return self._cursor.execute(sql, dict(params or {})).to_arrow_table()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), options.clients, options.runs)


def measure(folder: Path, clients: int, runs: int) -> int:
    """Print the table; 1 where something took longer than the limit."""
    settings = Settings(data=folder / "var")
    began = time.perf_counter()
    build(settings, clients)
    print(f"{clients} clients made in {time.perf_counter() - began:.1f} s")
    shutil.copyfile(settings.data / "calls.duckdb", folder / "plain.duckdb")
    server = subprocess.Popen([sys.executable, "-c", _SERVE, str(settings.data)], stdout=subprocess.DEVNULL)
    try:
        with client_of(settings, TokenKind.RW) as client, duckdb.connect(folder / "plain.duckdb") as plain:
            if not client.wait_ready(60):
                raise SystemExit("the store did not start")
            print(f"{'':34}{'plain, ms':>12}{'store, ms':>12}{'ratio':>8}")
            return report(client, Plain(plain), runs)  # type: ignore[arg-type]
    finally:
        server.terminate()
        server.wait()


def build(settings: Settings, clients: int) -> None:
    """A database with that many clients."""
    with Database(settings.data) as database, duckdb.connect() as maker:
        made = maker.execute(_ACCOUNTS, {"clients": clients}).to_arrow_table()
        database.append("account", made, actor=ACTOR)
        database.append("contact", maker.execute(_CONTACTS).to_arrow_table(), actor=ACTOR)
        made = maker.execute(_NUMBERS).to_arrow_table()
        database.append("phone_assignment", made, actor=ACTOR)
        database.append("number", maker.execute(_SEEN).to_arrow_table(), actor=ACTOR)


def report(store: Store, plain: Store, runs: int) -> int:
    """Alternate both, print medians, and say where the limit is passed; 1 where it is."""
    slow = False
    far = middle(store)
    asked = {
        "first page by name": (ClientFilter(), None),
        "page in the middle by name": (ClientFilter(), far),
        "first page by last change": (ClientFilter(sort=ClientSort.CHANGED, descending=True), None),
        "search: part of a name": (ClientFilter(search="ромашка 777"), None),
        "search: a third of all": (ClientFilter(search="ст"), None),
        "search: part of a number": (ClientFilter(search="+7 912 345"), None),
        "search: nobody": (ClientFilter(search="такого нет"), None),
    }
    for name, (wanted, after) in asked.items():
        spent: dict[str, list[float]] = {"plain": [], "store": []}
        for _ in range(runs + 2):
            for side, asks in (("plain", plain), ("store", store)):
                began = time.perf_counter()
                client_page(asks, ACTOR, wanted, site=SITE, after=after)
                spent[side].append(1000 * (time.perf_counter() - began))
        slow |= line(name, spent)
    spent = {"plain": [], "store": []}
    for _ in range(runs + 2):
        for side, asks in (("plain", plain), ("store", store)):
            began = time.perf_counter()
            count_clients(asks, ACTOR, ClientFilter(search="ромашка 777"), site=SITE)
            spent[side].append(1000 * (time.perf_counter() - began))
    slow |= line("count of a search", spent)
    return int(slow)


def line(name: str, spent: dict[str, list[float]]) -> bool:
    """Print one row of the table; whether it is above the limit."""
    plain, ours = (statistics.median(spent[side][2:]) for side in ("plain", "store"))
    over = "" if ours <= LIMIT_MS else f"   above {LIMIT_MS} ms"
    print(f"{name:34}{plain:12.1f}{ours:12.1f}{ours / plain:7.2f}x{over}")
    return bool(over)


def middle(store: Store) -> str | None:
    """A cursor deep in the list."""
    page = client_page(store, ACTOR, ClientFilter(search="ромашка"), site=SITE, limit=1)
    return page.after


if __name__ == "__main__":
    sys.exit(main())
