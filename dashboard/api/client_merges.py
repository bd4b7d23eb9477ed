"""`/api/clients/duplicates` and merging: suggestions, a preview, the merge, and its undo within a day."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from dashboard.api.answers import answer, blueprint, body, refuse, text, whole
from dashboard.api.client_json import card_json, version_of
from dashboard.context import current_actor, current_store, now
from dashboard.errors import Trouble
from data.errors import BadInput, Conflict
from data.services.duplicates import duplicates, not_duplicates
from data.services.merges import merge_clients, preview_merge, undo_merge

API = blueprint("client_merges", "/api/clients")
API.register_error_handler(BadInput, refuse)


@API.errorhandler(Conflict)
def conflict(error: Conflict) -> Response:
    """409 with our reason: a card changed since the preview, or the merge cannot be undone any more."""
    return refuse(error, Trouble(status=409, kind="conflict", detail=str(error)))


@API.get("/duplicates")
def suggested() -> Response:
    """Pairs of cards that may be one client; ?account_id=: only those of one card."""
    found = duplicates(
        current_store(),
        current_actor(),
        account_id=request.args.get("account_id") or None,
        limit=whole("limit", 100, low=1, high=500),
    )
    return answer({"pairs": [asdict(pair) for pair in found]})


@API.post("/distinct")
def distinct() -> Response:
    """{"one_id", "other_id"} are different clients: they are not suggested again."""
    sent = body()
    one, other = (text(sent, name, longest=64, required=True) for name in ("one_id", "other_id"))
    not_duplicates(current_store(), current_actor(), one, other, now=now())
    return answer({"one_id": one, "other_id": other})


@API.get("/<kept_id>/merge/<gone_id>")
def preview(kept_id: str, gone_id: str) -> Response:
    """Both cards, what would stand on the one that stays, and how much moves to it."""
    found = preview_merge(current_store(), current_actor(), kept_id, gone_id)
    return answer(
        {
            "kept": card_json(found.kept),
            "gone": card_json(found.gone),
            "merged": asdict(found.merged),
            "moves": found.moves,
        }
    )


@API.post("/<kept_id>/merge/<gone_id>")
def merge(kept_id: str, gone_id: str) -> Response:
    """Merge what the preview showed: {"kept_version", "gone_version"}; the id by which it is undone."""
    sent = body()
    merge_id = merge_clients(
        current_store(),
        current_actor(),
        kept_id,
        gone_id,
        kept_version=version_of(sent, "kept_version"),
        gone_version=version_of(sent, "gone_version"),
        now=now(),
    )
    return answer({"merge_id": merge_id})


@API.post("/merges/<merge_id>/undo")
def undo(merge_id: str) -> Response:
    """The card that was merged away stands again; its id."""
    return answer({"account_id": undo_merge(current_store(), current_actor(), merge_id, now=now())})
