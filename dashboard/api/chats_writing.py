"""What people write into chats. `client_key` is the sender's own id of a message: what is sent twice is kept once.

POST /api/chats {"account", "number", "text" | "template", "client_key"}   the first word is ours
POST /api/chats/ID/messages {"text", "replies_to"?, "client_key"} | {"template": {"name", "language", "variables"}, …}
POST /api/chats/ID/notes {"text", "mentions"?: [employee ids], "client_key"}
POST /api/chats/ID/files?name=&caption=&client_key=   the body is the file
POST /api/chats/ID/messages/MESSAGE/retry   GET, POST /api/chats/ID/typing
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text, texts
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.errors import Trouble
from dashboard.presence import Presence
from data.errors import BadInput
from data.media import MediaFolder, Stored
from data.services.chats import writing
from data.services.chats.beginning import write_first
from data.services.chats.card import ChatCard, chat_card
from data.services.chats.delivery import tell_typing
from data.services.chats.filing import kind_of, largest
from data.services.chats.filling import Template
from data.services.chats.writing import WindowClosed
from data.services.visible import visible_chat

API = blueprint("chats_writing", "/api/chats")
API.register_error_handler(BadInput, refuse)

_LONGEST_TEXT = 20_000  # of a request; the messenger's own limit is named by the service
_LONGEST_ID = 100
_MOST_VARIABLES = 40
_MOST_MENTIONS = 50
_PIECE = 65_536


@API.errorhandler(WindowClosed)
def locked(error: WindowClosed) -> Response:
    """400 `window_closed`: only a template may be sent."""
    return refuse(error, Trouble(status=400, kind="window_closed", detail=str(error)))


@API.post("")
def begin() -> Response:
    """Write to somebody who has not written; the id of the chat."""
    sent = body()
    chat_id = write_first(
        current_store(),
        current_actor(),
        current_settings().site,
        text(sent, "account", longest=_LONGEST_ID, required=True),
        text(sent, "number", longest=60, required=True),
        text=text(sent, "text", longest=_LONGEST_TEXT),
        template=_template(sent),
        client_key=text(sent, "client_key", longest=_LONGEST_ID, required=True),
        now=now(),
    )
    return answer({"chat_id": chat_id}, 201)


@API.post("/<chat_id>/messages")
def say(chat_id: str) -> Response:
    """Send a text or a template."""
    sent, store, actor = body(), current_store(), current_actor()
    key = text(sent, "client_key", longest=_LONGEST_ID, required=True)
    template = _template(sent)
    if template is not None:
        made = writing.write_template(store, actor, chat_id, template, client_key=key, now=now())
    else:
        words = text(sent, "text", longest=_LONGEST_TEXT)
        answered = text(sent, "replies_to", longest=_LONGEST_ID) or None
        made = writing.write(store, actor, chat_id, words, client_key=key, replies_to=answered, now=now())
    _presence().stops(chat_id, actor.user)
    return answer({"message_id": made}, 201)


@API.post("/<chat_id>/notes")
def note(chat_id: str) -> Response:
    """Keep a note for colleagues."""
    sent = body()
    made = writing.write_note(
        current_store(),
        current_actor(),
        chat_id,
        text(sent, "text", longest=_LONGEST_TEXT),
        mention_ids=texts(sent, "mentions", most=_MOST_MENTIONS),
        client_key=text(sent, "client_key", longest=_LONGEST_ID, required=True),
        now=now(),
    )
    _presence().stops(chat_id, current_actor().user)
    return answer({"message_id": made}, 201)


@API.post("/<chat_id>/files")
def file(chat_id: str) -> Response:
    """Send a file: the body, whatever its type is called."""
    store, actor = current_store(), current_actor()
    card = chat_card(store, actor, chat_id)
    if card.is_locked(now()):
        raise WindowClosed("The client wrote more than 24 hours ago, or never: choose a template.")
    stored = _stored(card)
    made = writing.write_file(
        store,
        actor,
        card.chat_id,
        stored,
        request.args.get("name", "")[:300],
        caption=request.args.get("caption", "")[:_LONGEST_TEXT],
        client_key=request.args.get("client_key", ""),
        now=now(),
    )
    return answer({"message_id": made}, 201)


@API.post("/<chat_id>/messages/<message_id>/retry")
def retry(chat_id: str, message_id: str) -> Response:
    """Send a failed message once more."""
    writing.retry(current_store(), current_actor(), chat_id, message_id, now=now())
    return answer({"done": True})


@API.get("/<chat_id>/typing")
def writers(chat_id: str) -> Response:
    """Who else writes here now."""
    actor = current_actor()
    known = visible_chat(current_store(), actor, chat_id)
    return answer({"names": _presence().writers(known, but=actor.user)})


@API.post("/<chat_id>/typing")
def typing(chat_id: str) -> Response:
    """I write here: told to colleagues, and to the client where his messenger shows it. {"note": true}: not to him."""
    actor, sent = current_actor(), body()
    card = chat_card(current_store(), actor, chat_id)
    if sent.get("stop") is True:
        _presence().stops(card.chat_id, actor.user)
        return answer({"done": True})
    is_news = _presence().writes(card.chat_id, actor.user, actor.name or actor.user)
    if is_news and card.capabilities.typing and card.is_connected and sent.get("note") is not True:
        tell_typing(current_store(), actor, card.chat_id, card.messenger_account, card.user_key, now=now())
    return answer({"done": True})


def _stored(card: ChatCard) -> Stored:
    """The body in our storage, if it is not too large. Raises BadInput."""
    most = largest(card.capabilities)
    request.max_content_length = most + _PIECE
    too_large = f"The file is larger than the {most // (1024 * 1024)} MB that the messenger takes. Send a smaller one."
    if (request.content_length or 0) > most:
        raise BadInput(too_large)
    with MediaFolder(current_settings()).draft() as draft:
        while piece := request.stream.read(_PIECE):
            draft.write(piece)
            if draft.size_bytes > most:
                raise BadInput(too_large)
        kind_of(card.capabilities, draft.media_type, draft.size_bytes)
        return draft.keep()


def _presence() -> Presence:
    known: Presence = current_app.extensions.setdefault("presence", Presence())
    return known


def _template(sent: dict[str, Any]) -> Template | None:
    given = sent.get("template")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise BadRequest('template must be {"name": …, "language": …, "variables": […]}.')
    values = given.get("variables") or []
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values) or len(values) > _MOST_VARIABLES:
        raise BadRequest("variables must be a list of texts.")
    return Template(
        name=text(given, "name", longest=600, required=True),
        language=text(given, "language", longest=20, required=True),
        variables=values,
    )
