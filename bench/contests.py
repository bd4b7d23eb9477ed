"""The questions of the reports, each beside the SQL that somebody would write for it by hand.

By hand a day is the offset of Moscow added once (a zone without clock changes), which is the quickest way there
is. Both must give the same numbers: `differing` tells where they do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from data.identity.actor import Actor
from data.metrics.compiler import Largest
from data.metrics.load import load
from data.metrics.measure import Asked, largest_of, measure
from data.metrics.periods import Period
from data.metrics.report import REPORTS
from data.queries import bound
from data.settings import Site
from data.store.client import StoreClient

_SQL = Path(__file__).parent / "sql"
_NEAR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """The same numbers by the catalogue and by hand; rolled: over dimensions that the daily rollup knows.

    postgresql, mariadb: the file with what their tables can tell of it.
    """

    name: str
    file: str
    metrics: Sequence[str]
    by: Sequence[str] = ()
    rolled: bool = False
    largest: Largest | None = None
    postgresql: str | None = None
    mariadb: str | None = None

    def ask(self, store: StoreClient, period: Period, site: Site, actor: Actor, now: datetime) -> pd.DataFrame:
        """Through the store, as a page does it."""
        if self.name == "load":
            return load(store, period, site=site, actor=actor, now=now)
        if self.largest:
            asked = Asked(period=period, site=site, actor=actor, now=now)
            return largest_of(store, self.metrics, by=self.by, asked=asked, largest=self.largest)
        return measure(
            store, self.metrics, by=self.by, from_on=period.from_on, to_on=period.to_on, site=site, actor=actor, now=now
        )

    def by_hand(self, plain: duckdb.DuckDBPyConnection, period: Period, site: Site, now: datetime) -> pd.DataFrame:
        sql, values = bound(_text(self.file), _bounds(period, site, now))
        return plain.execute(sql, values).df()

    def text_for(self, rival: str, period: Period, site: Site) -> str | None:
        """The statement for another database, its values written out; None: its tables cannot tell."""
        file = {"postgresql": self.postgresql, "mariadb": self.mariadb}[rival]
        if file is None:
            return None
        sql = _text(file)
        places = {
            "$from_at": f"'{period.from_at(site.zone)}'",
            "$until_at": f"'{period.until_at(site.zone)}'",
            "$from_local": f"'{period.from_on}'",
            "$until_local": f"'{period.to_on}'",
        }
        for place, value in places.items():
            sql = sql.replace(place, value)
        return sql


def _of(name: str, file: str | None = None, **more: str | bool | Largest | None) -> Contest:
    """The report `name` as it is asked unless somebody says otherwise."""
    report = REPORTS[name]
    return Contest(name=name, file=file or name, metrics=report.metrics, by=report.by, **more)  # type: ignore[arg-type]


_FATES = ("accepted", "missed", "successful", "failed")

CONTESTS = (
    Contest(
        name="calls by day", file="calls", metrics=_FATES, by=("day",), rolled=True,
        postgresql="calls", mariadb="calls_mariadb",
    ),
    Contest(
        name="outcomes by queue", file="outcomes", metrics=("calls", "accepted", "missed", "talk"),
        by=("queue", "outcome"), rolled=True, postgresql="outcomes",
    ),
    _of("places"),
    _of("hours", postgresql="hours"),
    Contest(name="heat map", file="heat", metrics=("external",), by=("weekday", "hour"), postgresql="heat"),
    _of("channels"),
    Contest(
        name="employees", file="employees", metrics=(*_FATES, "talk"), by=("employee",),
        postgresql="phones", mariadb="phones_mariadb",
    ),
    Contest(
        name="rings", file="rings", metrics=("offers", "offers_answered", "offers_missed"), by=("employee",),
    ),
    _of("clients", largest=Largest(metric="calls", most=25)),
    _of("leads"),
    _of("missed"),
    _of("service"),
    Contest(name="waits by queue", file="queues", metrics=("answered", "asa", "wait_p90"), by=("queue",)),
    Contest(name="load", file="load", metrics=("peak", "erlangs"), by=("day",)),
    _of("recovery"),
    _of("repeats"),
    _of("quality"),
)  # fmt: skip


def differing(ours: pd.DataFrame, theirs: pd.DataFrame) -> str | None:
    """Where two answers differ, in words: rows, or the first number; None: they agree."""
    if ours.shape != theirs.shape:
        return f"{ours.shape} rows and columns, by hand {theirs.shape}"
    mine, other = _sorted(ours), _sorted(theirs)
    for row, (left, right) in enumerate(zip(mine, other, strict=True)):
        for column, one, two in zip(ours.columns, left, right, strict=True):
            if not _same(one, two):
                return f"{column} in row {row}: {one!r}, by hand {two!r}"
    return None


def _sorted(frame: pd.DataFrame) -> list[list[object]]:
    rows = [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return sorted(rows, key=lambda row: [str(value) for value in row[:2]])


def _plain(value: object) -> object:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return pd.Timestamp(value).date() if isinstance(value, datetime) else value


def _same(one: object, two: object) -> bool:
    if isinstance(one, str) or isinstance(two, str) or one is None or two is None:
        return one == two
    try:
        return math.isclose(float(one), float(two), rel_tol=_NEAR, abs_tol=_NEAR)  # type: ignore[arg-type]
    except TypeError:
        return str(one) == str(two)


def _bounds(period: Period, site: Site, now: datetime) -> Mapping[str, object]:
    return {"from_at": period.from_at(site.zone), "until_at": period.until_at(site.zone), "as_of": now}


def _text(file: str) -> str:
    return (_SQL / f"{file}.sql").read_text("utf-8").strip()
