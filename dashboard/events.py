"""Server-sent events: the store's notices, fanned out to every browser.

One thread listens to the store and hands each notice to the event loop; there each stream keeps, per topic,
only what its browser has not been sent yet, so a slow browser costs a few bytes and never a queue.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qsl, urlencode

import orjson
import structlog

from dashboard.kept import changed
from dashboard.mine import Mine
from data.errors import StoreError
from data.identity.actor import system
from data.services.standing import LinkStands, standings
from data.store.protocol import Notice, Store, Topic

TOPICS = tuple(topic for topic in Topic if topic not in (Topic.OUTBOX, Topic.HOOKS))

BEAT_S = 2.0  # a line that says nothing for longer is lost, and browsers shall tell within five seconds
VALIDITY_S = 15.0  # so often a session is looked up
_RETRY_MS = 2_000
_MOST_IDS = 50  # more: the page loads anew what it shows
_LONGEST_PAUSE_S = 2.0
_STORE_PATIENCE_S = 1.5
_ACTOR = system("web")

log = structlog.get_logger()


@dataclass(eq=False, slots=True, kw_only=True)
class Stream:
    """One browser that listens."""

    session: str  # key of its session
    with_ids: bool  # False: its user sees only his own calls, and ids of others are none of his business
    extensions: frozenset[str] = frozenset()  # phones of its user
    is_watching: bool = True  # False: its user has no wall board, and who is paused is none of his business
    waiting: dict[Topic, Notice] = field(default_factory=dict)
    typing: set[str] = field(default_factory=set)  # chats in which somebody began or stopped to write
    mine: bool = False  # something changed on its user's phones
    links: bool = True  # how the links to the PBXs stand is to be told
    store_away: bool | None = None  # not yet told
    ended: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Who listens, and the latest number of every topic. Lives on the event loop."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._numbers: dict[Topic, int] = {}
        self.store_away = False
        self.links: tuple[LinkStands, ...] = ()

    def __len__(self) -> int:
        return len(self._streams)

    def attach(self, stream: Stream, last_event_id: str | None) -> None:
        """Begin to send; topics that moved on since `last_event_id` are announced at once."""
        seen = _numbers_of(last_event_id)
        for topic, number in self._numbers.items():
            # A lower number is news too: the store was restored or began anew.
            if last_event_id is not None and seen.get(topic) != number:
                stream.waiting[topic] = Notice(topic=topic, number=number)
        stream.store_away = self.store_away
        self._streams.add(stream)
        stream.wake.set()

    def detach(self, stream: Stream) -> None:
        self._streams.discard(stream)

    def publish(self, notice: Notice) -> None:
        """Tell every stream of one notice."""
        is_news = self._numbers.get(notice.topic) not in (None, notice.number)
        self._numbers[notice.topic] = notice.number
        if not is_news:
            return  # the present numbers, which the store tells first
        for stream in self._streams:
            if notice.topic is Topic.PRESENCE and not stream.is_watching:
                continue
            before = stream.waiting.get(notice.topic)
            stream.waiting[notice.topic] = _joined(before, notice) if stream.with_ids else _without_ids(notice)
            stream.wake.set()

    def tell_store(self, *, away: bool) -> None:
        """Tell every stream whether the store can be reached."""
        if away == self.store_away:
            return
        self.store_away = away
        for stream in self._streams:
            stream.store_away = away
            stream.wake.set()

    def typing(self, chat_id: str) -> None:
        """Let every stream know that somebody writes in a chat; who, only those learn who may see it and ask."""
        for stream in self._streams:
            stream.typing.add(chat_id)
            stream.wake.set()

    def tell_links(self, links: tuple[LinkStands, ...]) -> None:
        """Tell every stream how the links to the PBXs stand."""
        if links == self.links:
            return
        self.links = links
        for stream in self._streams:
            stream.links = True
            stream.wake.set()

    def tell_mine(self, extensions: frozenset[str]) -> None:
        """Tell those on whose phones something changed."""
        for stream in self._streams:
            if not stream.extensions.isdisjoint(extensions):
                stream.mine = True
                stream.wake.set()

    @property
    def has_phones(self) -> bool:
        return any(stream.extensions for stream in self._streams)

    def end(self, session: str | None = None) -> None:
        """End the streams of a session that logged out; of all (None) at the end of the process."""
        for stream in self._streams:
            if session in (None, stream.session):
                stream.ended = True
                stream.wake.set()

    @property
    def event_id(self) -> str:
        return urlencode({topic.value: number for topic, number in sorted(self._numbers.items())})


async def frames(
    hub: Hub,
    stream: Stream,
    *,
    is_valid: Callable[[], bool],
    version: str = "",
    heartbeat_s: float = BEAT_S,
    validity_s: float = VALIDITY_S,
) -> AsyncIterator[str]:
    """What is sent down one stream, until its session ends (`is_valid` is asked every `validity_s`).

    version: of the scripts that are served now; a page that runs others asks to be loaded anew.
    """
    yield f"retry: {_RETRY_MS}\n"
    yield _frame("hello", hub.event_id, {"store_away": hub.store_away, "version": version})
    stream.store_away = None
    asked_at = time.monotonic()
    while True:
        try:
            await asyncio.wait_for(stream.wake.wait(), heartbeat_s)
        except TimeoutError:
            if time.monotonic() - asked_at >= min(validity_s, heartbeat_s * 7):
                asked_at = time.monotonic()
                if not await asyncio.to_thread(is_valid):
                    break
            # An event, not a comment: scripts cannot hear comments and would not notice a dead line.
            yield "event: beat\ndata: {}\n\n"
            continue
        stream.wake.clear()
        if stream.store_away is not None:
            away, stream.store_away = stream.store_away, None
            yield _frame("store", hub.event_id, {"away": away})
        if stream.links:
            stream.links = False
            told = [{"pbx": link.pbx, "standing": link.standing.value} for link in hub.links]
            yield _frame("links", hub.event_id, {"links": told})
        if stream.mine:
            stream.mine = False
            yield _frame("mine", hub.event_id, {})
        waiting, stream.waiting = stream.waiting, {}
        for notice in waiting.values():
            body = {"topic": notice.topic.value, "number": notice.number, "ids": list(notice.ids)}
            yield _frame("hint", hub.event_id, body)
        if stream.typing:
            chats, stream.typing = stream.typing, set()
            yield _frame("typing", hub.event_id, {"ids": sorted(chats)[:_MOST_IDS]})
        if stream.ended:
            break
    yield _frame("bye", hub.event_id, {})


class LinkWatch(threading.Thread):
    """Looks how the links to the PBXs stand, and passes a change to the hub; so a silent store is noticed too."""

    LOOK_S = 0.5

    def __init__(self, store: Store, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="links", daemon=True)
        self._store, self._hub, self._loop = store, hub, loop
        self._stopped = threading.Event()
        self._failed_at: float | None = None

    def run(self) -> None:
        while not self._stopped.wait(self.LOOK_S):
            try:
                if len(self._hub):
                    self._look()
            except RuntimeError:
                return  # the loop is closed: the process ends
            except Exception:
                log.exception("the links to the PBXs cannot be looked at")
                self._stopped.wait(_LONGEST_PAUSE_S)

    def stop(self) -> None:
        self._stopped.set()

    def _look(self) -> None:
        begun = time.monotonic()
        try:
            links = standings(self._store, _ACTOR, timeout_s=1.0)
        except StoreError:
            self._failed_at = self._failed_at or begun
            if time.monotonic() - self._failed_at > _STORE_PATIENCE_S:
                self._loop.call_soon_threadsafe(partial(self._hub.tell_store, away=True))
            return
        if self._failed_at is not None:
            self._failed_at = None
            self._loop.call_soon_threadsafe(partial(self._hub.tell_store, away=False))
        self._loop.call_soon_threadsafe(self._hub.tell_links, links)


class Listener(threading.Thread):
    """Hears the store's notices and passes them to the hub; comes back after the store was away."""

    def __init__(self, store: Store, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="notices", daemon=True)
        self._store = store
        self._hub = hub
        self._loop = loop
        self._mine = Mine(store)
        self._stopped = threading.Event()

    def run(self) -> None:
        pause_s = 0.25
        while not self._stopped.is_set():
            try:
                for notice in self._store.notices(TOPICS):
                    if self._stopped.is_set():
                        return
                    pause_s = 0.25
                    self._pass(partial(self._hub.tell_store, away=False))
                    if notice.topic in (Topic.LIVE, Topic.PRESENCE):
                        changed(self._store)
                    self._pass(partial(self._hub.publish, notice))
                    if notice.topic in (Topic.LIVE, Topic.PRESENCE) and self._hub.has_phones:
                        self._pass(partial(self._hub.tell_mine, self._mine.changed()))
            except StoreError as error:
                log.warning("the store's notices stopped", why=str(error), again_in_s=pause_s)
            except Exception:
                log.exception("the store's notices failed", again_in_s=pause_s)
            if self._stopped.is_set():
                return
            self._pass(partial(self._hub.tell_store, away=True))
            self._stopped.wait(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    def stop(self) -> None:
        """Stop at the next notice; the thread does not hold up the end of the process."""
        self._stopped.set()

    def _pass(self, act: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(act)
        except RuntimeError:
            self._stopped.set()  # the loop is closed: the process ends


def _frame(event: str, event_id: str, data: Mapping[str, object]) -> str:
    return f"id: {event_id}\nevent: {event}\ndata: {orjson.dumps(data).decode()}\n\n"


def _numbers_of(event_id: str | None) -> dict[str, int]:
    return {name: int(number) for name, number in parse_qsl(event_id or "") if number.isdigit()}


def _joined(before: Notice | None, notice: Notice) -> Notice:
    """Both notices as one; without ids where one has none or there are too many."""
    if before is None:
        return notice
    ids = tuple(dict.fromkeys((*before.ids, *notice.ids)))
    known = bool(before.ids) and bool(notice.ids) and len(ids) <= _MOST_IDS
    return Notice(topic=notice.topic, number=notice.number, ids=ids if known else ())


def _without_ids(notice: Notice) -> Notice:
    return Notice(topic=notice.topic, number=notice.number)
