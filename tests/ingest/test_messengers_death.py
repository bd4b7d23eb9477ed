"""Nothing that a messenger was told we have is ever lost: web and store are killed while webhooks come in."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx

from data.hooks import HOOK_SECRET, signed
from data.identity.secrets import Secrets
from data.messaging import Messenger
from data.services.messenger_accounts import create_account, put_secrets
from data.settings import Settings
from data.store.client import client_of
from data.store.tokens import TokenKind
from tests.ingest.chat_services import ADMIN
from tests.ingest.processes import Process, ask
from tests.ingest.waiting import wait_until

_KEY = "a secret of ours and theirs"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_what_was_acknowledged_is_stored_though_web_and_store_are_killed(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    data.mkdir()
    file = data / "settings.toml"
    file.write_text(f"[web]\nport = {port}\n[store]\nreaders = 2\nmemory_limit = '512MB'\n")
    store, web = Process("store", file, data), Process("web", file, data)
    acknowledged: list[str] = []
    refused: list[int] = []
    over = threading.Event()

    def knock() -> None:
        number = 0
        with httpx.Client(trust_env=False, timeout=30.0) as client:
            while not over.is_set():
                number += 1
                event = f"e{number}"
                body = json.dumps({"type": "message", "id": event, "user": {"id": "u"}, "text": "да"}).encode()
                headers = signed(_KEY, event, body, now=datetime.now(UTC))
                try:
                    status = client.post(f"http://127.0.0.1:{port}/hooks/shop", content=body, headers=headers)
                except httpx.HTTPError:
                    over.wait(0.05)
                    continue
                if status.status_code == 200:
                    acknowledged.append(event)
                else:
                    refused.append(status.status_code)
                    over.wait(0.02)

    try:
        store.start()
        settings = Settings(data=data)
        with client_of(settings, TokenKind.RW) as client:
            now = datetime.now(UTC)
            config = {"connection": {"url": "http://127.0.0.1:9/"}}
            create_account(client, ADMIN, "shop", Messenger.WEBHOOK, "Магазин", config=config, now=now)
            put_secrets(client, Secrets(settings), ADMIN, "shop", {HOOK_SECRET: _KEY}, now=now)
        web.start()
        knocking = threading.Thread(target=knock, daemon=True)
        knocking.start()
        for process in (store, web):
            reached = len(acknowledged) + 30
            wait_until(lambda reached=reached: len(acknowledged) >= reached)  # type: ignore[misc]
            process.kill()
            if process is store:  # whose absence refuses nobody
                more = len(acknowledged) + 30
                wait_until(lambda more=more: len(acknowledged) >= more)  # type: ignore[misc]
            process.start()
        reached = len(acknowledged) + 30
        wait_until(lambda: len(acknowledged) >= reached)
        over.set()
        knocking.join(60.0)

        # Not by their number: some that were never answered are stored, too.
        wait_until(lambda: set(acknowledged) <= set(stored(data)))
        found = stored(data)
    finally:
        over.set()
        web.end()
        store.end()
    assert len(found) == len(set(found))
    assert refused == []


def stored(data: Path) -> list[str]:
    """The ids of the events that the store has."""
    return [json.loads(row["body"])["id"] for row in ask(data, "select body from hook_event")]
