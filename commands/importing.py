"""The work behind `import`, a function per kind of record; it brings the database engine with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from commands.imports import FOLDER, named_pbx, office_of, zone_of
from data.errors import SettingsError
from data.settings import Pbx, Settings
from data.store.opening import open_store
from ingest.imports.cdr_import import CdrImport
from ingest.imports.cel_import import CelImport
from ingest.imports.event_records import EventFeed
from ingest.imports.members import known_members
from ingest.imports.merging import ACTOR, Merger
from ingest.imports.mikopbx_import import SOURCE, MikoPbxImport
from ingest.imports.progress import Report, Watch
from ingest.imports.queue_import import QueueImport
from ingest.imports.queue_merging import QueueMerger
from ingest.imports.record_import import RecordImport
from ingest.imports.tables import CdrTable, CelTable
from ingest.sources.freepbx import CdrRows, CelRows, RecordsDatabase
from ingest.sources.mikopbx import MikoPbx


def _cdr(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    return _calls(CdrImport, "cdr", options, settings, watch)


def _cel(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    return _calls(CelImport, "cel", options, settings, watch)


def _queue_log(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    pbx = named_pbx(settings, options.pbx)
    office = office_of(pbx)
    with open_store(settings) as store:
        members = known_members(store, pbx.name, office, actor=ACTOR)
        merger = QueueMerger(store, pbx.name, settings.site, office, members)
        return QueueImport(merger, folder=settings.data / FOLDER, watch=watch).run(options.files)


def _freepbx(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    pbx = named_pbx(settings, options.pbx)
    with _database(pbx) as database, open_store(settings) as store:
        rows = CdrRows(database, pbx.database.cdr_table)
        zone = zone_of(options.timezone, pbx, settings)
        feed = CdrTable(rows, pbx.database, zone, pbx=pbx.name, folder=settings.data / FOLDER)
        merger = Merger(store, pbx.name, settings.site, "cdr")
        return RecordImport(merger, office=office_of(pbx), watch=watch).run(feed, since=feed.since())


def _freepbx_cel(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    pbx = named_pbx(settings, options.pbx)
    folder, zone = settings.data / FOLDER, zone_of(options.timezone, pbx, settings)
    with _database(pbx) as database, open_store(settings) as store:
        feed = CelTable(CelRows(database, pbx.database.cel_table), pbx.database, zone, pbx=pbx.name, folder=folder)
        merger = Merger(store, pbx.name, settings.site, "cel")
        work = CelImport(merger, folder=folder, zone=zone, office=office_of(pbx), watch=watch)
        return work.read(feed)


def _cdr_events(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    pbx = named_pbx(settings, options.pbx)
    zone = zone_of(options.timezone, pbx, settings)
    feed = EventFeed(settings.data / "journal" / pbx.name, zone, pbx=pbx.name, folder=settings.data / FOLDER)
    with open_store(settings) as store:
        merger = Merger(store, pbx.name, settings.site, "cdr")
        # They came only while we listened: a gap is not filled by them, but calls that it cut are completed.
        return RecordImport(merger, office=office_of(pbx), watch=watch).run(feed, since=None)


def _mikopbx(options: argparse.Namespace, settings: Settings, watch: Watch) -> Report:
    pbx = _with_rest(settings, options.pbx)
    zone = zone_of(options.timezone, pbx, settings)
    with open_store(settings) as store, MikoPbx(pbx) as rest:
        merger = Merger(store, pbx.name, settings.site, SOURCE)
        work = MikoPbxImport(merger, rest, folder=settings.data / FOLDER, zone=zone, office=office_of(pbx), watch=watch)
        return work.run()


def _with_rest(settings: Settings, name: str | None) -> Pbx:
    found = next((pbx for pbx in settings.pbx if pbx.rest_url and name in (None, pbx.name)), None)
    if found is None:
        which = "No PBX has a rest_url" if name is None else f"PBX {name!r} has no rest_url"
        raise SettingsError(f"{which} in the settings. Add rest_url and rest_key to its [[pbx]].")
    return found


@contextmanager
def _database(pbx: Pbx) -> Iterator[RecordsDatabase]:
    if not pbx.database.is_set:
        raise SettingsError(
            f"PBX {pbx.name} has no database in the settings. Set host (or socket) in its section [pbx.database]."
        )
    with closing(RecordsDatabase(pbx.database)) as database:
        yield database


def _calls(
    kind: type[CdrImport | CelImport], source: str, options: argparse.Namespace, settings: Settings, watch: Watch
) -> Report:
    pbx = named_pbx(settings, options.pbx)
    zone = zone_of(options.timezone, pbx, settings)
    office = office_of(pbx)
    with open_store(settings) as store:
        merger = Merger(store, pbx.name, settings.site, source)
        work = kind(merger, folder=settings.data / FOLDER, zone=zone, office=office, watch=watch)
        return work.run(options.files)


READERS: dict[str, Callable[[argparse.Namespace, Settings, Watch], Report]] = {
    "cdr": _cdr,
    "cel": _cel,
    "queue_log": _queue_log,
    "freepbx": _freepbx,
    "freepbx-cel": _freepbx_cel,
    "cdr-events": _cdr_events,
    "mikopbx": _mikopbx,
}
