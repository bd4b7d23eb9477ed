"""Metrics against calls that can be worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pytest

from data.errors import NotAllowed, UnknownName
from data.identity.actor import Actor, Role, Scope, system
from data.metrics.catalogue import METRICS, SERVICE_LEVELS
from data.metrics.compiler import Largest, Restriction, grain_of
from data.metrics.dimensions import DIMENSIONS
from data.metrics.measure import Asked, largest_of, measure, measure_with_whole, measured
from data.metrics.periods import Period
from data.metrics.titles import titles
from data.settings import Site
from tests.data.office import SITE, Office, busy_month, local

BERLIN = Site(timezone="Europe/Berlin", country="DE", area_code="30")


def numbers(office: Office, *metrics: str, **asked: Any) -> pd.DataFrame:
    usual: dict[str, Any] = {
        "site": SITE,
        "actor": system("test"),
        "from_on": date(2026, 11, 1),
        "to_on": date(2026, 12, 1),
    }
    return measure(office, metrics, **(usual | asked))


def one(office: Office, metric: str, **asked: Any) -> Any:
    return numbers(office, metric, **asked)[metric].item()


@pytest.fixture
def office() -> Office:
    return Office()


def test_each_fate_of_a_call_is_counted_once(office: Office) -> None:
    office.call("11-03 10:00")
    office.call("11-03 11:00", "missed")
    office.call("11-03 12:00", "missed")
    office.call("11-03 13:00", "reached")
    office.call("11-03 14:00", "not_reached")
    office.call("11-03 15:00", direction="internal", number=None)
    office.call("11-03 16:00", "unanswered", number=None)

    row = numbers(
        office,
        "calls",
        "inbound",
        "outbound",
        "internal",
        "accepted",
        "missed",
        "successful",
        "failed",
        "conversations",
    ).iloc[0]

    assert row.to_list() == [7, 3, 2, 2, 1, 2, 1, 1, 3]


def test_periods_are_half_open_local_days(office: Office) -> None:
    office.call("11-03 23:59")
    office.call("11-04 00:00")
    office.call("11-04 23:59")
    office.call("11-05 00:00")

    assert one(office, "calls", from_on=date(2026, 11, 4), to_on=date(2026, 11, 5)) == 2


def test_calls_fall_on_local_days_weeks_months_hours_and_weekdays(office: Office) -> None:
    office.call("11-30 23:30")  # a Monday; in UTC 20:30

    frame = numbers(office, "calls", by=["day", "week", "month", "hour", "weekday"])

    assert frame.iloc[0].to_list() == [
        pd.Timestamp("2026-11-30"), pd.Timestamp("2026-11-30"), pd.Timestamp("2026-11-01"), 23, 1, 1
    ]  # fmt: skip


def test_the_repeated_hour_of_a_clock_change_holds_the_calls_of_both(office: Office) -> None:
    for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        office.call(at)
    office.call(datetime(2026, 10, 24, 22, 0, tzinfo=UTC))  # local midnight
    office.call(datetime(2026, 10, 25, 22, 59, tzinfo=UTC))  # 25 hours later, less a minute

    frame = numbers(
        office, "calls", by=["day", "hour"], site=BERLIN, from_on=date(2026, 10, 25), to_on=date(2026, 10, 26)
    )

    assert frame[["hour", "calls"]].to_numpy().tolist() == [[0, 1], [2, 2], [23, 1]]
    assert frame["day"].nunique() == 1


def test_the_skipped_hour_of_a_clock_change_has_no_calls(office: Office) -> None:
    office.call(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))
    office.call(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))

    frame = numbers(office, "calls", by=["hour"], site=BERLIN, from_on=date(2026, 3, 29), to_on=date(2026, 3, 30))

    assert frame["hour"].to_list() == [1, 3]


def golden(office: Office) -> None:
    """Answered 1000, 860 of them in time; abandoned 60, 20 in time of which 10 were short."""
    start = local("11-03 08:00")
    waits = [("answered", 12.0)] * 860 + [("answered", 45.0)] * 140
    waits += [("missed", 3.0)] * 10 + [("missed", 15.0)] * 10 + [("missed", 60.0)] * 40
    rows = pa.table(
        {
            "call_id": [f"pbx-{n}" for n in range(len(waits))],
            "outcome": [outcome for outcome, _ in waits],
            "started_at": [start + timedelta(seconds=n) for n in range(len(waits))],
            "wait_s": [wait for _, wait in waits],
        }
    )
    office.cursor.register("golden", rows)
    office.cursor.execute(
        """
        insert into call by name
        select *, 'pbx' as pbx, 'inbound' as direction, [] as answered_by, ['201'] as rang, ['201'] as employees,
            ['sales'] as queues, 'sales' as queue, started_at as ended_at, 0 as talk_s, 0 as hold_s, 0 as duration_s,
            0 as transfer_count, 0 as recording_count, false as incomplete, [] as channels, 1 as rule_version,
            'test' as source, [] as events
        from golden
        """
    )
    office.cursor.execute(
        """
        insert into queue_visit by name
        select call_id, 1 as position, 'sales' as queue, started_at as entered_at, started_at as left_at, wait_s,
            case outcome when 'answered' then 'answered' else 'abandoned' end as result, [] as events
        from golden
        """
    )


@pytest.mark.parametrize("by", [(), ("queue",)], ids=["office", "queue"])
def test_golden_service_levels(office: Office, by: tuple[str, ...]) -> None:
    golden(office)

    row = numbers(office, *SERVICE_LEVELS, by=by).iloc[0]

    assert [round(row[name] * 100, 1) for name in SERVICE_LEVELS] == [82.7, 83.0, 86.0, 81.1, 82.1, 81.9]


def test_golden_abandonment_leaves_the_short_ones_out(office: Office) -> None:
    golden(office)

    assert one(office, "abandonment") == pytest.approx(50 / 1050)
    assert one(office, "abandonment", params={"short_s": 0.0}) == pytest.approx(60 / 1060)


def test_another_target_moves_the_service_level(office: Office) -> None:
    golden(office)

    assert one(office, "service_level", params={"target_s": 45.0}) == pytest.approx(1000 / 1040)


def test_shares_and_times_of_nothing_are_null_and_counts_are_zero(office: Office) -> None:
    row = numbers(office, "calls", "service_level", "abandonment", "asa", "missed_share", "talk").iloc[0]

    assert row["calls"] == 0
    assert row.drop("calls").isna().all()


def test_a_split_has_no_rows_for_groups_without_calls(office: Office) -> None:
    assert numbers(office, "calls", "service_level", by=["day", "queue"]).empty


def test_a_menu_hang_up_and_a_call_out_of_hours_were_not_offered(office: Office) -> None:
    office.call("11-03 10:00")
    office.call("11-03 10:01", "missed", employees=(), reason="ivr_only")
    office.call("11-03 22:00", "missed", employees=(), reason="out_of_hours")

    row = numbers(office, "offered", "abandoned", "ivr_hangups", "out_of_hours", "missed", "service_level").iloc[0]

    assert row.to_list() == [1, 0, 1, 1, 2, 1.0]


def test_waits_are_of_answered_calls_and_the_longest_is_of_all(office: Office) -> None:
    for minute, wait in enumerate([10.0, 20.0, 30.0, 80.0]):
        office.call(f"11-03 10:0{minute}", wait=wait)
    office.call("11-03 10:30", "missed", wait=200.0)

    row = numbers(office, "asa", "wait_median", "wait_p90", "longest_wait", "patience", "wait").iloc[0]

    assert row.to_list() == pytest.approx([35.0, 25.0, 65.0, 200.0, 200.0, 340.0])


def test_handling_time_is_of_accepted_calls_and_hold_is_inside_it(office: Office) -> None:
    office.call("11-03 10:00", talk=100.0, hold_s=40.0)
    office.call("11-03 11:00", talk=200.0)
    office.call("11-03 12:00", "reached", talk=600.0)
    office.call("11-03 13:00", "missed")

    row = numbers(office, "aht", "talk", "mean_talk", "hold", "mean_hold", "longest_talk").iloc[0]

    assert row.to_list() == pytest.approx([150.0, 900.0, 300.0, 40.0, 40.0 / 3, 600.0])


def test_transfer_rate_takes_hand_overs_between_people_only(office: Office) -> None:
    office.call("11-03 10:00", transfer_count=1)
    office.call("11-03 11:00", queue="sales")
    office.call("11-03 12:00", "reached", transfer_count=1)

    row = numbers(office, "transferred", "transfer_rate").iloc[0]

    assert row.to_list() == [1, 0.5]


def test_callers_are_distinct_numbers(office: Office) -> None:
    office.call("11-03 10:00", number="79120000001")
    office.call("11-03 11:00", "missed", number="79120000001")
    office.call("11-03 12:00", number="79120000002")
    office.call("11-03 13:00", number=None)
    office.call("11-03 14:00", "reached", number="79120000003")

    assert one(office, "callers") == 2


def test_queue_visits_that_went_on_elsewhere_are_neither_answered_nor_abandoned(office: Office) -> None:
    call_id = office.call("11-03 10:00", queue="sales")
    office.visit(call_id, "sales", 30.0, "timeout")
    office.visit(call_id, "support", 10.0, "answered", position=2)

    frame = numbers(office, "visits", "answered", "abandoned", "left_queue", "service_level", by=["queue"])

    assert frame["queue"].to_list() == ["sales", "support"]
    assert frame[["visits", "answered", "abandoned", "left_queue"]].to_numpy().tolist() == [[1, 0, 0, 1], [1, 1, 0, 0]]
    assert pd.isna(frame["service_level"][0])
    assert frame["service_level"][1] == 1.0


def test_grains_meet_side_by_side_and_say_which_they_are(office: Office) -> None:
    call_id = office.call("11-03 10:00", queue="sales", employees=("201", "202"))
    office.visit(call_id, "sales", 10.0, "answered")
    office.leg(call_id, "201", "no_answer")
    office.leg(call_id, "202", "answered", position=2)

    frame = numbers(office, "calls", "visits", "offers", "offers_missed", by=["queue"])

    assert frame.iloc[0].to_list() == ["sales", 1, 1, 2, 1]
    grains = {name: told["grain"] for name, told in frame.attrs["measured"]["metrics"].items()}
    assert grains == {"calls": "call", "visits": "visit", "offers": "offer", "offers_missed": "offer"}


def test_a_call_counts_for_each_employee_who_talked(office: Office) -> None:
    anna = office.employee(1, "Анна", "201", department="Продажи")
    boris = office.employee(2, "Борис", "202", department="Продажи")
    call_id = office.call("11-03 10:00", employees=("201", "202"), talk=90.0)
    office.leg(call_id, "201", talk=60.0)
    office.leg(call_id, "202", talk=30.0, caller="201", position=2)

    frame = numbers(office, "accepted", "talk", by=["employee"])

    assert frame["employee"].to_list() == [anna, boris]
    assert frame["talk"].to_list() == [60.0, 30.0]
    assert frame["accepted"].to_list() == [1, 1]
    assert titles(office, "employee", frame["employee"], actor=system("test")) == {anna: "Анна", boris: "Борис"}
    assert numbers(office, "calls", by=["team"]).iloc[0].to_list() == ["Продажи", 2]


def test_an_employee_whose_two_phones_rang_missed_one_call(office: Office) -> None:
    office.employee(1, "Анна", "201", "1201")
    office.call("11-03 10:00", "missed", employees=("201", "1201"))

    assert one(office, "missed", by=["employee"]) == 1


def test_an_extension_is_its_employees_only_while_it_is_theirs(office: Office) -> None:
    anna = office.employee(1, "Анна")
    office.insert(
        "extension", extension="201", employee_id=anna, from_at=local("11-01 00:00"), until_at=local("11-04 00:00")
    )
    office.call("11-03 10:00")
    office.call("11-05 10:00")

    assert set(numbers(office, "calls", by=["employee"])["employee"]) == {anna, "201"}


def test_a_call_counts_under_each_of_its_tags_and_of_its_clients(office: Office) -> None:
    claim, urgent = UUID(int=11), UUID(int=12)
    known = {"created_at": local("11-01 00:00"), "created_by": "test"}
    for tag, title in ((claim, "Претензия"), (urgent, "Срочно")):
        office.insert("tag", tag_id=tag, title=title, **known)
    client = office.assign("79120000001", 1, "11-01 00:00")
    hung = {"tagged_at": local("11-03 12:00"), "tagged_by": "test"}
    office.insert("client_tag", account_id=client, tag_id=urgent, **hung)
    call_id = office.call("11-03 10:00")
    office.call("11-03 11:00", number="79120000002")
    for tag in (claim, urgent):
        office.insert("call_tag", call_id=call_id, tag_id=tag, **hung)

    by_call, by_client = (numbers(office, "calls", by=[by]) for by in ("tag", "client_tag"))

    assert by_call.fillna("").to_numpy().tolist() == [[str(claim), 1], [str(urgent), 1], ["", 1]]
    assert by_client.fillna("").to_numpy().tolist() == [[str(urgent), 1], ["", 1]]
    assert titles(office, "tag", by_call["tag"].dropna(), actor=system("test"))[str(claim)] == "Претензия"


def test_the_clients_with_most_calls_come_first_and_nobody_without_a_name(office: Office) -> None:
    for number, calls in enumerate((2, 3, 1, 2), 1):
        for _ in range(calls):
            office.call("11-03 10:00", number=f"7912000000{number}")
    for _ in range(5):  # of a number that is no client's
        office.call("11-03 11:00", number="79120000009")
    two, most, one, also_two = (office.assign(f"7912000000{number}", number, "11-01 00:00") for number in range(1, 5))
    asked = Asked(period=Period(from_on=date(2026, 11, 1), to_on=date(2026, 12, 1)), site=SITE, actor=system("test"))

    named = largest_of(
        office, ["answered", "calls"], by=["client"], asked=asked, largest=Largest(metric="calls", most=3)
    )
    everybody = largest_of(office, ["calls"], by=["client"], asked=asked, largest=Largest(metric="calls", most=99))

    equals = sorted(map(str, (two, also_two)))
    assert named[["client", "calls", "answered"]].to_numpy().tolist() == [
        [str(most), 3, 3],
        [equals[0], 2, 2],
        [equals[1], 2, 2],
    ]
    assert everybody["client"].to_list() == [str(most), *equals, str(one)]


def test_calls_are_in_working_hours_or_out_of_them(office: Office) -> None:
    for at in ("11-06 08:59", "11-06 09:00", "11-06 17:59", "11-06 18:00", "11-07 12:00"):  # Friday, Saturday
        office.call(at)

    frame = numbers(office, "calls", by=["office_hours"])

    assert frame.to_numpy().tolist() == [["in", 2], ["out", 3]]


def test_an_extension_of_one_pbx_is_nobodys_on_another(office: Office) -> None:
    anna = office.employee(1, "Анна")
    office.insert("extension", extension="201", pbx="pbx", employee_id=anna, from_at=local("01-01 00:00"))
    office.call("11-03 10:00")
    office.call("11-03 11:00", pbx="branch")

    assert set(numbers(office, "calls", by=["employee"])["employee"]) == {anna, "201"}


def test_talk_of_an_employee_in_calls_made_by_hand_and_by_click(office: Office) -> None:
    anna = office.employee(1, "Анна", "201")
    office.call("11-03 10:00", "reached", talk=50.0)  # alone: as long as the call
    clicked = office.call("11-03 11:00", "reached", employees=("201", "202"), talk=100.0)
    office.leg(clicked, "201", talk=70.0)
    office.leg(clicked, "79120000001", caller="201", talk=70.0, position=2)
    office.leg(clicked, "79120000001", caller="202", talk=30.0, position=3)

    frame = numbers(office, "talk", "calls", by=["employee"])

    assert frame.to_numpy().tolist() == [[anna, 120.0, 2], ["202", 30.0, 1]]


def test_outside_numbers_and_phones_that_did_not_ring_get_no_offer(office: Office) -> None:
    office.employee(1, "Анна", "201", "202", "203")
    call_id = office.call("11-03 10:00", "reached")
    office.leg(call_id, "79120000001", caller="201")
    inbound = office.call("11-03 11:00", employees=("202",))
    office.leg(inbound, "202", "answered")
    office.leg(inbound, "203", "elsewhere", position=2)
    office.leg(inbound, "204", "unreachable", ringing_at=None, position=3)

    row = numbers(office, "offers", "offers_answered", "offers_missed", "mean_ring").iloc[0]

    assert row.to_list() == [2, 1, 0, 5.0]


def test_calls_are_placed_where_the_outside_number_is(office: Office) -> None:
    for number, number_class, country, region in [
        ("79120000001", "mobile", "RU", None),
        ("74951234567", "landline", "RU", "RU-MOW"),
        ("88001234567", "toll_free", "RU", None),
        ("375291234567", "mobile", "BY", None),
        ("79999999999", "invalid", None, None),
    ]:
        office.insert(
            "number",
            number=number,
            raw=number,
            number_class=number_class,
            country=country,
            region=region,
            rule_version=1,
        )
        office.call("11-03 10:00", number=number)
    office.call("11-03 10:00", number=None)

    frame = numbers(office, "calls", by=["place"])

    assert dict(zip(frame["place"], frame["calls"], strict=True)) == {
        "mobile": 1, "RU-MOW": 1, "toll_free": 1, "country:BY": 1, "unknown": 2
    }  # fmt: skip


def test_channels_are_the_names_of_the_numbers_that_were_called(office: Office) -> None:
    office.insert("acquisition_channel", did="74950001122", title="Сайт")
    office.call("11-03 10:00", did="74950001122")
    office.call("11-03 11:00", did="74950001133")

    frame = numbers(office, "inbound", by=["channel"])

    assert frame["channel"].to_list() == ["74950001133", "Сайт"]


def test_new_and_returning_callers(office: Office) -> None:
    office.call("11-03 10:00")
    office.call("11-03 11:00")
    office.call("11-03 12:00", number=None)
    office.settle()

    frame = numbers(office, "inbound", by=["caller"])

    assert frame["caller"].to_list()[:2] == ["new", "returning"]
    assert frame["inbound"].to_list() == [1, 1, 1]


def test_a_filter_leaves_only_its_calls_in_every_grain(office: Office) -> None:
    for queue in ("sales", "support"):
        call_id = office.call("11-03 10:00", queue=queue)
        office.visit(call_id, queue, 10.0, "answered")
        office.leg(call_id, "201")

    row = numbers(
        office, "calls", "visits", "offers", where=Restriction(sql="call.queue = $queue", params={"queue": "sales"})
    ).iloc[0]

    assert row.to_list() == [1, 1, 1]


def test_somebody_with_own_scope_is_told_of_own_calls_only(office: Office) -> None:
    office.call("11-03 10:00", employees=("201",))
    office.call("11-03 11:00", employees=("202",))
    anna = Actor(user="anna", role=Role.MANAGER, extensions=frozenset({"201"}), scope=Scope.OWN)

    assert one(office, "calls", actor=anna) == 1


def test_calls_that_had_not_ended_at_the_moment_asked_for_are_unknown(office: Office) -> None:
    office.call("11-03 10:00", talk=600.0)

    assert one(office, "calls", as_of=local("11-03 10:05")) == 0
    assert one(office, "calls", as_of=local("11-03 10:11")) == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"metrics": ["calls", "cals"]}, "no metric 'cals'"),
        ({"by": ["dya"]}, "no dimension 'dya'"),
        ({"params": {"target": 5.0}}, "no parameter 'target'"),
        ({"metrics": ["episodes"], "by": ["visit_result"]}, "cannot be split by 'visit_result'"),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(office: Office, asked: dict[str, Any], told: str) -> None:
    names = asked.pop("metrics", ["calls"])

    with pytest.raises(UnknownName, match=told):
        numbers(office, *names, **asked)


def test_every_metric_can_be_measured_and_split_by_every_dimension_it_has(office: Office) -> None:
    office.call("11-03 10:00", queue="sales")
    office.settle()
    splits = {name: [metric for metric in METRICS if can_be_split(metric, name)] for name in DIMENSIONS}

    for metric in METRICS:
        one(office, metric)
    for dimension, metrics in splits.items():
        assert [dimension, *metrics] == list(numbers(office, *metrics, by=[dimension]).columns)

    assert sum(map(len, splits.values())) > 20 * len(METRICS) * 0.5


def can_be_split(metric: str, dimension: str) -> bool:
    try:
        grain_of(METRICS[metric], [DIMENSIONS[dimension]])
    except UnknownName:
        return False
    return True


def test_the_whole_that_comes_along_with_its_days_is_the_whole_asked_for_alone() -> None:
    office = busy_month(60)
    period = Period(from_on=date(2026, 11, 2), to_on=date(2026, 11, 20))
    asked = Asked(period=period, site=SITE, actor=system("test"), now=local("12-01 09:00"))

    parts, whole = measure_with_whole(office, list(METRICS), by=["day"], asked=asked)

    pd.testing.assert_frame_equal(parts, measured(office, list(METRICS), by=["day"], asked=asked))
    pd.testing.assert_frame_equal(whole, measured(office, list(METRICS), asked=asked))


def test_the_whole_comes_along_even_of_nothing(office: Office) -> None:
    asked = Asked(period=Period(from_on=date(2026, 11, 2), to_on=date(2026, 11, 3)), site=SITE, actor=system("test"))

    parts, whole = measure_with_whole(office, ["calls", "service_level", "episodes"], by=["day"], asked=asked)

    assert parts.empty
    assert whole["calls"].item() == whole["episodes"].item() == 0
    assert pd.isna(whole["service_level"].item())


@pytest.mark.parametrize(("metric", "dimension"), [("calls", "employee"), ("calls", "tag"), ("answered", "queue")])
def test_groups_that_do_not_add_up_bring_no_whole(office: Office, metric: str, dimension: str) -> None:
    asked = Asked(period=Period(from_on=date(2026, 11, 2), to_on=date(2026, 11, 3)), site=SITE, actor=system("test"))

    with pytest.raises(UnknownName, match=dimension):
        measure_with_whole(office, [metric], by=[dimension], asked=asked)


def test_a_metric_brings_its_meaning_along(office: Office) -> None:
    frame = numbers(office, "service_level", params={"target_s": 30.0})

    told = frame.attrs["measured"]
    assert told["zone"] == "Europe/Moscow"
    assert told["metrics"]["service_level"]["params"] == {"target_s": 30.0}
    assert "answered ≤ T" in told["metrics"]["service_level"]["formula"]


def test_who_may_not_see_calls_gets_no_numbers(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "may", lambda self, permission: False)

    with pytest.raises(NotAllowed, match="may not see calls"):
        one(office, "calls")
