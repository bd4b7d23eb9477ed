"""The office's clients: firms and people, their contact persons, and the numbers they own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ingest.simulator.aftermath import Registration
from ingest.simulator.arrow import Bools, instants, words
from ingest.simulator.calendar import Floats
from ingest.simulator.names import POSITIONS, invent_firms, invent_people
from ingest.simulator.numbers import Ints, numbers
from ingest.simulator.office import Office
from ingest.simulator.tags import client_tags

_FIRM_SHARE = 0.55
_STRANGER_FIRM_SHARE = 0.3
_NUMBERS_OF_FIRM = (0.45, 0.35, 0.2)  # one, two, three
_NOTES = (
    "Звонить после обеда.", "Работает по предоплате.", "Просит присылать счета на почту.", "Скидка 7 %.",
    "Объект за городом, пропуск заказывать заранее.", "Договор обслуживания до конца года.",
)  # fmt: skip


def uuids(rng: np.random.Generator, count: int) -> list[str]:
    """Random identifiers (version 4) that are the same for the same seed."""
    raw = rng.bytes(16 * count).hex()
    cut = (raw[at : at + 32] for at in range(0, 32 * count, 32))
    return [f"{one[:8]}-{one[8:12]}-4{one[13:16]}-a{one[17:20]}-{one[20:]}" for one in cut]


def client_count(calls: int) -> int:
    """How many numbers of clients an office with so many calls knows from the beginning."""
    return int(np.clip(calls // 40, 60, 60_000))


class Clients:
    """Writes client cards; the first `count` numbers are known from the start, strangers join later."""

    def __init__(
        self, rng: np.random.Generator, office: Office, employee_ids: Sequence[str], *, count: int, begins_at: float
    ) -> None:
        self.accounts: list[str] = []  # by the position of the number, for those known from the start
        self._rng, self._office, self._employee_ids = rng, office, employee_ids
        self._count, self._begins_at = count, begins_at

    def known(self) -> dict[str, pa.Table]:
        """Cards of all who are registered before the history begins."""
        rng = self._rng
        sizes = 1 + rng.choice(3, self._count, p=_NUMBERS_OF_FIRM)
        is_firm = rng.random(self._count) < _FIRM_SHARE
        sizes = np.where(is_firm, sizes, 1)
        owners = np.repeat(np.arange(self._count), sizes)[: self._count]
        # Clients with many calls have low numbers; old clients are mixed among them.
        created = self._begins_at - rng.uniform(5, 900, int(owners[-1]) + 1) * 86_400
        by = rng.integers(0, len(self._office.employees), int(owners[-1]) + 1)
        tables = self._cards(np.arange(self._count), owners, is_firm[: int(owners[-1]) + 1], created, by)
        self.accounts = tables["phone_assignment"]["account_id"].to_pylist()
        return tables

    def registered(self, registrations: Sequence[Registration]) -> dict[str, pa.Table]:
        """Cards of strangers who became clients; one number each."""
        number = np.array([each.number for each in registrations], np.int64)
        created = np.array([each.at for each in registrations], np.float64)
        by = np.array([each.by for each in registrations], np.int64)
        is_firm = self._rng.random(len(number)) < _STRANGER_FIRM_SHARE
        return self._cards(number, np.arange(len(number)), is_firm, created, by)

    def _cards(self, number: Ints, owners: Ints, is_firm: Bools, created: Floats, by: Ints) -> dict[str, pa.Table]:
        rng, count = self._rng, len(created)
        people = invent_people(rng, len(number))
        first = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]])) if len(owners) else owners
        firms = invent_firms(rng, count)
        names = [firm if is_one else people[at].full for firm, is_one, at in zip(firms, is_firm, first, strict=True)]
        account_ids, contact_ids = uuids(rng, count), uuids(rng, len(number))
        at = instants(np.rint(created * 1e6).astype(np.int64))
        authors = words([employee.login for employee in self._office.employees], by)
        tagged = client_tags(rng, pa.array(account_ids, pa.string()), at, authors)
        has_contact = is_firm[owners]
        of_number = pa.array(owners)
        accounts = pa.table(
            {
                "account_id": account_ids,
                "name": names,
                "folded": [_folded(name) for name in names],
                "kind": words(("organisation", "person"), np.where(is_firm, 0, 1)),
                "responsible_id": words(self._employee_ids, by),
                "notes": words(_NOTES, np.where(rng.random(count) < 0.12, rng.integers(0, len(_NOTES), count), -1)),
                "created_at": at,
                "created_by": authors,
                "changed_at": at,
                "changed_by": authors,
            }
        )
        contacts = pa.table(
            {
                "contact_id": contact_ids,
                "account_id": pa.array(account_ids, pa.string()).take(of_number),
                "name": [person.full for person in people],
                "folded": [_folded(person.full) for person in people],
                "position": words(POSITIONS, rng.integers(0, len(POSITIONS), len(number))),
                "created_at": at.take(of_number),
                "created_by": authors.take(of_number),
                "changed_at": at.take(of_number),
                "changed_by": authors.take(of_number),
            }
        ).filter(pa.array(has_contact))
        assignments = pa.table(
            {
                "assignment_id": uuids(rng, len(number)),
                "number": pa.array(numbers(number)).cast(pa.string()),
                "account_id": pa.array(account_ids, pa.string()).take(of_number),
                "contact_id": pa.array(contact_ids, pa.string(), mask=~has_contact),
                "from_at": at.take(of_number),
                "assigned_by": authors.take(of_number),
            }
        )
        return {"account": accounts, "contact": contacts, "phone_assignment": assignments, "client_tag": tagged}


def _folded(name: str) -> str:
    """The name as it is searched, which the store wants of every card."""
    return name.lower().replace("ё", "е")
