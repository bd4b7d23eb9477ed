"""A system of somebody else that speaks the generic webhook: signs what it tells, and checks what it is told."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from data.hooks import HOOK_SECRET, is_genuine, signed
from data.messaging import MessageKind, Messenger
from ingest.simulator.messengers.exchange import Asked, Heard, Reply, Revised
from ingest.simulator.messengers.service import Service


class Partner(Service):
    """It knows a message by our id, so what is sent twice is shown once."""

    messenger = Messenger.WEBHOOK

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, tuple[bytes, str]] = {}
        self.expired: set[str] = set()
        self._ids: dict[str, str] = {}

    @property
    def connection(self) -> dict[str, str]:
        return {"url": f"{self.url}/messages"}

    @property
    def secrets(self) -> dict[str, str]:
        return {HOOK_SECRET: "whsec_" + base64.b64encode(b"a secret of the partner and ours").decode()}

    def sign(self, body: bytes) -> dict[str, str]:
        return signed(self.secrets[HOOK_SECRET], f"evt-{self.next_number()}", body, now=datetime.now(UTC))

    # ---------------------------------------------------------------- what clients do

    def say(self, user: str, text: str, *, name: str = "Клиент", reply_to: str | None = None) -> str:
        """A client writes; the id of his message."""
        return self.tell(user, {"kind": "text", "text": text, "reply_to": reply_to}, name=name)

    def give(self, user: str, kind: str, content: bytes, media_type: str, *, name: str | None = None) -> str:
        """A client sends a file."""
        key = str(self.next_number())
        self.files[key] = (content, media_type)
        media = {"url": f"{self.url}/files/{key}", "type": media_type, "size": len(content), "name": name}
        return self.tell(user, {"kind": kind, "media": media})

    def tell(self, user: str, content: Mapping[str, Any], *, name: str = "Клиент") -> str:
        """Any message of a client."""
        message_id = f"p{self.next_number()}"
        person = {"id": user, "name": name, "phone": user if user.startswith("79") else None}
        self.deliver({"type": "message", "id": message_id, "user": person, "at": time.time(), **content})
        return message_id

    def receipt(self, message_id: str, state: str, **more: Any) -> None:
        """Tell what became of a message of ours."""
        self.deliver({"type": "receipt", "id": message_id, "state": state, "at": time.time(), **more})

    # ---------------------------------------------------------------- what we ask

    def is_message(self, asked: Asked) -> bool:
        return asked.path == "/messages" and asked.json.get("type") in ("message", "edited", "deleted")

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/files/"):
            key = asked.path.removeprefix("/files/")
            if key not in self.files or key in self.expired:
                return Reply(404)
            content, media_type = self.files[key]
            return Reply(200, content, {"Content-Type": media_type})
        if not is_genuine(Messenger.WEBHOOK, self.secrets, asked.headers, asked.body, now=datetime.now(UTC)):
            return Reply(401, {"detail": "the signature is wrong"})
        body = asked.json
        if body.get("type") in ("edited", "deleted"):
            if body["id"] not in self._ids.values():
                return Reply(404, {"error": "refused", "detail": "there is no such message"})
            self.revised.append(Revised(message_id=body["id"], text=body.get("text")))
            return Reply(200)
        if body.get("type") != "message":
            return Reply(200, {"ok": True})
        own = str(body["id"])
        if own not in self._ids:
            self._ids[own] = f"r{self.next_number()}"
            media = body.get("media") or {}
            self.hear(
                Heard(
                    message_id=self._ids[own],
                    user=str(body["user"]["id"]),
                    kind=MessageKind(body["kind"]),
                    text=body.get("text"),
                    file=base64.b64decode(media["data"]) if media else None,
                    file_name=media.get("name"),
                    reply_to=body.get("reply_to"),
                    payload=body,
                )
            )
        return Reply(200, {"id": self._ids[own]})
