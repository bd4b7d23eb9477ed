"""`/api/tags`: the vocabulary of tags; `/api/calls/tags` hangs them on calls and takes them off.

GET /api/tags   POST /api/tags {"title", "colour"?}
PUT /api/tags/ID {"title", "colour", "version"}   DELETE /api/tags/ID
POST /api/calls/tags {"calls": [ID, …], "add": [TAG, …], "remove": [TAG, …]}
"""

from __future__ import annotations

from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, texts
from dashboard.context import current_actor, current_store, now
from data.errors import BadInput
from data.services.tags import (
    LONGEST_TITLE,
    MOST_CALLS,
    KnownTag,
    TagColour,
    add_tag,
    change_tag,
    known_tags,
    remove_tag,
    tag_calls,
)

API = blueprint("tags", "/api")
API.register_error_handler(BadInput, refuse)

_MOST_TAGS = 100


@API.get("/tags")
def listed() -> Response:
    """All tags, by title, each with how many calls and clients carry it."""
    return answer({"tags": [_json(known) for known in known_tags(current_store(), current_actor())]})


@API.post("/tags")
def add() -> Response:
    """A tag of that title: 201 for a new one, 200 for one that was there."""
    sent = body()
    tag, is_new = add_tag(
        current_store(),
        current_actor(),
        text(sent, "title", longest=LONGEST_TITLE, required=True),
        colour=_colour(sent),
        now=now(),
    )
    return answer(tag, 201 if is_new else 200)


@API.put("/tags/<tag_id>")
def change(tag_id: str) -> Response:
    """Rename and recolour it wherever it hangs; 409 where somebody else changed it meanwhile."""
    sent = body()
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadRequest("version must be that of the tag which was read.")
    title = text(sent, "title", longest=LONGEST_TITLE, required=True)
    change_tag(current_store(), current_actor(), tag_id, title, _colour(sent), version=version, now=now())
    return answer({"tag_id": tag_id, "version": version + 1})


@API.delete("/tags/<tag_id>")
def remove(tag_id: str) -> Response:
    """Take it off everything that carries it, and out of the vocabulary."""
    remove_tag(current_store(), current_actor(), tag_id, now=now())
    return answer({"removed": tag_id})


@API.post("/calls/tags")
def hang() -> Response:
    """Hang tags on calls and take tags off; answers the calls that were meant."""
    sent = body()
    seen = tag_calls(
        current_store(),
        current_actor(),
        texts(sent, "calls", most=MOST_CALLS),
        add=texts(sent, "add", most=_MOST_TAGS),
        remove=texts(sent, "remove", most=_MOST_TAGS),
        now=now(),
    )
    return answer({"calls": seen})


def _colour(sent: dict[str, Any]) -> TagColour:
    try:
        return TagColour(sent.get("colour", TagColour.GREY))
    except ValueError:
        raise BadRequest(f"colour must be one of {', '.join(TagColour)}.") from None


def _json(known: KnownTag) -> dict[str, Any]:
    return {
        "tag_id": known.tag.tag_id,
        "title": known.tag.title,
        "colour": known.tag.colour,
        "version": known.version,
        "calls": known.calls,
        "clients": known.clients,
    }
