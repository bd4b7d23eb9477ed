"""From the journal to the store: reads the journal of one PBX, feeds the assembler, writes what it gives.

The journal is the only buffer. While the store is away nothing more is read, so that memory stays
as it is; afterwards reading goes on where it stopped. After a restart it begins at the checkpoint:
what had been stored then is assembled once more, for the state it leaves, and not stored again.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from ingest.assembler import Assembler, Batch
from ingest.checkpoint import Checkpoint, CheckpointFile
from ingest.journal import Journal
from ingest.pending import Pending
from ingest.stream import Message
from ingest.tail import Began, Item, Tail
from ingest.telling import LinkStanding, LinkState
from ingest.writer import FactWriter

log = structlog.get_logger()

LIVE_S = 0.05  # the shortest time between two looks at what changed
FACTS_S = 0.1  # the shortest time between two writes of facts …
FACTS_ROWS = 500  # … unless so many rows wait
CATCHING_UP_S = 1.0  # the same while far behind
CATCHING_UP_BYTES = 1 << 20
CHECKPOINT_S = 1.0
_IDLE_S = 1.0
_REPORT_S = 60.0
_MOST_TROUBLES = 100  # calls that are left out at once; more than these are no matter of single calls


class Processor:
    """The processing of one PBX, run by one thread."""

    def __init__(
        self,
        pbx: str,
        *,
        journal: Journal,
        assembler: Assembler,
        writer: FactWriter,
        checkpoint: CheckpointFile,
        observer: Callable[[Message], None] | None = None,
        heard_at: Callable[[], float | None] = lambda: None,
        lacks: Callable[[], tuple[str, ...]] = tuple,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.events = 0
        self.gaps = 0
        self.calls = 0
        self.lag_s = 0.0  # from the last byte of the latest facts to the store
        self.troubles: Counter[str] = Counter()
        self._pbx = pbx
        self._journal = journal
        self._assembler = assembler
        self._writer = writer
        self._checkpoint = checkpoint
        self._now = now
        self._observer = observer
        self._heard_at = heard_at  # unix time of the last sign of the PBX; None: nobody listens
        self._lacks = lacks  # rights that our user of the PBX has not
        start = checkpoint.value
        self._stored_to = start.stored_to
        self._tail = Tail(journal.folder, start=start.resume_from, position=lambda: journal.position)
        self._read_to = start.resume_from  # number of the next message
        self._pending = Pending()
        self._is_replaying = start.stored_to > 0  # what is read now was stored before the restart
        self._is_connected = True
        self._is_fed = False  # something was fed that was not taken yet
        self._latest_at = 0.0  # when the message that was fed last had come
        self._is_settled = True  # the checkpoint stands where everything is stored
        self._taken_at = self._written_at = self._moved_at = self._reported_at = now()
        self._reported: Counter[str] = Counter()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set and everything in the journal is read; a store that is away is not waited for."""
        try:
            while True:
                stopping = stop.is_set()
                seen = self._journal.position
                if self.step():
                    continue
                if stopping:
                    break
                self._journal.wait_for_more(seen, self._patience())
            self.flush(last=True)
        finally:
            self._tail.close()

    def step(self) -> bool:
        """Read once, then take and write what is due; whether anything was read."""
        items = self._tail.read()
        for item in items:
            if self._is_replaying and item.sequence >= self._stored_to:
                self._leave_replay()
            self._feed(item)
        now = self._now()
        if (self._is_fed or self._pending) and now - self._taken_at >= self._interval(LIVE_S):
            self.flush()
        if not self._is_settled and now - self._moved_at >= CHECKPOINT_S:
            self._move_checkpoint()
        self._pulse()
        if now - self._reported_at >= _REPORT_S:
            self._report()
        return bool(items)

    def flush(self, *, last: bool = False) -> None:
        """Take what changed and tell what goes on now; write facts and move the checkpoint when that is due."""
        self._taken_at = self._now()
        self._take()
        is_due = self._taken_at - self._written_at >= self._interval(FACTS_S) or self._pending.rows >= FACTS_ROWS
        if not (is_due or last):
            return
        self._written_at = self._taken_at
        if self._pending:
            if not self._writer.write(self._pending.as_batch()):
                return  # told to stop while the store was away: the next start reads this again
            self.lag_s = max(0.0, time.time() - self._latest_at)
            self.calls += len(self._pending.calls)
            self.gaps += len(self._pending.gaps)
            self._pending = Pending()
        self._is_settled = False
        if last:
            self._move_checkpoint()

    @property
    def behind_bytes(self) -> int:
        """How much of the newest segment of the journal waits to be read."""
        return self._tail.behind_bytes

    # ---------------------------------------------------------------- one item

    def _feed(self, item: Item) -> None:
        self._is_fed = True
        try:
            if isinstance(item, Message):
                self.events += 1
                self._latest_at = item.received_at
                self._look_at(item)
                self._assembler.feed(item)
                if self._observer is not None:
                    self._observer(item)
            elif isinstance(item, Began):
                self._is_connected = True
                self._assembler.connected(_moment(item.at), item.sequence)
            else:
                self._is_connected = False
                self._assembler.disconnected(_moment(item.at), item.sequence, item.cause)
        except Exception:  # one message must not end the reading of all others
            self.troubles["not understood"] += 1
            log.exception("message skipped", pbx=self._pbx, sequence=item.sequence)
        self._read_to = item.sequence + isinstance(item, Message)  # begins and ends share the number of what follows

    def _look_at(self, message: Message) -> None:
        raw = message.raw
        if raw.count(b": ") < raw.count(b"\n") and b"Call Manager/" not in raw:
            self.troubles["lines that are no headers"] += 1
        if not message.name and b"Response: " not in raw:
            self.troubles["messages without a name"] += 1
        if not raw.isascii():
            try:
                raw.decode()
            except UnicodeDecodeError:
                self.troubles["bytes that are no UTF-8"] += 1

    # ---------------------------------------------------------------- what follows from it

    def _take(self) -> None:
        self._is_fed = False
        batch = self._taken()
        if not self._is_replaying:
            self._pending.add(batch)
        if batch.live is not None or batch.members is not None or batch.phones is not None:
            self._writer.write_live(batch)

    def _taken(self) -> Batch:
        """What changed. A call that cannot be put together is left out: it must not end all others."""
        for _ in range(_MOST_TROUBLES):
            try:
                return self._assembler.take(live=not self._is_far_behind)
            except Exception:  # the assembler has set that call aside and goes on with the next one
                self.troubles["calls not understood"] += 1
                log.exception("a call cannot be put together; the journal keeps its events", pbx=self._pbx)
        return self._assembler.take(live=False)

    def _leave_replay(self) -> None:
        # What the assembler gives until here was stored. Some of it is less whole now: a call that
        # had ended before the oldest open one is seen without its beginning.
        self._take()
        self._is_replaying = False

    def _move_checkpoint(self) -> None:
        if self._is_replaying or self._is_fed or self._pending:
            return  # not everything that was read is stored
        self._moved_at, self._is_settled = self._now(), True
        oldest = self._assembler.oldest_open()
        resume_from = self._read_to if oldest is None else min(oldest, self._read_to)
        if not self._is_connected:
            resume_from = min(
                resume_from, self._read_to - 1
            )  # the end of the connection is read again: its gap is open
        self._stored_to = self._read_to
        self._checkpoint.move(
            Checkpoint(resume_from=resume_from, stored_to=self._stored_to, members=self._assembler.members)
        )

    # ---------------------------------------------------------------- pace and report

    def _pulse(self) -> None:
        heard_at = self._heard_at()
        state = LinkStanding.LOST if heard_at is None else LinkStanding.BEHIND if self._lags else LinkStanding.UP
        ago_s = max(0.0, time.time() - heard_at) if heard_at is not None else 0.0
        self._writer.pulse(LinkState(state=state, heard_ago_s=ago_s, lacks=self._lacks()))

    @property
    def _lags(self) -> bool:
        """What goes on now is not what was told last: a former life is read again, or much waits."""
        return self._is_replaying or self._is_far_behind

    @property
    def _is_far_behind(self) -> bool:
        return self.behind_bytes > CATCHING_UP_BYTES

    def _interval(self, usual: float) -> float:
        return CATCHING_UP_S if self._is_far_behind else usual

    def _patience(self) -> float:
        if self._is_fed or self._pending:
            return max(0.0, self._taken_at + LIVE_S - self._now())
        return _IDLE_S if self._is_settled else CHECKPOINT_S / 4

    def _report(self) -> None:
        self._reported_at = self._now()
        self.troubles["messages over the size limit"] = self._tail.oversized
        self.troubles["connections that ended within a message"] = self._tail.torn
        if new := self.troubles - self._reported:
            log.warning(
                "odd input, kept in the journal", pbx=self._pbx, **{key.replace(" ", "_"): n for key, n in new.items()}
            )
            self._reported = self.troubles.copy()


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
