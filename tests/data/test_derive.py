"""The derived columns come out the same whatever the order in which calls arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store import derive

SCHEMA = Path(__file__).parents[2] / "data/schema"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Rang:
    """A call as far as its number is concerned; minutes after noon."""

    call_id: str
    number: str | None
    at: float
    outcome: str = "missed"
    answered: float | None = None

    @property
    def direction(self) -> str:
        return "outbound" if self.outcome in ("reached", "not_reached") else "inbound"

    def moment(self, minutes: float | None) -> datetime | None:
        return None if minutes is None else NOON + timedelta(minutes=minutes)


def insert(cursor: duckdb.DuckDBPyConnection, calls: Sequence[Rang]) -> None:
    for call in calls:
        cursor.execute(
            """
            insert into call (
                call_id, pbx, direction, outcome, external_number, external_number_raw, answered_by, rang, employees,
                queues, started_at, answered_at, ended_at, talk_s, hold_s, duration_s, transfer_count,
                recording_count, incomplete, channels, rule_version, source, events
            )
            values (
                $id, 'pbx', $direction, $outcome, $number, $number, [], [], [], [], $started, $answered, $ended,
                0, 0, 0, 0, 0, false, [], 1, 'test', []
            )
            """,
            {
                "id": call.call_id,
                "direction": call.direction,
                "outcome": call.outcome,
                "number": call.number,
                "started": call.moment(call.at),
                "answered": call.moment(call.answered),
                "ended": call.moment((call.answered or call.at) + 1),
            },
        )


def write(cursor: duckdb.DuckDBPyConnection, calls: Sequence[Rang], retracted: Sequence[str] = ()) -> None:
    """What the store does with a batch."""
    ids = [call.call_id for call in calls]
    cursor.execute("begin")
    derive.forget(cursor, [*ids, *retracted])
    cursor.execute("delete from call where call_id in (select unnest($ids))", {"ids": [*ids, *retracted]})
    insert(cursor, calls)
    derive.apply(cursor, ids)
    cursor.execute("commit")


def empty() -> duckdb.DuckDBPyConnection:
    cursor = duckdb.connect()
    for file in sorted(SCHEMA.glob("*.sql")):
        cursor.execute(file.read_text("utf-8"))
    return cursor


@pytest.fixture
def cursor() -> duckdb.DuckDBPyConnection:
    return empty()


@pytest.fixture(scope="module")
def reused() -> duckdb.DuckDBPyConnection:
    """For many small worlds after each other: making the schema for each would take longer than the test."""
    return empty()


def contact_of(cursor: duckdb.DuckDBPyConnection, call_id: str) -> float | None:
    row = cursor.execute("select contact_after_at from call where call_id = $id", {"id": call_id}).fetchone()
    assert row is not None
    return None if row[0] is None else (row[0] - NOON).total_seconds() / 60


def is_first(cursor: duckdb.DuckDBPyConnection, call_id: str) -> bool | None:
    row = cursor.execute("select first_of_number from call where call_id = $id", {"id": call_id}).fetchone()
    assert row is not None
    return row[0]


def state(cursor: duckdb.DuckDBPyConnection) -> tuple[list[tuple], list[tuple]]:
    calls = cursor.execute("select call_id, first_of_number, contact_after_at from call order by call_id").fetchall()
    numbers = cursor.execute(
        """
        select number, number_class, first_call_id, first_call_at, last_call_at, last_contact_at, open_since_at
        from number
        order by number
        """
    ).fetchall()
    return calls, numbers


def test_missed_call_waits_for_the_answer_to_the_next_call_of_its_number(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number="79120000001", at=0)])
    write(cursor, [Rang(call_id="back", number="79120000001", at=5, outcome="reached", answered=6)])

    assert contact_of(cursor, "missed") == 6


def test_attempt_to_call_back_is_no_conversation(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number="79120000001", at=0)])
    write(cursor, [Rang(call_id="tried", number="79120000001", at=5, outcome="not_reached")])

    assert contact_of(cursor, "missed") is None


def test_conversation_with_another_number_is_not_the_next_one(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number="79120000001", at=0)])
    write(cursor, [Rang(call_id="other", number="79120000002", at=5, outcome="answered", answered=6)])

    assert contact_of(cursor, "missed") is None


def test_hidden_callers_have_neither_a_first_call_nor_a_next_one(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number=None, at=0)])
    write(cursor, [Rang(call_id="again", number=None, at=5, outcome="answered", answered=6)])

    assert contact_of(cursor, "missed") is None
    assert is_first(cursor, "missed") is None
    assert cursor.execute("select count(*) from number").fetchone() == (0,)


def test_conversation_that_arrives_late_takes_its_place_before_a_later_one(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number="79120000001", at=0)])
    write(cursor, [Rang(call_id="evening", number="79120000001", at=300, outcome="answered", answered=301)])
    write(cursor, [Rang(call_id="filled", number="79120000001", at=10, outcome="reached", answered=11)])

    assert contact_of(cursor, "missed") == 11


def test_missed_call_that_arrives_late_finds_the_conversation_that_is_known(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="evening", number="79120000001", at=300, outcome="answered", answered=301)])
    write(cursor, [Rang(call_id="filled", number="79120000001", at=10)])

    assert contact_of(cursor, "filled") == 301
    assert (is_first(cursor, "filled"), is_first(cursor, "evening")) == (True, False)


def test_answer_given_while_the_second_call_of_the_number_rang_counts_for_it(
    cursor: duckdb.DuckDBPyConnection,
) -> None:
    long_one = Rang(call_id="long", number="79120000001", at=0, outcome="answered", answered=8)
    write(cursor, [Rang(call_id="second", number="79120000001", at=5)])
    write(cursor, [long_one])

    assert contact_of(cursor, "second") == 8


def test_call_that_turns_out_unanswered_gives_its_miss_back(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="missed", number="79120000001", at=0)])
    write(cursor, [Rang(call_id="back", number="79120000001", at=5, outcome="reached", answered=6)])
    write(cursor, [Rang(call_id="back", number="79120000001", at=5, outcome="not_reached")])

    assert contact_of(cursor, "missed") is None


def test_retracted_first_call_leaves_its_place_to_the_second(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="one", number="79120000001", at=0), Rang(call_id="two", number="79120000001", at=5)])
    write(cursor, [], retracted=["one"])

    assert is_first(cursor, "two") is True


def test_same_call_written_twice_changes_nothing(cursor: duckdb.DuckDBPyConnection) -> None:
    calls = [
        Rang(call_id="missed", number="79120000001", at=0),
        Rang(call_id="back", number="79120000001", at=5, outcome="reached", answered=6),
        Rang(call_id="again", number="79120000001", at=9),
    ]
    write(cursor, calls)
    before = state(cursor)
    write(cursor, calls[:2])

    assert state(cursor) == before


def test_new_number_is_classified(cursor: duckdb.DuckDBPyConnection) -> None:
    write(cursor, [Rang(call_id="one", number="74951234567", at=0)])

    row = cursor.execute("select number_class, country, region from number").fetchone()
    assert row == ("landline", "RU", "RU-MOW")


moments = st.integers(0, 40)
batches = st.lists(
    st.tuples(
        st.lists(
            st.builds(
                lambda serial, number, at, outcome, wait: Rang(
                    call_id=f"c{serial:02}",
                    number=number,
                    at=at,
                    outcome=outcome,
                    answered=at + wait if outcome in ("answered", "reached") and wait < 9 else None,
                ),
                st.integers(0, 12),
                st.sampled_from(["79120000001", "79120000002", None]),
                moments,
                st.sampled_from(["missed", "answered", "reached", "not_reached"]),
                st.integers(0, 9),
            ),
            max_size=4,
            unique_by=lambda call: call.call_id,
        ),
        st.lists(st.integers(0, 12).map(lambda serial: f"c{serial:02}"), max_size=1),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(batches)
def test_any_order_of_arrival_gives_what_deriving_everything_gives(
    reused: duckdb.DuckDBPyConnection, arrived: list[tuple[list[Rang], list[str]]]
) -> None:
    cursor = reused
    cursor.execute("delete from call")
    cursor.execute("delete from number")
    for calls, retracted in arrived:
        ids = {call.call_id for call in calls}
        write(cursor, calls, [call_id for call_id in retracted if call_id not in ids])
    step_by_step = state(cursor)

    cursor.execute("update call set first_of_number = null, contact_after_at = null")
    cursor.execute("update number set first_call_id = null, last_contact_at = null, open_since_at = null")
    derive.rederive_all(cursor)

    assert state(cursor) == step_by_step
    assert step_by_step[0] == by_hand(cursor)


def by_hand(cursor: duckdb.DuckDBPyConnection) -> list[tuple]:
    """The derived columns worked out call by call, as the words of the rule say."""
    calls = cursor.execute(
        """
        select call_id, external_number, direction, outcome, started_at, coalesce(answered_at, started_at)
        from call
        order by call_id
        """
    ).fetchall()
    rows: list[tuple] = []
    for call_id, number, _, outcome, started_at, _ in calls:
        same = [call for call in calls if call[1] == number]
        talks = [call[5] for call in same if call[3] in ("answered", "reached") and call[5] > started_at]
        first = min(same, key=lambda call: (call[4], call[0]))[0]
        rows.append(
            (
                call_id,
                None if number is None else first == call_id,
                min(talks, default=None) if outcome == "missed" and number is not None else None,
            )
        )
    return rows
