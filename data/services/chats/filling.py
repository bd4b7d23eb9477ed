"""Approved templates, filled in by a person."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.errors import BadInput, NotFound
from data.identity.actor import Actor
from data.queries import read
from data.store.protocol import Store

_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_LONGEST_VARIABLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved template, and what stands for {{1}}, {{2}} …"""

    name: str
    language: str
    variables: Sequence[str] = ()


def filled(store: Store, actor: Actor, account: str, template: Template) -> tuple[str, str]:
    """What the client will read, and the payload of the message. Raises BadInput, NotFound."""
    rows = store.query(read("chats/templates"), {"account": account}, actor=actor).to_pylist()
    known = next((row for row in rows if (row["name"], row["language"]) == (template.name, template.language)), None)
    if known is None:
        raise NotFound(f"There is no approved template {template.name[:60]!r} ({template.language[:10]!r}).")
    values = [" ".join(value.split()) for value in template.variables]
    if len(values) != known["variables"]:
        raise BadInput(f"The template has {known['variables']} fields, {len(values)} were filled. Fill each.")
    for place, value in enumerate(values, 1):
        if not 0 < len(value) <= _LONGEST_VARIABLE:
            raise BadInput(f"Field {place} needs 1 to {_LONGEST_VARIABLE} characters, it has {len(value)}.")
    body = _VARIABLE.sub(lambda place: _value(place, values), known["body"])
    payload = {"name": template.name, "language": template.language, "variables": values}
    return body, json.dumps(payload, ensure_ascii=False)


def _value(place: re.Match[str], values: Sequence[str]) -> str:
    number = int(place[1])
    return values[number - 1] if 0 < number <= len(values) else place[0]
