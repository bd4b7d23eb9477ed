"""Clients and their numbers: one owner at a time, and who it was then."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import BadInput, Conflict, NotAllowed, NotFound, NumberTaken
from data.identity.actor import Actor, Role
from data.journal import CallFilter, CallJournal, CallRow
from data.services.clients import (
    ClientFields,
    ClientKind,
    ContactFields,
    create_client,
    get_client,
    search_clients,
    update_client,
)
from data.services.contacts import create_contact, delete_contact
from data.services.numbers import (
    attach_number,
    create_client_with_number,
    detach_number,
    move_number,
    owner_of,
    owners_of,
    typed_number,
)
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, local, told, write

MANAGER = Actor(user="anna", role=Role.MANAGER)
NUMBER = "79123456789"
NOON = local("03-02 12:00")


def client(database: Database, name: str, at: datetime = NOON) -> str:
    return create_client(database, MANAGER, ClientFields(name=name), now=at)


def rows(database: Database, as_of: datetime) -> dict[str, CallRow]:
    page = CallJournal(database, site=SITE).page(CHIEF, CallFilter(), as_of=as_of)
    return {row.call_id: row for row in page.rows}


def test_card_shows_what_was_filled_in(database: Database) -> None:
    fields = ClientFields(
        name="  ООО   Ромашка ", kind=ClientKind.PERSON, tags=("опт", "опт", " "), notes="звонить утром"
    )
    account_id = create_client(database, MANAGER, fields, now=NOON)

    card = get_client(database, MANAGER, account_id)
    assert card.fields == ClientFields(name="ООО Ромашка", kind=ClientKind.PERSON, tags=("опт",), notes="звонить утром")
    assert (card.created_by, card.created_at, card.version) == ("anna", NOON, 1)


def test_attached_number_labels_all_earlier_and_later_calls_at_once(database: Database) -> None:
    write(database, told("before", "03-01 10:00", number=NUMBER), told("after", "03-02 13:00", number=NUMBER))
    account_id = client(database, "Ромашка")

    attach_number(database, MANAGER, NUMBER, account_id, now=NOON)

    labelled = rows(database, local("03-02 18:00"))
    assert {call_id: row.client for call_id, row in labelled.items()} == {"before": "Ромашка", "after": "Ромашка"}


def test_moved_number_leaves_earlier_calls_with_the_former_owner(database: Database) -> None:
    write(database, told("before", "03-02 10:00", number=NUMBER), told("after", "03-02 16:00", number=NUMBER))
    former, latter = client(database, "Ромашка"), client(database, "Астра")
    attach_number(database, MANAGER, NUMBER, former, now=NOON)

    move_number(database, MANAGER, NUMBER, latter, now=local("03-02 14:00"))

    labelled = rows(database, local("03-02 18:00"))
    assert (labelled["before"].client, labelled["after"].client) == ("Ромашка", "Астра")
    assert [owner.name for owner in owners_of(database, CHIEF, NUMBER)] == ["Ромашка", "Астра"]


def test_journal_of_a_past_moment_knows_nothing_of_a_later_attachment(database: Database) -> None:
    write(database, told("call", "03-02 10:00", number=NUMBER))
    attach_number(database, MANAGER, NUMBER, client(database, "Ромашка"), now=NOON)

    assert rows(database, local("03-02 11:59"))["call"].client is None
    assert rows(database, NOON)["call"].client == "Ромашка"


def test_calls_after_a_number_was_let_go_are_nobodys_until_somebody_gets_it(database: Database) -> None:
    write(database, told("while", "03-02 12:30", number=NUMBER), told("gap", "03-02 14:00", number=NUMBER))
    former, latter = client(database, "Ромашка"), client(database, "Астра")
    attach_number(database, MANAGER, NUMBER, former, now=NOON)
    detach_number(database, MANAGER, NUMBER, former, now=local("03-02 13:00"))

    freed = rows(database, local("03-02 15:00"))
    assert (freed["while"].client, freed["gap"].client) == ("Ромашка", None)

    attach_number(database, MANAGER, NUMBER, latter, now=local("03-02 16:00"))
    assert rows(database, local("03-02 17:00"))["gap"].client == "Астра"


def test_number_of_another_client_is_not_taken_without_asking(database: Database) -> None:
    attach_number(database, MANAGER, NUMBER, client(database, "Ромашка"), now=NOON)

    with pytest.raises(NumberTaken, match=r"\+7 912 345-67-89 belongs to Ромашка"):
        attach_number(database, MANAGER, NUMBER, client(database, "Астра"), now=NOON)
    with pytest.raises(NumberTaken):
        create_client_with_number(database, MANAGER, ClientFields(name="Новый"), NUMBER, now=NOON)
    assert search_clients(database, MANAGER, "Новый", site=SITE) == ()


def test_attaching_twice_to_the_same_client_changes_nothing(database: Database) -> None:
    account_id = client(database, "Ромашка")
    for minutes in (0, 5):
        attach_number(database, MANAGER, NUMBER, account_id, now=NOON + timedelta(minutes=minutes))

    assert len(owners_of(database, CHIEF, NUMBER)) == 1


def test_number_can_be_given_to_a_person_of_the_client(database: Database) -> None:
    account_id = client(database, "Ромашка")
    contact_id = create_contact(database, MANAGER, account_id, ContactFields(name="Ирина"), now=NOON)
    attach_number(database, MANAGER, NUMBER, account_id, now=NOON)

    attach_number(database, MANAGER, NUMBER, account_id, contact_id=contact_id, now=NOON + timedelta(minutes=1))

    owner = owner_of(database, CHIEF, NUMBER)
    assert owner is not None
    assert owner.contact == "Ирина"


def test_numbers_of_a_removed_person_are_the_clients_and_tell_whose_they_were(database: Database) -> None:
    account_id = client(database, "Ромашка")
    contact_id = create_contact(database, MANAGER, account_id, ContactFields(name="Иван"), now=NOON)
    attach_number(database, MANAGER, NUMBER, account_id, now=NOON, contact_id=contact_id)
    later = NOON + timedelta(days=2)

    delete_contact(database, MANAGER, account_id, contact_id, version=1, now=later)

    owners = [(owner.contact, owner.from_at, owner.until_at) for owner in owners_of(database, MANAGER, NUMBER)]
    assert owners == [("Иван", NOON, later), (None, later, None)]
    (number,) = get_client(database, MANAGER, account_id).numbers
    assert (number.number, number.contact_id) == (NUMBER, None)


def test_calls_of_a_removed_person_still_bear_the_name(database: Database) -> None:
    write(database, told("then", "03-02 13:00", number=NUMBER), told("since", "03-05 13:00", number=NUMBER))
    account_id = client(database, "Ромашка")
    contact_id = create_contact(database, MANAGER, account_id, ContactFields(name="Иван"), now=NOON)
    attach_number(database, MANAGER, NUMBER, account_id, now=NOON, contact_id=contact_id)

    delete_contact(database, MANAGER, account_id, contact_id, version=1, now=NOON + timedelta(days=2))

    named = {call_id: row.contact for call_id, row in rows(database, NOON + timedelta(days=9)).items()}
    assert named == {"then": "Иван", "since": None}


def test_person_of_another_client_cannot_get_the_number(database: Database) -> None:
    ours, theirs = client(database, "Ромашка"), client(database, "Астра")
    contact_id = create_contact(database, MANAGER, theirs, ContactFields(name="Ирина"), now=NOON)

    with pytest.raises(Conflict):
        attach_number(database, MANAGER, NUMBER, ours, contact_id=contact_id, now=NOON)
    assert owner_of(database, CHIEF, NUMBER) is None


def test_client_created_with_a_number_owns_it(database: Database) -> None:
    number = typed_number("8 (912) 345-67-89", SITE)
    account_id = create_client_with_number(database, MANAGER, ClientFields(name="Новый"), number, now=NOON)

    card = get_client(database, MANAGER, account_id)
    assert [(owned.number, owned.number_text) for owned in card.numbers] == [(NUMBER, "+7 912 345-67-89")]
    found = database.query("select number_class from number", actor=CHIEF).to_pylist()
    assert found == [{"number_class": "mobile"}]


def test_two_moves_at_one_instant_leave_the_last_owner(database: Database) -> None:
    first, second, third = (client(database, name) for name in ("А", "Б", "В"))
    attach_number(database, MANAGER, NUMBER, first, now=NOON)
    move_number(database, MANAGER, NUMBER, second, now=NOON)
    move_number(database, MANAGER, NUMBER, third, now=NOON)
    write(database, told("call", "03-02 13:00", number=NUMBER), told("early", "03-02 11:00", number=NUMBER))

    labelled = rows(database, local("03-02 18:00"))
    assert (labelled["early"].client, labelled["call"].client) == ("А", "В")


@pytest.mark.parametrize("text", ["ромашка", "ООО", "8 912 345", "345-67-89", "+7 912 345 67 89", "ирин"])
def test_search_finds_a_client_by_name_person_or_number_in_any_format(database: Database, text: str) -> None:
    account_id = client(database, "ООО Ромашка")
    contact_id = create_contact(database, MANAGER, account_id, ContactFields(name="Ирина"), now=NOON)
    attach_number(database, MANAGER, NUMBER, account_id, contact_id=contact_id, now=NOON)
    client(database, "Астра")

    assert [hit.account_id for hit in search_clients(database, MANAGER, text, site=SITE)] == [account_id]


def test_search_puts_names_that_begin_so_first(database: Database) -> None:
    for name in ("Вторая Ромашка", "Ромашка"):
        client(database, name)

    assert [hit.name for hit in search_clients(database, MANAGER, "ромашка", site=SITE)] == [
        "Ромашка",
        "Вторая Ромашка",
    ]


def test_analyst_finds_nobody_by_number_and_sees_it_masked(database: Database) -> None:
    account_id = client(database, "Ромашка")
    attach_number(database, MANAGER, NUMBER, account_id, now=NOON)

    assert search_clients(database, ANALYST, "345-67-89", site=SITE) == ()
    assert get_client(database, ANALYST, account_id).numbers[0].number_text == "7912•••••89"
    with pytest.raises(NotAllowed):
        owner_of(database, ANALYST, NUMBER)
    with pytest.raises(NotAllowed, match="edit_clients"):
        client_of_analyst = ClientFields(name="Чужой")
        create_client(database, ANALYST, client_of_analyst, now=NOON)


def test_card_that_was_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    account_id = client(database, "Ромашка")
    update_client(database, MANAGER, account_id, ClientFields(name="Ромашка и К"), version=1, now=NOON)

    with pytest.raises(Conflict):
        update_client(database, CHIEF, account_id, ClientFields(name="Астра"), version=1, now=NOON)
    card = get_client(database, MANAGER, account_id)
    assert (card.fields.name, card.version) == ("Ромашка и К", 2)


@pytest.mark.parametrize("name", ["", "   ", "я" * 301])
def test_client_without_a_usable_name_is_refused(database: Database, name: str) -> None:
    with pytest.raises(BadInput):
        create_client(database, MANAGER, ClientFields(name=name), now=NOON)


@pytest.mark.parametrize("text", ["", "нет", "anonymous", "12345678901234567"])
def test_what_is_no_number_cannot_be_typed_as_one(text: str) -> None:
    with pytest.raises(BadInput, match="no telephone number"):
        typed_number(text, SITE)


@pytest.mark.parametrize("account_id", ["nobody", "00000000-0000-0000-0000-000000000000"])
def test_unknown_client_is_not_found(database: Database, account_id: str) -> None:
    with pytest.raises(NotFound):
        get_client(database, MANAGER, account_id)


def test_every_change_leaves_an_audit_row(database: Database) -> None:
    former, latter = client(database, "Ромашка"), client(database, "Астра")
    attach_number(database, MANAGER, NUMBER, former, now=NOON)
    move_number(database, MANAGER, NUMBER, latter, now=NOON + timedelta(minutes=1))

    actions = database.query("select action, actor from audit order by acted_at, action", actor=CHIEF).to_pylist()
    assert [row["action"] for row in actions] == ["client.create", "client.create", "number.attach", "number.move"]
    assert {row["actor"] for row in actions} == {"anna"}


steps = st.lists(
    st.tuples(st.sampled_from(["attach", "move", "detach"]), st.integers(0, 2), st.integers(0, 20)), max_size=7
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_assignments_never_overlap_and_tell_who_it_was_then(
    database: Database, wanted: list[tuple[str, int, int]]
) -> None:
    accounts = [client(database, f"Клиент {index}") for index in range(3)]
    number = f"7912{database.query('select count(*) as n from account', actor=CHIEF)['n'][0].as_py():07}"
    owner_at: list[str | None] = []
    minute = 0
    owner: str | None = None
    for action, index, pause in wanted:
        owner_at += [owner] * pause
        minute += pause
        now = NOON + timedelta(minutes=minute)
        try:
            if action == "detach":
                detach_number(database, MANAGER, number, accounts[index], now=now)
                owner = None
            else:
                change = attach_number if action == "attach" else move_number
                change(database, MANAGER, number, accounts[index], now=now)
                owner = accounts[index]
        except Conflict:
            assert (action == "attach" and owner) or (action == "detach" and owner != accounts[index])

    spans = owners_of(database, CHIEF, number)
    assert all(one.until_at is not None and one.until_at <= other.from_at for one, other in itertools.pairwise(spans))
    for at, expected in enumerate(owner_at):
        moment = NOON + timedelta(minutes=at)
        covering = [
            span.account_id
            for span in spans
            if span.from_at <= moment and (span.until_at is None or moment < span.until_at)
        ]
        assert covering == ([expected] if expected else [])
