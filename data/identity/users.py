"""Who may log in, as whom, and what each of them chose for himself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from data.errors import CallboardError, NotFound
from data.identity.actor import Actor, Role, Scope
from data.identity.database import api_token, app_user, open_identity, team, user_preference, user_session
from data.identity.passwords import hash_password, is_password, one_time_password
from data.settings import Settings

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_LONGEST_PREFERENCE = 20_000
_LONGEST_NAME = 64
_MOST_PREFERENCES = 200


class LoginTaken(CallboardError):
    """There is a user of that name."""


class PreferenceRefused(CallboardError):
    """It is too long, or there are too many."""


class LastAdministrator(CallboardError):
    """Nobody else could let people in."""


class LoginRefused(CallboardError):
    """That is no login name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person who may log in."""

    login: str
    name: str
    role: Role
    scope: Scope
    employee_id: str | None
    extensions: frozenset[str]
    must_change: bool
    locked: bool
    listed: frozenset[str] = frozenset()  # phones named for seeing
    listed_teams: frozenset[str] = frozenset()  # ids of the teams named for seeing
    listed_phones: frozenset[str] = frozenset()  # of those teams
    listens: Scope = Scope.ALL
    listens_to: frozenset[str] = frozenset()  # the same three for listening
    listens_to_teams: frozenset[str] = frozenset()
    listens_to_phones: frozenset[str] = frozenset()
    team_id: str | None = None
    group: frozenset[str] = frozenset()  # extensions of the team
    created_at: float = 0.0

    @property
    def actor(self) -> Actor:
        return Actor(
            user=self.login,
            role=self.role,
            name=self.name,
            employee_id=self.employee_id,
            extensions=self.extensions,
            group=self.group,
            scope=self.scope,
            listed=self.listed | self.listed_phones,
            listens=self.listens,
            listens_to=self.listens_to | self.listens_to_phones,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What an administrator decides about a user."""

    name: str
    role: Role
    scope: Scope
    listed: frozenset[str] = frozenset()
    listed_teams: frozenset[str] = frozenset()
    listens: Scope = Scope.ALL
    listens_to: frozenset[str] = frozenset()
    listens_to_teams: frozenset[str] = frozenset()
    employee_id: str | None = None
    extensions: frozenset[str] = frozenset()
    team_id: str | None = None


class Users:
    """The people of one installation."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = open_identity(settings)
        self._clock = clock

    def list(self) -> list[User]:
        """Everybody, by login name."""
        with self._engine.connect() as connection:
            return [user_of(row) for row in connection.execute(with_team().order_by(app_user.c.login))]

    def find(self, login: str) -> User | None:
        with self._engine.connect() as connection:
            row = connection.execute(with_team().where(app_user.c.login == login)).first()
        return user_of(row) if row else None

    def add(
        self,
        login: str,
        *,
        role: Role,
        name: str,
        extension: str | None = None,
        employee_id: str | None = None,
        scope: Scope | None = None,
        password: str | None = None,
    ) -> str:
        """Let a person in; the password, a one-time one unless given.

        scope: a manager's own calls and everything for others, unless given.
        Raises LoginTaken, LoginRefused, PasswordRefused.
        """
        valid_login(login)
        chosen = password or one_time_password()
        row = {
            "login": login,
            "name": name,
            "role": role.value,
            "scope": (scope or (Scope.OWN if role is Role.MANAGER else Scope.ALL)).value,
            "employee_id": employee_id,
            "extensions": extension or "",
            "password_hash": hash_password(chosen),
            "must_change": password is None,
            "locked": False,
            "created_at": self._clock(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(app_user).values(row))
        except IntegrityError:
            raise LoginTaken(f"There is a user {login} already. Choose another name, or reset that password.") from None
        return chosen

    def ensure(self, login: str, *, password: str, role: Role, name: str, extension: str | None = None) -> None:
        """Let a person in with a known password unless that login exists: for the demo."""
        if self.find(login) is None:
            self.add(login, role=role, name=name, extension=extension, password=password)

    def reset(self, login: str) -> str:
        """Give a one-time password and end all sessions; raises NotFound."""
        password = one_time_password()
        self._set_password(login, password, must_change=True)
        return password

    def change_password(self, login: str, password: str) -> None:
        """Set the user's own choice and end all sessions; raises NotFound, PasswordRefused."""
        self._set_password(login, password, must_change=False)

    def set_rights(self, login: str, rights: Rights) -> None:
        """Decide anew what a user is and sees; sessions go on, with the new rights.

        Raises NotFound, LastAdministrator.
        """
        if rights.role is not Role.ADMINISTRATOR:
            self.refuse_last(login)
        values = {
            "name": rights.name,
            "role": rights.role.value,
            "scope": rights.scope.value,
            "listed": " ".join(sorted(rights.listed)),
            "listed_teams": " ".join(sorted(rights.listed_teams)),
            "listens": rights.listens.value,
            "listens_to": " ".join(sorted(rights.listens_to)),
            "listens_to_teams": " ".join(sorted(rights.listens_to_teams)),
            "employee_id": rights.employee_id,
            "extensions": " ".join(sorted(rights.extensions)),
            "team_id": rights.team_id,
        }
        self._change(login, keep_sessions=True, **values)

    def lock(self, login: str, locked: bool = True) -> None:
        """Keep a person out (sessions and tokens end with it), or let in again.

        Raises NotFound, LastAdministrator.
        """
        if locked:
            self.refuse_last(login)
        self._change(login, locked=locked)

    def check(self, login: str, password: str) -> User | None:
        """The user whose password that is, unless locked. Takes equally long for names that do not exist."""
        with self._engine.connect() as connection:
            row = connection.execute(with_team().where(app_user.c.login == login)).first()
        if not is_password(password, row.password_hash if row else None):
            return None
        return user_of(row) if row and not row.locked else None

    def preferences(self, login: str) -> dict[str, str]:
        """What the user chose for himself: language, theme, …"""
        with self._engine.connect() as connection:
            rows = connection.execute(select(user_preference).where(user_preference.c.login == login))
            return {row.name: row.value for row in rows}

    def prefer(self, login: str, name: str, value: str) -> None:
        """Keep one choice of the user."""
        if len(value) > _LONGEST_PREFERENCE:
            raise PreferenceRefused(
                f"Preference {name} has {len(value)} characters; {_LONGEST_PREFERENCE} are the limit."
            )
        if len(name) > _LONGEST_NAME or len(self.preferences(login).keys() | {name}) > _MOST_PREFERENCES:
            raise PreferenceRefused(f"Preference {name[:_LONGEST_NAME]}: the name is too long, or there are too many.")
        mine = (user_preference.c.login == login) & (user_preference.c.name == name)
        with self._engine.begin() as connection:
            connection.execute(delete(user_preference).where(mine))
            connection.execute(insert(user_preference).values(login=login, name=name, value=value))

    def _set_password(self, login: str, password: str, *, must_change: bool) -> None:
        self._change(login, password_hash=hash_password(password), must_change=must_change)

    def refuse_last(self, login: str) -> None:
        """Raises LastAdministrator where nobody but `login` could let people in."""
        others = [user for user in self.list() if user.login != login and user.role is Role.ADMINISTRATOR]
        mine = self.find(login)
        if mine and mine.role is Role.ADMINISTRATOR and not any(not user.locked for user in others):
            raise LastAdministrator(
                f"{login} is the last administrator who can log in. Make somebody else an administrator first."
            )

    def _change(self, login: str, *, keep_sessions: bool = False, **values: Any) -> None:
        with self._engine.begin() as connection:
            if not connection.execute(update(app_user).where(app_user.c.login == login).values(values)).rowcount:
                raise NotFound(f"There is no user {login}. `python app.py user list` shows all.")
            if not keep_sessions:
                connection.execute(delete(user_session).where(user_session.c.login == login))
            if values.get("locked"):
                connection.execute(delete(api_token).where(api_token.c.login == login))


def valid_login(login: str) -> str:
    """The same; raises LoginRefused."""
    if not _LOGIN.fullmatch(login):
        raise LoginRefused(
            f"{login[:64]!r} is no login name: write small latin letters, digits and . _ @ -, "
            "for instance anna.petrova."
        )
    return login


def with_team(*more: ColumnElement[Any], source: FromClause = app_user) -> Select[Any]:
    """A select of users with the phones of their teams, as user_of reads it. source: app_user, or a join with it."""
    joined = source.outerjoin(team, team.c.team_id == app_user.c.team_id)
    return select(
        *more,
        app_user,
        team.c.extensions.label("team_extensions"),
        _phones_of(app_user.c.listed_teams).label("listed_phones"),
        _phones_of(app_user.c.listens_to_teams).label("listens_to_phones"),
    ).select_from(joined)


def _phones_of(teams: Column[str]) -> ScalarSelect[str]:
    """The phones of the teams whose ids a column names."""
    named = team.alias()
    among = (literal(" ") + teams + " ").contains(literal(" ") + named.c.team_id + " ")
    return select(func.aggregate_strings(named.c.extensions, " ")).where(among).correlate(app_user).scalar_subquery()


def user_of(row: Row[Any]) -> User:
    return User(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        scope=Scope(row.scope),
        employee_id=row.employee_id,
        extensions=frozenset(row.extensions.split()),
        must_change=row.must_change,
        locked=row.locked,
        listed=frozenset(row.listed.split()),
        listed_teams=frozenset(row.listed_teams.split()),
        listed_phones=frozenset((row.listed_phones or "").split()),
        listens=Scope(row.listens),
        listens_to=frozenset(row.listens_to.split()),
        listens_to_teams=frozenset(row.listens_to_teams.split()),
        listens_to_phones=frozenset((row.listens_to_phones or "").split()),
        team_id=row.team_id,
        group=frozenset((row.team_extensions or "").split()),
        created_at=row.created_at,
    )
