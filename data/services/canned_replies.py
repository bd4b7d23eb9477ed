"""Ready answers: what a colleague types after "/" in a chat, and what it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.fields import usable_name
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

LONGEST_TEXT = 4096  # what every messenger takes in one message
LONGEST_SHORTCUT = 32

_SHORTCUT = re.compile(r"[\w-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. account: where it is offered; None: everywhere."""

    reply_id: str
    shortcut: str
    title: str
    text: str
    account: str | None


def replies(store: Store, actor: Actor) -> tuple[Reply, ...]:
    """All of them, by what is typed."""
    require(actor, Permission.CHAT)
    rows = store.query(read("messengers/replies"), actor=actor).to_pylist()
    return tuple(Reply(**row) for row in rows)


def add_reply(
    store: Store, actor: Actor, shortcut: str, title: str, text: str, *, account: str | None, now: datetime
) -> Reply:
    """A new answer. Raises BadInput also where the same is typed for another one."""
    require(actor, Permission.SETTINGS)
    reply = _usable(str(uuid4()), shortcut, title, text, account)
    _write(store, actor, "insert", reply, now)
    return reply


def change_reply(
    store: Store,
    actor: Actor,
    reply_id: str,
    shortcut: str,
    title: str,
    text: str,
    *,
    account: str | None,
    now: datetime,
) -> Reply:
    """Replace what it says. Raises BadInput as `add_reply` does, NotFound."""
    require(actor, Permission.SETTINGS)
    reply = _usable(_known(store, actor, reply_id), shortcut, title, text, account)
    _write(store, actor, "update", reply, now)
    return reply


def remove_reply(store: Store, actor: Actor, reply_id: str, *, now: datetime) -> None:
    """Forget it; what was sent with it stays. Raises NotFound."""
    require(actor, Permission.SETTINGS)
    known = _known(store, actor, reply_id)
    step = Statement(name="canned_reply_delete", params={"reply_id": known}, expect_rows=1)
    told = trail(actor, now, "reply.remove", "reply", known)
    store.transact([step, told], actor=actor, touches={Topic.LINK: ()})


def _write(store: Store, actor: Actor, way: str, reply: Reply, now: datetime) -> None:
    params = {
        "reply_id": reply.reply_id,
        "shortcut": reply.shortcut,
        "title": reply.title,
        "text": reply.text,
        "account": reply.account,
        "at": now,
        "actor": actor.user,
    }
    step = Statement(name=f"canned_reply_{way}", params=params, expect_rows=1)
    told = trail(actor, now, "reply.change", "reply", reply.reply_id, shortcut=reply.shortcut)
    try:
        store.transact([step, told], actor=actor, touches={Topic.LINK: ()})
    except Conflict:
        raise BadInput(
            f"/{reply.shortcut} is another answer already. Choose another word, or change that one."
        ) from None


def _usable(reply_id: str, shortcut: str, title: str, text: str, account: str | None) -> Reply:
    word = shortcut.strip().lstrip("/").lower()
    if not _SHORTCUT.fullmatch(word):
        raise BadInput(
            f"{shortcut[:40]!r} cannot be typed after a slash: "
            f"write up to {LONGEST_SHORTCUT} letters, digits, - and _ without blanks."
        )
    said = text.strip()
    if not 0 < len(said) <= LONGEST_TEXT:
        raise BadInput(f"The answer has {len(said)} characters; 1 to {LONGEST_TEXT} are allowed.")
    return Reply(reply_id=reply_id, shortcut=word, title=usable_name(title or word), text=said, account=account or None)


def _known(store: Store, actor: Actor, reply_id: str) -> str:
    try:
        known = str(UUID(reply_id))
    except ValueError:
        raise NotFound(f"There is no ready answer {reply_id[:40]!r}.") from None
    if all(one.reply_id != known for one in replies(store, actor)):
        raise NotFound(f"There is no ready answer {known}.")
    return known
