"""Imports logs of channel events: the assembler of live events puts the calls together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from data.model import CallFacts
from ingest.assembler import Assembler, Office
from ingest.assembler.times import moment
from ingest.imports.feeds import Feed, FileFeed
from ingest.imports.filling import Covered
from ingest.imports.merging import ACTOR, Merger
from ingest.imports.progress import Report, Watch, unwatched
from ingest.sources.cel_files import cel_message
from ingest.stream import Message

TAKE_EVERY = 5_000  # rows


class CelImport:
    """One run over some files of one PBX."""

    def __init__(
        self, merger: Merger, *, folder: Path, zone: ZoneInfo, office: Office, watch: Watch = unwatched
    ) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._folder = folder
        self._zone = zone
        self._office = office
        self._watch = watch
        self._covered = Covered()

    def run(self, paths: Sequence[Path]) -> Report:
        """Import files one after the other, going on where an earlier run stopped."""
        parse = partial(cel_message, zone=self._zone)
        for path in paths:
            feed = FileFeed(path, parse, kind="cel", pbx=self._merger.pbx, folder=self._folder)
            first = feed.first()
            self.read(feed, since=first.received_at if first is not None else None)
        return self.report

    def read(self, feed: Feed[Message], *, since: float | None = None) -> Report:
        """Import one source, whatever it is, and close it. since: from when on it tells everything."""
        try:
            if since is not None:
                self._covered.reach(since)
            self._read(feed)
            self.report.filled_gaps += self._covered.fill_gaps(
                self._merger.store, self._merger.pbx, self._merger.source, actor=ACTOR
            )
        finally:
            feed.close()
        return self.report

    def _read(self, feed: Feed[Message]) -> None:
        assembler = Assembler(self._office, pbx=self._merger.pbx)
        at = 0.0
        for message in feed.items(self.report):
            if not at:
                assembler.connected(moment(message.received_at), message.sequence)
            at = max(at, message.received_at)
            self._covered.reach(message.received_at)
            assembler.feed(message)
            if self.report.rows and self.report.rows % TAKE_EVERY == 0:
                self._take(assembler)
                _save(feed, assembler)
                self._watch(feed.name, self.report, feed.done_share)
        self._take(assembler)
        _save(feed, assembler)  # what is open may go on in a source that grows
        if at:
            assembler.finish(moment(at))
            self._take(assembler)
        self._watch(feed.name, self.report, 1.0)

    def _take(self, assembler: Assembler) -> None:
        """Store what is finished. Gaps and presence are not told by channel events."""
        batch = assembler.take(live=False)
        self._merger.write([without_positions(facts) for facts in batch.calls], datetime.now(UTC))


def _save(feed: Feed[Message], assembler: Assembler) -> None:
    oldest = assembler.oldest_open()
    feed.save(None if oldest is None else oldest - 1)  # sequences begin with 1


def without_positions(facts: CallFacts) -> CallFacts:
    """The same facts without their places in a file: `events` are places in the journal."""
    return replace(
        facts,
        call=replace(facts.call, events=()),
        legs=tuple(replace(part, events=()) for part in facts.legs),
        queue_visits=tuple(replace(part, events=()) for part in facts.queue_visits),
        transfers=tuple(replace(part, events=()) for part in facts.transfers),
        recordings=tuple(replace(part, events=()) for part in facts.recordings),
        intervals=tuple(replace(part, events=()) for part in facts.intervals),
    )
