"""The invented past: consistent with itself, with the schema, and the same for the same seed."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import phonenumbers
import pytest

from data.identity.actor import system
from data.settings import Site
from data.store.database import Database
from ingest.simulator.calendar import make_days
from ingest.simulator.history import Summary, simulate_history
from ingest.simulator.numbers import numbers
from ingest.simulator.office import invent_office
from ingest.simulator.sound import BUCKETS, RATE

CALLS = 6000
DAYS = 90
UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday, three in the afternoon in Moscow

Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[Database]:
    with Database(folder) as database:
        yield database


@pytest.fixture(scope="module")
def summary(database: Database, folder: Path) -> Summary:
    return _simulate(database, recordings_dir=folder / "recordings")


@pytest.fixture(scope="module")
def ask(database: Database, summary: Summary) -> Ask:
    return lambda sql: [tuple(row.values()) for row in database.query(sql, actor=system("test")).to_pylist()]


def _simulate(database: Database, *, seed: int = 5, calls: int = CALLS, recordings_dir: Path | None = None) -> Summary:
    return simulate_history(
        database, calls=calls, days=DAYS, until=UNTIL, seed=seed, site=Site(), recordings_dir=recordings_dir
    )


def test_as_many_calls_are_made_as_were_asked_for(summary: Summary, ask: Ask) -> None:
    stored = ask("select count(*), count(distinct call_id), min(started_at), max(ended_at) from call")

    assert summary.calls == CALLS
    assert stored[0][:2] == (CALLS, CALLS)
    assert stored[0][2] >= UNTIL - timedelta(days=DAYS)
    assert stored[0][3] <= UNTIL


@pytest.mark.parametrize("calls", [30, 400])
def test_short_histories_are_exact_too(tmp_path: Path, calls: int) -> None:
    with Database(tmp_path) as database:
        made = simulate_history(database, calls=calls, days=5, until=UNTIL, seed=1, site=Site())

    assert made.calls == calls


@pytest.mark.parametrize(
    "broken",
    [
        "select call_id from call where answered_at < started_at or ended_at < coalesce(answered_at, started_at)",
        "select call_id from call where abs(duration_s - epoch(ended_at - started_at)) > 0.00001",
        "select call_id from call where talk_s + coalesce(wait_s, 0) > duration_s + 0.00001",
        "select call_id from call where wait_s < 0 or hold_s > talk_s",
        "select call_id from call where (outcome in ('answered', 'reached')) <> (answered_at is not null)",
        "select call_id from call where (outcome in ('answered', 'reached')) <> (reason is null)",
        "select call_id from call where (outcome in ('answered', 'reached')) <> (talk_s > 0)",
        "select call_id from call where (len(answered_by) > 0) <> (answered_at is not null)",
        "select call_id from call where direction = 'inbound' and did is null",
        "select call_id from call where (direction = 'internal') <> (line is null)",
        "select call_id from call where direction <> 'inbound' and len(employees) = 0",
        "select call_id from call where not list_has_all(rang, answered_by) and direction = 'inbound'",
        "select call_id from call where (queue is not null) <> (len(queues) > 0)",
        "select leg.call_id from leg join call using (call_id)"
        " where leg.started_at < call.started_at or leg.ended_at > call.ended_at + interval 1 second",
        "select call_id from leg where ringing_at < started_at or answered_at < ringing_at or ended_at < answered_at",
        "select call_id from leg where (result = 'answered') <> (answered_at is not null)",
        "select call_id from leg where abs(ring_s - epoch(coalesce(answered_at, ended_at) - ringing_at)) > 0.00001",
        "select call_id from leg where talk_s > epoch(ended_at - coalesce(answered_at, ended_at)) + 0.00001",
        "select call_id from leg where call_id not in (select call_id from call)",
        "select call_id from queue_visit join call using (call_id) where entered_at < started_at or left_at > ended_at",
        "select call_id from queue_visit where (result = 'answered') <> (answered_by is not null)",
        "select call_id from transfer join call using (call_id)"
        " where transferred_at not between answered_at and ended_at or direction <> 'inbound'",
        "select call_id from call_interval join call using (call_id)"
        " where call_interval.started_at < call.started_at or call_interval.ended_at > call.ended_at",
        "select call_id from recording join call using (call_id)"
        " where recording.started_at < call.started_at or recording.ended_at > call.ended_at or party <> heard[1]",
        "select call_id from call where recording_count <>"
        " (select count(*) from recording where recording.call_id = call.call_id)",
        "select call_id from call where transfer_count <>"
        " (select count(*) from transfer where transfer.call_id = call.call_id)",
        "select comment_id from comment where subject_id not in (select call_id from call)",
        "select contact_id from contact where account_id not in (select account_id from account)",
        "select number from phone_assignment where account_id not in (select account_id from account)",
        "select number from phone_assignment group by number having count(*) > 1",
        "select message_id from message where chat_id not in (select chat_id from chat)",
        "select chat_id from chat where last_message_at <>"
        " (select max(sent_at) from message where message.chat_id = chat.chat_id)",
        "select extension from extension where kind = 'phone'"
        " and employee_id not in (select employee_id from employee)",
        "select party from agent_session where ended_at < started_at",
    ],
)
def test_no_row_contradicts_another(ask: Ask, broken: str) -> None:
    assert ask(f"select * from ({broken}) limit 3") == []


def test_talk_of_a_call_is_the_union_of_its_talk_intervals(ask: Ask) -> None:
    wrong = ask("""
        select call_id, talk_s, sum(epoch(call_interval.ended_at - call_interval.started_at)) as talked
        from call join call_interval using (call_id)
        where kind = 'talk'
        group by all
        having abs(talk_s - talked) > 0.001
    """)

    assert wrong == []


def test_talk_and_hold_of_a_call_are_the_sum_over_its_legs(ask: Ask) -> None:
    wrong = ask("""
        select call_id
        from call join leg using (call_id)
        group by call_id, call.talk_s, call.hold_s
        having abs(sum(leg.talk_s) - call.talk_s) > 0.001 or abs(sum(leg.hold_s) - call.hold_s) > 0.001
    """)

    assert wrong == []


def test_nobody_talks_in_two_calls_at_once(ask: Ask) -> None:
    overlaps = ask("""
        with talk as (
            select
                case when direction = 'outbound' then leg.caller else leg.party end as extension,
                leg.answered_at,
                leg.ended_at
            from leg join call using (call_id)
            where leg.answered_at is not null
        )
        select extension, answered_at, previous
        from (
            select *, max(ended_at) over (
                partition by extension order by answered_at rows between unbounded preceding and 1 preceding
            ) as previous
            from talk
        )
        where previous > answered_at
    """)

    assert overlaps == []


def test_every_way_of_a_call_is_there(ask: Ask) -> None:
    ways = {
        (direction, outcome, reason)
        for direction, outcome, reason in ask("select distinct direction, outcome, reason from call")
    }
    others: dict[str, int] = dict(
        ask("""
            select 'hidden', count(*) from call where external_number is null and direction = 'inbound'
            union all select 'blind', count(*) from transfer where kind = 'blind' and completed
            union all select 'blind in vain', count(*) from transfer where kind = 'blind' and not completed
            union all select 'attended', count(*) from transfer where kind = 'attended'
            union all select 'consultation', count(*) from leg where role = 'consultation'
            union all select 'ring group', count(*) from call where ring_group is not null
            union all select 'hold', count(*) from call_interval where kind = 'hold'
            union all select 'ivr', count(*) from call_interval where kind = 'ivr'
            union all select 'pause', count(*) from agent_session where kind = 'pause'
            union all select 'comment', count(*) from comment
            union all select 'chat', count(*) from chat
        """)
    )

    assert ways >= {
        ("inbound", "answered", None),
        ("inbound", "missed", "abandoned"),
        ("inbound", "missed", "out_of_hours"),
        ("inbound", "missed", "ivr_only"),
        ("inbound", "missed", "busy"),
        ("inbound", "missed", "timeout"),
        ("inbound", "missed", "caller_hung_up"),
        ("outbound", "reached", None),
        ("outbound", "not_reached", "no_answer"),
        ("outbound", "not_reached", "busy"),
        ("outbound", "not_reached", "cancelled"),
        ("outbound", "not_reached", "failed"),
        ("internal", "answered", None),
        ("internal", "unanswered", "timeout"),
    }
    assert all(count > 0 for count in others.values()), others


def test_most_missed_callers_are_spoken_to_later(ask: Ask) -> None:
    ((recovered, missed),) = ask("""
        select count(*) filter (where contact_after_at is not null), count(*)
        from call
        where outcome = 'missed' and external_number is not null
    """)

    assert 0.5 < recovered / missed < 0.95


def test_strangers_become_clients_after_their_first_call(ask: Ask) -> None:
    ((leads, registered),) = ask("""
        select count(*), count(*) filter (where assigned.from_at > started_at)
        from call
        left join phone_assignment as assigned on assigned.number = call.external_number
        where first_of_number and direction = 'inbound' and (assigned.from_at is null or assigned.from_at > started_at)
    """)

    assert leads > 100
    assert 0.1 < registered / leads < 0.5


def test_the_office_is_busier_on_working_days_and_at_noon_than_on_sundays_and_at_night(ask: Ask) -> None:
    per_day: dict[int, int] = dict(
        ask("""
            select isodow(started_at at time zone 'Europe/Moscow') as weekday, count(*)
            from call group by all
        """)
    )
    per_hour: dict[int, int] = dict(
        ask("""
            select hour(started_at at time zone 'Europe/Moscow') as hour, count(*)
            from call group by all
        """)
    )

    assert per_day[2] > 10 * per_day[7]
    assert per_hour[11] > 20 * per_hour.get(3, 1)


def test_the_end_of_a_history_is_like_its_beginning(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        simulate_history(database, calls=3000, days=60, until=UNTIL, seed=1, site=Site())
        shares = database.query(
            """
            select count(*) filter (where direction = 'internal') / count(*) as internal_share
            from call group by started_at > timestamptz '2026-10-22' order by any_value(started_at)
            """,
            actor=system("test"),
        )["internal_share"].to_pylist()

    early, late = shares
    assert early > 0.04
    assert late == pytest.approx(early, abs=0.03)


def test_waits_are_believable(ask: Ask) -> None:
    ((median, longest, abandoned),) = ask("""
        select median(wait_s) filter (where result = 'answered'), max(wait_s),
            count(*) filter (where result = 'abandoned') / count(*)
        from queue_visit
    """)

    assert 3 < median < 20
    assert longest <= 151
    assert 0.01 < abandoned < 0.2


def test_the_latest_recordings_have_sound_on_two_sides(ask: Ask, folder: Path) -> None:
    states: dict[str, int] = dict(ask("select state, count(*) from recording group by all"))
    ((path, size, seconds, channels, peaks),) = ask("""
        select path, bytes, sound_s, channel_count, peaks from recording where state = 'present' limit 1
    """)

    with wave.open(path) as file:
        format_of_file = (file.getnchannels(), file.getframerate(), file.getnframes() / RATE)
    sides = np.frombuffer(peaks, np.uint8).reshape(2, BUCKETS)

    assert states["present"] > 1000
    assert Path(path).is_relative_to(folder / "recordings")
    assert Path(path).stat().st_size == size
    assert format_of_file == (channels, RATE, seconds)
    assert (sides.max(axis=1) > 60).all()
    assert not np.array_equal(sides[0] > 20, sides[1] > 20)


def test_the_same_seed_gives_the_same_history_and_another_one_another(tmp_path: Path, ask: Ask) -> None:
    mine = ask("select call_id, wait_s, talk_s, employees from call order by call_id")
    again: list[tuple[Any, ...]] = []
    other: list[tuple[Any, ...]] = []
    for seed, found in ((5, again), (6, other)):
        (tmp_path / str(seed)).mkdir()
        with Database(tmp_path / str(seed)) as database:
            _simulate(database, seed=seed)
            table = database.query(
                "select call_id, wait_s, talk_s, employees from call order by call_id", actor=system("test")
            )
            found.extend(tuple(row.values()) for row in table.to_pylist())

    assert again == mine
    assert other != mine


def test_invented_numbers_are_distinct_well_formed_and_nobodys() -> None:
    made = numbers(np.arange(200_000))

    assert len(np.unique(made)) == len(made)
    for number in made[:2000].tolist():
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")), number
        assert not str(number).startswith(("79161", "7903", "7926")), number
        if str(number).startswith(("74", "78", "73")):
            assert str(number)[4] == "0", number


def test_an_office_for_more_calls_has_more_people_in_every_team() -> None:
    small, large = invent_office(seed=1), invent_office(seed=1, calls_a_day=3000)

    assert len(small.employees) == 14
    assert len(large.employees) > 50
    assert all(len(large.team(team)) > len(small.team(team)) for team in range(len(small.departments)))
    assert len({employee.extension for employee in large.employees}) == len(large.employees)


def test_days_are_cut_at_both_ends_of_the_history() -> None:
    days = make_days(np.random.default_rng(1), days=3, until=UNTIL, site=Site())

    assert [day.on.day for day in days] == [17, 18, 19, 20]
    assert days[0].from_s == days[-1].until_s == 15 * 3600
    assert [day.is_working for day in days] == [True] * 4
