"""`data.connect()`: the office's calls for notebooks and scripts, read-only, live while everything runs.

    office = data.connect()                            # the store of the settings, else of the folder var/
    office.query("select direction, count(*) from call group by all")
    office.measure("service_level", by=["queue"], from_on="2026-11-01", to_on="2026-12-01")

Numbers of people are pseudonyms unless the token allows more, and the store keeps its limits of time and
rows, so that an analysis cannot stand in the way of the office.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import SettingsError, StoreLocked
from data.identity.actor import Actor, Role
from data.metrics.compiler import piece
from data.metrics.gaps import gaps_between
from data.metrics.measure import episodes, measure
from data.metrics.periods import Period, Step, local_day, next_start
from data.metrics.reads import Reads
from data.metrics.report import report_frame
from data.metrics.titles import with_titles
from data.services.directory import site_in_force
from data.settings import Settings, Site, read_settings
from data.store.client import StoreClient
from data.store.database import Database
from data.store.files import LOCK, TOKENS, read_address
from data.store.locating import Endpoint
from data.store.lock import StoreLock
from data.store.opening import own_database
from data.store.protocol import Params
from data.store.tokens import FileTokenBook, Grant, TokenKind

Day = date | str
MONTHLY = ("call", "leg", "queue_visit")
_MONTH_ROWS = 5_000_000


class Analyst:
    """A read-only view of one office. Close it, or use it in a `with`."""

    def __init__(self, store: Reads, *, site: Site, actor: Actor, stack: ExitStack) -> None:
        self._store = store
        self._stack = stack
        self._settings_site = site
        self.actor = actor

    @cached_property
    def site(self) -> Site:
        """The office with the working hours of its directory, asked when they first matter."""
        return site_in_force(self._store, self._settings_site, self.actor)

    def query(self, sql: str, params: Params | None = None, *, max_rows: int = 1_000_000) -> pd.DataFrame:
        """The result of one SELECT with $named parameters. Tables: docs/data.md."""
        return self.arrow(sql, params, max_rows=max_rows).to_pandas()

    def arrow(self, sql: str, params: Params | None = None, *, max_rows: int = 1_000_000) -> pa.Table:
        """The same as an Arrow table, for Polars, DuckDB and large results."""
        return self._store.query(sql, params, actor=self.actor, max_rows=max_rows)

    def measure(
        self,
        *metrics: str,
        by: Sequence[str] = (),
        from_on: Day,
        to_on: Day,
        as_of: datetime | None = None,
        params: Mapping[str, float] | None = None,
        titles: bool = True,
    ) -> pd.DataFrame:
        """Metrics of the catalogue by its dimensions (docs/metrics.md); to_on is the day after the last.

        titles: names of employees, queues and clients instead of their keys.
        """
        period = _period(from_on, to_on)
        frame = measure(
            self._store,
            metrics,
            by=by,
            from_on=period.from_on,
            to_on=period.to_on,
            site=self.site,
            actor=self.actor,
            as_of=as_of,
            params=params,
        )
        return with_titles(frame, self._store, actor=self.actor) if titles else frame

    def report(self, name: str, *, from_on: Day, to_on: Day, by: Sequence[str] = ()) -> pd.DataFrame:
        """A report by name: the same numbers as on its page."""
        period = _period(from_on, to_on)
        return report_frame(
            self._store, name, from_on=period.from_on, to_on=period.to_on, site=self.site, actor=self.actor, by=by
        )

    def episodes(self, *, from_on: Day, to_on: Day, as_of: datetime | None = None) -> pd.DataFrame:
        """Runs of missed calls of one number, one row each: how they ended and after how many seconds."""
        return episodes(self._store, _period(from_on, to_on), site=self.site, actor=self.actor, as_of=as_of)

    def gaps(self, *, from_on: Day, to_on: Day) -> pd.DataFrame:
        """Times when nobody listened to the PBX."""
        return gaps_between(self._store, _period(from_on, to_on), site=self.site, actor=self.actor)

    def days(self) -> Period | None:
        """The local days from which there are calls; None without any."""
        row = self.arrow("select min(started_at) as first_at, max(started_at) as last_at from call").to_pylist()[0]
        if row["first_at"] is None:
            return None
        first, last = (local_day(row[name], self.site.zone) for name in ("first_at", "last_at"))
        return Period(from_on=first, to_on=next_start(last, Step.DAY))

    def closed_months(self, folder: Path | str, *, now: datetime | None = None) -> list[Path]:
        """Every month finished by `now` as Parquet, one file a table and month, made once; the files for heavy work.

        Calls that are imported later do not change a file: remove it to have it made anew.
        """
        days, today = self.days(), local_day(now or datetime.now(UTC), self.site.zone)
        if days is None:
            return []
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        files = []
        for first in days.starts(Step.MONTH):
            after = next_start(first, Step.MONTH)
            if after <= today:
                files += [self._month_file(target, table, Period(from_on=first, to_on=after)) for table in MONTHLY]
        return files

    def _month_file(self, folder: Path, table: str, month: Period) -> Path:
        file = folder / f"{table}_{month.from_on:%Y-%m}.parquet"
        if not file.exists():
            bounds = {"from_at": month.from_at(self.site.zone), "until_at": month.until_at(self.site.zone)}
            draft = file.with_suffix(".draft")
            pq.write_table(self.arrow(piece(f"month_{table}"), bounds, max_rows=_MONTH_ROWS), draft)
            draft.replace(file)
        return file

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(
    folder: Path | str | None = None, *, url: str | None = None, token: str | None = None, masked: bool = True
) -> Analyst:
    """A read-only connection: to the store at `url` with the token that an administrator issued; else to the
    data folder, whether its store runs or not, for whoever may read that folder.

    masked: pseudonyms instead of numbers and names of clients; a token of its own decides by itself.
    Raises SettingsError, StoreUnavailable, StoreLocked, NotAllowed.
    """
    settings = read_settings(data=Path(folder) if folder is not None else None)
    address = url or settings.store.url
    shown = token or (settings.store.token.get_secret_value() if settings.store.token else "")
    role = Role.ANALYST if masked else Role.SUPERVISOR
    actor = Actor(user=getpass.getuser(), role=role, name="notebook")
    with ExitStack() as stack:
        if address is not None:
            if not shown:
                raise SettingsError(
                    f"The store at {address} wants a token. Pass token=…, or set CALLBOARD_STORE__TOKEN."
                )
            store: Reads = stack.enter_context(StoreClient(lambda: Endpoint(url=address, token=shown)))
        else:
            store = _of_folder(settings, Grant(kind=TokenKind.RO, actor=actor, masked=masked), shown, stack)
        return Analyst(store, site=settings.site, actor=actor, stack=stack.pop_all())


class _Fenced:
    """A database of this process as the analyst of a grant sees it."""

    def __init__(self, database: Database, grant: Grant) -> None:
        self._database = database
        self._grant = grant

    def query(
        self, sql: str, params: Params | None = None, *, actor: Actor, timeout_s: float = 30.0, max_rows: int = 200_000
    ) -> pa.Table:
        return self._database.query_for(self._grant, sql, params, timeout_s=timeout_s, max_rows=max_rows)


def _of_folder(settings: Settings, grant: Grant, token: str, stack: ExitStack) -> Reads:
    """The store that runs on the folder, by a token that ends with the connection; else the database itself."""
    if not settings.data.is_dir():
        raise SettingsError(f"There is no data folder {settings.data}. Name it: data.connect('path/to/var').")
    try:
        stack.enter_context(StoreLock(settings.data / LOCK).acquire())
    except StoreLocked:
        return _running(settings, grant, token, stack)
    return _Fenced(stack.enter_context(own_database(settings)), grant)


def _running(settings: Settings, grant: Grant, token: str, stack: ExitStack) -> StoreClient:
    if not token and grant.actor is not None:
        book = FileTokenBook(settings.data / TOKENS)
        token = book.issue(grant.actor, masked=grant.masked)
        stack.callback(book.revoke, grant.actor.user)

    def locate() -> Endpoint:
        # Asked again after a restart of the store, which may then listen elsewhere.
        address = read_address(settings.data)
        if address is None or address.url is None:
            raise SettingsError(f"Another command works on {settings.data} alone. Try again when it is done.")
        certificate = Path(address.certificate).read_bytes() if address.certificate else None
        return Endpoint(url=address.url, token=token, certificate=certificate)

    return stack.enter_context(StoreClient(locate))


def _period(from_on: Day, to_on: Day) -> Period:
    first, after = (date.fromisoformat(day) if isinstance(day, str) else day for day in (from_on, to_on))
    return Period(from_on=first, to_on=after)
