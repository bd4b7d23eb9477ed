"""What every messenger is to the rest: bytes become values of ours, and values of ours become requests.

One module per service implements `Adapter`; the contract suite (tests/ingest/test_messengers.py) holds all of them
to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from data.errors import CallboardError
from data.media import Draft
from data.messaging import MessageKind, Received, SendError
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings


class SendFailed(CallboardError):
    """A message was not sent, or nobody knows whether it was.

    again: a later try may do; after_s: not before so many seconds, for the whole account; in_doubt: the service may
    have it all the same, for only its answer is missing.
    """

    def __init__(
        self,
        error: SendError,
        detail: str,
        *,
        again: bool = False,
        after_s: float | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(f"{error.value}: {detail}"[:500])
        self.error, self.detail, self.again, self.after_s, self.in_doubt = error, detail, again, after_s, in_doubt


class MediaFailed(CallboardError):
    """A file did not come. again: a later try may do; too_large: it has more bytes than we take."""

    def __init__(self, detail: str, *, again: bool = False, too_large: bool = False) -> None:
        super().__init__(detail)
        self.again, self.too_large = again, too_large


class NotUnderstood(CallboardError):
    """A delivery is none of this service's, or is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a delivery holds. problems: parts that nobody understands; the rest is good all the same."""

    items: Sequence[Received] = ()
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of ours to be sent."""

    path: Path
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be sent. message_id: our own id, by which a service may know it when it is sent again."""

    message_id: str
    user_key: str
    kind: MessageKind
    text: str | None = None
    file: File | None = None
    reply_to: str | None = None  # messenger_message_id
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Other words for a message that was sent; text None: it is to go. revision_id: the same when it is told again."""

    revision_id: str
    message_id: str
    messenger_message_id: str
    user_key: str
    kind: MessageKind
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that the service approved, with {{1}}, {{2}} … for what differs."""

    name: str
    language: str
    state: str
    category: str | None
    body: str
    variables: int
    config: Mapping[str, Any] = field(default_factory=dict)


Keep = Callable[[Sequence[bytes]], None]  # stores raw deliveries; returns when they are safe


class Adapter(Protocol):
    """One account at one service. Safe to use from several threads."""

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        """The items of one raw delivery. Raises NotUnderstood where it is none of ours at all."""
        ...

    def send(self, message: Outgoing) -> str:
        """Send it; its id at the messenger. Raises SendFailed."""
        ...

    def revise(self, revision: Revision) -> None:
        """Change or delete a message that was sent, once or again. Raises SendFailed, also where the service cannot."""
        ...

    def fetch_media(self, ref: str, draft: Draft, *, most_bytes: int) -> None:
        """Write a file of a client to `draft`. Raises MediaFailed."""
        ...

    def check(self) -> str:
        """Ask the service who we are, and set up what it needs; its answer in words. Raises SendFailed."""
        ...

    def templates(self) -> tuple[Template, ...]:
        """All templates as the service has them now; none where it knows no such thing. Raises SendFailed."""
        ...

    def typing(self, user_key: str) -> None:
        """Show the client that somebody writes; nothing where the service cannot. Raises SendFailed."""
        ...

    def poll(self, keep: Keep, *, wait_s: float) -> None:
        """Wait for deliveries and hand them to `keep`, once; only where `polls`. Raises SendFailed."""
        ...

    @property
    def tells_our_id(self) -> bool:
        """Whether receipts name our own id, so that a message whose answer was lost is heard of all the same."""
        ...

    @property
    def polls(self) -> bool:
        """Whether deliveries are to be asked for; else they come to the webhook."""
        ...

    def close(self) -> None: ...


MakeAdapter = Callable[[MessengerAccount, Mapping[str, str], Settings], Adapter]
