"""Files of chats over HTTP: by the id of their message, with ranges, rights asked on every request.

Browsers may show pictures, sound and films whose type was found by looking at them; all else is a download, and
nothing of it may run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.context import Context
from dashboard.errors import as_json, trouble_of
from data.errors import NotFound
from data.identity.actor import Actor
from data.media import SHOWN, UNKNOWN, MediaFolder, suffix_of
from data.messaging import MediaState
from data.queries import read
from data.services.visible import visible_chat

ContextOf = Callable[[Request], Context | None]

_HEADERS = {
    "Cache-Control": "private, max-age=86400",  # what a message holds never changes
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_LONGEST_NAME = 120


def extra_routes(context_of: ContextOf | None = None) -> list[BaseRoute]:
    """/media/MESSAGE. context_of: who asks (None there: answer 401)."""
    asks = context_of or _shells_answer()

    async def media(request: Request) -> Response:
        return await run_in_threadpool(_answer, request, asks)

    return [Route("/media/{message_id}", media)]


def _shells_answer() -> ContextOf:
    # Late: the shell asks this module for its routes.
    from dashboard.asgi import context_of

    return context_of


def _answer(request: Request, asks: ContextOf) -> Response:
    context = asks(request)
    if context is None or context.actor is None:
        body = as_json(trouble_of(401), request_id=request.headers.get("X-Request-ID", "-"))
        return Response(body, 401, media_type="application/json")
    row = _message(context, context.actor, request.path_params["message_id"])
    if not row["media"] or row["deleted_at"] is not None or row["media_state"] not in (None, MediaState.PRESENT.value):
        raise NotFound(f"Message {row['message_id']} has no file here.")
    path = MediaFolder(context.settings).path(row["media"])
    media_type = row["media_type"] or UNKNOWN
    is_shown = media_type in SHOWN and request.query_params.get("download") != "1"
    way = "inline" if is_shown else "attachment"
    headers = {**_HEADERS, "Content-Disposition": f"{way}; {_name(row, media_type)}"}
    return FileResponse(path, media_type=media_type if media_type in SHOWN else UNKNOWN, headers=headers)


def _message(context: Context, actor: Actor, message_id: str) -> dict[str, Any]:
    """Raises NotFound, NotAllowed."""
    try:
        known = {"message_id": str(UUID(message_id))}
    except ValueError:
        known = {"message_id": str(UUID(int=0))}
    rows = context.store.query(read("chats/one_message"), known, actor=actor, timeout_s=10.0).to_pylist()
    # Who may not chat is told that first, whatever he asks for.
    visible_chat(context.store, actor, rows[0]["chat_id"] if rows else str(UUID(int=0)))
    row: dict[str, Any] = rows[0]
    return row


def _name(row: dict[str, Any], media_type: str) -> str:
    """The name as the sender wrote it, without anything that a header, a folder or a reader would trip over."""
    told = unicodedata.normalize("NFC", row["media_name"] or "")
    kept = "".join(one for one in told if unicodedata.category(one)[0] not in "CZ" or one == " ")
    kept = kept.replace("/", "_").replace("\\", "_").replace('"', "_").strip(" .")[-_LONGEST_NAME:]
    name = kept or f"{row['kind']}-{row['message_id'][:8]}{suffix_of(media_type)}"
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._- ") else "_" for one in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
