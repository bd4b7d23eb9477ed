"""Ingest at work: for every PBX a link, a journal and the processing of it; the only place that starts them.

Threads of one PBX: the link (connects, pings), its reader (socket to memory), the journal's writer
and keeper (memory to disk), and the processing (disk to store). They share nothing but the journal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import cast

import structlog

from data.disk import DiskGuard, Write
from data.errors import JournalError, PbxLoginRefused
from data.runtime import RunTime
from data.settings import Pbx, Settings, Site
from data.store.beside import store_beside
from data.store.protocol import Store
from data.store.tokens import TokenKind
from ingest.assembler import Assembler, Office
from ingest.checkpoint import CheckpointFile
from ingest.directory_learner import DirectoryLearner
from ingest.erasing import keep_erasing
from ingest.journal import Journal
from ingest.lean import do_without_pandas
from ingest.membership import Seats
from ingest.messengers.works import Messengers
from ingest.orders import Orders
from ingest.originate import Originator
from ingest.orphan_keeper import OrphanKeeper
from ingest.processing import Processor
from ingest.recordings import RecordingKeeper
from ingest.records_keeper import RecordsKeeper
from ingest.remote_recordings import RemoteKeeper
from ingest.rest_puller import RestPuller
from ingest.retention import keep_young
from ingest.segments import segments
from ingest.sources.ami import WrongAddress
from ingest.sources.ami_supervisor import AmiSupervisor, Patience
from ingest.stream import Message
from ingest.vitals import keep_telling
from ingest.writer import FactStore, FactWriter

log = structlog.get_logger()

_LOOK_S = 0.5

Work = Callable[[threading.Event], None]  # goes on until the event is set
Observer = Callable[[Message], None]


class PbxIngest:
    """Everything that belongs to one PBX."""

    def __init__(
        self,
        pbx: Pbx,
        settings: Settings,
        store: FactStore,
        *,
        patience: Patience | None = None,
        observer: Observer | None = None,
        runtime: Callable[[], Settings] | None = None,
        guard: DiskGuard | None = None,
    ) -> None:
        in_force = runtime or (lambda: settings)
        folder = settings.data / "journal" / pbx.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(
                f"The journal in {folder} cannot be opened: {error.strerror}. "
                "Check the rights of that folder and the space on its disk."
            ) from error
        self.pbx = pbx
        # A PBX that was reached before is tried again whatever it answers: then it is the PBX that changed.
        self.is_new = not segments(folder)
        self._stop = threading.Event()
        checkpoint = CheckpointFile(folder)
        self.journal = Journal(
            folder,
            settings.journal,
            needed_from=lambda: checkpoint.value.resume_from,
            lowest_first=max(1, checkpoint.value.stored_to),
            retention_days=lambda: in_force().journal.retention_days,
        )
        self.link = AmiSupervisor(pbx, self.journal, patience=patience)
        self.writer = FactWriter(
            store,
            pbx=pbx.name,
            site=settings.site,
            stop=self._stop,
            keeps_events=(lambda: guard.allows(Write.EVENTS)) if guard else (lambda: True),
        )
        self.processor = Processor(
            pbx.name,
            journal=self.journal,
            assembler=Assembler(
                Office(trunks=tuple(pbx.trunks), extensions=pbx.extensions),
                pbx=pbx.name,
                resumed_at=checkpoint.value.stored_to,
                members=checkpoint.value.members,
            ),
            writer=self.writer,
            checkpoint=checkpoint,
            observer=observer,
            heard_at=lambda: self.link.heard_at,
            lacks=lambda: self.link.lacks,
        )
        self._processing = threading.Thread(target=self._process, name=f"processing-{pbx.name}", daemon=True)
        self.failure: Exception | None = None

    def start(self) -> None:
        """Read on where the last run stopped, and connect. Raises JournalError."""
        self.journal.start()
        self._processing.start()
        self.link.start()

    def stop(self) -> None:
        """End in the order of the data's way, so that nothing that came is left in memory."""
        self.link.stop()
        self.journal.close()
        self._stop.set()
        self._processing.join()

    def _process(self) -> None:
        try:
            self.processor.run(self._stop)
        except Exception as error:
            self.failure = error
            log.exception("processing failed", pbx=self.pbx.name)


def run(settings: Settings, *, ready: Callable[[], None] | None = None, stop: threading.Event | None = None) -> None:
    """Read all PBXs of the settings into the store of `settings.data` until `stop` is set.

    ready: called once everything runs. Raises PbxError where the settings of a PBX that was never
    reached are wrong, JournalError, StoreError.
    """
    do_without_pandas()
    with store_beside(settings, TokenKind.RW) as store:
        runtime = RunTime(settings, store)
        guard = DiskGuard(settings.data, lambda: runtime.now().disk)
        learners = {pbx.name: DirectoryLearner(pbx, store) for pbx in settings.pbx}
        ingests: list[PbxIngest] = []
        works: dict[str, Work] = {
            "erasing": partial(keep_erasing, settings, store),
            "recordings": RecordingKeeper.of(settings, store, keeps_peaks=lambda: guard.allows(Write.PEAKS)).run,
            "orphans": OrphanKeeper.of(settings, store).run,
            "retention": partial(keep_young, settings, store, lambda: runtime.now().journal.event_retention_days),
            "vitals": partial(keep_telling, store, lambda: ingests),
        }
        if settings.recordings.remote:
            has_room = partial(guard.has_room, Write.PEAKS)
            works["remote-recordings"] = RemoteKeeper.of(settings, store, has_room=has_room).run
        works |= Messengers(settings, store).works
        works |= {f"records-{pbx.name}": RecordsKeeper(pbx, settings, store).run for pbx in settings.pbx}
        works |= {f"directory-{name}": learner.run for name, learner in learners.items()}
        works |= {f"rest-{pbx.name}": RestPuller(pbx, settings, store).run for pbx in settings.pbx if pbx.rest_url}
        with _beside(works):
            ingest(
                settings,
                store,
                ready=ready or (lambda: None),
                stop=stop or threading.Event(),
                observers={name: learner.take for name, learner in learners.items()},
                runtime=runtime.now,
                guard=guard,
                begun=ingests.extend,
            )


@contextmanager
def _beside(works: Mapping[str, Work]) -> Iterator[None]:
    """Threads by their names, as long as the body runs."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,), name=name, daemon=True) for name, work in works.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_LOOK_S * 10)  # a file of a network storage that hangs must not keep us from ending


def ingest(
    settings: Settings,
    store: FactStore,
    *,
    ready: Callable[[], None],
    stop: threading.Event,
    patience: Patience | None = None,
    observers: Mapping[str, Observer] | None = None,
    runtime: Callable[[], Settings] | None = None,
    guard: DiskGuard | None = None,
    begun: Callable[[list[PbxIngest]], None] = lambda ingests: None,
) -> None:
    """The same into a store that is open. observers: by the name of a PBX, who else sees its messages.

    runtime: the settings in force. guard: stops what a full disk has no room for. begun hears what was made.
    """
    told = observers or {}
    ingests = [
        PbxIngest(pbx, settings, store, patience=patience, observer=told.get(pbx.name), runtime=runtime, guard=guard)
        for pbx in settings.pbx
    ]
    begun(ingests)
    with ExitStack() as running:
        for one in ingests:
            one.start()
            running.callback(one.stop)
        running.enter_context(_taking_orders(ingests, cast(Store, store), settings.site))
        _refuse_wrong_settings(ingests, stop)
        ready()
        while not stop.wait(_LOOK_S):
            for one in ingests:
                if one.failure is not None:
                    # The supervisor starts this process again, and the journal has everything.
                    raise one.failure


@contextmanager
def _taking_orders(ingests: Sequence[PbxIngest], store: Store, site: Site) -> Iterator[None]:
    """Carry out what users ask of every PBX that may be asked."""
    stop = threading.Event()
    takers: list[Orders] = [Originator(one.pbx, one.link, store, site) for one in ingests if one.pbx.originate.enabled]
    takers += [Seats(one.pbx, one.link, store) for one in ingests if one.pbx.queues.enabled]
    for taker in takers:
        threading.Thread(target=taker.run, args=(stop,), name=taker.kind, daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        for taker in takers:
            taker.close()


def _refuse_wrong_settings(ingests: Sequence[PbxIngest], stop: threading.Event) -> None:
    """Wait for the first try of every PBX that was never reached; raise what no second try can mend."""
    for one in ingests:
        while one.is_new and not one.link.tried.wait(_LOOK_S) and not stop.is_set():
            pass
        error = one.link.first_try
        if one.is_new and isinstance(error, WrongAddress | PbxLoginRefused):
            raise error
