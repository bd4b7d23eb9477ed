"""What an administrator does with people: what changes, who learns of it, and what the trail keeps."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput, NotAllowed, NotFound
from data.identity import database
from data.identity.actor import Actor, Role, Scope, system
from data.identity.sessions import Sessions
from data.identity.tokens import Tokens
from data.identity.users import LastAdministrator, LoginTaken, Rights, Users
from data.journal import CallFilter, CallJournal
from data.services.people import People
from data.settings import Settings
from data.store.database import Database
from data.store.files import TOKENS
from data.store.tokens import FileTokenBook
from data.store.wire import pack_actor, unpack_actor
from tests.builders import Office, at, inbound

BOSS = Actor(user="boss", role=Role.ADMINISTRATOR)
NOW = at("2026-11-20 12:00")
CLERK = Rights(name="Анна", role=Role.MANAGER, scope=Scope.OWN, extensions=frozenset({"201"}))


@dataclass(frozen=True, kw_only=True)
class House:
    people: People
    users: Users
    sessions: Sessions
    tokens: Tokens
    store: Database
    ended: list[str]

    def trail(self) -> list[dict[str, Any]]:
        sql = "select actor, action, subject_id, detail from audit order by acted_at, rowid"
        return self.store.query(sql, actor=system("test")).to_pylist()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(data=tmp_path)
    ended: list[str] = []
    with Database(tmp_path) as store:
        users = Users(settings)
        users.add("boss", role=Role.ADMINISTRATOR, name="Директор", password="password of the boss")
        yield House(
            people=People(settings, store, ended=ended.append),
            users=users,
            sessions=Sessions(settings),
            tokens=Tokens(settings),
            store=store,
            ended=ended,
        )


def test_an_invited_user_has_the_rights_that_were_chosen_and_a_password_for_one_use(house: House) -> None:
    rights = replace(CLERK, scope=Scope.LISTED, listed=frozenset({"205"}), listens=Scope.OWN)

    password = house.people.invite(BOSS, "anna", rights, now=NOW)

    anna = house.users.check("anna", password)
    assert anna is not None
    assert anna.must_change
    assert set(anna.actor.seen) == {"201", "205"}
    assert set(anna.actor.heard) == {"201"}
    (row,) = house.trail()
    assert (row["actor"], row["action"], row["subject_id"]) == ("boss", "user.invite", "anna")
    assert password not in row["detail"]


def test_a_login_is_given_once(house: House) -> None:
    house.people.invite(BOSS, "anna", CLERK, now=NOW)

    with pytest.raises(LoginTaken):
        house.people.invite(BOSS, "anna", CLERK, now=NOW)


def test_nobody_but_an_administrator_does_any_of_it(house: House) -> None:
    head = Actor(user="anna", role=Role.SUPERVISOR)

    for act in (
        lambda: house.people.everybody(head),
        lambda: house.people.invite(head, "ivan", CLERK, now=NOW),
        lambda: house.people.set_rights(head, "boss", CLERK, now=NOW),
        lambda: house.people.reset(head, "boss", now=NOW),
        lambda: house.people.lock(head, "boss", True, now=NOW),
        lambda: house.people.end_sessions(head, "boss", now=NOW),
        lambda: house.people.save_team(head, "Продажи", extensions=frozenset(), head=None, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert house.trail() == []


def test_the_trail_tells_what_a_right_was_and_became(house: House) -> None:
    house.people.invite(BOSS, "anna", CLERK, now=NOW)

    house.people.set_rights(BOSS, "anna", replace(CLERK, scope=Scope.ALL), now=NOW)
    house.people.set_rights(BOSS, "anna", replace(CLERK, scope=Scope.ALL), now=NOW)

    told = [json.loads(row["detail"]) for row in house.trail() if row["action"] == "user.rights"]
    assert told == [{"scope": ["own", "all"]}]


def test_new_rights_hold_for_a_session_that_is_open(house: House) -> None:
    house.people.invite(BOSS, "anna", CLERK, now=NOW)
    anna = house.users.find("anna")
    assert anna is not None
    secret = house.sessions.open(anna).secret

    house.people.set_rights(BOSS, "anna", replace(CLERK, role=Role.ANALYST), now=NOW)

    found = house.sessions.find(secret)
    assert found is not None
    assert found.user.role is Role.ANALYST


def test_the_last_administrator_can_neither_be_locked_out_nor_become_less(house: House) -> None:
    with pytest.raises(LastAdministrator):
        house.people.lock(BOSS, "boss", True, now=NOW)
    with pytest.raises(LastAdministrator):
        house.people.set_rights(BOSS, "boss", CLERK, now=NOW)
    assert house.trail() == []

    house.people.invite(BOSS, "vera", replace(CLERK, role=Role.ADMINISTRATOR), now=NOW)
    house.people.lock(BOSS, "boss", True, now=NOW)

    boss = house.users.find("boss")
    assert boss is not None
    assert boss.locked


def test_a_lock_ends_sessions_and_keys_and_open_pages_hear_of_it(house: House) -> None:
    house.people.invite(BOSS, "anna", CLERK, now=NOW)
    anna = house.users.find("anna")
    assert anna is not None
    opened, key = house.sessions.open(anna, agent="Firefox"), house.tokens.issue("anna", "выгрузка")

    house.people.lock(BOSS, "anna", True, now=NOW)
    house.people.lock(BOSS, "anna", False, now=NOW)

    assert house.sessions.find(opened.secret) is None
    assert house.tokens.find(key) is None
    assert house.ended == [opened.session.key]


def test_one_browser_of_several_is_logged_out(house: House) -> None:
    house.people.invite(BOSS, "anna", CLERK, now=NOW)
    anna = house.users.find("anna")
    assert anna is not None
    here = house.sessions.open(anna, address="10.0.0.7", agent="Firefox")
    elsewhere = house.sessions.open(anna, address="10.0.0.8", agent="Chrome")

    house.people.end_session(BOSS, "anna", elsewhere.session.key, now=NOW)

    assert [browser.agent for browser in house.people.sessions(BOSS, "anna")] == ["Firefox"]
    assert house.sessions.find(here.secret) is not None
    with pytest.raises(NotFound):
        house.people.end_session(BOSS, "boss", here.session.key, now=NOW)


def test_a_head_sees_and_hears_his_team_and_a_removed_team_leaves_him_his_own(house: House) -> None:
    team_id = house.people.save_team(BOSS, "Продажи", extensions=frozenset({"201", "202"}), head=None, now=NOW)
    rights = replace(CLERK, role=Role.SUPERVISOR, scope=Scope.GROUP, team_id=team_id)
    house.people.invite(BOSS, "anna", rights, now=NOW)
    office = Office(house.store)
    seen = [office.add(inbound("2026-11-20 10:00", talked=phone)) for phone in ("201", "202", "203")]

    anna = house.users.find("anna")
    assert anna is not None
    page = CallJournal(house.store, site=office.site).page(anna.actor, CallFilter(), as_of=NOW)

    assert {row.call_id for row in page.rows} == set(seen[:2])
    assert anna.actor.heard == {"201", "202"}
    house.people.remove_team(BOSS, team_id, now=NOW)
    alone = house.users.find("anna")
    assert alone is not None
    assert alone.actor.seen == {"201"}


def test_calls_of_named_teams_are_seen_and_heard_as_long_as_the_teams_have_those_phones(house: House) -> None:
    save = partial(house.people.save_team, BOSS, head=None, now=NOW)
    sales, repair, stock = (
        save(title, extensions=frozenset(phones))
        for title, phones in (("Продажи", {"202", "203"}), ("Ремонт", {"301"}), ("Склад", {"401"}))
    )
    rights = replace(CLERK, scope=Scope.LISTED, listed=frozenset({"209", "210"}), listens=Scope.LISTED)
    seen, heard = frozenset({sales, repair, stock, "gone"}), frozenset({sales, repair})
    rights = replace(rights, listed_teams=seen, listens_to=frozenset({"209"}), listens_to_teams=heard)
    house.people.invite(BOSS, "anna", rights, now=NOW)

    def reach() -> tuple[set[str], set[str]]:
        anna = house.users.find("anna")
        assert anna is not None
        return set(anna.actor.seen), set(anna.actor.heard)

    at_first = reach()
    save("Продажи", extensions=frozenset({"202"}), team_id=sales)
    house.people.remove_team(BOSS, repair, now=NOW)

    assert at_first == ({"201", "209", "210", "202", "203", "301", "401"}, {"201", "209", "202", "203", "301"})
    assert reach() == ({"201", "209", "210", "202", "401"}, {"201", "209", "202"})
    assert house.users.find("boss").actor.heard == frozenset()  # type: ignore[union-attr]
    (invited,) = [json.loads(line["detail"]) for line in house.trail() if line["action"] == "user.invite"]
    assert invited["listed_teams"] == ["Продажи", "Ремонт", "Склад"], "teams that are gone are left out"
    assert (invited["listens_to"], invited["listens_to_teams"]) == (["209"], ["Продажи", "Ремонт"])


def test_a_changed_team_takes_back_the_notebooks_of_those_who_see_by_it(house: House, tmp_path: Path) -> None:
    team_id = house.people.save_team(BOSS, "Продажи", extensions=frozenset({"202"}), head=None, now=NOW)
    listed = replace(CLERK, scope=Scope.LISTED, listens=Scope.LISTED)
    house.people.invite(BOSS, "anna", replace(listed, listed_teams=frozenset({team_id})), now=NOW)
    house.people.invite(BOSS, "ivan", replace(listed, listens_to_teams=frozenset({team_id})), now=NOW)
    house.people.invite(BOSS, "lev", listed, now=NOW)
    book = FileTokenBook(tmp_path / TOKENS)
    tokens = {user.login: book.issue(user.actor) for user in house.users.list()}

    house.people.save_team(BOSS, "Продажи", extensions=frozenset(), head=None, team_id=team_id, now=NOW)

    assert [login for login, token in tokens.items() if FileTokenBook(tmp_path / TOKENS).grant(token) is None] == [
        "anna",
        "ivan",
    ]


@pytest.mark.parametrize(
    ("see", "hear", "heard"),
    [
        (Scope.OWN, Scope.ALL, {"201"}),
        (Scope.GROUP, Scope.OWN, {"201"}),
        (Scope.GROUP, Scope.LISTED, {"201"}),
        (Scope.LISTED, Scope.ALL, {"201", "209", "210"}),
        (Scope.LISTED, Scope.LISTED, {"201", "210"}),
        (Scope.ALL, Scope.LISTED, {"201", "210", "211"}),
        (Scope.ALL, Scope.GROUP, {"201", "202"}),
    ],
)
def test_nobody_hears_more_than_he_sees(see: Scope, hear: Scope, heard: set[str]) -> None:
    actor = Actor(
        user="anna",
        role=Role.SUPERVISOR,
        extensions=frozenset({"201"}),
        group=frozenset({"202"}),
        scope=see,
        listed=frozenset({"209", "210"}),
        listens=hear,
        listens_to=frozenset({"210", "211"}),
    )

    assert not actor.hears_all
    assert actor.heard == heard


@pytest.mark.parametrize("phone", ["20 1".replace(" ", "\t"), "<b>", "2" * 40, "'; drop"])
def test_what_is_no_phone_is_refused_by_name(house: House, phone: str) -> None:
    with pytest.raises(BadInput, match="is no internal number"):
        house.people.invite(BOSS, "anna", replace(CLERK, extensions=frozenset({phone})), now=NOW)

    assert house.users.find("anna") is None


def test_users_of_an_earlier_version_keep_what_they_had(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "identity.sqlite") as old:
        old.execute(
            "create table app_user (login varchar primary key, name varchar not null, role varchar not null, "
            "scope varchar not null, employee_id varchar, extensions varchar not null, password_hash varchar not null, "
            "must_change boolean not null, locked boolean not null, created_at float not null)"
        )
        old.execute("insert into app_user values ('anna', 'Анна', 'manager', 'own', null, '201', 'x', 0, 0, 1.0)")

    anna = Users(Settings(data=tmp_path)).find("anna")

    assert anna is not None
    assert (anna.scope, anna.listens) == (Scope.OWN, Scope.ALL)
    assert set(anna.actor.heard) == {"201"}


def test_users_and_tokens_of_the_time_of_one_list_go_on_seeing_and_hearing_whom_it_named(
    house: House, tmp_path: Path
) -> None:
    team_id = house.people.save_team(BOSS, "Продажи", extensions=frozenset({"202"}), head=None, now=NOW)
    listed = replace(CLERK, scope=Scope.LISTED, listens=Scope.LISTED, listed=frozenset({"209"}))
    house.people.invite(BOSS, "anna", replace(listed, listed_teams=frozenset({team_id})), now=NOW)
    with sqlite3.connect(tmp_path / "identity.sqlite") as users:
        for name in ("listens_to", "listens_to_teams"):
            users.execute(f"alter table app_user drop column {name}")
    database._open.cache_clear()  # as another process would find it

    anna = Users(Settings(data=tmp_path)).find("anna")

    assert anna is not None
    assert anna.actor.seen == anna.actor.heard == {"201", "202", "209"}
    token = {name: value for name, value in pack_actor(anna.actor).items() if name != "listens_to"}
    assert unpack_actor(token) == anna.actor
