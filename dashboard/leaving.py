"""A browser that does not wait any longer: what its request still reads from the store is stopped.

Wraps the pages behind WSGI, which cannot hear that a connection closed. Only reading is stopped: what was
begun to be written is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from data.store.withdrawing import Question, asked_for

Message = MutableMapping[str, Any]


class Leaving:
    """ASGI middleware around an application that runs in threads and is handed our context."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        first: Message | None = await receive()
        question = Question()
        answered = False

        async def told() -> Message:
            nonlocal first
            if first is not None:
                message, first = first, None
                return message
            return {"type": "http.request", "body": b"", "more_body": False}

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = answered or not (message["type"] == "http.response.start" or message.get("more_body", False))
            await send(message)

        async def wait_for_the_end() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            if not answered:
                # Stopping asks another process, which takes a moment.
                await asyncio.to_thread(question.withdraw)

        watch = asyncio.create_task(wait_for_the_end())
        try:
            with asked_for(question):
                await self._app(scope, told, sending)
        finally:
            watch.cancel()
