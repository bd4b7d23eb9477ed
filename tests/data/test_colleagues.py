"""Mobiles of employees: a colleague's call is his, and he is no possible client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.journal import CallFilter, CallJournal, CallKind
from data.journal.rows import CallRow
from data.model import Status
from data.services.directory import save_employee
from data.services.directory_entries import employee_entry, own_number
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, account, local, own, told, write

MOBILE = "79161112233"
NOON, NEXT_DAY = local("03-02 12:00"), local("03-03 12:00")


@pytest.fixture
def journal(database: Database) -> CallJournal:
    entry = employee_entry("Анна", ["201", own_number("8 (916) 111-22-33", SITE)])
    save_employee(database, CHIEF, None, entry, now=NOON)
    return CallJournal(database, site=SITE)


def only(journal: CallJournal, wanted: CallFilter | None = None) -> CallRow:
    (row,) = journal.page(CHIEF, wanted or CallFilter(), as_of=NEXT_DAY).rows
    return row


def test_a_call_from_a_colleagues_mobile_shows_the_colleague_who_is_neither_lead_nor_lost(
    database: Database, journal: CallJournal
) -> None:
    write(database, told("stranger", "03-02 10:00", "missed", number="79160000000"))
    write(database, told("colleague", "03-02 10:00", "missed", number=MOBILE))

    stranger, colleague = sorted(
        journal.page(CHIEF, CallFilter(), as_of=NEXT_DAY).rows, key=lambda row: row.call_id, reverse=True
    )

    assert (stranger.client, stranger.lead, stranger.registered, stranger.status) == (None, True, False, Status.LOST)
    assert (colleague.client, colleague.lead, colleague.registered) == ("Анна", False, True)
    assert (colleague.status, colleague.account_id) == (Status.NO_ANSWER, None)


def test_calls_to_and_from_colleagues_are_not_those_of_unregistered_numbers(
    database: Database, journal: CallJournal
) -> None:
    write(database, told("colleague", "03-02 10:00", "reached", number=MOBILE))
    write(database, told("stranger", "03-02 10:00", "reached", number="79160000000"))

    assert only(journal, CallFilter(unregistered=True)).call_id == "stranger"


def test_a_client_who_has_the_number_goes_before_the_colleague(database: Database, journal: CallJournal) -> None:
    own(database, MOBILE, account(database, "Ромашка"), "01-01 00:00")
    write(database, told("call", "03-02 10:00", number=MOBILE))

    assert only(journal).client == "Ромашка"


def test_who_took_a_forwarded_call_on_his_mobile_is_the_employee(database: Database, journal: CallJournal) -> None:
    facts = told("call", "03-02 10:00", employees=[])
    forwarded = replace(facts.call, answered_by=("89161112233",), employees=(), rang=())
    write(database, replace(facts, call=forwarded, legs=()))

    assert [(one.name, one.extension) for one in only(journal).people] == [("Анна", "89161112233")]
    (masked,) = journal.page(ANALYST, CallFilter(kinds=frozenset(CallKind)), as_of=NEXT_DAY).rows
    assert masked.people[0].name == "Анна"
    assert "111" not in masked.people[0].extension


def test_a_mobile_that_is_taken_from_an_employee_is_a_strangers_from_then_on(
    database: Database, journal: CallJournal
) -> None:
    (row,) = database.query("select employee_id::varchar as id from employee", actor=CHIEF).to_pylist()
    save_employee(database, CHIEF, row["id"], employee_entry("Анна", ["201"]), now=NOON)
    write(database, told("then", "03-02 11:00", number=MOBILE))
    write(database, told("later", "03-02 13:00", number=MOBILE))

    found = {row.call_id: row.client for row in journal.page(CHIEF, CallFilter(), as_of=NEXT_DAY).rows}

    assert found == {"then": "Анна", "later": None}
