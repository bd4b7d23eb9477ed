"""What an account at each messenger is made of: settings that everybody may read, and secrets that nobody may.

The page of settings shows these fields, the services check them, adapters read them; the words for them are
`messengers.field.<name>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from data.errors import BadInput
from data.hooks import APP_SECRET, HOOK_SECRET, VERIFY_TOKEN
from data.messaging import Messenger

TOKEN = "token"  # noqa: S105 - the name of a secret
_LONGEST = 500


class FieldKind(StrEnum):
    TEXT = "text"
    ADDRESS = "address"  # of the web
    CHOICE = "choice"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting of the connection. default: what holds where nothing is written; required: there is none."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    default: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = r".*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretField:
    """One secret. ours: we make it up, and it is shown once for the other side; else the messenger gives it."""

    name: str
    required: bool = True
    ours: bool = False


class Way(StrEnum):
    """How messages of a Telegram bot come."""

    POLL = "poll"
    WEBHOOK = "webhook"


FIELDS: Mapping[Messenger, tuple[Field, ...]] = {
    Messenger.WHATSAPP: (
        Field(name="phone_number_id", required=True, pattern=r"\d{1,32}"),
        Field(name="business_account_id", pattern=r"\d{0,32}"),
        Field(name="base_url", kind=FieldKind.ADDRESS, default="https://graph.facebook.com"),
        Field(name="version", default="v23.0", pattern=r"v\d{1,3}\.\d{1,2}"),
    ),
    Messenger.TELEGRAM: (
        Field(name="way", kind=FieldKind.CHOICE, default=Way.POLL, choices=tuple(Way)),
        Field(name="base_url", kind=FieldKind.ADDRESS, default="https://api.telegram.org"),
    ),
    Messenger.WEBHOOK: (Field(name="url", kind=FieldKind.ADDRESS, required=True),),
}

SECRETS: Mapping[Messenger, tuple[SecretField, ...]] = {
    Messenger.WHATSAPP: (
        SecretField(name=TOKEN),
        SecretField(name=APP_SECRET),
        SecretField(name=VERIFY_TOKEN, ours=True),
    ),
    Messenger.TELEGRAM: (SecretField(name=TOKEN), SecretField(name=HOOK_SECRET, required=False, ours=True)),
    Messenger.WEBHOOK: (SecretField(name=HOOK_SECRET, ours=True),),
}


def connection(messenger: Messenger, config: Mapping[str, Any]) -> dict[str, str]:
    """The settings of the connection as adapters read them: what is not written has its default."""
    given = config.get("connection") or {}
    return {field.name: str(given.get(field.name) or field.default) for field in FIELDS[messenger]}


def usable_connection(messenger: Messenger, given: Mapping[str, object]) -> dict[str, str]:
    """What a person typed, checked; only what differs from the defaults. Raises BadInput that names the field."""
    known = {field.name for field in FIELDS[messenger]}
    if unknown := sorted(set(given) - known):
        raise BadInput(f"{messenger} has no setting {unknown[0][:40]!r}. It has: {', '.join(sorted(known))}.")
    kept: dict[str, str] = {}
    for field in FIELDS[messenger]:
        text = str(given.get(field.name) or "").strip()
        if field.kind is FieldKind.ADDRESS:
            text = text.rstrip("/")
        if not text and field.required:
            raise BadInput(f"{messenger} needs {field.name}. Copy it from the settings of the messenger.")
        if text and not _fits(field, text):
            raise BadInput(f"{field.name} cannot be {text[:60]!r}.{_remedy(field)}")
        if text and text != field.default:
            kept[field.name] = text
    return kept


def _fits(field: Field, text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    if field.kind is FieldKind.CHOICE:
        return text in field.choices
    if field.kind is FieldKind.ADDRESS:
        return bool(re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text))
    return bool(re.fullmatch(field.pattern, text))


def _remedy(field: Field) -> str:
    if field.kind is FieldKind.CHOICE:
        return f" Choose one of {', '.join(field.choices)}."
    if field.kind is FieldKind.ADDRESS:
        return " Write it as https://host/path."
    return " Copy it from the settings of the messenger."
