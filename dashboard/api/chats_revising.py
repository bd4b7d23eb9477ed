"""Second thoughts about messages that were sent, where the messenger can do that.

PUT /api/chats/ID/messages/MESSAGE {"text"}   DELETE /api/chats/ID/messages/MESSAGE
DELETE /api/chats/ID/messages/MESSAGE/revision   what the messenger refused is wanted no more
"""

from __future__ import annotations

from flask import Response

from dashboard.api.answers import answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_store, now
from data.errors import BadInput
from data.services.chats import revising

API = blueprint("chats_revising", "/api/chats")
API.register_error_handler(BadInput, refuse)

_LONGEST_TEXT = 20_000  # of a request; the messenger's own limit is named by the service


@API.put("/<chat_id>/messages/<message_id>")
def edit(chat_id: str, message_id: str) -> Response:
    """Other words for what I wrote."""
    words = text(body(), "text", longest=_LONGEST_TEXT)
    revising.edit(current_store(), current_actor(), chat_id, message_id, words, now=now())
    return answer({"done": True})


@API.delete("/<chat_id>/messages/<message_id>")
def delete(chat_id: str, message_id: str) -> Response:
    """It goes at the client's, too."""
    revising.delete(current_store(), current_actor(), chat_id, message_id, now=now())
    return answer({"done": True})


@API.delete("/<chat_id>/messages/<message_id>/revision")
def let_stand(chat_id: str, message_id: str) -> Response:
    """The message stands as it is."""
    revising.let_stand(current_store(), current_actor(), chat_id, message_id)
    return answer({"done": True})
