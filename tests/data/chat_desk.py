"""Two managers, a supervisor and a chat in the queue, in a database shared by the tests of a module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from data.identity.actor import Actor, Role, Scope
from data.services.chats.card import ChatCard, chat_card
from data.store.database import Database
from tests.data.told import INGEST, employee, local

NOON = local("03-02 12:00")
MINUTE = timedelta(minutes=1)
ANNA = Actor(user="anna", name="Анна", role=Role.MANAGER, extensions=frozenset({"201"}), scope=Scope.OWN)
BORIS = Actor(user="boris", name="Борис", role=Role.MANAGER, extensions=frozenset({"202"}), scope=Scope.OWN)
VERA = Actor(user="vera", name="Вера", role=Role.MANAGER, extensions=frozenset({"203"}), scope=Scope.OWN)
OLGA = Actor(user="olga", name="Ольга", role=Role.SUPERVISOR)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The office. ids: employees by login."""

    store: Database
    ids: dict[str, str]

    def chat(self, *, wrote: datetime | None = NOON - 5 * MINUTE, text: str = "Здравствуйте", **changed: Any) -> str:
        """A chat in which the client wrote one text; in the queue unless told otherwise. Its id."""
        chat_id = str(changed.pop("chat_id", None) or uuid4())
        self._append(
            "chat",
            {
                "chat_id": chat_id,
                "messenger": "telegram",
                "messenger_account": "office",
                "user_key": chat_id[:8],
                "title": "Пётр",
                "state": "queued",
                "created_at": wrote or NOON,
                "queued_at": wrote or NOON,
                "client_wrote_at": wrote,
                "waiting_since": wrote,
                "last_message_at": wrote,
                "last_message_ours": False,
                "last_text": text,
                "last_kind": "text",
                "chat_no": 1,
            }
            | changed,
        )
        if wrote is not None:
            self.message(chat_id, wrote, text)
        return chat_id

    def message(self, chat_id: str, at: datetime, text: str, **changed: Any) -> str:
        message_id = str(uuid4())
        row = {"message_id": message_id, "chat_id": chat_id, "kind": "text", "ours": False, "text": text, "sent_at": at}
        self._append("message", row | {"author_name": "Пётр"} | changed)
        return message_id

    def template(self, body: str, variables: int) -> None:
        row = {"messenger_account": "office", "name": "hello", "language": "ru", "state": "approved", "body": body}
        self._append("message_template", row | {"variables": variables, "synced_at": NOON})

    def account(self, messenger: str, **config: Any) -> None:
        row = {"account": "office", "messenger": messenger, "title": "Офис", "config": json.dumps(config)}
        self._append("messenger_account", row | {"changed_at": NOON, "changed_by": "admin"})

    def card(self, chat_id: str, actor: Actor = OLGA) -> ChatCard:
        return chat_card(self.store, actor, chat_id)

    def column(self, sql: str) -> list[Any]:
        """The one column of a statement."""
        return self.store.query(sql, actor=INGEST).column(0).to_pylist()

    def _append(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        places = ", ".join(f"${name}" for name in row)
        self.store._writer.execute(f"insert into {table} ({names}) values ({places})", row)


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """The office with its people."""
    with Database(folder / "var", memory_limit="512MB", readers=2, salt="salt") as store:
        people = (("anna", "Анна", "201"), ("boris", "Борис", "202"), ("vera", "Вера", "203"))
        yield Desk(store=store, ids={login: str(employee(store, name, phone)) for login, name, phone in people})
