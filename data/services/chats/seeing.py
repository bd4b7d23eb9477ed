"""Whose chats somebody sees and what he may do with one: the rules of chats, in one place.

Who looks after everybody's work (LIVE) sees all. Others see the queue, their own chats and those they watch.
The responsible and those who see all may hand over and close; watchers may write and leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from data.access import require
from data.errors import BadInput, NotAllowed, NotFound
from data.identity.actor import Actor, Permission
from data.queries import bound, compose, fragments, read
from data.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """An actor as chats see him. mine: ids of the employees he is, the first is how others know him."""

    actor: Actor
    mine: tuple[str, ...]

    @property
    def employee_id(self) -> str | None:
        return self.mine[0] if self.mine else None

    @property
    def sees_all(self) -> bool:
        return self.actor.may(Permission.LIVE)

    @property
    def condition(self) -> str:
        """Which rows of `chat` he sees, as SQL over $mine."""
        return fragments("chats/conditions")["everything" if self.sees_all else "own"]

    def query(self, store: Store, name: str, params: Mapping[str, object], **parts: str) -> list[dict[str, object]]:
        """Rows of a statement, of `chats/` where no folder is named; |seen|, |asked|, $mine and $user are given."""
        places = {"seen": self.condition, "asked": fragments("chats/conditions")["asked"], **parts}
        known = {**params, "mine": list(self.mine), "user": self.actor.user}
        text, values = bound(compose(read(name if "/" in name else f"chats/{name}"), places), known)
        rows: list[dict[str, object]] = store.query(text, values, actor=self.actor).to_pylist()
        return rows


def viewer(store: Store, actor: Actor) -> Viewer:
    """Raises NotAllowed for those who may not chat."""
    require(actor, Permission.CHAT)
    own = _employee(actor.employee_id)
    params = {"employee_id": own, "extensions": sorted(actor.extensions)}
    rows = store.query(read("chats/me"), params, actor=actor)["employee_id"].to_pylist()
    return Viewer(actor=actor, mine=tuple(rows))


def seen_chat(store: Store, who: Viewer, chat_id: str) -> str:
    """The id of a chat that he may see. Raises NotFound."""
    try:
        known = str(UUID(chat_id))
    except ValueError:
        raise NotFound(f"{chat_id[:40]!r} is no id of a chat.") from None
    if not who.query(store, "known", {"chat_id": known}):
        raise NotFound(f"There is no chat {known}, or it is not among those you may see.")
    return known


def require_employee(who: Viewer) -> str:
    """The employee he is. Raises BadInput for users who are none: a chat can be nobody else's."""
    if who.employee_id is None:
        raise BadInput(
            f"User {who.actor.user} is no employee, so no chat can be his. "
            "An administrator gives the user an extension of an employee."
        )
    return who.employee_id


def require_charge(who: Viewer, assignee_id: str | None) -> None:
    """Raises NotAllowed unless the chat is his, or he looks after everybody's."""
    if not who.sees_all and assignee_id not in who.mine:
        raise NotAllowed("Only the responsible or a supervisor may do that. Ask to have the chat handed over.")


def _employee(given: str | None) -> str | None:
    try:
        return str(UUID(given)) if given else None
    except ValueError:
        return None
