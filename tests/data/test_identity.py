"""Who may log in: users, passwords, sessions, tokens, and the throttle."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from commands.users import first_administrator
from data.errors import DatabaseUnusable, NotFound
from data.identity import passwords
from data.identity.actor import Role, Scope
from data.identity.passwords import PasswordRefused, hash_password, is_password
from data.identity.sessions import Sessions
from data.identity.throttle import Throttle
from data.identity.tokens import Tokens
from data.identity.users import LoginRefused, LoginTaken, PreferenceRefused, Users
from data.settings import Settings, Web

PASSWORD = "correct horse"


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second for each password would be most of the time of these tests."""
    if "costs" not in request.node.name:
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, web=Web(session_hours=2))


@pytest.fixture
def users(settings: Settings, clock: Clock) -> Users:
    users = Users(settings, clock=clock)
    users.add("anna", role=Role.MANAGER, name="Анна Петрова", extension="201 202", password=PASSWORD)
    return users


def test_a_new_user_gets_a_one_time_password_that_must_be_changed(users: Users) -> None:
    password = users.add("boris", role=Role.SUPERVISOR, name="Борис")

    user = users.check("boris", password)
    assert user is not None
    assert user.must_change


def test_a_password_costs_64_mebibytes_and_three_passes_to_try() -> None:
    assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_is_kept_as_an_argon2id_hash_only(users: Users, tmp_path: Path) -> None:
    row = sqlite3.connect(tmp_path / "identity.sqlite").execute("select password_hash from app_user").fetchone()

    assert row[0].startswith("$argon2id$")
    assert all(PASSWORD.encode() not in file.read_bytes() for file in tmp_path.glob("identity.sqlite*"))


def test_a_manager_sees_his_own_calls_and_others_see_all_unless_told_otherwise(users: Users) -> None:
    users.add("boris", role=Role.SUPERVISOR, name="Борис", password=PASSWORD)
    users.add("vera", role=Role.MANAGER, name="Вера", scope=Scope.ALL, password=PASSWORD)

    scopes = {user.login: user.scope for user in users.list()}

    assert scopes == {"anna": Scope.OWN, "boris": Scope.ALL, "vera": Scope.ALL}


def test_an_actor_carries_the_extensions_of_its_user(users: Users) -> None:
    user = users.find("anna")

    assert user is not None
    assert user.actor.extensions == {"201", "202"}
    assert user.actor.name == "Анна Петрова"


@pytest.mark.parametrize("login", ["", "Anna", "анна", "a b", "../x", "a" * 65])
def test_a_strange_login_name_is_refused_with_the_rule(users: Users, login: str) -> None:
    with pytest.raises(LoginRefused, match="small latin letters"):
        users.add(login, role=Role.MANAGER, name="x")


def test_a_login_name_is_given_once(users: Users) -> None:
    with pytest.raises(LoginTaken, match="anna"):
        users.add("anna", role=Role.ANALYST, name="Другая Анна", password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(users: Users, password: str) -> None:
    with pytest.raises(PasswordRefused):
        users.change_password("anna", password)


def test_neither_a_wrong_password_nor_an_unknown_user_is_let_in(users: Users) -> None:
    assert users.check("anna", "wrong password") is None
    assert users.check("nobody", PASSWORD) is None
    assert not is_password("anything", None)


def test_a_locked_user_is_kept_out_and_comes_back_unlocked(users: Users) -> None:
    users.lock("anna")
    assert users.check("anna", PASSWORD) is None

    users.lock("anna", locked=False)
    assert users.check("anna", PASSWORD) is not None


def test_ensuring_a_demo_user_twice_keeps_the_first_password(users: Users) -> None:
    users.ensure("demo", password="first one", role=Role.ANALYST, name="Демо")
    users.ensure("demo", password="second one", role=Role.ANALYST, name="Демо")

    assert users.check("demo", "first one") is not None


def test_resetting_an_unknown_user_says_where_to_look(users: Users) -> None:
    with pytest.raises(NotFound, match="user list"):
        users.reset("nobody")


def test_preferences_are_kept_for_each_user(users: Users) -> None:
    users.prefer("anna", "theme", "light")
    users.prefer("anna", "theme", "dark")
    users.prefer("boris", "theme", "system")

    assert users.preferences("anna") == {"theme": "dark"}


def test_preferences_do_not_grow_without_bound(users: Users) -> None:
    for number in range(200):
        users.prefer("anna", f"name{number}", "x")

    users.prefer("anna", "name7", "y")
    with pytest.raises(PreferenceRefused, match="too many"):
        users.prefer("anna", "one more", "x")
    with pytest.raises(PreferenceRefused, match="characters"):
        users.prefer("anna", "name7", "x" * 20_001)


def test_a_session_is_found_by_its_secret_which_is_not_stored(
    settings: Settings, users: Users, clock: Clock, tmp_path: Path
) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None

    opened = sessions.open(user, address="10.0.0.7", agent="Firefox")

    found = sessions.find(opened.secret)
    assert found is not None
    assert found.user.login == "anna"
    assert sessions.find("guessed") is None
    assert sessions.find(None) is None
    assert all(opened.secret.encode() not in file.read_bytes() for file in tmp_path.glob("identity.sqlite*"))


def test_a_session_ends_when_nobody_used_it_for_the_time_of_the_settings(
    settings: Settings, users: Users, clock: Clock
) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None
    secret = sessions.open(user).secret

    clock.at += 1.5 * 3600
    assert sessions.find(secret) is not None  # and this use prolongs it
    clock.at += 1.5 * 3600
    assert sessions.find(secret) is not None
    clock.at += 2.1 * 3600

    assert sessions.find(secret) is None


def test_a_session_that_is_used_every_hour_still_ends_after_thirty_days(
    settings: Settings, users: Users, clock: Clock
) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None
    secret = sessions.open(user).secret

    used = [sessions.find(secret)]
    for _ in range(31 * 24):
        clock.at += 3600
        used.append(sessions.find(secret))

    assert used[29 * 24] is not None
    assert used[-1] is None


def test_the_heartbeat_of_a_stream_does_not_prolong_a_session(settings: Settings, users: Users, clock: Clock) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None
    key = sessions.open(user).session.key

    clock.at += 1.5 * 3600
    assert sessions.find_key(key, touch=False) is not None
    clock.at += 1.5 * 3600

    assert sessions.find_key(key, touch=False) is None


@pytest.mark.parametrize("act", ["reset", "change_password", "lock"])
def test_a_new_password_or_a_lock_ends_all_sessions(settings: Settings, users: Users, clock: Clock, act: str) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None
    secrets = [sessions.open(user).secret for _ in range(2)]

    if act == "change_password":
        users.change_password("anna", "another password")
    else:
        getattr(users, act)("anna")

    assert [sessions.find(secret) for secret in secrets] == [None, None]


def test_closing_one_session_leaves_the_others(settings: Settings, users: Users, clock: Clock) -> None:
    sessions = Sessions(settings, clock=clock)
    user = users.find("anna")
    assert user is not None
    first, second = sessions.open(user), sessions.open(user)

    sessions.close(first.session.key)

    assert sessions.find(first.secret) is None
    assert sessions.find(second.secret) is not None


def test_a_token_acts_as_its_user_until_revoked(settings: Settings, users: Users, clock: Clock) -> None:
    tokens = Tokens(settings, clock=clock)
    secret = tokens.issue("anna", "выгрузка")

    user = tokens.find(secret)
    assert user is not None
    assert user.login == "anna"

    tokens.revoke("boris", tokens.list("anna")[0].token_id)
    assert tokens.find(secret) is not None  # somebody else cannot revoke it
    tokens.revoke("anna", tokens.list("anna")[0].token_id)
    assert tokens.find(secret) is None


def test_locking_a_user_takes_his_tokens_away_for_good(settings: Settings, users: Users, clock: Clock) -> None:
    tokens = Tokens(settings, clock=clock)
    secret = tokens.issue("anna", "скрипт")

    users.lock("anna")
    users.lock("anna", locked=False)

    assert tokens.find(secret) is None


def test_failures_make_the_next_attempt_wait_longer_and_longer(settings: Settings, clock: Clock) -> None:
    throttle = Throttle(settings, clock=clock)
    waits = []

    for _ in range(14):
        throttle.failed("anna", "10.0.0.7")
        waits.append(throttle.wait_s("anna", "10.0.0.7"))
        clock.at += waits[-1]

    assert waits[:6] == [0, 0, 1, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == 300


def test_guessing_from_one_address_does_not_lock_the_user_out_elsewhere(settings: Settings, clock: Clock) -> None:
    throttle = Throttle(settings, clock=clock)

    for _ in range(10):
        throttle.failed("anna", "10.0.0.7")

    assert throttle.wait_s("anna", "10.0.0.7") > 0
    assert throttle.wait_s("anna", "10.0.0.8") == 0


def test_one_address_that_tries_many_names_must_wait_with_every_name(settings: Settings, clock: Clock) -> None:
    throttle = Throttle(settings, clock=clock)

    for number in range(25):
        throttle.failed(f"user{number}", "10.0.0.7")

    assert throttle.wait_s("never-tried", "10.0.0.7") > 0


def test_a_login_forgets_the_typos_before_it(settings: Settings, clock: Clock) -> None:
    throttle = Throttle(settings, clock=clock)
    for _ in range(5):
        throttle.failed("anna", "10.0.0.7")

    throttle.succeeded("anna", "10.0.0.7")

    assert throttle.wait_s("anna", "10.0.0.7") == 0


def test_a_file_that_is_no_database_of_users_is_named(tmp_path: Path) -> None:
    (tmp_path / "identity.sqlite").write_text("this is not a database, whatever its name says")

    with pytest.raises(DatabaseUnusable, match=r"identity\.sqlite"):
        Users(Settings(data=tmp_path))


def test_the_database_of_users_is_readable_by_its_owner_only(users: Users, tmp_path: Path) -> None:
    assert (tmp_path / "identity.sqlite").stat().st_mode & 0o077 == 0


def test_the_first_start_says_a_one_time_password_of_an_administrator_and_a_later_one_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for name in ("one", "other", "other"):
        first_administrator(Settings(data=tmp_path / name))
        said.append(capsys.readouterr().out)

    words = re.findall(r"log in as admin with the one-time password ([a-z0-9-]{14})\n", "".join(said))
    admin = Users(Settings(data=tmp_path / "one")).check("admin", words[0])
    assert admin is not None
    assert (admin.role, admin.must_change) == (Role.ADMINISTRATOR, True)
    assert len(set(words)) == 2, "no two offices have the same"
    assert said[2] == ""
