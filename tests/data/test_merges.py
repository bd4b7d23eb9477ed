"""Duplicates are suggested, merged, and come apart again as they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from data.errors import BadInput, Conflict, NotAllowed
from data.identity.actor import Actor, Role
from data.journal import CallFilter, CallJournal
from data.services.clients import ClientFields, ContactFields, create_client, get_client, update_client
from data.services.contacts import create_contact, delete_contact
from data.services.duplicates import Likeness, duplicates, not_duplicates
from data.services.exchange import changed_contacts
from data.services.merges import UNDO_WITHIN, merge_clients, preview_merge, undo_merge, undoable_merges
from data.services.numbers import attach_number, move_number, owners_of
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, local, told, write

NOON = local("03-02 12:00")
ONE, TWO, THREE = "79120000001", "79120000002", "79120000003"


def minutes(passed: float) -> timedelta:
    return timedelta(minutes=passed)


def client(database: Database, name: str, *numbers: str, **fields: object) -> str:
    account_id = create_client(database, CHIEF, ClientFields(name=name, **fields), now=NOON)  # type: ignore[arg-type]
    for number in numbers:
        attach_number(database, CHIEF, number, account_id, now=NOON)
    return account_id


def merge(database: Database, kept: str, gone: str, *, after: timedelta = timedelta(minutes=10)) -> str:
    preview = preview_merge(database, CHIEF, kept, gone)
    versions = {"kept_version": preview.kept.version, "gone_version": preview.gone.version}
    return merge_clients(database, CHIEF, kept, gone, now=NOON + after, **versions)


def owned(database: Database, account_id: str) -> list[str]:
    return [number.number for number in get_client(database, CHIEF, account_id).numbers]


def labels(database: Database, at: str) -> Iterator[tuple[str, bool, bool, str]]:
    """What the journal of a past moment said: registered, first contact and status of every call."""
    page = CallJournal(database, site=SITE).page(CHIEF, CallFilter(), as_of=local(at))
    for row in page.rows:
        yield row.call_id, row.registered, row.lead, row.status.value


def test_preview_tells_what_would_stand_on_the_card_and_what_moves(database: Database) -> None:
    kept = client(database, "Ромашка", ONE, notes="Звонить утром", emails=("a@romashka.ru",))
    gone = client(database, "ООО Ромашка", TWO, notes="Скидка 5 %", emails=("b@romashka.ru",), external_id="77")
    create_contact(database, CHIEF, gone, ContactFields(name="Ирина"), now=NOON)
    write(database, told("call", "03-02 10:00", number=TWO))

    preview = preview_merge(database, CHIEF, kept, gone)

    assert preview.merged.notes == "Звонить утром\nСкидка 5 %"
    assert preview.merged.emails == ("a@romashka.ru", "b@romashka.ru")
    assert preview.moves == {"assignments": 1, "contacts": 1, "calls": 1, "leads": 0, "chats": 0, "tasks": 0}
    assert owned(database, kept) == [ONE]


def test_merged_client_has_everything_of_both(database: Database) -> None:
    kept, gone = client(database, "Ромашка", ONE), client(database, "ООО Ромашка", TWO)
    create_contact(database, CHIEF, gone, ContactFields(name="Ирина"), now=NOON)
    write(database, told("call", "03-02 10:00", number=TWO))

    merge(database, kept, gone)

    card = get_client(database, CHIEF, gone)
    assert card.account_id == kept
    assert owned(database, kept) == [ONE, TWO]
    assert [person.fields.name for person in card.contacts] == ["Ирина"]
    calls = CallJournal(database, site=SITE).page(CHIEF, CallFilter(account_id=kept), as_of=NOON + minutes(20)).rows
    assert [row.call_id for row in calls] == ["call"]


def test_calls_of_a_card_are_found_by_its_id_after_it_was_merged_twice(database: Database) -> None:
    kept, middle, gone = client(database, "Ромашка"), client(database, "Астра"), client(database, "Лютик", ONE)
    write(database, told("call", "03-02 10:00", number=ONE))
    merge(database, middle, gone)
    merge(database, kept, middle)

    calls = CallJournal(database, site=SITE).page(CHIEF, CallFilter(account_id=gone), as_of=NOON + minutes(20)).rows

    assert [row.call_id for row in calls] == ["call"]


def test_statuses_of_the_past_are_the_same_after_a_merge_and_after_its_undo(database: Database) -> None:
    kept, gone = client(database, "Ромашка", ONE), client(database, "ООО Ромашка", TWO)
    move_number(database, CHIEF, TWO, kept, now=NOON + minutes(2))
    move_number(database, CHIEF, TWO, gone, now=NOON + minutes(4))
    for place, at in enumerate(("11:00", "12:01", "12:03", "12:05")):
        write(database, told(f"call-{place}", f"03-02 {at}", "missed", number=TWO))
    moments = ("03-02 11:30", "03-02 12:02", "03-02 12:06", "03-03 12:00")
    before = [list(labels(database, at)) for at in moments]

    merge_id = merge(database, kept, gone)
    merged = [list(labels(database, at)) for at in moments]
    undo_merge(database, CHIEF, merge_id, now=NOON + minutes(30))

    assert merged == before
    assert [list(labels(database, at)) for at in moments] == before
    assert [owner.account_id for owner in owners_of(database, CHIEF, TWO)] == [gone, kept, gone]


def test_undo_puts_back_exactly_what_moved(database: Database) -> None:
    kept = client(database, "Ромашка", ONE, notes="Наше")
    gone = client(database, "ООО Ромашка", TWO, notes="Их")
    contact_id = create_contact(database, CHIEF, gone, ContactFields(name="Ирина"), now=NOON)
    merge_id = merge(database, kept, gone)
    attach_number(database, CHIEF, THREE, kept, now=NOON + minutes(11))
    assert [one.merge_id for one in undoable_merges(database, CHIEF, kept, now=NOON + minutes(12))] == [merge_id]

    assert undo_merge(database, CHIEF, merge_id, now=NOON + minutes(12)) == gone

    assert (owned(database, kept), owned(database, gone)) == ([ONE, THREE], [TWO])
    assert [person.contact_id for person in get_client(database, CHIEF, gone).contacts] == [contact_id]
    assert get_client(database, CHIEF, kept).fields.notes == "Наше"
    assert undoable_merges(database, CHIEF, kept, now=NOON + minutes(12)) == ()


def test_number_that_a_person_got_meanwhile_goes_back_with_him(database: Database) -> None:
    kept, gone = client(database, "Ромашка"), client(database, "ООО Ромашка")
    contact_id = create_contact(database, CHIEF, gone, ContactFields(name="Ирина"), now=NOON)
    merge_id = merge(database, kept, gone)
    attach_number(database, CHIEF, THREE, kept, contact_id=contact_id, now=NOON + minutes(11))

    undo_merge(database, CHIEF, merge_id, now=NOON + minutes(12))

    assert (owned(database, kept), owned(database, gone)) == ([], [THREE])


def test_person_who_was_removed_meanwhile_stays_removed_and_was_the_other_clients(database: Database) -> None:
    kept, gone = client(database, "Ромашка"), client(database, "ООО Ромашка")
    contact_id = create_contact(database, CHIEF, gone, ContactFields(name="Ирина"), now=NOON)
    attach_number(database, CHIEF, THREE, gone, contact_id=contact_id, now=NOON + minutes(1))
    merge_id = merge(database, kept, gone)
    delete_contact(database, CHIEF, kept, contact_id, version=1, now=NOON + minutes(11))

    undo_merge(database, CHIEF, merge_id, now=NOON + minutes(12))

    assert (owned(database, kept), owned(database, gone)) == ([], [THREE])
    assert get_client(database, CHIEF, gone).contacts == ()
    assert {owner.account_id for owner in owners_of(database, CHIEF, THREE)} == {gone}
    (told,) = changed_contacts(database, CHIEF, account_id=gone).rows
    assert (told["contact_id"], told["deleted_at"]) == (contact_id, NOON + minutes(11))
    assert changed_contacts(database, CHIEF, account_id=kept).rows == ()


def test_what_was_written_on_the_card_since_the_merge_survives_the_undo(database: Database) -> None:
    kept, gone = client(database, "Ромашка"), client(database, "ООО Ромашка", notes="Их")
    merge_id = merge(database, kept, gone)
    version = get_client(database, CHIEF, kept).version
    fields = ClientFields(name="Ромашка", notes="Новое")
    update_client(database, CHIEF, kept, fields, version=version, now=NOON + minutes(11))

    undo_merge(database, CHIEF, merge_id, now=NOON + minutes(12))

    assert get_client(database, CHIEF, kept).fields.notes == "Новое"
    assert get_client(database, CHIEF, gone).fields.notes == "Их"


def test_undo_is_refused_after_a_day_twice_and_when_the_card_went_on(database: Database) -> None:
    one, two, three = (client(database, name) for name in ("А", "Б", "В"))
    merge_id = merge(database, one, two)
    with pytest.raises(Conflict, match="older than a day"):
        undo_merge(database, CHIEF, merge_id, now=NOON + minutes(10) + UNDO_WITHIN)

    later = merge(database, three, one, after=minutes(11))
    with pytest.raises(Conflict):
        undo_merge(database, CHIEF, merge_id, now=NOON + minutes(12))
    undo_merge(database, CHIEF, later, now=NOON + minutes(13))
    undo_merge(database, CHIEF, merge_id, now=NOON + minutes(14))
    with pytest.raises(Conflict, match="undone already"):
        undo_merge(database, CHIEF, merge_id, now=NOON + minutes(15))


def test_merge_of_a_card_that_changed_since_the_preview_is_refused(database: Database) -> None:
    kept, gone = client(database, "Ромашка"), client(database, "ООО Ромашка", ONE)
    update_client(database, CHIEF, gone, ClientFields(name="Другая фирма"), version=1, now=NOON)

    with pytest.raises(Conflict):
        merge_clients(database, CHIEF, kept, gone, kept_version=1, gone_version=1, now=NOON)
    assert owned(database, gone) == [ONE]


def test_a_card_is_not_merged_with_itself_nor_by_who_may_not(database: Database) -> None:
    kept, gone = client(database, "Ромашка"), client(database, "ООО Ромашка")

    with pytest.raises(BadInput, match="with itself"):
        preview_merge(database, CHIEF, kept, kept)
    with pytest.raises(NotAllowed):
        preview_merge(database, ANALYST, kept, gone)


def test_duplicates_are_suggested_by_number_mail_and_name(database: Database) -> None:
    by_name = client(database, "ООО «Ромашка»", ONE), client(database, "ромашка, ООО")
    by_mail = client(database, "Астра", emails=("a@astra.ru",)), client(database, "Лютик")
    create_contact(database, CHIEF, by_mail[1], ContactFields(name="Ян", emails=("A@astra.ru",)), now=NOON)
    move_number(database, CHIEF, ONE, by_mail[0], now=NOON + minutes(1))

    found = {frozenset((one.one_id, one.other_id)): dict(one.reasons) for one in duplicates(database, CHIEF)}

    assert set(found) == {frozenset(by_name), frozenset(by_mail), frozenset((by_name[0], by_mail[0]))}
    assert list(found[frozenset(by_name)]) == [Likeness.NAME]
    assert found[frozenset(by_mail)] == {Likeness.EMAIL: "a@astra.ru"}
    assert found[frozenset((by_name[0], by_mail[0]))] == {Likeness.NUMBER: "+7 912 000-00-01"}


def test_suggested_cards_of_one_name_are_told_apart_by_their_numbers(database: Database) -> None:
    with_numbers = client(database, "ООО «Форт»", TWO, ONE)
    client(database, "АО «Форт»")

    (pair,) = duplicates(database, CHIEF)

    numbers = {pair.one_id: pair.one_numbers, pair.other_id: pair.other_numbers}
    assert numbers.pop(with_numbers) == ("+7 912 000-00-01", "+7 912 000-00-02")
    assert list(numbers.values()) == [()]


def test_cards_that_are_said_to_differ_or_were_merged_are_not_suggested_again(database: Database) -> None:
    one, other, third = (client(database, name) for name in ("Ромашка", "ООО Ромашка", "АО Ромашка"))
    not_duplicates(database, CHIEF, other, one, now=NOON)
    merge(database, one, third)

    assert duplicates(database, CHIEF) == ()
    assert duplicates(database, CHIEF, account_id=str(uuid4())) == ()


def test_duplicates_are_for_those_who_may_merge_them(database: Database) -> None:
    with pytest.raises(NotAllowed):
        duplicates(database, Actor(user="nina", role=Role.ANALYST))
