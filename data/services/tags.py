"""Tags: one vocabulary of the office; hung on calls and clients, and taken away again.

A tag is known by its title, whatever its capitals. Whoever may comment a call may tag it and add
a word to the vocabulary; to rename or remove a word for everybody needs TAGS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from data.access import require
from data.errors import BadInput, Conflict, NotFound
from data.identity.actor import Actor, Permission
from data.queries import bound, compose, fragments, read
from data.services.trail import trail
from data.store.protocol import Statement, Store, Topic

LONGEST_TITLE = 60
MOST_CALLS = 10_000  # that are tagged in one go


class TagColour(StrEnum):
    """What a tag may look like: names of the palette, never a colour from outside."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    VIOLET = "violet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    tag_id: str
    title: str
    colour: TagColour


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTag:
    """A tag of the vocabulary, and how much it is used."""

    tag: Tag
    version: int
    calls: int
    clients: int


def known_tags(store: Store, actor: Actor) -> tuple[KnownTag, ...]:
    """The vocabulary, by title."""
    require(actor, Permission.SEE_CALLS)
    return tuple(
        KnownTag(tag=read_tag(row), version=row["version"], calls=row["calls"], clients=row["clients"])
        for row in store.query(read("tags/listed"), actor=actor).to_pylist()
    )


def add_tag(
    store: Store, actor: Actor, title: str, *, now: datetime, colour: TagColour = TagColour.GREY
) -> tuple[Tag, bool]:
    """The tag of that title, and whether it is new: one of an equal title is taken as it is. Raises BadInput."""
    require(actor, Permission.COMMENT)
    name = tag_title(title)
    present = _titled(store, actor, name)
    if present is not None:
        return present, False
    tag = Tag(tag_id=str(uuid4()), title=name, colour=colour)
    try:
        store.transact(_creation(actor, tag, now), actor=actor, touches={Topic.DIRECTORY: [tag.tag_id]})
    except Conflict:  # somebody else added it in the same moment
        present = _titled(store, actor, name)
        if present is None:
            raise
        return present, False
    return tag, True


def change_tag(
    store: Store, actor: Actor, tag_id: str, title: str, colour: TagColour, *, version: int, now: datetime
) -> None:
    """Rename and recolour the tag wherever it hangs.

    Raises BadInput where another tag has that title, Conflict when somebody else changed it, NotFound.
    """
    require(actor, Permission.TAGS)
    known, name = tag_uuid(tag_id), tag_title(title)
    other = _titled(store, actor, name)
    if other is not None and other.tag_id != known:
        raise BadInput(f"There is a tag {other.title!r} already. Choose another word, or remove one of the two.")
    params = {"tag_id": known, "title": name, "colour": colour.value, "version": version}
    store.transact(
        [
            Statement(name="tag_update", params=params, expect_rows=1),
            trail(actor, now, "tag.change", "tag", known, title=name, colour=colour.value),
        ],
        actor=actor,
        touches={Topic.DIRECTORY: [known], Topic.COMMENTS: [], Topic.CLIENTS: []},
    )


def remove_tag(store: Store, actor: Actor, tag_id: str, *, now: datetime) -> None:
    """Take the tag out of the vocabulary and off everything that carries it. Raises NotFound."""
    require(actor, Permission.TAGS)
    known = tag_uuid(tag_id)
    try:
        store.transact(
            [
                Statement(name="tag_delete", params={"tag_id": known}, expect_rows=1),
                Statement(name="tag_leaves_calls", params={"tag_id": known}),
                Statement(name="tag_leaves_clients", params={"tag_id": known}),
                Statement(name="tag_leaves_chats", params={"tag_id": known}),
                trail(actor, now, "tag.remove", "tag", known),
            ],
            actor=actor,
            touches={Topic.DIRECTORY: [known], Topic.COMMENTS: [], Topic.CLIENTS: []},
        )
    except Conflict:
        raise NotFound(f"There is no tag {known}. Somebody may have removed it.") from None


def tag_calls(
    store: Store,
    actor: Actor,
    call_ids: Sequence[str],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    now: datetime,
) -> tuple[str, ...]:
    """Hang the tags `add` on the calls and take the tags `remove` off; the ids of the calls that were meant.

    All of it or nothing. Calls outside the actor's scope are left alone; raises NotFound where none
    is left, or for an unknown tag, BadInput for more than MOST_CALLS calls.
    """
    require(actor, Permission.COMMENT)
    added, removed = [tag_uuid(tag) for tag in add], [tag_uuid(tag) for tag in remove]
    _refuse_unknown(store, actor, added)
    seen = _seen(store, actor, call_ids)
    about: dict[str, object] = {"call_ids": list(seen)}
    who = {"at": now, "actor": actor.user}
    steps = []
    if removed:
        steps.append(Statement(name="call_tag_delete", params={**about, "tag_ids": removed}))
    if added:
        steps.append(Statement(name="call_tag_insert", params={**about, **who, "tag_ids": added}))
    if steps:
        told = {"calls": list(seen), "added": added, "removed": removed}
        steps.append(trail(actor, now, "call.tag", "call", seen[0], **told))
        store.transact(steps, actor=actor, touches={Topic.COMMENTS: seen, Topic.DIRECTORY: []})
    return seen


def client_tag_steps(
    store: Store, actor: Actor, account_id: str, titles: Sequence[str], now: datetime
) -> list[Statement]:
    """The steps after which a client carries the tags of these titles and no other; unknown words become tags."""
    first: dict[str, str] = {}
    for title in titles:
        if title.strip():
            first.setdefault(_key(tag_title(title)), tag_title(title))
    names = list(first.values())
    about = {"account_id": account_id, "titles": names}
    steps: list[Statement] = []
    for name in names:
        if _titled(store, actor, name) is None:
            steps += _creation(actor, Tag(tag_id=str(uuid4()), title=name, colour=TagColour.GREY), now)
    return [
        *steps,
        Statement(name="client_tags_keep", params=about),
        Statement(name="client_tags_insert", params={**about, "at": now, "actor": actor.user}),
    ]


def tag_title(text: str) -> str:
    """The title as it is kept. Raises BadInput for one that is empty or too long."""
    title = " ".join(text.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise BadInput(f"A tag needs 1 to {LONGEST_TITLE} characters, this one has {len(title)}. Type another word.")
    return title


def tag_uuid(text: str) -> str:
    """The text as the id of a tag. Raises NotFound for what can be none."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"{text[:40]!r} is no id of a tag. Read /api/tags.") from None


def _creation(actor: Actor, tag: Tag, now: datetime) -> list[Statement]:
    params = {"tag_id": tag.tag_id, "title": tag.title, "colour": tag.colour.value, "at": now, "actor": actor.user}
    return [
        Statement(name="tag_insert", params=params, expect_rows=1),
        trail(actor, now, "tag.create", "tag", tag.tag_id, title=tag.title),
    ]


def _titled(store: Store, actor: Actor, title: str) -> Tag | None:
    rows = store.query(read("tags/titled"), {"title": title}, actor=actor).to_pylist()
    return read_tag(rows[0]) if rows else None


def _refuse_unknown(store: Store, actor: Actor, tag_ids: Sequence[str]) -> None:
    known = {each.tag.tag_id for each in known_tags(store, actor)} if tag_ids else set()
    for tag_id in tag_ids:
        if tag_id not in known:
            raise NotFound(f"There is no tag {tag_id}. Somebody may have removed it.")


def _seen(store: Store, actor: Actor, call_ids: Sequence[str]) -> tuple[str, ...]:
    wanted = list(dict.fromkeys(call_ids))
    if len(wanted) > MOST_CALLS:
        raise BadInput(f"{len(wanted)} calls are too many in one go, at most {MOST_CALLS} are tagged. Choose fewer.")
    scope = fragments("calls/conditions")["took_part"] if not actor.sees_all else "true"
    known = {"call_ids": wanted, "own": sorted(actor.seen), "took_part_from": None}
    text, params = bound(compose(read("tags/seen"), {"scope": scope}), known)
    found = sorted(store.query(text, params, actor=actor)["call_id"].to_pylist())
    if not found:
        raise NotFound("None of these calls is there, or among those you may see. Choose others.")
    return tuple(found)


def _key(title: str) -> str:
    return title.lower().replace("ё", "е")


def read_tag(row: Mapping[str, object]) -> Tag:
    """A tag of a row with the columns of `tag`."""
    return Tag(tag_id=str(row["tag_id"]), title=str(row["title"]), colour=TagColour(str(row["colour"])))
