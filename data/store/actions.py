"""What the store does on request besides answering queries, and which tokens may ask for it.

An action gets the head and the tables of its message and returns the bytes of the answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from data.person import Person
from data.store.database import Database
from data.store.protocol import LiveTable, Statement, Topic
from data.store.tokens import TokenKind
from data.store.wire import pack_tables, unpack_actor, unpack_params


def _transact(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    steps = [
        Statement(name=step["name"], params=unpack_params(step["params"]), expect_rows=step["expect_rows"])
        for step in head["statements"]
    ]
    touches = {Topic(topic): ids for topic, ids in head["touches"].items()}
    return pack_tables({}, database.transact(steps, actor=unpack_actor(head["actor"]), touches=touches))


def _write_facts(database: Database, head: dict[str, Any], tables: list[pa.Table]) -> bytes:
    named = dict(zip(head["tables"], tables, strict=True))
    database.write_facts(named, actor=unpack_actor(head["actor"]), retracted=head["retracted"])
    return b""


def _write_live(database: Database, head: dict[str, Any], tables: list[pa.Table]) -> bytes:
    (rows,) = tables
    table = LiveTable(head["table"])
    done = database.write_live(
        head["pbx"], rows, actor=unpack_actor(head["actor"]), table=table, if_known=head["if_known"]
    )
    return json.dumps(done).encode()


def _rederive(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    database.rederive(actor=unpack_actor(head["actor"]))
    return b""


def _backup(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    return str(database.backup(actor=unpack_actor(head["actor"]))).encode()


def _erasable(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    counts = database.erasable(Person.of_json(head["person"]), actor=unpack_actor(head["actor"]))
    return json.dumps(counts).encode()


def _erase(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    counts, media = database.erase(Person.of_json(head["person"]), actor=unpack_actor(head["actor"]))
    return json.dumps({"counts": counts, "media": media}).encode()


def _rewrite(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    database.rewrite(actor=unpack_actor(head["actor"]))
    return b""


def _stats(database: Database, _: dict[str, Any], __: list[pa.Table]) -> bytes:
    return json.dumps({"pid": os.getpid(), **database.stats()}).encode()


def _withdraw(database: Database, head: dict[str, Any], _: list[pa.Table]) -> bytes:
    database.questions.withdraw(head["key"])
    return b""


Action = Callable[[Database, dict[str, Any], list[pa.Table]], bytes]
ACTIONS: dict[str, tuple[tuple[TokenKind, ...], Action]] = {
    "transact": ((TokenKind.RW, TokenKind.APP), _transact),
    "facts": ((TokenKind.RW,), _write_facts),
    "live": ((TokenKind.RW,), _write_live),
    "rederive": ((TokenKind.RW,), _rederive),
    "backup": ((TokenKind.RW,), _backup),
    "withdraw": ((TokenKind.RW, TokenKind.APP), _withdraw),
    "erasable": ((TokenKind.RW, TokenKind.APP), _erasable),
    "erase": ((TokenKind.RW,), _erase),
    "rewrite": ((TokenKind.RW,), _rewrite),
    "stats": ((TokenKind.RW, TokenKind.APP), _stats),
    "health": (tuple(TokenKind), lambda *_: b"{}"),
}
