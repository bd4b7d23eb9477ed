"""What people ask of a messenger beside messages: a test of the connection, its templates, "Anna is typing"."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import structlog

from data.errors import StoreError
from data.messaging import SendError
from data.queries import read
from data.services.chats.delivery import TYPING
from data.services.chats.orders import finished, taken
from data.services.messenger_accounts import CHECK, TEMPLATES
from data.store.protocol import Statement, Store, Topic
from ingest.messengers.accounts import ACTOR, Line, Lines
from ingest.messengers.adapter import SendFailed

log = structlog.get_logger()

Row = dict[str, Any]


class Errands:
    """Orders of all accounts that have no order among themselves; each is tried once."""

    def __init__(self, store: Store, lines: Lines) -> None:
        self._store, self._lines = store, lines
        self._carriers = ThreadPoolExecutor(4, thread_name_prefix="errand")
        self._acts: dict[str, Callable[[Line, Row], str]] = {
            CHECK: self._check,
            TEMPLATES: self._templates,
            TYPING: self._typing,
        }

    def take(self) -> None:
        """Begin with everything that waits; what one took that died is never repeated. Raises StoreError."""
        params = {"kinds": list(self._acts)}
        rows = self._store.query(read("outbox/of_kinds"), params, actor=ACTOR).to_pylist()
        if rows:
            self._lines.refresh()  # the order may follow a change of its account at once
        for row in rows:
            if taken(self._store, ACTOR, row["outbox_id"], now=datetime.now(UTC)):
                self._carriers.submit(self._carry_out, row["kind"], row)

    def close(self) -> None:
        self._carriers.shutdown(wait=False, cancel_futures=True)

    def _carry_out(self, kind: str, row: Row) -> None:
        error, answer = None, ""
        try:
            line = self._lines.get(row["target"])
            if line is None:
                raise SendFailed(SendError.NOT_ALLOWED, f"there is no enabled account {row['target']}")
            answer = self._acts[kind](line, row)
        except SendFailed as trouble:
            error = str(trouble)
        except Exception as trouble:
            log.exception("an errand failed", kind=kind, account=row["target"])
            error = type(trouble).__name__
        payload = json.dumps({"answer": answer}, ensure_ascii=False)
        try:
            finished(self._store, ACTOR, row["outbox_id"], now=datetime.now(UTC), error=error, payload=payload)
        except StoreError as trouble:
            log.warning("the outcome of an errand is not stored", kind=kind, reason=str(trouble))

    def _check(self, line: Line, row: Row) -> str:
        try:
            answer = line.adapter.check()
        except SendFailed as trouble:
            self._lines.tell(row["target"], trouble)
            raise
        self._lines.tell(row["target"], None, answer)
        return answer

    def _templates(self, line: Line, row: Row) -> str:
        """How many there are now; they take the place of those there were."""
        found = line.adapter.templates()
        rows = [
            {
                "name": one.name,
                "language": one.language,
                "state": one.state,
                "category": one.category,
                "body": one.body,
                "variables": one.variables,
                "config": json.dumps(one.config, ensure_ascii=False),
            }
            for one in found
        ]
        account = {"account": row["target"]}
        steps = [
            Statement(name="message_templates_forget", params=account),
            Statement(
                name="message_templates_insert", params={**account, "rows": json.dumps(rows), "at": datetime.now(UTC)}
            ),
        ]
        self._store.transact(steps, actor=ACTOR, touches={Topic.LINK: [row["target"]]})
        return str(len(found))

    def _typing(self, line: Line, row: Row) -> str:
        order = json.loads(row["payload"])
        if datetime.fromisoformat(order["until"]) > datetime.now(UTC):
            line.adapter.typing(order["user_key"])
        return ""
