"""The generic webhook: any system that can sign a JSON body is a messenger, in and out (docs/messengers.md)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from data.hooks import HOOK_SECRET, signed
from data.media import Draft
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
    word_of,
)
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from ingest.messengers.adapter import Keep, NotUnderstood, Outgoing, Parsed, SendFailed, Template
from ingest.messengers.http import Answer, Api, refusal
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

_MOST_EVENTS = 1000
_NOT_RECEIVED = (MessageKind.NOTE, MessageKind.SYSTEM, MessageKind.TEMPLATE)


class Webhook:
    """One system."""

    polls = False

    def __init__(self, account: MessengerAccount, secrets: Mapping[str, str], settings: Settings) -> None:
        self._account = account.account
        self._url = account.connection["url"]
        self._secret = secrets.get(HOOK_SECRET, "")
        self._api = Api(settings, "", secrets=[self._secret], timeout_s=30.0)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        whole = json_of(body)
        if not isinstance(whole, dict):
            raise NotUnderstood("The body is no JSON object.")
        events = list(mappings(whole.get("events"))) if "events" in whole else [whole]
        if len(events) > _MOST_EVENTS:
            raise NotUnderstood(f"The body has {len(events)} events, {_MOST_EVENTS} are allowed at once.")
        items: list[Received] = []
        problems: list[str] = []
        for event in events:
            found = _event(event, received_at)
            if found is None:
                problems.append(f"An event of type {str(event.get('type'))[:40]!r} is unknown, or lacks id or user.id.")
            else:
                items.append(found)
        return Parsed(items=items, problems=problems)

    def send(self, message: Outgoing) -> str:
        body: dict[str, Any] = {
            "type": "message",
            "id": message.message_id,
            "account": self._account,
            "user": {"id": message.user_key},
            "kind": message.kind.value,
            "text": message.text,
            "reply_to": message.reply_to,
            **message.payload,
        }
        if message.file is not None:
            body["media"] = {
                "name": message.file.name,
                "type": message.file.media_type,
                "size": message.file.size_bytes,
                "data": base64.b64encode(message.file.path.read_bytes()).decode(),
            }
        told = mapping(self._post(message.message_id, body).json)
        # Who answers nothing knows the message by our id.
        return key(told.get("id")) or message.message_id

    def fetch_media(self, ref: str, draft: Draft, *, most_bytes: int) -> None:
        self._api.fetch(ref, draft, most_bytes=most_bytes)

    def check(self) -> str:
        answer = self._post(f"ping-{self._account}", {"type": "ping", "account": self._account})
        return f"HTTP {answer.status}"

    def templates(self) -> tuple[Template, ...]:
        return ()

    def typing(self, user_key: str) -> None:
        """Nothing shows it."""

    def poll(self, keep: Keep, *, wait_s: float) -> None:
        raise NotImplementedError("A generic webhook calls us.")

    def close(self) -> None:
        self._api.close()

    def _post(self, message_id: str, body: Mapping[str, Any]) -> Answer:
        """Raises SendFailed."""
        content = orjson.dumps(body)
        headers = signed(self._secret, message_id, content, now=datetime.now(UTC))
        headers["content-type"] = "application/json"
        answer = self._api.ask("POST", self._url, content=content, headers=headers)
        if 200 <= answer.status < 300:
            return answer
        told = mapping(answer.json)
        detail = f"HTTP {answer.status} {text(told.get('detail'), 300) or ''}".strip()
        if answer.status < 500 and answer.status != 429 and (word := word_of(SendError, told.get("error"))):
            raise SendFailed(word, detail)
        raise refusal(answer, detail)


def _event(event: Json, received_at: datetime) -> Received | None:
    message_id, user = key(event.get("id")), key(mapping(event.get("user")).get("id"))
    at = moment(event.get("at"), received_at)
    kind = event.get("type", "message")
    if kind == "receipt" and message_id is not None and event.get("state") in ("sent", "delivered", "read", "failed"):
        error = word_of(SendError, event.get("error")) or SendError.UNKNOWN
        return Receipt(
            messenger_message_id=message_id,
            state=Delivery(event["state"]),
            happened_at=at,
            error=error.value if event["state"] == "failed" else None,
            error_detail=text(event.get("detail"), 300),
        )
    if message_id is None or user is None:
        return None
    if kind == "edited":
        return MessageEdited(messenger_message_id=message_id, user_key=user, edited_at=at, text=text(event.get("text")))
    if kind == "deleted":
        return MessageDeleted(messenger_message_id=message_id, user_key=user, deleted_at=at)
    if kind == "reaction":
        return Reaction(
            messenger_message_id=message_id, user_key=user, happened_at=at, emoji=text(event.get("emoji"), 40)
        )
    return _message(event, message_id, user, at) if kind == "message" else None


def _message(event: Json, message_id: str, user: str, at: datetime) -> MessageReceived:
    person, group = mapping(event.get("user")), mapping(event.get("group"))
    told = text(event.get("kind"), 60) or MessageKind.TEXT.value
    kind = word_of(MessageKind, told) or MessageKind.UNSUPPORTED
    payload = _payload(kind, event)
    if payload is None or kind in _NOT_RECEIVED:
        kind, payload = MessageKind.UNSUPPORTED, {"name": told}
    group_id = key(group.get("id"))
    return MessageReceived(
        messenger_message_id=message_id,
        user_key=group_id or user,
        sent_at=at,
        kind=kind,
        user_name=text(person.get("name"), LONGEST_NAME),
        user_handle=text(person.get("handle"), LONGEST_NAME),
        chat_title=text(group.get("title"), LONGEST_NAME),
        phone=None if group_id else (text(person.get("phone"), 40) or "").lstrip("+") or None,
        text=text(event.get("text")),
        media=_media(mapping(event.get("media"))),
        reply_to=key(event.get("reply_to")),
        is_group=group_id is not None,
        payload=payload,
        is_ours=event.get("ours") is True,
    )


def _payload(kind: MessageKind, event: Json) -> dict[str, Any] | None:
    """None: it lacks what its kind must have."""
    if kind is MessageKind.LOCATION:
        latitude, longitude = number(event.get("latitude")), number(event.get("longitude"))
        if latitude is None or longitude is None:
            return None
        words = {name: text(event.get(name), LONGEST_ID) for name in ("name", "address")}
        return {"latitude": latitude, "longitude": longitude, **{k: v for k, v in words.items() if v}}
    if kind is MessageKind.CONTACTS:
        return {"contacts": list(_cards(event.get("contacts")))}
    if kind is MessageKind.UNSUPPORTED:
        return {"name": text(event.get("kind"), 60) or "unknown"}
    return {}


def _cards(told: Any) -> Iterator[dict[str, Any]]:
    for one in mappings(told):
        lists = {name: [text(item, LONGEST_NAME) for item in one.get(name) or ()] for name in ("phones", "emails")
                 if isinstance(one.get(name) or [], list)}  # fmt: skip
        yield {"name": text(one.get("name"), LONGEST_NAME) or "", **{k: [i for i in v if i] for k, v in lists.items()}}


def _media(told: Json) -> MediaRef | None:
    url = text(told.get("url"), 4000)
    if url is None:
        return None
    return MediaRef(
        ref=url,
        name=text(told.get("name"), LONGEST_NAME),
        media_type=text(told.get("type"), 100),
        size_bytes=size(told.get("size")),
    )
