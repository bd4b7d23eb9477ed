"""The directory learned from a PBX: from its answers on the manager interface, and from MikoPBX over REST."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.identity.actor import system
from data.settings import Pbx, Settings
from data.store.database import Database
from ingest.directory_learner import DirectoryLearner
from ingest.rest_puller import RestPuller
from ingest.sources.mikopbx_hours import hours_of
from ingest.stream import Message
from tests.ingest.rest_pbx import RestPbx, record, rest_pbx

ACTOR = system("test")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "var") as database:
        yield database


def rows(store: Database, sql: str) -> list[dict[str, Any]]:
    return store.query(sql, actor=ACTOR).to_pylist()


def people(store: Database) -> dict[str, str | None]:
    found = rows(store, "select extension, name from extension left join employee using (employee_id)")
    return {row["extension"]: row["name"] for row in found}


def answers(*texts: str) -> list[Message]:
    """Messages, each written as "Name key=value; key=value"."""
    made = []
    for number, text in enumerate(texts, 1):
        name, _, rest = text.partition(" ")
        headers = [part.replace("=", ": ", 1) for part in rest.split("; ") if part]
        made.append(Message(number, 0.0, "\r\n".join([f"Event: {name}", *headers]).encode() + b"\r\n"))
    return made


STOCK = answers(
    "QueueParams Queue=sales; Strategy=ringall",
    "QueueMember Queue=sales; Name=Ivan Petrov; Location=Local/201@from-queue/n; StateInterface=PJSIP/201",
    "QueueMember Queue=sales; Name=PJSIP/202; Location=PJSIP/202",
    "QueueParams Queue=default",
    "QueueStatusComplete EventList=Complete",
    "EndpointList ObjectName=201/201; OutboundAuths=",
    "EndpointList ObjectName=202; OutboundAuths=",
    "EndpointList ObjectName=trunk; OutboundAuths=trunk-auth",
    "EndpointList ObjectName=anonymous",
    "EndpointListComplete EventList=Complete",
    "PeerEntry Channeltype=SIP; ObjectName=203",
    "PeerEntry Channeltype=SIP; ObjectName=provider",
    "PeerlistComplete EventList=Complete",
)


def test_stock_taking_tells_phones_queues_and_lines(store: Database) -> None:
    learner = DirectoryLearner(Pbx(), store)
    for message in STOCK:
        learner.take(message)

    learner.write()

    assert people(store) == {"201": "Ivan Petrov", "202": None, "203": None}
    assert rows(store, "select line from line order by line") == [{"line": "PJSIP/trunk"}, {"line": "SIP/provider"}]
    assert rows(store, "select queue, title, pbx from queue") == [{"queue": "sales", "title": None, "pbx": "pbx"}]
    before = [rows(store, f"from {name}") for name in ("employee", "extension", "queue", "line")]
    for message in STOCK:  # the next login
        learner.take(message)
    learner.write()
    assert before == [rows(store, f"from {name}") for name in ("employee", "extension", "queue", "line")]


def test_the_learner_writes_by_itself_once_a_list_is_complete(store: Database) -> None:
    learner, stop = DirectoryLearner(Pbx(), store), threading.Event()
    thread = threading.Thread(target=learner.run, args=(stop,), daemon=True)
    thread.start()
    heard = store.notices(["directory"])  # type: ignore[list-item]
    next(heard)

    for message in STOCK:
        learner.take(message)

    next(heard)  # a commit that touches the directory
    stop.set()
    thread.join(60.0)
    assert rows(store, "select queue from queue") == [{"queue": "sales"}]


def test_hostile_names_of_a_pbx_are_left_out_and_the_others_come_in(store: Database) -> None:
    learner = DirectoryLearner(Pbx(), store)
    for message in answers(
        f"QueueParams Queue={'q' * 500}",
        "QueueParams Queue=good",
        "QueueParams Queue=bad\x07bell",
        f"QueueMember Queue=good; Name={'И' * 300}; Location=PJSIP/201",
        "EndpointList ObjectName=",
    ):
        learner.take(message)

    learner.write()

    assert rows(store, "select queue from queue") == [{"queue": "good"}]
    assert people(store) == {}


LISTS: dict[str, list[dict[str, Any]]] = {
    "employees": [
        {
            "id": 1,
            "number": "201",
            "user_username": "Иванов Пётр",
            "user_email": "ivanov@example.org",
            "mobile_number": "8 (916) 000-11-22",
            "disabled": False,
        },
        {"id": 2, "number": "202", "user_username": "Анна", "user_email": "no address", "disabled": False},
        {"id": 3, "number": "203", "user_username": "Борис", "user_email": "", "disabled": True},
    ],
    "extensions": [
        {"id": "201", "number": "201", "type": "SIP", "callerid": "Иванов Пётр"},
        {"id": "204", "number": "204", "type": "SIP", "callerid": ""},
        {"id": "2200100", "number": "2200100", "type": "QUEUE", "callerid": "Продажи"},
    ],
    "call-queues": [{"id": "QUEUE-AB12", "name": "Продажи", "extension": "2200100", "represent": "<i></i> Продажи"}],
    "providers": [
        {"id": "SIP-TRUNK-5D251358", "type": "SIP", "name": '<i class="server icon"></i> Ростелеком', "disabled": False}
    ],
    "incoming-routes": [
        {"id": "1", "number": "", "rulename": "default action"},
        {"id": "2", "number": "74951234567", "rulename": "Яндекс"},
    ],
    "off-work-times": [{"id": "5", "weekday_from": "Пн"}, {"id": "6", "date_from": "2026-12-31"}, {"id": "../../cdr"}],
}
DETAILS = {
    "off-work-times/5": {"id": "5", "calType": "timeframe", "time_from": "18:00", "time_to": "08:59"},
    "off-work-times/6": {"id": "6", "date_from": "1798675200", "date_to": "1798761600", "description": "Новый год"},
}  # fmt: skip


def test_a_mikopbx_tells_its_directory_and_its_calls_over_rest(store: Database, tmp_path: Path) -> None:
    with rest_pbx(RestPbx(lists=LISTS, details=DETAILS, records=[record(1, "2026-11-22 15:03:00")])) as pbx:
        settings = Settings(data=tmp_path / "var")

        RestPuller(pbx.settings(), settings, store).pull()

        assert not any(".." in path for path in pbx.asked)
    assert people(store) == {"201": "Иванов Пётр", "79160001122": "Иванов Пётр", "203": "Борис", "204": None}
    assert rows(store, "select extension, device from extension where kind = 'mobile'") == [
        {"extension": "79160001122", "device": None}
    ]
    assert rows(store, "select name from employee where not active") == [{"name": "Борис"}]
    assert rows(store, "select queue, extension, title from queue order by queue") == [
        {"queue": "2200100", "extension": "2200100", "title": "Продажи"},
        {"queue": "QUEUE-AB12", "extension": "2200100", "title": "Продажи"},
    ]
    assert rows(store, "select line, title from line") == [{"line": "PJSIP/SIP-TRUNK-5D251358", "title": "Ростелеком"}]
    assert rows(store, "select did, title from acquisition_channel") == [{"did": "74951234567", "title": "Яндекс"}]
    assert rows(store, "select distinct opens, closes from working_hours") == [{"opens": "09:00", "closes": "18:00"}]
    assert rows(store, "select on_date::varchar as day, title, opens from holiday order by day") == [
        {"day": "2026-12-31", "title": "Новый год", "opens": None},
        {"day": "2027-01-01", "title": "Новый год", "opens": None},
    ]
    assert rows(store, "select source from call") == [{"source": "mikopbx"}]


def test_lists_that_the_key_may_not_read_leave_the_rest_as_it_is(store: Database, tmp_path: Path) -> None:
    with rest_pbx(RestPbx(lists={"employees": LISTS["employees"]})) as pbx:
        RestPuller(pbx.settings(), Settings(data=tmp_path / "var"), store).pull()

    assert set(people(store)) == {"201", "79160001122", "203"}


def test_a_mobile_that_a_mikopbx_does_not_name_any_more_is_nobodys(store: Database, tmp_path: Path) -> None:
    with rest_pbx(RestPbx(lists={"employees": LISTS["employees"]})) as pbx:
        for mobile in ("89160001122", "+7 916 000-33-44", ""):
            pbx.lists["employees"] = [LISTS["employees"][0] | {"mobile_number": mobile}]
            RestPuller(pbx.settings(), Settings(data=tmp_path / "var"), store).pull()

    found = rows(store, "select extension, until_at is null as is_his from extension order by extension")
    assert found == [
        {"extension": "201", "is_his": True},
        {"extension": "79160001122", "is_his": False},
        {"extension": "79160003344", "is_his": False},
    ]


@pytest.mark.parametrize(
    ("rules", "monday", "saturday"),
    [
        ([{"time_from": "18:00", "time_to": "09:00"}], ("09:00", "18:00"), ("09:00", "18:00")),
        (
            [{"time_from": "20:00", "time_to": "08:00"}, {"weekday_from": "6", "weekday_to": "7"}],
            ("08:00", "20:00"),
            (None, None),
        ),
        (
            [
                {"weekday_from": "1", "weekday_to": "5", "time_from": "00:00", "time_to": "08:59"},
                {"weekday_from": "1", "weekday_to": "5", "time_from": "17:30", "time_to": "23:59"},
            ],
            ("09:00", "17:30"),
            ("00:00", "00:00"),
        ),
        ([{"weekday_from": "5", "weekday_to": "1", "time_from": "x", "time_to": "99:99"}], (None, None), (None, None)),
    ],
)
def test_times_when_a_pbx_is_closed_become_hours_when_we_are_open(
    rules: list[dict[str, str]], monday: tuple[str, str], saturday: tuple[str, str]
) -> None:
    made = {entry.weekday: (entry.opens, entry.closes) for make in hours_of(rules) if (entry := make())}  # type: ignore[union-attr]

    assert (made[1], made[6]) == (monday, saturday)


def test_rules_of_a_calendar_or_for_some_lines_only_are_no_hours_of_the_office() -> None:
    assert (
        list(hours_of([{"calType": "caldav"}, {"time_from": "18:00", "time_to": "09:00", "allowRestriction": True}]))
        == []
    )
