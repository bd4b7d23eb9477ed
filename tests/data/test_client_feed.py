"""The feed of a client: everything in one line of time, by kind, in blocks, as far as one may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import BadCursor
from data.identity.actor import Actor, Role, Scope
from data.journal import CallJournal
from data.services.client_feed import FeedEntry, FeedKind, FeedPage, client_feed
from data.services.clients import ClientFields, create_client, update_client
from data.services.comments import Subject, SubjectKind, save_comment
from data.services.merges import merge_clients
from data.services.numbers import attach_number
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, local, told, write

NOON = local("03-02 12:00")
EVENING = local("03-02 20:00")
NUMBER = "79123456789"


def feed(database: Database, account_id: str, *kinds: FeedKind, actor: Actor = CHIEF, **options: object) -> FeedPage:
    journal = CallJournal(database, site=SITE)
    wanted = frozenset(kinds)
    return client_feed(journal, database, actor, account_id, as_of=EVENING, kinds=wanted, **options)  # type: ignore[arg-type]


def told_of(entry: FeedEntry) -> str:
    if entry.call:
        return entry.call.call_id
    detail = entry.detail or {}
    return str(detail.get("text") or detail.get("title") or detail.get("name") or detail.get("action"))


@pytest.fixture
def ours(database: Database) -> str:
    """A client with two calls, a comment on him and on a call, a task and the changes of his card."""
    account_id = create_client(database, CHIEF, ClientFields(name="Ромашка"), now=NOON)
    attach_number(database, CHIEF, NUMBER, account_id, now=NOON + timedelta(minutes=1))
    write(
        database,
        told("first", "03-02 10:00", number=NUMBER),
        told("second", "03-02 14:00", number=NUMBER, employees=("202",)),
        told("stranger", "03-02 14:30"),
    )
    about = Subject(kind=SubjectKind.ACCOUNT, id=account_id)
    save_comment(database, CHIEF, about, "Любит ромашки", version=0, now=NOON + timedelta(hours=3))
    call = Subject(kind=SubjectKind.CALL, id="second")
    save_comment(database, CHIEF, call, "Просит счёт", version=0, now=NOON + timedelta(hours=4))
    return account_id


def test_calls_comments_and_changes_stand_in_one_line_of_time(database: Database, ours: str) -> None:
    entries = feed(database, ours).entries

    assert [(entry.kind.value, told_of(entry)) for entry in entries] == [
        ("comment", "Любит ромашки"),
        ("call", "second"),
        ("change", "number.attach"),
        ("change", "Ромашка"),
        ("call", "first"),
    ]
    assert entries[1].call is not None
    assert entries[1].call.comment == "Просит счёт"


def test_one_kind_alone_is_shown_when_asked_for(database: Database, ours: str) -> None:
    assert [told_of(entry) for entry in feed(database, ours, FeedKind.CALL).entries] == ["second", "first"]
    assert [told_of(entry) for entry in feed(database, ours, FeedKind.COMMENT).entries] == [
        "Просит счёт",
        "Любит ромашки",
    ]
    assert feed(database, ours, FeedKind.CHAT, FeedKind.LEAD, FeedKind.TASK).entries == ()


def test_blocks_show_every_entry_once(database: Database, ours: str) -> None:
    # Several at one instant, of several kinds.
    write(database, *(told(f"noon-{place}", NOON, number=NUMBER) for place in range(3)))
    whole = [entry.entry_id for entry in feed(database, ours, limit=50).entries]

    found, after = [], None
    while True:
        page = feed(database, ours, after=after, limit=2)
        found += [entry.entry_id for entry in page.entries]
        after = page.after
        if after is None:
            break

    assert found == whole
    assert len(found) == len(set(found)) == 8


def test_a_change_tells_what_was_there_before(database: Database, ours: str) -> None:
    fields = ClientFields(name="Ромашка", notes="Звонить утром", tags=("опт",))
    update_client(database, CHIEF, ours, fields, version=1, now=NOON + timedelta(hours=5))

    (entry, *_) = feed(database, ours, FeedKind.CHANGE).entries
    assert entry.detail is not None
    assert entry.detail["changes"] == {"notes": [None, "Звонить утром"], "tags": [[], ["опт"]]}
    assert entry.detail["actor"] == "olga"


def test_comments_of_a_card_that_was_merged_in_stay_in_the_feed(database: Database, ours: str) -> None:
    kept = create_client(database, CHIEF, ClientFields(name="ООО Ромашка"), now=NOON)
    merge_clients(database, CHIEF, kept, ours, kept_version=1, gone_version=1, now=NOON + timedelta(hours=6))

    told = [told_of(entry) for entry in feed(database, kept, FeedKind.COMMENT).entries]
    assert told == ["Просит счёт", "Любит ромашки"]


def test_who_sees_his_own_calls_only_reads_nothing_of_the_others(database: Database, ours: str) -> None:
    anna = Actor(user="anna", role=Role.MANAGER, extensions=frozenset({"201"}), scope=Scope.OWN)

    assert [told_of(entry) for entry in feed(database, ours, FeedKind.CALL, actor=anna).entries] == ["first"]
    assert [told_of(entry) for entry in feed(database, ours, FeedKind.COMMENT, actor=anna).entries] == ["Любит ромашки"]


def test_numbers_in_changes_are_masked_for_who_may_not_see_them(database: Database, ours: str) -> None:
    page = feed(database, ours, FeedKind.CHANGE, actor=ANALYST)

    assert [entry.detail and entry.detail.get("number") for entry in page.entries] == ["7912•••••89", None]


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyIyMDI2IiwiY2FsbCIsIngiXQ"])
def test_a_cursor_that_is_none_is_refused(database: Database, ours: str, cursor: str) -> None:
    with pytest.raises(BadCursor):
        feed(database, ours, after=cursor)
