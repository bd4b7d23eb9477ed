"""Follows the queue log of a running PBX: while it grows, and when it is rotated, cut or not there for a while."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog

from data.errors import ImportFailed
from data.queries import read
from ingest.imports.attendance import Attendance, store_attendance
from ingest.imports.explaining import Gaps
from ingest.imports.feeds import FileFeed
from ingest.imports.filling import Covered
from ingest.imports.members import known_members
from ingest.imports.merging import ACTOR
from ingest.imports.progress import Report
from ingest.imports.queue_calls import SOURCE
from ingest.imports.queue_merging import QueueMerger
from ingest.imports.queue_story import HELD_S, QueueCall, QueueStory
from ingest.records import written_at
from ingest.sources.queue_log import QueueLine, queue_line

log = structlog.get_logger()

SETTLED_S = 120.0  # so long after his last line a caller is compared with what live events told


class QueueFollower:
    """One log of one PBX. Callers whom nobody else knows come in only where nobody listened."""

    def __init__(self, path: Path, merger: QueueMerger, *, folder: Path, settled_s: float = SETTLED_S) -> None:
        self.report = Report(calls=merger.merged)
        self._path = path
        self._merger = merger
        self._folder = folder
        self._settled_s = settled_s
        self._feed: FileFeed[QueueLine] | None = None
        self._file = 0  # how many files were opened before
        self._story = QueueStory()
        self._attendance = Attendance()
        self._merged: dict[str, float] = {}  # callers by the time of the last line that was merged
        self._covered = Covered()

    def step(self, now: datetime) -> int:
        """Take what was written since; how many lines. Raises StoreError; a log that is not there is waited for."""
        count = 0
        while (feed := self._feed or self._open(now)) is not None:
            count += self._read(feed)
            if not feed.is_replaced(self._path):
                break
            # The rest of a log that was renamed has been read: the new one begins.
            self._settle(now)
            feed.close()
            self._feed = None
        self._settle(now)
        return count

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()

    def _open(self, now: datetime) -> FileFeed[QueueLine] | None:
        try:
            feed = FileFeed(self._path, queue_line, kind="queue_log-live", pbx=self._merger.pbx, folder=self._folder)
        except ImportFailed as error:
            if self._path.exists():
                log.warning("queue log cannot be read", pbx=self._merger.pbx, reason=str(error))
            return None
        if feed.is_empty:
            feed.close()
            return None
        if not feed.is_known:
            feed.begin_at(now.timestamp() - HELD_S, written_at)
        if self._file == 0 and (first := feed.first()) is not None:
            self._covered.reach(first.at)
        self._file += 1
        self._feed = feed
        return feed

    def _read(self, feed: FileFeed[QueueLine]) -> int:
        count = 0
        for line in feed.items(self.report):
            self._story.add(line, self._file)
            self._attendance.add(line)
            self._covered.reach(line.at)
            count += 1
        return count

    def _settle(self, now: datetime) -> None:
        """Write what is over; keep how far that is."""
        before = now.timestamp() - self._settled_s
        over = [call for call in self._story.held() if _is_over(call, before) and self._is_news(call)]
        if over or self._attendance.has_news:
            self._merger.members = known_members(self._merger.store, self._merger.pbx, self._merger.office, actor=ACTOR)
            self._merger.only_in = self._gaps(over)
            self._merger.write(over, now)
            store_attendance(
                self._merger.store, self._attendance.take(), self._merger.members, pbx=self._merger.pbx, actor=ACTOR
            )
            self._covered.fill_gaps(self._merger.store, self._merger.pbx, SOURCE, actor=ACTOR)
        self._merged |= {call.uniqueid: call.seen_at for call in over}
        for call in self._story.forget(now.timestamp()):
            self._merged.pop(call.uniqueid, None)
        if self._feed is not None:
            self._feed.save(self._story.oldest(self._file))

    def _is_news(self, call: QueueCall) -> bool:
        return self._merged.get(call.uniqueid) != call.seen_at

    def _gaps(self, calls: list[QueueCall]) -> Gaps:
        if not calls:
            return []
        params = {
            "pbx": self._merger.pbx,
            "from_at": datetime.fromtimestamp(min(call.started_at for call in calls), UTC),
            "until_at": datetime.fromtimestamp(max(call.seen_at for call in calls), UTC),
        }
        rows = self._merger.store.query(read("imports/gaps_of_period"), params, actor=ACTOR).to_pylist()
        return [(row["started_at"], row["ended_at"]) for row in rows]


def _is_over(call: QueueCall, before: float) -> bool:
    return bool(call.stays) and not call.is_open and call.seen_at <= before
