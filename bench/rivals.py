"""PostgreSQL with a plain table of calls, and MariaDB with FreePBX's own `cdr`: the same history, each on a socket.

Servers of Debian (`apt install postgresql mariadb-server`); where one is missing it is left out. Both get
memory enough to hold the data, and the indexes that people give such tables.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Protocol

import duckdb
import pymysql

_ZONE = "Europe/Moscow"
_PATIENCE_S = 120.0
_POSTGRES_TABLES = """
create table call (call_id text, direction text, outcome text, started_at timestamptz, queue text, talk_s float8);
create table leg (call_id text, party text, started_at timestamptz, talk_s float8);
"""
_POSTGRES_INDEXES = """
create index on call (started_at);
create index on leg (started_at);
create index on leg (call_id);
vacuum analyze;
"""
# The columns and keys of FreePBX's table that such questions touch; the rest of a row as filling.
_CDR = """
create table cdr (
    calldate datetime not null, clid varchar(80) not null default '', src varchar(80) not null default '',
    dst varchar(80) not null default '', dcontext varchar(80) not null default '',
    channel varchar(80) not null default '', dstchannel varchar(80) not null default '',
    lastapp varchar(80) not null default 'Dial', lastdata varchar(80) not null default '',
    duration int not null default 0, billsec int not null default 0, disposition varchar(45) not null default '',
    uniqueid varchar(32) not null default '', did varchar(50) not null default '',
    linkedid varchar(32) not null default ''
) engine = innodb default charset = utf8mb4
"""
# Made after the rows are there: sorted once, instead of row by row.
_CDR_KEYS = "alter table cdr add key (calldate), add key (dst), add key (uniqueid), add key (did)"
_LEGS_AS_CDR = f"""
select
    strftime(leg.started_at at time zone '{_ZONE}', '%Y-%m-%d %H:%M:%S'), '', coalesce(leg.caller, ''),
    coalesce(leg.party, ''), if(call.direction = 'inbound', 'from-trunk', 'from-internal'),
    coalesce(leg.channel, ''), coalesce(leg.device, ''), 'Dial', '',
    date_diff('second', leg.started_at, leg.ended_at), leg.talk_s::integer,
    case when leg.talk_s > 0 then 'ANSWERED' when leg.result = 'busy' then 'BUSY' else 'NO ANSWER' end,
    left(call.call_id || '.' || leg.position, 32), coalesce(call.did, ''), right(call.call_id, 32)
from leg
inner join call on call.call_id = leg.call_id
"""


class Rival(Protocol):
    """Answers a question in its own SQL; what it took in ms."""

    def ask(self, sql: str) -> float: ...


class Postgres:
    def __init__(self, socket: Path) -> None:
        self._words = [*_as_owner(), "psql", "-h", str(socket), "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]

    def run(self, sql: str) -> str:
        return subprocess.run(self._words, input=sql, capture_output=True, text=True, check=True).stdout

    def ask(self, sql: str) -> float:
        """As psql measures it, which leaves the start of the client out."""
        found = re.findall(r"^Time: ([\d.]+) ms", self.run(f"\\timing on\n{sql};"), re.MULTILINE)
        return float(found[-1])


class MariaDb:
    def __init__(self, socket: Path) -> None:
        self._connection = pymysql.connect(
            unix_socket=str(socket), user="root", database="mysql", local_infile=True, autocommit=True
        )

    def run(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()

    def ask(self, sql: str) -> float:
        began = time.perf_counter()
        self.run(sql)
        return (time.perf_counter() - began) * 1000


@contextmanager
def rivals(folder: Path, plain: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Rival]]:
    """Those that are installed, filled from the history in `plain`."""
    found: dict[str, Rival] = {}
    with ExitStack() as stack:
        if programs := sorted(Path("/usr/lib/postgresql").glob("*/bin")):
            found["postgresql"] = stack.enter_context(_postgres(folder / "pg", programs[-1], plain))
        if shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin"):
            found["mariadb"] = stack.enter_context(_mariadb(folder / "mariadb", plain))
        yield found


@contextmanager
def _postgres(folder: Path, programs: Path, plain: duckdb.DuckDBPyConnection) -> Iterator[Postgres]:
    _own_folder(folder, "postgres")
    data = folder / "data"
    subprocess.run([*_as_owner(), str(programs / "initdb"), "-D", str(data), "-A", "trust"], check=True, stdout=-3)
    settings = ["shared_buffers=2GB", "work_mem=256MB", "fsync=off", "max_wal_size=8GB", "listen_addresses="]
    words = [str(programs / "postgres"), "-D", str(data), "-k", str(folder)]
    for setting in settings:
        words += ["-c", setting]
    server = subprocess.Popen([*_as_owner(), *words], stdout=-3, stderr=-3)
    try:
        postgres = Postgres(folder)
        _until(lambda: postgres.run("select 1"))
        postgres.run(_POSTGRES_TABLES)
        for table, columns in (
            ("call", "call_id, direction, outcome, started_at, queue, talk_s"),
            ("leg", "call_id, party, started_at, talk_s"),
        ):
            file = folder / f"{table}.csv"
            plain.execute(f"copy (select {columns} from {table}) to '{file}' (header false)")
            postgres.run(f"\\copy {table} from '{file}' csv")
            file.unlink()
        postgres.run(_POSTGRES_INDEXES)
        yield postgres
    finally:
        subprocess.run([*_as_owner(), str(programs / "pg_ctl"), "-D", str(data), "-m", "fast", "stop"], stdout=-3)
        server.wait()


@contextmanager
def _mariadb(folder: Path, plain: duckdb.DuckDBPyConnection) -> Iterator[MariaDb]:
    folder.mkdir(parents=True)
    data, socket, file = folder / "data", folder / "socket", folder / "cdr.csv"
    root = [] if os.getuid() else ["--user=root"]
    path = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*install, *root], check=True, stdout=-3, stderr=-3, env=path)
    words = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", *root]
    words += ["--innodb-buffer-pool-size=4G", "--innodb-flush-log-at-trx-commit=0", "--local-infile=1"]
    server = subprocess.Popen(words, stdout=-3, stderr=-3, env=path)
    try:
        _until(socket.exists)
        _until(lambda: closing(MariaDb(socket)._connection).__enter__())
        maria = MariaDb(socket)
        maria.run(_CDR)
        plain.execute(f"copy ({_LEGS_AS_CDR}) to '{file}' (header false)")
        maria.run(f"load data local infile '{file}' into table cdr fields terminated by ',' enclosed by '\"'")
        file.unlink()
        maria.run(_CDR_KEYS)
        maria.run("analyze table cdr")
        yield maria
    finally:
        server.terminate()
        server.wait()


def _as_owner() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return [] if os.getuid() else ["runuser", "-u", "postgres", "--"]


def _own_folder(folder: Path, owner: str) -> None:
    folder.mkdir(parents=True)
    if not os.getuid():
        shutil.chown(folder, owner)
        for above in (folder.parent, folder.parent.parent):  # temporary folders are for their owner alone
            above.chmod(0o755)


def _until(attempt: object) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            if callable(attempt) and attempt() is not False:
                return
        except (subprocess.CalledProcessError, pymysql.Error):
            pass
        if time.monotonic() > end:
            raise SystemExit("a database server did not start")
        time.sleep(0.2)
