"""Looks after what a PBX writes of its own: follows its queue log, fills gaps, checks every finished day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

import structlog

from data.errors import ImportFailed, StoreError
from data.queries import read
from data.settings import Pbx, Settings
from data.store.protocol import Store
from ingest.assembler.office import Office
from ingest.daybook import ACTOR, Day
from ingest.gap_filling import GapFiller
from ingest.gap_sources import gap_sources
from ingest.imports.members import Members
from ingest.imports.queue_merging import QueueMerger
from ingest.queue_check import QueueCheck
from ingest.queue_follower import QueueFollower
from ingest.records import queue_lines, records_of
from ingest.selfcheck import SelfCheck
from ingest.sources.cdr import CdrLine

log = structlog.get_logger()

FOLDER = "imports"  # of the data folder: how far each source has been read, and its bad rows
_LOOK_S = 5.0
_FILL_EVERY = timedelta(minutes=1)
_CHECK_AFTER = time(3)  # o'clock of the site: by then the calls of the day before have their records
_COMPLAIN_EVERY = timedelta(minutes=10)


class RecordsKeeper:
    """All of that for one PBX, run by one thread."""

    def __init__(self, pbx: Pbx, settings: Settings, store: Store) -> None:
        self._pbx = pbx
        self._site = settings.site
        self._store = store
        self._office = Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions)
        self._records = records_of(pbx, settings)
        self._filler = GapFiller(store, gap_sources(pbx, settings, self._records), pbx=pbx.name, site=self._site)
        self._follower: QueueFollower | None = None
        if pbx.records.queue_log is not None:
            members = Members({}, self._office)
            merger = QueueMerger(store, pbx.name, self._site, self._office, members, only_in=[])
            self._follower = QueueFollower(pbx.records.queue_log, merger, folder=settings.data / FOLDER)
        self._filled_at = self._complained_at = datetime(1, 1, 1, tzinfo=UTC)
        self._checked_on: date | None = None

    def run(self, stop: threading.Event) -> None:
        """Look now and then until `stop` is set."""
        while not stop.wait(_LOOK_S):
            self.look(datetime.now(UTC))
        if self._follower is not None:
            self._follower.close()

    def look(self, now: datetime) -> None:
        """Do what is due. Trouble is told and tried again: the events of the PBX must not wait for its files."""
        if self._follower is not None:
            follower = self._follower
            self._try(lambda: follower.step(now), now)
        if now - self._filled_at >= _FILL_EVERY:
            self._filled_at = now
            self._try(lambda: self._filler.run(now), now)
        local = now.astimezone(self._site.zone)
        yesterday = local.date() - timedelta(days=1)
        if local.time() >= _CHECK_AFTER and self._checked_on != yesterday:
            self._checked_on = yesterday
            self._try(lambda: self.check(yesterday, now), now)

    def check(self, day: date, now: datetime) -> list[Day]:
        """Compare a day with everything there is, unless that was done; what was found."""
        begin = datetime.combine(day, time(), self._site.zone).timestamp()
        end = datetime.combine(day + timedelta(days=1), time(), self._site.zone).timestamp()
        checked: list[Day] = []
        if not self._is_checked(day, "cdr"):
            for records in self._records:
                lines = iter(records.between(begin, end))
                around = list(_until_within(lines, begin, end))
                # Records of the hours around it alone say nothing of the day.
                if around and _is_within(around[-1], begin, end):
                    work = SelfCheck(
                        self._store, pbx=self._pbx.name, site=self._site, office=self._office, from_on=day, to_on=day
                    )
                    checked += work.run(chain(around, lines), now)
                    break
        log_file = self._pbx.records.queue_log
        if log_file is not None and log_file.exists() and not self._is_checked(day, "queue_log"):
            queues = QueueCheck(
                self._store, pbx=self._pbx.name, site=self._site, office=self._office, from_on=day, to_on=day
            )
            checked += queues.run(queue_lines(log_file, begin, end), now)
        _tell(self._pbx.name, checked)
        return checked

    def _is_checked(self, day: date, source: str) -> bool:
        params = {"pbx": self._pbx.name, "source": source, "checked_on": day}
        return self._store.query(read("imports/checked_days"), params, actor=ACTOR).num_rows > 0

    def _try(self, step: Callable[[], object], now: datetime) -> None:
        try:
            step()
        except (ImportFailed, StoreError) as error:
            if now - self._complained_at >= _COMPLAIN_EVERY:
                self._complained_at = now
                log.warning("records of the PBX wait", pbx=self._pbx.name, reason=str(error))
        except Exception:  # whatever stands in a file of the PBX must not end the thread
            log.exception("records of the PBX skipped", pbx=self._pbx.name)


def _until_within(lines: Iterator[CdrLine], begin: float, end: float) -> Iterator[CdrLine]:
    """Lines up to the first one whose call touches the period."""
    for line in lines:
        yield line
        if _is_within(line, begin, end):
            return


def _is_within(line: CdrLine, begin: float, end: float) -> bool:
    return line.started_at < end and line.ended_at >= begin


def _tell(pbx: str, days: Iterable[Day]) -> None:
    for day in days:
        if day.unexplained:
            log.warning(
                "calls differ from the PBX's own records", pbx=pbx, day=str(day.checked_on), calls=day.unexplained
            )
