"""What the scripts of the clients' pages need: words of journal and clients, rights, and what filters offer."""

from __future__ import annotations

from functools import cache
from typing import Any

from dashboard.components.words import script_config, words
from dashboard.context import current_actor, current_store, current_users
from dashboard.page import discover
from dashboard.text import language
from data.queries import read
from data.services.tags import known_tags


@cache
def _has_chats() -> bool:
    """Whether there is a page to which a chat can lead."""
    return discover().match("/chats/any") is not None


def _names() -> dict[str, str]:
    """What people are called, by their login names: the trail knows the latter."""
    return {user.login: user.name for user in current_users().list() if user.name}


def client_config(**more: object) -> dict[str, Any]:
    """The configuration of one page; words of `clients.ui.…` have no prefix, as those of the journal."""
    store, actor = current_store(), current_actor()
    config = script_config("journal", "tasks")
    config["words"] = config["words"] | words(language(), "clients")
    choices = store.query(read("directory/choices"), actor=actor).to_pylist()
    return (
        config
        | {
            "employees": [{"id": row["id"], "title": row["title"]} for row in choices if row["kind"] == "employee"],
            "employee_id": actor.employee_id,
            "has_chats": _has_chats(),
            "names": _names(),
            "tags": [known.tag.title for known in known_tags(store, actor)],
        }
        | more
    )
