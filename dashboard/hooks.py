"""Webhooks of messengers: whoever proves to be the messenger is stored as he is, then answered; read later by ingest.

Requests that come together share one transaction. What cannot be stored is answered with 503, so that the
messenger tells it again: nothing that was answered with 200 is ever lost.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.context import utc_now
from data.errors import CallboardError, StoreError
from data.hooks import KEPT_HEADERS, challenge, is_genuine
from data.identity.actor import system
from data.identity.secrets import Secrets
from data.messaging import Messenger
from data.services.messenger_accounts import accounts, secrets_of
from data.settings import Settings
from data.store.protocol import Statement, Store, Topic

LARGEST = 4 << 20  # bytes of one request; WhatsApp sends up to three million
_MOST_TOGETHER = 200
_MOST_BYTES = 16 << 20  # of requests that wait to be stored; more are told to come again
_KNOWN_FOR_S = 5.0
_DOUBTED_FOR_S = 0.1  # an account that is not there may have been made this moment, or its secret changed

ACTOR = system("web")
log = structlog.get_logger()


def extra_routes() -> list[BaseRoute]:
    """/hooks/ACCOUNT: GET proves that the address is ours, POST delivers."""
    desk = _Desk()
    return [
        Route("/hooks/{account}", desk.verify, methods=["GET"]),
        Route("/hooks/{account}", desk.deliver, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """An account as its webhook needs it."""

    messenger: Messenger
    secrets: Mapping[str, str]


class _Desk:
    """The endpoints of one web process."""

    def __init__(self) -> None:
        self._book: _Book | None = None
        self._writer: _Writer | None = None
        self._lock = threading.Lock()

    async def verify(self, request: Request) -> Response:
        """The answer to a service that asks whether the address is ours."""
        known = await run_in_threadpool(self._of(request).get, request.path_params["account"])
        if known is None:
            return _told(404)
        answer = challenge(known.messenger, known.secrets, request.query_params)
        if answer is None:
            return _told(403)
        return PlainTextResponse(answer)

    async def deliver(self, request: Request) -> Response:
        """Store one request as it came."""
        book = self._of(request)
        account = request.path_params["account"]
        try:
            known = await book.known(account)
        except StoreError:
            return _told(503)
        if known is None:
            return _told(404)
        body = await _body(request)
        if body is None:
            return _told(413)
        if not await _is_genuine(book, account, known, request.headers, body):
            log.warning("a webhook was forged, or its secret is wrong", account=account)
            return _told(401)
        assert self._writer is not None  # noqa: S101 - _of made it
        kept = {name: request.headers[name][:200] for name in KEPT_HEADERS if name in request.headers}
        return _told(200 if await self._writer.store(account, body, json.dumps(kept)) else 503)

    def _of(self, request: Request) -> _Book:
        with self._lock:
            if self._book is None:
                state = request.app.state
                self._book = _Book(state.store, state.settings)
                self._writer = _Writer(state.store)
            return self._book


class _Book:
    """The accounts and their secrets, read anew every few seconds at most."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._secrets = Secrets(settings)
        self._known: dict[str, _Known] = {}
        self._read_at: float | None = None
        self._lock = threading.Lock()

    async def known(self, account: str, *, for_s: float = _KNOWN_FOR_S) -> _Known | None:
        """The account as it was `for_s` ago; one that was not there then is looked for again. Raises StoreError."""
        found = self._known.get(account)
        if found is None or not self._is_fresh(for_s):
            return await run_in_threadpool(self.get, account, for_s=_DOUBTED_FOR_S if found is None else for_s)
        return found

    def get(self, account: str, *, for_s: float = _KNOWN_FOR_S) -> _Known | None:
        """None where there is no such account, or it is switched off. Raises StoreError while nothing is known."""
        with self._lock:
            if not self._is_fresh(for_s):
                try:
                    self._known = self._read()
                except StoreError:
                    if self._read_at is None:
                        raise
                self._read_at = time.monotonic()
            return self._known.get(account)

    def _is_fresh(self, for_s: float) -> bool:
        return self._read_at is not None and time.monotonic() - self._read_at <= for_s

    def _read(self) -> dict[str, _Known]:
        found: dict[str, _Known] = {}
        for one in accounts(self._store, ACTOR):
            if not one.enabled:
                continue
            try:
                found[one.account] = _Known(one.messenger, secrets_of(self._secrets, one.account))
            except CallboardError as error:
                log.error("the secrets of an account cannot be read", account=one.account, reason=str(error))
        return found


class _Writer:
    """Stores requests: while one transaction is under way, the next ones gather."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[str, bytes, str, asyncio.Future[bool]]] = []
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    async def store(self, account: str, body: bytes, headers: str) -> bool:
        """Whether it is stored for good."""
        if self._bytes + len(body) > _MOST_BYTES:
            return False
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((account, body, headers, done))
        self._bytes += len(body)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            now = utc_now()
            params = {
                "hook_ids": [str(uuid4()) for _ in batch],
                "accounts": [account for account, _, _, _ in batch],
                "moments": [now] * len(batch),
                "bodies": [body for _, body, _, _ in batch],
                "headers": [headers for _, _, headers, _ in batch],
            }
            step = Statement(name="hook_events_insert", params=params, expect_rows=len(batch))
            stored = True
            try:
                await run_in_threadpool(self._store.transact, [step], actor=ACTOR, touches={Topic.HOOKS: ()})
            except Exception as error:
                log.error("webhooks cannot be stored; the messengers will tell them again", reason=str(error))
                stored = False
            for _, body, _, done in batch:
                self._bytes -= len(body)
                if not done.done():  # its request may have been broken off
                    done.set_result(stored)


async def _is_genuine(book: _Book, account: str, known: _Known, headers: Mapping[str, str], body: bytes) -> bool:
    if is_genuine(known.messenger, known.secrets, headers, body, now=utc_now()):
        return True
    again = await book.known(account, for_s=_DOUBTED_FOR_S)
    if again is None or again.secrets == known.secrets:
        return False
    return is_genuine(again.messenger, again.secrets, headers, body, now=utc_now())


async def _body(request: Request) -> bytes | None:
    """The body as it came; None where it is too large."""
    told = request.headers.get("content-length", "0")
    if not told.isdigit() or int(told) > LARGEST:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _told(status: int) -> Response:
    headers = {"Retry-After": "5"} if status == 503 else None
    return Response(status_code=status, headers=headers)
