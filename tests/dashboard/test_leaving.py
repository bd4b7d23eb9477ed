"""A browser that went away: its reading stops, its writing does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from a2wsgi import WSGIMiddleware

from dashboard.leaving import Leaving, Message
from data.errors import QueryWithdrawn
from data.store.database import Database
from tests.data.facts import INGEST
from tests.data.test_store_reading import ENDLESS

_PATIENCE_S = 60


def visit(page: Callable[[], None], *, method: str = "GET", leave_when: Callable[[], bool]) -> None:
    """Ask for a page, and leave before it answers, as soon as `leave_when` is true."""

    def wsgi(environ: Any, start_response: Any) -> Iterable[bytes]:
        page()
        start_response("200 OK", [])
        return [b"done"]

    async def go() -> None:
        asked = asyncio.Event()

        async def receive() -> Message:
            if not asked.is_set():
                asked.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            while not leave_when():
                await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        async def send(_: Message) -> None:
            pass

        scope = {
            "type": "http",
            "method": method,
            "path": "/",
            "query_string": b"",
            "http_version": "1.1",
            "headers": [],
        }
        await asyncio.wait_for(Leaving(WSGIMiddleware(wsgi))(scope, receive, send), _PATIENCE_S)

    # In a thread of its own: browser tests of the same process keep a loop running in the first one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, go()).result(_PATIENCE_S)


def test_what_a_page_still_reads_is_stopped_when_its_reader_leaves(tmp_path: Path) -> None:
    outcome: list[type[BaseException]] = []
    with Database(tmp_path) as database:

        def page() -> None:
            try:
                database.query(ENDLESS, actor=INGEST)
            except QueryWithdrawn as error:
                outcome.append(type(error))

        visit(page, leave_when=lambda: database.stats()["readers_busy"] == 1)

        assert database.stats()["readers_busy"] == 0
    assert outcome == [QueryWithdrawn]


def test_what_was_begun_to_be_written_goes_on(tmp_path: Path) -> None:
    read: list[int] = []
    with Database(tmp_path) as database:
        visit(
            lambda: read.append(database.query("select 1 as one", actor=INGEST).num_rows),
            method="POST",
            leave_when=lambda: True,
        )

    assert read == [1]
