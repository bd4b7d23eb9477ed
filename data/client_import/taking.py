"""Checks all rows of a file, or takes them into the store, batch by batch; each batch is one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from data.access import require
from data.client_import.columns import Mapped
from data.client_import.files import Row, Table
from data.client_import.planning import Effect, Planned, plan
from data.client_import.rows import Fault, Reason, Understood, Wanted, folded
from data.errors import Conflict
from data.identity.actor import Actor, Permission
from data.phone import Number
from data.queries import read
from data.services.tags import add_tag
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

_BATCH = 1_000
_SAMPLE = 8


@dataclass(slots=True, kw_only=True)
class Taken:
    """How far it has come. done: rows of the file that were looked at.

    Of bad rows only the place is kept, whatever a row weighs: the cells stand in the file.
    """

    done: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "updated": 0, "same": 0, "bad": 0})
    bad: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)  # line, why
    sample: list[Wanted] = field(default_factory=list)


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
        for planned in _settled(store, actor, wanted, clock, write=write):
            if planned.effect is Effect.BAD:
                _bad(taken, planned.wanted.line, planned.faults)
            else:
                taken.counts[planned.effect] += 1
        taken.done += len(batch)
    taken.bad.sort(key=lambda bad: bad[0])


def bad_rows(table: Table, taken: Taken) -> Iterator[tuple[int, Row, tuple[Fault, ...]]]:
    """Line, cells and reasons of every row that cannot be taken, read from the file again."""
    why = dict(taken.bad)
    return ((line, cells, why[line]) for line, cells in table.rows() if line in why)


def _settled(
    store: Store, actor: Actor, wanted: Sequence[Wanted], clock: Callable[[], datetime], *, write: bool
) -> Iterator[Planned]:
    """What became of every row. Rows about one client come one after the other."""
    while wanted:
        planned = plan(store, actor, wanted)
        later = [one.wanted for one in planned if one.effect is Effect.LATER]
        now = [one for one in planned if one.effect is not Effect.LATER]
        if write:
            now = _kept(store, actor, now, clock())
        yield from now
        if not write:  # nothing was written, so these would be put off for ever
            yield from (Planned(wanted=one, effect=Effect.UPDATED) for one in later)
            return
        wanted = later


def _kept(store: Store, actor: Actor, planned: list[Planned], now: datetime) -> list[Planned]:
    """The rows after they were written. Where somebody changed one meanwhile, each is tried by itself."""
    try:
        _write(store, actor, planned, now)
    except Conflict:
        return [_alone(store, actor, one, now) for one in planned]
    return planned


def _alone(store: Store, actor: Actor, planned: Planned, now: datetime) -> Planned:
    (again,) = plan(store, actor, [planned.wanted])
    try:
        _write(store, actor, [again], now)
    except Conflict:
        return Planned(wanted=planned.wanted, effect=Effect.BAD, faults=(Fault(reason=Reason.CHANGED),))
    return again


def _write(store: Store, actor: Actor, planned: Sequence[Planned], now: datetime) -> None:
    new = [one for one in planned if one.effect is Effect.NEW]
    updated = [one for one in planned if one.effect is Effect.UPDATED]
    if not new and not updated:
        return
    both = [*new, *updated]
    titles = {folded(title): title for one in both for title in one.new_tags}
    for title in titles.values():
        add_tag(store, actor, title, now=now)
    numbers = [_number(one.wanted.numbers[number], number) for one in both for number in one.new_phones]
    assigned = [
        {"assignment_id": str(uuid4()), "number": number, "account_id": one.account_id, "contact_id": one.contact_id}
        for one in both
        for number in one.new_phones
    ]
    told = [{"account_id": one.account_id, "detail": json.dumps(_detail(one), ensure_ascii=False)} for one in both]
    parts: list[tuple[str, Sequence[Mapping[str, object]], bool]] = [
        ("import_accounts_insert", [one.card for one in new], True),
        ("import_accounts_update", [one.card for one in updated], True),
        ("import_contacts_insert", [one.new_contact for one in both if one.new_contact], True),
        ("import_numbers_ensure", numbers, False),
        ("import_assignments_insert", assigned, True),
        (
            "import_tags_insert",
            [{"account_id": one.account_id, "title": title} for one in both for title in one.new_tags],
            False,
        ),
        ("import_audit", told, True),
    ]
    store.transact(
        [_statement(name, rows, exact, actor, now) for name, rows, exact in parts if rows],
        actor=actor,
        touches={Topic.CLIENTS: ()},
    )


def _statement(name: str, rows: Sequence[Mapping[str, object]], exact: bool, actor: Actor, now: datetime) -> Statement:
    params: dict[str, object] = {"rows": json.dumps(rows, ensure_ascii=False)}
    if name != "import_numbers_ensure":
        params |= {"at": now, "actor": actor.user}
    return Statement(name=name, params=params, expect_rows=len(rows) if exact else None)


def _number(known: Number, number: str) -> dict[str, object]:
    return {
        "number": number,
        "raw": number,
        "number_class": known.number_class.value,
        "country": known.country,
        "region": known.region,
        "rule_version": known.rule_version,
    }


def _detail(one: Planned) -> dict[str, object]:
    return {"name": one.wanted.name, "line": one.wanted.line, "changes": one.changes}


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
