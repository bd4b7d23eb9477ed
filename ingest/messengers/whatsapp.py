"""WhatsApp Business Cloud API: what its webhooks tell, and the requests that send, over the Graph API of Meta.

Version and address of the API are settings. What is sent carries our own id (`biz_opaque_callback_data`), which
every receipt tells back: a message whose answer was lost is found by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from data.media import Draft
from data.messaging import MessageKind, SendError
from data.messenger_fields import TOKEN
from data.services.messenger_accounts import MessengerAccount
from data.settings import Settings
from ingest.messengers.adapter import Keep, MediaFailed, Outgoing, Parsed, Revision, SendFailed, Template
from ingest.messengers.http import Answer, Api, refusal
from ingest.messengers.reading import Json, mapping, mappings, text
from ingest.messengers.whatsapp_events import error_of, parsed

_OF_FILES = {
    MessageKind.IMAGE: "image",
    MessageKind.VIDEO: "video",
    MessageKind.VOICE: "audio",
    MessageKind.AUDIO: "audio",
    MessageKind.DOCUMENT: "document",
    MessageKind.STICKER: "sticker",
}
_WITH_CAPTION = ("image", "video", "document")
# Only these get our token with the request for a file.
_HOUSES = (".fbsbx.com", ".facebook.com", ".whatsapp.net")
_PAGE = 100
_MOST_PAGES = 20


class WhatsApp:
    """One phone number of a business."""

    polls = False
    tells_our_id = True

    def __init__(self, account: MessengerAccount, secrets: Mapping[str, str], settings: Settings) -> None:
        place = account.connection
        token = secrets.get(TOKEN, "")
        self._phone = place["phone_number_id"]
        self._business = place["business_account_id"]
        self._base = f"{place['base_url']}/{place['version']}"
        self._host = urlsplit(place["base_url"]).hostname or ""
        self._auth = {"Authorization": f"Bearer {token}"}
        # The token goes with each request to the API, and not with those for files elsewhere.
        self._api = Api(settings, "", secrets=[token])

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        return parsed(body, received_at, phone_number_id=self._phone)

    def send(self, message: Outgoing) -> str:
        body: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            # Who hides his number is reached by the id that the business has of him.
            "to" if message.user_key.isdigit() else "recipient": message.user_key,
            "biz_opaque_callback_data": message.message_id,
            **self._content(message),
        }
        if message.reply_to:
            body["context"] = {"message_id": message.reply_to}
        answer = self._post(f"{self._phone}/messages", json=body)
        for one in mappings(mapping(answer.json).get("messages")):
            if found := text(one.get("id"), 500):
                return found
        raise SendFailed(SendError.UNKNOWN, "the answer names no message")

    def _content(self, message: Outgoing) -> dict[str, Any]:
        match message.kind:
            case MessageKind.TEXT:
                return {"type": "text", "text": {"body": message.text or "", "preview_url": False}}
            case MessageKind.TEMPLATE:
                return {"type": "template", "template": _template(message.payload)}
            case MessageKind.LOCATION:
                told = {name: message.payload.get(name) for name in ("latitude", "longitude", "name", "address")}
                return {"type": "location", "location": {name: one for name, one in told.items() if one is not None}}
            case MessageKind.CONTACTS:
                return {
                    "type": "contacts",
                    "contacts": [_card(one) for one in mappings(message.payload.get("contacts"))],
                }
        if message.file is None or message.kind not in _OF_FILES:
            raise SendFailed(SendError.REFUSED, f"WhatsApp sends no {message.kind.value} without a file")
        kind = _OF_FILES[message.kind]
        content = {"id": self._uploaded(message)}
        if message.text and kind in _WITH_CAPTION:
            content["caption"] = message.text
        if kind == "document":
            content["filename"] = message.file.name
        return {"type": kind, kind: content}

    def _uploaded(self, message: Outgoing) -> str:
        file = message.file
        assert file is not None  # noqa: S101 - _content asked
        with file.path.open("rb") as content:
            try:
                answer = self._post(
                    f"{self._phone}/media",
                    data={"messaging_product": "whatsapp", "type": file.media_type},
                    files={"file": (file.name, content, file.media_type)},
                    timeout_s=120.0,
                )
            except SendFailed as trouble:
                trouble.in_doubt = False  # a file alone reaches nobody
                raise
        if found := text(mapping(answer.json).get("id"), 500):
            return found
        raise SendFailed(SendError.MEDIA, "the file was not taken")

    def revise(self, revision: Revision) -> None:
        raise SendFailed(SendError.REFUSED, "WhatsApp changes nothing that a business has sent")

    def fetch_media(self, ref: str, draft: Draft, *, most_bytes: int) -> None:
        try:
            told = mapping(self._get(ref).json)
        except SendFailed as error:
            raise MediaFailed(str(error), again=error.again) from None
        if isinstance(told.get("file_size"), int) and told["file_size"] > most_bytes:
            raise MediaFailed(f"the file has {told['file_size']} bytes", too_large=True)
        url = text(told.get("url"), 4000) or ""
        host = urlsplit(url).hostname or ""
        ours = host == self._host or host.endswith(_HOUSES)
        self._api.fetch(url, draft, most_bytes=most_bytes, headers=self._auth if ours else None)

    def check(self) -> str:
        fields = "verified_name,display_phone_number,quality_rating"
        told = mapping(self._get(self._phone, params={"fields": fields}).json)
        known = (told.get("verified_name"), told.get("display_phone_number"), told.get("quality_rating"))
        return ", ".join(str(one)[:100] for one in known if one) or self._phone

    def templates(self) -> tuple[Template, ...]:
        if not self._business:
            raise SendFailed(SendError.NOT_ALLOWED, "the account has no business_account_id, which templates belong to")
        return tuple(self._all_templates())

    def _all_templates(self) -> Iterator[Template]:
        params: dict[str, str | int] = {"limit": _PAGE, "fields": "name,language,status,category,components"}
        for _ in range(_MOST_PAGES):
            told = mapping(self._get(f"{self._business}/message_templates", params=params).json)
            yield from (found for one in mappings(told.get("data")) if (found := _as_template(one)))
            after = mapping(mapping(told.get("paging")).get("cursors")).get("after")
            if not after or not mapping(told.get("paging")).get("next"):
                return
            params["after"] = str(after)

    def typing(self, user_key: str) -> None:
        """WhatsApp ties it to reading a message of the client, which is people's own to do."""

    def poll(self, keep: Keep, *, wait_s: float) -> None:
        raise NotImplementedError("WhatsApp calls the webhook.")

    def close(self) -> None:
        self._api.close()

    def _get(self, path: str, **request: Any) -> Answer:
        return _checked(self._api.ask("GET", f"{self._base}/{path}", headers=self._auth, **request))

    def _post(self, path: str, **request: Any) -> Answer:
        return _checked(self._api.ask("POST", f"{self._base}/{path}", headers=self._auth, **request))


def _checked(answer: Answer) -> Answer:
    """Raises SendFailed for anything but success."""
    trouble = mapping(mapping(answer.json).get("error"))
    if 200 <= answer.status < 300 and not trouble:
        return answer
    if not trouble:
        raise refusal(answer, f"HTTP {answer.status}")
    error, again, detail = error_of(trouble)
    if error is SendError.UNKNOWN:
        raise refusal(answer, detail)
    raise SendFailed(error, detail, again=again, after_s=answer.after_s if again else None)


def _template(payload: Mapping[str, Any]) -> Json:
    variables = payload.get("variables") or ()
    body: dict[str, Any] = {
        "name": payload.get("name", ""),
        "language": {"code": payload.get("language", "ru")},
    }
    if variables:
        parameters = [{"type": "text", "text": str(one)} for one in variables]
        body["components"] = [{"type": "body", "parameters": parameters}]
    return body


def _card(contact: Json) -> Json:
    name = str(contact.get("name") or "")
    return {
        "name": {"formatted_name": name, "first_name": name},
        "phones": [{"phone": str(one)} for one in contact.get("phones") or ()],
        "emails": [{"email": str(one)} for one in contact.get("emails") or ()],
    }


def _as_template(told: Json) -> Template | None:
    name, language = text(told.get("name"), 512), text(told.get("language"), 20)
    if not name or not language:
        return None
    parts = {str(part.get("type", "")).upper(): part for part in mappings(told.get("components"))}
    body = text(mapping(parts.get("BODY")).get("text")) or ""
    places = {int(found) for found in _places(body)}
    config = {kind.lower(): part for kind, part in parts.items() if kind != "BODY"}
    return Template(
        name=name,
        language=language,
        state=(text(told.get("status"), 40) or "unknown").lower(),
        category=(text(told.get("category"), 40) or "").lower() or None,
        body=body,
        variables=max(places, default=0),
        config=config,
    )


def _places(body: str) -> Iterator[str]:
    for piece in body.split("{{")[1:]:
        inner = piece.partition("}}")[0].strip()
        if inner.isascii() and inner.isdigit() and len(inner) < 3:
            yield inner
