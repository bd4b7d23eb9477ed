"""The list of clients: found, filtered, ordered, and read block by block behind a cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.access import require
from data.errors import BadCursor
from data.identity.actor import Actor, Permission
from data.phone import display, mask, search_pattern
from data.queries import Bound, bound, compose, fragments, read
from data.services.clients import ClientKind, known_id
from data.services.tags import TagColour
from data.settings import Site
from data.store.protocol import Store

NOBODY = "none"  # as the responsible: clients for whom nobody is
_EXPORT_BLOCK = 5_000


class ClientSort(StrEnum):
    NAME = "name"
    CHANGED = "changed"
    CREATED = "created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """Which clients, and in which order; what is empty lets all pass."""

    search: str = ""  # part of a name, person, number in any format, tag, responsible, e-mail
    kind: ClientKind | None = None
    responsible: str = ""  # employee id, or NOBODY
    tag: str = ""
    sort: ClientSort = ClientSort.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTag:
    title: str
    colour: TagColour


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """A client as the list shows him; numbers masked and e-mails left out where they may not be seen."""

    account_id: str
    name: str
    kind: ClientKind
    responsible_id: str | None
    responsible: str | None
    tags: tuple[ClientTag, ...]
    notes: str | None
    external_id: str | None
    numbers: tuple[str, ...]  # as people write them
    people: tuple[str, ...]
    emails: tuple[str, ...]
    last_call_at: datetime | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """A block, and the cursors of the next and the former one; None: there is none."""

    rows: tuple[ClientRow, ...]
    after: str | None
    before: str | None


def client_page(
    store: Store,
    actor: Actor,
    wanted: ClientFilter,
    *,
    site: Site,
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> ClientPage:
    """`limit` clients behind the cursor `after`, or before `before`, else the first. Raises BadCursor."""
    require(actor, Permission.SEE_CALLS)
    back = before is not None
    cursor = after if after is not None else before
    statement = _statement("clients/page", actor, wanted, site, cursor=cursor, back=back, limit=limit + 1)
    rows = store.query(*statement, actor=actor).to_pylist()
    more, rows = len(rows) > limit, rows[:limit]
    if back:
        rows.reverse()
    first, last = (_encode(wanted, rows[place]) if rows else None for place in (0, -1))
    full = actor.may(Permission.FULL_NUMBERS)
    return ClientPage(
        rows=tuple(_row(row, full=full) for row in rows),
        after=last if (more or back) else None,
        before=first if (cursor is not None if not back else more) else None,
    )


def count_clients(store: Store, actor: Actor, wanted: ClientFilter, *, site: Site) -> int:
    """How many clients the filter leaves."""
    require(actor, Permission.SEE_CALLS)
    count: int = store.query(*_statement("clients/count", actor, wanted, site), actor=actor)["clients"][0].as_py()
    return count


def export_clients(store: Store, actor: Actor, wanted: ClientFilter, *, site: Site) -> Iterator[tuple[ClientRow, ...]]:
    """All clients of the filter in its order, in blocks. Needs EXPORT."""
    require(actor, Permission.EXPORT)
    after: str | None = None
    while True:
        page = client_page(store, actor, wanted, site=site, after=after, limit=_EXPORT_BLOCK)
        if page.rows:
            yield page.rows
        if page.after is None:
            return
        after = page.after


def _statement(
    name: str,
    actor: Actor,
    wanted: ClientFilter,
    site: Site,
    *,
    cursor: str | None = None,
    back: bool = False,
    limit: int = 0,
) -> Bound:
    parts = fragments("clients/conditions")
    key = parts[f"key_{wanted.sort}"]
    words = " ".join(wanted.search.lower().replace("ё", "е").split())
    number = search_pattern(wanted.search, site) if actor.may(Permission.FULL_NUMBERS) else None
    texts = ["account.merged_into is null"]
    params: dict[str, object] = {
        "words": words,
        "number_part": number and number.contains,
        "number_start": number and number.starts,
        "full_numbers": actor.may(Permission.FULL_NUMBERS),
        "kind": wanted.kind and wanted.kind.value,
        "tag": wanted.tag.strip().lower().replace("ё", "е"),
        "limit": limit,
    }
    if words:
        texts.append(parts["found"])
    if wanted.kind is not None:
        texts.append(parts["kind"])
    if wanted.tag:
        texts.append(parts["tag"])
    if wanted.responsible == NOBODY:
        texts.append(parts["nobody"])
    elif wanted.responsible:
        texts.append(parts["responsible"])
        params["responsible_id"] = known_id(wanted.responsible)
    descending = wanted.descending != back
    if cursor is not None:
        place = _decode(wanted, cursor)
        texts.append(compose(parts["after_descending" if descending else "after_ascending"], {"key": key}))
        params |= {"after_key": place[0], "after_id": place[1]}
    return bound(
        compose(
            read(name),
            {
                "with": read("clients/found") if words else "",
                "key": key,
                "where": "\n        and ".join(texts),
                "direction": "desc" if descending else "asc",
            },
        ),
        params,
    )


def _row(row: dict[str, Any], *, full: bool) -> ClientRow:
    return ClientRow(
        account_id=row["account_id"],
        name=row["name"],
        kind=ClientKind(row["kind"]),
        responsible_id=row["responsible_id"],
        responsible=row["responsible"],
        tags=tuple(ClientTag(title=tag["title"], colour=TagColour(tag["colour"])) for tag in row["tags"]),
        notes=row["notes"],
        external_id=row["external_id"],
        numbers=tuple(display(number) if full else mask(number) for number in row["numbers"]),
        people=tuple(row["people"]),
        emails=tuple(row["emails"] or ()) if full else (),
        last_call_at=row["last_call_at"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _encode(wanted: ClientFilter, row: dict[str, Any]) -> str:
    key = row["sort_key"]
    place = [wanted.sort.value, key.isoformat() if isinstance(key, datetime) else key, row["account_id"]]
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def _decode(wanted: ClientFilter, cursor: str) -> tuple[object, str]:
    """Raises BadCursor for a cursor that is not ours, or belongs to another order."""
    try:
        sort, key, account_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if sort != wanted.sort.value or not isinstance(key, str):
            raise ValueError(sort)
        return (key if wanted.sort is ClientSort.NAME else datetime.fromisoformat(key)), known_id(account_id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise BadCursor("This place in the list of clients is unknown. Begin again with the first page.") from None
