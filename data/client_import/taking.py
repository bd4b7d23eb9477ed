"""Checks all rows of a file, or takes them into the store, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from data.access import require
from data.client_import.columns import Mapped
from data.client_import.files import Row, Table
from data.client_import.keeping import Keeper
from data.client_import.planning import Effect, Planned, plan
from data.client_import.rows import Fault, Understood, Wanted, folded
from data.identity.actor import Actor, Permission
from data.queries import read
from data.settings import Site
from data.store.protocol import Store

_BATCH = 5_000  # rows that are compared with the store at once: each look passes over all its numbers and cards
_SAMPLE = 8


@dataclass(slots=True, kw_only=True)
class Taken:
    """How far it has come.

    Of bad rows only the place is kept, whatever a row weighs: the cells stand in the file.
    """

    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "updated": 0, "same": 0, "bad": 0})
    bad: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)  # line, why
    sample: list[Wanted] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Rows of the file that were looked at, and kept where they are to be."""
        return sum(self.counts.values())


def take(
    store: Store,
    actor: Actor,
    table: Table,
    mapped: Mapped,
    *,
    site: Site,
    clock: Callable[[], datetime],
    taken: Taken,
    write: bool,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Look at every row, and, with `write`, keep it; `taken` tells how far it is at any time.

    Ends early when `stopped`; what was kept stays, and the same file can be taken again. Raises NotAllowed.
    """
    require(actor, Permission.EDIT_CLIENTS)
    require(actor, Permission.FULL_NUMBERS)
    rows = store.query(read("client_import/employees"), actor=actor).to_pylist()
    understood = Understood(mapped, site, {folded(row["name"]): row["employee_id"] for row in rows})
    keeper = Keeper(store, actor, clock, stopped) if write else None
    for batch in _batches(table):
        if stopped():
            return
        wanted: list[Wanted] = []
        for line, cells in batch:
            one = understood.read(line, cells)
            if isinstance(one, tuple):
                _bad(taken, line, one)
            else:
                wanted.append(one)
        taken.sample += wanted[: _SAMPLE - len(taken.sample)]
        for planned in _looked_at(store, actor, wanted) if keeper is None else keeper.settled(wanted):
            if planned.effect is Effect.BAD:
                _bad(taken, planned.wanted.line, planned.faults)
            else:
                taken.counts[planned.effect] += 1
    taken.bad.sort(key=lambda bad: bad[0])


def bad_rows(table: Table, taken: Taken) -> Iterator[tuple[int, Row, tuple[Fault, ...]]]:
    """Line, cells and reasons of every row that cannot be taken, read from the file again."""
    why = dict(taken.bad)
    return ((line, cells, why[line]) for line, cells in table.rows() if line in why)


def _looked_at(store: Store, actor: Actor, wanted: Sequence[Wanted]) -> Iterator[Planned]:
    """What would become of every row. One that is put off would come to a client who is known by then."""
    for one in plan(store, actor, wanted):
        yield one if one.effect is not Effect.LATER else Planned(wanted=one.wanted, effect=Effect.UPDATED)


def _bad(taken: Taken, line: int, faults: tuple[Fault, ...]) -> None:
    taken.counts["bad"] += 1
    taken.bad.append((line, faults))


def _batches(table: Table) -> Iterator[list[tuple[int, Row]]]:
    batch: list[tuple[int, Row]] = []
    for row in table.rows():
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


__all__ = ["Mapped", "Taken", "bad_rows", "take"]
