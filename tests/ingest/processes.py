"""Store and ingest as real processes, to be killed; and what the store must hold afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.facts import fact_tables
from data.identity.actor import system
from data.settings import Pbx, Settings, Site
from data.store.client import client_of
from data.store.opening import open_store
from data.store.tokens import TokenKind
from ingest.assembler import Assembler, Batch, Office
from ingest.pending import Pending
from ingest.replay import replay
from ingest.stream import Message
from ingest.tail import Began, Tail
from tests.ingest.waiting import wait_until

ROOT = Path(__file__).parents[2]
TEST = system("test")
# What a call is, without the numbers that its messages have in one journal or the other.
CALLS = """
    select call_id, direction, outcome, reason, external_number_raw, did, line, caller_number, called_number,
        answered_by, rang, employees, queues, started_at, answered_at, ended_at, wait_s, talk_s, hold_s,
        transfer_count, recording_count, incomplete
    from call
    order by call_id
"""
Row = dict[str, Any]


class Process:
    """One of our commands at work on a data folder; it can be killed and started again."""

    def __init__(self, command: str, settings: Path, data: Path) -> None:
        self.command = command
        self.lives = 0
        self._words = [sys.executable, "app.py", command, "--settings", str(settings), "--data", str(data)]
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (data / f"{command}.log").open("ab")

    def start(self) -> None:
        """Start it; returns when it says that it serves."""
        ready, tell = os.pipe()
        self._process = subprocess.Popen(
            self._words,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(tell,),
            env={**os.environ, "CALLBOARD_READY_FD": str(tell)},
        )
        os.close(tell)
        with os.fdopen(ready, "rb") as told:
            assert told.read(1), f"{self.command} did not start, see its log beside the data"
        self.lives += 1

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._log.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid


@contextmanager
def processes(data: Path, pbx: Pbx, *commands: str) -> Iterator[dict[str, Process]]:
    """Our commands for this PBX, started in the order given."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / "settings.toml"
    file.write_text(
        f'[[pbx]]\nname = "{pbx.name}"\nhost = "{pbx.host}"\nport = {pbx.port}\nuser = "{pbx.user}"\n'
        f'secret = "{pbx.secret.get_secret_value()}"\nping_seconds = {pbx.ping_seconds}\n[web]\nport = 0\n'
    )
    made = {command: Process(command, file, data) for command in commands}
    try:
        for process in made.values():
            process.start()
        yield made
    finally:
        for process in reversed(made.values()):
            process.end()


def ask(data: Path, sql: str) -> list[Row]:
    """Rows of the store that works on the folder; while it is away they are waited for."""
    with client_of(Settings(data=data), TokenKind.RW) as client:
        assert client.wait_ready(30.0)
        return client.query(sql, actor=TEST).to_pylist()


def processed(data: Path, pbx: str = "pbx") -> int:
    """Number of the message up to which everything is stored."""
    try:
        return int(json.loads((data / "journal" / pbx / "checkpoint.json").read_bytes())["stored_to"])
    except FileNotFoundError:
        return 0


def journal_bytes(data: Path) -> int:
    """How much of the stream is on disk."""
    return sum(path.stat().st_size for path in (data / "journal").rglob("events.ami"))


def events_of_connection(data: Path, number: int) -> int:
    """How many events of that connection are in the journal."""
    return sum(
        path.read_bytes().count(b"\nTimestamp: ") for path in (data / "journal").glob(f"*/*-{number}/events.ami")
    )


def calls_of_journal(data: Path, folder: Path, pbx: str = "pbx") -> list[Row]:
    """The calls that the whole journal of `data` gives in one go, put into a new store in `folder`."""
    assembler, pending = Assembler(Office(), pbx=pbx), Pending()
    tail = Tail(data / "journal" / pbx)
    while items := tail.read():
        for item in items:
            if isinstance(item, Message):
                assembler.feed(item)
            elif isinstance(item, Began):
                assembler.connected(_moment(item.at), item.sequence)
            else:
                assembler.disconnected(_moment(item.at), item.sequence, item.cause)
        pending.add(assembler.take(live=False))
    return stored(folder, pending.as_batch())


def stored(folder: Path, batch: Batch) -> list[Row]:
    with open_store(Settings(data=folder)) as store:
        tables = fact_tables(batch.calls, site=Site(), source="ami")
        store.write_facts(tables, actor=TEST, retracted=batch.retracted)
        return store.query(CALLS, actor=TEST).to_pylist()


def undisturbed(folder: Path, *parts: Path, pbx: str = "pbx") -> list[Row]:
    """The calls of a capture as the assembler alone puts them together."""
    pending = Pending()
    replay(parts, Office(), pending.add, pbx=pbx)
    return stored(folder, pending.as_batch())


def wait_for_calls(data: Path, count: int, seconds: float = 60.0) -> None:
    """Wait until so many calls are stored, and none goes on."""
    sql = "select (select count(*) from call) as ended, (select count(*) from live.live_call) as live"

    def there() -> bool:
        (row,) = ask(data, sql)
        return bool(row["ended"] >= count and row["live"] == 0)

    wait_until(there, seconds)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
