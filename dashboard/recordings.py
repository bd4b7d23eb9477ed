"""Recordings over HTTP: by their id, with ranges, rights asked on every request, nothing outside our folders."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dashboard.context import Context
from dashboard.errors import as_json, trouble_of
from data.errors import NotAllowed, NotFound, RecordingMissing
from data.identity.actor import Actor, Permission
from data.queries import read
from data.remote_storage import PREFIX, Part, RemoteStorage, kept_copy, remote_storages, storage_of
from data.services.listening import Listening, downloaded
from data.settings import Settings

ContextOf = Callable[[Request], Context | None]

_PRESENT = "present"
# Browsers play these; what they do not know is offered as a download.
_TYPES = {".wav": "audio/wav", ".webm": "audio/webm", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg"}
_PRIVATE = "private, no-cache"

log = structlog.get_logger()


def extra_routes(context_of: ContextOf | None = None) -> list[BaseRoute]:
    """/recordings/ID and /recordings/ID/peaks. context_of: who asks (None there: answer 401)."""
    desk = _Desk(context_of or _shells_answer())
    return [
        Route("/recordings/{recording_id}", desk.sound),
        Route("/recordings/{recording_id}/peaks", desk.peaks),
    ]


def _shells_answer() -> ContextOf:
    # Late: the shell asks this module for its routes.
    from dashboard.asgi import context_of

    return context_of


def roots_of(settings: Settings) -> tuple[Path, ...]:
    """Folders that recordings may lie in: those of the settings, and our own."""
    return settings.recording_roots


def locate(path: str, roots: tuple[Path, ...]) -> Path | None:
    """The file that `path` names below one of `roots`; None where it is missing, or a link leads out of them."""
    for root in roots:
        base = root.resolve()
        try:
            file = (base / path).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            continue
        if file.is_relative_to(base) and file.is_file():
            return file
    return None


class _Desk:
    """The endpoints; each asks anew who may hear."""

    def __init__(self, context_of: ContextOf) -> None:
        self._context_of = context_of
        self._listening = Listening()
        self._storages: dict[str, RemoteStorage] | None = None

    async def sound(self, request: Request) -> Response:
        """The file, whole or in ranges; with ?download=1 to be kept."""
        return await run_in_threadpool(self._answer, request, self._sound)

    async def peaks(self, request: Request) -> Response:
        """The waveform as bytes, sides one after the other (header X-Sides); 204 where there is none."""
        return await run_in_threadpool(self._answer, request, _peaks)

    def _answer(self, request: Request, act: Callable[[Request, Context, dict[str, Any]], Response]) -> Response:
        context = self._context_of(request)
        if context is None or context.actor is None:
            return _refused(request, trouble_of(401).status)
        if not context.actor.may(Permission.LISTEN):
            raise NotAllowed(f"User {context.actor.user} may not listen. Ask an administrator.")
        recording = _recording(context, context.actor, request.path_params["recording_id"])
        return act(request, context, recording)

    def _sound(self, request: Request, context: Context, recording: dict[str, Any]) -> Response:
        wants_copy = request.query_params.get("download") == "1"
        if wants_copy and context.actor is not None and not context.actor.may(Permission.DOWNLOAD):
            raise NotAllowed(f"User {context.actor.user} may not download recordings. Ask an administrator.")
        if recording["state"] == _PRESENT and (recording["path"] or "").startswith(PREFIX):
            return self._remote(request, context, recording, wants_copy=wants_copy)
        file = locate(recording["path"], roots_of(context.settings)) if recording["path"] else None
        if recording["state"] != _PRESENT or file is None:
            raise RecordingMissing(
                f"Recording {recording['recording_id']} is {recording['state']}, and no file of it lies in our "
                "folders. Check recordings.roots in the settings, or whether retention removed it."
            )
        self._write_down(context, recording, wants_copy=wants_copy)
        headers = _headers(recording["recording_id"], file.name, wants_copy=wants_copy)
        return FileResponse(file, media_type=_media_type(file.name), headers=headers)

    def _remote(self, request: Request, context: Context, recording: dict[str, Any], *, wants_copy: bool) -> Response:
        """From the copy that ingest keeps, else passed on from the storage as it comes."""
        path = recording["path"]
        storage = storage_of(path, self._storages_of(context.settings))
        if storage is None:
            raise RecordingMissing(
                f"Recording {recording['recording_id']} lies in a storage that the settings do not name any more. "
                "Check recordings.remote."
            )
        headers = _headers(recording["recording_id"], path, wants_copy=wants_copy)
        copy = kept_copy(context.settings.data, path)
        if _in_use(copy):
            self._write_down(context, recording, wants_copy=wants_copy)
            return FileResponse(copy, media_type=_media_type(path), headers=headers)
        part = storage.open(path, request.headers.get("range"))
        try:
            self._write_down(context, recording, wants_copy=wants_copy)
        except BaseException:
            part.close()
            raise
        return StreamingResponse(
            _closing(part), part.status, media_type=_media_type(path), headers={**headers, **part.headers}
        )

    def _storages_of(self, settings: Settings) -> dict[str, RemoteStorage]:
        if self._storages is None:
            self._storages = remote_storages(settings)
        return self._storages

    def _write_down(self, context: Context, recording: dict[str, Any], *, wants_copy: bool) -> None:
        """Before the sound: what cannot be written down is not given out."""
        actor = context.actor
        assert actor is not None  # noqa: S101 - _answer let in nobody else
        about = (context.store, actor, recording["recording_id"], recording["call_id"])
        if wants_copy:
            downloaded(*about, now=context.clock())
            log.info("recording downloaded", user=actor.user, recording_id=recording["recording_id"])
        elif self._listening.heard(*about, now=context.clock()):
            log.info("recording heard", user=actor.user, recording_id=recording["recording_id"])


def _recording(context: Context, actor: Actor, recording_id: str) -> dict[str, Any]:
    params = {
        "recording_id": recording_id,
        "everything": actor.hears_all,
        "extensions": sorted(actor.heard),
    }
    rows = context.store.query(read("recordings/file"), params, actor=actor, timeout_s=10.0).to_pylist()
    if not rows:
        raise NotFound(f"There is no recording {recording_id}, or it is not among your calls.")
    return rows[0]


def _peaks(request: Request, context: Context, recording: dict[str, Any]) -> Response:
    params = {"recording_id": recording["recording_id"]}
    actor = context.actor
    assert actor is not None  # noqa: S101 - _answer let in nobody else
    rows = context.store.query(read("recordings/peaks"), params, actor=actor, timeout_s=10.0).to_pylist()
    peaks = rows[0]["peaks"] if rows else None
    if not peaks:
        return Response(status_code=204)
    headers = {"X-Sides": str(rows[0]["sides"]), "Cache-Control": _PRIVATE}
    return Response(peaks, media_type="application/octet-stream", headers=headers)


def _media_type(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return _TYPES.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"


def _headers(recording_id: str, name: str, *, wants_copy: bool) -> dict[str, str]:
    if not wants_copy:
        return {"Cache-Control": _PRIVATE}
    return {
        "Cache-Control": _PRIVATE,
        "Content-Disposition": f'attachment; filename="{_file_name(recording_id, name)}"',
    }


def _file_name(recording_id: str, name: str) -> str:
    """A name without anything that a header or a file system would trip over."""
    plain = "".join(character if character.isascii() and character.isalnum() else "_" for character in recording_id)
    suffix = PurePosixPath(name).suffix.lower()
    return plain + (suffix if suffix.isascii() and suffix[1:].isalnum() else "")


def _in_use(copy: Path) -> bool:
    """Whether there is a copy; ingest removes those that nobody used for long."""
    try:
        os.utime(copy)
    except OSError:
        return False
    return True


def _closing(part: Part) -> Iterator[bytes]:
    try:
        yield from part.pieces
    finally:
        part.close()


def _refused(request: Request, status: int) -> Response:
    request_id = request.headers.get("X-Request-ID", "-")
    body = as_json(trouble_of(status), request_id=request_id)
    return Response(body, status, media_type="application/json")
