"""Imports queue logs: callers' stays, and the presence and pauses of members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.imports.attendance import Attendance, store_attendance
from ingest.imports.feeds import FileFeed
from ingest.imports.filling import Covered
from ingest.imports.merging import ACTOR
from ingest.imports.progress import Report, Watch, unwatched
from ingest.imports.queue_calls import SOURCE
from ingest.imports.queue_merging import QueueMerger
from ingest.imports.queue_story import QueueCall, QueueStory
from ingest.sources.queue_log import QueueLine, queue_line

BATCH = 2_000  # callers in a transaction
_STEP = 5_000  # lines between two tellings of the progress


class QueueImport:
    """One run over some files of one PBX, oldest first."""

    def __init__(self, merger: QueueMerger, *, folder: Path, watch: Watch = unwatched) -> None:
        self.report = Report(calls=merger.merged)
        self._merger = merger
        self._folder = folder
        self._watch = watch
        self._story = QueueStory()
        self._attendance = Attendance()
        self._covered = Covered()
        self._ready: list[QueueCall] = []
        self._feeds: list[FileFeed[QueueLine]] = []

    def run(self, paths: Sequence[Path]) -> Report:
        """Import them, going on where an earlier run stopped. Raises ImportFailed, StoreError."""
        self._feeds = sorted((self._feed(path) for path in paths), key=_first_at)
        try:
            for file, feed in enumerate(self._feeds):
                if (since := _first_at(feed)) > 0:
                    self._covered.reach(since)
                self._read(feed, file)
            # What is held may go on in a file that grows: it is read again then.
            self._save()
            self._ready += self._story.rest()
            self._write()
            self.report.filled_gaps = self._covered.fill_gaps(self._merger.store, self._merger.pbx, SOURCE, actor=ACTOR)
        finally:
            for feed in self._feeds:
                feed.close()
        return self.report

    def _feed(self, path: Path) -> FileFeed[QueueLine]:
        return FileFeed(path, queue_line, kind="queue_log", pbx=self._merger.pbx, folder=self._folder)

    def _read(self, feed: FileFeed[QueueLine], file: int) -> None:
        for line in feed.items(self.report):
            self._story.add(line, file)
            self._attendance.add(line)
            self._covered.reach(line.at)
            self._ready += self._story.finished()
            if len(self._ready) >= BATCH:
                self._save()
            if self.report.rows % _STEP == 0:
                self._watch(feed.name, self.report, feed.done_share)
        self._watch(feed.name, self.report, 1.0)

    def _save(self) -> None:
        self._write()  # a caller who is neither held nor written would be lost
        store_attendance(
            self._merger.store, self._attendance.take(), self._merger.members, pbx=self._merger.pbx, actor=ACTOR
        )
        for file, feed in enumerate(self._feeds):
            feed.save(self._story.oldest(file))

    def _write(self) -> None:
        for start in range(0, len(self._ready), BATCH):
            self._merger.write(self._ready[start : start + BATCH], datetime.now(UTC))
        self._ready.clear()


def _first_at(feed: FileFeed[QueueLine]) -> float:
    """When a file begins."""
    first = feed.first()
    return first.at if first is not None else 0.0
