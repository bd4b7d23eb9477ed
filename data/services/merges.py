"""Two cards of one client become one: shown beforehand, and undone within a day.

Numbers change their card and keep their moments, so what was known of a number at any time stays as it
was. `account_merge` holds what moved; an undo puts back exactly that. Comments stay with their card: the feed
shows those of every card that was merged in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.clients import Client, ClientFields, get_client, known_id
from data.services.fields import LONGEST_NOTES
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

UNDO_WITHIN = timedelta(days=1)

_BACK = ("numbers", "contacts", "removed", "strangers", "leads", "chats", "tasks", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What would stand on the card that stays, and how much moves to it."""

    kept: Client
    gone: Client
    merged: ClientFields
    moves: dict[str, int]  # assignments, contacts, calls, leads, chats, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """A card that was merged away and can still come back."""

    merge_id: str
    account_id: str
    name: str
    merged_at: datetime
    merged_by: str


def preview_merge(store: Store, actor: Actor, kept_id: str, gone_id: str) -> MergePreview:
    """What the merge would do. Raises BadInput for one card twice, NotFound, NotAllowed."""
    _require(actor)
    kept, gone = get_client(store, actor, kept_id), get_client(store, actor, gone_id)
    if kept.account_id == gone.account_id:
        raise BadInput(f"{kept.fields.name} cannot be merged with itself. Choose another client.")
    (moves,) = store.query(read("clients/merge_counts"), {"account_id": gone.account_id}, actor=actor).to_pylist()
    return MergePreview(kept=kept, gone=gone, merged=_merged(kept.fields, gone.fields), moves=moves)


def merge_clients(
    store: Store,
    actor: Actor,
    kept_id: str,
    gone_id: str,
    *,
    kept_version: int,
    gone_version: int,
    now: datetime,
) -> str:
    """Everything of the one card is the other's from now on; the id by which it is undone.

    The versions are those of the preview: raises Conflict when a card changed since.
    """
    preview = preview_merge(store, actor, kept_id, gone_id)
    kept, gone, merged = preview.kept, preview.gone, preview.merged
    merge_id = str(uuid4())
    both = {"kept_id": kept.account_id, "gone_id": gone.account_id}
    by = {"at": now, "actor": actor.user}
    noted = both | by | {"merge_id": merge_id, "kept_version": kept_version, "gone_version": gone_version}
    fields = by | {
        "kept_id": kept.account_id,
        "responsible_id": merged.responsible_id,
        "notes": merged.notes,
        "emails": list(merged.emails),
        "messengers": list(merged.messengers),
    }
    store.transact(
        [
            Statement(name="merge_insert", params=noted, expect_rows=1),
            *(
                Statement(name=f"merge_{part}", params=both)
                for part in ("numbers", "contacts", "leads", "chats", "tasks")
            ),
            Statement(name="merge_tags", params=both | by),
            Statement(name="merge_kept", params=fields, expect_rows=1),
            Statement(name="merge_gone", params=both | by, expect_rows=1),
            trail(actor, now, "client.merge", "account", kept.account_id, merge_id=merge_id, name=gone.fields.name),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [kept.account_id, gone.account_id]},
    )
    return merge_id


def undoable_merges(store: Store, actor: Actor, account_id: str, *, now: datetime) -> tuple[Undoable, ...]:
    """Cards merged into this one within the last day, the latest first."""
    require(actor, Permission.SEE_CALLS)
    params = {"account_id": known_id(account_id), "since": now - UNDO_WITHIN}
    rows = store.query(read("clients/merges"), params, actor=actor).to_pylist()
    return tuple(Undoable(**row) for row in rows)


def undo_merge(store: Store, actor: Actor, merge_id: str, *, now: datetime) -> str:
    """The card that was merged away stands again with what was its; its id.

    What was changed on the card that stayed since then stays. Raises Conflict when it was undone
    already, is older than a day, or the other card was merged away itself; NotFound.
    """
    _require(actor)
    merge_id = known_id(merge_id)
    rows = store.query(read("clients/merge"), {"merge_id": merge_id}, actor=actor).to_pylist()
    if not rows:
        raise NotFound(f"There is no merge {merge_id}.")
    merge = rows[0]
    if merge["undone_at"] is not None:
        raise Conflict("This merge was undone already.")
    if merge["merged_at"] <= now - UNDO_WITHIN:
        raise Conflict("This merge is older than a day and stays. Create the client anew and move his numbers.")
    kept_id, gone_id = merge["kept_id"], merge["gone_id"]
    which = {"merge_id": merge_id}
    by = which | {"at": now, "actor": actor.user}
    store.transact(
        [
            Statement(name="unmerge_mark", params=by | {"since": now - UNDO_WITHIN}, expect_rows=1),
            *(Statement(name=f"unmerge_{part}", params=which) for part in _BACK),
            Statement(name="unmerge_gone", params=by, expect_rows=1),
            Statement(name="unmerge_kept", params=by),
            trail(actor, now, "client.unmerge", "account", kept_id, merge_id=merge_id),
            trail(actor, now, "client.unmerge", "account", gone_id, merge_id=merge_id),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [kept_id, gone_id]},
    )
    restored: str = gone_id
    return restored


def _merged(kept: ClientFields, gone: ClientFields) -> ClientFields:
    """The card that stays: its own words first, and what only the other has."""
    return replace(
        kept,
        responsible_id=kept.responsible_id or gone.responsible_id,
        tags=_both(kept.tags, gone.tags),
        emails=_both(kept.emails, gone.emails),
        messengers=_both(kept.messengers, gone.messengers),
        notes=_joined(kept.notes, gone.notes),
    )


def _both(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _joined(ours: str | None, theirs: str | None) -> str | None:
    if not ours or not theirs or theirs in ours:
        return ours or theirs
    return f"{ours}\n{theirs}"[:LONGEST_NOTES]


def _require(actor: Actor) -> None:
    require(actor, Permission.EDIT_CLIENTS)
    require(actor, Permission.FULL_NUMBERS)
