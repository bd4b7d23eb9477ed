"""`/api/phonebook?number=…` tells a PBX who calls, and whose phone should ring.

    GET /api/phonebook?number=89123456789                 JSON
    GET /api/phonebook?number=…&format=text                name|extension
    GET /api/phonebook?number=…&format=name                name
    GET /api/phonebook?number=…&format=extension           extension of the responsible employee

An unknown number is no error: JSON says "found": false, and the plain forms are empty.
"""

from __future__ import annotations

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint
from dashboard.context import current_actor, current_settings, current_store, now
from data.services.phonebook import look_up

API = blueprint("phonebook", "/api/phonebook")
PUBLIC = True

FORMATS = ("json", "text", "name", "extension")
_LONGEST = 100


@API.get("")
def phonebook() -> Response:
    """The entry of ?number= in one of the formats."""
    number, form = request.args.get("number", ""), request.args.get("format", "json")
    if form not in FORMATS:
        raise BadRequest(f"format={form[:40]!r} is none of: {', '.join(FORMATS)}.")
    if not number.strip() or len(number) > _LONGEST:
        raise BadRequest(f"number is missing, or has more than {_LONGEST} characters. Add ?number=%2B79123456789.")
    entry = look_up(current_store(), current_actor(), number, current_settings().site, now=now())
    if form == "json":
        return answer(
            {
                "found": entry.account_id is not None,
                "number": entry.number,
                "number_text": entry.number_text,
                "name": entry.name or None,
                "account_id": entry.account_id,
                "client": entry.client,
                "contact": entry.contact,
                "responsible_id": entry.responsible_id,
                "responsible": entry.responsible,
                "extension": entry.extension,
            }
        )
    plain = {"text": f"{entry.name}|{entry.extension or ''}", "name": entry.name, "extension": entry.extension or ""}
    return Response(plain[form], mimetype="text/plain")
