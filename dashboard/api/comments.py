"""`/api/calls/ID/comment`: the comment of a call, saved over the version that was read, and its history."""

from __future__ import annotations

from typing import Any

from flask import Response

from dashboard.api.answers import BadRequest, answer, blueprint, body, refuse, text
from dashboard.context import current_actor, current_store, now
from data.errors import BadInput
from data.services.comments import (
    LONGEST,
    Comment,
    Subject,
    SubjectKind,
    comment_history,
    current_comment,
    save_comment,
)

API = blueprint("comments", "/api/calls")
API.register_error_handler(BadInput, refuse)


@API.put("/<call_id>/comment")
def save(call_id: str) -> Response:
    """Keep {"text", "version"}; 409 where somebody else saved meanwhile."""
    sent = body()
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise BadRequest("version must be that of the comment which was read, 0 for none.")
    words = text(sent, "text", longest=LONGEST)
    saved = save_comment(current_store(), current_actor(), of_call(call_id), words, version=version, now=now())
    return answer(comment_json(saved))


@API.get("/<call_id>/comment/history")
def history(call_id: str) -> Response:
    """All texts, the present one first."""
    store, actor, subject = current_store(), current_actor(), of_call(call_id)
    present = current_comment(store, actor, subject)
    former = comment_history(store, actor, subject)
    return answer({"versions": [comment_json(one) for one in ([present] if present else []) + list(former)]})


def of_call(call_id: str) -> Subject:
    return Subject(kind=SubjectKind.CALL, id=call_id)


def comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "text": comment.text,
        "version": comment.version,
        "author": comment.author,
        "author_name": comment.author_name,
        "written_at": comment.written_at,
    }
