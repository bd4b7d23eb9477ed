"""What the pretended services share: an HTTP server with faults to order, and calls to a webhook that are repeated."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from data.messaging import Messenger
from ingest.simulator.messengers.exchange import Asked, Fault, Heard, Reply, Revised

_LARGEST = 64 << 20


class Service:
    """One service on a port of this machine; a context manager."""

    messenger: Messenger

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.revised: list[Revised] = []
        self.asked: list[Asked] = []
        self.faults: deque[Fault] = deque()
        self.released = threading.Event()
        self.hook_url = ""  # where it calls; "" until somebody says
        self.on_heard: Callable[[Heard], None] | None = None
        self.url = ""
        self.port = 0  # any that is free
        self._hooks = httpx.Client(trust_env=False, timeout=60.0)
        self._lock = threading.Lock()
        self._number = 0
        self._names: dict[str, str] = {}
        self._pause = threading.Event()  # never set: repeated calls come later and later

    @property
    def connection(self) -> dict[str, str]:
        """How an account of ours reaches it."""
        raise NotImplementedError

    @property
    def secrets(self) -> dict[str, str]:
        raise NotImplementedError

    def answer(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def is_message(self, asked: Asked) -> bool:
        """Whether the request sends a message: faults strike these only."""
        raise NotImplementedError

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a call to the webhook."""
        raise NotImplementedError

    def number_from(self, first: int) -> None:
        """Number what comes from `first` on."""
        self._number = first

    def name_of(self, user: str, name: str | None = None) -> str | None:
        """How somebody calls himself: as he does now, else as he last did."""
        if name:
            self._names[user] = name
        return self._names.get(user)

    def next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        if self.on_heard is not None:
            self.on_heard(heard)

    def call(self, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Call the webhook once; its status."""
        sent = {"content-type": "application/json", **(self.sign(body) if headers is None else headers)}
        return self._hooks.post(self.hook_url, content=body, headers=sent).status_code

    def deliver(self, event: Mapping[str, Any], *, tries: int = 5) -> None:
        """Call the webhook until it says that it has it."""
        body = json.dumps(event, ensure_ascii=False).encode()
        for attempt in range(tries):
            if self.call(body) == 200:
                return
            self._pause.wait(0.1 * 2**attempt)
        raise AssertionError("the webhook took nothing")

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service._serve(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._hooks.close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = min(int(handler.headers.get("Content-Length") or 0), _LARGEST)
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, handler.rfile.read(length))
        self.asked.append(asked)
        with self._lock:
            fault = self.faults.popleft() if self.faults and self.is_message(asked) else None
        if fault is not None and fault.held:
            self.released.wait(60.0)
        if fault is None or fault.after or fault.held:
            reply = self.answer(asked)
        if fault is not None and not fault.held:
            reply = Reply(fault.status, fault.body, fault.headers)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body, ensure_ascii=False).encode()
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
