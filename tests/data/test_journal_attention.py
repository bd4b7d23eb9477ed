"""The "!" of the journal: which missed calls still wait for somebody, as of a moment."""

from __future__ import annotations

from datetime import datetime

import pytest

from data.journal import CallFilter, CallJournal
from data.store.database import Database
from tests.data.told import CHIEF, SITE, account, local, own, told, write

EVENING = local("03-02 20:00")
OFFICE, MOBILE = "74951234567", "79123456789"


@pytest.fixture
def journal(database: Database) -> CallJournal:
    return CallJournal(database, site=SITE)


def marked(journal: CallJournal, as_of: datetime = EVENING) -> set[str]:
    """The calls with "!"; the filter must leave the same as the rows show."""
    rows = journal.page(CHIEF, CallFilter(), as_of=as_of).rows
    filtered = journal.page(CHIEF, CallFilter(attention=True), as_of=as_of).rows
    shown = {row.call_id for row in rows if row.attention}
    assert {row.call_id for row in filtered} == shown
    assert journal.count(CHIEF, CallFilter(attention=True), as_of=as_of) == len(shown)
    return shown


def test_missed_call_needs_attention_until_somebody_talks_with_the_number(
    database: Database, journal: CallJournal
) -> None:
    write(database, told("missed", "03-02 10:00", "missed"))
    assert marked(journal) == {"missed"}

    write(database, told("tried", "03-02 11:00", "not_reached"))
    assert marked(journal) == {"missed"}

    write(database, told("back", "03-02 12:00", "reached"))
    assert marked(journal) == set()


def test_before_the_answer_the_call_still_needed_attention(database: Database, journal: CallJournal) -> None:
    write(database, told("missed", "03-02 10:00", "missed"), told("back", "03-02 12:00", "reached", wait=20))

    assert marked(journal, local("03-02 12:00:19")) == {"missed"}
    assert marked(journal, local("03-02 12:00:20")) == set()


def test_of_several_misses_only_the_last_carries_the_mark(database: Database, journal: CallJournal) -> None:
    write(database, *(told(f"miss{hour}", f"03-02 {hour}:00", "missed") for hour in (10, 11, 12)))

    assert marked(journal) == {"miss12"}
    assert marked(journal, local("03-02 11:30")) == {"miss11"}


def test_two_misses_at_one_instant_carry_one_mark(database: Database, journal: CallJournal) -> None:
    write(database, told("a", "03-02 10:00", "missed"), told("b", "03-02 10:00", "missed"))

    assert marked(journal) == {"b"}


def test_conversation_of_another_day_does_not_count(database: Database, journal: CallJournal) -> None:
    write(
        database,
        told("late", "03-01 23:59", "missed"),
        told("morning", "03-02 00:05"),
        told("again", "03-02 10:00", "missed"),
    )

    assert marked(journal) == {"late", "again"}


def test_misses_of_two_days_carry_a_mark_each(database: Database, journal: CallJournal) -> None:
    write(database, told("one", "03-01 10:00", "missed"), told("two", "03-02 10:00", "missed"))

    assert marked(journal) == {"one", "two"}


def test_conversation_with_another_number_of_the_client_counts(database: Database, journal: CallJournal) -> None:
    client = account(database, "Ромашка")
    own(database, OFFICE, client, "01-01 00:00")
    own(database, MOBILE, client, "03-02 15:00")
    write(
        database,
        told("missed", "03-02 10:00", "missed", number=OFFICE),
        told("back", "03-02 11:00", "reached", number=MOBILE),
    )

    # Until three o'clock nobody knew that both numbers are one client's.
    assert marked(journal, local("03-02 14:00")) == {"missed"}
    assert marked(journal, local("03-02 16:00")) == set()


def test_misses_of_two_numbers_of_one_client_carry_one_mark(database: Database, journal: CallJournal) -> None:
    client = account(database, "Ромашка")
    for number in (OFFICE, MOBILE):
        own(database, number, client, "01-01 00:00")
    write(
        database,
        told("first", "03-02 10:00", "missed", number=OFFICE),
        told("last", "03-02 11:00", "missed", number=MOBILE),
    )

    assert marked(journal) == {"last"}


def test_number_that_was_let_go_is_no_longer_the_clients(database: Database, journal: CallJournal) -> None:
    client = account(database, "Ромашка")
    own(database, OFFICE, client, "01-01 00:00")
    own(database, MOBILE, client, "01-01 00:00", "02-01 00:00")
    write(
        database,
        told("missed", "03-02 10:00", "missed", number=OFFICE),
        told("back", "03-02 11:00", "reached", number=MOBILE),
    )

    assert marked(journal) == {"missed"}


def test_hidden_callers_are_nobody_else(database: Database, journal: CallJournal) -> None:
    write(
        database,
        told("one", "03-02 10:00", "missed", number=None),
        told("two", "03-02 11:00", "missed", number=None),
        told("talk", "03-02 12:00", number=None),
    )

    assert marked(journal) == {"one", "two"}


def test_answer_that_began_to_ring_before_the_miss_counts(database: Database, journal: CallJournal) -> None:
    write(database, told("long", "03-02 10:00", wait=120), told("short", "03-02 10:01", "missed", wait=5))

    assert marked(journal) == set()


def test_internal_calls_never_need_attention(database: Database, journal: CallJournal) -> None:
    write(database, told("inside", "03-02 10:00", "unanswered"))

    assert marked(journal) == set()


def test_answered_and_outbound_calls_never_need_attention(database: Database, journal: CallJournal) -> None:
    write(database, told("talk", "03-02 10:00"), told("tried", "03-02 11:00", "not_reached"))

    assert marked(journal) == set()


def test_misses_of_different_months_are_each_judged_by_their_own_day(database: Database, journal: CallJournal) -> None:
    write(
        database,
        told("january", "01-10 10:00", "missed", number=OFFICE),
        told("january back", "01-10 12:00", "reached", number=OFFICE),
        told("february", "02-10 10:00", "missed", number=OFFICE),
        told("march", "03-01 23:50", "missed", number=OFFICE),
        told("march back", "03-02 00:10", "reached", number=OFFICE),
    )

    assert marked(journal) == {"february", "march"}
    found = journal.page(CHIEF, CallFilter(search=OFFICE[3:]), as_of=EVENING).rows
    assert [row.call_id for row in found if row.attention] == ["march", "february"]


def test_a_search_finds_the_same_rows_however_many_are_asked_for(database: Database, journal: CallJournal) -> None:
    write(database, *(told(f"call{month}", f"{month:02}-05 10:00", "missed", number=OFFICE) for month in (1, 2)))
    wanted = CallFilter(search=OFFICE[3:])
    picked = journal.page(CHIEF, wanted, as_of=EVENING, limit=50)
    read_through = journal.page(CHIEF, wanted, as_of=EVENING, limit=5_000)

    assert picked == read_through
    assert [row.call_id for row in picked.rows] == ["call2", "call1"]
