"""`/api/slice?slice=…`: what a number of a report was, in words, for the chip of the journal that lists its calls."""

from __future__ import annotations

from flask import Response, request

from dashboard.api.answers import BadRequest, answer, blueprint
from dashboard.components.slice_words import slice_words
from dashboard.context import current_store, require
from data.errors import UnknownName
from data.identity.actor import Permission
from data.metrics.slices import read_slice

API = blueprint("slices", "/api/slice")


@API.get("")
def words() -> Response:
    """{"words": "Пропущенные: понедельник, 14:00"}."""
    actor = require(Permission.SEE_CALLS)
    try:
        behind = read_slice(request.args.get("slice", ""))
    except UnknownName as error:
        raise BadRequest(str(error)) from None
    return answer({"words": slice_words(behind, current_store(), actor)})
