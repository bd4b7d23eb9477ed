"""Webhooks of the WhatsApp Cloud API as values of ours: several entries and changes each, with whatever is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from data.messaging import (
    Delivery,
    MediaRef,
    MessageDeleted,
    MessageEdited,
    MessageKind,
    MessageReceived,
    Reaction,
    Receipt,
    Received,
    SendError,
)
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
    text,
)

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}
_FILES = {
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "audio": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
}
# Codes of Meta: what people are told, and whether a later try may do.
_ERRORS: dict[SendError, tuple[int, ...]] = {
    SendError.WINDOW_CLOSED: (131047,),
    SendError.NO_RECIPIENT: (131026, 131021, 131030, 131062),
    SendError.BLOCKED: (131050,),
    SendError.RATE_LIMITED: (4, 80007, 130429, 131048, 131056),
    SendError.TEMPLATE: (132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069),
    SendError.MEDIA: (131052, 131053),
    SendError.NOT_ALLOWED: (0, 3, 10, 190, 368, 131005, 131031, 131042, 131045, 133010),
    SendError.REFUSED: (33, 100, 130472, 131008, 131009, 131049, 131051),
    SendError.UNREACHABLE: (1, 2, 131000, 131016, 131057, 133004),
}
_WORDS = {code: error for error, codes in _ERRORS.items() for code in codes}
_AGAIN = frozenset({SendError.RATE_LIMITED, SendError.UNREACHABLE})


def parsed(body: bytes, received_at: datetime, *, phone_number_id: str) -> Parsed:
    """Everything that one request tells about our number. Raises NotUnderstood."""
    whole = mapping(json_of(body))
    if whole.get("object") != "whatsapp_business_account":
        raise NotUnderstood("The body is no webhook of a WhatsApp business account.")
    items: list[Received] = []
    problems: list[str] = []
    for entry in mappings(whole.get("entry")):
        for change in mappings(entry.get("changes")):
            value = mapping(change.get("value"))
            told = key(mapping(value.get("metadata")).get("phone_number_id"))
            if told is not None and told != phone_number_id:
                problems.append(f"It is for the number {told[:40]}, and this account is {phone_number_id}.")
                continue
            for one in _values(value, received_at):
                if isinstance(one, str):
                    problems.append(one)
                else:
                    items.append(one)
    return Parsed(items=items, problems=problems)


def error_of(told: Json) -> tuple[SendError, bool, str]:
    """The word for an error of Meta, whether a later try may do, and what they say."""
    code = told.get("code")
    details = text(mapping(told.get("error_data")).get("details"), 300)
    says = details or text(told.get("message"), 300) or text(told.get("title"), 300) or "no reason"
    error = _WORDS.get(code, SendError.UNKNOWN) if isinstance(code, int) else SendError.UNKNOWN
    if isinstance(code, int) and 200 <= code < 300:
        error = SendError.NOT_ALLOWED
    return error, error in _AGAIN, f"{code} {says}"


def _values(value: Json, received_at: datetime) -> Iterator[Received | str]:
    contacts = list(mappings(value.get("contacts")))
    for message in mappings(value.get("messages")):
        yield _message(message, contacts, received_at) or "A message has no id or no sender."
    for message in mappings(value.get("message_echoes")):
        yield _message(message, contacts, received_at, ours=True) or "An echo has no id or no recipient."
    for status in mappings(value.get("statuses")):
        found = _receipt(status, received_at)
        if found is not None:
            yield found
        elif status.get("status") not in ("deleted", "warning"):
            yield "A status has no id, or is of an unknown kind."


def _message(message: Json, contacts: list[Json], received_at: datetime, *, ours: bool = False) -> Received | None:
    message_id = key(message.get("id"))
    phone = _phone(message.get("to" if ours else "from"))
    hidden = key(message.get("to_user_id" if ours else "from_user_id"))
    contact = _contact(contacts, phone, hidden)
    hidden = hidden or key(contact.get("user_id"))
    phone = phone or _phone(contact.get("wa_id"))
    group = key(message.get("group_id"))
    user = group or hidden or phone
    if message_id is None or user is None:
        return None
    at = moment(message.get("timestamp"), received_at)
    kind = text(message.get("type"), 40) or "unknown"
    part = mapping(message.get(kind))
    if kind == "reaction" and (target := key(part.get("message_id"))):
        return Reaction(messenger_message_id=target, user_key=user, happened_at=at, emoji=text(part.get("emoji"), 40))
    if kind == "edit" and (target := key(part.get("original_message_id"))):
        inner = mapping(part.get("message"))
        _, words, _, _ = _content(text(inner.get("type"), 40) or "text", inner)
        return MessageEdited(messenger_message_id=target, user_key=user, edited_at=at, text=words)
    if kind == "revoke" and (target := key(part.get("original_message_id"))):
        return MessageDeleted(messenger_message_id=target, user_key=user, deleted_at=at)
    profile = mapping(contact.get("profile"))
    found, words, media, payload = _content(kind, message)
    return MessageReceived(
        messenger_message_id=message_id,
        user_key=user,
        also_known=tuple(one for one in (hidden, phone) if one and one != user) if not group else (),
        sent_at=at,
        kind=found,
        user_name=text(profile.get("name"), LONGEST_NAME),
        user_handle=text(profile.get("username"), LONGEST_NAME),
        phone=None if group else phone,
        text=words,
        media=media,
        reply_to=key(mapping(message.get("context")).get("id")),
        is_group=group is not None,
        payload=payload,
        is_ours=ours,
    )


def _content(kind: str, message: Json) -> tuple[MessageKind, str | None, MediaRef | None, dict[str, Any]]:
    """Kind, words, file and payload of what was said."""
    part = mapping(message.get(kind))
    if kind == "text":
        return MessageKind.TEXT, text(part.get("body")), None, {}
    if kind in _FILES and (ref := key(part.get("id"))):
        is_voice = kind == "audio" and part.get("voice") is True
        media = MediaRef(
            ref=ref,
            name=text(part.get("filename"), LONGEST_NAME),
            media_type=text(part.get("mime_type"), 100),
        )
        return MessageKind.VOICE if is_voice else _FILES[kind], text(part.get("caption")), media, {}
    if kind == "location" and (place := _place(part)):
        return MessageKind.LOCATION, None, None, place
    if kind == "contacts":
        return MessageKind.CONTACTS, None, None, {"contacts": [_card(one) for one in mappings(message.get(kind))]}
    if kind == "button":
        return MessageKind.TEXT, text(part.get("text")), None, {}
    if kind == "interactive":
        chosen = mapping(part.get(str(part.get("type", ""))))
        if words := text(chosen.get("title")):
            return MessageKind.TEXT, words, None, {}
    inner = text(mapping(message.get("unsupported")).get("type"), 60) if kind == "unsupported" else None
    words = text(part.get("body")) if kind == "system" else None
    return MessageKind.UNSUPPORTED, words, None, {"name": inner or kind}


def _receipt(status: Json, received_at: datetime) -> Receipt | None:
    message_id, state = key(status.get("id")), _STATES.get(str(status.get("status")))
    if message_id is None or state is None:
        return None
    error = detail = None
    if state is Delivery.FAILED:
        found, _, detail = error_of(next(mappings(status.get("errors")), {}))
        error = found.value
    return Receipt(
        messenger_message_id=message_id,
        state=state,
        happened_at=moment(status.get("timestamp"), received_at),
        error=error,
        error_detail=detail,
        message_id=_own_id(status.get("biz_opaque_callback_data")),
    )


def _own_id(told: Any) -> str | None:
    try:
        return str(UUID(told)) if isinstance(told, str) else None
    except ValueError:
        return None


def _contact(contacts: list[Json], phone: str | None, hidden: str | None) -> Json:
    for contact in contacts:
        if (phone and _phone(contact.get("wa_id")) == phone) or (hidden and key(contact.get("user_id")) == hidden):
            return contact
    # Where the ids are missing there is one contact for all messages of the change.
    return contacts[0] if len(contacts) == 1 and not (phone or hidden) else {}


def _phone(value: Any) -> str | None:
    found = (key(value) or "").lstrip("+")
    return found if found.isascii() and found.isdigit() and len(found) <= 20 else None


def _place(part: Json) -> dict[str, Any]:
    latitude, longitude = number(part.get("latitude")), number(part.get("longitude"))
    if latitude is None or longitude is None:
        return {}
    words = {name: text(part.get(name), LONGEST_ID) for name in ("name", "address")}
    return {"latitude": latitude, "longitude": longitude, **{k: v for k, v in words.items() if v}}


def _card(contact: Json) -> dict[str, Any]:
    phones = [text(one.get("phone") or one.get("wa_id"), 60) for one in mappings(contact.get("phones"))]
    emails = [text(one.get("email"), LONGEST_NAME) for one in mappings(contact.get("emails"))]
    return {
        "name": text(mapping(contact.get("name")).get("formatted_name"), LONGEST_NAME) or "",
        "phones": [one for one in phones if one],
        "emails": [one for one in emails if one],
    }
