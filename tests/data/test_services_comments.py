"""Comments: saved by version, kept in history, and only where the actor may look."""

from __future__ import annotations

import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope
from data.journal import CallFilter, CallJournal
from data.services.comments import (
    LONGEST,
    Subject,
    SubjectKind,
    comment_history,
    current_comment,
    save_comment,
)
from data.store.database import Database
from data.store.protocol import Topic
from tests.data.told import ANALYST, CHIEF, SITE, account, local, told, write

NOW = local("03-02 18:00")
ONE = Subject(kind=SubjectKind.CALL, id="one")


@pytest.fixture
def called(database: Database) -> Database:
    write(database, told("one", "03-02 10:00", aliases=("given-up",)))
    return database


def test_comment_is_read_as_it_was_saved(called: Database) -> None:
    save_comment(called, CHIEF, ONE, " Перезвонить завтра ", version=0, now=NOW)

    comment = current_comment(called, CHIEF, ONE)
    assert comment is not None
    assert (comment.text, comment.author, comment.author_name) == ("Перезвонить завтра", "olga", "Ольга")
    assert (comment.version, comment.written_at) == (1, NOW)


def test_former_texts_are_kept_the_latest_first(called: Database) -> None:
    for version, text in enumerate(["один", "два", "три"]):
        save_comment(called, CHIEF, ONE, text, version=version, now=NOW)

    assert [comment.text for comment in comment_history(called, CHIEF, ONE)] == ["два", "один"]


@pytest.mark.parametrize("version", [0, 2])
def test_comment_that_was_changed_meanwhile_is_not_overwritten(called: Database, version: int) -> None:
    save_comment(called, CHIEF, ONE, "первый", version=0, now=NOW)

    with pytest.raises(Conflict, match="Nothing was saved"):
        save_comment(called, CHIEF, ONE, "второй", version=version, now=NOW)

    comment = current_comment(called, CHIEF, ONE)
    assert comment is not None
    assert comment.text == "первый"
    assert comment_history(called, CHIEF, ONE) == ()


def test_comment_appears_in_the_journal_and_an_empty_one_takes_it_away(called: Database) -> None:
    journal = CallJournal(called, site=SITE)

    save_comment(called, CHIEF, ONE, "есть", version=0, now=NOW)
    row = journal.page(CHIEF, CallFilter(has_comment=True), as_of=NOW).rows[0]
    assert (row.comment, row.comment_version) == ("есть", 1)

    save_comment(called, CHIEF, ONE, "  ", version=1, now=NOW)
    row = journal.page(CHIEF, CallFilter(has_comment=False), as_of=NOW).rows[0]
    assert (row.comment, row.comment_version) == (None, 2)


def test_comment_on_an_id_that_a_merge_gave_up_goes_to_the_call(called: Database) -> None:
    save_comment(called, CHIEF, Subject(kind=SubjectKind.CALL, id="given-up"), "текст", version=0, now=NOW)

    assert current_comment(called, CHIEF, ONE) is not None


def test_comment_on_a_client_is_apart_from_that_on_a_call(called: Database) -> None:
    client = Subject(kind=SubjectKind.ACCOUNT, id=account(called, "Ромашка"))
    save_comment(called, CHIEF, client, "о клиенте", version=0, now=NOW)

    assert current_comment(called, CHIEF, ONE) is None
    assert current_comment(called, CHIEF, client) is not None


def test_calls_of_others_cannot_be_commented_in_scope_own(called: Database) -> None:
    boris = Actor(user="boris", role=Role.MANAGER, extensions=frozenset({"202"}), scope=Scope.OWN)

    with pytest.raises(NotFound, match="no call one"):
        save_comment(called, boris, ONE, "текст", version=0, now=NOW)
    with pytest.raises(NotFound):
        current_comment(called, boris, ONE)


def test_who_lacks_the_right_cannot_comment(called: Database) -> None:
    with pytest.raises(NotAllowed, match=r"nina .* lacks the right comment"):
        save_comment(called, ANALYST, ONE, "текст", version=0, now=NOW)


def test_comment_that_is_too_long_is_refused(called: Database) -> None:
    with pytest.raises(BadInput, match="10001 characters"):
        save_comment(called, CHIEF, ONE, "ы" * (LONGEST + 1), version=0, now=NOW)


def test_saving_leaves_an_audit_row_and_a_notice(called: Database) -> None:
    with called.subscribed([Topic.COMMENTS]) as subscription:
        subscription.take(1.0)
        save_comment(called, CHIEF, ONE, "текст", version=0, now=NOW)
        notices = subscription.take(5.0)

    rows = called.query("select actor, action, subject_id from audit", actor=CHIEF).to_pylist()
    assert rows == [{"actor": "olga", "action": "comment.save", "subject_id": "one"}]
    assert notices is not None
    assert [(notice.topic, notice.ids) for notice in notices] == [(Topic.COMMENTS, ("one",))]
