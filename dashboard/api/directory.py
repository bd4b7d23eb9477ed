"""`/api/directory`: employees, queues, lines, channels and tags that a filter can be chosen from."""

from __future__ import annotations

from flask import Response

from dashboard.api.answers import answer, blueprint
from dashboard.context import current_store, require
from data.identity.actor import Permission
from data.queries import read

API = blueprint("directory", "/api/directory")


@API.get("")
def directory() -> Response:
    """{"employee": [{"id", "title"}], "queue": …, "line": …, "channel": …, "tag": …}"""
    actor = require(Permission.SEE_CALLS)
    listed: dict[str, list[dict[str, str]]] = {"employee": [], "queue": [], "line": [], "channel": [], "tag": []}
    for row in current_store().query(read("directory/choices"), actor=actor).to_pylist():
        listed[row["kind"]].append({"id": row["id"], "title": row["title"]})
    return answer(listed)
