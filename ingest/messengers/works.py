"""Messengers at work within ingest: reads what came, sends what waits, fetches files, asks who does not call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog

from data.errors import StoreError
from data.messaging import Messenger
from data.services.chats.automating import automate
from data.services.chats.delivery import KIND, REVISION, TYPING
from data.services.messenger_accounts import CHECK, TEMPLATES
from data.settings import Settings
from data.store.protocol import Store, Topic
from data.working_hours import schedule_of
from ingest.messengers.accounts import Lines
from ingest.messengers.adapter import MakeAdapter
from ingest.messengers.errands import Errands
from ingest.messengers.inbox import Inbox
from ingest.messengers.making import ADAPTERS
from ingest.messengers.media import MediaFetcher
from ingest.messengers.outbox import Outbox, forget_done
from ingest.messengers.polling import Polls

log = structlog.get_logger()

_LOOK_S = 30.0  # without being told
_PAUSE_S = 1.0
# Between two looks: a step costs the store the same for one delivery and for two hundred, and the webhooks, which
# have to be answered at once, wait for it. So a rush is taken in few large steps.
_GATHER_S = 0.1
_RUSH, _RUSH_S = 20, 0.5
_AFTER_TROUBLE_S = 2.0
_FORGET_EVERY = timedelta(hours=1)
_ORDERS_STAY = timedelta(days=30)
_ERRANDS_STAY = timedelta(hours=1)


class Messengers:
    """Everything that the chats of one installation need beside the web."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        makers: Mapping[Messenger, MakeAdapter] = ADAPTERS,
        poll_s: float | None = None,
    ) -> None:
        self._store, self._site = store, settings.site
        self._lines = Lines(store, settings, makers=makers)
        self._inbox = Inbox(store, self._lines, settings.site)
        self._sending = threading.Event()
        self._outbox = Outbox(store, self._lines, settings, done=self._sending.set)
        self._errands = Errands(store, self._lines)
        self._fetching = threading.Event()
        self._media = MediaFetcher(store, self._lines, settings, put_off=self._fetching.set)
        self._polls = Polls(store, self._lines, **({} if poll_s is None else {"wait_s": poll_s}))
        self._forgot_at = datetime.now(UTC)

    @property
    def works(self) -> Mapping[str, Callable[[threading.Event], None]]:
        """What the daemon runs, each in a thread, by name."""
        return {
            "messenger-inbox": self.receive,
            "messenger-outbox": self.send,
            "messenger-media": self.fetch,
            "messenger-automation": self.automate,
        }

    def receive(self, stop: threading.Event) -> None:
        """Turn raw deliveries into messages until `stop` is set."""

        def act() -> datetime | None:
            self._lines.refresh()
            self._polls.follow()
            while (count := self._inbox.take()) and not stop.wait(_RUSH_S if count > _RUSH else _GATHER_S):
                pass
            self._forget_old()
            return None

        try:
            self._repeat(act, [Topic.HOOKS], stop, threading.Event())
        finally:
            self._polls.close()

    def send(self, stop: threading.Event) -> None:
        """Carry out orders of the outbox until `stop` is set."""

        def act() -> datetime | None:
            self._errands.take()
            self._outbox.take()
            return self._outbox.next_at()

        try:
            self._repeat(act, [Topic.OUTBOX], stop, self._sending)
        finally:
            self._errands.close()
            self._outbox.close()

    def fetch(self, stop: threading.Event) -> None:
        """Fetch files until `stop` is set."""

        try:
            self._repeat(self._media.take, [Topic.CHATS], stop, self._fetching, gather_s=_GATHER_S)
        finally:
            self._media.close()

    def automate(self, stop: threading.Event) -> None:
        """Do what is done in chats without a person until `stop` is set."""

        def act() -> None:
            automate(self._store, schedule_of(self._site), self._site.zone, now=datetime.now(UTC))

        self._repeat(act, [Topic.CHATS], stop, threading.Event(), gather_s=_RUSH_S)

    def _repeat(
        self,
        act: Callable[[], datetime | None],
        topics: Sequence[Topic],
        stop: threading.Event,
        bell: threading.Event,
        *,
        gather_s: float = 0.0,
    ) -> None:
        """Act when a topic moved, when `act` said so, and now and then; never gives up."""
        with _ringing(self._store, topics, bell, stop):
            while not stop.is_set():
                bell.clear()
                pause_s = _LOOK_S
                try:
                    if (again_at := act()) is not None:
                        pause_s = min(pause_s, max(0.05, (again_at - datetime.now(UTC)).total_seconds()))
                except StoreError as error:
                    log.debug("the store is away", reason=str(error))
                    pause_s = _PAUSE_S
                except Exception:
                    log.exception("messengers failed", topics=[topic.value for topic in topics])
                    stop.wait(_AFTER_TROUBLE_S)
                if bell.wait(pause_s) and gather_s:
                    stop.wait(gather_s)

    def _forget_old(self) -> None:
        now = datetime.now(UTC)
        if now - self._forgot_at < _FORGET_EVERY:
            return
        self._forgot_at = now
        self._inbox.forget_old(now)
        for kind in (KIND, REVISION):
            forget_done(self._store, kind, now - _ORDERS_STAY)
        for kind in (TYPING, CHECK, TEMPLATES):
            forget_done(self._store, kind, now - _ERRANDS_STAY)


@contextmanager
def _ringing(store: Store, topics: Sequence[Topic], bell: threading.Event, stop: threading.Event) -> Iterator[None]:
    """Ring at every notice of the topics; comes back after the store was away."""
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            try:
                for _ in store.notices(topics):
                    if over.is_set():
                        return
                    bell.set()
            except StoreError:
                pass
            except Exception:
                log.exception("the store's notices failed")
            over.wait(_PAUSE_S)

    def leave() -> None:
        stop.wait()
        bell.set()

    for act in (listen, leave):
        threading.Thread(target=act, name="messenger-bell", daemon=True).start()
    try:
        yield
    finally:
        over.set()
