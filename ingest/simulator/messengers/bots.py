"""A Bot API like Telegram's: long poll and webhook, methods, files, and refusals in its words."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from data.hooks import HOOK_SECRET
from data.messaging import MessageKind, Messenger
from data.messenger_fields import TOKEN, Way
from ingest.simulator.messengers.exchange import Asked, Heard, Reply, Revised
from ingest.simulator.messengers.service import Service

_BOT = 777
_REVISIONS = {"editMessageText": "text", "editMessageCaption": "caption", "deleteMessage": ""}
_METHODS = {
    "sendMessage": MessageKind.TEXT,
    "sendPhoto": MessageKind.IMAGE,
    "sendVideo": MessageKind.VIDEO,
    "sendVoice": MessageKind.VOICE,
    "sendAudio": MessageKind.AUDIO,
    "sendDocument": MessageKind.DOCUMENT,
    "sendSticker": MessageKind.STICKER,
    "sendLocation": MessageKind.LOCATION,
    "sendContact": MessageKind.CONTACTS,
}


class Bots(Service):
    """One bot. way: how its updates are fetched; a webhook that is set wins, as there."""

    messenger = Messenger.TELEGRAM

    def __init__(self, way: Way = Way.POLL) -> None:
        super().__init__()
        self.way = way
        self.files: dict[str, bytes] = {}
        self.expired: set[str] = set()  # files whose addresses are over
        self.actions: list[tuple[str, str]] = []
        self.webhook: dict[str, Any] = {}
        self.upgraded: dict[str, str] = {}  # groups that became supergroups: former id -> id
        self._updates: list[dict[str, Any]] = []
        self._came = threading.Condition()

    @property
    def connection(self) -> dict[str, str]:
        return {"base_url": self.url, "way": self.way.value}

    @property
    def secrets(self) -> dict[str, str]:
        return {TOKEN: "777:AAsimulated", HOOK_SECRET: "hook-secret"}

    def sign(self, body: bytes) -> dict[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self.secrets[HOOK_SECRET]}

    # ---------------------------------------------------------------- what clients do

    def say(self, user: str, text: str, *, name: str | None = None, reply_to: str | None = None) -> str:
        """A client writes; the id of his message as ours name it."""
        content: dict[str, Any] = {"text": text}
        if reply_to:
            content["reply_to_message"] = {"message_id": int(reply_to.partition(":")[2]), "chat": {"id": int(user)}}
        return self.tell(user, content, name=name)

    def give(self, user: str, kind: str, content: bytes, media_type: str, *, name: str | None = None) -> str:
        """A client sends a file."""
        file_id = f"file{self.next_number()}"
        self.files[file_id] = content
        told = {"file_id": file_id, "file_unique_id": file_id, "mime_type": media_type, "file_size": len(content)}
        if kind == "image":
            return self.tell(user, {"photo": [{**told, "width": 90}, {**told, "width": 800}]})
        return self.tell(user, {kind: told | ({"file_name": name} if name else {})})

    def tell(self, user: str, content: Mapping[str, Any], *, name: str | None = None) -> str:
        """Any message of a client."""
        number = self.next_number()
        self.update({"message": self.message(user, number, content, name=name)})
        return f"{user}:{number}"

    def message(self, user: str, number: int, content: Mapping[str, Any], *, name: str | None = None) -> dict[str, Any]:
        known = self.name_of(user, name) or ""
        person = {"id": int(user), "first_name": known, "is_bot": False, "username": f"user{user}"}
        chat = {"id": int(user), "type": "private", "first_name": known}
        return {"message_id": number, "from": person, "chat": chat, "date": int(time.time()), **content}

    def upgrade(self, group: str, to: str) -> None:
        """A group becomes a supergroup: both tell of it."""
        self.upgraded[group] = to
        for chat, content in ((group, {"migrate_to_chat_id": int(to)}), (to, {"migrate_from_chat_id": int(group)})):
            kind = "group" if chat == group else "supergroup"
            message = self.message(group, self.next_number(), content)
            self.update({"message": {**message, "chat": {"id": int(chat), "type": kind, "title": "Группа"}}})

    def update(self, told: Mapping[str, Any]) -> None:
        """Any update: called where a webhook is set, else kept until somebody asks."""
        update = {"update_id": 10_000 + self.next_number(), **told}
        if self.way is Way.WEBHOOK:
            self.deliver(update)
            return
        with self._came:
            self._updates.append(update)
            self._came.notify_all()

    def repeat(self) -> None:
        """Forget that the latest update was taken."""
        with self._came:
            if self._updates:
                self._updates.append({**self._updates[-1], "update_id": 10_000 + self.next_number()})
                self._came.notify_all()

    # ---------------------------------------------------------------- what we ask

    def is_message(self, asked: Asked) -> bool:
        return asked.path.rpartition("/")[2] in (*_METHODS, *_REVISIONS)

    def answer(self, asked: Asked) -> Reply:
        prefix = f"/bot{self.secrets[TOKEN]}/"
        if asked.path.startswith(f"/file{prefix}"):
            file_id = asked.path.removeprefix(f"/file{prefix}documents/")
            if file_id not in self.files or file_id in self.expired:
                return refused(404, "Not Found")
            return Reply(200, self.files[file_id])
        if not asked.path.startswith(prefix):
            return refused(401, "Unauthorized")
        method = asked.path.removeprefix(prefix)
        params = self._params(asked)
        if method in _METHODS:
            return self._take(method, params, asked)
        if method in _REVISIONS:
            return self._revise(method, params)
        match method:
            case "getMe":
                return _fine({"id": _BOT, "is_bot": True, "first_name": "Ромашка", "username": "romashka_bot"})
            case "getUpdates":
                return self._given(params)
            case "getFile":
                file_id = str(params.get("file_id"))
                if file_id not in self.files:
                    return refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
                told = {"file_id": file_id, "file_path": f"documents/{file_id}", "file_size": len(self.files[file_id])}
                return _fine(told)
            case "sendChatAction":
                self.actions.append((str(params.get("chat_id")), str(params.get("action"))))
                return _fine(True)
            case "setWebhook":
                self.webhook = params
                return _fine(True)
            case "deleteWebhook":
                self.webhook = {}
                return _fine(True)
            case "getWebhookInfo":
                return _fine({"url": self.webhook.get("url", ""), "pending_update_count": 0})
        return refused(404, "Not Found")

    def _params(self, asked: Asked) -> dict[str, Any]:
        if not asked.headers.get("content-type", "").startswith("multipart/"):
            return asked.json
        return {name: content.decode() for name, (title, content) in asked.form.items() if title is None}

    def _given(self, params: Mapping[str, Any]) -> Reply:
        if self.webhook:
            return refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(params.get("offset") or 0)
        with self._came:
            self._updates = [one for one in self._updates if one["update_id"] >= offset]
            self._came.wait_for(lambda: self._updates or self.released.is_set(), float(params.get("timeout") or 0))
            return _fine(list(self._updates[:100]))

    def _take(self, method: str, params: Mapping[str, Any], asked: Asked) -> Reply:
        user, number = str(params.get("chat_id")), self.next_number()
        if user in self.upgraded:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            return refused(400, words, migrate_to_chat_id=int(self.upgraded[user]))
        kind = _METHODS[method]
        title, content = None, None
        if kind in (MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.VOICE, MessageKind.AUDIO, MessageKind.DOCUMENT):
            title, content = next(
                ((title, body) for title, body in asked.form.values() if title is not None), (None, b"")
            )
        if kind is MessageKind.TEXT and not params.get("text"):
            return refused(400, "Bad Request: message text is empty")
        quoted = params.get("reply_parameters")
        quoted = json.loads(quoted) if isinstance(quoted, str) else quoted or {}
        message_id = f"{user}:{number}"
        self.hear(
            Heard(
                message_id=message_id,
                user=user,
                kind=kind,
                text=params.get("text") or params.get("caption"),
                file=content,
                file_name=title,
                reply_to=f"{user}:{quoted['message_id']}" if quoted.get("message_id") else None,
                payload=params,
            )
        )
        return _fine({"message_id": number, "chat": {"id": int(user), "type": "private"}, "date": int(time.time())})

    def _revise(self, method: str, params: Mapping[str, Any]) -> Reply:
        message_id, text = f"{params.get('chat_id')}:{params.get('message_id')}", params.get(_REVISIONS[method])
        told = [heard for heard in self.heard if heard.message_id == message_id]
        changes = [one.text for one in self.revised if one.message_id == message_id]
        if not told or None in changes:
            return refused(400, f"Bad Request: message to {'edit' if text else 'delete'} not found")
        if text is not None and text == (changes or [told[0].text])[-1]:
            return refused(400, "Bad Request: message is not modified: it reads so already")
        self.revised.append(Revised(message_id=message_id, text=text))
        return _fine(True)


def refused(status: int, description: str, **parameters: Any) -> Reply:
    """A refusal as the Bot API writes it."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Reply(status, body | ({"parameters": parameters} if parameters else {}))


def _fine(result: Any) -> Reply:
    return Reply(body={"ok": True, "result": result})
