"""Tokens: keys for scripts that ask /api on behalf of a user."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from data.identity.database import api_token, app_user, open_identity
from data.identity.users import User, user_of, with_team
from data.settings import Settings

PREFIX = "cb_"  # so that scanners of leaked secrets can know them
_TOUCH_S = 60.0

# Put together once: building the statement takes longer than SQLite takes for the answer.
_BY_SECRET = with_team(
    api_token.c.token_id,
    api_token.c.used_at,
    source=api_token.join(app_user, app_user.c.login == api_token.c.login),
).where(api_token.c.secret_hash == bindparam("secret_hash"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One key, without its secret."""

    token_id: str
    login: str
    title: str
    created_at: float
    used_at: float | None


class Tokens:
    """The keys of one installation."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = open_identity(settings)
        self._clock = clock

    def issue(self, login: str, title: str) -> str:
        """A new key for `login`; it is shown once and only its hash is kept."""
        secret = PREFIX + secrets.token_urlsafe(32)
        row = {
            "token_id": secrets.token_hex(8),
            "secret_hash": _hash(secret),
            "login": login,
            "title": title,
            "created_at": self._clock(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(api_token).values(row))
        return secret

    def find(self, secret: str) -> User | None:
        """The user of a key, unless revoked or locked."""
        with self._engine.connect() as connection:
            row = connection.execute(_BY_SECRET, {"secret_hash": _hash(secret)}).first()
        if row is None or row.locked:
            return None
        at = self._clock()
        if row.used_at is None or row.used_at < at - _TOUCH_S:
            with self._engine.begin() as connection:
                connection.execute(update(api_token).where(api_token.c.token_id == row.token_id).values(used_at=at))
        return user_of(row)

    def list(self, login: str | None = None) -> Sequence[Token]:
        """The keys of one user, or all of them."""
        chosen = select(api_token).order_by(api_token.c.created_at)
        if login is not None:
            chosen = chosen.where(api_token.c.login == login)
        with self._engine.connect() as connection:
            return [
                Token(
                    token_id=row.token_id,
                    login=row.login,
                    title=row.title,
                    created_at=row.created_at,
                    used_at=row.used_at,
                )
                for row in connection.execute(chosen)
            ]

    def revoke(self, login: str, token_id: str) -> None:
        mine = (api_token.c.login == login) & (api_token.c.token_id == token_id)
        with self._engine.begin() as connection:
            connection.execute(delete(api_token).where(mine))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
