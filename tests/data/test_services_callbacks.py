"""The list of missed callers: who waits, since when, until when, who takes care, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import BadInput, Conflict, NotAllowed, NotFound
from data.identity.actor import Actor, Role, Scope, system
from data.metrics.measure import episodes
from data.metrics.periods import Period, local_day
from data.services.callbacks import (
    DismissReason,
    Episode,
    Whose,
    count,
    dismiss,
    give_back,
    open_episodes,
    restore,
    seen_by,
    take,
)
from data.settings import Callbacks, Site
from data.store.database import Database
from data.working_hours import after_open_time, schedule_of
from tests.builders import Office, at, inbound, outbound

SITE = Site()
RULES = Callbacks(minutes=30)
NOW = at("2026-11-20 12:00")  # a Friday
ANNA = Actor(user="anna", name="Анна", role=Role.MANAGER, extensions=frozenset({"201"}), scope=Scope.OWN)
BORIS = Actor(user="boris", name="Борис", role=Role.MANAGER, extensions=frozenset({"202"}))
CHIEF = Actor(user="chief", name="Шеф", role=Role.SUPERVISOR)
NUMBER, OTHER = "+79161112233", "+79162223344"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Database(tmp_path) as store:
        yield Office(store)


def waiting(office: Office, now=NOW) -> tuple[Episode, ...]:  # type: ignore[no-untyped-def]
    return open_episodes(office.store, SITE, RULES, now=now)


def test_missed_calls_of_a_number_wait_as_one_until_somebody_talks_with_it(office: Office) -> None:
    office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"], call_id="pbx-1.1"))
    office.add(inbound("2026-11-20 10:10", NUMBER, rang=["202"]))
    office.add(inbound("2026-11-20 09:00", OTHER, rang=["202"]))
    office.add(inbound("2026-11-20 09:30", None, rang=["202"]))
    office.add(outbound("2026-11-20 10:30", NUMBER, by="201"))

    older, one = waiting(office)

    assert (older.number, one.call_id, one.misses, one.attempts) == ("79162223344", "pbx-1.1", 2, 1)
    assert (one.missed_at, one.last_missed_at) == (at("2026-11-20 10:00"), at("2026-11-20 10:10"))
    assert one.last_tried_at == at("2026-11-20 10:30")
    assert one.parties == {"201", "202"}

    office.add(outbound("2026-11-20 11:00", NUMBER, by="201", talk_s=60))

    assert [left.number for left in waiting(office)] == ["79162223344"]


def test_the_list_and_the_report_count_the_same_episodes(office: Office) -> None:
    office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]), inbound("2026-11-20 10:10", NUMBER, rang=["201"]))
    office.add(inbound("2026-11-19 10:00", OTHER, rang=["201"]))
    office.add(inbound("2026-11-19 09:00", "+79163334455", rang=["201"]))
    office.add(outbound("2026-11-19 12:00", "+79163334455", by="201", talk_s=5))

    today = local_day(NOW, SITE.zone)
    period = Period(from_on=today - timedelta(days=7), to_on=today + timedelta(days=1))
    told = episodes(office.store, period, site=SITE, actor=system("test"), now=NOW)
    unrecovered = told[told["recovery"].isin(["none", "attempted"])]

    assert sorted(unrecovered["call_id"]) == sorted(one.call_id for one in waiting(office))
    assert len(unrecovered) == 2


def test_a_caller_of_long_ago_is_listed_only_if_he_called_again_and_since_his_first_miss(office: Office) -> None:
    office.add(inbound("2026-10-01 10:00", NUMBER, rang=["201"]))
    assert waiting(office) == ()

    office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))

    [one] = waiting(office)
    assert (one.missed_at, one.misses) == (at("2026-10-01 10:00"), 2)


@pytest.mark.parametrize(
    ("missed", "minutes", "deadline"),
    [
        ("2026-11-20 10:00", 30, "2026-11-20 10:30"),
        ("2026-11-20 17:45", 30, "2026-11-23 09:15"),  # over the weekend
        ("2026-11-21 12:00", 30, "2026-11-23 09:30"),
        ("2026-11-20 17:30", 30, "2026-11-20 18:00"),
        ("2026-11-20 10:00", 20 * 60, "2026-11-24 12:00"),
    ],
)
def test_the_deadline_counts_working_time_only(missed: str, minutes: int, deadline: str) -> None:
    found = after_open_time(at(missed), timedelta(minutes=minutes), schedule_of(SITE), SITE.zone)

    assert found == at(deadline)


def test_an_office_that_never_opens_counts_every_hour() -> None:
    closed = schedule_of(Site(hours={}))

    assert after_open_time(NOW, timedelta(hours=1), closed, SITE.zone) == NOW + timedelta(hours=1)


def test_who_takes_a_caller_keeps_him_until_he_gives_back_or_a_supervisor_takes_over(office: Office) -> None:
    call = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    take(office.store, ANNA, SITE, RULES, call, version=0, now=NOW)

    with pytest.raises(Conflict, match="Анна"):
        take(office.store, BORIS, SITE, RULES, call, version=1, now=NOW)
    with pytest.raises(Conflict, match="Анна"):
        give_back(office.store, BORIS, SITE, RULES, call, version=1, now=NOW)
    [one] = waiting(office)
    assert (one.owner, one.belongs_to(ANNA), one.concerns(CHIEF, Whose.FREE)) == ("anna", True, False)

    take(office.store, CHIEF, SITE, RULES, call, version=1, now=NOW)
    give_back(office.store, CHIEF, SITE, RULES, call, version=2, now=NOW)

    assert waiting(office)[0].owner is None
    actions = office.store.query("select action, actor from audit order by acted_at, action", actor=office.actor)
    assert sorted(actions["action"].to_pylist()) == ["callback.give_back", "callback.take", "callback.take"]


def test_two_who_take_at_once_do_not_both_succeed(office: Office) -> None:
    call = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    take(office.store, CHIEF, SITE, RULES, call, version=0, now=NOW)

    with pytest.raises(Conflict):
        take(office.store, Actor(user="c2", role=Role.SUPERVISOR), SITE, RULES, call, version=0, now=NOW)


def test_who_is_dismissed_waits_no_more_until_he_is_missed_again(office: Office) -> None:
    call = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    why = {"reason": DismissReason.SPAM, "note": " робот  снова "}
    dismiss(office.store, CHIEF, SITE, RULES, call, version=0, now=NOW, **why)  # type: ignore[arg-type]

    [one] = waiting(office)
    assert one.dismissal is not None
    assert (one.dismissal.reason, one.dismissal.note, one.dismissal.by) == (DismissReason.SPAM, "робот снова", "Шеф")
    assert count(CHIEF, [one], now=NOW).open == 0

    office.add(inbound("2026-11-20 12:30", NUMBER, rang=["201"]))

    [again] = waiting(office, at("2026-11-20 13:00"))
    assert (again.dismissal, again.call_id, count(CHIEF, [again], now=NOW).open) == (None, call, 1)


def test_a_dismissal_is_taken_back_and_other_needs_words(office: Office) -> None:
    call = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    with pytest.raises(BadInput, match="note"):
        dismiss(office.store, CHIEF, SITE, RULES, call, reason=DismissReason.OTHER, version=0, now=NOW)
    with pytest.raises(BadInput, match="500"):
        dismiss(office.store, CHIEF, SITE, RULES, call, reason=DismissReason.SPAM, note="ы" * 501, version=0, now=NOW)
    dismiss(office.store, CHIEF, SITE, RULES, call, reason=DismissReason.NO_NEED, version=0, now=NOW)

    restore(office.store, CHIEF, SITE, RULES, call, version=1, now=NOW)

    assert waiting(office)[0].dismissal is None


def test_a_new_episode_of_the_number_belongs_to_nobody(office: Office) -> None:
    call = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    take(office.store, ANNA, SITE, RULES, call, version=0, now=at("2026-11-20 10:05"))
    office.add(outbound("2026-11-20 10:30", NUMBER, by="201", talk_s=60))
    with pytest.raises(NotFound, match="talked"):
        give_back(office.store, ANNA, SITE, RULES, call, version=1, now=NOW)

    later = office.add(inbound("2026-11-20 11:00", NUMBER, rang=["201"]))

    [one] = waiting(office)
    assert (one.call_id, one.owner, one.version) == (later, None, 1)
    take(office.store, BORIS, SITE, RULES, later, version=1, now=NOW)
    assert waiting(office)[0].owner == "boris"


def test_everybody_sees_the_callers_of_his_scope_and_only_who_may_write_acts(office: Office) -> None:
    mine = office.add(inbound("2026-11-20 10:00", NUMBER, rang=["201"]))
    office.add(inbound("2026-11-20 10:00", OTHER, rang=["202"]))
    found = waiting(office)

    assert [one.call_id for one in seen_by(ANNA, found)] == [mine]
    assert len(seen_by(CHIEF, found)) == 2
    assert [one.number for one in found if one.concerns(BORIS, Whose.MINE)] == ["79162223344"]
    with pytest.raises(NotAllowed):
        take(office.store, Actor(user="ann", role=Role.ANALYST), SITE, RULES, mine, version=0, now=NOW)
    with pytest.raises(NotFound):
        stranger = Actor(user="x", role=Role.MANAGER, scope=Scope.OWN)
        take(office.store, stranger, SITE, RULES, mine, version=0, now=NOW)
