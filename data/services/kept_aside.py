"""What messengers told and nobody understood: kept with the reason, to be looked at and read once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from data.access import require
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAside:
    """One raw delivery. error: why it was not read; what it holds may be anybody's, and is shown to nobody."""

    hook_id: str
    account: str
    received_at: datetime
    error: str | None
    bytes: int


def kept_aside(store: Store, actor: Actor, *, limit: int = MOST) -> tuple[KeptAside, ...]:
    """The latest first."""
    require(actor, Permission.SETTINGS)
    rows = store.query(read("hooks/failed"), {"limit": limit}, actor=actor).to_pylist()
    return tuple(KeptAside(**row) for row in rows)


def read_again(store: Store, actor: Actor, hook_ids: Iterable[str], *, now: datetime) -> None:
    """Have them read once more: an account may be there now, or we may know more. Raises BadInput, NotFound."""
    require(actor, Permission.SETTINGS)
    known = list(dict.fromkeys(map(_known, hook_ids)))
    if not known:
        raise BadInput("No delivery was named. Choose those to be read again.")
    steps = [
        Statement(name="hook_events_again", params={"hook_ids": known}),
        trail(actor, now, "messenger.read_again", "messenger", "hooks", count=len(known)),
    ]
    store.transact(steps, actor=actor, touches={Topic.HOOKS: ()})


def _known(hook_id: str) -> str:
    try:
        return str(UUID(hook_id))
    except ValueError:
        raise NotFound(f"{hook_id[:40]!r} is no id of a delivery.") from None
