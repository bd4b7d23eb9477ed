"""The generic webhook: any system that can sign a JSON body is a messenger, in and out (docs/messengers.md)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from data.hooks import HOOK_SECRET, signed
from data.media import Draft
from data.messaging import SendError, word_of
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from ingest.messengers.adapter import Keep, Outgoing, Parsed, Revision, SendFailed, Template
from ingest.messengers.http import Answer, Api, refusal
from ingest.messengers.reading import key, mapping, text
from ingest.messengers.webhook_events import parsed


class Webhook:
    """One system."""

    polls = False
    tells_our_id = False  # what is sent again bears the same webhook-id

    def __init__(self, account: MessengerAccount, secrets: Mapping[str, str], settings: Settings) -> None:
        self._account = account.account
        self._url = account.connection["url"]
        self._secret = secrets.get(HOOK_SECRET, "")
        self._api = Api(settings, "", secrets=[self._secret], timeout_s=30.0)

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return parsed(body, received_at)

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

    def revise(self, revision: Revision) -> None:
        body: dict[str, Any] = {
            "type": "edited" if revision.text is not None else "deleted",
            "id": revision.messenger_message_id,
            "account": self._account,
            "user": {"id": revision.user_key},
        }
        self._post(revision.revision_id, body | ({"text": revision.text} if revision.text is not None else {}))

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
