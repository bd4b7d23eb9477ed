"""Assignments in time: whatever people do to a number, nobody owns it twice, and "who was it then" has one answer."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from data.identity.actor import system
from data.queries import compose, read
from tests.data.office import Office

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBER = "79123456789"
ACTOR = system("tests")
ACCOUNTS = [UUID(int=place + 1) for place in range(3)]


@dataclass(frozen=True, kw_only=True)
class Step:
    """After so many minutes the number is attached to a client, moved to one, or let go (None)."""

    pause: int
    owner: int | None


histories = st.lists(
    st.builds(Step, pause=st.integers(0, 9), owner=st.sampled_from([None, 0, 1, 2])), min_size=1, max_size=8
)


def played(office: Office, steps: list[Step]) -> list[tuple[int, int | None]]:
    """Carry the steps out by the statements of the services; (minute, owner from then on) of each change."""
    office.cursor.execute("delete from phone_assignment")
    minute, owner = 0, None
    changes: list[tuple[int, int | None]] = []
    for place, step in enumerate(steps):
        minute += step.pause
        if step.owner == owner:
            continue
        at = NOON + timedelta(minutes=minute)
        if owner is not None:
            params = {"at": at, "number": NUMBER, "account_id": str(ACCOUNTS[owner])}
            office.cursor.execute(read("write/assignment_end"), params)
        if step.owner is not None:
            params = {
                "assignment_id": str(UUID(int=1000 + place)),
                "number": NUMBER,
                "account_id": str(ACCOUNTS[step.owner]),
                "contact_id": None,
                "at": at,
                "actor": "test",
            }
            office.cursor.execute(read("write/assignment_insert"), params)
        owner = step.owner
        changes.append((minute, owner))
    return changes


def owner_then(changes: list[tuple[int, int | None]], minute: int, known_at: int) -> int | None:
    """DOMAIN.md 3 in Python: who had it then, else the first owner after it, by what was known at `known_at`."""
    known = [change for change in changes if change[0] <= known_at]
    present: int | None = None
    for at, owner in known:
        if at <= minute:
            present = owner
    if present is not None:
        return present
    return next((owner for at, owner in known if at > minute and owner is not None), None)


def office_with_clients() -> Office:
    office = Office()
    for place, account_id in enumerate(ACCOUNTS):
        office.cursor.execute(
            "insert into account (account_id, name, folded, created_at, created_by, changed_at, changed_by) "
            "values ($id, $name, $name, $at, 'test', $at, 'test')",
            {"id": account_id, "name": f"Клиент {place}", "at": NOON},
        )
    return office


OFFICE = office_with_clients()
bounded = settings(max_examples=60, deadline=None, derandomize=True)


@bounded
@given(histories)
def test_nobody_owns_a_number_while_somebody_else_does(steps: list[Step]) -> None:
    played(OFFICE, steps)

    sql = "select from_at, until_at from phone_assignment order by from_at, until_at nulls last"
    spans = OFFICE.cursor.execute(sql).fetchall()

    assert all(one[1] is not None and one[0] <= one[1] <= other[0] for one, other in itertools.pairwise(spans))
    rows = OFFICE.cursor.execute("select owns_from_at, owns_until_at from number_owner order by 1, 2").fetchall()
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(row for row in rows if row[0] < row[1]))


@bounded
@given(histories, st.integers(-5, 60), st.integers(-5, 60))
def test_who_it_was_then_is_answered_as_it_was_known_at_any_moment(
    steps: list[Step], minute: int, known_at: int
) -> None:
    changes = played(OFFICE, steps)

    sql = compose(read("status/owner"), {"numbers": "true"})
    moment, as_of = (NOON + timedelta(minutes=each) for each in (minute, known_at))
    rows = OFFICE.query(sql, {"as_of": as_of}, actor=ACTOR).to_pylist()
    found = [row["account_id"] for row in rows if row["owns_from_at"] <= moment < row["owns_until_at"]]

    expected = owner_then(changes, minute, known_at)
    assert found == ([] if expected is None else [str(ACCOUNTS[expected])])


@bounded
@given(histories, st.integers(-5, 60))
def test_a_client_was_registered_when_it_called_only_by_what_began_before(steps: list[Step], minute: int) -> None:
    changes = played(OFFICE, steps)

    moment = NOON + timedelta(minutes=minute)
    sql = compose(read("status/owner"), {"numbers": "true"})
    rows = OFFICE.query(sql, {"as_of": NOON + timedelta(days=1)}, actor=ACTOR).to_pylist()
    registered = any(row["owns_from_at"] <= moment < row["owns_until_at"] and row["from_at"] <= moment for row in rows)

    assert registered == (owner_then([change for change in changes if change[0] <= minute], minute, minute) is not None)
