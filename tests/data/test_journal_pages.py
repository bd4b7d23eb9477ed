"""A page of the journal: which calls, in which order, from where on, and for whose eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.errors import BadCursor, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope
from data.journal import CallFilter, CallJournal, CallKind, Sort, SortBy
from data.model import CallFacts, NumberClass, Outcome, Status
from data.store.database import Database
from tests.data.told import ANALYST, CHIEF, SITE, account, employee, local, own, told, write

NOW = local("03-02 18:00")
EVERY_KIND = frozenset(CallKind)


@pytest.fixture
def journal(database: Database) -> CallJournal:
    return CallJournal(database, site=SITE)


@contextmanager
def reading(folder: Path, *facts: CallFacts) -> Iterator[Database]:
    """A database with those calls, for several tests that only read."""
    with Database(folder / "var", memory_limit="512MB", readers=1, salt="salt") as database:
        write(database, *facts)
        yield database


@pytest.fixture(scope="module")
def four_kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    calls = (
        told("answered", "03-02 10:00"),
        told("missed", "03-02 11:00", "missed"),
        told("reached", "03-02 12:00", "reached"),
        told("inside", "03-02 13:00", "unanswered"),
    )
    with reading(tmp_path_factory.mktemp("kinds"), *calls) as database:
        yield database


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Calls that are alike in every sort, of clients, strangers and three employees."""
    calls = (
        told(
            f"c{index:02}",
            f"03-02 10:{index // 2:02}",
            number=f"7912000000{index % 4}",
            wait=float(index % 3),
            talk=float(index % 5),
            employees=[f"20{index % 3}"],
        )
        for index in range(23)
    )
    with reading(tmp_path_factory.mktemp("mixed"), *calls) as database:
        employee(database, "Анна", "201")
        employee(database, "Борис", "202")
        for name, number in (("Ромашка", "79120000001"), ("Астра", "79120000002")):
            own(database, number, account(database, name), "01-01 00:00")
        yield database


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    calls = (told(f"c{index:02}", f"03-0{1 + index % 3} 1{index % 7}:{index:02}") for index in range(45))
    with reading(tmp_path_factory.mktemp("days"), *calls) as database:
        yield database


@pytest.fixture(scope="module")
def two_unlike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    calls = (
        told("talk", "03-02 10:00", number="88121234567", recorded=True, line="PJSIP/other"),
        told("missed", "03-02 11:00", "missed", number=None, wait=30, employees=["202"], queue="sales"),
    )
    with reading(tmp_path_factory.mktemp("unlike"), *calls) as database:
        yield database


@pytest.fixture(scope="module")
def known_and_unknown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    calls = (
        told("found", "03-02 10:00", number="79123456789", employees=["201"]),
        told("other", "03-02 11:00", number="74957777777", employees=["202"]),
    )
    with reading(tmp_path_factory.mktemp("known"), *calls) as database:
        own(database, "79123456789", account(database, "ООО Ромашка"), "01-01 00:00")
        employee(database, "Фёдоров Борис", "201")
        yield database


def ids(journal: CallJournal, wanted: CallFilter | None = None, actor: Actor = CHIEF) -> list[str]:
    return [row.call_id for row in journal.page(actor, wanted or CallFilter(), as_of=NOW).rows]


def test_newest_calls_come_first_and_internal_ones_stay_away(database: Database, journal: CallJournal) -> None:
    write(
        database,
        told("early", "03-02 10:00"),
        told("late", "03-02 12:00", "reached"),
        told("inside", "03-02 11:00", "answered", direction="internal"),
    )

    assert ids(journal) == ["late", "early"]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({CallKind.INBOUND}, ["missed", "answered"]),
        ({CallKind.MISSED}, ["missed"]),
        ({CallKind.OUTBOUND}, ["reached"]),
        ({CallKind.MISSED, CallKind.OUTBOUND}, ["reached", "missed"]),
        ({CallKind.INTERNAL}, ["inside"]),
        (EVERY_KIND, ["inside", "reached", "missed", "answered"]),
    ],
)
def test_toggles_add_up(four_kinds: Database, kinds: set[CallKind], expected: list[str]) -> None:
    assert ids(CallJournal(four_kinds, site=SITE), CallFilter(kinds=frozenset(kinds))) == expected


def test_paging_by_cursor_shows_every_call_once_although_new_ones_arrive(
    database: Database, journal: CallJournal
) -> None:
    write(database, *(told(f"c{minute:02}", f"03-02 10:{minute:02}") for minute in range(20)))
    first = journal.page(CHIEF, CallFilter(), as_of=NOW, limit=8)
    write(database, told("new", "03-02 17:00"))

    second = journal.page(CHIEF, CallFilter(), as_of=NOW, limit=8, after=first.after)
    third = journal.page(CHIEF, CallFilter(), as_of=NOW, limit=8, after=second.after)

    shown = [row.call_id for page in (first, second, third) for row in page.rows]
    assert shown == [f"c{minute:02}" for minute in reversed(range(20))]
    assert third.after is None


@pytest.mark.parametrize("by", list(SortBy))
@pytest.mark.parametrize("descending", [True, False])
def test_every_sort_pages_without_gap_or_repetition(mixed: Database, by: SortBy, descending: bool) -> None:
    journal = CallJournal(mixed, site=SITE)
    sort = Sort(by=by, descending=descending)
    whole = [row.call_id for row in journal.page(CHIEF, CallFilter(), as_of=NOW, sort=sort).rows]

    shown: list[str] = []
    after: str | None = None
    while True:
        page = journal.page(CHIEF, CallFilter(), as_of=NOW, sort=sort, limit=4, after=after)
        shown += [row.call_id for row in page.rows]
        after = page.after
        if after is None:
            break

    assert shown == whole
    assert len(set(shown)) == 23


def test_sorting_by_client_goes_by_name_then_by_number(database: Database, journal: CallJournal) -> None:
    own(database, "79120000002", account(database, "Астра"), "01-01 00:00")
    write(
        database,
        told("unknown", "03-02 10:00", number="79120000001"),
        told("astra", "03-02 11:00", number="79120000002"),
    )

    page = journal.page(CHIEF, CallFilter(), as_of=NOW, sort=Sort(by=SortBy.CLIENT, descending=False))

    assert [row.call_id for row in page.rows] == ["unknown", "astra"]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("offset", [0, 1, 7, 29, 30, 44, 45, 99])
def test_jump_to_an_offset_lands_where_paging_would(three_days: Database, offset: int, descending: bool) -> None:
    journal = CallJournal(three_days, site=SITE)
    sort = Sort(descending=descending)
    whole = [row.call_id for row in journal.page(CHIEF, CallFilter(), as_of=NOW, sort=sort, limit=100).rows]

    page = journal.page(CHIEF, CallFilter(), as_of=NOW, sort=sort, offset=offset, limit=5, until=local("03-09 00:00"))

    assert [row.call_id for row in page.rows] == whole[offset : offset + 5]


def test_row_one_million_is_reached_by_a_jump_and_paging_goes_on_from_there(
    database: Database, journal: CallJournal
) -> None:
    write(database, told("first", "03-02 10:00"))
    with database._write({}) as cursor:
        cursor.execute(
            """
            insert into call
            select
                call.* replace (
                    'older-' || step as call_id,
                    call.started_at - step * interval 30 second as started_at,
                    call.answered_at - step * interval 30 second as answered_at,
                    call.ended_at - step * interval 30 second as ended_at
                )
            from call, range(1, 1_000_050) as steps (step)
            """
        )

    there = journal.page(CHIEF, CallFilter(), as_of=NOW, offset=1_000_000, limit=2)
    then = journal.page(CHIEF, CallFilter(), as_of=NOW, after=there.after, limit=100)

    assert [row.call_id for row in there.rows] == ["older-1000000", "older-1000001"]
    assert [row.call_id for row in then.rows] == [f"older-{step}" for step in range(1_000_002, 1_000_050)]
    assert journal.count(CHIEF, CallFilter(), as_of=NOW) == 1_000_050


def test_pinned_list_leaves_out_calls_that_ended_later(database: Database, journal: CallJournal) -> None:
    write(database, told("before", "03-02 10:00"), told("running", "03-02 10:59", talk=300))
    pinned = local("03-02 11:00")

    page = journal.page(CHIEF, CallFilter(), as_of=NOW, until=pinned)

    assert [row.call_id for row in page.rows] == ["before"]
    assert journal.count(CHIEF, CallFilter(), as_of=NOW, until=pinned) == 1


def test_call_of_last_year_is_found_although_the_search_begins_with_recent_days(
    database: Database, journal: CallJournal
) -> None:
    write(database, told("old", "01-01 10:00"), told("new", "03-02 10:00"))

    assert ids(journal) == ["new", "old"]


def test_cursor_of_another_sort_is_refused(database: Database, journal: CallJournal) -> None:
    write(database, told("one", "03-02 10:00"), told("two", "03-02 10:01"))
    after = journal.page(CHIEF, CallFilter(), as_of=NOW, limit=1).after

    with pytest.raises(BadCursor, match="sorted by time, not by talk"):
        journal.page(CHIEF, CallFilter(), as_of=NOW, sort=Sort(by=SortBy.TALK), after=after)


@pytest.mark.parametrize("text", ["nonsense", "e30", "W10", "bnVsbA", "!!!"])
def test_cursor_that_is_none_is_refused(journal: CallJournal, text: str) -> None:
    with pytest.raises(BadCursor, match="no cursor of the journal"):
        journal.page(CHIEF, CallFilter(), as_of=NOW, after=text)


def test_own_scope_shows_calls_in_which_one_only_rang_or_was_consulted(
    database: Database, journal: CallJournal
) -> None:
    anna = Actor(user="anna", role=Role.MANAGER, extensions=frozenset({"201"}), scope=Scope.OWN)
    write(
        database,
        told("talked", "03-02 10:00", employees=["201"]),
        told("rang", "03-02 11:00", "missed", employees=["201", "202"]),
        told("asked", "03-02 12:00", employees=["202"], consulted="201"),
        told("theirs", "03-02 13:00", employees=["202"]),
    )

    assert ids(journal, actor=anna) == ["asked", "rang", "talked"]
    assert journal.count(anna, CallFilter(), as_of=NOW) == 3
    with pytest.raises(NotFound):
        journal.details(anna, "theirs", as_of=NOW)


def test_user_without_extensions_has_no_calls_of_his_own(database: Database, journal: CallJournal) -> None:
    nobody = Actor(user="new", role=Role.MANAGER, scope=Scope.OWN)
    write(database, told("one", "03-02 10:00"))

    assert ids(journal, actor=nobody) == []


def test_analyst_sees_masked_numbers_and_cannot_ask_for_one(database: Database, journal: CallJournal) -> None:
    write(database, told("one", "03-02 10:00", number="+7 912 345-67-89"))

    row = journal.page(ANALYST, CallFilter(), as_of=NOW).rows[0]
    assert (row.number, row.number_text) == ("7912•••••89", "7912•••••89")
    assert ids(journal, CallFilter(search="3456"), actor=ANALYST) == []
    with pytest.raises(NotAllowed, match="nina may not see whole numbers"):
        ids(journal, CallFilter(number="79123456789"), actor=ANALYST)


def test_masked_details_give_the_number_away_nowhere(database: Database, journal: CallJournal) -> None:
    write(database, told("one", "03-02 10:00", number="79123456789", recorded=True))

    assert "9123456789" not in repr(journal.details(ANALYST, "one", as_of=NOW))


def test_count_is_that_of_the_rows(database: Database, journal: CallJournal) -> None:
    write(database, *(told(f"c{index}", f"03-02 10:{index:02}", "missed") for index in range(7)))
    write(database, told("talk", "03-02 11:00"))

    missed = CallFilter(kinds=frozenset({CallKind.MISSED}))
    assert journal.count(CHIEF, missed, as_of=NOW) == 7
    assert journal.count(CHIEF, CallFilter(), as_of=NOW) == 8


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CallFilter(from_at=local("03-02 11:00")), ["missed"]),
        (CallFilter(until_at=local("03-02 11:00")), ["talk"]),
        (CallFilter(hours=frozenset({11})), ["missed"]),
        (CallFilter(weekdays=frozenset({1})), ["missed", "talk"]),
        (CallFilter(weekdays=frozenset({7})), []),
        (CallFilter(extensions=frozenset({"202"})), ["missed"]),
        (CallFilter(queues=frozenset({"sales"})), ["missed"]),
        (CallFilter(lines=frozenset({"PJSIP/other"})), ["talk"]),
        (CallFilter(dids=frozenset({"74951112233"})), ["missed", "talk"]),
        (CallFilter(has_recording=True), ["talk"]),
        (CallFilter(has_recording=False), ["missed"]),
        (CallFilter(has_comment=True), []),
        (CallFilter(has_comment=False), ["missed", "talk"]),
        (CallFilter(talk_longer_s=59), ["talk"]),
        (CallFilter(wait_longer_s=20), ["missed"]),
        (CallFilter(number_classes=frozenset({NumberClass.LANDLINE})), ["talk"]),
        (CallFilter(number_classes=frozenset({NumberClass.HIDDEN})), ["missed"]),
        (CallFilter(countries=frozenset({"RU"})), ["talk"]),
        (CallFilter(regions=frozenset({"RU-SPE"})), ["talk"]),
        (CallFilter(outcomes=frozenset({Outcome.MISSED})), ["missed"]),
        (CallFilter(statuses=frozenset({Status.ACCEPTED})), ["talk"]),
        (CallFilter(number="78121234567"), ["talk"]),
        (CallFilter(call_ids=frozenset({"talk", "gone"})), ["talk"]),
    ],
)
def test_each_filter_leaves_what_it_names(two_unlike: Database, wanted: CallFilter, expected: list[str]) -> None:
    journal = CallJournal(two_unlike, site=SITE)

    assert ids(journal, wanted) == expected
    assert journal.count(CHIEF, wanted, as_of=NOW) == len(expected)


@pytest.mark.parametrize(
    "search", ["ромаш", "РОМАШКА", "345-67", "8 (912) 345", "+7912", "912 345-67-89", "Фёдоров", "федор", "201"]
)
def test_search_finds_a_call_by_client_number_or_employee(known_and_unknown: Database, search: str) -> None:
    journal = CallJournal(known_and_unknown, site=SITE)

    assert ids(journal, CallFilter(search=search)) == ["found"]


def test_search_by_employee_filter_follows_the_extension(database: Database, journal: CallJournal) -> None:
    anna = employee(database, "Анна", "201")
    write(database, told("hers", "03-02 10:00"), told("other", "03-02 11:00", employees=["202"]))

    assert ids(journal, CallFilter(employees=frozenset({anna}))) == ["hers"]


def test_row_shows_client_people_and_places_by_name(database: Database, journal: CallJournal) -> None:
    client = account(database, "Ромашка")
    own(database, "79123456789", client, "01-01 00:00")
    employee(database, "Анна", "201")
    write(database, told("one", "03-02 10:00", number="89123456789", employees=["201", "202"], queue="sales"))

    row = journal.page(CHIEF, CallFilter(), as_of=NOW).rows[0]

    assert (row.client, row.account_id, row.number, row.number_text) == (
        "Ромашка",
        client,
        "79123456789",
        "+7 912 345-67-89",
    )
    assert [(person.extension, person.name) for person in row.people] == [("201", "Анна"), ("202", None)]
    assert (row.queue, row.group, row.status, row.registered) == ("sales", None, Status.ACCEPTED, True)


def test_several_phones_that_only_rang_are_shown_as_their_group(database: Database, journal: CallJournal) -> None:
    write(
        database,
        told("group", "03-02 10:00", "missed", employees=["201", "202"], ring_group="600"),
        told("queue", "03-02 11:00", "missed", employees=["201", "202"], queue="sales"),
        told("one", "03-02 12:00", "missed", employees=["201"], queue="sales"),
    )

    rows = {row.call_id: row.group for row in journal.page(CHIEF, CallFilter(), as_of=NOW).rows}

    assert rows == {"group": "600", "queue": "sales", "one": None}


def test_details_hold_all_parts_of_the_call(database: Database, journal: CallJournal) -> None:
    employee(database, "Анна", "201")
    write(database, told("one", "03-02 10:00", recorded=True, consulted="202"))

    details = journal.details(CHIEF, "one", as_of=NOW)

    assert [leg.party for leg in details.legs] == ["201", "202"]
    assert details.recordings[0].recording_id == "one.1"
    assert details.names["201"] == "Анна"
    assert details.events == (1, 2)


def test_id_that_a_merge_gave_up_leads_to_the_call(database: Database, journal: CallJournal) -> None:
    write(database, told("kept", "03-02 10:00", aliases=("given-up",)))

    assert journal.details(CHIEF, "given-up", as_of=NOW).row.call_id == "kept"


def test_details_of_no_call_are_not_found(journal: CallJournal) -> None:
    with pytest.raises(NotFound, match="no call nothing"):
        journal.details(CHIEF, "nothing", as_of=NOW)


def test_export_gives_all_rows_in_blocks(database: Database, journal: CallJournal) -> None:
    write(database, *(told(f"c{index}", f"03-02 10:{index:02}") for index in range(7)))

    blocks = list(journal.export(CHIEF, CallFilter(), as_of=NOW, block=3))

    assert [len(block) for block in blocks] == [3, 3, 1]
