"""What goes between us and a pretended service: requests, answers, messages that were heard, and faults to order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from data.messaging import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that somebody was sent by us."""

    message_id: str
    user: str
    kind: MessageKind
    text: str | None = None
    file: bytes | None = None
    file_name: str | None = None
    reply_to: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A message of ours that we changed; text None: that is gone."""

    message_id: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one of the next requests is answered with instead. held: not before the service is released."""

    status: int = 500
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    held: bool = False
    after: bool = False  # the request is carried out, and its answer is lost


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the service."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def form(self) -> dict[str, tuple[str | None, bytes]]:
        """Parts of a multipart body: name -> file name and content."""
        head = f"Content-Type: {self.headers.get('content-type', '')}\r\n\r\n".encode()
        whole = message_from_bytes(head + self.body, policy=policy.HTTP)
        found: dict[str, tuple[str | None, bytes]] = {}
        for part in whole.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            found[str(name)] = (part.get_filename(), content if isinstance(content, bytes) else b"")
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service answers."""

    status: int = 200
    body: Mapping[str, Any] | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
