"""One port: Starlette answers events, health and static files itself and passes the rest to Flask and Dash."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import re
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from typing import Any

# DuckDB and Arrow import these lazily, which fails under threads (docs/decisions/0002-web-shell.md).
import numpy  # noqa: F401
import pandas  # noqa: F401
import pyarrow  # noqa: F401
import structlog
import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from dashboard import auth
from dashboard.auth import Identity
from dashboard.context import Context, utc_now
from dashboard.errors import as_json, trouble_of
from dashboard.events import Hub, LinkWatch, Listener, Stream, frames
from dashboard.factory import REQUEST_ID, bundle, create_app, first_files
from dashboard.headers import EVERYWHERE, HTTPS
from dashboard.hook_inbox import Inbox
from dashboard.html import ASSETS
from dashboard.leaving import Leaving
from dashboard.presence import Presence
from dashboard.static import PREFIX, SUITES, Library
from dashboard.vitals import MEDIA_TYPE, Requests, may_read, vitals
from data.disk import DiskGuard
from data.errors import CallboardError, PortBusy, SettingsError, StoreError
from data.health import gather
from data.identity.actor import Permission, system
from data.runtime import RunTime
from data.settings import Settings, Web
from data.store.protocol import Store

_WORKERS = 12
_LAST_WORDS_S = 5
_ROUTED = ("recordings", "hooks", "media")
_KNOWN_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")

log = structlog.get_logger()


def serve(
    settings: Settings,
    store: Store,
    *,
    ready: Callable[[], object] | None = None,
    stop: threading.Event | None = None,
    **options: Any,
) -> None:
    """Serve the pages until `stop` is set, or a signal where it is None; `ready` is called when they answer.

    options: as of factory.create_app. Raises PortBusy.
    """
    with listening(settings.web) as door:
        Server(build(settings, store, **options), door, ready=ready, stop=stop).run()


@contextlib.contextmanager
def listening(web: Web) -> Iterator[socket.socket]:
    """A socket that listens where the settings say (port 0: a free one). Raises PortBusy, SettingsError."""
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    # The protocol is named because asyncio looks for it before it sets TCP_NODELAY; without that, an answer's
    # body waits 40 ms for the acknowledgement of its head.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((web.host, web.port))
        door.listen(512)
    except OSError as error:
        door.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise SettingsError(
                f"Cannot listen on {web.host}:{web.port} ({error.strerror}). Correct the setting web.host: "
                "127.0.0.1 for this machine only, 0.0.0.0 for its network."
            ) from None
        raise PortBusy(
            f"Cannot listen on {web.host}:{web.port} ({error.strerror}). Stop the other program, "
            "or choose another port: setting web.port, or CALLBOARD_WEB__PORT=8051."
        ) from None
    with door:
        yield door


class Server(uvicorn.Server):
    """uvicorn on a socket of ours, stopped by an event."""

    def __init__(
        self,
        app: Starlette,
        door: socket.socket,
        *,
        ready: Callable[[], object] | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_LAST_WORDS_S,
                timeout_keep_alive=30,
            )
        )
        self._door = door
        self._hub: Hub = app.state.hub
        self._ready = ready
        self._stop = stop

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets or [self._door])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._stop is not None:
            threading.Thread(target=self._leave_at, args=(self._stop,), name="stop", daemon=True).start()
        if self._ready is not None and self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams never end by themselves; uvicorn would wait for them.
        self._hub.end()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if self._stop is None:
            with super().capture_signals():
                yield
        else:
            yield  # whoever set up `stop` hears the signals

    def _leave_at(self, stop: threading.Event) -> None:
        stop.wait()
        self.should_exit = True


def build(settings: Settings, store: Store, **options: Any) -> Starlette:
    """The whole web application. options: as of factory.create_app."""
    identity = Identity.open(settings)
    hub = Hub()
    ends = _Ends(hub)
    flask = create_app(settings, store, identity, session_ended=ends, **options)
    runtime, guard = flask.extensions["callboard_runtime"], flask.extensions["callboard_guard"]
    flask.extensions["presence"] = Presence(tell=ends.typing)
    library = Library(ASSETS, lambda path: bundle(flask, path))
    desk = _Desk(runtime, store, identity, hub, library, guard)
    hooks = Inbox(store, settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        ends.loop = asyncio.get_running_loop()
        listener = Listener(store, hub, ends.loop)
        links = LinkWatch(store, hub, ends.loop)
        listener.start()
        links.start()
        hooks.start()
        threading.Thread(target=desk.warm_up, args=(flask,), name="warm", daemon=True).start()
        yield
        listener.stop()
        links.stop()
        await run_in_threadpool(hooks.stop)

    app = Starlette(
        routes=[
            Route("/healthz", desk.healthz),
            Route("/readyz", desk.readyz),
            Route("/metrics", desk.metrics),
            Route("/events", desk.events),
            Route(PREFIX + "{path:path}", desk.static),
            Route(SUITES + "{path:path}", desk.static),
            *_extra_routes(),
            Mount("/", Leaving(WSGIMiddleware(flask, workers=_WORKERS))),
        ],
        lifespan=lifespan,
        exception_handlers={CallboardError: _failed},
    )
    app.state.hub, app.state.flask, app.state.identity, app.state.hooks = hub, flask, identity, hooks
    app.state.settings, app.state.store, app.state.runtime = settings, store, runtime
    app.add_middleware(Envelope, requests=desk.requests)
    return app


def context_of(request: Request) -> Context | None:
    """Who asks a Starlette endpoint, and over what; None: answer 401. It reads the database: call it in a thread."""
    state = request.app.state
    asked = auth.who(state.identity, request.cookies.get(auth.SESSION_COOKIE), request.headers.get("Authorization"))
    if asked is None or asked.user.must_change:
        return None
    return Context(
        settings=state.runtime.now(),
        store=state.store,
        actor=asked.user.actor,
        request_id=request.headers.get(REQUEST_ID, "-"),
    )


class Envelope:
    """Gives every request an id and every response the security headers; answers what nothing else caught."""

    def __init__(self, app: Any, requests: Requests | None = None) -> None:
        self._app = app
        self._requests = requests or Requests()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _KNOWN_ID.match(given) else secrets.token_hex(8)
        name = REQUEST_ID.lower().encode()
        rest = [(key, value) for key, value in scope["headers"] if key != name]
        scope["headers"] = [*rest, (name, request_id.encode())]

        begun = time.perf_counter()
        status = 0

        async def sealed(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for key, value in (EVERYWHERE | (HTTPS if scope["scheme"] == "https" else {})).items():
                    headers.setdefault(key, value)
            await send(message)

        try:
            await self._app(scope, receive, sealed)
        except Exception as error:
            log.exception("request failed", path=scope["path"], request_id=request_id)
            if status:
                raise  # half of an answer is sent: only a broken connection tells the reader
            trouble = trouble_of(error)
            answer = Response(as_json(trouble, request_id=request_id), trouble.status, media_type="application/json")
            await answer(scope, receive, sealed)
        took_s = time.perf_counter() - begun
        if scope["path"] != "/events":  # a stream lasts as long as its page
            self._requests.answered(status, took_s)
        took_ms = round(took_s * 1000)
        log.debug("request", path=scope["path"], status=status, took_ms=took_ms, request_id=request_id)


class _Ends:
    """Tells the hub, from any thread, that a session ended, or that somebody writes."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, session: str) -> None:
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._hub.end, session)

    def typing(self, chat_id: str) -> None:
        """Somebody begins or stops to write in a chat."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._hub.typing, chat_id)


class _Desk:
    """The endpoints that need no Flask."""

    def __init__(
        self, runtime: RunTime, store: Store, identity: Identity, hub: Hub, library: Library, guard: DiskGuard
    ) -> None:
        self._runtime = runtime
        self._guard = guard
        self._store = store
        self._identity = identity
        self._hub = hub
        self._library = library
        self.requests = Requests()

    async def healthz(self, _: Request) -> Response:
        """This process lives."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readyz(self, _: Request) -> Response:
        """Pages can be served: the store answers; and how the disk does, which keeps nobody from reading."""
        disk = await run_in_threadpool(lambda: self._guard.room().level.value)
        try:
            await run_in_threadpool(self._store.query, "select 1 as one", actor=system("web"), timeout_s=2.0)
        except StoreError as error:
            log.warning("not ready", why=str(error))
            return JSONResponse({"status": "waiting", "for": "store", "disk": disk}, 503)
        return JSONResponse({"status": "ready", "disk": disk})

    async def metrics(self, request: Request) -> Response:
        """Numbers for Prometheus."""
        host = request.client.host if request.client else None
        cookie = request.cookies.get(auth.SESSION_COOKIE)
        if not await run_in_threadpool(may_read, self._identity, host, request.headers, cookie):
            return _refused(request, 401)
        facts = await run_in_threadpool(
            lambda: gather(self._runtime.now(), self._store, self._guard.room(), now=utc_now())
        )
        text = await run_in_threadpool(vitals, facts, self._hub, self.requests)
        return Response(text, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    async def events(self, request: Request) -> Response:
        """The stream of hints of one browser."""
        asked = await run_in_threadpool(auth.who, self._identity, request.cookies.get(auth.SESSION_COOKIE), None)
        if asked is None or asked.session is None:
            return _refused(request, 401)
        key = asked.session.key
        version = ASSETS.url("all.js")
        actor = asked.user.actor
        stream = Stream(
            session=key,
            with_ids=actor.sees_all,
            extensions=actor.extensions,
            is_watching=actor.may(Permission.LIVE),
        )

        async def body() -> AsyncIterator[str]:
            self._hub.attach(stream, request.headers.get("Last-Event-ID") or request.query_params.get("since"))
            try:
                async for frame in frames(self._hub, stream, is_valid=lambda: self._is_open(key), version=version):
                    yield frame
            finally:
                self._hub.detach(stream)

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body(), media_type="text/event-stream", headers=headers)

    async def static(self, request: Request) -> Response:
        """Assets of ours and bundles of Dash."""
        headers = request.headers
        answer = await run_in_threadpool(
            self._library.answer,
            request.url.path,
            request.url.query,
            accepted=headers.get("Accept-Encoding", ""),
            known=headers.get("If-None-Match", ""),
        )
        if answer is None:
            return _refused(request, 404)
        return Response(answer.body, answer.status, dict(answer.headers))

    def warm_up(self, flask: Any) -> None:
        """Compress what every page loads, before somebody waits for it."""
        self._library.warm(first_files(flask))

    def _is_open(self, key: str) -> bool:
        return self._identity.sessions.find_key(key, touch=False) is not None


def _extra_routes() -> list[BaseRoute]:
    """Endpoints of other modules that need ranges, streams or raw bodies."""
    # Late: they ask this module who asks.
    modules = (importlib.import_module(f"dashboard.{name}") for name in _ROUTED)
    return [route for module in modules for route in module.extra_routes()]


async def _failed(request: Request, error: Exception) -> Response:
    trouble = trouble_of(error)
    if trouble.status >= 500:
        log.error("request failed", path=request.url.path, exc_info=error, request_id=_id(request))
    return Response(as_json(trouble, request_id=_id(request)), trouble.status, media_type="application/json")


def _refused(request: Request, status: int) -> Response:
    return Response(as_json(trouble_of(status), request_id=_id(request)), status, media_type="application/json")


def _id(request: Request) -> str:
    return request.headers.get(REQUEST_ID, "-")
