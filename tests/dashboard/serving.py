"""The whole web process on a free port of this machine, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.applications import Starlette

from dashboard.asgi import Server, build, listening
from data.settings import Settings
from data.store.protocol import Store

_START_S = 60
_ACT_S = 20.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A web process that answers."""

    url: str
    app: Starlette
    stop: threading.Event


@contextmanager
def running(settings: Settings, store: Store, *, port: int = 0, **options: Any) -> Iterator[Running]:
    """Serve until the block ends. port: 0 takes a free one. options: as of dashboard.factory.create_app."""
    web = settings.web.model_copy(update={"port": port})
    ready, stop = threading.Event(), threading.Event()
    app = build(settings, store, **options)
    with listening(web) as door:
        host, port = door.getsockname()[:2]
        thread = threading.Thread(target=Server(app, door, ready=ready.set, stop=stop).run, name="web")
        thread.start()
        try:
            assert ready.wait(_START_S), "the web process did not start"
            yield Running(url=f"http://{host}:{port}", app=app, stop=stop)
        finally:
            stop.set()
            thread.join(_START_S)
            assert not thread.is_alive(), "the web process did not stop"


def in_own_thread(act: Callable[[], T]) -> T:
    """What `act` returns; a browser test in the same process keeps an event loop running in this thread."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(act).result(_ACT_S)
