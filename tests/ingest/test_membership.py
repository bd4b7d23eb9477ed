"""A pause or login that somebody ordered reaches the PBX once, as the right action, and is seen in its members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.errors import PbxError, PbxUnreachable
from data.identity.actor import Actor, Role
from data.model import DeviceState, LiveMember
from data.services.membership import Change, change, ordered
from data.settings import Pbx, PbxQueues, Settings
from data.store.database import Database
from data.store.protocol import LiveTable
from ingest.assembler import Assembler, Office
from ingest.membership import Seats, action_of
from ingest.simulator.actions import Answers
from ingest.simulator.live import LiveOffice
from ingest.stream import Framer, Message
from ingest.telling import live_table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHIEF = Actor(user="chief", role=Role.SUPERVISOR)
INTERFACE = "Local/201@from-queue/n"


class Told:
    def __init__(self, **headers: str) -> None:
        self._headers = headers

    def get_header(self, name: str, otherwise: str | None = None) -> str | None:
        return self._headers.get(name, otherwise)


class FakeLink:
    def __init__(self, answer: Told | Exception) -> None:
        self.asked: list[dict[str, str]] = []
        self._answer = answer

    def act(self, headers: dict[str, str]) -> Any:
        self.asked.append(headers)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path) as database:
        member = LiveMember(
            pbx="pbx", queue="sales", interface=INTERFACE, party="201", name="Анна", is_dynamic=False,
            state=DeviceState.FREE, state_since_at=NOW, is_paused=False, pause_reason=None, paused_at=None,
            logged_in_at=None, calls_taken=0,
        )  # fmt: skip
        rows = live_table([member], LiveMember)
        database.write_live("pbx", rows, actor=CHIEF, table=LiveTable.MEMBERS)
        yield database


def settings(folder: Path) -> Settings:
    return Settings(data=folder, pbx=[Pbx(name="pbx", queues=PbxQueues(enabled=True, dynamic=["support"]))])


def carried_out(database: Database, folder: Path, link: FakeLink, *, now: datetime = NOW) -> Any:
    (order,) = change(database, CHIEF, settings(folder), "201", Change.PAUSE, reason="Обед", now=NOW)
    seats = Seats(settings(folder).pbx[0], link, database)
    seats.take(now=now)
    seats.take(now=now)
    seats._callers.shutdown(wait=True)
    return ordered(database, CHIEF, order, now=now)


def test_a_pause_is_asked_for_once_with_its_reason(database: Database, tmp_path: Path) -> None:
    link = FakeLink(Told(Response="Success"))

    assert carried_out(database, tmp_path, link).state == "done"
    assert link.asked == [
        {"Action": "QueuePause", "Queue": "sales", "Interface": INTERFACE, "Paused": "true", "Reason": "Обед"}
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Told(Response="Error", Message="Permission denied"), "refused: Permission denied"),
        (PbxUnreachable("away"), "offline"),
        (PbxError("a value holds a line break"), "refused: a value holds a line break"),
    ],
)
def test_a_refusal_says_why(database: Database, tmp_path: Path, answer: Told | Exception, error: str) -> None:
    found = carried_out(database, tmp_path, FakeLink(answer))

    assert (found.state, found.error) == ("failed", error)


def test_an_order_of_long_ago_is_given_up(database: Database, tmp_path: Path) -> None:
    link = FakeLink(Told(Response="Success"))

    assert carried_out(database, tmp_path, link, now=NOW + timedelta(minutes=1)).error == "expired"
    assert link.asked == []


def test_logins_name_the_phone_whose_state_counts() -> None:
    order = {"change": "login", "queue": "support", "interface": INTERFACE, "state_interface": "PJSIP/201"}

    assert action_of(order) == {
        "Action": "QueueAdd", "Queue": "support", "Interface": INTERFACE, "StateInterface": "PJSIP/201",
        "Paused": "false",
    }  # fmt: skip
    assert action_of({**order, "change": "logout"})["Action"] == "QueueRemove"
    assert action_of({**order, "change": "unpause"})["Paused"] == "false"


def test_the_pretend_office_pauses_logs_in_and_out_and_tells_it_in_its_events() -> None:
    office = LiveOffice(seed=1, begins_at=NOW.timestamp())
    answers, assembler = Answers(office), Assembler(Office(), pbx="pbx")
    framer, members, sequence = Framer(), dict[tuple[str, str], LiveMember](), 0

    def hear(data: bytes) -> None:
        nonlocal members, sequence
        for raw, _ in framer.feed(data):
            sequence += 1
            assembler.feed(Message(sequence, NOW.timestamp(), raw))
        told = assembler.take().members
        if told is not None:
            members = {(one.queue, one.party): one for one in told}

    def ask(**action: str) -> bytes:
        answer = answers.answer({name.lower(): value for name, value in action.items()})
        hear(office.advance(office.pbx.wire.now))
        return answer

    hear(answers.answer({"action": "QueueStatus"}))
    assert b"Success" in ask(action="QueuePause", interface=INTERFACE, queue="sales", paused="true", reason="Обед")
    assert (members["sales", "201"].is_paused, members["sales", "201"].pause_reason) == (True, "Обед")
    line = office.stage.lines.by_name["sales"]
    assert "201" not in {member.extension for member in line.callable}
    assert b"Success" in ask(action="QueuePause", interface=INTERFACE, paused="false")
    assert not members["sales", "201"].is_paused

    delivery = office.stage.lines.by_name["delivery"]
    device = delivery.interface(office.office.employees[0])
    assert b"Success" in ask(action="QueueAdd", queue="delivery", interface=device)
    assert members["delivery", "201"].is_dynamic
    assert b"Already there" in ask(action="QueueAdd", queue="delivery", interface=device)
    assert b"Success" in ask(action="QueueRemove", queue="delivery", interface=device)
    assert ("delivery", "201") not in members
    assert b"Member not dynamic" in ask(action="QueueRemove", queue="sales", interface=INTERFACE)
    assert b"Interface not found" in ask(action="QueuePause", interface="PJSIP/none", paused="true")
