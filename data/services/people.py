"""What an administrator does with the people who log in; every act leaves a row in the trail before it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from data.access import require
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission, Role
from data.identity.sessions import Browser, Sessions
from data.identity.teams import Team, Teams, new_team_id
from data.identity.tokens import Token, Tokens
from data.identity.users import LoginTaken, Rights, User, Users, valid_login
from data.services.trail import trail
from data.settings import Settings
from data.store.files import TOKENS
from data.store.protocol import Store
from data.store.tokens import FileTokenBook

LONGEST_NAME = 120
_MOST_EXTENSIONS = 500
_LONGEST_EXTENSION = 32


class People:
    """The people of one installation, as `actor` may change them.

    ended hears the key of every session that ends, so that open pages learn of it at once.
    """

    def __init__(self, settings: Settings, store: Store, *, ended: Callable[[str], None] = lambda key: None) -> None:
        self._users = Users(settings)
        self._sessions = Sessions(settings)
        self._tokens = Tokens(settings)
        self._teams = Teams(settings)
        self._notebooks = FileTokenBook(settings.data / TOKENS)
        self._store = store
        self._ended = ended

    def everybody(self, actor: Actor) -> list[User]:
        require(actor, Permission.USERS)
        return self._users.list()

    def find(self, actor: Actor, login: str) -> User:
        """Raises NotFound."""
        require(actor, Permission.USERS)
        found = self._users.find(login)
        if found is None:
            raise NotFound(f"There is no user {login}.")
        return found

    def teams(self, actor: Actor) -> list[Team]:
        require(actor, Permission.USERS)
        return self._teams.all()

    def sessions(self, actor: Actor, login: str) -> list[Browser]:
        require(actor, Permission.USERS)
        return self._sessions.of(login)

    def tokens(self, actor: Actor, login: str) -> Sequence[Token]:
        require(actor, Permission.USERS)
        return self._tokens.list(login)

    def invite(self, actor: Actor, login: str, rights: Rights, *, now: datetime) -> str:
        """Let somebody in; the one-time password, which nobody can read again. Raises LoginTaken, LoginRefused."""
        require(actor, Permission.USERS)
        valid_login(login)
        if self._users.find(login) is not None:
            raise LoginTaken(f"There is a user {login} already. Choose another name, or reset that password.")
        told = self._told(self._checked(rights))
        self._write(actor, now, "user.invite", login, about={name: value for name, value in told.items() if value})
        password = self._users.add(login, role=rights.role, name=rights.name)
        self._users.set_rights(login, rights)
        return password

    def set_rights(self, actor: Actor, login: str, rights: Rights, *, now: datetime) -> None:
        """Decide anew what somebody is, sees and hears. Raises NotFound, LastAdministrator, BadInput."""
        before = self.find(actor, login)
        rights = self._checked(rights)
        changed = {
            name: [old, new]
            for (name, old), new in zip(
                self._told(_rights_of(before)).items(), self._told(rights).values(), strict=True
            )
            if old != new
        }
        if not changed:
            return
        if rights.role is not Role.ADMINISTRATOR:
            self._users.refuse_last(login)
        self._write(actor, now, "user.rights", login, about=changed)
        self._users.set_rights(login, rights)
        # What an analyst's own tokens allow was fixed when they were issued.
        self._forget_notebooks(login)

    def reset(self, actor: Actor, login: str, *, now: datetime) -> str:
        """A new one-time password; all sessions of the user end."""
        self.find(actor, login)
        self._write(actor, now, "user.reset", login)
        keys = [browser.key for browser in self._sessions.of(login)]
        password = self._users.reset(login)
        self._tell(keys)
        return password

    def lock(self, actor: Actor, login: str, locked: bool, *, now: datetime) -> None:
        """Keep somebody out at once, everywhere, or let in again. Raises LastAdministrator."""
        self.find(actor, login)
        if locked:
            self._users.refuse_last(login)
        self._write(actor, now, "user.lock" if locked else "user.unlock", login)
        keys = [browser.key for browser in self._sessions.of(login)]
        self._users.lock(login, locked)
        if locked:
            self._forget_notebooks(login)
            self._tell(keys)

    def end_session(self, actor: Actor, login: str, key: str, *, now: datetime) -> None:
        """Log one browser of a user out. Raises NotFound for one that is not his."""
        if key not in {browser.key for browser in self.sessions(actor, login)}:
            raise NotFound(f"User {login} has no such session; it may have ended meanwhile.")
        self._write(actor, now, "session.end", login)
        self._sessions.close(key)
        self._tell([key])

    def end_sessions(self, actor: Actor, login: str, *, now: datetime) -> None:
        """Log a user out everywhere."""
        self.find(actor, login)
        keys = [browser.key for browser in self.sessions(actor, login)]
        self._write(actor, now, "session.end_all", login, about={"sessions": len(keys)})
        self._sessions.close_all(login)
        self._tell(keys)

    def revoke_token(self, actor: Actor, login: str, token_id: str, *, now: datetime) -> None:
        """Raises NotFound for a key that is not his."""
        if token_id not in {token.token_id for token in self.tokens(actor, login)}:
            raise NotFound(f"User {login} has no such key; somebody may have revoked it.")
        self._write(actor, now, "token.revoke", login, about={"token_id": token_id})
        self._tokens.revoke(login, token_id)

    def save_team(
        self,
        actor: Actor,
        title: str,
        *,
        extensions: frozenset[str],
        head: str | None,
        now: datetime,
        team_id: str | None = None,
    ) -> str:
        """Make a team, or change one. Raises BadInput, NotFound."""
        require(actor, Permission.USERS)
        _check_text("A team", title)
        _check_extensions(extensions)
        if head is not None:
            self.find(actor, head)
        about = {"title": title, "head": head, "extensions": sorted(extensions)}
        known = team_id or new_team_id()
        self._write(actor, now, "team.save", known, kind="team", about=about)
        self._teams.save(known, title, extensions=extensions, head=head, is_new=team_id is None)
        self._forget_notebooks_of(known)
        return known

    def remove_team(self, actor: Actor, team_id: str, *, now: datetime) -> None:
        """Raises NotFound."""
        title = next((team.title for team in self.teams(actor) if team.team_id == team_id), None)
        if title is None:
            raise NotFound(f"There is no team {team_id}; somebody may have removed it.")
        self._write(actor, now, "team.remove", team_id, kind="team", about={"title": title})
        self._forget_notebooks_of(team_id)
        self._teams.remove(team_id)

    def _write(
        self,
        actor: Actor,
        now: datetime,
        action: str,
        subject: str,
        *,
        kind: str = "user",
        about: Mapping[str, object] | None = None,
    ) -> None:
        row = trail(actor, now, action, kind, subject, **(about or {}))
        self._store.transact([row], actor=actor, touches={})

    def _tell(self, keys: list[str]) -> None:
        for key in keys:
            self._ended(key)

    def _forget_notebooks_of(self, team_id: str) -> None:
        """Of everybody whose reach the team is part of: his tokens hold the phones that it had."""
        for user in self._users.list():
            if team_id in user.listed_teams | user.listens_to_teams | {user.team_id}:
                self._forget_notebooks(user.login)

    def _checked(self, rights: Rights) -> Rights:
        """The same without teams that are gone meanwhile. Raises BadInput."""
        _check_text("A name", rights.name)
        for phones in (rights.extensions, rights.listed, rights.listens_to):
            _check_extensions(phones)
        known = {team.team_id for team in self._teams.all()}
        if rights.team_id is not None and rights.team_id not in known:
            raise BadInput(f"There is no team {rights.team_id[:40]!r}; somebody may have removed it. Choose another.")
        return replace(
            rights, listed_teams=rights.listed_teams & known, listens_to_teams=rights.listens_to_teams & known
        )

    def _told(self, rights: Rights) -> dict[str, object]:
        """As the trail keeps it; teams by title, which tells something when they are gone."""
        titles = {team.team_id: team.title for team in self._teams.all()}
        return {
            "role": rights.role.value,
            "scope": rights.scope.value,
            "listed": sorted(rights.listed),
            "listed_teams": sorted(titles.get(one, one) for one in rights.listed_teams),
            "listens": rights.listens.value,
            "listens_to": sorted(rights.listens_to),
            "listens_to_teams": sorted(titles.get(one, one) for one in rights.listens_to_teams),
            "employee_id": rights.employee_id,
            "extensions": sorted(rights.extensions),
            "team": titles.get(rights.team_id, rights.team_id) if rights.team_id else None,
            "name": rights.name,
        }

    def _forget_notebooks(self, login: str) -> None:
        if self._notebooks.exists:
            self._notebooks.revoke(login)


def _rights_of(user: User) -> Rights:
    return Rights(
        name=user.name,
        role=user.role,
        scope=user.scope,
        listed=user.listed,
        listed_teams=user.listed_teams,
        listens=user.listens,
        listens_to=user.listens_to,
        listens_to_teams=user.listens_to_teams,
        employee_id=user.employee_id,
        extensions=user.extensions,
        team_id=user.team_id,
    )


def _check_text(what: str, text: str) -> None:
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise BadInput(f"{what} has 1 to {LONGEST_NAME} characters on one line, not {text[:LONGEST_NAME]!r}.")


def _check_extensions(extensions: frozenset[str]) -> None:
    if len(extensions) > _MOST_EXTENSIONS:
        raise BadInput(f"{len(extensions)} phones are too many, {_MOST_EXTENSIONS} are the limit.")
    for extension in extensions:
        if not 0 < len(extension) <= _LONGEST_EXTENSION or not extension.isalnum() or not extension.isascii():
            raise BadInput(f"{extension[:40]!r} is no internal number: write digits and letters, for instance 201.")
