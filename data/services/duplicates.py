"""Cards that may be one client: suggested by number, e-mail and name, until somebody says that they are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.access import require
from data.identity.actor import Actor, Permission
from data.phone import display
from data.queries import read
from data.services.clients import get_client, known_id
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic


class Likeness(StrEnum):
    """Why two cards may be one client."""

    NUMBER = "number"  # a number was with both, one after the other
    EMAIL = "email"
    NAME = "name"  # without legal form, marks and order of words


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Two cards, and what they share."""

    one_id: str
    one_name: str
    one_numbers: tuple[str, ...]  # as people write them: cards of one name are told apart by them
    other_id: str
    other_name: str
    other_numbers: tuple[str, ...]
    reasons: tuple[tuple[Likeness, str], ...]  # and the shared number, address or name


def duplicates(store: Store, actor: Actor, *, account_id: str | None = None, limit: int = 100) -> tuple[Duplicate, ...]:
    """Pairs of cards, the surest first; account_id: only those of one card. Needs the right to merge them."""
    require(actor, Permission.EDIT_CLIENTS)
    require(actor, Permission.FULL_NUMBERS)
    params = {"account_id": account_id and known_id(account_id), "limit": limit}
    rows = store.query(read("clients/duplicates"), params, actor=actor).to_pylist()
    return tuple(
        Duplicate(
            one_id=row["one_id"],
            one_name=row["one_name"],
            one_numbers=tuple(display(number) for number in row["one_numbers"]),
            other_id=row["other_id"],
            other_name=row["other_name"],
            other_numbers=tuple(display(number) for number in row["other_numbers"]),
            reasons=tuple(
                (
                    Likeness(reason["reason"]),
                    display(reason["value"]) if reason["reason"] == Likeness.NUMBER else reason["value"],
                )
                for reason in row["reasons"]
            ),
        )
        for row in rows
    )


def not_duplicates(store: Store, actor: Actor, one_id: str, other_id: str, *, now: datetime) -> None:
    """The two cards are different clients: they are not suggested again. Raises NotFound, NotAllowed."""
    require(actor, Permission.EDIT_CLIENTS)
    one, other = (get_client(store, actor, account_id).account_id for account_id in (one_id, other_id))
    params = {"one_id": one, "other_id": other, "at": now, "actor": actor.user}
    store.transact(
        [
            Statement(name="distinct_insert", params=params),
            trail(actor, now, "client.distinct", "account", one, other_id=other),
        ],
        actor=actor,
        touches={Topic.CLIENTS: [one, other]},
    )
