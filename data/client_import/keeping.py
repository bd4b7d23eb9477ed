"""Writes what the rows of a file mean, a thousand in a transaction, and comes to terms with who writes meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from data.client_import.planning import Effect, Planned, plan
from data.client_import.rows import Fault, Reason, Wanted, folded
from data.errors import Conflict
from data.identity.actor import Actor
from data.services.tags import add_tag
from data.store.protocol import Statement, Store, Topic

_WRITTEN = 1_000  # rows of one transaction: others write between two of them


@dataclass(slots=True)
class Keeper:
    """Writes what the rows mean."""

    store: Store
    actor: Actor
    clock: Callable[[], datetime]
    stopped: Callable[[], bool]
    titles: set[str] = field(default_factory=set)  # tags that are in the vocabulary by now

    def settled(self, wanted: Sequence[Wanted]) -> Iterator[Planned]:
        """What became of every row, as soon as it is written. Rows about one client come one after the other."""
        while wanted:
            planned = plan(self.store, self.actor, wanted)
            now = [one for one in planned if one.effect is not Effect.LATER]
            for first in range(0, len(now), _WRITTEN):
                if self.stopped():
                    return
                yield from self._kept(now[first : first + _WRITTEN])
            wanted = [one.wanted for one in planned if one.effect is Effect.LATER]

    def _kept(self, planned: Sequence[Planned]) -> Iterator[Planned]:
        """The rows after they were written. Where somebody changed a client meanwhile, each half is tried anew."""
        try:
            self._write(planned)
        except Conflict:
            wanted = [one.wanted for one in planned]
            middle = len(wanted) // 2
            if middle:
                yield from self.settled(wanted[:middle])
                yield from self.settled(wanted[middle:])
            else:
                yield self._once_more(wanted[0])
        else:
            yield from planned

    def _once_more(self, wanted: Wanted) -> Planned:
        (again,) = plan(self.store, self.actor, [wanted])
        try:
            self._write([again])
        except Conflict:
            return Planned(wanted=wanted, effect=Effect.BAD, faults=(Fault(reason=Reason.CHANGED),))
        return again

    def _write(self, planned: Sequence[Planned]) -> None:
        new = [one for one in planned if one.effect is Effect.NEW]
        updated = [one for one in planned if one.effect is Effect.UPDATED]
        both = [*new, *updated]
        if not both:
            return
        now = self.clock()
        self._add_tags(both, now)
        parts: list[tuple[str, Sequence[Mapping[str, object]], bool]] = [
            ("import_accounts_insert", [one.card for one in new], True),
            ("import_accounts_update", [one.card for one in updated], True),
            ("import_contacts_insert", [one.new_contact for one in both if one.new_contact], True),
            ("import_numbers_ensure", _numbers(both), False),
            ("import_assignments_insert", _assignments(both), True),
            ("import_tags_insert", _hung(both), False),
            ("import_audit", [_told(one) for one in both], True),
        ]
        self.store.transact(
            [_statement(name, rows, exact, self.actor, now) for name, rows, exact in parts if rows],
            actor=self.actor,
            touches={Topic.CLIENTS: ()},
        )

    def _add_tags(self, planned: Sequence[Planned], now: datetime) -> None:
        titles = {folded(title): title for one in planned for title in one.new_tags}
        for key in titles.keys() - self.titles:
            add_tag(self.store, self.actor, titles[key], now=now)
            self.titles.add(key)


def _statement(name: str, rows: Sequence[Mapping[str, object]], exact: bool, actor: Actor, now: datetime) -> Statement:
    params: dict[str, object] = {"rows": json.dumps(rows, ensure_ascii=False)}
    if name != "import_numbers_ensure":
        params |= {"at": now, "actor": actor.user}
    return Statement(name=name, params=params, expect_rows=len(rows) if exact else None)


def _numbers(planned: Sequence[Planned]) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "raw": number,
            "number_class": known.number_class.value,
            "country": known.country,
            "region": known.region,
            "rule_version": known.rule_version,
        }
        for one in planned
        for number, known in one.wanted.numbers.items()
        if number in one.new_phones
    ]


def _assignments(planned: Sequence[Planned]) -> list[dict[str, object]]:
    return [
        {"assignment_id": str(uuid4()), "number": number, "account_id": one.account_id, "contact_id": one.contact_id}
        for one in planned
        for number in one.new_phones
    ]


def _hung(planned: Sequence[Planned]) -> list[dict[str, object]]:
    return [{"account_id": one.account_id, "title": title} for one in planned for title in one.new_tags]


def _told(one: Planned) -> dict[str, object]:
    detail = {"name": one.wanted.name, "line": one.wanted.line, "changes": one.changes}
    return {"account_id": one.account_id, "detail": json.dumps(detail, ensure_ascii=False)}
