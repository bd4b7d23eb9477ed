"""How the links to the PBXs stand: whether what is shown of now is of now.

Ingest says each second that what it told still stands, and when the PBX was heard last. Silence of
either is told as such after a few seconds; without any word nothing is known, which is no quiet office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from data.identity.actor import Actor, system
from data.queries import read
from data.store.protocol import Store

_ACTOR = system("services")
PATIENCE_S = 3.9  # with a ping every two seconds and a look every half, a loss is told within five


class PbxRight(StrEnum):
    """A right to write of our user of the PBX that only some settings need."""

    ORIGINATE = "originate"
    AGENT = "agent"


class Standing(StrEnum):
    UP = "up"
    LOST = "lost"  # nobody is connected to the PBX
    SILENT = "silent"  # it answers no ping
    BEHIND = "behind"  # its events wait to be read
    DEAF = "deaf"  # ingest itself says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStands:
    pbx: str
    standing: Standing


def standings(store: Store, actor: Actor, *, timeout_s: float = 2.0) -> tuple[LinkStands, ...]:
    """One for every PBX of which ingest ever told since the store began."""
    rows = store.query(read("live/links"), actor=actor, timeout_s=timeout_s).to_pylist()
    return judged(rows)


def lacking(store: Store, right: PbxRight) -> frozenset[str]:
    """The PBXs that would refuse what needs this right, as they told ingest."""
    rows = store.query(read("live/lacking"), {"right": right.value}, actor=_ACTOR, timeout_s=2.0).to_pylist()
    return frozenset(row["pbx"] for row in rows)


def judged(rows: Sequence[dict[str, Any]]) -> tuple[LinkStands, ...]:
    """rows: pbx, state, heard_ago_s, age_s."""
    return tuple(LinkStands(pbx=row["pbx"], standing=_standing(row)) for row in rows)


def _standing(row: dict[str, Any]) -> Standing:
    if row["age_s"] > PATIENCE_S:
        return Standing.DEAF
    if row["state"] == Standing.UP and row["heard_ago_s"] + row["age_s"] > PATIENCE_S:
        return Standing.SILENT
    return Standing(row["state"])
