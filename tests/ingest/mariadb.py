"""A real MariaDB for the tests of a FreePBX's database: started once a session on a socket of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql
import pytest

from data.settings import PbxDatabase
from ingest.sources.cdr_files import RowFile, values_of
from tests.ingest.waiting import wait_until

CDR = """
    create table cdr (
        calldate datetime not null default '0000-00-00 00:00:00', clid varchar(80) not null default '',
        src varchar(80) not null default '', dst varchar(80) not null default '',
        dcontext varchar(80) not null default '', channel varchar(80) not null default '',
        dstchannel varchar(80) not null default '', lastapp varchar(80) not null default '',
        lastdata varchar(80) not null default '', duration int not null default 0, billsec int not null default 0,
        disposition varchar(45) not null default '', amaflags int not null default 0,
        accountcode varchar(20) not null default '', uniqueid varchar(32) not null default '',
        userfield varchar(255) not null default '', did varchar(50) not null default '',
        recordingfile varchar(255) not null default '', cnum varchar(80) not null default '',
        linkedid varchar(32) not null default '', peeraccount varchar(80) not null default '',
        sequence int not null default 0, key (calldate)
    ) engine = innodb default charset = latin1
"""
CEL = """
    create table cel (
        id int not null auto_increment primary key, eventtype varchar(30) not null, eventtime datetime not null,
        cid_name varchar(80) not null, cid_num varchar(80) not null, cid_ani varchar(80) not null,
        cid_rdnis varchar(80) not null, cid_dnid varchar(80) not null, exten varchar(80) not null,
        context varchar(80) not null, channame varchar(80) not null, appname varchar(80) not null,
        appdata varchar(255) not null, amaflags varchar(20) not null, accountcode varchar(20) not null,
        uniqueid varchar(32) not null, linkedid varchar(32) not null, peer varchar(80) not null,
        userdeftype varchar(255) not null, extra varchar(512) not null
    ) engine = innodb default charset = utf8mb4
"""
CEL_COLUMNS = (
    "eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten", "context",
    "channame", "appname", "appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "peer", "userdeftype",
    "extra",
)  # fmt: skip


class FreePbx:
    """An empty `asteriskcdrdb` with both tables, and its owner's hands."""

    def __init__(self, socket: Path) -> None:
        self.settings = PbxDatabase(socket=socket, user="root", name="asteriskcdrdb")
        self._socket = socket

    def run(self, *steps: str) -> None:
        with closing(connect(self._socket)) as connection, connection.cursor() as cursor:
            for step in steps:
                cursor.execute(step)

    def put_records(self, *logs: Path, recording: str = "") -> None:
        """Rows of Master.csv files as FreePBX would have written them."""
        found = [values_of(row.raw) for log in logs for row in RowFile(log).rows(0)]
        self.insert("cdr", [
            {
                "calldate": row[9], "clid": row[4], "src": row[1], "dst": row[2], "dcontext": row[3],
                "channel": row[5], "dstchannel": row[6], "lastapp": row[7], "lastdata": row[8], "duration": row[12],
                "billsec": row[13], "disposition": row[14], "uniqueid": row[16], "linkedid": row[19],
                "sequence": row[20], "recordingfile": recording,
            }
            for row in found
        ])  # fmt: skip

    def put_events(self, *logs: Path) -> None:
        """Rows of cel_custom files, their times cut to whole seconds."""
        for log in logs:
            for row in RowFile(log).rows(0):
                values = values_of(row.raw)
                values = [*values[:17], *values[18:]]  # the table has no user field
                values[1] = values[1][:19]
                self.insert("cel", [dict(zip(CEL_COLUMNS, values, strict=True))])

    def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        with closing(connect(self._socket)) as connection, connection.cursor() as cursor:
            for row in rows:
                names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
                cursor.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


def connect(socket: Path, database: str | None = "asteriskcdrdb") -> pymysql.connections.Connection:
    return pymysql.connect(
        unix_socket=str(socket), user="root", database=database, charset="utf8mb4", autocommit=True, sql_mode=""
    )


def mariadbd() -> str | None:
    """The server's program."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    names = (os.environ.get("CALLBOARD_MARIADBD", ""), "mariadbd", "mysqld")
    return next((found for name in names if name and (found := shutil.which(name, path=path))), None)


@contextmanager
def server(folder: Path) -> Iterator[Path]:
    """A server in an empty folder; the socket. It has no users, so that nothing must be installed into it."""
    program, socket = mariadbd(), folder / "s"
    if program is None:
        pytest.skip("no MariaDB on this machine: apt-get install mariadb-server (make test does where it may)")
    (folder / "data").mkdir()
    words = [
        program, "--no-defaults", f"--datadir={folder / 'data'}", f"--socket={socket}", "--skip-networking",
        "--skip-grant-tables", f"--pid-file={folder / 'pid'}", "--innodb-buffer-pool-size=8M",
        "--innodb-log-file-size=4M", "--loose-innodb-flush-method=nosync", "--loose-debug-no-sync",
        *(["--user=root"] if os.getuid() == 0 else []),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _answers(socket), seconds=60)
        if process.poll() is not None:
            pytest.fail(f"MariaDB does not start: {(folder / 'log').read_text('utf-8', 'replace')[-2000:]}")
        yield socket
    finally:
        process.kill()  # its folder goes away with it
        process.wait()


def _answers(socket: Path) -> bool:
    try:
        connect(socket, None).close()
    except pymysql.Error:
        return False
    return True


def emptied(socket: Path) -> FreePbx:
    """The database anew, with both tables."""
    with closing(connect(socket, None)) as connection, connection.cursor() as cursor:
        cursor.execute("drop database if exists asteriskcdrdb")
        cursor.execute("create database asteriskcdrdb")
    made = FreePbx(socket)
    made.run(CDR, CEL)
    return made
