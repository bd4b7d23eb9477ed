"""The words that the scripts of one page need, and what its user may do: handed over with the layout."""

from __future__ import annotations

from functools import cache
from typing import Any

from dashboard.context import current_actor, current_settings, preferences
from dashboard.text import language
from dashboard.text.catalogue import DOMAIN, FOLDER, read_file
from data.identity.actor import Permission

Words = dict[str, str | list[str]]


def script_config(*areas: str) -> dict[str, Any]:
    """Settings of a page's scripts: words `<area>.ui.…` and those of the domain, locale, zone, choices, rights."""
    actor = current_actor()
    return {
        "words": {key: word for area in areas for key, word in words(language(), area).items()},
        "locale": language(),
        "zone": current_settings().site.timezone,
        "user": actor.user,
        "kept": preferences(areas[0]),
        "rights": {permission.value: actor.may(permission) for permission in Permission},
    }


@cache
def words(code: str, area: str) -> Words:
    """Keys without `<area>.ui.`; a word with plural forms is the list of them, in the catalogue's order."""
    prefix = f"{area}.ui."
    found: Words = {}
    for name in (DOMAIN, area):
        file = FOLDER / code / f"{name}.po"
        if not file.exists():
            continue
        for message in read_file(file, code):
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string if isinstance(message.string, str) else list(message.string or ())
            if name == DOMAIN and key:
                found[key] = text
            elif key.startswith(prefix):
                found[key.removeprefix(prefix)] = text
    return found
