"""A Graph API that speaks for WhatsApp: sends, uploads, media whose addresses expire, templates, signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import httpx

from data.hooks import APP_SECRET, VERIFY_TOKEN
from data.messaging import MessageKind, Messenger
from data.messenger_fields import TOKEN
from ingest.simulator.messengers.exchange import Asked, Heard, Reply
from ingest.simulator.messengers.graph_bodies import BUSINESS, PHONE, refused, whole
from ingest.simulator.messengers.service import Service

_KINDS = {
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "audio": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.LOCATION,
    "contacts": MessageKind.CONTACTS,
    "template": MessageKind.TEMPLATE,
    "text": MessageKind.TEXT,
}


class Graph(Service):
    """One phone number of one business."""

    messenger = Messenger.WHATSAPP

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, tuple[bytes, str]] = {}
        self.templates: list[dict[str, Any]] = []
        self.expired: set[str] = set()  # addresses of media that are over

    @property
    def connection(self) -> dict[str, str]:
        ids = {"phone_number_id": PHONE, "business_account_id": BUSINESS}
        return {**ids, "base_url": self.url, "version": "v23.0"}

    @property
    def secrets(self) -> dict[str, str]:
        return {TOKEN: "EAAG-simulated", APP_SECRET: "app-secret", VERIFY_TOKEN: "verify-me"}

    def sign(self, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.secrets[APP_SECRET].encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}"}

    def verify(self, *, token: str | None = None) -> httpx.Response:
        """Ask whether the webhook is ours, as when it is set up."""
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
        return self._hooks.get(self.hook_url, params={**asked, "hub.verify_token": token or self.secrets[VERIFY_TOKEN]})

    # ---------------------------------------------------------------- what clients do

    def say(self, user: str, text: str, *, name: str | None = None, reply_to: str | None = None) -> str:
        """A client writes; the id of his message."""
        context = {"context": {"from": PHONE, "id": reply_to}} if reply_to else {}
        return self.tell(user, {"type": "text", "text": {"body": text}, **context}, name=name)

    def give(self, user: str, kind: str, content: bytes, media_type: str, *, name: str | None = None) -> str:
        """A client sends a file."""
        media_id = str(900_000 + self.next_number())
        self.files[media_id] = (content, media_type)
        part = {"id": media_id, "mime_type": media_type} | ({"filename": name} if name else {})
        if kind == "voice":
            return self.tell(user, {"type": "audio", "audio": {**part, "voice": True}})
        return self.tell(user, {"type": kind, kind: part})

    def tell(self, user: str, content: Mapping[str, Any], *, name: str | None = None, at: float | None = None) -> str:
        """Any message of a client; delivered."""
        message_id = f"wamid.{self.next_number():08}=="
        self.deliver(self.event(user, message_id, content, name=name, at=at))
        return message_id

    def event(
        self,
        user: str,
        message_id: str,
        content: Mapping[str, Any],
        *,
        name: str | None = None,
        at: float | None = None,
    ) -> dict[str, Any]:
        message = {"from": user, "id": message_id, "timestamp": str(int(at or time.time())), **content}
        known = self.name_of(user, name)
        contact = ({"profile": {"name": known}} if known else {}) | {"wa_id": user}
        return whole({"contacts": [contact], "messages": [message]})

    def receipt(self, message_id: str, state: str, **more: Any) -> None:
        """Tell what became of a message of ours."""
        status = {"id": message_id, "status": state, "timestamp": str(int(time.time())), "recipient_id": "0", **more}
        self.deliver(whole({"statuses": [status]}))

    # ---------------------------------------------------------------- what we ask

    def is_message(self, asked: Asked) -> bool:
        return asked.path.endswith("/messages")

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/files/"):
            return self._file(asked)
        if asked.headers.get("authorization") != f"Bearer {self.secrets[TOKEN]}":
            return refused(401, 190, "Error validating access token: the session is invalid")
        _, version, *rest = asked.path.split("/")
        if version != "v23.0":
            return refused(400, 2635, "This version of the API is not served")
        match asked.method, rest:
            case "POST", [phone, "messages"] if phone == PHONE:
                return self._take(asked)
            case "POST", [phone, "media"] if phone == PHONE:
                media_id = str(700_000 + self.next_number())
                self.files[media_id] = (asked.form["file"][1], asked.form["type"][1].decode())
                return Reply(body={"id": media_id})
            case "GET", [phone] if phone == PHONE:
                told = {"verified_name": "Ромашка", "display_phone_number": "+7 495 123-45-67"}
                return Reply(body={**told, "quality_rating": "GREEN", "id": phone})
            case "GET", [business, "message_templates"] if business == BUSINESS:
                return self._templates(asked)
            case "GET", [media_id] if media_id in self.files:
                content, media_type = self.files[media_id]
                key = f"{media_id}-{self.next_number()}"
                url = f"{self.url}/files/{key}"
                return Reply(body={"url": url, "mime_type": media_type, "file_size": len(content), "id": media_id})
        return refused(400, 100, "Unsupported request")

    def _take(self, asked: Asked) -> Reply:
        body = asked.json
        kind = str(body.get("type"))
        user = body.get("to") or body.get("recipient")
        if kind not in _KINDS or not user:
            return refused(400, 100, "Invalid parameter")
        part = body.get(kind)
        part = part if isinstance(part, dict) else {}
        content = self.files.get(str(part.get("id")), (None, ""))[0]
        if part.get("id") and content is None:
            return refused(400, 131053, "Media upload error")
        message_id = f"wamid.sent{self.next_number():08}=="
        self.hear(
            Heard(
                message_id=message_id,
                user=str(user),
                kind=_KINDS[kind],
                text=part.get("body") or part.get("caption"),
                file=content,
                file_name=part.get("filename"),
                reply_to=(body.get("context") or {}).get("message_id"),
                payload=body,
            )
        )
        return Reply(
            body={
                "messaging_product": "whatsapp",
                "contacts": [{"input": user, "wa_id": user}],
                "messages": [{"id": message_id}],
            }
        )

    def _file(self, asked: Asked) -> Reply:
        key = asked.path.removeprefix("/files/")
        found = self.files.get(key.partition("-")[0])
        if asked.headers.get("authorization") != f"Bearer {self.secrets[TOKEN]}":
            return Reply(401)
        if found is None or key.partition("-")[0] in self.expired:
            return Reply(404, {"error": {"message": "the address has expired"}})
        return Reply(200, found[0], {"Content-Type": found[1]})

    def _templates(self, asked: Asked) -> Reply:
        begin = int(asked.query.get("after", "0"))
        page = self.templates[begin : begin + 2]
        more = begin + 2 < len(self.templates)
        paging = {"cursors": {"after": str(begin + 2)}} | ({"next": "https://…"} if more else {})
        return Reply(body={"data": page, "paging": paging})
