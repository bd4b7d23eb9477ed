"""Tells the store what goes on now, and each second that it still stands.

The store keeps this in its memory only. A pulse that finds nothing there says that the store began
anew: then everything is told again first, so that an empty table never passes for a quiet office.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Protocol

import pyarrow as pa

from data.errors import StoreError
from data.identity.actor import Actor
from data.model import LiveCall, LiveMember, LivePhone
from data.store.protocol import LiveTable
from ingest.assembler import Batch

PULSE_S = 1.0

_TEXT, _TEXTS, _MOMENT, _TRUTH = pa.string(), pa.list_(pa.string()), pa.timestamp("us", tz="UTC"), pa.bool_()
_TYPES = {"ringing": _TEXTS, "talking": _TEXTS, "is_dynamic": _TRUTH, "is_paused": _TRUTH, "calls_taken": pa.int32()}
_ROWS: dict[LiveTable, type[Any]] = {
    LiveTable.CALLS: LiveCall,
    LiveTable.MEMBERS: LiveMember,
    LiveTable.PHONES: LivePhone,
}


class LinkStanding(StrEnum):
    """How the link to a PBX stands."""

    UP = "up"
    LOST = "lost"
    BEHIND = "behind"  # what was told is of the past: much waits to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """heard_ago_s: since the PBX said anything. lacks: rights that our user of the PBX would need and has not."""

    state: LinkStanding
    heard_ago_s: float
    lacks: tuple[str, ...] = ()


class LiveStore(Protocol):
    """What is needed of a store."""

    def write_live(
        self, pbx: str, rows: pa.Table, *, actor: Actor, table: LiveTable = LiveTable.CALLS, if_known: bool = False
    ) -> bool: ...


class LiveTold:
    """What goes on at one PBX, as it was told last."""

    def __init__(self, pbx: str, store: LiveStore, actor: Actor, complain: Callable[[StoreError], None]) -> None:
        self._pbx = pbx
        self._store = store
        self._actor = actor
        self._complain = complain
        self._rows: dict[LiveTable, Sequence[Any]] = dict.fromkeys(_ROWS, ())
        self._is_known = False  # the store has all of it; at first, what a former process told may stand there
        self._pulsed_at = -PULSE_S
        self._state: LinkStanding | None = None

    def tell(self, batch: Batch) -> None:
        """What changed of it."""
        changed = {LiveTable.CALLS: batch.live, LiveTable.MEMBERS: batch.members, LiveTable.PHONES: batch.phones}
        told: dict[LiveTable, Sequence[Any]] = {table: rows for table, rows in changed.items() if rows is not None}
        self._rows |= told
        if self._is_known:
            self._carefully(lambda: self._write(told))

    def pulse(self, link: LinkState) -> None:
        """It still stands; at most once a second while the link stays as it is."""
        now = time.monotonic()
        if now - self._pulsed_at < PULSE_S and link.state is self._state:
            return
        self._pulsed_at, self._state = now, link.state
        row = {
            "pbx": [self._pbx],
            "state": [link.state.value],
            "heard_ago_s": [link.heard_ago_s],
            "lacks": pa.array([link.lacks], _TEXTS),
        }
        self._carefully(lambda: self._beat(pa.table(row)))

    def _beat(self, row: pa.Table) -> None:
        if not (self._is_known and self._send(row, LiveTable.LINK, if_known=True)):
            self._write(self._rows)
            self._send(row, LiveTable.LINK)
            self._is_known = True

    def _write(self, told: dict[LiveTable, Sequence[Any]]) -> None:
        for table, rows in told.items():
            self._send(live_table(rows, _ROWS[table]), table)

    def _send(self, rows: pa.Table, table: LiveTable, *, if_known: bool = False) -> bool:
        return self._store.write_live(self._pbx, rows, actor=self._actor, table=table, if_known=if_known)

    def _carefully(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StoreError as error:
            self._is_known = False
            self._complain(error)


def live_table(rows: Sequence[Any], kind: type[Any] = LiveCall) -> pa.Table:
    """One row per value, with the columns of its class."""
    names = [column.name for column in fields(kind)]
    return pa.table({name: pa.array([getattr(row, name) for row in rows], _type(name)) for name in names})


def _type(name: str) -> pa.DataType:
    return _MOMENT if name.endswith("_at") else _TYPES.get(name, _TEXT)
