"""Comments: one text per call, chat or client, with everything that stood there before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from data.access import require
from data.errors import BadInput, NotFound
from data.identity.actor import Actor, Permission
from data.queries import read
from data.services.clients import get_client
from data.services.trail import trail
from data.services.visible import visible_call
from data.store.protocol import Statement, Store, Topic

LONGEST = 10_000


class SubjectKind(StrEnum):
    CALL = "call"
    CHAT = "chat"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a comment is about."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One text, as it stands or as it stood."""

    subject: Subject
    text: str
    author: str
    author_name: str
    written_at: datetime
    version: int


def current_comment(store: Store, actor: Actor, subject: Subject) -> Comment | None:
    """The comment as it stands."""
    found = _read(store, actor, "comments/current", _seen(store, actor, subject))
    return found[0] if found else None


def comment_history(store: Store, actor: Actor, subject: Subject) -> tuple[Comment, ...]:
    """The former texts, the latest first."""
    return _read(store, actor, "comments/history", _seen(store, actor, subject))


def save_comment(store: Store, actor: Actor, subject: Subject, text: str, *, version: int, now: datetime) -> Comment:
    """Replace the comment by `text`; version: of the text that the author had before him, 0 for none.

    Raises Conflict when somebody saved meanwhile (read `current_comment` and show both), BadInput
    for a text that is too long, NotFound, NotAllowed. An empty text takes the comment away.
    """
    require(actor, Permission.COMMENT)
    subject = _seen(store, actor, subject)
    if len(text) > LONGEST:
        raise BadInput(f"The comment has {len(text)} characters, at most {LONGEST} are kept. Shorten it.")
    comment = Comment(
        subject=subject,
        text=text.strip(),
        author=actor.user,
        author_name=actor.name or actor.user,
        written_at=now,
        version=version + 1,
    )
    about = {"subject_kind": subject.kind.value, "subject_id": subject.id}
    what = {"text": comment.text, "author": comment.author, "author_name": comment.author_name, "written_at": now}
    store.transact(
        [
            *_steps(about, what, version),
            trail(actor, now, "comment.save", subject.kind.value, subject.id, version=comment.version),
        ],
        actor=actor,
        touches={Topic.COMMENTS: [subject.id]},
    )
    return comment


def _steps(about: Mapping[str, object], what: Mapping[str, object], version: int) -> list[Statement]:
    if version == 0:
        new = {**about, **what, "comment_id": str(uuid4())}
        return [Statement(name="comment_insert", params=new, expect_rows=1)]
    seen = {**about, "version": version}
    return [
        Statement(name="comment_keep", params=seen, expect_rows=1),
        Statement(name="comment_update", params={**seen, **what}, expect_rows=1),
    ]


def _seen(store: Store, actor: Actor, subject: Subject) -> Subject:
    """The subject as it is kept, if the actor may see it."""
    require(actor, Permission.SEE_CALLS)
    match subject.kind:
        case SubjectKind.CALL:
            return Subject(kind=subject.kind, id=visible_call(store, actor, subject.id))
        case SubjectKind.ACCOUNT:
            return Subject(kind=subject.kind, id=get_client(store, actor, subject.id).account_id)
        case SubjectKind.CHAT:
            raise NotFound(f"There is no chat {subject.id}.")


def _read(store: Store, actor: Actor, name: str, subject: Subject) -> tuple[Comment, ...]:
    params = {"subject_kind": subject.kind.value, "subject_id": subject.id}
    rows = store.query(read(name), params, actor=actor).to_pylist()
    return tuple(
        Comment(
            subject=subject,
            text=row["text"],
            author=row["author"],
            author_name=row["author_name"],
            written_at=row["written_at"],
            version=row["version"],
        )
        for row in rows
    )
