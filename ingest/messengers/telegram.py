"""Telegram Bot API: updates by long poll or webhook, and the methods that send.

Its ids of messages are numbers within a chat, so ours are `<chat>:<number>`. The bot's token is part of every
address, which is why no address ever stands in a message or log of ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from data.hooks import HOOK_SECRET
from data.media import Draft
from data.messaging import MessageKind, SendError
from data.messenger_fields import TOKEN, Way
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from ingest.messengers.adapter import Keep, MediaFailed, Outgoing, Parsed, Revision, SendFailed, Template
from ingest.messengers.http import Answer, Api
from ingest.messengers.reading import Json, mapping, mappings, text
from ingest.messengers.telegram_events import message_key, parsed
from ingest.messengers.telegram_refusals import AsWanted, Upgraded, refused

_METHODS = {
    MessageKind.IMAGE: ("sendPhoto", "photo"),
    MessageKind.VIDEO: ("sendVideo", "video"),
    MessageKind.VOICE: ("sendVoice", "voice"),
    MessageKind.AUDIO: ("sendAudio", "audio"),
    MessageKind.DOCUMENT: ("sendDocument", "document"),
    MessageKind.STICKER: ("sendSticker", "sticker"),
}
_UPDATES = ["message", "edited_message", "channel_post", "edited_channel_post", "message_reaction"]
_GRACE_S = 15.0  # beyond a long poll


class Telegram:
    """One bot."""

    tells_our_id = False  # nothing is told of what arrived

    def __init__(self, account: MessengerAccount, secrets: Mapping[str, str], settings: Settings) -> None:
        place = account.connection
        self._token = secrets.get(TOKEN, "")
        self._base = place["base_url"]
        self._hook_secret = secrets.get(HOOK_SECRET, "")
        self._hook = f"{(settings.web.public_url or '').rstrip('/')}/hooks/{account.account}"
        self._has_hook = bool(settings.web.public_url)
        self.polls = place["way"] == Way.POLL
        self._api = Api(settings, "", secrets=[self._token, quote(self._token), self._hook_secret])
        self._after = 0
        self._is_set_up = False

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return parsed(body, received_at)

    def send(self, message: Outgoing) -> str:
        try:
            answer = self._carry_out(message, self._addressed(message, message.user_key))
        except Upgraded as moved:  # its update was not read yet
            answer = self._carry_out(message, self._addressed(message, moved.to))
        sent = mapping(answer.json).get("result")
        found = message_key(mapping(sent))
        if found is None:
            raise SendFailed(SendError.UNKNOWN, "the answer names no message")
        return found

    def _addressed(self, message: Outgoing, chat: str) -> dict[str, Any]:
        params: dict[str, Any] = {"chat_id": chat}
        house, _, number = (message.reply_to or "").rpartition(":")
        if house == chat and number.isdigit():  # a supergroup counts anew: numbers of the former group are none of its
            # Who deleted the message meanwhile gets the answer all the same.
            params["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
        return params

    def _carry_out(self, message: Outgoing, params: dict[str, Any]) -> Answer:
        match message.kind:
            case MessageKind.TEXT:
                return self._call("sendMessage", params | {"text": message.text or ""})
            case MessageKind.LOCATION:
                place = {name: message.payload.get(name) for name in ("latitude", "longitude")}
                return self._call("sendLocation", params | place)
            case MessageKind.CONTACTS:
                contact: Json = next(mappings(message.payload.get("contacts")), {})
                phone = next(iter(contact.get("phones") or ()), "")
                return self._call(
                    "sendContact", params | {"phone_number": phone, "first_name": contact.get("name") or phone}
                )
        if message.file is None or message.kind not in _METHODS:
            raise SendFailed(SendError.REFUSED, f"Telegram sends no {message.kind.value} without a file")
        method, name = _METHODS[message.kind]
        if message.text:
            params["caption"] = message.text
        fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
        with message.file.path.open("rb") as content:
            return self._call(method, fields, file=(name, message.file.name, content, message.file.media_type))

    def revise(self, revision: Revision) -> None:
        chat, _, number = revision.messenger_message_id.rpartition(":")
        place = {"chat_id": chat, "message_id": int(number)}
        try:
            if revision.text is None:
                self._call("deleteMessage", place)
            elif revision.kind is MessageKind.TEXT:
                self._call("editMessageText", place | {"text": revision.text})
            else:
                self._call("editMessageCaption", place | {"caption": revision.text})
        except AsWanted:
            return

    def fetch_media(self, ref: str, draft: Draft, *, most_bytes: int) -> None:
        try:
            told = mapping(mapping(self._call("getFile", {"file_id": ref}).json).get("result"))
        except SendFailed as error:
            too_big = "too big" in error.detail.lower()
            raise MediaFailed(str(error), again=error.again, too_large=too_big) from None
        if isinstance(told.get("file_size"), int) and told["file_size"] > most_bytes:
            raise MediaFailed(f"the file has {told['file_size']} bytes", too_large=True)
        path = quote(text(told.get("file_path"), 1000) or "")
        self._api.fetch(f"{self._base}/file/bot{self._token}/{path}", draft, most_bytes=most_bytes)

    def check(self) -> str:
        told = mapping(mapping(self._call("getMe", {}).json).get("result"))
        name = text(told.get("username"), 100)
        words = f"@{name}" if name else str(told.get("id") or "")
        if self.polls:
            self._call("deleteWebhook", {})
            return words
        if not self._has_hook:
            raise SendFailed(
                SendError.NOT_ALLOWED, "a webhook needs an address of ours: set web.public_url, or choose long polling"
            )
        asked = {"url": self._hook, "secret_token": self._hook_secret, "allowed_updates": _UPDATES}
        self._call("setWebhook", asked)
        told = mapping(mapping(self._call("getWebhookInfo", {}).json).get("result"))
        trouble = text(told.get("last_error_message"), 300)
        return f"{words}, {self._hook}" + (f" ({trouble})" if trouble else "")

    def templates(self) -> tuple[Template, ...]:
        return ()

    def typing(self, user_key: str) -> None:
        self._call("sendChatAction", {"chat_id": user_key, "action": "typing"})

    def poll(self, keep: Keep, *, wait_s: float) -> None:
        if not self._is_set_up:
            # A bot has either way, never both.
            self._call("deleteWebhook", {})
            self._is_set_up = True
        asked = {"timeout": int(wait_s), "allowed_updates": _UPDATES, "offset": self._after}
        answer = self._call("getUpdates", asked, timeout_s=wait_s + _GRACE_S)
        updates = [one for one in mappings(mapping(answer.json).get("result")) if isinstance(one.get("update_id"), int)]
        if updates:
            keep([json.dumps(one, ensure_ascii=False).encode(errors="replace") for one in updates])
            # Asking for the next ones tells Telegram to forget these: only once they are kept.
            self._after = max(one["update_id"] for one in updates) + 1

    def close(self) -> None:
        self._api.close()

    def _call(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        file: tuple[str, str, Any, str] | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """The answer of a method. Raises SendFailed."""
        url = f"{self._base}/bot{self._token}/{method}"
        if file is not None:
            name, title, content, media_type = file
            parts = {name: (title, content, media_type)}
            answer = self._api.ask("POST", url, data=dict(params), files=parts, timeout_s=120.0)
        else:
            answer = self._api.ask("POST", url, json=dict(params), timeout_s=timeout_s)
        if answer.status == 200 and mapping(answer.json).get("ok") is True:
            return answer
        told = mapping(answer.json)
        raise refused(answer, self._api.hidden(text(told.get("description"), 300) or f"HTTP {answer.status}"))
