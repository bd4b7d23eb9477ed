"""Updates of the Telegram Bot API as values of ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from data.messaging import ChatMoved, MediaRef, MessageEdited, MessageKind, MessageReceived, Reaction, Received
from ingest.messengers.adapter import NotUnderstood, Parsed
from ingest.messengers.reading import (
    LONGEST_ID,
    LONGEST_NAME,
    Json,
    json_of,
    key,
    mapping,
    mappings,
    moment,
    number,
    size,
    text,
)

_FILES = {
    "animation": MessageKind.VIDEO,  # told with a `document` too, so it is looked at first
    "video": MessageKind.VIDEO,
    "video_note": MessageKind.VIDEO,
    "voice": MessageKind.VOICE,
    "audio": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
}
# What every message carries; the first field beside these names a kind that we do not know.
_FRAME = frozenset(
    {
        "message_id", "message_thread_id", "from", "sender_chat", "sender_boost_count", "sender_business_bot", "date",
        "business_connection_id", "chat", "forward_origin", "is_topic_message", "is_automatic_forward",
        "reply_to_message", "external_reply", "quote", "reply_to_story", "via_bot", "edit_date",
        "has_protected_content", "is_from_offline", "media_group_id", "author_signature", "entities",
        "link_preview_options", "effect_id", "caption_entities", "show_caption_above_media", "has_media_spoiler",
        "reply_markup", "forward_from", "forward_from_chat", "forward_date", "paid_star_count",
    }
)  # fmt: skip
# Of groups: who came and went is nobody's message.
_SERVICE = frozenset(
    {
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message",
        "message_auto_delete_timer_changed", "video_chat_started",
        "video_chat_ended", "forum_topic_created", "new_chat_member", "new_chat_participant",
    }
)  # fmt: skip


def parsed(body: bytes, received_at: datetime) -> Parsed:
    """What one update tells; nothing for those that are no message. Raises NotUnderstood."""
    update = mapping(json_of(body))
    if not isinstance(update.get("update_id"), int):
        raise NotUnderstood("The body is no update of the Telegram Bot API.")
    for name in ("message", "channel_post"):
        if name in update:
            return _one(_message(mapping(update[name]), received_at), name)
    for name in ("edited_message", "edited_channel_post"):
        if name in update:
            return _one(_edited(mapping(update[name]), received_at), name)
    if "message_reaction" in update:
        return _one(_reaction(mapping(update["message_reaction"]), received_at), "message_reaction")
    return Parsed()


def message_key(message: Json) -> str | None:
    """`<chat>:<number>`: the number alone is one within its chat only."""
    chat, told = key(mapping(message.get("chat")).get("id")), key(message.get("message_id"))
    return f"{chat}:{told}" if chat and told else None


def _one(found: Received | bool | None, name: str) -> Parsed:
    if found is None:
        return Parsed(problems=[f"A {name} has no id or no chat."])
    return Parsed(items=[found]) if not isinstance(found, bool) else Parsed()


def _message(message: Json, received_at: datetime) -> Received | bool | None:
    """False: nothing that anybody said."""
    message_id, chat, sender = message_key(message), mapping(message.get("chat")), mapping(message.get("from"))
    user = key(chat.get("id"))
    if message_id is None or user is None:
        return None
    is_group = chat.get("type") != "private"
    if former := key(message.get("migrate_from_chat_id")):
        return ChatMoved(user_key=user, former_key=former)
    if to := key(message.get("migrate_to_chat_id")):
        return ChatMoved(user_key=to, former_key=user)
    if is_group and _SERVICE & set(message):
        return False
    kind, media, payload = _content(message)
    quoted = mapping(message.get("reply_to_message"))
    return MessageReceived(
        messenger_message_id=message_id,
        user_key=user,
        sent_at=moment(message.get("date"), received_at),
        kind=kind,
        user_name=_name(sender) or _name(chat) or text(message.get("author_signature"), LONGEST_NAME),
        user_handle=None if is_group else text(sender.get("username"), LONGEST_NAME),
        chat_title=text(chat.get("title"), LONGEST_NAME) if is_group else None,
        phone=_own_phone(message, sender),
        text=text(message.get("text")) or text(message.get("caption")),
        media=media,
        reply_to=message_key(quoted) if quoted else None,
        is_group=is_group,
        payload=payload,
    )


def _edited(message: Json, received_at: datetime) -> Received | None:
    message_id, user = message_key(message), key(mapping(message.get("chat")).get("id"))
    if message_id is None or user is None:
        return None
    return MessageEdited(
        messenger_message_id=message_id,
        user_key=user,
        edited_at=moment(message.get("edit_date"), received_at),
        text=text(message.get("text")) or text(message.get("caption")),
    )


def _reaction(told: Json, received_at: datetime) -> Received | None:
    message_id, user = message_key(told), key(mapping(told.get("chat")).get("id"))
    if message_id is None or user is None:
        return None
    signs = [text(one.get("emoji"), 40) or "★" for one in mappings(told.get("new_reaction"))]
    return Reaction(
        messenger_message_id=message_id,
        user_key=user,
        happened_at=moment(told.get("date"), received_at),
        emoji=signs[0] if signs else None,
    )


def _content(message: Json) -> tuple[MessageKind, MediaRef | None, dict[str, Any]]:
    if isinstance(message.get("text"), str):
        return MessageKind.TEXT, None, {}
    if sizes := list(mappings(message.get("photo"))):
        largest = max(sizes, key=lambda one: size(one.get("file_size")) or 0)
        return MessageKind.IMAGE, _media(largest), {}
    for name, kind in _FILES.items():
        if media := _media(mapping(message.get(name))):
            return kind, media, {}
    place = mapping(message.get("location")) or mapping(mapping(message.get("venue")).get("location"))
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if latitude is not None and longitude is not None:
        venue = mapping(message.get("venue"))
        words = {"name": text(venue.get("title"), LONGEST_ID), "address": text(venue.get("address"), LONGEST_ID)}
        known = {name: value for name, value in words.items() if value}
        return MessageKind.LOCATION, None, {"latitude": latitude, "longitude": longitude, **known}
    if contact := mapping(message.get("contact")):
        phone = text(contact.get("phone_number"), 60)
        card = {"name": _name(contact) or "", "phones": [phone] if phone else [], "emails": []}
        return MessageKind.CONTACTS, None, {"contacts": [card]}
    unknown = sorted(set(message) - _FRAME)
    return MessageKind.UNSUPPORTED, None, {"name": text(unknown[0], 60) if unknown else "unknown"}


def _media(file: Json) -> MediaRef | None:
    ref = key(file.get("file_id"))
    if ref is None:
        return None
    return MediaRef(
        ref=ref,
        name=text(file.get("file_name"), LONGEST_NAME),
        media_type=text(file.get("mime_type"), 100),
        size_bytes=size(file.get("file_size")),
    )


def _own_phone(message: Json, sender: Json) -> str | None:
    """The number that he shared himself: the card of somebody else is no number of his."""
    contact = mapping(message.get("contact"))
    told = (text(contact.get("phone_number"), 60) or "").lstrip("+")
    is_his = contact.get("user_id") is not None and contact.get("user_id") == sender.get("id")
    return told if is_his and told.isascii() and told.isdigit() else None


def _name(person: Json) -> str | None:
    parts = (text(person.get("first_name"), LONGEST_NAME), text(person.get("last_name"), LONGEST_NAME))
    return " ".join(part for part in parts if part)[:LONGEST_NAME] or None
