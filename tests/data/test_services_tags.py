"""Tags: one vocabulary, hung on many calls at once, seen in the journal, gone everywhere when removed."""

from __future__ import annotations

import json

import duckdb
import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope
from data.journal import CallFilter, CallJournal
from data.services.clients import ClientFields, create_client, get_client, update_client
from data.services.tags import MOST_CALLS, TagColour, add_tag, change_tag, known_tags, remove_tag, tag_calls
from data.store.database import Database
from data.store.migrations import read_migrations
from tests.data.told import ANALYST, CHIEF, SITE, local, told, write

MANAGER = Actor(user="anna", role=Role.MANAGER)
NOON = local("03-02 12:00")


def tag(database: Database, title: str, colour: TagColour = TagColour.GREY) -> str:
    return add_tag(database, MANAGER, title, now=NOON, colour=colour)[0].tag_id


def titles(database: Database, wanted: CallFilter | None = None) -> dict[str, list[str]]:
    page = CallJournal(database, site=SITE).page(CHIEF, wanted or CallFilter(), as_of=NOON)
    return {row.call_id: [each.title for each in row.tags] for row in page.rows}


@pytest.fixture
def calls(database: Database) -> Database:
    write(database, *(told(name, f"03-02 10:0{place}") for place, name in enumerate("abc")))
    return database


def test_tags_hang_on_many_calls_at_once_and_are_shown_by_title(calls: Database) -> None:
    order, claim = tag(calls, "заказ"), tag(calls, "Жалоба", TagColour.RED)

    tag_calls(calls, MANAGER, ["a", "b"], add=[order, claim], now=NOON)
    tag_calls(calls, MANAGER, ["b", "c"], add=[order], remove=[claim], now=NOON)

    assert titles(calls) == {"a": ["Жалоба", "заказ"], "b": ["заказ"], "c": ["заказ"]}
    assert titles(calls, CallFilter(tags=frozenset({claim}))) == {"a": ["Жалоба", "заказ"]}
    assert [(one.tag.title, one.tag.colour, one.calls) for one in known_tags(calls, MANAGER)] == [
        ("Жалоба", "red", 1),
        ("заказ", "grey", 3),
    ]


def test_a_tag_of_an_equal_title_is_taken_as_it_is(calls: Database) -> None:
    first = add_tag(calls, MANAGER, "Ещё раз", now=NOON)

    assert first[1]
    assert add_tag(calls, CHIEF, "  еще   РАЗ ", now=NOON) == (first[0], False)


@pytest.mark.parametrize("title", ["", "   ", "я" * 61])
def test_a_title_that_is_none_is_refused(calls: Database, title: str) -> None:
    with pytest.raises(BadInput, match="A tag needs 1 to 60 characters"):
        add_tag(calls, MANAGER, title, now=NOON)


def test_who_sees_only_own_calls_tags_only_those(calls: Database) -> None:
    write(calls, told("other", "03-02 11:00", employees=("999",)))
    own = Actor(user="boris", role=Role.MANAGER, scope=Scope.OWN, extensions=frozenset({"201"}))
    order = tag(calls, "заказ")

    assert tag_calls(calls, own, ["a", "other"], add=[order], now=NOON) == ("a",)
    with pytest.raises(NotFound):
        tag_calls(calls, own, ["other"], add=[order], now=NOON)
    assert titles(calls)["other"] == []


def test_who_may_not_comment_may_not_tag(calls: Database) -> None:
    order = tag(calls, "заказ")

    with pytest.raises(NotAllowed):
        tag_calls(calls, ANALYST, ["a"], add=[order], now=NOON)
    with pytest.raises(NotAllowed):
        change_tag(calls, MANAGER, order, "заказы", TagColour.BLUE, version=1, now=NOON)
    with pytest.raises(NotAllowed):
        remove_tag(calls, MANAGER, order, now=NOON)


def test_unknown_tags_and_too_many_calls_are_refused_and_nothing_is_changed(calls: Database) -> None:
    order = tag(calls, "заказ")
    unknown = "00000000-0000-0000-0000-000000000001"

    with pytest.raises(NotFound, match="no tag 00000000"):
        tag_calls(calls, MANAGER, ["a"], add=[order, unknown], now=NOON)
    with pytest.raises(NotFound, match="is no id of a tag"):
        tag_calls(calls, MANAGER, ["a"], add=["'; drop table tag"], now=NOON)
    with pytest.raises(BadInput, match="too many in one go"):
        tag_calls(calls, MANAGER, [str(place) for place in range(MOST_CALLS + 1)], add=[order], now=NOON)
    assert titles(calls) == {"a": [], "b": [], "c": []}


def test_a_renamed_tag_is_renamed_wherever_it_hangs(calls: Database) -> None:
    order, claim = tag(calls, "заказ"), tag(calls, "жалоба")
    tag_calls(calls, MANAGER, ["a"], add=[order], now=NOON)

    change_tag(calls, CHIEF, order, "Заказ", TagColour.GREEN, version=1, now=NOON)

    assert titles(calls)["a"] == ["Заказ"]
    with pytest.raises(Conflict):
        change_tag(calls, CHIEF, order, "заказы", TagColour.GREEN, version=1, now=NOON)
    with pytest.raises(BadInput, match="There is a tag 'Заказ' already"):
        change_tag(calls, CHIEF, claim, "ЗАКАЗ", TagColour.GREEN, version=1, now=NOON)


def test_a_removed_tag_leaves_calls_and_clients(calls: Database) -> None:
    order = tag(calls, "заказ")
    tag_calls(calls, MANAGER, ["a"], add=[order], now=NOON)
    account_id = create_client(calls, MANAGER, ClientFields(name="Ромашка", tags=("заказ", "VIP")), now=NOON)

    remove_tag(calls, CHIEF, order, now=NOON)

    assert titles(calls)["a"] == []
    assert get_client(calls, MANAGER, account_id).fields.tags == ("VIP",)
    with pytest.raises(NotFound):
        remove_tag(calls, CHIEF, order, now=NOON)


def test_clients_and_calls_share_the_vocabulary(calls: Database) -> None:
    vip = tag(calls, "VIP")
    tag_calls(calls, MANAGER, ["a"], add=[vip], now=NOON)
    account_id = create_client(calls, MANAGER, ClientFields(name="Ромашка", tags=("vip", "опт", "Опт", " ")), now=NOON)

    update_client(calls, MANAGER, account_id, ClientFields(name="Ромашка", tags=("vip",)), version=1, now=NOON)

    assert get_client(calls, MANAGER, account_id).fields.tags == ("VIP",)
    assert [(one.tag.title, one.calls, one.clients) for one in known_tags(calls, MANAGER)] == [
        ("VIP", 1, 1),
        ("опт", 0, 0),
    ]


def test_every_change_of_tags_stands_in_the_trail(calls: Database) -> None:
    order = tag(calls, "заказ")
    tag_calls(calls, MANAGER, ["a", "b"], add=[order], now=NOON)

    trail = calls.query("select actor, action, subject_id, detail from audit", actor=CHIEF).to_pylist()

    assert [(row["actor"], row["action"], row["subject_id"]) for row in trail] == [
        ("anna", "tag.create", order),
        ("anna", "call.tag", "a"),
    ]
    assert json.loads(trail[1]["detail"]) == {"calls": ["a", "b"], "added": [order], "removed": []}


def test_words_on_cards_of_an_older_version_become_tags() -> None:
    steps = read_migrations()
    connection = duckdb.connect()
    for step in steps[:3]:
        connection.execute(step.sql)
    connection.execute(
        "insert into account by name select uuid() as account_id, name, tags, moment as created_at, "
        "'x' as created_by, moment as changed_at, 'anna' as changed_by from (values "
        "('Ромашка', ['опт', 'VIP'], timestamptz '2026-03-01'), ('Астра', ['Опт ', ''], timestamptz '2026-03-02'), "
        "('Роза', [], timestamptz '2026-03-03')) "
        "as card(name, tags, moment)"
    )

    connection.execute(next(step.sql for step in steps if step.name.endswith("_tags.sql")))

    found = connection.execute(
        "select account.name, tag.title from client_tag join account using (account_id) "
        "join tag using (tag_id) order by all"
    ).fetchall()
    assert found == [("Астра", "опт"), ("Ромашка", "VIP"), ("Ромашка", "опт")]


def test_tags_of_merged_calls_hang_once_on_the_call_that_is_left(calls: Database) -> None:
    order, claim = tag(calls, "заказ"), tag(calls, "жалоба")
    tag_calls(calls, MANAGER, ["a", "b", "c"], add=[order], now=NOON)
    tag_calls(calls, MANAGER, ["b", "c"], add=[claim], now=NOON)

    write(calls, told("a", "03-02 10:00", aliases=("b", "c")))

    assert titles(calls) == {"a": ["жалоба", "заказ"]}
    assert [one.calls for one in known_tags(calls, MANAGER)] == [1, 1]


def test_the_id_that_a_merge_gave_up_leads_to_the_call_that_is_left(calls: Database) -> None:
    order = tag(calls, "заказ")
    write(calls, told("a", "03-02 10:00", aliases=("b",)))

    assert tag_calls(calls, MANAGER, ["b"], add=[order], now=NOON) == ("a",)
