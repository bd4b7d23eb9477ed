"""Secrets: the keys of messengers, mail and the like, encrypted in the database of users.

The key lies in a file of its own (data/identity/secret_key.py): a copy of the database alone opens nothing.
Every process of the machine may hold a `Secrets`; a value is read and decrypted at each `get`, never kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import delete, func, insert, select, update

from data.errors import BadInput, CallboardError
from data.identity.database import open_identity, secret
from data.identity.secret_key import KeyFile
from data.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:/-]{0,127}")
_LONGEST = 20_000


class SecretUnreadable(CallboardError):
    """It was encrypted with a key that the key file does not hold, or was tampered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretName:
    """That there is a secret, and who put it there; not what it is."""

    name: str
    changed_at: datetime
    changed_by: str


class Secrets:
    """The secrets of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._engine = open_identity(settings)
        self._key = KeyFile(settings.secret_key_file, like=settings.data)

    def put(self, name: str, value: str, *, by: str, now: datetime) -> None:
        """Keep `value` under `name` in the place of what was there.

        name: small latin letters, digits and _ . : / -, for instance `messenger.whatsapp-main.token`.
        Raises BadInput for a name or value that cannot be, KeyUnusable where there is no key for it.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name[:128]!r} names no secret: write small latin letters, digits and _ . : / - only.")
        if not 0 < len(value) <= _LONGEST:
            raise BadInput(f"The secret {name} has {len(value)} characters; 1 to {_LONGEST} are allowed.")
        if not self.names():
            self._key.make()
        with self._key.alone():
            row = {
                "token": _seal(self._key.box(), name, value),
                "changed_at": now.timestamp(),
                "changed_by": by,
            }
            with self._engine.begin() as connection:
                if not connection.execute(update(secret).where(secret.c.name == name).values(row)).rowcount:
                    connection.execute(insert(secret).values(name=name, **row))

    def get(self, name: str) -> str | None:
        """What is kept under `name`; None where nothing is. Raises KeyUnusable, SecretUnreadable."""
        with self._engine.connect() as connection:
            token = connection.execute(select(secret.c.token).where(secret.c.name == name)).scalar()
        return None if token is None else self._open(self._key.box(), name, token)

    def names(self, prefix: str = "") -> tuple[SecretName, ...]:
        """The secrets whose names begin with `prefix`, by name, without their values."""
        chosen = select(secret.c.name, secret.c.changed_at, secret.c.changed_by).order_by(secret.c.name)
        if prefix:
            chosen = chosen.where(func.substr(secret.c.name, 1, len(prefix)) == prefix)
        with self._engine.connect() as connection:
            return tuple(
                SecretName(
                    name=row.name,
                    changed_at=datetime.fromtimestamp(row.changed_at, UTC),
                    changed_by=row.changed_by,
                )
                for row in connection.execute(chosen)
            )

    def remove(self, name: str) -> bool:
        """Forget the secret of that name; whether there was one."""
        with self._engine.begin() as connection:
            return bool(connection.execute(delete(secret).where(secret.c.name == name)).rowcount)

    def make_key(self) -> None:
        """Make the key file where there is none; raises KeyUnusable."""
        self._key.make()

    def turn_key(self) -> int:
        """Encrypt all secrets with a new key, which alone stays in the file; how many there are.

        Raises KeyUnusable, SecretUnreadable; then everything is readable as before.
        """
        with self._key.alone():
            self._key.turn(self._renew)
        return len(self.names())

    def _renew(self, box: MultiFernet) -> None:
        with self._engine.begin() as connection:
            for row in connection.execute(select(secret)).all():
                token = _seal(box, row.name, self._open(box, row.name, row.token))
                connection.execute(update(secret).where(secret.c.name == row.name).values(token=token))

    def _open(self, box: MultiFernet, name: str, token: str) -> str:
        unreadable = SecretUnreadable(
            f"The key file {self._key.path} does not open the secret {name}. Put the key file of that time back, "
            f"or remove the secret and enter it again: python app.py secret remove {name}"
        )
        try:
            owner, _, value = box.decrypt(token).decode().partition("\n")
        except InvalidToken:
            raise unreadable from None
        # The name is sealed in, so that nobody who can write rows passes one secret off as another.
        if owner != name:
            raise unreadable
        return value


def _seal(box: MultiFernet, name: str, value: str) -> str:
    return box.encrypt(f"{name}\n{value}".encode()).decode()
