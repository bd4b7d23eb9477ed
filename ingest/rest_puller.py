"""Keeps what a PBX tells over REST up to date: its call records every few minutes, its directory every hour.

So calls that nobody heard come in by themselves, and the gap is filled. A PBX that does not answer is asked again
at the next time; nothing else waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog

from data.errors import CallboardError, PbxError
from data.identity.actor import system
from data.services.directory import take_in
from data.services.directory_entries import Source
from data.settings import Pbx, Settings
from data.store.protocol import Store
from ingest.assembler import Office
from ingest.imports.merging import Merger
from ingest.imports.mikopbx_import import SOURCE, MikoPbxImport
from ingest.sources.mikopbx import MikoPbx
from ingest.sources.mikopbx_directory import entries_of

log = structlog.get_logger()

ACTOR = system("ingest")
_DIRECTORY_S = 3600.0


class _Pause:
    """Waits, and no longer than until `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def __call__(self, seconds: float) -> None:
        self._stop.wait(seconds)


class RestPuller:
    """One PBX, asked again and again."""

    def __init__(
        self, pbx: Pbx, settings: Settings, store: Store, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pbx = pbx
        self._settings = settings
        self._store = store
        self._clock = clock
        self._learned_at: float | None = None
        self._trouble = ""

    def run(self, stop: threading.Event) -> None:
        """Ask at once, and then every `rest_minutes`, until `stop` is set."""
        while not stop.is_set():
            try:
                self.pull(_Pause(stop))
                self._trouble = ""
            except CallboardError as error:
                if str(error) != self._trouble:  # once, as long as it is the same
                    self._trouble = str(error)
                    log.warning("nothing came over REST", pbx=self._pbx.name, reason=self._trouble)
            except Exception:
                log.exception("asking over REST failed", pbx=self._pbx.name)
            stop.wait(self._pbx.rest_minutes * 60.0)

    def pull(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """Ask once. Raises PbxUnreachable, PbxLoginRefused, StoreError."""
        with MikoPbx(self._pbx, sleep=sleep) as rest:
            if self._learned_at is None or self._clock() - self._learned_at >= _DIRECTORY_S:
                self._learn(rest)
                self._learned_at = self._clock()
            office = Office(trunks=tuple(self._pbx.trunks), extensions=self._pbx.extensions)
            report = MikoPbxImport(
                Merger(self._store, self._pbx.name, self._settings.site, SOURCE),
                rest,
                folder=self._settings.data / "imports",
                zone=ZoneInfo(self._pbx.timezone) if self._pbx.timezone else self._settings.site.zone,
                office=office,
            ).run()
        if report.calls.added or report.filled_gaps:
            log.info(
                "calls came over REST", pbx=self._pbx.name, calls=report.calls.added, filled_gaps=report.filled_gaps
            )

    def _learn(self, rest: MikoPbx) -> None:
        try:
            entries = entries_of(rest, self._pbx, self._settings.site)
        except PbxError as error:
            log.warning("the directory was not told", pbx=self._pbx.name, reason=str(error))
            return
        made = take_in(self._store, ACTOR, entries, source=Source.PBX, pbx=self._pbx.name, now=datetime.now(UTC))
        if made.statements:
            log.info("directory learned", pbx=self._pbx.name, added=made.added, changed=made.changed)
