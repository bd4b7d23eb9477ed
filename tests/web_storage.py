"""A web server with recordings, as a test needs it: it asks for credentials, and misbehaves when it is told to."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from data.settings import RemoteRecordings

BASIC = "Basic " + base64.b64encode(b"reader:s3cret").decode()


@dataclass
class WebStorage:
    """files: by path. fault: "slow", "short", "endless", "redirect", "packed", "no ranges" or a status."""

    files: dict[str, bytes] = field(default_factory=dict)
    wants: str = BASIC
    fault: str | int | None = None
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends slow answers
    url: str = ""

    def settings(self, **changed: Any) -> RemoteRecordings:
        values = {"url": self.url, "user": "reader", "password": "s3cret", "below": "/var/spool/monitor"}
        return RemoteRecordings(**(values | changed))


@contextmanager
def web_storage() -> Iterator[WebStorage]:
    """Serve it on a port of this machine until the block ends."""
    storage = WebStorage()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            storage.asked.append(self.path)
            if self.headers.get("Authorization") != storage.wants:
                self._say(401)
            elif storage.fault == "redirect":
                self._say(302, {"Location": "http://169.254.169.254/latest/meta-data"})
            elif isinstance(storage.fault, int):
                self._say(storage.fault)
            elif (body := storage.files.get(unquote(self.path))) is None:
                self._say(404)
            else:
                self._send(body)

        def _send(self, body: bytes) -> None:
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if storage.fault == "slow":
                storage.released.wait(60.0)
            if storage.fault == "short":
                self._say(200, {"Content-Length": str(len(body) + 100)}, body)
                self.close_connection = True
            elif storage.fault == "endless":
                self._say(200, {"Connection": "close", "Content-Length": None}, body * 50)
                self.close_connection = True
            elif storage.fault == "packed":
                self._say(200, {"Content-Encoding": "gzip"}, body)
            elif wanted is None or storage.fault == "no ranges":
                self._say(200, {}, body)
            elif int(wanted[1]) >= len(body):
                self._say(416, {"Content-Range": f"bytes */{len(body)}"})
            else:
                first, last = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
                self._say(206, {"Content-Range": f"bytes {first}-{last}/{len(body)}"}, body[first : last + 1])

        def _say(self, status: int, headers: dict[str, str | None] | None = None, body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    storage.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        storage.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
