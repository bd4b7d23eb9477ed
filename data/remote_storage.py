"""Recordings that lie behind a web server: where a file is there, and how it comes, whole or in part.

The host is the administrator's choice; only the path is made of what a PBX named, and every part of it is
escaped. A redirect is an error: it could lead anywhere, with the credentials.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import quote

import httpx

from data.errors import RecordingMissing, StorageAway
from data.settings import RemoteRecordings, Settings

PREFIX = "remote://"
COPIES = "remote-recordings"  # folder of the data folder
_PIECE = 65_536
_LISTENED_S = 3_600.0  # so long at most may one answer take to pass through
_RANGE = re.compile(r"bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})")
_CONTENT_RANGE = re.compile(r"bytes (?:\d+-\d+|\*)/(\d+)")
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An answer that may be passed on. headers: those that a player needs."""

    status: int  # 200, 206 or 416
    headers: Mapping[str, str]
    pieces: Iterator[bytes]
    close: Callable[[], None]


class RemoteStorage:
    """One web server with recordings."""

    def __init__(self, settings: RemoteRecordings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = settings.name
        self._settings = settings
        self._clock = clock
        token = settings.token.get_secret_value()
        password = settings.password.get_secret_value()
        self._client = httpx.Client(
            timeout=settings.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            verify=settings.verify,
            auth=httpx.BasicAuth(settings.user, password) if settings.user else None,
            # As they are: a small answer that unpacks into gigabytes never does so here.
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        )

    @property
    def most_bytes(self) -> int:
        return int(self._settings.most_mb * 1_000_000)

    def close(self) -> None:
        self._client.close()

    def path_of(self, file: PurePosixPath, started_at: datetime, zone: tzinfo) -> str | None:
        """What stands in `recording.path` for the file that a PBX calls `file`; None: none of this storage."""
        below = PurePosixPath(self._settings.below)
        if file.is_absolute() and not file.is_relative_to(below):
            return None
        inner = file.relative_to(below) if file.is_absolute() else file
        local = started_at.astimezone(zone)
        values = {
            "path": "/".join(quote(part, safe="") for part in inner.parts),
            "name": quote(file.name, safe=""),
            "year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}", "hour": f"{local:%H}",
        }  # fmt: skip
        return f"{PREFIX}{self.name}/" + self._settings.files.format(**values)

    def size(self, path: str) -> int | None:
        """The bytes of a file; None: the server does not tell. Raises RecordingMissing, StorageAway."""
        with self._answer(path, {"Range": "bytes=0-0"}) as answer:
            if answer.status_code in _GONE:
                raise RecordingMissing(f"{self.name} has no file {path[:200]!r}.")
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return 0  # there is not even a first byte
            self._accept(answer, httpx.codes.OK, httpx.codes.PARTIAL_CONTENT)
            if answer.status_code == httpx.codes.OK:
                return self._whole(answer)
            told = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
            return int(told[1]) if told is not None else None

    def fetch(self, path: str, into: IO[bytes]) -> int:
        """Write a whole file; its bytes. Raises RecordingMissing, StorageAway; then `into` is of no use."""
        until, size = self._clock() + self._settings.fetch_seconds, 0
        with self._answer(path, {}) as answer:
            if answer.status_code in _GONE:
                raise RecordingMissing(f"{self.name} has no file {path[:200]!r}.")
            self._accept(answer, httpx.codes.OK)
            self._whole(answer)
            for piece in answer.iter_raw(_PIECE):
                size += len(piece)
                self._check_size(size)
                if self._clock() > until:
                    raise self._away(f"sent a file for more than {self._settings.fetch_seconds:g} s")
                into.write(piece)
        return size

    def open(self, path: str, wanted: str | None) -> Part:
        """A file or a range of it, to be passed on and closed. wanted: the header Range of whoever listens.

        Raises RecordingMissing, StorageAway.
        """
        headers = {"Range": wanted} if wanted is not None and _RANGE.fullmatch(wanted) else {}
        ending = ExitStack()
        answer = ending.enter_context(self._answer(path, headers))
        try:
            if answer.status_code in _GONE:
                raise RecordingMissing(f"{self.name} has the file no more: {path[:200]!r}.")
            partly = (httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE) if headers else ()
            self._accept(answer, httpx.codes.OK, *partly)
            if answer.status_code == httpx.codes.OK:
                self._whole(answer)
        except BaseException:
            ending.close()
            raise
        shown = {name: answer.headers[name] for name in ("content-length", "content-range") if name in answer.headers}
        if answer.status_code == httpx.codes.PARTIAL_CONTENT and "content-range" not in shown:
            ending.close()
            raise self._away("sent a part and does not say which")
        return Part(
            status=answer.status_code,
            headers={**shown, "accept-ranges": "bytes"},
            pieces=self._pieces(answer),
            close=ending.close,
        )

    def probe(self) -> str:
        """That it answers and knows us, in words. Raises StorageAway."""
        with self._answer(f"{PREFIX}{self.name}/callboard-check.wav", {"Range": "bytes=0-0"}) as answer:
            if answer.status_code not in _GONE:
                self._accept(answer, httpx.codes.OK, httpx.codes.PARTIAL_CONTENT)
        return f"{self._settings.url} answers"

    def _pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        until, size = self._clock() + _LISTENED_S, 0
        try:
            for piece in answer.iter_raw(_PIECE):
                size += len(piece)
                self._check_size(size)
                if self._clock() > until:
                    raise self._away("sent a file for more than an hour")
                yield piece
        except httpx.HTTPError as error:
            raise self._away(str(error) or type(error).__name__) from None

    @contextmanager
    def _answer(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        inner = path.removeprefix(f"{PREFIX}{self.name}/")
        try:
            with self._client.stream("GET", f"{self._settings.url.rstrip('/')}/{inner}", headers=headers) as answer:
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(str(error) or type(error).__name__) from None

    def _accept(self, answer: httpx.Response, *statuses: int) -> None:
        status = answer.status_code
        if status in (401, 403):
            raise self._away(f"refuses our credentials ({status}). Check user, password or token")
        if answer.is_redirect:
            raise self._away(f"redirects ({status}); write the address that it redirects to into the settings")
        if status not in statuses:
            raise self._away(f"answered {status}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise self._away("sent a packed file, though asked not to")

    def _whole(self, answer: httpx.Response) -> int | None:
        """The size that a whole answer claims."""
        claimed = answer.headers.get("content-length", "")
        size = int(claimed) if claimed.isascii() and claimed.isdecimal() else None
        self._check_size(size or 0)
        return size

    def _check_size(self, size: int) -> None:
        if size > self.most_bytes:
            raise self._away(f"sent more than {self._settings.most_mb:g} MB (recordings.remote.most_mb)")

    def _away(self, reason: str) -> StorageAway:
        return StorageAway(f"The storage {self.name} of recordings ({self._settings.url}): {reason.rstrip('.')}.")


def remote_storages(settings: Settings) -> dict[str, RemoteStorage]:
    """All that the settings name."""
    return {one.name: RemoteStorage(one) for one in settings.recordings.remote}


def kept_copy(data: Path, path: str) -> Path:
    """Where ingest keeps a copy of a remote file, while there is room for it."""
    suffix = PurePosixPath(path).suffix.lower()
    ending = suffix if suffix.isascii() and suffix[1:].isalnum() and len(suffix) <= 6 else ""
    return data / COPIES / f"{hashlib.sha256(path.encode()).hexdigest()[:40]}{ending}"


def storage_of(path: str, storages: Mapping[str, RemoteStorage]) -> RemoteStorage | None:
    """The storage that a `recording.path` names; None: the path is of a folder, or of a storage that is set no more."""
    if not path.startswith(PREFIX):
        return None
    return storages.get(path.removeprefix(PREFIX).partition("/")[0])
