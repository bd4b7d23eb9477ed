"""Status, loss and leads as of a moment: the expressions against the rules told in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import SettingsError
from data.horizon import EndOfDay, Hours, day_clock
from data.metrics.periods import local_day
from data.queries import bound
from data.settings import Site
from data.status import horizon, status_rules
from data.working_hours import Schedule, working_hours

SCHEMA = Path(__file__).parents[2] / "data/schema/0001_calls.sql"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ZONES = ["Europe/Moscow", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Cairo"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A call, and when its number was assigned to a client and talked to."""

    started_at: datetime
    outcome: str = "missed"
    contact_after_at: datetime | None = None
    first: bool = True
    assigned: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def direction(self) -> str:
        return {"reached": "outbound", "not_reached": "outbound", "unanswered": "internal"}.get(self.outcome, "inbound")


Answer = tuple[str, bool, bool, str | None]
"""status, lost, lead and lead_state"""


def asked(call: Told, site: Site, as_of: datetime) -> Answer:
    return asked_all([call], site, as_of)[0]


def asked_all(calls: Sequence[Told], site: Site, as_of: datetime) -> list[Answer]:
    """The answers of the expressions for calls of different numbers, in one question."""
    cursor = CURSOR.cursor()
    cursor.execute("delete from call")
    cursor.execute("delete from phone_assignment")
    cursor.execute(
        """
        insert into call by name
        select
            unnest(range($count)) as call_id, 'pbx' as pbx,
            unnest($direction) as direction, unnest($outcome) as outcome,
            unnest(range($count)) as external_number,
            []::varchar[] as answered_by, []::varchar[] as rang, []::varchar[] as employees, []::varchar[] as queues,
            unnest($started) as started_at, unnest($started) as ended_at, 0 as talk_s, 0 as hold_s, 0 as duration_s,
            0 as transfer_count, 0 as recording_count, false as incomplete, []::varchar[] as channels,
            1 as rule_version, 'test' as source, []::bigint[] as events, unnest($first) as first_of_number,
            unnest($contact) as contact_after_at
        """,
        {
            "count": len(calls),
            "direction": [call.direction for call in calls],
            "outcome": [call.outcome for call in calls],
            "started": [call.started_at for call in calls],
            "first": [call.first for call in calls],
            "contact": [call.contact_after_at for call in calls],
        },
    )
    assigned = [(str(number), *span) for number, call in enumerate(calls) for span in call.assigned]
    cursor.execute(
        """
        insert into phone_assignment (assignment_id, number, account_id, from_at, until_at, assigned_by)
        select uuid(), number, uuid(), from_at, until_at, 'test'
        from (select unnest($number) as number, unnest($from_at) as from_at, unnest($until_at) as until_at)
        """,
        {
            "number": [number for number, _, _ in assigned],
            "from_at": [from_at for _, from_at, _ in assigned],
            "until_at": [until_at for _, _, until_at in assigned],
        },
    )
    rules = status_rules(site, as_of)
    text = (
        f"with owner as ({rules.owner_sql()}) select {rules.status}, {rules.lost}, {rules.lead}, {rules.lead_state} "
        f"from call {rules.join_sql()} order by call_id::int"
    )
    return cursor.execute(*bound(text, rules.params())).fetchall()


def by_words(call: Told, site: Site, as_of: datetime) -> Answer:
    """The same as the words of the rule say."""
    registered_then = any(
        from_at <= call.started_at and (until_at is None or call.started_at < until_at)
        for from_at, until_at in call.assigned
        if from_at <= as_of
    )
    assigned_since = any(call.started_at < from_at <= as_of for from_at, _ in call.assigned)
    end = horizon(site, as_of).of(call.started_at)
    contact = call.contact_after_at or NEVER
    lost = call.outcome == "missed" and not registered_then and end <= as_of and contact > end
    lead = call.direction == "inbound" and call.first and not registered_then
    state = "registered" if assigned_since else "lost" if lost else "unregistered"
    words = {"answered": "accepted", "reached": "reached", "not_reached": "cancelled"}
    status = words.get(call.outcome, "lost" if lost else "no_answer")
    return status, lost, lead, state if lead else None


CURSOR = duckdb.connect()
CURSOR.execute(SCHEMA.read_text("utf-8"))
MOSCOW = Site(timezone="Europe/Moscow")
CALL = Told(started_at=at("2026-03-02 08:00"))  # 11:00 in Moscow
MIDNIGHT = at("2026-03-02 21:00")


def status(call: Told, as_of: datetime, site: Site = MOSCOW) -> str:
    return asked(call, site, as_of)[0]


def test_missed_call_of_a_new_number_is_lost_when_the_local_day_is_over() -> None:
    assert status(CALL, MIDNIGHT - timedelta(microseconds=1)) == "no_answer"
    assert status(CALL, MIDNIGHT) == "lost"


def test_conversation_before_the_horizon_saves_a_call_for_ever() -> None:
    saved = Told(started_at=CALL.started_at, contact_after_at=MIDNIGHT)

    assert status(saved, MIDNIGHT) == "no_answer"
    assert status(saved, MIDNIGHT + timedelta(days=400)) == "no_answer"


def test_conversation_after_the_horizon_comes_too_late() -> None:
    late = Told(started_at=CALL.started_at, contact_after_at=MIDNIGHT + timedelta(microseconds=1))

    assert status(late, MIDNIGHT + timedelta(days=1)) == "lost"


def test_registered_client_is_never_lost() -> None:
    known = Told(started_at=CALL.started_at, assigned=((at("2026-01-01"), None),))

    assert status(known, MIDNIGHT) == "no_answer"


def test_registration_after_the_call_does_not_undo_the_loss() -> None:
    later = Told(started_at=CALL.started_at, assigned=((at("2026-03-02 09:00"), None),))

    assert status(later, MIDNIGHT) == "lost"


def test_number_that_was_let_go_before_the_call_is_not_registered() -> None:
    freed = Told(started_at=CALL.started_at, assigned=((at("2026-01-01"), at("2026-02-01")),))

    assert status(freed, MIDNIGHT) == "lost"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("answered", "accepted"),
        ("reached", "reached"),
        ("not_reached", "cancelled"),
        ("unanswered", "no_answer"),
    ],
)
def test_other_outcomes_have_one_status_for_ever(outcome: str, expected: str) -> None:
    assert status(Told(started_at=CALL.started_at, outcome=outcome), MIDNIGHT) == expected


def test_horizon_of_hours_runs_over_midnight() -> None:
    site = Site(timezone="Europe/Moscow", horizon="24h")

    assert status(CALL, MIDNIGHT, site) == "no_answer"
    assert status(CALL, CALL.started_at + timedelta(hours=24), site) == "lost"


def test_lead_becomes_registered_when_the_number_is_assigned() -> None:
    lead = Told(started_at=CALL.started_at, assigned=((at("2026-03-05"), None),))

    assert asked(lead, MOSCOW, at("2026-03-02 09:00"))[3] == "unregistered"
    assert asked(lead, MOSCOW, at("2026-03-03"))[3] == "lost"
    assert asked(lead, MOSCOW, at("2026-03-05"))[3] == "registered"


def test_call_that_is_not_the_first_of_its_number_is_no_lead() -> None:
    assert asked(Told(started_at=CALL.started_at, first=False), MOSCOW, MIDNIGHT)[2:] == (False, None)


moments = st.integers(0, 10 * 24 * 60).map(lambda minutes: at("2026-10-20") + timedelta(minutes=minutes))


def spans(edges: Sequence[datetime]) -> tuple[tuple[datetime, datetime | None], ...]:
    """Assignments that follow each other: from, until, from …"""
    ordered = sorted(set(edges))
    pairs = [*zip(ordered[::2], ordered[1::2], strict=False)]
    return (*pairs, (ordered[-1], None)) if len(ordered) % 2 else tuple(pairs)


@st.composite
def tales(draw: st.DrawFn) -> Told:
    """A call with what happened to its number before and after."""
    started_at = draw(moments)
    outcome = draw(st.sampled_from(["missed", "missed", "answered", "reached", "not_reached", "unanswered"]))
    contact_min = draw(st.none() | st.integers(1, 4000)) if outcome == "missed" else None
    return Told(
        started_at=started_at,
        outcome=outcome,
        contact_after_at=None if contact_min is None else started_at + timedelta(minutes=contact_min),
        first=draw(st.booleans()),
        assigned=draw(st.lists(moments, max_size=4).map(spans)),
    )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(tales(), min_size=1, max_size=12),
    st.sampled_from(["day", "4h", "30h", "4wh", "20wh"]),
    st.sampled_from(["Europe/Moscow", "Europe/Berlin"]),
    moments,
)
def test_expressions_say_what_the_words_say(calls: list[Told], rule: str, zone: str, as_of: datetime) -> None:
    site, as_of = Site(timezone=zone, horizon=rule), max(as_of, *(call.started_at for call in calls))

    assert asked_all(calls, site, as_of) == [by_words(call, site, as_of) for call in calls]


# In Havana midnight comes twice in autumn, and of calls older than the clock knows ICU takes the second.
@pytest.mark.parametrize(
    ("zone", "since"),
    [*((zone, None) for zone in ZONES), ("America/Havana", at("2015-01-01")), (ZONES[1], at("2018-06-01"))],
)
def test_local_day_its_end_and_the_hour_are_those_of_the_clock_on_the_wall(zone: str, since: datetime | None) -> None:
    clock = day_clock(ZoneInfo(zone), at("2019-12-31"), since)
    instants = [at("2015-01-01") + timedelta(hours=hours, minutes=17) for hours in range(0, 5 * 366 * 24, 7)]
    columns = ", ".join([clock.day_sql("i"), clock.hour_sql("i"), clock.day_end_sql("i")])
    text = f"select {columns} from (select unnest($instants) as i)"

    rows = CURSOR.cursor().execute(*bound(text, {**clock.params(), "instants": instants})).fetchall()

    rule = EndOfDay(clock=clock)
    for instant, (day, hour, end) in zip(instants, rows, strict=True):
        local = instant.astimezone(ZoneInfo(zone))
        assert (day, hour) == ((local.date() - datetime(1970, 1, 1).date()).days, local.hour)  # noqa: DTZ001
        assert end == rule.of(instant)
        assert local_day(end, ZoneInfo(zone)) > local.date()
        assert local_day(end - timedelta(microseconds=1), ZoneInfo(zone)) == local.date()


def test_days_of_clock_changes_have_23_and_25_hours() -> None:
    rule = EndOfDay(clock=day_clock(ZoneInfo("Europe/Berlin"), at("2026-12-31")))
    spring, autumn = at("2026-03-28 23:00"), at("2026-10-24 22:00")

    assert rule.of(spring) - spring == timedelta(hours=23)
    assert rule.of(autumn) - autumn == timedelta(hours=25)


def test_hours_do_not_care_for_clock_changes() -> None:
    before = at("2026-10-24 22:00")

    assert Hours(hours=24).of(before) == before + timedelta(hours=24)


FRIDAY_NOON = at("2026-03-06 09:00")  # in Moscow


@pytest.mark.parametrize(
    ("started", "hours", "expected"),
    [
        ("2026-03-06 09:00", 2, "2026-03-06 11:00"),  # within the day
        ("2026-03-06 09:00", 6, "2026-03-06 15:00"),  # until it closes, and no longer
        ("2026-03-06 09:00", 7, "2026-03-09 07:00"),  # over the week-end
        ("2026-03-07 09:00", 1, "2026-03-09 07:00"),  # on a Saturday
        ("2026-03-06 17:00", 1, "2026-03-09 07:00"),  # in the evening
        ("2026-03-06 03:00", 1, "2026-03-06 07:00"),  # before it opens
    ],
)
def test_working_hours_count_while_the_office_is_open(started: str, hours: int, expected: str) -> None:
    rule = working_hours(hours, Schedule(), ZoneInfo("Europe/Moscow"), at("2026-12-31"))

    assert rule.of(at(started)) == at(expected)


def test_holidays_do_not_count() -> None:
    schedule = Schedule(holidays=frozenset({date(2026, 3, 9)}))
    rule = working_hours(7, schedule, ZoneInfo("Europe/Moscow"), at("2026-12-31"))

    assert rule.of(FRIDAY_NOON) == at("2026-03-10 07:00")


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe/Berlin"])
def test_working_hours_in_sql_are_those_of_the_calendar(zone: str) -> None:
    hours = {1: (time(9), time(18)), 2: (time(9), time(17, 45)), 5: (time(8, 15), time(16)), 7: (time(0), time(23))}
    schedule = Schedule(open=hours, holidays=frozenset({date(2026, 5, 1), date(2026, 5, 4)}))
    instants = [at("2026-02-20") + timedelta(minutes=53 * step) for step in range(3000)]
    for length in (1, 8, 40):
        rule = working_hours(length, schedule, ZoneInfo(zone), at("2026-12-31"), at("2026-01-01"))
        text = f"select {rule.sql('i')} from (select unnest($instants) as i)"

        rows = CURSOR.cursor().execute(*bound(text, {**rule.params(), "instants": instants})).fetchall()

        assert [end for (end,) in rows] == [rule.of(instant) for instant in instants]


def test_schedule_that_never_opens_is_refused() -> None:
    with pytest.raises(SettingsError, match="never opens"):
        working_hours(1, Schedule(open={}), ZoneInfo("Europe/Moscow"), at("2026-12-31"))


def test_a_day_with_hours_of_its_own_is_open_then_and_midnight_ends_the_day() -> None:
    hours = {5: (time(9), time())}
    schedule = Schedule(
        open=hours, holidays=frozenset({date(2026, 3, 7)}), special={date(2026, 3, 8): (time(10), time(11))}
    )
    rule = working_hours(7, schedule, ZoneInfo("Europe/Moscow"), at("2026-12-31"))

    assert rule.of(at("2026-03-06 15:00")) == at("2026-03-08 08:00")  # six hours on Friday, one on Sunday
