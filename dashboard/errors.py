"""What people and programs read when something failed: words, status and a request id."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from dashboard.html import render
from dashboard.text import t
from data.errors import (
    CallboardError,
    Conflict,
    DiskFull,
    NotAllowed,
    NotFound,
    QueryTooLong,
    QueryWithdrawn,
    RecordingMissing,
    StorageAway,
    StoreUnavailable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One failed request. kind: also the key of its words, `shell.error.<kind>`."""

    status: int
    kind: str
    retry: bool = False
    detail: str = ""  # our own message, for those who program against /api

    @property
    def heading(self) -> str:
        return t(f"shell.error.{self.kind}.heading")

    @property
    def explanation(self) -> str:
        return t(f"shell.error.{self.kind}.text")


KINDS = (
    "not_found",
    "forbidden",
    "login",
    "csrf",
    "too_large",
    "bad_request",
    "internal",
    "store_away",
    "storage_away",
    "too_long",
    "conflict",
    "too_often",
    "disk_full",
)

_BY_STATUS = {
    400: Trouble(status=400, kind="bad_request"),
    401: Trouble(status=401, kind="login"),
    403: Trouble(status=403, kind="forbidden"),
    404: Trouble(status=404, kind="not_found"),
    405: Trouble(status=405, kind="bad_request"),
    409: Trouble(status=409, kind="conflict"),
    413: Trouble(status=413, kind="too_large"),
    429: Trouble(status=429, kind="too_often", retry=True),
}

_BY_ERROR: tuple[tuple[type[CallboardError], int, str, bool], ...] = (
    (DiskFull, 507, "disk_full", True),
    (StoreUnavailable, 503, "store_away", True),
    (StorageAway, 503, "storage_away", True),
    (QueryTooLong, 503, "too_long", True),
    (QueryWithdrawn, 499, "bad_request", False),  # read by nobody: the asker has gone
    (NotAllowed, 403, "forbidden", False),
    (Conflict, 409, "conflict", False),
    (RecordingMissing, 404, "not_found", False),
    (NotFound, 404, "not_found", False),
)


def trouble_of(error: BaseException | int) -> Trouble:
    """What an exception, or a bare HTTP status, is to its reader."""
    if isinstance(error, int):
        return _BY_STATUS.get(error, Trouble(status=error, kind="bad_request" if error < 500 else "internal"))
    for kind_of_error, status, kind, retry in _BY_ERROR:
        if isinstance(error, kind_of_error):
            return Trouble(status=status, kind=kind, retry=retry, detail=str(error))
    return Trouble(status=500, kind="internal", retry=True)


def as_page(trouble: Trouble, *, site: str, request_id: str, theme: str = "system") -> str:
    """The trouble as a page of its own."""
    return render(
        "error.html",
        theme=theme,
        site=site,
        status=trouble.status,
        heading=trouble.heading,
        explanation=trouble.explanation,
        retry=trouble.retry,
        request_id=request_id,
    )


def as_json(trouble: Trouble, *, request_id: str) -> bytes:
    """The trouble for programs: {"error", "message", "request_id"}."""
    return orjson.dumps({"error": trouble.kind, "message": trouble.detail or trouble.heading, "request_id": request_id})
