"""The database into which a FreePBX writes its records: tables `cdr` and `cel` of `asteriskcdrdb`, read only.

Every value is taken as text and judged by the same rules as a value of a file; times are local
times of the PBX without a zone. Tables grow at their end, but a record of the table `cdr` is sorted
in by the beginning of its call and written at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import pymysql
from pymysql.converters import encoders

from data.errors import ImportFailed
from data.settings import PbxDatabase

Values = Mapping[str, str]

PAGE = 5_000  # rows at once
_READ_S = 120
_REMEDIES = {
    1044: "Grant this user the right to read: grant select on {name}.* to …;",
    1045: "Make user and password the same in the settings and in the database.",
    1049: "Set name to that of the database (asteriskcdrdb).",
    1142: "Grant this user the right to read: grant select on {name}.* to …;",
    1146: "Set cdr_table and cel_table to the names of the tables.",
    2002: "Is MariaDB running, and is socket the path of its socket?",
    2003: "Is MariaDB running there, and does its bind-address or a firewall let this machine in?",
    2006: "The connection was lost. Run the same command again: it goes on where it was.",
    2013: "The connection was lost. Run the same command again: it goes on where it was.",
}


class RecordsDatabase:
    """One connection. Raises ImportFailed that names the database and the remedy."""

    def __init__(self, settings: PbxDatabase) -> None:
        self._settings = settings
        self._where = f"database {settings.name} on {settings.socket or f'{settings.host}:{settings.port}'}"
        try:
            self._connection = pymysql.connect(
                host=settings.host or None,
                port=settings.port,
                unix_socket=str(settings.socket) if settings.socket else None,
                user=settings.user,
                password=settings.password.get_secret_value(),
                database=settings.name,
                charset="utf8mb4",
                connect_timeout=max(1, round(settings.connect_seconds)),
                read_timeout=_READ_S,
                use_unicode=False,
                conv=dict(encoders),  # no decoders: one value that cannot be read must not end the reading of all
                autocommit=True,
                init_command="set session transaction read only",
            )
        except (pymysql.Error, OSError) as error:
            raise self._failed(error) from error

    def columns(self, table: str) -> list[str]:
        """Names of the columns of a table, in small letters."""
        with self._connection.cursor() as cursor:
            self._run(cursor, f"select * from `{table}` limit 0", ())  # noqa: S608 - a name of the settings, checked there
            return [str(column[0]).lower() for column in cursor.description or ()]

    def rows(self, sql: str, params: Sequence[object], names: Sequence[str]) -> list[Values]:
        """The rows of a query as text; null is the empty text."""
        with self._connection.cursor() as cursor:
            self._run(cursor, sql, params)
            return [dict(zip(names, map(_text, row), strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str, params: Sequence[object] = ()) -> str:
        """The only value of a query."""
        rows = self.rows(sql, params, ("value",))
        return rows[0]["value"] if rows else ""

    def close(self) -> None:
        with suppress(pymysql.Error, OSError):
            self._connection.close()

    def _run(self, cursor: pymysql.cursors.Cursor, sql: str, params: Sequence[object]) -> None:
        try:
            cursor.execute(sql, tuple(params))
        except (pymysql.Error, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ImportFailed:
        code, *words = error.args if len(error.args) > 1 else (0, str(error))
        remedy = _REMEDIES.get(code, "Check the section pbx.database of the settings.")
        return ImportFailed(f"{self._where}: {words[0]}. {remedy.format(name=self._settings.name)}")


class CdrRows:
    """The table `cdr`: its rows by the beginning of their calls."""

    def __init__(self, database: RecordsDatabase, table: str) -> None:
        """Raises ImportFailed where the table is none of call records."""
        self._database = database
        self._table = table
        self.columns = [name for name in database.columns(table) if name in _CDR]
        self.starts = next((name for name in ("calldate", "start") if name in self.columns), "")
        missing = [name for name in _NEEDED if name not in self.columns]
        if not self.starts:
            missing.insert(0, "calldate")
        if missing:
            raise ImportFailed(f"Table {table} has no column {missing[0]}. Set cdr_table to the table of call records.")

    def first(self) -> str:
        """When the oldest usable row begins; empty: there is none."""
        sql = f"select min(`{self.starts}`) from `{self._table}` where `{self.starts}` >= %s"  # noqa: S608
        return self._database.value(sql, (_OLDEST,))

    def last(self) -> str:
        """When the newest row begins."""
        return self._database.value(f"select max(`{self.starts}`) from `{self._table}`")  # noqa: S608

    def count(self, since: str) -> int:
        sql = f"select count(*) from `{self._table}` where `{self.starts}` >= %s"  # noqa: S608
        return int(self._database.value(sql, (since or _OLDEST,)) or 0)

    def without_time(self) -> list[Values]:
        """Rows that have no time that a call can have."""
        return self._page(f"`{self.starts}` is null or `{self.starts}` < %s", (_OLDEST,), PAGE)

    def since(self, since: str) -> Iterator[Values]:
        """Rows whose calls begin at or after a local time, in this order."""
        since, limit = since or _OLDEST, PAGE
        while True:
            rows = self._page(f"`{self.starts}` >= %s", (since,), limit)
            if len(rows) < limit:
                yield from rows
                return
            # A page may end between rows of one second: that second comes whole with the next page.
            last = rows[-1][self.starts]
            if rows[0][self.starts] == last:
                limit *= 2
                continue
            yield from (row for row in rows if row[self.starts] != last)
            since, limit = last, PAGE

    def _page(self, condition: str, params: Sequence[object], limit: int) -> list[Values]:
        names = ", ".join(f"`{name}`" for name in self.columns)
        sql = f"select {names} from `{self._table}` where {condition} order by `{self.starts}` limit %s"  # noqa: S608
        return self._database.rows(sql, (*params, limit), self.columns)


class CelRows:
    """The table `cel`: its rows by their ids."""

    def __init__(self, database: RecordsDatabase, table: str) -> None:
        """Raises ImportFailed where the table is none of channel events."""
        self._database = database
        self._table = table
        self.columns = [name for name in database.columns(table) if name in _CEL]
        if missing := [name for name in ("id", "eventtype", "eventtime", "uniqueid") if name not in self.columns]:
            raise ImportFailed(
                f"Table {table} has no column {missing[0]}. Set cel_table to the table of channel events."
            )

    def count(self, after: int) -> int:
        return int(self._database.value(f"select count(*) from `{self._table}` where id > %s", (after,)) or 0)  # noqa: S608

    def after(self, after: int) -> Iterator[Values]:
        """Rows behind an id, in the order in which they were written."""
        names = ", ".join(f"`{name}`" for name in self.columns)
        sql = f"select {names} from `{self._table}` where id > %s order by id limit %s"  # noqa: S608
        while rows := self._database.rows(sql, (after, PAGE), self.columns):
            yield from rows
            after = int(rows[-1]["id"])


_NEEDED = ("src", "dst", "channel", "duration", "billsec", "disposition")
_CDR = frozenset(
    {*_NEEDED, "calldate", "start", "clid", "dstchannel", "lastapp", "lastdata", "uniqueid", "linkedid", "sequence",
     "recordingfile", "did"}
)  # fmt: skip
_CEL = frozenset(
    {"id", "eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten", "context",
     "channame", "appname", "appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "peer", "userdeftype",
     "extra", "eventextra"}
)  # fmt: skip
_OLDEST = "1990-01-01 00:00:00"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)
