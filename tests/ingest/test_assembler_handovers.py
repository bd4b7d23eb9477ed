"""Transfers, forwards, pickups, parking, conferences, observers by hand-written timelines."""

from __future__ import annotations

from data.model import Direction, IntervalKind, LegResult, LegRole, Outcome, Reason
from tests.ingest.play import play

ANSWERED = """
    0.0  new    trunk number=79161112233 exten=74951234567
    0.1  dial   trunk > 201
    0.2  ring   201
    2.0  up     201
    2.0  end    trunk > 201 ANSWER
    2.0  talk   201 trunk
"""


def test_attended_transfer_to_an_outside_number() -> None:
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        6.0  new    201.2 exten=89035550101
        6.1  dial   201.2 > trunk.2 string=89035550101@trunk
        7.0  ring   trunk.2
        9.0  up     trunk.2
        9.0  end    201.2 > trunk.2 ANSWER
        9.0  talk   trunk.2 201.2 bridge=b2
        12.0 unhold 201
        12.0 leave  trunk bridge=b-201-trunk
        12.0 leave  201.2 bridge=b2
        12.0 join   trunk bridge=b2
        12.0 attended 201 201.2 trunk trunk.2
        12.0 gone   201 201.2
        20.0 part   trunk trunk.2 bridge=b2
        20.0 gone   trunk trunk.2
    """
    )

    call = played.call
    assert (call.direction, call.external_number) == (Direction.INBOUND, "79161112233")
    assert call.answered_by == ("201", "89035550101")
    assert played.transfers() == [("attended", "201", "89035550101", True)]
    assert (call.talk_s, call.hold_s) == (18.0, 7.0)
    assert played.one.aliases != ()


def test_the_route_of_an_attended_transfer_has_three_conversations() -> None:
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        6.0  new    201.2 exten=202
        6.1  dial   201.2 > 202
        6.2  ring   202
        8.0  up     202
        8.0  end    201.2 > 202 ANSWER
        8.0  talk   202 201.2 bridge=b2
        12.0 unhold 201
        12.0 leave  trunk bridge=b-201-trunk
        12.0 leave  201.2 bridge=b2
        12.0 join   trunk bridge=b2
        12.0 attended 201 201.2 trunk 202
        12.0 gone   201 201.2
        20.0 part   trunk 202 bridge=b2
        20.0 gone   trunk 202
    """
    )

    rows = [
        (interval.kind, interval.party, interval.other)
        for interval in played.one.intervals
        if interval.kind in (IntervalKind.TALK, IntervalKind.CONSULTATION)
    ]
    assert rows == [
        (IntervalKind.TALK, "201", "79161112233"),
        (IntervalKind.CONSULTATION, "201", "202"),
        (IntervalKind.TALK, "202", "79161112233"),
    ]
    assert played.leg("202").role is LegRole.CONSULTATION


def test_a_consultation_that_comes_back_stays_an_internal_call() -> None:
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        6.0  new    201.2 exten=202
        6.1  dial   201.2 > 202
        6.2  ring   202
        8.0  up     202
        8.0  end    201.2 > 202 ANSWER
        8.0  talk   202 201.2 bridge=b2
        12.0 part   202 201.2 bridge=b2
        12.0 gone   201.2 202
        12.5 unhold 201
        20.0 part   trunk 201
        20.0 gone   trunk 201
    """
    )

    customer, consultation = played.calls
    assert (customer.answered_by, customer.direction, customer.hold_s) == (("201",), Direction.INBOUND, 7.5)
    assert (consultation.direction, consultation.answered_by) == (Direction.INTERNAL, ("202",))
    assert played.transfers() == [("attended", "201", "202", False)]


def test_attended_transfer_by_feature_code_that_nobody_takes_comes_back() -> None:
    """The PBX calls 202 through a Local channel in 201's name, and 201 returns to the customer."""
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        6.0  local  L1 exten=202 from=201 context=from-internal
        6.0  join   L1a bridge=b2
        6.0  leave  201 bridge=b-201-trunk
        6.0  join   201 bridge=b2
        6.1  dial   L1b > 202
        6.2  ring   202
        14.0 end    L1b > 202 NOANSWER
        14.0 gone   202 cause=0
        14.0 leave  L1a bridge=b2
        14.0 leave  201 bridge=b2
        14.0 gone   L1b L1a
        14.0 unhold 201
        14.0 join   201 bridge=b-201-trunk
        20.0 part   trunk 201
        20.0 gone   trunk 201
    """
    )

    assert played.call.answered_by == ("201",)
    assert played.transfers() == [("attended", "201", "202", False)]
    assert played.leg("202").result is LegResult.NO_ANSWER


def test_blind_transfer_to_a_queue() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=601
        5.0  part   201 trunk
        5.0  gone   201
        5.1  queue-join trunk queue=sales position=1
        6.0  dial   trunk > 202
        6.1  ring   202
        9.0  up     202
        9.0  end    trunk > 202 ANSWER
        9.0  queue-leave trunk queue=sales
        9.0  agent-connect trunk 202 queue=sales interface=PJSIP/202
        9.0  talk   202 trunk
        15.0 part   202 trunk
        15.0 gone   trunk 202
    """
    )

    assert played.transfers() == [("blind", "201", "601", True)]
    assert (played.call.answered_by, played.call.queues) == (("201", "202"), ("sales",))
    assert [(visit.queue, visit.answered_by) for visit in played.one.queue_visits] == [("sales", "202")]


def test_blind_transfer_that_fails_and_returns_to_the_giver() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=202
        5.0  part   201 trunk
        5.0  gone   201
        5.1  dial   trunk > 202
        5.2  ring   202
        15.0 end    trunk > 202 NOANSWER
        15.0 gone   202 cause=0
        15.1 dial   trunk > 201.2
        15.2 ring   201.2
        17.0 up     201.2
        17.0 end    trunk > 201.2 ANSWER
        17.0 talk   201.2 trunk
        19.0 part   201.2 trunk
        19.0 gone   trunk 201.2
    """
    )

    assert played.transfers() == [("blind", "201", "202", False)]
    assert played.call.answered_by == ("201",)
    assert played.call.talk_s == 5.0


def test_chained_transfers_are_one_call() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=202
        5.0  part   201 trunk
        5.0  gone   201
        5.1  dial   trunk > 202
        5.2  ring   202
        7.0  up     202
        7.0  end    trunk > 202 ANSWER
        7.0  talk   202 trunk
        9.0  blind  202 trunk extension=203
        9.0  part   202 trunk
        9.0  gone   202
        9.1  dial   trunk > 203
        9.2  ring   203
        10.0 up     203
        10.0 end    trunk > 203 ANSWER
        10.0 talk   203 trunk
        15.0 part   203 trunk
        15.0 gone   trunk 203
    """
    )

    assert played.call.answered_by == ("201", "202", "203")
    assert played.transfers() == [("blind", "201", "202", True), ("blind", "202", "203", True)]


def test_blonde_transfer_by_refer() -> None:
    """201 hands over while 202 still rings: there is no target channel in the event."""
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        6.0  new    201.2 exten=202
        6.1  dial   201.2 > 202
        6.2  ring   202
        8.0  attended 201 201.2 trunk destType=App
        8.0  part   201 trunk
        8.0  gone   201 201.2
        8.0  link   202 trunk
        11.0 up     202
        11.0 end    trunk > 202 ANSWER
        11.0 talk   202 trunk bridge=b3
        15.0 part   202 trunk bridge=b3
        15.0 gone   trunk 202
    """
    )

    assert played.transfers() == [("blonde", "201", "202", True)]
    assert played.call.answered_by == ("201", "202")


def test_a_302_from_a_phone_is_a_forward() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > 201
        0.2  ring   201
        1.0  end    trunk > 201 CANCEL forward=Local/79035550101@from-internal
        1.0  local  L1 exten=79035550101 from=trunk context=from-internal
        1.0  dial   trunk > L1a
        1.0  gone   201 cause=23
        1.1  dial   L1b > trunk.2 string=79035550101@trunk
        3.0  ring   trunk.2
        5.0  up     trunk.2
        5.0  end    L1b > trunk.2 ANSWER
        5.0  talk   trunk.2 L1b bridge=b1
        5.0  end    trunk > L1a ANSWER
        5.0  talk   trunk L1a bridge=b2
        9.0  gone   trunk trunk.2 L1a L1b
    """)

    assert (played.call.direction, played.call.answered_by) == (Direction.INBOUND, ("79035550101",))
    assert played.transfers() == [("forward", "201", "79035550101", True)]
    assert played.leg("201").result is LegResult.ELSEWHERE


def test_directed_pickup() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > 201
        0.2  ring   201
        3.0  new    202 exten=**201
        3.0  up     202
        3.0  pickup 202 201
        3.0  gone   201 cause=26
        3.0  end    trunk > 202 ANSWER
        3.1  talk   202 trunk
        9.1  part   202 trunk
        9.1  gone   trunk 202
    """)

    call = played.call
    assert (call.answered_by, call.rang, call.direction) == (("202",), ("201",), Direction.INBOUND)
    assert played.transfers() == [("pickup", "201", "202", True)]
    assert played.leg("201").result is LegResult.ELSEWHERE


def test_a_parked_caller_who_gives_up_was_answered_before() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=700
        5.0  part   201 trunk
        5.0  park   trunk 201 space=701
        5.0  join   trunk bridge=lot type=parking technology=holding_bridge
        5.1  gone   201
        30.0 leave  trunk bridge=lot
        30.0 park-give-up trunk space=701
        30.0 gone   trunk cause=0
    """
    )

    assert played.transfers() == [("park", "201", "701", True)]
    assert (played.call.outcome, played.call.talk_s) == (Outcome.ANSWERED, 3.0)
    parked = [interval for interval in played.one.intervals if interval.kind is IntervalKind.PARK]
    assert [(interval.other, (interval.ended_at - interval.started_at).total_seconds()) for interval in parked] == [
        ("701", 25.0)
    ]


def test_two_callers_in_the_parking_lot_stay_two_calls() -> None:
    second = ANSWERED.replace("trunk", "trunk.3").replace("201", "202").replace("79161112233", "79164445566")
    played = play(
        ANSWERED
        + second
        + """
        5.0  blind  201 trunk extension=700
        5.0  part   201 trunk
        5.0  park   trunk 201 space=701
        5.0  join   trunk bridge=lot type=parking technology=holding_bridge
        5.0  blind  202 trunk.3 extension=700
        5.0  part   202 trunk.3
        5.0  park   trunk.3 202 space=702
        5.0  join   trunk.3 bridge=lot type=parking technology=holding_bridge
        9.0  leave  trunk trunk.3 bridge=lot
        9.0  gone   201 202 trunk trunk.3
    """
    )

    assert [call.external_number for call in played.calls] == ["79161112233", "79164445566"]


def test_a_customer_in_a_conference_keeps_a_call_of_his_own() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  up     trunk
        1.0  join   trunk bridge=c1 type=base technology=softmix
        1.0  conference-join trunk room=800
        2.0  new    201 exten=800
        2.1  up     201
        3.0  join   201 bridge=c1 type=base technology=softmix
        3.0  conference-join 201 room=800
        9.0  leave  201 trunk bridge=c1
        9.0  gone   201 trunk
    """)

    outside, inside = played.calls
    assert (outside.direction, outside.outcome, outside.answered_by, outside.conference) == (
        Direction.INBOUND, Outcome.ANSWERED, ("800",), "800",
    )  # fmt: skip
    assert (inside.direction, inside.answered_by, inside.talk_s) == (Direction.INTERNAL, ("800",), 6.0)


def test_a_supervisor_who_listens_is_an_observer_of_the_call() -> None:
    played = play(
        ANSWERED
        + """
        4.0  new    209 exten=*222201
        4.0  up     209
        4.1  app    209 ChanSpy data=PJSIP/201,q
        4.1  spy    209 201
        9.0  gone   209
        10.0 part   201 trunk
        10.0 gone   trunk 201
    """
    )

    assert (played.call.answered_by, played.call.rang) == (("201",), ("201",))
    assert (played.leg("209").role, played.leg("209").talk_s) == (LegRole.OBSERVER, 0.0)


def test_paging_is_one_internal_call_with_a_leg_for_each_phone() -> None:
    played = play("""
        0.0  new    201 exten=*80
        0.1  app    201 Page data=PJSIP/202&PJSIP/203
        0.1  dial   201 > 202
        0.1  dial   201 > 203
        0.5  up     202 203
        0.5  end    201 > 202 ANSWER
        0.5  end    201 > 203 ANSWER
        0.6  join   201 202 203 bridge=page type=base technology=softmix
        6.6  leave  201 202 203 bridge=page
        6.6  gone   201 202 203
    """)

    assert (played.call.direction, played.call.outcome) == (Direction.INTERNAL, Outcome.ANSWERED)
    assert played.call.answered_by == ("202", "203")
    assert [leg.party for leg in played.one.legs] == ["202", "203"]


def test_click_to_call_refused_by_the_employee() -> None:
    played = play("""
        0.0  dial   - > 201
        0.2  ring   201
        3.0  end    - > 201 BUSY
        3.0  gone   201 cause=17
    """)

    assert (played.call.direction, played.call.outcome) == (Direction.INTERNAL, Outcome.UNANSWERED)
    assert (played.call.caller_number, played.call.rang) == ("201", ("201",))


def test_click_to_call_refused_by_the_customer() -> None:
    played = play("""
        0.0  dial   - > 201 name=Ivan
        0.2  ring   201
        2.0  up     201
        2.0  end    - > 201 ANSWER
        2.1  dial   201 > trunk string=79161112233@trunk
        3.0  ring   trunk
        6.0  end    201 > trunk BUSY
        6.0  gone   trunk 201 cause=17
    """)

    call = played.call
    assert (call.direction, call.outcome, call.reason) == (Direction.OUTBOUND, Outcome.NOT_REACHED, Reason.BUSY)
    assert (call.caller_number, call.called_number, call.external_number) == ("201", "79161112233", "79161112233")
    assert call.rang == ("201",)


def test_a_call_back_from_the_queue_is_outbound() -> None:
    """The PBX calls the customer first and then offers him to the queue's members."""
    played = play("""
        0.0  dial   - > trunk string=79161112233@trunk
        1.0  ring   trunk
        4.0  up     trunk
        4.0  end    - > trunk ANSWER
        4.1  queue-join trunk queue=sales position=1
        5.0  dial   trunk > 201
        5.1  ring   201
        8.0  up     201
        8.0  end    trunk > 201 ANSWER
        8.0  queue-leave trunk queue=sales
        8.0  talk   201 trunk
        20.0 part   201 trunk
        20.0 gone   trunk 201
    """)

    call = played.call
    assert (call.direction, call.outcome, call.external_number) == (
        Direction.OUTBOUND, Outcome.REACHED, "79161112233",
    )  # fmt: skip
    assert (call.employees, call.rang, call.talk_s) == (("201",), ("201",), 12.0)


def test_a_held_call_that_is_dropped_meanwhile() -> None:
    played = play(
        ANSWERED
        + """
        5.0  hold   201
        9.0  part   201 trunk
        9.0  gone   trunk 201
    """
    )

    assert (played.call.talk_s, played.call.hold_s) == (7.0, 4.0)
