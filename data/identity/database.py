"""The small database of who may log in: SQLite beside the calls, or any URL that SQLAlchemy knows.

It holds password hashes, sessions, tokens and encrypted secrets, and is never the analytics file. Moments are seconds
since 1970 (UTC), which every backend stores alike.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_engine,
    event,
    inspect,
    update,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateColumn

from data.errors import DatabaseUnusable
from data.settings import Settings
from data.store.files import IDENTITY

metadata = MetaData()
_BEGINS_AS = "begins_as"  # of a new column: the older one whose values it starts with

# One row per person who may log in.
app_user = Table(
    "app_user",
    metadata,
    Column("login", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("employee_id", String),
    Column("extensions", String, nullable=False, default=""),  # separated by blanks
    Column("password_hash", String, nullable=False),
    Column("must_change", Boolean, nullable=False),  # a one-time password
    Column("locked", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    Column("listens", String, nullable=False, default="all", server_default="all"),  # whose calls he hears
    Column("listed", String, nullable=False, default="", server_default=""),  # phones named for seeing
    Column("team_id", String),
    Column("listed_teams", String, nullable=False, default="", server_default=""),  # teams named for seeing: ids
    # The same for listening; where there was one list for both, each begins with what that had.
    Column("listens_to", String, nullable=False, default="", server_default="", info={_BEGINS_AS: "listed"}),
    Column(
        "listens_to_teams", String, nullable=False, default="", server_default="", info={_BEGINS_AS: "listed_teams"}
    ),
)

# One row per team: who belongs together, and whom its head answers for.
team = Table(
    "team",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("title", String, nullable=False, unique=True),
    Column("head", String),  # a login
    Column("extensions", String, nullable=False, default=""),  # of those who never log in too
)

# One row per setting that a user chose for himself: language, theme, columns …
user_preference = Table(
    "user_preference",
    metadata,
    Column("login", String, nullable=False),
    Column("name", String, nullable=False),
    Column("value", String, nullable=False),
    PrimaryKeyConstraint("login", "name"),
)

# One row per browser that has logged in. The cookie's secret itself is not kept.
user_session = Table(
    "user_session",
    metadata,
    Column("secret_hash", String, primary_key=True),
    Column("login", String, nullable=False, index=True),
    Column("csrf_token", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("address", String, nullable=False),
    Column("agent", String, nullable=False),
)

# One row per key for scripts.
api_token = Table(
    "api_token",
    metadata,
    Column("token_id", String, primary_key=True),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("login", String, nullable=False, index=True),
    Column("title", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("used_at", Float),
)

# One row per name, address, or both together, at which logging in failed lately.
login_failure = Table(
    "login_failure",
    metadata,
    Column("subject", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Float, nullable=False),
)

# One row per secret of the installation: the key of a messenger, the password of the mail server …
secret = Table(
    "secret",
    metadata,
    Column("name", String, primary_key=True),
    Column("token", String, nullable=False),  # encrypted: data/identity/secrets.py
    Column("changed_at", Float, nullable=False),
    Column("changed_by", String, nullable=False),
)

# One row per line of the trail that the store has not taken yet: logins, and what the command line did.
waiting_trail = Table(
    "waiting_trail",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("acted_at", String, nullable=False),  # ISO, UTC
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("detail", String),  # JSON
)


def open_identity(settings: Settings) -> Engine:
    """The database of `settings`, made where there is none. Raises DatabaseUnusable."""
    return _open(settings.data / IDENTITY)


@cache
def _open(file: Path) -> Engine:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 10})
    event.listen(engine, "connect", _prepare)
    try:
        metadata.create_all(engine)
        _add_new_columns(engine)
    except DatabaseError as error:
        raise DatabaseUnusable(
            f"{file} is no database of users ({error.orig}). Restore it from a backup, or move it away to start anew."
        ) from None
    return engine


def _add_new_columns(engine: Engine) -> None:
    """Bring tables of an earlier version up to date; a column that came later has a default, or begins as another."""
    with engine.begin() as connection:
        # Processes that start together look one after the other.
        connection.exec_driver_sql("begin immediate")
        known = inspect(connection)
        for table in metadata.sorted_tables:
            present = {column["name"] for column in known.get_columns(table.name)}
            for column in table.columns:
                if column.name not in present:
                    text = CreateColumn(column).compile(dialect=engine.dialect)
                    connection.exec_driver_sql(f"alter table {table.name} add column {text}")
                    if _BEGINS_AS in column.info:
                        connection.execute(update(table).values({column: table.c[column.info[_BEGINS_AS]]}))


def _prepare(connection: object, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # WAL: pages read sessions while somebody logs in.
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.close()
