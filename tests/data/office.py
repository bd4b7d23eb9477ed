"""A small office for tests of numbers: calls told in a line each, in a database of their own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from data.identity.actor import Actor
from data.settings import Site
from data.store import derive

SCHEMA = Path(__file__).parents[2] / "data/schema"
SITE = Site(timezone="Europe/Moscow", country="RU")
MOSCOW = ZoneInfo("Europe/Moscow")
DIRECTIONS = {"missed": "inbound", "reached": "outbound", "not_reached": "outbound", "unanswered": "internal"}


def local(day: str | datetime, zone: ZoneInfo = MOSCOW) -> datetime:
    """ "11-03 10:00" of the year 2026, local; an instant stays as it is."""
    if isinstance(day, datetime):
        return day
    return datetime.fromisoformat(f"2026-{day}").replace(tzinfo=zone).astimezone(UTC)


class Office:
    """What `measure` asks of a store, over rows that a test writes."""

    def __init__(self) -> None:
        self.cursor = duckdb.connect()
        for file in sorted(SCHEMA.glob("*.sql")):
            self.cursor.execute(file.read_text("utf-8"))
        self._calls = 0

    def query(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        *,
        actor: Actor,
        timeout_s: float = 30.0,
        max_rows: int = 200_000,
    ) -> pa.Table:
        with self.cursor.cursor() as reader:  # pages ask from several threads at once
            return reader.execute(sql, dict(params or {})).to_arrow_table()

    def call(
        self,
        at: str | datetime,
        outcome: str = "answered",
        *,
        number: str | None = "79120000001",
        wait: float | None = 10.0,
        talk: float = 60.0,
        direction: str | None = None,
        employees: tuple[str, ...] = ("201",),
        queue: str | None = None,
        **other: Any,
    ) -> str:
        """One call; its id. It is inbound unless the outcome says otherwise."""
        self._calls += 1
        started_at = at if isinstance(at, datetime) else local(at)
        happy = outcome in ("answered", "reached")
        talk_s = talk if happy else 0.0
        answered_at = started_at + timedelta(seconds=wait or 0) if happy else None
        ended_at = started_at + timedelta(seconds=(wait or 0) + talk_s)
        row = {
            "call_id": f"pbx-{self._calls}",
            "pbx": "pbx",
            "direction": direction or DIRECTIONS.get(outcome, "inbound"),
            "outcome": outcome,
            "reason": None if happy else "no_answer",
            "external_number": number,
            "external_number_raw": number,
            "answered_by": list(employees) if happy else [],
            "rang": list(employees),
            "employees": list(employees),
            "queues": [queue] if queue else [],
            "queue": queue,
            "started_at": started_at,
            "answered_at": answered_at,
            "ended_at": ended_at,
            "wait_s": wait,
            "talk_s": talk_s,
            "hold_s": 0.0,
            "duration_s": (ended_at - started_at).total_seconds(),
            "transfer_count": 0,
            "recording_count": 0,
            "incomplete": False,
            "channels": [],
            "rule_version": 1,
            "source": "test",
            "events": [],
        } | other
        self.insert("call", **row)
        return str(row["call_id"])

    def visit(
        self, call_id: str, queue: str, wait: float, result: str, at: str | datetime = "11-03 10:00", position: int = 1
    ) -> None:
        self.insert(
            "queue_visit",
            call_id=call_id,
            position=position,
            queue=queue,
            entered_at=local(at),
            left_at=local(at) + timedelta(seconds=wait),
            wait_s=wait,
            result=result,
            events=[],
        )

    def leg(
        self,
        call_id: str,
        party: str,
        result: str = "answered",
        *,
        caller: str | None = None,
        at: str | datetime = "11-03 10:00",
        ring: float = 5.0,
        talk: float = 0.0,
        position: int = 1,
        **other: Any,
    ) -> None:
        row = {
            "call_id": call_id,
            "position": position,
            "role": "party",
            "caller": caller,
            "party": party,
            "result": result,
            "started_at": local(at),
            "ringing_at": local(at),
            "ended_at": local(at) + timedelta(seconds=ring + talk),
            "ring_s": ring,
            "talk_s": talk,
            "hold_s": 0.0,
            "events": [],
        } | other
        self.insert("leg", **row)

    def employee(self, number: int, name: str, *extensions: str, department: str | None = None) -> str:
        """An employee who has these extensions for ever; the id."""
        employee_id = str(UUID(int=number))
        self.insert("employee", employee_id=employee_id, name=name, department=department)
        for extension in extensions:
            self.insert(
                "extension", extension=extension, employee_id=employee_id, from_at=datetime(2020, 1, 1, tzinfo=UTC)
            )
        return employee_id

    def assign(self, number: str, account: int, at: str, name: str = "Ромашка") -> str:
        """The number belongs to a client from that moment; the client's id."""
        account_id = str(UUID(int=account))
        moment = local(at)
        self.insert(
            "account",
            account_id=account_id,
            name=name,
            folded=name.lower().replace("ё", "е"),
            created_at=moment,
            created_by="test",
            changed_at=moment,
            changed_by="test",
        )
        self.insert(
            "phone_assignment",
            assignment_id=str(UUID(int=1000 + account)),
            number=number,
            account_id=account_id,
            from_at=moment,
            assigned_by="test",
        )
        return account_id

    def insert(self, table: str, **row: Any) -> None:
        columns = ", ".join(row)
        values = ", ".join(f"${name}" for name in row)
        self.cursor.execute(f"insert into {table} ({columns}) values ({values})", row)

    def settle(self) -> None:
        """Derive what calls say about each other, as the store does after writing."""
        derive.rederive_all(self.cursor)


def busy_month(calls: int = 150) -> Office:
    """November of an office: calls of every kind, between few numbers, queues and people, by the dice."""
    office = Office()
    dice = random.Random(7)
    office.employee(1, "Анна", "201", department="Продажи")
    office.employee(2, "Борис", "202")
    office.insert("acquisition_channel", did="74950001122", title="Сайт")
    office.assign("79120000001", 1, "11-10 00:00")
    for _ in range(calls):
        at = local("11-01 08:00") + timedelta(minutes=dice.randrange(30 * 24 * 60))
        outcome = dice.choice(["answered", "answered", "missed", "missed", "reached", "not_reached", "unanswered"])
        queue = dice.choice(["sales", "support", None])
        wait = float(dice.randrange(60))
        employees = dice.choice([("201",), ("202",), ("201", "202"), ("203",), ()])
        call_id = office.call(
            at,
            outcome,
            number=dice.choice([f"7912000000{n}" for n in range(1, 8)] + [None]) if outcome != "unanswered" else None,
            wait=wait,
            queue=queue,
            employees=employees,
            did=dice.choice(["74950001122", "74950001133", None]),
            reason=dice.choice(["no_answer", "busy", "ivr_only"]),
        )
        if queue and outcome in ("answered", "missed"):
            office.visit(call_id, queue, wait, "answered" if outcome == "answered" else "abandoned", at=at)
        for place, extension in enumerate(employees, 1):
            office.leg(call_id, extension, "answered" if outcome == "answered" else "no_answer", at=at, position=place)
    office.settle()
    return office
