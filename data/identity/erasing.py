"""Takes a person out of the database of users: filters and the like that users keep may name him."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from data.identity.database import open_identity, user_preference
from data.settings import Settings


def forget_preferences(settings: Settings, needles: Sequence[str]) -> int:
    """Remove the preferences of users that hold one of `needles`, also from the file; how many."""
    engine = open_identity(settings)
    with engine.begin() as connection:
        rows = connection.execute(select(user_preference)).all()
        met = [row for row in rows if any(needle.lower() in row.value.lower() for needle in needles)]
        for row in met:
            mine = (user_preference.c.login == row.login) & (user_preference.c.name == row.name)
            connection.execute(delete(user_preference).where(mine))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    return len(met)
