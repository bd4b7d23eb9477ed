"""Calls told in a line each, written to a store the way ingest writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pyarrow as pa

from data.facts import fact_tables
from data.identity.actor import Actor, Role, system
from data.model import (
    Call,
    CallFacts,
    Direction,
    Leg,
    LegResult,
    LegRole,
    Outcome,
    Recording,
)
from data.settings import Site
from data.store.database import Database

SITE = Site(timezone="Europe/Moscow", country="RU", area_code="495")
MOSCOW = ZoneInfo("Europe/Moscow")
INGEST = system("ingest")
CHIEF = Actor(user="olga", role=Role.SUPERVISOR, name="Ольга")
ANALYST = Actor(user="nina", role=Role.ANALYST)

_DIRECTIONS = {
    Outcome.MISSED: Direction.INBOUND,
    Outcome.REACHED: Direction.OUTBOUND,
    Outcome.NOT_REACHED: Direction.OUTBOUND,
    Outcome.UNANSWERED: Direction.INTERNAL,
}


def local(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    """ "03-02 10:00" of the year 2026, by the clock on the wall."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC)


def told(
    call_id: str,
    at: str | datetime,
    outcome: str = "answered",
    *,
    number: str | None = "79120000001",
    direction: str | None = None,
    wait: float = 10.0,
    talk: float = 60.0,
    employees: Sequence[str] = ("201",),
    queue: str | None = None,
    ring_group: str | None = None,
    recorded: bool = False,
    did: str = "74951112233",
    line: str = "PJSIP/trunk",
    aliases: tuple[str, ...] = (),
    consulted: str | None = None,
) -> CallFacts:
    """A finished call; of one that nobody answered, the employees are those who rang."""
    word = Outcome(outcome)
    started_at = at if isinstance(at, datetime) else local(at)
    is_talked = word in (Outcome.ANSWERED, Outcome.REACHED)
    answered_at = started_at + timedelta(seconds=wait) if is_talked else None
    ended_at = started_at + timedelta(seconds=wait + (talk if is_talked else 0.0))
    way = Direction(direction) if direction else _DIRECTIONS.get(word, Direction.INBOUND)
    people = tuple(employees)
    call = Call(
        call_id=call_id,
        pbx="pbx",
        direction=way,
        outcome=word,
        reason=None,
        external_number=None if way is Direction.INTERNAL else number,
        did=did if way is Direction.INBOUND else None,
        line=line,
        caller_number=number,
        caller_name=None,
        called_number=None,
        answered_by=people if is_talked else (),
        rang=people,
        employees=people,
        application=None if people else "ivr",
        queues=(queue,) if queue else (),
        ring_group=ring_group,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        wait_s=wait,
        talk_s=talk if is_talked else 0.0,
        hold_s=0.0,
        duration_s=(ended_at - started_at).total_seconds(),
        dial_status=None,
        hangup_cause=16,
        incomplete=False,
        conference=None,
        channels=(call_id,),
        rule_version=1,
        events=(1, 2),
    )
    parties = [*people, *([consulted] if consulted else [])]
    legs = tuple(
        Leg(
            call_id=call_id,
            position=position,
            role=LegRole.CONSULTATION if party == consulted else LegRole.PARTY,
            channel=f"PJSIP/{party}-0001",
            caller=number,
            party=party,
            device=f"PJSIP/{party}",
            queue=queue,
            result=LegResult.ANSWERED if is_talked else LegResult.NO_ANSWER,
            dial_status=None,
            hangup_cause=16,
            started_at=started_at,
            ringing_at=started_at,
            answered_at=answered_at,
            ended_at=ended_at,
            ring_s=wait,
            talk_s=call.talk_s,
            hold_s=0.0,
        )
        for position, party in enumerate(parties, 1)
    )
    recording = Recording(
        call_id=call_id,
        position=1,
        file=f"{call_id}.wav",
        party=people[0] if people else None,
        heard=people,
        started_at=answered_at or started_at,
        ended_at=ended_at,
    )
    return CallFacts(call=call, legs=legs, recordings=(recording,) if recorded else (), aliases=aliases)


def write(database: Database, *facts: CallFacts, site: Site = SITE) -> None:
    database.write_facts(fact_tables(facts, site=site, source="ami"), actor=INGEST)


def own(database: Database, number: str, account_id: UUID | str, from_at: str, until_at: str | None = None) -> None:
    """A number belongs to a client for a time."""
    _append(
        database,
        "phone_assignment",
        assignment_id=uuid4(),
        number=number,
        account_id=UUID(str(account_id)),
        contact_id=None,
        from_at=local(from_at),
        until_at=local(until_at) if until_at else None,
        assigned_by="test",
    )


def account(database: Database, name: str) -> str:
    """A client of that name; its id."""
    account_id, now = uuid4(), local("01-01 00:00")
    _append(
        database,
        "account",
        account_id=account_id,
        name=name,
        folded=name.lower().replace("ё", "е"),
        created_at=now,
        created_by="test",
        changed_at=now,
        changed_by="test",
    )
    return str(account_id)


def employee(database: Database, name: str, extension: str, from_at: str = "01-01 00:00") -> str:
    """An employee who has that extension; the id."""
    employee_id = uuid4()
    _append(database, "employee", employee_id=employee_id, name=name)
    _append(database, "extension", extension=extension, employee_id=employee_id, from_at=local(from_at))
    return str(employee_id)


def _append(database: Database, table: str, **row: object) -> None:
    values = {name: [str(value) if isinstance(value, UUID) else value] for name, value in row.items()}
    database.append(table, pa.table(values), actor=INGEST)
