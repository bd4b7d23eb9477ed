"""Which call or chat an id means to an actor: himself, the call that took it over, or none."""

from __future__ import annotations

from data.access import require
from data.errors import NotFound
from data.identity.actor import Actor, Permission
from data.queries import bound, compose, fragments, read
from data.services.chats.seeing import seen_chat, viewer
from data.store.protocol import Store


def visible_call(store: Store, actor: Actor, call_id: str) -> str:
    """The id under which the call is kept. Raises NotFound, also for calls outside the actor's scope."""
    require(actor, Permission.SEE_CALLS)
    scope = fragments("calls/conditions")["took_part"] if not actor.sees_all else "true"
    known = {"call_id": call_id, "own": sorted(actor.seen), "took_part_from": None}
    text, params = bound(compose(read("calls/visible"), {"scope": scope}), known)
    rows = store.query(text, params, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"There is no call {call_id}, or it is not among those you may see.")
    found: str = rows[0]["call_id"]
    return found


def visible_chat(store: Store, actor: Actor, chat_id: str) -> str:
    """The id of a chat that the actor may see, as it is kept. Raises NotFound, NotAllowed."""
    return seen_chat(store, viewer(store, actor), chat_id)
