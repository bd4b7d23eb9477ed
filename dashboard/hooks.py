"""Webhooks of messengers: whoever proves to be the messenger is stored as he is, then answered; read later by ingest.

What cannot be kept is answered with 503, so that the messenger tells it again: nothing that was answered with 200 is
ever lost.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.context import utc_now
from dashboard.hook_desk import DOUBTED_FOR_S, Book, Known
from dashboard.hook_inbox import Inbox
from data.errors import StoreError
from data.hooks import KEPT_HEADERS, challenge, is_genuine

LARGEST = 4 << 20  # bytes of one request; WhatsApp sends up to three million

log = structlog.get_logger()


def extra_routes() -> list[BaseRoute]:
    """/hooks/ACCOUNT: GET proves that the address is ours, POST delivers."""
    return [
        Route("/hooks/{account}", _verify, methods=["GET"]),
        Route("/hooks/{account}", _deliver, methods=["POST"]),
    ]


async def _verify(request: Request) -> Response:
    """The answer to a service that asks whether the address is ours."""
    inbox: Inbox = request.app.state.hooks
    known = await run_in_threadpool(inbox.book.get, request.path_params["account"])
    if known is None:
        return _told(404)
    answer = challenge(known.messenger, known.secrets, request.query_params)
    if answer is None:
        return _told(403)
    return PlainTextResponse(answer)


async def _deliver(request: Request) -> Response:
    """Keep one request as it came."""
    inbox: Inbox = request.app.state.hooks
    account = request.path_params["account"]
    try:
        known = await inbox.book.known(account)
    except StoreError:
        return _told(503)
    if known is None:
        return _told(404)
    body = await _body(request)
    if body is None:
        return _told(413)
    if not await _is_genuine(inbox.book, account, known, request.headers, body):
        log.warning("a webhook was forged, or its secret is wrong", account=account)
        return _told(401)
    kept = {name: request.headers[name][:200] for name in KEPT_HEADERS if name in request.headers}
    return _told(200 if await inbox.keep(account, body, kept) else 503)


async def _is_genuine(book: Book, account: str, known: Known, headers: Mapping[str, str], body: bytes) -> bool:
    if is_genuine(known.messenger, known.secrets, headers, body, now=utc_now()):
        return True
    again = await book.known(account, for_s=DOUBTED_FOR_S)
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
