"""`/api/link`: which PBXs nobody listens to at the moment, for the ribbon on every page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from dashboard.context import current_actor, current_store
from data.errors import StoreError
from data.queries import read

API = Blueprint("link", __name__, url_prefix="/api/link")


@API.get("")
def link() -> dict[str, Any]:
    """{"gaps": [{"pbx", "since"}], "store": "ok" or "away"}."""
    try:
        rows = current_store().query(read("link/open_gaps"), actor=current_actor(), timeout_s=5.0).to_pylist()
    except StoreError:
        return {"gaps": [], "store": "away"}
    return {"gaps": [{"pbx": row["pbx"], "since": row["since"].isoformat()} for row in rows], "store": "ok"}
