"""What is said to clients without a person: once per event, in time, and never in groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from data.errors import BadInput
from data.identity.actor import system
from data.messaging import MessageKind, MessageReceived, Messenger
from data.queries import read
from data.services.chats.automating import automate
from data.services.chats.automation import usable_automation
from data.services.chats.received_rows import Delivered
from data.services.chats.receiving import receive
from data.services.messenger_accounts import create_account, get_account, update_account
from data.settings import Site
from data.store.database import Database
from data.store.protocol import LiveTable
from data.working_hours import Schedule
from tests.chats import chat_database, emptied
from tests.data.told import employee

ME, ZONE, SCHEDULE = system("test"), ZoneInfo("Europe/Moscow"), Schedule()
NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday, 12:00 in Moscow; open from 9 to 18
TEXTS = {
    "greeting": "Здравствуйте!",
    "out_of_hours": "Мы ответим утром.",
    "nobody_answers": "Ещё минуту.",
    "closing": "До свидания!",
    "after_min": 10,
}
PEOPLE = (("Анна", "221"), ("Борис", "222"))
SEEN = {"now": NOON, "from_at": NOON - timedelta(days=14), "patience_s": 3.9}
SAID = "select text, author, state from message where author = 'system:chats' order by sent_at, text"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with chat_database(tmp_path_factory.mktemp("automation")) as database:
        yield database


@pytest.fixture
def database(opened: Database) -> Database:
    for table in ("chat_automation", "task", "extension", "agent_session"):
        opened._writer.execute(f"delete from {table}")
    emptied(opened)
    config = {"connection": {}, "automation": TEXTS}
    create_account(opened, ME, "bot", Messenger.TELEGRAM, "Бот", config=config, now=NOON)
    return opened


def writes(
    database: Database, minutes: float = 0, *, number: int = 1, user: str = "42", is_group: bool = False
) -> None:
    sent_at = NOON + timedelta(minutes=minutes)
    message = MessageReceived(
        messenger_message_id=f"m{number}",
        user_key=user,
        user_name="Пётр",
        sent_at=sent_at,
        kind=MessageKind.TEXT,
        text="Есть кто?",
        is_group=is_group,
    )
    delivered = Delivered(account="bot", messenger=Messenger.TELEGRAM, items=[message])
    receive(database, ME, [delivered], site=Site(), now=sent_at)


def passes(database: Database, *minutes: float) -> list[str]:
    """What was said after automation looked at each of these minutes."""
    for minute in minutes:
        automate(database, SCHEDULE, ZONE, now=NOON + timedelta(minutes=minute))
    return [row["text"] for row in rows(database, SAID)]


def rows(database: Database, sql: str) -> list[dict[str, Any]]:
    return database.query(sql, actor=ME).to_pylist()


def test_a_new_client_is_greeted_once(database: Database) -> None:
    writes(database)

    assert passes(database, 1, 2) == ["Здравствуйте!"]
    writes(database, 3, number=2)
    assert passes(database, 4) == ["Здравствуйте!"]


def test_what_is_said_is_on_its_way_and_has_its_line_and_the_client_still_waits(database: Database) -> None:
    writes(database)
    passes(database, 1)

    assert rows(database, "select author, state from message where ours") == [
        {"author": "system:chats", "state": "queued"}
    ]
    assert rows(database, "select kind, target, state from outbox") == [
        {"kind": "message", "target": "bot", "state": "queued"}
    ]
    assert rows(database, "select actor, detail from chat_event where kind = 'automation'") == [
        {"actor": "system:chats", "detail": '{"rule": "greeting"}'}
    ]
    assert rows(database, "select waiting_since is not null as waits, answered_at, state from chat") == [
        {"waits": True, "answered_at": None, "state": "queued"}
    ]


def test_who_waits_for_long_is_told_so_once_each_time(database: Database) -> None:
    writes(database)

    assert passes(database, 1, 9) == ["Здравствуйте!"]
    assert passes(database, 10, 11, 60) == ["Здравствуйте!", "Ещё минуту."]


def test_waiting_counts_in_working_time_only(database: Database) -> None:
    evening = 5 * 60 + 55  # 17:55: five minutes of Friday, the rest on Monday
    writes(database, evening)
    monday = 3 * 24 * 60 - 3 * 60  # 09:00

    assert "Ещё минуту." not in passes(database, evening + 1, evening + 20, monday + 4)
    assert "Ещё минуту." in passes(database, monday + 5)


def test_at_night_the_client_hears_when_somebody_will_answer(database: Database) -> None:
    writes(database, 10 * 60)

    assert passes(database, 10 * 60 + 1, 10 * 60 + 30) == ["Мы ответим утром."]


def test_a_closed_chat_ends_with_a_farewell(database: Database) -> None:
    writes(database)
    closed = {"at": NOON + timedelta(minutes=5)}
    database._writer.execute("update chat set state = 'closed', closed_at = $at, waiting_since = null", closed)

    assert passes(database, 6, 7) == ["До свидания!"]


def test_a_group_hears_nothing(database: Database) -> None:
    writes(database, is_group=True)

    assert passes(database, 1, 11) == []


def test_it_can_be_switched_off_and_greets_nobody_of_before(database: Database) -> None:
    writes(database)
    set_automation(database, TEXTS | {"on": False})
    assert passes(database, 1, 11) == []

    set_automation(database, TEXTS | {"nobody_answers": ""})
    assert passes(database, 16) == []


def test_who_is_to_know_gets_a_task_that_ends_with_the_answer(database: Database) -> None:
    olga, boris = (str(employee(database, name, phone)) for name, phone in (("Ольга", "210"), ("Борис", "211")))
    to = {"escalation": "Клиент ждёт:", "escalate_min": 20, "escalate_to": [olga, boris]}
    set_automation(database, {"after_min": 10} | to)
    writes(database)
    tasks = "select title, owner_id::varchar as owner, done_at is not null as done from task order by owner_id"

    passes(database, 19)
    assert rows(database, tasks) == []
    passes(database, 20, 21)
    assert rows(database, tasks) == [
        {"title": "Клиент ждёт: Пётр", "owner": one, "done": False} for one in sorted((olga, boris))
    ]
    assert rows(database, "select detail from chat_event where kind = 'automation'") == [
        {"detail": '{"rule": "escalation", "text": "(Борис, Ольга)"}'}
    ]
    assert rows(database, "select len(watcher_ids) as watchers, state from chat") == [
        {"watchers": 2, "state": "queued"}
    ]

    database._writer.execute("update chat set waiting_since = null")
    passes(database, 22)
    assert [row["done"] for row in rows(database, tasks)] == [True, True]


def test_a_waiting_chat_goes_to_somebody_once_with_its_line(database: Database) -> None:
    anna, boris = (str(employee(database, name, phone)) for name, phone in (("Анна", "212"), ("Борис", "213")))
    word = {"words": "кто", "employee_ids": [boris]}
    set_automation(database, {"routing": {"by_word": [word], "employee_ids": [anna]}})
    writes(database)
    assigned = "select state, assignee_id::varchar as who, waiting_since is not null as waits from chat"

    passes(database, 1)
    assert rows(database, assigned) == [{"state": "active", "who": boris, "waits": True}]
    told = "select actor, employee_id::varchar as who, detail from chat_event where kind = 'assigned'"
    detail = '{"rule": "routing", "to": "Борис", "text": "(кто)"}'
    assert rows(database, told) == [{"actor": "system:chats", "who": boris, "detail": detail}]

    # A person who puts it back into the queue has decided.
    database._writer.execute("update chat set state = 'queued', assignee_id = null")
    passes(database, 2)
    assert rows(database, assigned) == [{"state": "queued", "who": None, "waits": True}]


def test_chats_that_wait_together_are_shared_out(database: Database) -> None:
    people = [str(employee(database, name, phone)) for name, phone in (("Анна", "214"), ("Борис", "215"))]
    set_automation(database, {"routing": {"employee_ids": people, "most_chats": 2}})
    for number in range(5):
        writes(database, number=number, user=str(number))

    passes(database, 1)

    found = rows(database, "select assignee_id::varchar as who, count(*) as n from chat group by all")
    assert {row["who"]: row["n"] for row in found} == {people[0]: 2, people[1]: 2, None: 1}


def test_nobody_gets_a_chat_while_his_queues_have_him_paused_or_logged_out(database: Database) -> None:
    anna, boris = (str(employee(database, name, phone)) for name, phone in PEOPLE)
    set_automation(database, {"routing": {"employee_ids": [anna, boris]}})
    session = {"pbx": "pbx", "queue": "sales", "party": "222", "kind": "login", "started_at": NOON, "events": []}
    database.append("agent_session", pa.Table.from_pylist([session]), actor=ME)
    writes(database)
    assigned = "select assignee_id::varchar as who from chat"

    # Without word of the PBX nothing is known of anybody; nor of those who are in no queue.
    queue(database, link=False)
    loads = {row["name"]: row["is_away"] for row in database.query(read("chats/loads"), SEEN, actor=ME).to_pylist()}
    assert loads == {"Анна": False, "Борис": False}
    queue(database, {"party": "221", "is_paused": True})
    passes(database, 1)
    assert rows(database, assigned) == [{"who": None}]

    queue(database, {"party": "221", "is_paused": True}, {"party": "221", "queue": "vip"})
    passes(database, 2)
    assert rows(database, assigned) == [{"who": anna}]


def queue(database: Database, *members: dict[str, Any], link: bool = True) -> None:
    """What the PBX told just now: who is in a queue."""
    usual = {"pbx": "pbx", "queue": "sales", "interface": "x", "is_dynamic": True, "state": "free", "calls_taken": 0}
    told = [{**usual, "state_since_at": NOON, "is_paused": False, **member} for member in members]
    standing = [{"pbx": "pbx", "state": "up" if link else "lost", "heard_ago_s": -60.0}]
    for table, those in ((LiveTable.MEMBERS, told), (LiveTable.LINK, standing)):
        database.write_live("pbx", pa.Table.from_pylist(those), actor=ME, table=table)


def test_at_night_and_in_groups_nobody_gets_a_chat_and_nobody_is_told(database: Database) -> None:
    anna = str(employee(database, "Анна", "216"))
    every = {"routing": {"employee_ids": [anna]}, "escalation": "Ждёт:", "escalate_min": 1, "escalate_to": [anna]}
    set_automation(database, every)
    writes(database, number=2, user="-7", is_group=True)
    passes(database, 5)
    writes(database, 10 * 60)
    passes(database, 10 * 60 + 5)

    assert rows(database, "select distinct state from chat") == [{"state": "queued"}]
    assert rows(database, "select 1 from task") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"after_min": 0},
        {"after_min": "ten"},
        {"after_min": True},
        {"greeting": "x" * 1001},
        {"escalate_min": 1441},
        {"escalation": "x" * 1001},
        {"signature": "x" * 101},
    ],
)
def test_what_cannot_be_set_is_named(wrong: dict[str, Any]) -> None:
    [name] = wrong

    with pytest.raises(BadInput, match=name):
        usable_automation(TEXTS | wrong)


def set_automation(database: Database, automation: dict[str, Any]) -> None:
    one = get_account(database, ME, "bot")
    config = {**one.config, "automation": automation}
    update_account(database, ME, "bot", title="Бот", config=config, enabled=True, version=one.version, now=NOON)
