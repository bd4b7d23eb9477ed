"""A MikoPBX of the test: an HTTP server that answers as REST version 3 does, and fails when it is told to."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from data.settings import Pbx

KEY = "0123456789abcdef"
_BASE = "/pbxcore/api/v3/"


@dataclass
class RestPbx:
    """What the PBX has. faults: one is taken per request: a status, "cut", "garbage", "slow" or bytes."""

    records: list[dict[str, Any]] = field(default_factory=list)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: deque[int | str | bytes] = field(default_factory=deque)
    grouped: bool = False  # older versions answer with whole calls
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends slow answers
    url: str = ""

    def settings(self, **changed: Any) -> Pbx:
        return Pbx(**({"rest_url": self.url, "rest_key": KEY, "rest_seconds": 30.0} | changed))

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        name = path.removeprefix(_BASE)
        if name == "cdr":
            return 200, _result(self._page(query))
        if name in self.details:
            return 200, _result(self.details[name])
        if name in self.lists:
            found = self.lists[name]
            employees = {"data": found, "recordsTotal": len(found), "recordsFiltered": len(found)}
            return 200, _result(employees if name == "employees" else found)
        return 404, _result([], "Not found")

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        assert query["order"] == "ASC"
        assert "dateFrom" in query, "without a date only thirty days are answered"
        after, limit = int(query["idFrom"]), int(query["limit"])
        behind = [one for one in self.records if not isinstance(one.get("id"), int) or one["id"] > after]
        if not self.grouped:
            found, total = behind[:limit], len(behind)
            last = found[-1].get("id") if found else None
        else:
            linked = list(dict.fromkeys(one["linkedid"] for one in behind))
            total, groups = len(linked), []
            for name in linked[:limit]:
                parts = [one for one in self.records if one["linkedid"] == name]
                groups.append({"linkedid": name, "start": parts[0]["start"], "totalDuration": 0, "records": parts})
            found = groups
            last = found[-1]["records"][-1]["id"] if found else None
        pagination = {"total": total, "limit": limit, "offset": 0, "hasMore": total > limit, "lastId": last}
        return {"records": found, "pagination": pagination}


@contextmanager
def rest_pbx(given: RestPbx | None = None) -> Iterator[RestPbx]:
    """Serve it on a port of this machine until the block ends."""
    pbx = given or RestPbx()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pbx.asked.append(self.path)
            fault = pbx.faults.popleft() if pbx.faults else None
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                self._send(401, json.dumps(_result([], "Unauthorized")).encode())
            elif fault == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                self.wfile.write(b'{"result": true, "data": {"records": [{"id": 1')
                self.close_connection = True
            elif fault == "slow":
                pbx.released.wait(60.0)
                self.close_connection = True
            elif isinstance(fault, int):
                self._send(fault, b"{}", {"Retry-After": "3"} if fault == 429 else {})
            elif fault is not None:
                self._send(200, fault if isinstance(fault, bytes) else fault.encode())
            else:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                status, body = pbx.answer(parts.path, query)
                self._send(status, json.dumps(body, ensure_ascii=False).encode())

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pbx.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield pbx
    finally:
        pbx.released.set()
        server.shutdown()
        server.server_close()
        thread.join(60.0)


def record(number: int, at: str, **changed: Any) -> dict[str, Any]:
    """One call record: an outside caller, whom 201 answered after four seconds and spoke with for a minute."""
    linkedid = changed.get("linkedid", f"mikopbx-1795371{number:03}.{number}")
    values: dict[str, Any] = {
        "id": number,
        "start": at,
        "endtime": _later(at, 64),
        "answer": _later(at, 4),
        "src_chan": f"PJSIP/SIP-TRUNK-5D251358-{number:08x}",
        "src_num": "79161112233",
        "dst_chan": f"PJSIP/201-{number:08x}",
        "dst_num": "201",
        "UNIQUEID": f"{linkedid}_aB3dE{number}",
        "linkedid": linkedid,
        "did": "74951234567",
        "disposition": "ANSWERED",
        "recordingfile": f"/storage/usbdisk1/mikopbx/astspool/monitor/2026/11/22/15/{linkedid}_aB3dE{number}.webm",
        "from_account": "SIP-TRUNK-5D251358",
        "to_account": "",
        "dialstatus": "ANSWERED",
        "appname": "",
        "transfer": False,
        "is_app": False,
        "duration": 64,
        "billsec": 60,
        "work_completed": True,
        "playback_url": f"/pbxcore/api/v3/cdr/{number}:playback?token=x",
        "download_url": None,
    }
    return values | changed


def missed(number: int, at: str, **changed: Any) -> dict[str, Any]:
    """The same, and nobody answered."""
    nothing = {"answer": "", "disposition": "NOANSWER", "recordingfile": "", "billsec": 0, "dialstatus": "NOANSWER"}
    return record(number, at, **(nothing | {"endtime": _later(at, 20), "duration": 20} | changed))


def _later(at: str, seconds: int) -> str:
    later = datetime.fromisoformat(at) + timedelta(seconds=seconds)
    return later.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _result(data: Any, problem: str = "") -> dict[str, Any]:
    return {
        "result": not problem,
        "data": data,
        "messages": {"error": [problem]} if problem else [],
        "function": "getList",
        "processor": "getList",
        "pid": 42,
    }
