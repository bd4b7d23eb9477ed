"""Saved views: filters of a page under a name, for oneself or for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.trail import trail
from data.store.protocol import Statement, Store

LONGEST_TITLE = 80
LONGEST_QUERY = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """query: the part of the page's address after "?"."""

    view_id: str
    title: str
    query: str
    owner: str
    shared: bool


def saved_views(store: Store, actor: Actor, page: str) -> tuple[SavedView, ...]:
    """One's own views of the page and those that others share."""
    require(actor, Permission.SEE_CALLS)
    rows = store.query(read("views/listed"), {"page": page, "owner": actor.user}, actor=actor).to_pylist()
    return tuple(SavedView(**row) for row in rows)


def save_view(
    store: Store, actor: Actor, page: str, title: str, query: str, *, shared: bool, now: datetime
) -> SavedView:
    """Keep the filters under the title; one's own view of that title is replaced. Raises BadInput."""
    require(actor, Permission.SEE_CALLS)
    name = " ".join(title.split())
    if not 0 < len(name) <= LONGEST_TITLE:
        raise BadInput(f"A view needs a name of 1 to {LONGEST_TITLE} characters, this one has {len(name)}.")
    if len(query) > LONGEST_QUERY:
        raise BadInput(f"The filters take {len(query)} characters, at most {LONGEST_QUERY} are kept. Choose fewer.")
    view = SavedView(view_id=str(uuid4()), title=name, query=query, owner=actor.user, shared=shared)
    about = {"page": page, "owner": actor.user, "title": name}
    new = {**about, "view_id": view.view_id, "query": query, "shared": shared, "at": now}
    store.transact(
        [
            Statement(name="view_replaced", params=about),
            Statement(name="view_insert", params=new, expect_rows=1),
            trail(actor, now, "view.save", "view", view.view_id, title=name, shared=shared),
        ],
        actor=actor,
        touches={},
    )
    return view


def delete_view(store: Store, actor: Actor, view_id: str, *, now: datetime) -> None:
    """Forget one's own view. Raises NotFound."""
    require(actor, Permission.SEE_CALLS)
    try:
        known = str(UUID(view_id))
        store.transact(
            [
                Statement(name="view_delete", params={"view_id": known, "owner": actor.user}, expect_rows=1),
                trail(actor, now, "view.delete", "view", known),
            ],
            actor=actor,
            touches={},
        )
    except (ValueError, Conflict):
        raise NotFound(f"There is no view {view_id[:40]} of yours. Others' views only they can delete.") from None
