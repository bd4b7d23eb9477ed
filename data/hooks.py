"""Whether a request to a webhook comes from the messenger: by the signature over the raw bytes it sent.

Every comparison takes the same time whatever is wrong. A generic webhook is signed as the Standard Webhooks
specification says (standardwebhooks.com), in both directions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from data.messaging import Messenger

TOLERANCE = timedelta(minutes=5)  # between the clocks of a generic webhook and ours

# Secrets of an account, as `data.services.messenger_accounts` keeps them.
APP_SECRET = "app_secret"  # noqa: S105 - names of secrets, not secrets
VERIFY_TOKEN = "verify_token"  # noqa: S105
HOOK_SECRET = "hook_secret"  # noqa: S105

_WHATSAPP = "x-hub-signature-256"
_TELEGRAM = "x-telegram-bot-api-secret-token"
_ID, _AT, _SIGNED = "webhook-id", "webhook-timestamp", "webhook-signature"
KEPT_HEADERS = (_ID, _AT)  # what is stored beside the body

Headers = Mapping[str, str]  # names in small letters


def is_genuine(
    messenger: Messenger, secrets: Mapping[str, str], headers: Headers, body: bytes, *, now: datetime
) -> bool:
    """Whether `body` was sent by the messenger of this account. secrets: those of the account, by their names."""
    match messenger:
        case Messenger.WHATSAPP:
            key = secrets.get(APP_SECRET, "")
            wanted = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            return bool(key) and _same(wanted, headers.get(_WHATSAPP, ""))
        case Messenger.TELEGRAM:
            key = secrets.get(HOOK_SECRET, "")
            return bool(key) and _same(key, headers.get(_TELEGRAM, ""))
        case Messenger.WEBHOOK:
            return _is_signed(secrets.get(HOOK_SECRET, ""), headers, body, now)


def challenge(messenger: Messenger, secrets: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """What to answer a service that asks whether the address is ours; None: nothing, it is forged."""
    token = secrets.get(VERIFY_TOKEN, "")
    if messenger is not Messenger.WHATSAPP or not token or query.get("hub.mode") != "subscribe":
        return None
    return query.get("hub.challenge", "")[:200] if _same(token, query.get("hub.verify_token", "")) else None


def signed(secret: str, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers of a request of ours to a generic webhook."""
    at = str(int(now.timestamp()))
    return {_ID: message_id, _AT: at, _SIGNED: "v1," + _signature(secret, message_id, at, body)}


def _is_signed(secret: str, headers: Headers, body: bytes, now: datetime) -> bool:
    message_id, at = headers.get(_ID, ""), headers.get(_AT, "")
    wanted = "v1," + _signature(secret, message_id, at, body)
    # Several, while a key is changed for another; all are looked at, whichever fits.
    fits = [_same(wanted, one) for one in headers.get(_SIGNED, "").split(" ")[:10]]
    if not secret or not message_id or not at.isascii() or not at.isdigit() or len(at) > 12:
        return False
    return any(fits) and abs(int(at) - now.timestamp()) <= TOLERANCE.total_seconds()


def _signature(secret: str, message_id: str, at: str, body: bytes) -> str:
    content = b".".join((message_id.encode(errors="replace"), at.encode(errors="replace"), body))
    return base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    """The bytes behind "whsec_…"; what is no base64 is taken as it is."""
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode(errors="replace"))
