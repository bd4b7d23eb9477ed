"""`/api/views`: filters that were saved under a name."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from dashboard.api.answers import answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_store, now
from data.errors import BadInput
from data.identity.actor import Actor
from data.services.views import LONGEST_QUERY, LONGEST_TITLE, SavedView, delete_view, save_view, saved_views

API = blueprint("views", "/api/views")
API.register_error_handler(BadInput, refuse)
_LONGEST_PAGE = 40


@API.get("")
def listed() -> Response:
    """The views of ?page=calls that the user may open."""
    actor = current_actor()
    views = saved_views(current_store(), actor, request.args.get("page", "calls"))
    return answer({"views": [_json(view, actor) for view in views]})


@API.post("")
def save() -> Response:
    """Keep {"page", "title", "query", "shared"}; one's own view of that title is replaced."""
    actor, sent = current_actor(), body()
    view = save_view(
        current_store(),
        actor,
        text(sent, "page", longest=_LONGEST_PAGE, required=True),
        text(sent, "title", longest=LONGEST_TITLE, required=True),
        text(sent, "query", longest=LONGEST_QUERY),
        shared=sent.get("shared") is True,
        now=now(),
    )
    return answer(_json(view, actor), 201)


@API.delete("/<view_id>")
def delete(view_id: str) -> Response:
    """Forget one's own view."""
    delete_view(current_store(), current_actor(), view_id, now=now())
    return answer({"deleted": view_id})


def _json(view: SavedView, actor: Actor) -> dict[str, Any]:
    return {
        "view_id": view.view_id,
        "title": view.title,
        "query": view.query,
        "shared": view.shared,
        "mine": view.owner == actor.user,
    }
