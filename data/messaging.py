"""Messages of chat services in our words: what adapters make of what they receive, and what they are asked to send.

An adapter (`ingest/messengers/`) turns the bytes of one service into these values and back; services,
pages and the outbox know no other form.

What `payload` holds, by the kind of message (JSON):

- location: `latitude`, `longitude`, and `name` and `address` where they are told;
- contacts: `contacts`, a list of `name`, `phones` and `emails` (lists of text);
- template: `name`, `language`, `variables` (text for {{1}}, {{2}} …);
- unsupported: `name`, what the service calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)


def word_of(kind: type[E], value: object) -> E | None:
    """The member of that value; None for a value that `kind` does not know, whatever it is."""
    try:
        return kind(str(value))
    except ValueError:
        return None


class Messenger(StrEnum):
    """Chat services that we speak to."""

    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    WEBHOOK = "webhook"


class MessageKind(StrEnum):
    """What one utterance is."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    TEMPLATE = "template"
    NOTE = "note"  # internal: never leaves the house
    SYSTEM = "system"  # a line that tells a change
    UNSUPPORTED = "unsupported"  # kept and named


class ChatState(StrEnum):
    """Where a chat stands (DOMAIN.md 6)."""

    QUEUED = "queued"
    ACTIVE = "active"
    CLOSED = "closed"


class Delivery(StrEnum):
    """How far a message of ours has come; a later word never takes back a higher one, and failed is final."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class MediaState(StrEnum):
    EXPECTED = "expected"
    PRESENT = "present"
    FAILED = "failed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A file at the messenger. ref: its id or address there, which may live for minutes only."""

    ref: str
    name: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """A client's message; user_key is his id at the messenger, or the group's, which names the chat."""

    messenger_message_id: str
    user_key: str
    sent_at: datetime
    kind: MessageKind
    also_known: tuple[str, ...] = ()  # other ids of the same client there, under which a chat may stand
    user_name: str | None = None  # who wrote, in a group too
    user_handle: str | None = None  # the name he gave himself there, without "@"
    chat_title: str | None = None  # of a group
    phone: str | None = None  # as the messenger tells it; many do not
    text: str | None = None
    media: MediaRef | None = None
    reply_to: str | None = None  # messenger_message_id
    is_group: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)  # location, contacts, name of an unsupported kind
    is_ours: bool = False  # written by us from the messenger's own app


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited:
    messenger_message_id: str
    user_key: str
    edited_at: datetime
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted:
    messenger_message_id: str
    user_key: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A client's sign on a message, ours or his. emoji: None where he took it back."""

    messenger_message_id: str
    user_key: str
    happened_at: datetime
    emoji: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message of ours. error: a word of `SendError` where it failed.

    message_id: our own id, where the service tells it back: then the message is found though its id there is not
    known yet.
    """

    messenger_message_id: str
    state: Delivery
    happened_at: datetime
    error: str | None = None
    error_detail: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMoved:
    """A chat goes on under another id: a group of Telegram that became a supergroup."""

    user_key: str
    former_key: str


Received = MessageReceived | MessageEdited | MessageDeleted | Reaction | Receipt | ChatMoved


class SendError(StrEnum):
    """Why a message was not sent, for people; `messages.error.<value>` has the words."""

    WINDOW_CLOSED = "window_closed"  # more than 24 hours: choose a template
    NO_RECIPIENT = "no_recipient"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    TEMPLATE = "template"
    MEDIA = "media"
    NOT_ALLOWED = "not_allowed"  # secrets or rights of our account
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


NEVER = timedelta()
FOLLOWED = timedelta(days=30)  # nobody tells of older messages, and we ask nothing of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a messenger can do; pages offer nothing else. window: None where one may always write."""

    kinds: frozenset[MessageKind]
    window: timedelta | None = None
    templates: bool = False
    writes_first: bool = False  # to somebody who has not written yet
    receipts: bool = False
    replies: bool = False
    edits_for: timedelta = NEVER  # so long after it was sent the words of a message of ours can be changed there
    deletes_for: timedelta = NEVER
    typing: bool = False
    longest_text: int = 4096
    longest_caption: int = 1024  # of a file
    largest_bytes: Mapping[MessageKind, int] = field(default_factory=dict)


_OF_PHONES = frozenset(
    {
        MessageKind.TEXT,
        MessageKind.IMAGE,
        MessageKind.VIDEO,
        MessageKind.VOICE,
        MessageKind.AUDIO,
        MessageKind.DOCUMENT,
        MessageKind.STICKER,
        MessageKind.LOCATION,
        MessageKind.CONTACTS,
    }
)
_MB = 1024 * 1024

CAPABILITIES: Mapping[Messenger, Capabilities] = {
    Messenger.WHATSAPP: Capabilities(
        kinds=_OF_PHONES | {MessageKind.TEMPLATE},
        window=timedelta(hours=24),
        templates=True,
        writes_first=True,
        receipts=True,
        replies=True,
        largest_bytes={
            MessageKind.IMAGE: 5 * _MB,
            MessageKind.VIDEO: 16 * _MB,
            MessageKind.VOICE: 16 * _MB,
            MessageKind.AUDIO: 16 * _MB,
            MessageKind.DOCUMENT: 100 * _MB,
        },
    ),
    Messenger.TELEGRAM: Capabilities(
        kinds=_OF_PHONES,
        replies=True,
        edits_for=FOLLOWED,
        deletes_for=timedelta(hours=48),
        typing=True,
        largest_bytes=dict.fromkeys(_OF_PHONES, 50 * _MB) | {MessageKind.IMAGE: 10 * _MB},
    ),
    Messenger.WEBHOOK: Capabilities(
        kinds=_OF_PHONES,
        writes_first=True,
        receipts=True,
        replies=True,
        edits_for=FOLLOWED,
        deletes_for=FOLLOWED,
        longest_caption=4096,
        largest_bytes=dict.fromkeys(_OF_PHONES, 25 * _MB),
    ),
}
