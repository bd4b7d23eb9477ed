"""Webhooks and errors as the Graph API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.simulator.messengers.exchange import Reply

PHONE = "106540352242922"
BUSINESS = "102290129340398"


def whole(value: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook with one change."""
    metadata = {"display_phone_number": "74951234567", "phone_number_id": PHONE}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": BUSINESS, "changes": [change]}]}


def error_body(code: int, message: str) -> dict[str, Any]:
    """An error as the Graph API writes it."""
    return {
        "error": {
            "message": f"(#{code}) {message}",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": message},
            "fbtrace_id": "simulated",
        }
    }


def refused(status: int, code: int, message: str) -> Reply:
    """The answer with such an error."""
    return Reply(status, error_body(code, message))
