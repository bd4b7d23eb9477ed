"""Sessions: which browser has logged in as whom. The secret is in the cookie, its hash in the row."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from data.identity.database import app_user, open_identity, user_session
from data.identity.users import User, user_of, with_team
from data.settings import Settings

_SECRET_BYTES = 32
_TOUCH_S = 60.0  # writing at every request would make reading pages wait for the disk
_LONGEST_S = 30 * 86_400.0  # even a session that is used every day ends

# Put together once: every request asks this, and building the statement takes longer than SQLite takes to answer.
_BY_KEY = with_team(
    user_session.c.csrf_token,
    user_session.c.created_at.label("opened_at"),
    user_session.c.seen_at,
    source=user_session.join(app_user, app_user.c.login == user_session.c.login),
).where(user_session.c.secret_hash == bindparam("key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that has logged in."""

    key: str  # the hash of the secret: names the session without opening it
    user: User
    csrf_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One session as an administrator sees it; moments are seconds since 1970."""

    key: str
    created_at: float
    seen_at: float
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new session, with the secret that only the cookie keeps."""

    session: Session
    secret: str


class Sessions:
    """The sessions of one installation."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = open_identity(settings)
        self._idle_s = settings.web.session_hours * 3600
        self._clock = clock

    def open(self, user: User, *, address: str = "", agent: str = "") -> Opened:
        """Begin a session under a new secret; forgets those that have run out."""
        secret, csrf, at = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES), self._clock()
        key = _hash(secret)
        row = {
            "secret_hash": key,
            "login": user.login,
            "csrf_token": csrf,
            "created_at": at,
            "seen_at": at,
            "address": address[:64],
            "agent": agent[:200],
        }
        with self._engine.begin() as connection:
            connection.execute(delete(user_session).where(user_session.c.seen_at < at - self._idle_s))
            connection.execute(insert(user_session).values(row))
        return Opened(session=Session(key=key, user=user, csrf_token=csrf), secret=secret)

    def find(self, secret: str | None) -> Session | None:
        """The session of a cookie; None where it ended, ran out, or the user is locked."""
        return self.find_key(_hash(secret)) if secret else None

    def find_key(self, key: str, *, touch: bool = True) -> Session | None:
        """The session of that key. touch=False does not count as use."""
        with self._engine.connect() as connection:
            row = connection.execute(_BY_KEY, {"key": key}).first()
        at = self._clock()
        if row is None or row.locked or row.seen_at < at - self._idle_s or row.opened_at < at - _LONGEST_S:
            return None
        if touch and row.seen_at < at - _TOUCH_S:
            self._touch(key, at)
        return Session(key=key, user=user_of(row), csrf_token=row.csrf_token)

    def of(self, login: str) -> list[Browser]:
        """The browsers that are logged in as `login`, the last used first."""
        at = self._clock()
        chosen = (
            select(user_session)
            .where(
                user_session.c.login == login,
                user_session.c.seen_at >= at - self._idle_s,
                user_session.c.created_at >= at - _LONGEST_S,
            )
            .order_by(user_session.c.seen_at.desc())
        )
        with self._engine.connect() as connection:
            return [
                Browser(
                    key=row.secret_hash,
                    created_at=row.created_at,
                    seen_at=row.seen_at,
                    address=row.address,
                    agent=row.agent,
                )
                for row in connection.execute(chosen)
            ]

    def close(self, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(user_session).where(user_session.c.secret_hash == key))

    def close_all(self, login: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(user_session).where(user_session.c.login == login))

    def _touch(self, key: str, at: float) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(user_session).where(user_session.c.secret_hash == key).values(seen_at=at))


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
