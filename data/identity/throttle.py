"""Slows down guessing: every failed login makes the next one wait longer."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import delete, insert, select, update

from data.identity.database import login_failure, open_identity
from data.settings import Settings

_LONGEST_S = 300.0
_FORGET_S = 3600.0
# Failures that cost nothing: one person's typos, then one name from anywhere, then one address.
_FREE_TOGETHER = 3
_FREE_ALONE = 20


class Throttle:
    """How long a name and an address must wait before the next attempt."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = open_identity(settings)
        self._clock = clock

    def wait_s(self, login: str, address: str) -> float:
        """Seconds until another attempt is heard; 0 when now."""
        at, free = self._clock(), _subjects(login, address)
        chosen = select(login_failure).where(login_failure.c.subject.in_(free))
        with self._engine.connect() as connection:
            waits = [row.last_at + _delay_s(row.failures, free[row.subject]) - at for row in connection.execute(chosen)]
        return max([0.0, *waits])

    def failed(self, login: str, address: str) -> None:
        """Count one failure."""
        at = self._clock()
        with self._engine.begin() as connection:
            connection.execute(delete(login_failure).where(login_failure.c.last_at < at - _FORGET_S))
            for subject in _subjects(login, address):
                mine = login_failure.c.subject == subject
                more = update(login_failure).where(mine).values(failures=login_failure.c.failures + 1, last_at=at)
                if not connection.execute(more).rowcount:
                    connection.execute(insert(login_failure).values(subject=subject, failures=1, last_at=at))

    def succeeded(self, login: str, address: str) -> None:
        """Forget the typos of this person here; what others try on the name or from the address stays counted."""
        together = next(iter(_subjects(login, address)))
        with self._engine.begin() as connection:
            connection.execute(delete(login_failure).where(login_failure.c.subject == together))


def _subjects(login: str, address: str) -> dict[str, int]:
    """What is counted, with the failures that are free."""
    name = login[:64]
    return {
        f"both:{name}@{address}": _FREE_TOGETHER,
        f"login:{name}": _FREE_ALONE,
        f"address:{address}": _FREE_ALONE,
    }


def _delay_s(failures: int, free: int) -> float:
    return 0.0 if failures < free else min(_LONGEST_S, 2.0 ** min(failures - free, 20))
