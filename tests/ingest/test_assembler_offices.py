"""Streams as other offices send them: FreePBX and MikoPBX dialplans, other names, drivers and numbers."""

from __future__ import annotations

import pytest

from data.model import Direction, LegResult, LegRole, Outcome, Reason
from ingest.assembler import Office
from tests.ingest.play import Played, play
from tests.ingest.test_assembler_handovers import ANSWERED

PAGED = """
    0.0  new    201 exten=*80
    0.0  up     201
    0.1  app    201 Page data=PJSIP/202&PJSIP/203,qs,5
    0.1  join   201 bridge=page type=base technology=softmix
    0.1  conference-join 201 room=2891336453
    0.2  dial   201 > 202
    0.2  dial   201 > 203
"""


def test_a_freepbx_ring_group_over_local_channels_names_its_phones() -> None:
    """Dialled from a macro: the extension where the caller stands is `s`."""
    played = play("""
        0.0  new    PJSIP/Mango number=79161112233 exten=74951234567 context=from-pstn
        0.2  local  L1 exten=FMPR-201 from=PJSIP/Mango context=from-internal
        0.2  local  L2 exten=FMPR-202 from=PJSIP/Mango context=from-internal
        0.2  dial   PJSIP/Mango > L1a string=FMPR-201@from-internal/n
        0.2  dial   PJSIP/Mango > L2a string=FMPR-202@from-internal/n
        0.3  dial   L1b > 201 string=201/sip:201@10.0.0.21:5060
        0.3  dial   L2b > 202 string=202/sip:202@10.0.0.22:5060
        0.5  ring   201 L1a
        0.6  ring   202 L2a
        5.0  up     202
        5.0  end    L2b > 202 ANSWER
        5.0  talk   202 L2b bridge=b1
        5.0  end    PJSIP/Mango > L2a ANSWER
        5.0  end    PJSIP/Mango > L1a CANCEL
        5.0  gone   L1a L1b cause=26
        5.0  end    L1b > 201 CANCEL
        5.0  gone   201 cause=26
        5.1  talk   PJSIP/Mango L2a bridge=b2
        15.1 gone   PJSIP/Mango L2a L2b 202
    """)

    call = played.call
    assert (call.direction, call.answered_by, call.rang, call.line) == (
        Direction.INBOUND, ("202",), ("201", "202"), "PJSIP/Mango",
    )  # fmt: skip
    assert (call.talk_s, played.leg("201").result) == (10.0, LegResult.ELSEWHERE)


def test_a_freepbx_follow_me_ends_at_a_mobile() -> None:
    played = play("""
        0.0  new    SIP/mtt number=79161112233 exten=74951234567 context=from-trunk-sip-mtt
        0.1  local  L1 exten=FMGL-79035550101# from=SIP/mtt context=from-internal
        0.1  local  L2 exten=FMPR-201 from=SIP/mtt context=from-internal
        0.1  dial   SIP/mtt > L1a L2a
        0.2  dial   L1b > SIP/mtt.2 string=mtt/79035550101 context=from-trunk-sip-mtt
        0.2  dial   L2b > SIP/201
        0.4  ring   SIP/201 L2a
        3.0  ring   SIP/mtt.2 L1a
        8.0  up     SIP/mtt.2
        8.0  end    L1b > SIP/mtt.2 ANSWER
        8.0  talk   SIP/mtt.2 L1b bridge=b1
        8.0  end    SIP/mtt > L1a ANSWER
        8.0  end    SIP/mtt > L2a CANCEL
        8.0  gone   L2a L2b SIP/201 cause=26
        8.1  talk   SIP/mtt L1a bridge=b2
        18.1 gone   SIP/mtt SIP/mtt.2 L1a L1b
    """)

    call = played.call
    assert (call.direction, call.external_number) == (Direction.INBOUND, "79161112233")
    assert (call.answered_by, call.rang, call.talk_s) == (("79035550101",), ("201",), 10.0)


def test_mikopbx_names_of_trunks_and_web_phones() -> None:
    played = play("""
        0.0  new    PJSIP/SIP-TRUNK-34F7CCFE number=79161112233 exten=74951234567 context=SIP-TRUNK-34F7CCFE-incoming
        0.1  dial   PJSIP/SIP-TRUNK-34F7CCFE > 201 context=all_peers
        0.1  dial   PJSIP/SIP-TRUNK-34F7CCFE > PJSIP/201-WS context=all_peers number=
        0.3  ring   201 PJSIP/201-WS
        4.0  up     PJSIP/201-WS
        4.0  end    PJSIP/SIP-TRUNK-34F7CCFE > PJSIP/201-WS ANSWER
        4.0  end    PJSIP/SIP-TRUNK-34F7CCFE > 201 CANCEL
        4.0  gone   201 cause=26
        4.1  talk   PJSIP/201-WS PJSIP/SIP-TRUNK-34F7CCFE
        9.1  gone   PJSIP/201-WS PJSIP/SIP-TRUNK-34F7CCFE
    """)

    call = played.call
    assert (call.direction, call.answered_by, call.rang) == (Direction.INBOUND, ("201",), ("201",))
    assert call.line == "PJSIP/SIP-TRUNK-34F7CCFE"


def test_six_digit_extensions_call_each_other_inside() -> None:
    played = play("""
        0.0  new    145201 exten=145204
        0.1  app    145201 Dial data=PJSIP/145204,20,Tt
        0.1  dial   145201 > 145204
        0.3  ring   145204
        2.0  up     145204
        2.0  end    145201 > 145204 ANSWER
        2.0  talk   145204 145201
        5.0  gone   145204 145201
    """)

    assert (played.call.direction, played.call.answered_by) == (Direction.INTERNAL, ("145204",))


def test_a_trunk_with_the_name_of_an_extension_is_told_by_its_numbers() -> None:
    inbound = play("""
        0.0  new    SIP/1001 number=79161112233 exten=74951234567 context=from-trunk
        0.1  dial   SIP/1001 > 201
        0.3  ring   201
        3.0  end    SIP/1001 > 201 CANCEL
        3.0  gone   201 SIP/1001 cause=0
    """)
    outbound = play("""
        0.0  new    201 exten=89161112233
        0.1  dial   201 > SIP/1001 string=1001/89161112233 number= context=from-trunk
        1.0  ring   SIP/1001
        3.0  end    201 > SIP/1001 BUSY
        3.0  gone   SIP/1001 201 cause=17
    """)

    assert (inbound.call.direction, inbound.call.external_number) == (Direction.INBOUND, "79161112233")
    assert (outbound.call.direction, outbound.call.external_number) == (Direction.OUTBOUND, "89161112233")


def test_phones_in_a_context_called_operator_are_inside() -> None:
    played = play("""
        0.0  new    PJSIP/anna number=301 exten=302 context=operator
        0.1  dial   PJSIP/anna > PJSIP/boris number=302 context=operator
        0.3  ring   PJSIP/boris
        3.0  up     PJSIP/boris
        3.0  end    PJSIP/anna > PJSIP/boris ANSWER
        3.0  talk   PJSIP/anna PJSIP/boris
        5.0  gone   PJSIP/anna PJSIP/boris
    """)

    assert (played.call.direction, played.call.answered_by) == (Direction.INTERNAL, ("302",))


def test_a_primary_rate_line_is_named_without_the_number_called() -> None:
    played = play("""
        0.0  new    SIP/302 exten=84951112233
        0.1  dial   SIP/302 > DAHDI/i1/84951112233 string=g1/84951112233 number= context=from-pstn
        0.5  ring   DAHDI/i1/84951112233
        3.0  up     DAHDI/i1/84951112233
        3.0  end    SIP/302 > DAHDI/i1/84951112233 ANSWER
        3.0  talk   SIP/302 DAHDI/i1/84951112233
        5.0  gone   SIP/302 DAHDI/i1/84951112233
    """)

    assert (played.call.line, played.call.external_number) == ("DAHDI/i1", "84951112233")


def test_an_emergency_number_is_outside_though_it_is_short() -> None:
    played = play("""
        0.0  new    201 exten=112
        0.1  dial   201 > PJSIP/mango string=112@mango number=112 context=from-pstn
        1.0  ring   PJSIP/mango
        3.0  up     PJSIP/mango
        3.0  end    201 > PJSIP/mango ANSWER
        3.0  talk   201 PJSIP/mango
        9.0  gone   201 PJSIP/mango
    """)

    assert (played.call.direction, played.call.external_number, played.call.talk_s) == (Direction.OUTBOUND, "112", 6.0)


# ---------------------------------------------------------------- paging, spying, forwards


def test_the_room_of_a_page_is_nobody_who_answered() -> None:
    """The PBX connects a page through a conference room with a number of its own making."""
    played = play(
        PAGED
        + """
        0.5  up     202
        0.5  end    201 > 202 ANSWER
        0.6  join   202 bridge=page type=base technology=softmix
        0.6  conference-join 202 room=2891336453
        5.2  end    201 > 203 NOANSWER
        5.2  gone   203 cause=0
        8.6  leave  201 202 bridge=page
        8.6  gone   201 202
    """
    )

    call = played.call
    assert (call.direction, call.outcome, call.answered_by) == (Direction.INTERNAL, Outcome.ANSWERED, ("202",))
    assert (call.talk_s, call.conference) == (8.0, None)


def test_a_page_that_no_phone_takes_is_not_answered() -> None:
    played = play(
        PAGED
        + """
        5.2  end    201 > 202 NOANSWER
        5.2  end    201 > 203 NOANSWER
        5.2  gone   202 203 cause=0
        5.3  leave  201 bridge=page
        5.3  gone   201
    """
    )

    assert (played.call.outcome, played.call.answered_by) == (Outcome.UNANSWERED, ())


def test_who_wants_to_listen_while_nobody_talks_makes_no_row() -> None:
    played = play("""
        0.0  new   209 exten=*222201
        0.0  up    209
        0.1  app   209 ChanSpy data=PJSIP/201,q
        9.0  gone  209
    """)

    assert played.calls == []


def test_whispering_into_a_call_adds_no_talk_and_no_answer() -> None:
    played = play(
        ANSWERED
        + """
        4.0  new    209 exten=*223201
        4.0  up     209
        4.1  app    209 ChanSpy data=PJSIP/201,qw
        4.1  spy    209 201
        5.0  ChanSpyStop 209
        5.0  gone   209
        10.0 part   201 trunk
        10.0 gone   trunk 201
    """
    )

    assert (played.call.answered_by, played.call.employees, played.call.talk_s) == (("201",), ("201",), 8.0)
    assert played.leg("209").role is LegRole.OBSERVER


def test_a_302_to_a_colleague_who_answers() -> None:
    """The PBX tells no Forward header here: the hang-up cause and the Local channel behind it do."""
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > 201
        0.5  end    trunk > 201 CANCEL
        0.5  local  L1 exten=203 from=trunk context=from-internal
        0.5  dial   trunk > L1a
        0.5  gone   201 cause=23
        0.6  dial   L1b > 203
        0.8  ring   203 L1a
        4.0  up     203
        4.0  end    L1b > 203 ANSWER
        4.0  talk   203 L1b bridge=b1
        4.0  end    trunk > L1a ANSWER
        4.0  talk   trunk L1a bridge=b2
        9.0  gone   trunk 203 L1a L1b
    """)

    assert (played.call.answered_by, played.call.rang) == (("203",), ("203",))
    assert played.transfers() == [("forward", "201", "203", True)]


def test_a_302_to_a_mobile_that_nobody_answers() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  dial   trunk > 201
        0.5  end    trunk > 201 CANCEL forward=Local/79035550101@from-internal
        0.5  local  L1 exten=79035550101 from=trunk context=from-internal
        0.5  dial   trunk > L1a
        0.5  gone   201 cause=23
        0.6  dial   L1b > trunk.2 string=79035550101@trunk
        3.0  ring   trunk.2 L1a
        25.0 end    L1b > trunk.2 NOANSWER
        25.0 gone   trunk.2 cause=0
        25.0 end    trunk > L1a NOANSWER
        25.0 gone   L1a L1b
        25.1 gone   trunk cause=19
    """)

    assert (played.call.outcome, played.call.reason) == (Outcome.MISSED, Reason.TIMEOUT)
    assert (played.transfers(), played.call.rang) == ([("forward", "201", "79035550101", False)], ())


# ---------------------------------------------------------------- queues


def to_queue(at: float) -> str:
    return f"""
        {at}  queue-join trunk queue=sales position=1
        {at + 1}  dial   trunk > 202
        {at + 1.1}  ring   202
        {at + 4}  up     202
        {at + 4}  end    trunk > 202 ANSWER
        {at + 4}  queue-leave trunk queue=sales
        {at + 4}  agent-connect trunk 202 queue=sales interface=PJSIP/202
        {at + 4}  talk   202 trunk
        {at + 9}  part   202 trunk
        {at + 9}  gone   trunk 202
    """


def test_a_queue_that_a_transfer_led_to_is_not_where_the_waiting_began() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=601
        5.0  part   201 trunk
        5.0  gone   201
    """
        + to_queue(5.1)
    )

    assert (played.call.wait_s, played.call.queues, played.call.answered_by) == (1.8, ("sales",), ("201", "202"))


def overflowed(end: str) -> Played:
    return play(
        """
        0.0  new         trunk number=79161112233 exten=74951234567
        0.1  up          trunk
        1.0  queue-join  trunk queue=sales position=1
        11.0 queue-abandon trunk queue=sales
        11.0 queue-leave trunk queue=sales
        11.1 app         trunk Dial data=PJSIP/205,20
        11.1 dial        trunk > 205
        11.2 ring        205
    """
        + end
    )


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("14.0 asked trunk\n14.0 end trunk > 205 CANCEL\n14.0 gone 205 trunk cause=0", Reason.CALLER_HUNG_UP),
        ("31.1 end trunk > 205 NOANSWER\n31.1 gone 205 cause=0\n31.2 gone trunk cause=19", Reason.TIMEOUT),
        ("12.0 end trunk > 205 BUSY\n12.0 gone 205 cause=17\n12.1 gone trunk cause=17", Reason.NO_ANSWER),
    ],
)
def test_what_became_of_the_overflow_is_the_reason_and_not_the_queue(end: str, reason: Reason) -> None:
    played = overflowed(end)

    assert (played.call.outcome, played.call.reason) == (Outcome.MISSED, reason)
    assert [visit.result for visit in played.one.queue_visits] == ["timeout"]


def test_the_extensions_of_the_settings_may_be_long() -> None:
    office = Office(extensions=r"\d{7}")

    played = play(
        """
        0.0  new    PJSIP/anna number=1452013 exten=1452014 context=default
        0.1  dial   PJSIP/anna > PJSIP/boris number=1452014 context=default
        0.3  ring   PJSIP/boris
        3.0  end    PJSIP/anna > PJSIP/boris NOANSWER
        3.0  gone   PJSIP/boris PJSIP/anna cause=19
    """,
        office,
    )

    assert (played.call.direction, played.call.rang) == (Direction.INTERNAL, ("1452014",))


def test_without_the_read_class_agent_a_queue_is_known_by_its_application() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  up     trunk
        1.0  app    trunk Queue data=support,t,,,60
        2.0  dial   trunk > 204
        2.2  ring   204
        9.0  asked  trunk
        9.0  end    trunk > 204 CANCEL
        9.0  gone   204 trunk cause=0
    """)

    visit = played.one.queue_visits[0]
    assert (visit.queue, visit.wait_s, visit.result) == ("support", 8.0, "abandoned")
    assert (played.call.reason, played.call.wait_s) == (Reason.ABANDONED, 8.0)
