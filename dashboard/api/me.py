"""`/api/me`: who asks, and what he chose for himself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from dashboard.context import current_actor, current_users
from dashboard.text import language
from data.identity.actor import Permission
from data.identity.users import PreferenceRefused

API = Blueprint("me", __name__, url_prefix="/api/me")


@API.get("")
def me() -> dict[str, Any]:
    """Name, role and rights of who asks."""
    actor = current_actor()
    return {
        "user": actor.user,
        "name": actor.name,
        "role": actor.role,
        "scope": actor.scope,
        "permissions": sorted(permission for permission in Permission if actor.may(permission)),
        "language": language(),
    }


@API.get("/preferences")
def preferences() -> dict[str, str]:
    return current_users().preferences(current_actor().user)


@API.put("/preferences/<name>")
def prefer(name: str) -> tuple[dict[str, str], int]:
    """Keep one choice: {"value": "dark"}."""
    body = request.get_json(silent=True)
    value = body.get("value") if isinstance(body, dict) else None
    if not isinstance(value, str):
        return {"error": "bad_request", "message": 'Send {"value": "text"}.'}, 400
    try:
        current_users().prefer(current_actor().user, name, value)
    except PreferenceRefused as refused:
        return {"error": "bad_request", "message": str(refused)}, 400
    return {"name": name, "value": value}, 200
