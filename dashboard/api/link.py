"""`/api/link`: which PBXs nobody listens to at the moment, for the ribbon on every page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from dashboard.context import current_actor, current_store, disk_room
from data.disk import Level
from data.errors import StoreError
from data.identity.actor import Permission
from data.queries import read

API = Blueprint("link", __name__, url_prefix="/api/link")


@API.get("")
def link() -> dict[str, Any]:
    """{"gaps": [{"pbx", "since"}], "store": "ok" or "away", "disk": {"level", "free_percent"}}.

    disk: "low" only for those who can do something about it.
    """
    room = disk_room()
    may = current_actor().may(Permission.SETTINGS)
    level = Level.GOOD if room.level is Level.LOW and not may else room.level
    disk = {"level": level.value, "free_percent": round(room.free_share * 100, 1)}
    try:
        rows = current_store().query(read("link/open_gaps"), actor=current_actor(), timeout_s=5.0).to_pylist()
    except StoreError:
        return {"gaps": [], "store": "away", "disk": disk}
    return {
        "gaps": [{"pbx": row["pbx"], "since": row["since"].isoformat()} for row in rows],
        "store": "ok",
        "disk": disk,
    }
