"""What messengers deliver, put into chats: each message once, in whatever order and however often it is told.

A chat is keyed by the account at the messenger and the client's id there. A new one stands in the queue; a closed
one comes back to its former responsible. Receipts, edits and deletions may come before their message: they wait
for it in `message_change`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from data.errors import Conflict
from data.identity.actor import Actor
from data.messaging import ChatMoved, MessageReceived
from data.model import NumberClass
from data.phone import normalise
from data.queries import read
from data.services.chats.changes import OLDEST, apply_changes
from data.services.chats.received_rows import (
    Delivered,
    Placed,
    Row,
    by_chat,
    change_of,
    first_id,
    heard,
    ids_of,
    row_of,
    title_of,
)
from data.settings import Site
from data.store.protocol import Statement, Store, Topic

_TRIES = 5
_NO_NUMBERS = frozenset({NumberClass.INVALID, NumberClass.HIDDEN, NumberClass.INTERNAL, NumberClass.SHORT})


def receive(store: Store, actor: Actor, deliveries: Sequence[Delivered], *, site: Site, now: datetime) -> None:
    """Store them in one transaction; the raw deliveries are done with in the same.

    Raises Conflict where somebody else took one of the raw deliveries, StoreError.
    """
    for attempt in range(_TRIES):
        batch = _Batch(store, actor, deliveries, site, now)
        steps = batch.steps()
        if not steps:
            return
        try:
            store.transact(steps, actor=actor, touches=batch.touches)
            return
        except Conflict:
            # A chat may have been opened by somebody who wrote first.
            if not batch.opens or attempt == _TRIES - 1:
                raise


class _Batch:
    """The steps for some deliveries, and what they were worked out from."""

    def __init__(self, store: Store, actor: Actor, deliveries: Sequence[Delivered], site: Site, now: datetime) -> None:
        self._store, self._actor, self._now = store, actor, now
        self._hooks = [one.hook_id for one in deliveries if one.hook_id is not None]
        self._messages = [(one, item) for one in deliveries for item in one.items if isinstance(item, MessageReceived)]
        self._moved = {
            (one.account, item.user_key): item.former_key
            for one in deliveries
            for item in one.items
            if isinstance(item, ChatMoved)
        }
        self._changes = [
            (one.account, item)
            for one in deliveries
            for item in one.items
            if not isinstance(item, MessageReceived | ChatMoved)
        ]
        self._site = site
        self.opens: list[Row] = []
        self.touched: list[str] = []
        self._ends_orders = False

    @property
    def touches(self) -> dict[Topic, list[str]]:
        return {Topic.CHATS: self.touched} | ({Topic.OUTBOX: []} if self._ends_orders else {})

    def steps(self) -> list[Statement]:
        rows = list(self._new_messages())
        steps: list[Statement] = []
        if self.opens:
            steps.append(self._step("chat_receive_insert", self.opens, expect_rows=len(self.opens), at=self._now))
            steps.append(self._step("chat_receive_opened", self.opens, actor=self._actor.user))
        if rows:
            chats = [heard(chat, messages) for chat, messages in by_chat(rows)]
            steps.append(self._step("chat_receive_messages", [row_of(one) for one in rows], at=self._now))
            steps.append(self._step("chat_receive_reopened", chats, actor=self._actor.user))
            steps.append(self._step("chat_receive_update", chats, at=self._now))
            steps.append(self._step("chat_receive_client", chats))
            self.touched += [chat["chat_id"] for chat in chats]
        if self._moved:
            names = ("account", "user_key", "former_key")
            moved = [dict(zip(names, (*place, former), strict=True)) for place, former in self._moved.items()]
            steps.append(self._step("chat_receive_moved", moved))
        steps += self._applied(bool(rows))
        if self._hooks:
            params = {"hook_ids": self._hooks, "at": self._now}
            steps.append(Statement(name="hook_events_done", params=params, expect_rows=len(self._hooks)))
        return steps

    def _applied(self, has_messages: bool) -> list[Statement]:
        if not self._changes and not (has_messages and self._is_waited_for()):
            return []
        told = [change_of(account, item) for account, item in self._changes]
        self.touched += self._told_of()
        steps = [self._step("message_changes_insert", told, at=self._now), *apply_changes(self._now)]
        if ours := sorted({one["message_id"] for one in told if one.get("message_id")}):
            params = {"message_ids": ours}
            steps.append(Statement(name="outbox_told", params={**params, "at": self._now}))
            under_way = self._store.query(read("outbox/under_way"), params, actor=self._actor)["orders"][0].as_py()
            self._ends_orders = bool(under_way)
        return steps

    def _told_of(self) -> list[str]:
        """The chats whose messages the changes are about, as far as they are known."""
        if not self._changes:
            return []
        params = {
            "ids": sorted({item.messenger_message_id for _, item in self._changes}),
            "accounts": sorted({account for account, _ in self._changes}),
            "from_at": self._now - OLDEST,
        }
        return self._store.query(read("chats/of_messages"), params, actor=self._actor)["chat_id"].to_pylist()

    def _is_waited_for(self) -> bool:
        return bool(self._store.query(read("chats/changes_waiting"), actor=self._actor)["waiting"][0].as_py())

    def _new_messages(self) -> Iterator[Placed]:
        """Every message that is not known yet, once, in its chat."""
        if not self._messages:
            return
        chats = self._chats()
        known = self._known()
        placed: dict[tuple[str, str], Placed] = {}
        for delivery, message in self._messages:
            chat = chats[delivery.account, message.user_key]
            key = (chat["chat_id"], message.messenger_message_id)
            if key not in known and key not in placed:
                placed[key] = Placed(str(uuid4()), chat, delivery, message)
        answered = self._answered(placed.values())
        for (chat_id, _), one in placed.items():
            quoted = (chat_id, one.message.reply_to or "")
            beside = placed.get(quoted)
            one.replies_to = beside.message_id if beside else answered.get(quoted)
            yield one

    def _chats(self) -> dict[tuple[str, str], Row]:
        """The chat of each client, those that are opened now too."""
        keys = {(one.account, key) for one, message in self._messages for key in self._keys(one.account, message)}
        wanted = sorted(keys)
        params = {"accounts": [account for account, _ in wanted], "keys": [key for _, key in wanted]}
        found: dict[tuple[str, str], Row] = {}
        for row in self._store.query(read("chats/keyed"), params, actor=self._actor).to_pylist():
            found[row["messenger_account"], row["user_key"]] = {"chat_id": row["chat_id"]}
        for delivery, message in self._messages:
            place = (delivery.account, message.user_key)
            chat = found.get(place)
            if chat is None:
                others = ((delivery.account, key) for key in self._keys(delivery.account, message))
                chat = next((found[other] for other in others if other in found), None)
            if chat is None:
                chat = self._opened(delivery, message)
            found[place] = chat
            chat["user_key"] = message.user_key
            chat["number"] = self._number(message.phone) or chat.get("number")
            if title := title_of(message):
                chat["title"] = title
            chat.setdefault("ids", set()).update(ids_of(delivery.messenger, message))
        return found

    def _keys(self, account: str, message: MessageReceived) -> tuple[str, ...]:
        """All ids under which the chat of a message may stand."""
        former = self._moved.get((account, message.user_key))
        return (message.user_key, *message.also_known, *((former,) if former else ()))

    def _opened(self, delivery: Delivered, message: MessageReceived) -> Row:
        place = (delivery.account, message.user_key)
        first = min(one.sent_at for told, one in self._messages if (told.account, one.user_key) == place)
        chat: Row = {
            "chat_id": str(uuid4()),
            "event_id": first_id(),
            "messenger": delivery.messenger.value,
            "account": delivery.account,
            "is_group": message.is_group,
            "created_at": min(first, self._now).isoformat(),
        }
        self.opens.append(chat)
        return chat

    def _known(self) -> set[tuple[str, str]]:
        moments = [message.sent_at for _, message in self._messages]
        params = {
            "ids": sorted({message.messenger_message_id for _, message in self._messages}),
            # The same message carries the same moment, however often it is told.
            "from_at": min(moments) - timedelta(seconds=1),
            "until_at": max(moments) + timedelta(seconds=1),
        }
        rows = self._store.query(read("chats/known_messages"), params, actor=self._actor).to_pylist()
        return {(row["chat_id"], row["messenger_message_id"]) for row in rows}

    def _answered(self, placed: Iterable[Placed]) -> dict[tuple[str, str], str]:
        quoting = [one for one in placed if one.message.reply_to]
        if not quoting:
            return {}
        params = {
            "ids": sorted({one.message.reply_to or "" for one in quoting}),
            "chat_ids": sorted({one.chat["chat_id"] for one in quoting}),
        }
        rows = self._store.query(read("chats/answered_messages"), params, actor=self._actor).to_pylist()
        return {(row["chat_id"], row["messenger_message_id"]): row["message_id"] for row in rows}

    def _number(self, phone: str | None) -> str | None:
        if not phone:
            return None
        found = normalise("+" + phone.lstrip("+"), self._site)
        return None if found.number_class in _NO_NUMBERS else found.number

    def _step(self, name: str, rows: Sequence[Row], *, expect_rows: int | None = None, **params: object) -> Statement:
        text = json.dumps([{key: sorted(v) if isinstance(v, set) else v for key, v in row.items()} for row in rows])
        return Statement(name=name, params={"rows": text, **params}, expect_rows=expect_rows)
