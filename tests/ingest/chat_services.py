"""The whole way of chats in one process: pretended services, webhooks over real HTTP, ingest's works, one database."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette

from dashboard.hook_inbox import Inbox
from dashboard.hooks import extra_routes
from data.identity.actor import Actor, Role, system
from data.identity.secrets import Secrets
from data.messaging import MessageKind
from data.messenger_fields import Way
from data.services.chats.delivery import sending
from data.services.messenger_accounts import create_account, put_secrets
from data.settings import Settings
from data.store.database import Database
from data.store.protocol import Store, Topic
from ingest.messengers.works import Messengers
from ingest.simulator.messengers.bots import Bots
from ingest.simulator.messengers.graph import Graph
from ingest.simulator.messengers.partner import Partner
from ingest.simulator.messengers.service import Service
from tests.ingest.waiting import wait_until

ADMIN = system("test")
ANNA = Actor(user="anna", role=Role.SUPERVISOR, name="Анна")
SERVICES: dict[str, Callable[[], Service]] = {
    "whatsapp": Graph,
    "poll": Bots,
    "bot": lambda: Bots(Way.WEBHOOK),
    "partner": Partner,
}


def settings_of(folder: Path, **web: Any) -> Settings:
    """The services of a test live on this machine."""
    return Settings.model_validate(
        {
            "data": folder / "var",
            "outbound": {"allow": ["127.0.0.0/8"]},
            "store": {"memory_limit": "512MB", "readers": 4},
            "web": web,
        }
    )


@contextmanager
def hooks(settings: Settings, store: Store) -> Iterator[str]:
    """The webhooks of the web process on a port of this machine; its address."""
    app = Starlette(routes=extra_routes())
    app.state.hooks = Inbox(store, settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([door])), name="hooks", daemon=True)
        app.state.hooks.start()
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60.0)
            app.state.hooks.stop()


@contextmanager
def at_work(messengers: Messengers) -> Iterator[None]:
    """What ingest does for chats, until the block ends."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=work, args=(stop,), name=name, daemon=True) for name, work in messengers.works.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(60.0)
        assert not any(thread.is_alive() for thread in threads), "a work did not end"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One account at one pretended service, and what our database says of it."""

    service: Any
    account: str
    database: Database
    settings: Settings
    secrets: Secrets

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        return self.database.query(sql, params, actor=ADMIN).to_pylist()

    def chat(self, user: str) -> dict[str, Any]:
        """The chat of that client, as soon as there is one."""
        sql = "select * from chat where messenger_account = $account and user_key = $user"
        return self.first(sql, account=self.account, user=user)

    def message(self, messenger_id: str, where: str = "true") -> dict[str, Any]:
        """The message of that id at the messenger, as soon as it is there and `where` holds."""
        sql = f"select * from message where messenger_message_id = $id and {where}"
        return self.first(sql, id=messenger_id)

    def mine(self, message_id: str, where: str = "true") -> dict[str, Any]:
        """A message of ours, as soon as `where` holds."""
        return self.first(f"select * from message where message_id = $id::uuid and {where}", id=message_id)

    def first(self, sql: str, **params: Any) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = self.rows(sql, **params)
            return bool(found)

        wait_until(there)
        return found[0]

    def write(self, user: str, text: str | None, kind: MessageKind = MessageKind.TEXT, **more: Any) -> str:
        """Write to a client as a service of ours does: row and order in one transaction; the id of the message."""
        message_id, now = str(uuid4()), datetime.now(UTC)
        chat_id = str(self.chat(user)["chat_id"])
        columns = {"payload": None, "media": None, "media_name": None, "media_type": None, "replies_to": None} | more
        with self.database._write({Topic.CHATS: [chat_id], Topic.OUTBOX: ()}) as cursor:
            cursor.execute(
                "insert into message (message_id, chat_id, author, kind, ours, text, sent_at, state, payload, media, "
                "media_name, media_type, replies_to) "
                "values ($id, $chat, 'anna', $kind, true, $text, $at, 'queued', $payload, $media, $media_name, "
                "$media_type, $replies_to)",
                {"id": message_id, "chat": chat_id, "kind": kind.value, "text": text, "at": now, **columns},
            )
            step = sending(ANNA, self.account, message_id, now=now)
            cursor.execute(self.database._statements.sql(step.name), dict(step.params))
        return message_id


@contextmanager
def desk(kind: str, folder: Path, database: Database, settings: Settings, hooks_url: str) -> Iterator[Desk]:
    """An account of that kind at work."""
    with SERVICES[kind]() as service:
        secrets = Secrets(settings)
        service.hook_url = f"{hooks_url}/hooks/{kind}"
        config = {"connection": service.connection}
        now = datetime.now(UTC)
        create_account(database, ADMIN, kind, service.messenger, f"Счёт {kind}", config=config, now=now)
        put_secrets(database, secrets, ADMIN, kind, service.secrets, now=now)
        messengers = Messengers(settings, database, poll_s=5.0)
        with at_work(messengers):
            try:
                yield Desk(service=service, account=kind, database=database, settings=settings, secrets=secrets)
            finally:
                service.released.set()


def payload(row: dict[str, Any]) -> Any:
    return json.loads(row["payload"]) if row["payload"] else None
