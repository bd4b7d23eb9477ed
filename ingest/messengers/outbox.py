"""Sends what services queued: at least once, in order for each chat, and what cannot be sent stays as a dead letter.

An order is marked as taken, and the mark is renewed for as long as the messenger is asked, so that of several processes
none takes what another still sends, however long a file goes up. Then its answer is stored. Where the answer is
missing, because it was lost or somebody died in between, the message may have arrived: where receipts tell our own id
back, they are waited for, and a receipt ends the order; else it is sent once more.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog

from data.errors import CallboardError, Conflict, DiskFull, StoreError, StoreUnavailable
from data.media import MediaFolder, suffix_of
from data.messaging import MessageKind, SendError, word_of
from data.queries import read
from data.services.chats.delivery import KIND, REVISION
from data.services.chats.orders import failed, later, revised, sent, taken
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic
from ingest.messengers.accounts import ACTOR, Line, Lines
from ingest.messengers.adapter import Adapter, File, Outgoing, Revision, SendFailed

log = structlog.get_logger()

_AT_ONCE = 8
_MOST_WAITING = 200
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 300.0
_STORE_PAUSE_S = 1.0
_GIVEN_UP = timedelta(hours=24)
_LOOK_EVERY = timedelta(seconds=10)
_RECEIPTS_COME = timedelta(seconds=30)  # before what may have arrived is sent once more
_SENDER_DIED = timedelta(seconds=30)  # where nobody renewed for so long that an order is taken

Clock = Callable[[], datetime]
Row = dict[str, Any]
T = TypeVar("T")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Outbox:
    """Messages of all accounts on their way out. `take` is called by one thread."""

    def __init__(
        self,
        store: Store,
        lines: Lines,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        chance: Callable[[], float] = random.random,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._lines, self._clock, self._chance = store, lines, clock, chance
        self._media = MediaFolder(settings)
        self._done = done  # called when an order came to its end, so that the next of its chat is looked for
        self._senders = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="messenger")
        self._in_hand: dict[str, Future[None]] = {}
        self._not_before: dict[str, datetime] = {}  # of an account that asked us to wait
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._looked_at: datetime | None = None
        # Orders that others took, with the mark they bear, and since when we see it: no clock of theirs is believed.
        self._watched: dict[tuple[str, datetime], datetime] = {}

    def take(self) -> None:
        """Begin with everything that may go now. Raises StoreError."""
        now = self._clock()
        if self._looked_at is None or now - self._looked_at > _LOOK_EVERY:
            self._looked_at = now
            self._hold()
            self._take_up_again()
        params = {"now": self._clock(), "limit": _MOST_WAITING}
        rows = self._store.query(read("outbox/messages_due"), params, actor=ACTOR).to_pylist()
        if rows:
            self._lines.refresh()
        for row in rows:
            if not self._may_go(row):
                continue
            if taken(self._store, ACTOR, row["outbox_id"], attempts=row["attempts"], now=self._clock()):
                with self._lock:
                    self._in_hand[row["outbox_id"]] = self._senders.submit(self._carry_out, row)

    def next_at(self) -> datetime | None:
        """When there may be something to do without anybody telling. Raises StoreError."""
        now = self._clock()
        [row] = self._store.query(read("outbox/messages_next"), {"now": now}, actor=ACTOR).to_pylist()
        with self._lock:
            moments = [moment for moment in (row["next_at"], *self._not_before.values()) if moment and moment > now]
            if self._looked_at and (self._in_hand or self._watched):
                moments.append(self._looked_at + _LOOK_EVERY)
        return min(moments, default=None)

    def close(self) -> None:
        """Take nothing more; what is being sent ends first."""
        self._closing.set()
        self._senders.shutdown(wait=True, cancel_futures=True)

    def _may_go(self, row: Row) -> bool:
        with self._lock:
            until = self._not_before.get(row["target"])
        return until is None or until <= self._clock()

    def _hold(self) -> None:
        """Say that what we have in hand is still ours."""
        with self._lock:
            ours = list(self._in_hand)
        if ours:
            step = Statement(name="outbox_hold", params={"outbox_ids": ours, "changed_at": self._clock()})
            self._store.transact([step], actor=ACTOR, touches={})

    def _take_up_again(self) -> None:
        """Orders of a process that died while it sent them."""
        try:
            rows = self._store.query(read("outbox/in_hand"), {"kinds": [KIND, REVISION]}, actor=ACTOR).to_pylist()
        except StoreError:
            self._watched.clear()  # whose sender lives could not say so either
            raise
        now, former = self._clock(), self._watched
        with self._lock:
            marks = [(row["outbox_id"], row["changed_at"]) for row in rows if row["outbox_id"] not in self._in_hand]
        self._watched = {mark: former.get(mark, now) for mark in marks}
        for mark, seen_at in self._watched.items():
            if now - seen_at >= _SENDER_DIED:
                self._take_over(*mark, now)

    def _take_over(self, outbox_id: str, held_at: datetime, now: datetime) -> None:
        try:
            later(self._store, ACTOR, outbox_id, "its sender died", now, in_doubt=True, held_at=held_at, now=now)
        except Conflict:
            return  # it lives after all, or somebody was quicker
        log.warning("a message whose sender died is sent once more", outbox_id=outbox_id)

    def _carry_out(self, row: Row) -> None:
        """Send one message and store what came of it; never raises."""
        try:
            self._send(row) if row["order_kind"] == KIND else self._revise(row)
        except StoreError as error:
            # The order stays taken, and is taken up again later.
            log.warning("what came of a message is not stored", outbox_id=row["outbox_id"], reason=str(error))
        except Exception:
            log.exception("sending failed", outbox_id=row["outbox_id"])
        finally:
            with self._lock:
                self._in_hand.pop(row["outbox_id"], None)
            self._done()

    def _send(self, row: Row) -> None:
        if row["messenger_message_id"]:  # its answer was lost, and a receipt told that it was sent
            self._sent(row, row["messenger_message_id"])
            return
        if row["message_id"] is None or row["state"] != "queued":
            self._fail(row, SendFailed(SendError.REFUSED, "the message does not wait to be sent"))
            return
        line = self._lines.get(row["target"])
        try:
            messenger_id = _asked(line, row, lambda adapter: adapter.send(self._outgoing(row)))
        except SendFailed as trouble:
            self._fail(row, trouble, in_doubt=trouble.in_doubt and line is not None and line.adapter.tells_our_id)
            if trouble.error in (SendError.NOT_ALLOWED, SendError.UNREACHABLE):
                self._lines.tell(row["target"], trouble)
            return
        self._sent(row, messenger_id)
        self._lines.tell(row["target"], None)

    def _revise(self, row: Row) -> None:
        """Have a message changed that was sent. Done twice it is done once, so an answer that was lost is no matter."""
        if row["change_kind"] is None:  # what was wanted was done with an earlier order, or is wanted no more
            revised(self._store, ACTOR, row["outbox_id"], row, now=self._clock())
            return
        try:
            _asked(self._lines.get(row["target"]), row, lambda adapter: adapter.revise(_revision(row)))
        except SendFailed as trouble:
            self._fail(row, trouble)
            return
        revised(self._store, ACTOR, row["outbox_id"], row, now=self._clock())

    def _sent(self, row: Row, messenger_id: str) -> None:
        """Store it, however long the store is away: what is not stored would be sent twice."""
        place = (row["outbox_id"], row["message_id"], row["chat_id"], messenger_id)
        while True:
            try:
                sent(self._store, ACTOR, *place, now=self._clock())
                return
            except (StoreUnavailable, DiskFull):
                if self._closing.wait(_STORE_PAUSE_S):
                    raise

    def _fail(self, row: Row, trouble: SendFailed, *, in_doubt: bool = False) -> None:
        """in_doubt: it may have arrived, and we may still be told so."""
        now = self._clock()
        if trouble.again and now - row["created_at"] < _GIVEN_UP:
            pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(row["attempts"], 10))
            pause *= 0.5 + self._chance()  # so that many do not come back at the same moment
            if trouble.after_s is not None:
                pause = max(trouble.after_s, 0.1)
                with self._lock:
                    self._not_before[row["target"]] = now + timedelta(seconds=pause)
            again_at = now + max(timedelta(seconds=pause), _RECEIPTS_COME if in_doubt else timedelta())
            self._later(row["outbox_id"], str(trouble), again_at, in_doubt=in_doubt)
            log.info("a message waits", outbox_id=row["outbox_id"], pause_s=round(pause, 1), reason=str(trouble))
            return
        if row["order_kind"] == REVISION:
            revised(self._store, ACTOR, row["outbox_id"], row, error=str(trouble), now=now)
        else:
            place = (row["outbox_id"], row["message_id"], row["chat_id"], str(trouble))
            failed(self._store, ACTOR, *place, now=now)
        log.warning("a message was not sent, or not changed", outbox_id=row["outbox_id"], reason=str(trouble))

    def _later(self, outbox_id: str, error: str, again_at: datetime, *, in_doubt: bool) -> None:
        later(self._store, ACTOR, outbox_id, error, again_at, in_doubt=in_doubt, now=self._clock())

    def _outgoing(self, row: Row) -> Outgoing:
        """Raises SendFailed where the file is gone."""
        kind = word_of(MessageKind, row["kind"]) or MessageKind.UNSUPPORTED
        if kind in (MessageKind.NOTE, MessageKind.SYSTEM, MessageKind.UNSUPPORTED):
            raise SendFailed(SendError.REFUSED, f"a {row['kind']} never leaves the house")
        file = None
        if row["media"]:
            try:
                path = self._media.path(row["media"])
            except CallboardError as error:
                raise SendFailed(SendError.MEDIA, str(error)) from None
            media_type = row["media_type"] or "application/octet-stream"
            name = row["media_name"] or f"file{suffix_of(media_type)}"
            file = File(path=path, name=name, media_type=media_type, size_bytes=path.stat().st_size)
        return Outgoing(
            message_id=row["message_id"],
            user_key=row["user_key"],
            kind=kind,
            text=row["text"],
            file=file,
            reply_to=row["reply_to"],
            payload=json.loads(row["payload"]) if row["payload"] else {},
        )


def _asked(line: Line | None, row: Row, ask: Callable[[Adapter], T]) -> T:
    """What the account's messenger answers. Raises SendFailed, whatever went wrong."""
    if line is None:
        raise SendFailed(SendError.NOT_ALLOWED, f"there is no enabled account {row['target']}")
    try:
        return ask(line.adapter)
    except SendFailed:
        raise
    except Exception as error:
        log.exception("a messenger's adapter failed", account=row["target"])
        raise SendFailed(SendError.UNKNOWN, type(error).__name__) from error


def _revision(row: Row) -> Revision:
    """Raises SendFailed where there is nothing at the messenger."""
    if not row["messenger_message_id"]:
        raise SendFailed(SendError.REFUSED, "the message itself was not sent")
    return Revision(
        revision_id=row["outbox_id"],
        message_id=row["message_id"],
        messenger_message_id=row["messenger_message_id"],
        user_key=row["user_key"],
        kind=MessageKind(row["kind"]),
        text=row["change_text"],
    )


def forget_done(store: Store, kind: str, before: datetime) -> None:
    """Remove ended orders of a kind. Raises StoreError."""
    step = Statement(name="outbox_forget", params={"kind": kind, "before": before})
    store.transact([step], actor=ACTOR, touches={Topic.OUTBOX: ()})
