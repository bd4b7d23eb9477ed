"""From webhooks to the store: each is safe on our own disk before it is answered, and goes on to the store from there.

So an answer waits for no transaction of anybody else, and a store that is away refuses nobody.
"""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import uuid4

import structlog

from dashboard.context import utc_now
from dashboard.hook_desk import Book
from data.errors import StoreError
from data.identity.actor import system
from data.settings import Settings
from data.spool import Spool
from data.store.protocol import Statement, Store, Topic

FOLDER = "inbox"  # in the data folder

_MOST_TOGETHER = 500
_MOST_BYTES = 16 << 20  # of requests that wait for the disk; more are told to come again
_PAUSE_S = 0.1  # between two transactions: the store pays for each, however little it holds
_AFTER_TROUBLE_S = 1.0

ACTOR = system("web")
log = structlog.get_logger()


class Inbox:
    """The requests of one web process. `keep` belongs to its event loop. book: who may call."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self.book = Book(store, settings)
        self._folder = settings.data / FOLDER
        self._spool: Spool | None = None
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="hook-disk")
        self._waiting: list[tuple[bytes, asyncio.Future[bool]]] = []
        self._bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self._came, self._stopping = threading.Event(), threading.Event()
        self._forwarding = threading.Thread(target=self._forward, name="hooks", daemon=True)

    def start(self) -> None:
        """Send on what a former process left, and then whatever comes."""
        try:
            self._spool = Spool(self._folder)
        except OSError as error:
            log.error("webhooks cannot be taken", folder=str(self._folder), reason=str(error))
            return
        self._came.set()
        self._forwarding.start()
        # The first who calls is not to wait for the keys.
        threading.Thread(target=self.book.look, name="hook-book", daemon=True).start()

    def stop(self) -> None:
        """What is not sent on yet stays on the disk."""
        self._stopping.set()
        self._came.set()
        if self._spool is not None:
            self._forwarding.join()
            self._disk.shutdown()
            self._spool.close()

    async def keep(self, account: str, body: bytes, headers: dict[str, str]) -> bool:
        """Whether it is safe."""
        if self._spool is None or self._bytes + len(body) > _MOST_BYTES:
            return False
        head = {"id": str(uuid4()), "account": account, "at": utc_now().isoformat(), "headers": headers}
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((json.dumps(head).encode() + b"\n" + body, done))
        self._bytes += len(body)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(self._spool))
        return await done

    async def _write(self, spool: Spool) -> None:
        """While some are written the next ones gather, and share the next way to the disk."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            records = [record for record, _ in batch]
            try:
                await asyncio.get_running_loop().run_in_executor(self._disk, spool.add, records)
                is_safe = True
                self._came.set()
            except Exception as error:
                log.error("webhooks cannot be stored; the messengers will tell them again", reason=str(error))
                is_safe = False
            for record, done in batch:
                self._bytes -= len(record) - record.index(b"\n") - 1
                if not done.done():  # its request may have been broken off
                    done.set_result(is_safe)

    def _forward(self) -> None:
        assert self._spool is not None  # noqa: S101 - `start` made it
        while not self._stopping.is_set():
            self._came.wait()
            self._came.clear()
            try:
                while not self._stopping.is_set() and (records := self._spool.take(_MOST_TOGETHER)):
                    self._store.transact([_insert(records)], actor=ACTOR, touches={Topic.HOOKS: ()})
                    self._spool.taken()
                    self._stopping.wait(_PAUSE_S)
            except Exception as error:
                level = log.warning if isinstance(error, StoreError) else log.exception
                level("webhooks wait on the disk for the store", reason=str(error))
                self._stopping.wait(_AFTER_TROUBLE_S)
                self._came.set()


def _insert(records: list[bytes]) -> Statement:
    """The step that stores them; who sent it on and died before he knew does no harm by sending it again."""
    parts = [record.partition(b"\n") for record in records]
    heads = [json.loads(head) for head, _, _ in parts]
    moments = [datetime.fromisoformat(head["at"]) for head in heads]
    params = {
        "hook_ids": [head["id"] for head in heads],
        "accounts": [head["account"] for head in heads],
        "moments": moments,
        "bodies": [body for _, _, body in parts],
        "headers": [json.dumps(head["headers"]) for head in heads],
        "from_at": min(moments),
    }
    return Statement(name="hook_events_insert", params=params)
