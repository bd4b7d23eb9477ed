"""Facts become rows that the store takes as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from data.facts import agent_session_table, ami_event_table, fact_tables, gap_table
from data.model import (
    AgentSession,
    CallFacts,
    Gap,
    Interval,
    IntervalKind,
    QueueVisit,
    Transfer,
    TransferKind,
)
from tests.data.told import SITE, local, told

SCHEMA = Path(__file__).parents[2] / "data/schema/0001_calls.sql"
MORNING = local("03-02 10:00")


def full_call() -> CallFacts:
    call = told("one", MORNING, number="8 (912) 345-67-89", queue="sales", recorded=True, aliases=("other",))
    return replace(
        call,
        queue_visits=(
            QueueVisit(
                call_id="one",
                position=1,
                queue="sales",
                entered_at=MORNING,
                left_at=MORNING + timedelta(seconds=10),
                wait_s=10.0,
                place_at_entry=1,
                result="answered",
                answered_by="201",
                events=(3, 4),
            ),
        ),
        transfers=tuple(
            Transfer(
                call_id="one",
                position=position,
                kind=kind,
                from_party="201",
                to_party="202",
                completed=completed,
                transferred_at=MORNING + timedelta(seconds=20),
            )
            for position, (kind, completed) in enumerate(
                [
                    (TransferKind.BLIND, True),
                    (TransferKind.ATTENDED, False),
                    (TransferKind.BLONDE, True),
                    (TransferKind.PARK, True),
                    (TransferKind.PICKUP, True),
                ],
                1,
            )
        ),
        intervals=(
            Interval(
                call_id="one",
                position=1,
                kind=IntervalKind.TALK,
                party="201",
                other=None,
                started_at=MORNING,
                ended_at=MORNING + timedelta(seconds=30),
            ),
        ),
    )


def test_numbers_are_kept_raw_and_in_normal_form() -> None:
    row = fact_tables([full_call()], site=SITE, source="ami")["call"].to_pylist()[0]

    assert (row["external_number"], row["external_number_raw"]) == ("79123456789", "8 (912) 345-67-89")
    assert row["did"] == "74951112233"
    assert (row["queue"], row["source"], row["started_at"]) == ("sales", "ami", MORNING)


def test_only_completed_hand_overs_between_people_count_as_transfers() -> None:
    row = fact_tables([full_call()], site=SITE, source="ami")["call"].to_pylist()[0]

    assert (row["transfer_count"], row["recording_count"]) == (2, 1)


def test_each_distinct_number_is_described_once() -> None:
    calls = [
        told("a", MORNING, number="89123456789"),
        told("b", MORNING, number="+79123456789"),
        told("c", MORNING, number="88121234567"),
        told("d", MORNING, number=None),
        told("e", MORNING, number="anonymous"),
        told("f", MORNING, "unanswered", number="202"),
    ]

    numbers = fact_tables(calls, site=SITE, source="ami")["number"].to_pylist()

    assert [(row["number"], row["raw"], row["number_class"], row["region"]) for row in numbers] == [
        ("79123456789", "89123456789", "mobile", None),
        ("78121234567", "88121234567", "landline", "RU-SPE"),
    ]


def test_withheld_number_leaves_no_number_but_what_the_pbx_said() -> None:
    row = fact_tables([told("a", MORNING, number="anonymous")], site=SITE, source="ami")["call"].to_pylist()[0]

    assert (row["external_number"], row["external_number_raw"]) == (None, "anonymous")


def test_aliases_lead_to_the_call_that_took_them_over() -> None:
    tables = fact_tables([full_call()], site=SITE, source="ami")

    assert tables["call_alias"].to_pylist() == [{"alias": "other", "call_id": "one"}]
    assert tables["recording"].to_pylist()[0]["recording_id"] == "one.1"


@pytest.mark.parametrize("facts", [[], [full_call()]], ids=["no calls", "one call"])
def test_every_table_fits_the_schema(facts: list[CallFacts]) -> None:
    cursor = duckdb.connect()
    cursor.execute(SCHEMA.read_text("utf-8"))
    tables = fact_tables(facts, site=SITE, source="ami")

    for name, table in tables.items():
        cursor.register("incoming", table)
        cursor.execute(f"insert into {name} by name select * from incoming")
        (count,) = cursor.execute(f"select count(*) from {name}").fetchone() or (None,)
        assert count == table.num_rows

    assert set(tables) == {
        "call",
        "leg",
        "queue_visit",
        "transfer",
        "call_interval",
        "recording",
        "call_alias",
        "number",
    }


def test_gaps_sessions_and_events_fit_the_schema() -> None:
    cursor = duckdb.connect()
    cursor.execute(SCHEMA.read_text("utf-8"))
    tables = {
        "gap": gap_table([Gap(pbx="pbx", started_at=MORNING, ended_at=None, cause="link_cut")]),
        "agent_session": agent_session_table(
            [
                AgentSession(
                    pbx="pbx",
                    queue="sales",
                    party="201",
                    member_name=None,
                    kind="pause",
                    reason="lunch",
                    started_at=MORNING,
                    ended_at=None,
                )
            ]
        ),
        "ami_event": ami_event_table(
            [
                {
                    "pbx": "pbx",
                    "sequence": 7,
                    "call_id": "one",
                    "received_at": MORNING,
                    "name": "Newchannel",
                    "channels": ["1.1"],
                    "fields": {"Channel": "PJSIP/201-1"},
                }
            ]
        ),
    }

    for name, table in tables.items():
        cursor.register("incoming", table)
        cursor.execute(f"insert into {name} by name select * from incoming")

    assert cursor.execute("select fields['Channel'], event_at from ami_event").fetchall() == [("PJSIP/201-1", None)]
    assert cursor.execute("select cause, filled from gap").fetchall() == [("link_cut", False)]
    assert cursor.execute("select reason, ended_at from agent_session").fetchall() == [("lunch", None)]
