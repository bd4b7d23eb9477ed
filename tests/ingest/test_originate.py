"""A user's click becomes one call: his phone once, then theirs, and what came of it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound, PbxUnreachable
from data.facts import fact_tables
from data.identity.actor import Actor, Role, system
from data.services.dialing import PATIENCE, DialState, Refusal, dial, dial_call, dialled, refusal
from data.settings import Pbx, PbxOriginate, Settings, Site
from data.store.database import Database
from data.store.protocol import LiveTable
from ingest.originate import Originator, start_call
from ingest.sources.ami import Connection
from tests.ingest.fakes import facts
from tests.ingest.manager import Manager, server

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANNA = Actor(user="anna", role=Role.MANAGER, extensions=frozenset({"201"}))
OUTCOME = "Event: OriginateResponse\nActionID: {id}\nResponse: {kind}\nReason: {reason}\nUniqueid: 17.1\n\n"


def settings_with(folder: Path, **options: Any) -> Settings:
    return Settings(data=folder, pbx=[Pbx(name="pbx", originate=PbxOriginate(enabled=True, **options))])


class Told:
    """What a PBX says, header by header."""

    def __init__(self, **headers: str) -> None:
        self._headers = headers

    def get_header(self, name: str, otherwise: str | None = None) -> str | None:
        return self._headers.get(name, otherwise)


class FakeLink:
    """Notes what it is asked for and answers what it was told to."""

    def __init__(self, answer: Told | Exception) -> None:
        self.asked: list[dict[str, str]] = []
        self.done = threading.Event()
        self._answer = answer

    def originate(self, headers: dict[str, str], *, seconds: float) -> Any:
        self.asked.append(headers)
        self.done.set()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path) as database:
        yield database


def originator(database: Database, settings: Settings, link: FakeLink) -> Originator:
    return Originator(settings.pbx[0], link, database, settings.site)


def carried_out(
    database: Database, settings: Settings, link: FakeLink, order: str, *, now: datetime = NOW
) -> DialState:
    one = originator(database, settings, link)
    one.take(now=now)
    one._callers.shutdown(wait=True)
    return dialled(database, ANNA, order, now=now).state


TAKEN = Told(Event="OriginateResponse", Response="Success", Reason="4", Uniqueid="17.1")


def test_the_pbx_calls_the_users_phone_and_dials_the_number_as_the_office_does(
    database: Database, tmp_path: Path
) -> None:
    settings = settings_with(tmp_path, form="national", prefix="9", channel="SIP/{extension}", context="office")
    order = dial(database, ANNA, settings, "+7 (903) 123-45-67", now=NOW)
    link = FakeLink(TAKEN)

    assert dialled(database, ANNA, order, now=NOW).state is DialState.WAITING
    assert carried_out(database, settings, link, order) is DialState.CALLING_THEM
    [headers] = link.asked
    assert (headers["Channel"], headers["Context"], headers["Exten"]) == ("SIP/201", "office", "989031234567")


def test_an_order_is_carried_out_once_however_often_the_outbox_is_looked_at(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)
    link = FakeLink(TAKEN)

    carried_out(database, settings, link, order)
    carried_out(database, settings, link, order)

    assert len(link.asked) == 1


def test_an_order_that_nobody_took_in_time_rings_no_phone(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)
    late = NOW + PATIENCE + timedelta(seconds=1)
    link = FakeLink(TAKEN)

    assert dialled(database, ANNA, order, now=late).error == "expired"
    assert carried_out(database, settings, link, order, now=late) is DialState.FAILED
    assert link.asked == []


def test_an_order_whose_process_died_is_given_up_and_not_repeated(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)
    link = FakeLink(TAKEN)
    dead = originator(database, settings, link)
    assert dead._move(order, "queued", "sent")

    later = datetime.now(UTC) + timedelta(minutes=5)
    assert carried_out(database, settings, link, order, now=later) is DialState.FAILED
    assert dialled(database, ANNA, order, now=later).error == "unknown"
    assert link.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Told(Event="OriginateResponse", Response="Failure", Reason="5"), "busy"),
        (Told(Event="OriginateResponse", Response="Failure", Reason="3"), "no_answer"),
        (Told(Event="OriginateResponse", Response="Failure", Reason="0"), "unreachable"),
        (Told(Response="Error", Message="Permission denied"), "refused: Permission denied"),
        (PbxUnreachable("away"), "offline"),
    ],
)
def test_a_call_that_failed_says_why(database: Database, tmp_path: Path, answer: Told | Exception, error: str) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)

    assert carried_out(database, settings, FakeLink(answer), order) is DialState.FAILED
    assert dialled(database, ANNA, order, now=NOW).error == error


def test_the_call_that_came_of_it_is_found_by_its_channel(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)
    carried_out(database, settings, FakeLink(TAKEN), order)
    made = facts("pbx-17.1", number="79031234567")
    table = fact_tables([made], site=Site(), source="ami")
    channels = [["17.1"] for _ in range(table["call"].num_rows)]
    at = table["call"].schema.get_field_index("channels")
    table["call"] = table["call"].set_column(at, table["call"].schema.field(at), [channels])

    database.write_facts(table, actor=ANNA)

    found = dialled(database, ANNA, order, now=NOW)
    assert (found.state, found.call_id) == (DialState.ENDED, "pbx-17.1")


def test_the_number_of_a_call_is_called_though_it_may_not_be_seen(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    database.write_facts(
        fact_tables([facts("one", number="79031234567"), facts("hidden")], site=Site(), source="ami"), actor=ANNA
    )

    order = dial_call(database, ANNA, settings, "one", now=NOW)

    assert dialled(database, ANNA, order, now=NOW).number == "79031234567"
    with pytest.raises(BadInput, match="hidden"):
        dial_call(database, ANNA, settings, "hidden", now=NOW)


@pytest.mark.parametrize("number", ["", "abc", "201", "*97", "+7 809 505-12-12", "1; drop table call", "79" * 20])
def test_what_is_no_outside_number_is_refused(database: Database, tmp_path: Path, number: str) -> None:
    with pytest.raises(BadInput, match="number"):
        dial(database, ANNA, settings_with(tmp_path), number, now=NOW)


def test_denied_numbers_a_second_call_and_strangers_are_refused(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path, denied=["7900.*"])
    order = dial(database, ANNA, settings, "79031234567", now=NOW)

    with pytest.raises(BadInput, match=r"originate\.denied"):
        dial(database, ANNA, settings, "79001234567", now=NOW)
    with pytest.raises(Conflict, match="already"):
        dial(database, ANNA, settings, "79031234568", now=NOW)
    with pytest.raises(NotAllowed):
        dial(database, Actor(user="ann", role=Role.ANALYST), settings, "79031234568", now=NOW)
    with pytest.raises(NotFound):
        dialled(database, Actor(user="boris", role=Role.MANAGER), order, now=NOW)


def test_the_button_says_why_it_is_off(database: Database, tmp_path: Path) -> None:
    ready = settings_with(tmp_path)
    assert refusal(database, ANNA, ready) is None
    assert refusal(database, ANNA, Settings(data=tmp_path, pbx=[Pbx(name="pbx")])) is Refusal.NOT_READY
    assert refusal(database, Actor(user="b", role=Role.MANAGER), ready) is Refusal.NO_PHONE
    assert refusal(database, Actor(user="c", role=Role.ANALYST), ready) is Refusal.FORBIDDEN

    link = {"pbx": ["pbx"], "state": ["up"], "heard_ago_s": [0.0], "lacks": [["originate"]]}
    database.write_live("pbx", pa.table(link), actor=system("ingest"), table=LiveTable.LINK)
    assert refusal(database, ANNA, ready) is Refusal.NO_RIGHT


class Originating(Manager):
    """A manager interface that starts calls: it queues them, and tells later what came of them."""

    def answer(self, action: dict[str, str]) -> str:
        text = super().answer(action)
        if action["Action"] == "Originate":
            told = OUTCOME.format(id=action["ActionID"], kind="Success", reason="4")
            text += OUTCOME.format(id="somebody-else", kind="Failure", reason="5") + told
        return text


def test_over_a_real_socket_the_outcome_is_told_apart_from_those_of_others() -> None:
    with server(Originating()) as pbx:
        connection = Connection(pbx)
        connection.connect()
        connection.login()
        try:
            wanted = pbx.model_copy(update={"originate": PbxOriginate(enabled=True)})
            outcome = start_call(connection, wanted, Site(), {"extension": "201", "number": "79031234567"})
        finally:
            connection.close()

    assert (outcome.channel, outcome.error) == ("17.1", None)


def test_payloads_hold_nothing_but_the_phone_the_number_and_the_channel(database: Database, tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    order = dial(database, ANNA, settings, "79031234567", now=NOW)
    carried_out(database, settings, FakeLink(TAKEN), order)

    [row] = database.query("select payload, state from outbox", actor=ANNA).to_pylist()
    assert json.loads(row["payload"]) == {"extension": "201", "number": "79031234567", "channel": "17.1"}
