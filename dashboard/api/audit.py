"""`/api/audit/export.FORM?…`: the trail as a file; taking it is written down, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from dashboard.api.answers import BadRequest, blueprint
from dashboard.audit import action_words, detail_words, read_filter, subject_words, who_words
from dashboard.context import current_settings, current_store, now, require
from dashboard.text import language, speaking, t
from data.export import Column, Kind, export_rows
from data.identity.actor import Permission
from data.identity.users import Users
from data.services.audit import audit_export

API = blueprint("audit", "/api/audit")
_FORMS = ("csv", "xlsx")


@API.get("/export.<form>")
def export(form: str) -> Response:
    """All lines of the filter, as a file that is made while it is sent."""
    actor = require(Permission.AUDIT)
    if form not in _FORMS:
        raise BadRequest(f"There is no format {form!r}. There are: {', '.join(_FORMS)}.")
    settings, moment, speech = current_settings(), now(), language()
    zone = settings.site.zone
    wanted = read_filter(request.args, zone=zone, now=moment)
    names = {user.login: user.name for user in Users(settings).list()}
    blocks = audit_export(current_store(), actor, wanted, form, now=moment)
    columns = [
        Column(name="acted_at", title=t("audit.when"), kind=Kind.MOMENT, width=19),
        Column(name="actor", title=t("audit.who"), width=28),
        Column(name="action", title=t("audit.what"), width=34),
        Column(name="subject", title=t("audit.subject"), width=34),
        Column(name="subject_id", title=t("audit.subject_id"), width=38),
        Column(name="detail", title=t("audit.detail"), width=60),
    ]

    def rows() -> Iterator[list[list[Any]]]:
        for block in blocks:
            with speaking(speech):  # the file is written after the request
                yield [
                    [
                        row.acted_at,
                        who_words(row.actor, names),
                        action_words(row.action),
                        subject_words(row),
                        row.subject_id,
                        "; ".join(f"{name}: {value}" if name else value for name, value in detail_words(row)),
                    ]
                    for row in block
                ]

    file = export_rows(form, columns, rows(), zone=zone)
    name = f"audit_{moment.astimezone(zone):%Y-%m-%d_%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file.chunks, mimetype=file.media_type, headers=headers)
