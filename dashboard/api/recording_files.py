"""`/api/recording-files/LIST.FORM`: recordings without a file, or files without a recording, as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, blueprint
from dashboard.context import current_settings, current_store, now, require
from dashboard.text import language, speaking, t
from data.export import Column, Kind, export_rows
from data.identity.actor import Permission
from data.services.recording_lists import FileList, exported_files

API = blueprint("recording_files", "/api/recording-files")
_FORMS = ("csv", "xlsx")


@API.get("/<which>.<form>")
def export(which: str, form: str) -> Response:
    """All lines of a list, as a file that is made while it is sent."""
    require(Permission.DOWNLOAD)
    actor = require(Permission.EXPORT)
    if which not in set(FileList) or form not in _FORMS:
        raise BadRequest(
            f"There is no list {which!r} as {form!r}. There are: {', '.join(FileList)} as {', '.join(_FORMS)}."
        )
    moment, zone, speech = now(), current_settings().site.zone, language()
    chosen = FileList(which)
    blocks = exported_files(current_store(), actor, chosen, now=moment)
    is_missing = chosen is FileList.MISSING
    columns = [
        Column(name="at", title=t("recordings.call") if is_missing else t("recordings.changed"), kind=Kind.MOMENT),
        Column(name="file", title=t("recordings.file"), width=80),
        Column(name="bytes", title=t("recordings.bytes"), kind=Kind.NUMBER),
        Column(name="call_id", title=t("recordings.call_id"), width=32)
        if is_missing
        else Column(name="found_at", title=t("recordings.found"), kind=Kind.MOMENT),
    ]
    if is_missing:
        columns.append(Column(name="why", title=t("recordings.why"), width=24))

    def rows() -> Iterator[list[list[Any]]]:
        for block in blocks:
            with speaking(speech):  # the file is written after the request
                yield [
                    [one.at, one.name, one.bytes, one.call_id, _why(was_there=one.was_there)]
                    if is_missing
                    else [one.at, one.name, one.bytes, one.found_at]
                    for one in block
                ]

    file = export_rows(form, columns, rows(), zone=zone)
    name = f"recordings_{chosen}_{moment.astimezone(zone):%Y-%m-%d_%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file.chunks, mimetype=file.media_type, headers=headers)


def _why(*, was_there: bool) -> str:
    return t("recordings.was_there") if was_there else t("recordings.never_came")
