"""The names that people gave to the keys of a dimension: employees, clients, queues, lines."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from data.identity.actor import Actor, Permission
from data.metrics.compiler import piece
from data.metrics.dimensions import DIMENSIONS
from data.metrics.reads import Reads
from data.metrics.terms import look_up


def titles(store: Reads, dimension: str, keys: Iterable[str], *, actor: Actor) -> dict[str, str]:
    """Title by key, where there is one. Names of clients are told only to those who may see numbers."""
    directory = look_up(DIMENSIONS, dimension, "dimension").directory
    wanted = sorted(set(keys))
    if directory is None or not wanted:
        return {}
    if directory == "client" and not actor.may(Permission.FULL_NUMBERS):
        return {key: f"№ {key[:8]}" for key in wanted}
    rows = store.query(piece(f"titles_{directory}"), {"keys": wanted}, actor=actor).to_pylist()
    return {row["key"]: row["title"] for row in rows}


def with_titles(frame: pd.DataFrame, store: Reads, *, actor: Actor) -> pd.DataFrame:
    """The frame with titles instead of keys, for people who read it outside our pages."""
    named = frame.copy()
    for column in frame.columns:
        if column in DIMENSIONS and DIMENSIONS[column].directory:
            known = titles(store, column, frame[column].dropna().astype(str), actor=actor)
            named[column] = frame[column].map(lambda key, known=known: known.get(key, key), na_action="ignore")
    return named
