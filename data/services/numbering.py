"""The numbering plan in the store: a newer table takes the place of the one for the same first digits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from data.access import require
from data.identity.actor import Actor, Permission
from data.numbering_plan import NumberRange
from data.services.trail import trail
from data.store.protocol import IngestStore, Statement


def load_plan(store: IngestStore, actor: Actor, ranges: Sequence[NumberRange], *, now: datetime) -> None:
    """Keep these ranges instead of those of the same first digits; `reclassify` must follow."""
    require(actor, Permission.SETTINGS)
    beginnings = sorted({one.first[:2] for one in ranges})
    forget = Statement(name="numbering_forget", params={"beginnings": beginnings})
    told = trail(actor, now, "numbering.load", "numbering", "RU", ranges=len(ranges), beginnings=beginnings)
    store.transact([forget, told], actor=actor, touches={})
    if ranges:
        store.append("numbering_range", _table(ranges, now), actor=actor)


def _table(ranges: Sequence[NumberRange], now: datetime) -> pa.Table:
    return pa.table(
        {
            "code": [one.code for one in ranges],
            "from_number": [one.first for one in ranges],
            "to_number": [one.last for one in ranges],
            "operator": pa.array([one.operator for one in ranges], pa.string()),
            "region": pa.array([one.region for one in ranges], pa.string()),
            "loaded_at": pa.array([now] * len(ranges), pa.timestamp("us", tz="UTC")),
        }
    )
