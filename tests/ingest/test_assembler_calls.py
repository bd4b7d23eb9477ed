"""Plain calls, queues, menus and voicemail by hand-written timelines."""

from __future__ import annotations

from data.model import Direction, LegResult, Outcome, Reason
from ingest.assembler import Office
from tests.ingest.play import play


def test_an_answered_call_from_outside() -> None:
    played = play("""
        0.0   new    trunk number=79161112233 exten=74951234567 name=Acme
        0.1   dial   trunk > 201
        0.3   ring   201
        4.3   up     201
        4.31  end    trunk > 201 ANSWER
        4.35  talk   201 trunk
        14.35 part   201 trunk
        14.4  gone   trunk 201
    """)

    call = played.call
    assert (call.direction, call.outcome, call.reason) == (Direction.INBOUND, Outcome.ANSWERED, None)
    assert (call.external_number, call.did, call.caller_name) == ("79161112233", "74951234567", "Acme")
    assert (call.answered_by, call.rang, call.employees, call.line) == (("201",), ("201",), ("201",), "PJSIP/trunk")
    assert (call.wait_s, call.talk_s, call.duration_s) == (4.05, 10.0, 14.4)


def test_a_confirmation_that_was_not_given_is_no_answer() -> None:
    """Follow-me: the mobile is picked up, and must press a key before it is put through."""
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  local  L1 exten=201 from=trunk context=followme
        0.1  dial   trunk > L1a
        0.2  dial   L1b > trunk.2 string=79035550101@trunk
        1.0  ring   trunk.2 L1a
        5.0  up     trunk.2
        9.0  end    L1b > trunk.2 NOANSWER
        9.0  gone   trunk.2 cause=16
        9.1  gone   L1b L1a cause=19
        9.2  gone   trunk cause=19
    """)

    assert played.call.outcome is Outcome.MISSED
    assert played.call.direction is Direction.INBOUND
    assert played.leg("79035550101").result is LegResult.NO_ANSWER
    assert played.call.rang == ()


def test_follow_me_with_confirmation_given() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  local  L1 exten=201 from=trunk context=followme
        0.1  dial   trunk > L1a
        0.2  dial   L1b > trunk.2 string=79035550101@trunk
        1.0  ring   trunk.2 L1a
        5.0  up     trunk.2
        8.0  end    L1b > trunk.2 ANSWER
        8.0  talk   trunk.2 L1b bridge=b1
        8.0  end    trunk > L1a ANSWER
        8.1  talk   trunk L1a bridge=b2
        18.1 part   trunk L1a bridge=b2
        18.1 gone   L1a L1b trunk.2 trunk
    """)

    call = played.call
    assert (call.direction, call.outcome, call.answered_by) == (Direction.INBOUND, Outcome.ANSWERED, ("79035550101",))
    assert call.talk_s == 10.0


def test_hairpin_outside_to_outside_is_inbound() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > trunk.2 string=79035550101@trunk
        1.0  ring   trunk.2
        5.0  up     trunk.2
        5.0  end    trunk > trunk.2 ANSWER
        5.0  talk   trunk.2 trunk
        8.0  part   trunk.2 trunk
        8.0  gone   trunk trunk.2
    """)

    call = played.call
    assert (call.direction, call.external_number) == (Direction.INBOUND, "79161112233")
    assert (call.answered_by, call.rang, call.employees) == (("79035550101",), (), ())


def test_an_unregistered_phone_has_a_leg_without_a_channel() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  app    trunk Dial data=PJSIP/206,20,Tt
        0.2  gone   trunk cause=3
    """)

    leg = played.leg("206")
    assert (leg.channel, leg.result, leg.ringing_at) == (None, LegResult.UNREACHABLE, None)
    assert (played.call.outcome, played.call.reason, played.call.rang) == (Outcome.MISSED, Reason.UNREACHABLE, ())


def test_a_trunk_that_is_down_makes_an_outbound_call_unreachable() -> None:
    played = play("""
        0.0  new    201 exten=89161112233
        0.1  app    201 Dial data=PJSIP/89161112233@trunk,60
        0.2  gone   201 cause=20
    """)

    call = played.call
    assert (call.direction, call.outcome, call.reason) == (
        Direction.OUTBOUND, Outcome.NOT_REACHED, Reason.UNREACHABLE,
    )  # fmt: skip
    assert (call.external_number, call.called_number) == ("89161112233", "89161112233")


def test_the_second_trunk_takes_over_from_a_failed_one() -> None:
    played = play("""
        0.0  new    201 exten=89161112233
        0.1  dial   201 > one string=89161112233@one
        0.5  end    201 > one CONGESTION
        0.5  gone   one cause=34
        0.6  dial   201 > two string=89161112233@two
        1.0  ring   two
        4.0  up     two
        4.0  end    201 > two ANSWER
        4.0  talk   two 201
        9.0  part   two 201
        9.0  gone   201 two
    """)

    call = played.call
    assert (call.outcome, call.line, call.talk_s, call.answered_by) == (
        Outcome.REACHED, "PJSIP/two", 5.0, ("89161112233",),
    )  # fmt: skip
    assert [leg.result for leg in played.one.legs] == [LegResult.FAILED, LegResult.ANSWERED]


def test_several_devices_of_one_employee_are_named_once() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > 201
        0.1  dial   trunk > PJSIP/soft201 number=201 context=from-internal
        0.3  ring   201 PJSIP/soft201
        4.0  up     PJSIP/soft201
        4.0  end    trunk > PJSIP/soft201 ANSWER
        4.0  end    trunk > 201 CANCEL
        4.0  gone   201 cause=26
        4.0  talk   PJSIP/soft201 trunk
        9.0  part   PJSIP/soft201 trunk
        9.0  gone   trunk PJSIP/soft201
    """)

    assert (played.call.rang, played.call.answered_by) == (("201",), ("201",))
    assert [(leg.device, leg.result) for leg in played.one.legs] == [
        ("PJSIP/201", LegResult.ELSEWHERE),
        ("PJSIP/soft201", LegResult.ANSWERED),
    ]


def test_a_caller_who_hangs_up_in_the_queue_abandons_it() -> None:
    played = play("""
        0.0  new         trunk number=79161112233 exten=74951234567
        0.1  up          trunk
        3.5  queue-join  trunk queue=sales position=2
        4.0  dial        trunk > 201
        4.2  ring        201
        41.0 end         trunk > 201 CANCEL
        41.0 queue-abandon trunk queue=sales
        41.0 queue-leave trunk queue=sales
        41.0 gone        trunk cause=0
        41.1 gone        201
    """)

    visit = played.one.queue_visits[0]
    assert (played.call.outcome, played.call.reason) == (Outcome.MISSED, Reason.ABANDONED)
    assert (played.call.wait_s, visit.wait_s, visit.place_at_entry, visit.result) == (37.5, 37.5, 2, "abandoned")


def test_a_second_visit_to_the_same_queue_is_a_row_of_its_own() -> None:
    played = play("""
        0.0  new         trunk number=79161112233 exten=74951234567
        0.1  up          trunk
        1.0  queue-join  trunk queue=sales position=1
        11.0 queue-abandon trunk queue=sales
        11.0 queue-leave trunk queue=sales
        11.1 app         trunk BackGround data=please-hold
        20.0 queue-join  trunk queue=sales position=1
        21.0 dial        trunk > 201
        21.1 ring        201
        25.0 up          201
        25.0 end         trunk > 201 ANSWER
        25.0 queue-leave trunk queue=sales
        25.0 agent-connect trunk 201 queue=sales interface=PJSIP/201
        25.0 talk        201 trunk
        30.0 part        201 trunk
        30.0 gone        trunk 201
    """)

    visits = played.one.queue_visits
    assert [(visit.position, visit.wait_s, visit.result, visit.answered_by) for visit in visits] == [
        (1, 10.0, "timeout", None),
        (2, 5.0, "answered", "201"),
    ]
    assert (played.call.queues, played.call.wait_s, played.call.outcome) == (("sales",), 24.0, Outcome.ANSWERED)


def test_leaving_a_queue_by_a_key_is_neither_answered_nor_abandoned() -> None:
    played = play("""
        0.0  new         trunk number=79161112233 exten=74951234567
        0.1  up          trunk
        1.0  queue-join  trunk queue=sales position=1
        9.0  queue-leave trunk queue=sales
        9.1  app         trunk VoiceMail data=201@default,u
        20.0 asked       trunk
        20.0 gone        trunk
    """)

    assert [visit.result for visit in played.one.queue_visits] == ["key"]
    assert played.call.reason is Reason.VOICEMAIL


def test_a_queue_without_members_lets_nobody_in() -> None:
    played = play("""
        0.0  new   trunk number=79161112233 exten=74951234567
        0.1  up    trunk
        1.0  app   trunk Queue data=support,t,,,60
        1.1  gone  trunk cause=16
    """)

    assert [(visit.queue, visit.result) for visit in played.one.queue_visits] == [("support", "empty")]
    assert (played.call.queues, played.call.outcome) == (("support",), Outcome.MISSED)


def test_a_call_after_hours_is_told_from_one_that_hung_up_in_the_menu() -> None:
    closed = play("""
        0.0  new   trunk number=79161112233 exten=74951234567
        0.1  up    trunk
        0.2  app   trunk GotoIfTime data=9:00-18:00,mon-fri,*,*?open
        0.3  app   trunk Playback data=closed
        6.0  gone  trunk cause=16
    """)
    gave_up = play("""
        0.0  new   trunk number=79161112233 exten=74951234567
        0.1  up    trunk
        0.2  app   trunk GotoIfTime data=9:00-18:00,mon-fri,*,*?open
        0.3  app   trunk BackGround data=menu
        3.0  asked trunk
        3.0  gone  trunk cause=0
    """)

    assert closed.call.reason is Reason.OUT_OF_HOURS
    assert (gave_up.call.reason, gave_up.call.application) == (Reason.IVR_ONLY, "ivr")


def test_a_hidden_number_is_null() -> None:
    played = play("""
        0.0  new   trunk number=anonymous exten=74951234567
        0.1  dial  trunk > 201
        0.2  ring  201
        5.0  end   trunk > 201 CANCEL
        5.0  gone  201 trunk cause=0
    """)

    assert (played.call.direction, played.call.external_number) == (Direction.INBOUND, None)
    assert played.call.reason is Reason.CALLER_HUNG_UP


def test_channel_drivers_of_other_offices() -> None:
    """chan_sip, IAX and DAHDI lines; a port's number is no extension."""
    sip = play("""
        0.0  new   SIP/provider number=79161112233 exten=74951234567 context=from-pstn
        0.1  dial  SIP/provider > SIP/201
        0.2  ring  SIP/201
        3.0  up    SIP/201
        3.0  end   SIP/provider > SIP/201 ANSWER
        3.0  talk  SIP/201 SIP/provider
        5.0  part  SIP/201 SIP/provider
        5.0  gone  SIP/provider SIP/201
    """)
    dahdi = play("""
        0.0  new   IAX2/302 number=302 exten=84951112233 context=office
        0.1  dial  IAX2/302 > DAHDI/31 string=g1/84951112233 number= context=from-pstn
        0.2  ring  DAHDI/31
        3.0  end   IAX2/302 > DAHDI/31 BUSY
        3.0  gone  DAHDI/31 IAX2/302 cause=17
    """)

    assert (sip.call.direction, sip.call.answered_by, sip.call.line) == (Direction.INBOUND, ("201",), "SIP/provider")
    assert (dahdi.call.direction, dahdi.call.external_number) == (Direction.OUTBOUND, "84951112233")
    assert (dahdi.call.caller_number, dahdi.call.reason) == ("302", Reason.BUSY)


def test_a_trunk_named_like_a_number_is_outside() -> None:
    played = play("""
        0.0  new   SIP/74951234567 number=79161112233 exten=74951234567 context=default
        0.1  dial  SIP/74951234567 > SIP/201 context=default
        0.2  ring  SIP/201
        3.0  end   SIP/74951234567 > SIP/201 NOANSWER
        3.0  gone  SIP/201 SIP/74951234567 cause=19
    """)

    assert (played.call.direction, played.call.external_number) == (Direction.INBOUND, "79161112233")
    assert played.call.reason is Reason.TIMEOUT


def test_trunk_patterns_of_the_settings_decide() -> None:
    office = Office(trunks=("PJSIP/9*",))

    played = play(
        """
        0.0  new   9001 number=112 exten=201 context=default
        0.1  dial  9001 > 201
        0.2  ring  201
        3.0  end   9001 > 201 CANCEL
        3.0  gone  201 9001 cause=0
    """,
        office,
    )

    assert (played.call.direction, played.call.external_number) == (Direction.INBOUND, "112")


def test_a_call_of_less_than_a_second() -> None:
    played = play("""
        0.0   new   trunk number=79161112233 exten=74951234567
        0.1   dial  trunk > 201
        0.15  ring  201
        0.2   up    201
        0.2   end   trunk > 201 ANSWER
        0.21  talk  201 trunk
        0.31  part  201 trunk
        0.31  gone  trunk 201
    """)

    assert (played.call.outcome, played.call.talk_s, played.call.duration_s) == (Outcome.ANSWERED, 0.1, 0.31)


def test_internal_call_that_the_caller_gives_up() -> None:
    played = play("""
        0.0  new   201 exten=202
        0.1  dial  201 > 202
        0.2  ring  202
        8.0  asked 201
        8.0  end   201 > 202 CANCEL
        8.0  gone  202 201 cause=0
    """)

    call = played.call
    assert (call.direction, call.outcome, call.reason) == (Direction.INTERNAL, Outcome.UNANSWERED, Reason.CANCELLED)
    assert (call.caller_number, call.called_number, call.external_number) == ("201", "202", None)
