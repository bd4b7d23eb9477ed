"""Analysts: each sees the rows of his scope and, when masked, nobody's number, name or words."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from data.errors import NotAllowed, QueryRejected, StoreError
from data.identity.actor import Actor, Role, Scope
from data.store.database import Database
from data.store.tokens import FileTokenBook, Grant, TokenKind
from data.store.views import FULL, MASKED, WITHHELD
from tests.data.facts import EVENT_SCHEMA, INGEST, batch, call_row, event_row, leg_row, recording_row

NUMBER = "79161234567"
ANALYST = Actor(user="olga", role=Role.ANALYST)
MASKED_GRANT = Grant(kind=TokenKind.RO, actor=ANALYST, masked=True)
FULL_GRANT = Grant(kind=TokenKind.RO, actor=Actor(user="root", role=Role.ADMINISTRATOR), masked=False)
OWN_GRANT = Grant(
    kind=TokenKind.RO,
    actor=Actor(user="ivan", role=Role.MANAGER, scope=Scope.OWN, extensions=frozenset({"202"})),
    masked=False,
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two calls with everything that hangs on them, each table with a secret in it; only read here."""
    with Database(tmp_path_factory.mktemp("office"), readers=2, salt="salt") as database:
        _fill(database)
        yield database


def _fill(database: Database) -> None:
    secret: dict[str, Any] = {
        "caller_name": f"Секрет {NUMBER}",
        "external_number_raw": f"+{NUMBER}",
        "caller_number": NUMBER,
        "called_number": NUMBER,
        "answered_by": [NUMBER, "201"],
    }
    facts = batch(
        [call_row("a", **secret), call_row("b", 60, employees=["202"], rang=["202"])],
        leg=[
            leg_row("a", channel=f"Local/{NUMBER}@out", device=f"Local/{NUMBER}", caller=NUMBER),
            leg_row("b", 1, 60, party="202", ringing_at=call_row("b", 61)["started_at"]),
        ],
        recording=[recording_row("a", f"in-{NUMBER}.wav") | {"heard": [NUMBER, "201"], "party": NUMBER}],
        transfer=[
            {
                "call_id": "a",
                "position": 1,
                "kind": "blind",
                "from_party": "201",
                "to_party": NUMBER,
                "completed": True,
                "transferred_at": call_row("a")["started_at"],
                "events": [],
            }
        ],
        call_interval=[
            {
                "call_id": "a",
                "position": 1,
                "kind": "talk",
                "party": NUMBER,
                "other": "201",
                "started_at": call_row("a")["started_at"],
                "ended_at": call_row("a")["ended_at"],
                "events": [],
            }
        ],
    )
    facts["ami_event"] = pa.Table.from_pylist([event_row(1, "a")], EVENT_SCHEMA)
    database.write_facts(facts, actor=INGEST)
    with database._write({}) as cursor:
        for sql in _PEOPLE.split(";"):
            cursor.execute(sql, {"id": uuid4(), "secret": f"Секрет {NUMBER}"} if "$id" in sql else None)


_PEOPLE = f"""
insert into account by name select $id as account_id, $secret as name, $secret as folded, $secret as notes,
    $secret as external_id, now() as created_at, 'x' as created_by, now() as changed_at, 'x' as changed_by;
insert into contact by name select $id as contact_id, account_id, $secret as name, $secret as folded,
    [$secret] as emails, now() as created_at, 'x' as created_by, now() as changed_at, 'x' as changed_by from account;
insert into phone_assignment by name select $id as assignment_id, '{NUMBER}' as number, account_id, now() as from_at,
    $secret as assigned_by from account;
insert into comment by name select $id as comment_id, 'call' as subject_kind, 'a' as subject_id, $secret as text,
    'x' as author, 'x' as author_name, now() as written_at;
insert into comment_history by name select comment_id, 1 as version, $secret as text, 'x' as author,
    'x' as author_name, now() as written_at, from comment where $id is not null;
insert into lead by name select $id as lead_id, '{NUMBER}' as number, 'a' as call_id, 'call' as source,
    $secret as name, $secret as comment, $secret as result, now() as created_at, 'x' as created_by, now() as changed_at;
insert into task by name select $id as task_id, $secret as title, now() as created_at, 'x' as created_by;
insert into chat by name select $id as chat_id, 'whatsapp' as messenger, 'x' as messenger_account,
    '{NUMBER}' as user_key, $secret as title, '{NUMBER}' as number, now() as created_at;
insert into message by name select $id as message_id, chat_id, $secret as messenger_message_id, 'text' as kind,
    false as ours, $secret as author, $secret as author_name, $secret as text, $secret as media, now() as sent_at,
    $secret as error from chat;
insert into outbox by name select $id as outbox_id, 'message' as kind, '{NUMBER}' as target, $secret as payload,
    now() as created_at, 'x' as created_by, now() as changed_at;
insert into audit select now(), $secret, 'open', 'call', $id::varchar, $secret;
insert into employee by name select $id as employee_id, 'Анна' as name, $secret as email;
insert into extension by name select '{NUMBER}' as extension, 'mobile' as kind, now() as from_at;
insert into agent_session by name select 'pbx' as pbx, 'sales' as queue, '{NUMBER}' as party, 'login' as kind,
    now() as started_at, [] as events
"""


def tables_of(database: Database) -> set[str]:
    """Every table and view of the schema."""
    found = database.query(
        """
        select table_name as name from duckdb_tables() where database_name = 'calls'
        union all
        select view_name as name from duckdb_views() where database_name = 'calls' and not internal
        """,
        actor=INGEST,
    )
    return set(found["name"].to_pylist())


def test_every_table_is_either_shown_to_analysts_or_withheld_on_purpose(database: Database) -> None:
    for schema in (FULL, MASKED):
        visible = database._reading.fence(schema).visible

        assert visible == tables_of(database) - WITHHELD, "say in data/store/views/ what analysts see of a new table"


def test_masked_views_hold_no_number_no_name_and_no_words(office: Database) -> None:
    leaks = {}
    for name in sorted(office._reading.fence(MASKED).visible):
        text = str(office.query_for(MASKED_GRANT, f'select * from "{name}"').to_pylist())
        if NUMBER in text or "Секрет" in text:
            leaks[name] = re.findall(rf"'(\w+)': [^,]*(?:{NUMBER}|Секрет)", text)

    # Who assigned a number is our employee's login name, as is every author of ours.
    assert leaks == {"phone_assignment": ["assigned_by"]}


def test_pseudonyms_can_be_counted_and_joined(office: Database) -> None:
    found = office.query_for(
        MASKED_GRANT,
        "select count(*) as calls, min(external_number) like 'x%' as hidden from call "
        "join number on number.number = call.external_number",
    )

    assert found.to_pylist() == [{"calls": 2, "hidden": True}]


def test_pseudonyms_differ_between_offices(tmp_path: Path) -> None:
    seen = set()
    for salt in ("one", "two"):
        with Database(tmp_path / salt, salt=salt) as database:
            database.write_facts(batch([call_row("a")]), actor=INGEST)
            seen |= set(database.query_for(MASKED_GRANT, "select external_number from call")[0].to_pylist())

    assert len(seen) == 2


def test_the_right_to_full_numbers_shows_them(office: Database) -> None:
    found = office.query_for(FULL_GRANT, "select distinct external_number from call")

    assert found.to_pylist() == [{"external_number": NUMBER}]


def test_the_own_scope_shows_only_calls_in_which_the_extension_took_part(office: Database) -> None:
    found = {
        name: office.query_for(OWN_GRANT, f"select distinct call_id from {name} order by 1")[0].to_pylist()
        for name in ("call", "leg", "offer", "recording", "ami_event", "transfer", "lead")
    }

    assert found == {
        "call": ["b"],
        "leg": ["b"],
        "offer": ["b"],
        "recording": [],
        "ami_event": [],
        "transfer": [],
        "lead": [],
    }
    assert office.query_for(OWN_GRANT, "select * from comment").num_rows == 0
    assert office.query_for(OWN_GRANT, "select * from message").num_rows == 0


def test_nobody_of_an_own_scope_without_extensions_sees_a_call(office: Database) -> None:
    actor = dataclasses.replace(OWN_GRANT.actor or ANALYST, extensions=frozenset())

    found = office.query_for(dataclasses.replace(OWN_GRANT, actor=actor), "select * from call")

    assert found.num_rows == 0


ATTACKS = [
    "select * from main.call",
    "select * from calls.call",
    "select * from calls.main.call",
    'select * from "calls"."main"."call"',
    "select * from reader.full.call",
    'select * from "full".call',
    "select * from masked.call",
    "select * from audit",
    "select * from outbox",
    "select * from schema_version",
    "select * from live.live_call",
    "select * from live_call",
    "select calls.main.call.external_number from call",
    "with calls as (select 1) select * from calls.main.call",
    "with audit as (select 1 as x) select * from audit",
    "select * from (with audit as (select 1 as x) select * from audit) join audit on true",
    "select system.main.read_text('/etc/passwd')",
    "with duckdb_views as (select 1) select * from duckdb_views",
    "with duckdb_columns as (select 1) select * from (select * from duckdb_columns)",
    "with recursive outbox as (select 1 as n union all select n + 1 from outbox where n < 2) from outbox",
    "select (select count(*) from calls.main.call)",
    "select * from call where exists (from calls.main.audit)",
    "select * from call union all select * from calls.main.call",
    "select * from call where external_number in (select external_number from calls.main.call)",
    "select * from call order by (select max(detail) from calls.main.audit)",
    "select * from call limit (select count(*) from calls.main.audit)",
    "select sum(1) filter (where exists (from calls.main.audit)) from call",
    "select list_transform([1], lambda x: (select max(detail) from calls.main.audit))",
    "from (pivot calls.main.call on pbx in ('pbx') using count(*))",
    "from (unpivot calls.main.call on external_number into name n value v)",
    "select * from query('select * from calls.main.call')",
    "select * from query_table('calls.main.call')",
    "select * from query_table(['audit'])",
    "select * from duckdb_tables()",
    "select * from duckdb_tables",
    "select * from duckdb_views()",
    "select * from duckdb_functions()",
    "select * from duckdb_variables()",
    "select * from information_schema.tables",
    "select * from sqlite_master",
    "select * from pg_catalog.pg_class",
    "select * from pg_tables",
    "select * from pragma_table_info('calls.main.call')",
    "select * from pragma_storage_info('calls.main.call')",
    "select * from seq_scan('call')",
    "select getvariable('salt')",
    "select GETVARIABLE('salt')",
    "select main.getvariable('salt')",
    "select \"getvariable\"('salt')",
    "select system.main.getvariable('salt')",
    "select getvariable(x) from (select 'salt' as x)",
    "select 'salt'.getvariable()",
    "select reader.secret.mask('79161234567')",
    "select secret.mask(external_number) from call",
    "select current_setting('memory_limit')",
    "select current_query()",
    "select stats(external_number) from call",
    "select stats(caller_name) from call",
    "select caller_name.stats() from call",
    "select * from (summarize call)",
    "select * from glob('/etc/*')",
    "select * from histogram_values('calls.main.call', 'external_number')",
    "select * from pragma_database_size()",
    "select json_serialize_plan('select * from calls.main.audit')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select * from calls.main.audit'))",
    "select pg_get_viewdef(1)",
    "show tables",
    "describe calls.main.call",
    "summarize calls.main.call",
    "select * from (describe calls.main.call)",
    "select * from (show all tables)",
    "show databases",
    "table calls.main.audit",
    "select * from read_csv('/etc/passwd')",
    "select * from '/etc/passwd'",
    "set variable every_row = true",
    "use calls",
    "select 1; use calls; select * from main.call",
    "explain analyze select * from calls.main.call",
    "insert into call select * from call",
    "create macro f() as 1",
]


@pytest.mark.parametrize("grant", [MASKED_GRANT, OWN_GRANT], ids=["masked", "own"])
@pytest.mark.parametrize("sql", ATTACKS)
def test_no_way_leads_around_the_views(office: Database, grant: Grant, sql: str) -> None:
    with pytest.raises(QueryRejected):
        office.query_for(grant, sql)


@pytest.mark.parametrize("grant", [MASKED_GRANT, OWN_GRANT], ids=["masked", "own"])
@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from call where cast(caller_name as int) > 0",
        "select count(*) from call where error(caller_name) is null",
        "select count(*) from call where caller_name like 'С%' and error(caller_name) is null",
        "select cast(external_number_raw as int) from call",
        "select count(*) from call join leg using (call_id) where error(channel || caller_name) is null",
        "select error(text) from comment",
        "select error(title) from chat",
    ],
)
def test_no_error_message_tells_what_the_views_hide(office: Database, grant: Grant, sql: str) -> None:
    try:
        told = str(office.query_for(grant, sql).to_pylist())
    except QueryRejected as error:
        told = str(error)

    # The number of the one call that is his stands in his rows; what hides it from others is the view.
    assert "Секрет" not in told
    assert grant is OWN_GRANT or NUMBER not in told


@pytest.mark.parametrize("sql", ["select * from audit", "select * from main.audit", "from live_call"])
def test_names_do_not_resolve_outside_the_views_even_if_the_parser_lets_them_pass(
    office: Database, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office._reading._walls, "check", lambda *_: None)

    with pytest.raises(QueryRejected, match="does not exist"):
        office.query_for(MASKED_GRANT, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "with x as (from call), pairs as (select * from x join leg using (call_id)) select count(*) from pairs",
        "select queue, count(*) filter (where outcome = 'missed') as missed from call group by all order by missed",
        "from (pivot call on direction in ('inbound') using count(*))",
        "select unnest(employees) from call",
        "select n from range(3) as r(n) where n > (select count(*) from call) - 10",
        "select hour(timezone('Europe/Moscow', started_at)), quantile_cont(talk_s, 0.9) from call group by 1",
        "select list_transform(rang, lambda p: upper(p)), random() < 2 from call tablesample 100%",
    ],
)
def test_analysis_is_not_hindered(office: Database, sql: str) -> None:
    assert office.query_for(MASKED_GRANT, sql).num_columns > 0


def trail_of(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    rows = database.query("select actor, action, detail from audit where subject_kind = 'sql'", actor=INGEST)
    return [(row["actor"], row["action"], json.loads(row["detail"])) for row in rows.to_pylist()]


def test_what_an_analyst_asks_is_in_the_trail_once_in_half_an_hour(database: Database) -> None:
    database.write_facts(batch([call_row("a")]), actor=INGEST)
    clock = iter([0, 20, 31, 32])
    database._asked._clock = lambda: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=next(clock))
    asked = "select call_id from call where queue = $queue or true"

    for _ in range(3):
        database.query_for(MASKED_GRANT, asked, {"queue": "продажи"})
    with pytest.raises(QueryRejected):
        database.query_for(OWN_GRANT, "select * from audit")

    known = {"sql": asked, "values": "{'queue': 'продажи'}", "masked": True, "rows": 1}
    refused = {"sql": "select * from audit", "masked": False, "reason": trail_of(database)[2][2]["reason"]}
    assert trail_of(database) == [
        ("olga", "sql.ask", known),
        ("olga", "sql.ask", known),
        ("ivan", "sql.refused", refused),
    ]
    assert refused["reason"].startswith("There is no 'audit' for you")


def test_an_answer_that_cannot_be_written_down_is_not_given(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(database, "transact", refuse)

    for _ in range(2):
        with pytest.raises(StoreError, match="disk is full"):
            database.query_for(MASKED_GRANT, "select call_id from call")


def test_nothing_that_one_analyst_sets_reaches_the_next(office: Database) -> None:
    office.query_for(FULL_GRANT, "select * from call")

    found = office.query_for(OWN_GRANT, "select call_id from call")

    assert found.to_pylist() == [{"call_id": "b"}]


def test_a_token_is_known_by_its_hash_only_until_it_is_taken_back(tmp_path: Path) -> None:
    book = FileTokenBook(tmp_path / "tokens.json")
    token = book.issue(ANALYST)
    other_process = FileTokenBook(tmp_path / "tokens.json")

    known = other_process.grant(token)
    text = (tmp_path / "tokens.json").read_text()
    revoked = book.revoke("olga")

    assert known == MASKED_GRANT
    assert token not in text
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    assert revoked == 1
    assert other_process.grant(token) is None


def test_full_numbers_are_granted_only_to_those_who_may_see_them(tmp_path: Path) -> None:
    book = FileTokenBook(tmp_path / "tokens.json")
    supervisor = Actor(user="root", role=Role.SUPERVISOR)

    grants = [book.grant(book.issue(actor, masked=False)) for actor in (ANALYST, supervisor)]

    assert [grant.masked for grant in grants if grant] == [True, False]


def test_a_token_of_nobody_reads_nothing(database: Database) -> None:
    with pytest.raises(NotAllowed, match="belongs to nobody"):
        database.query_for(Grant(kind=TokenKind.RO), "select 1")
