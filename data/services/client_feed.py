"""The feed of a client: calls, chats, comments, leads, tasks and changes in one line of time, newest first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.access import require
from data.errors import BadCursor
from data.identity.actor import Actor, Permission
from data.journal import CallFilter, CallJournal, CallKind, CallRow
from data.journal.cursor import Cursor
from data.journal.filter import Sort
from data.phone import display, mask
from data.queries import bound, compose, fragments, read
from data.services.chats.seeing import viewer
from data.services.clients import get_client
from data.store.protocol import Store

_AFTER_ALL = "\U0010ffff"  # behind every id
_ANY_CALL = frozenset(CallKind)


class FeedKind(StrEnum):
    CALL = "call"
    CHAT = "chat"
    COMMENT = "comment"
    LEAD = "lead"
    TASK = "task"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One thing that happened with a client; `call` of a call, else `detail` (data/queries/clients/feed.sql)."""

    kind: FeedKind
    happened_at: datetime
    entry_id: str
    call: CallRow | None = None
    detail: Mapping[str, Any] | None = None

    @property
    def place(self) -> tuple[datetime, str, str]:
        """Where it stands in the line; greater is newer."""
        return self.happened_at, self.kind.value, self.entry_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    entries: tuple[FeedEntry, ...]
    after: str | None  # cursor of the older ones; None: these were the oldest


def client_feed(
    journal: CallJournal,
    store: Store,
    actor: Actor,
    account_id: str,
    *,
    as_of: datetime,
    kinds: frozenset[FeedKind] = frozenset(),
    after: str | None = None,
    limit: int = 30,
) -> FeedPage:
    """`limit` entries behind the cursor, of the kinds (none: of all). Raises NotFound, BadCursor.

    Of calls those are left out that the actor may not see, and so is what was written about them.
    """
    require(actor, Permission.SEE_CALLS)
    account_id = get_client(store, actor, account_id).account_id
    wanted = kinds or frozenset(FeedKind)
    place = _decode(after) if after else None
    found = _others(store, actor, account_id, wanted, place, limit + 1)
    if FeedKind.CALL in wanted:
        found += _calls(journal, actor, account_id, as_of, place, limit + 1)
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = tuple(found[:limit])
    return FeedPage(entries=shown, after=_encode(shown[-1]) if len(found) > limit else None)


def _calls(
    journal: CallJournal,
    actor: Actor,
    account_id: str,
    as_of: datetime,
    place: tuple[datetime, str, str] | None,
    limit: int,
) -> list[FeedEntry]:
    cursor = None
    if place is not None:
        at, kind, entry_id = place
        # At one instant calls come last: those of the instant of any other entry are still to come.
        call_id = entry_id if kind == FeedKind.CALL else _AFTER_ALL
        cursor = Cursor(key=None, started_at=at, call_id=call_id).encode(Sort())
    wanted = CallFilter(account_id=account_id, kinds=_ANY_CALL)
    page = journal.page(actor, wanted, as_of=as_of, after=cursor, limit=limit)
    return [
        FeedEntry(kind=FeedKind.CALL, happened_at=row.started_at, entry_id=row.call_id, call=row) for row in page.rows
    ]


def _others(
    store: Store,
    actor: Actor,
    account_id: str,
    wanted: frozenset[FeedKind],
    place: tuple[datetime, str, str] | None,
    limit: int,
) -> list[FeedEntry]:
    if wanted == {FeedKind.CALL}:
        return []
    scope = fragments("calls/conditions")["took_part"] if not actor.sees_all else "true"
    talks = viewer(store, actor) if actor.may(Permission.CHAT) else None
    at, kind, entry_id = place or (None, "", "")
    known: dict[str, object] = {
        "account_id": account_id,
        "own": sorted(actor.seen),
        "took_part_from": None,
        "with_notes": FeedKind.COMMENT in wanted,
        # Beside its call a comment is shown there.
        "with_call_notes": FeedKind.COMMENT in wanted and FeedKind.CALL not in wanted,
        "with_leads": FeedKind.LEAD in wanted,
        "with_tasks": FeedKind.TASK in wanted,
        "with_chats": FeedKind.CHAT in wanted and talks is not None,
        "mine": list(talks.mine) if talks else [],
        "with_changes": FeedKind.CHANGE in wanted,
        "before_at": at,
        "before_kind": kind,
        "before_id": entry_id,
        "limit": limit,
    }
    parts = {"scope": scope, "chats": talks.condition if talks else "false"}
    statement = bound(compose(read("clients/feed"), parts), known)
    full = actor.may(Permission.FULL_NUMBERS)
    return [_entry(row, full=full) for row in store.query(*statement, actor=actor).to_pylist()]


def _entry(row: Mapping[str, Any], *, full: bool) -> FeedEntry:
    detail = json.loads(row["detail"])
    kind = FeedKind(row["kind"])
    if kind is FeedKind.LEAD:
        detail["number"] = _shown(detail["number"], full=full)
    if kind is FeedKind.CHANGE:
        detail = _change(detail, full=full)
    if kind is FeedKind.CHAT and not full:
        detail["title"] = None
    return FeedEntry(kind=kind, happened_at=row["happened_at"], entry_id=row["entry_id"], detail=detail)


def _change(told: dict[str, Any], *, full: bool) -> dict[str, Any]:
    """Who did what: the words of the trail, and the number where it was about one."""
    more: dict[str, Any] = json.loads(told.pop("detail") or "{}")
    subject_id = told.pop("subject_id")
    changes = more.pop("changes", {})
    if not full:
        changes = {name: value for name, value in changes.items() if name not in ("emails", "messengers")}
    if told["action"].startswith("number."):
        told["number"] = _shown(subject_id, full=full)
    return (
        told
        | {"changes": changes}
        | {name: more[name] for name in ("name", "account_id", "former_account_id") if name in more}
    )


def _shown(number: str | None, *, full: bool) -> str | None:
    return number and (display(number) if full else mask(number))


def _encode(entry: FeedEntry) -> str:
    at, kind, entry_id = entry.place
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), kind, entry_id]).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str, str]:
    try:
        at, kind, entry_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(at), FeedKind(kind).value, str(entry_id)
    except (ValueError, TypeError, binascii.Error):
        raise BadCursor("This place in the feed is unknown. Begin again with the newest entries.") from None
    if place[0].tzinfo is None:
        raise BadCursor("This place in the feed is unknown. Begin again with the newest entries.")
    return place
