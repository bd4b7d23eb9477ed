"""Rarer courses of calls, and combinations, by hand-written timelines."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from data.model import Direction, LegRole, Outcome
from ingest.assembler import Assembler, Office
from tests.ingest.play import Script, play
from tests.ingest.test_assembler_handovers import ANSWERED

CONSULTED_BY_CODE = """
    5.0  hold   201
    6.0  local  L1 exten=202 from=201 context=from-internal
    6.0  join   L1a bridge=b2
    6.0  leave  201 bridge=b-201-trunk
    6.0  join   201 bridge=b2
    6.1  dial   L1b > 202
    6.2  ring   202
    9.0  up     202
    9.0  end    L1b > 202 ANSWER
    9.0  talk   202 L1b bridge=b3
"""


def test_attended_transfer_by_feature_code() -> None:
    played = play(
        ANSWERED
        + CONSULTED_BY_CODE
        + """
        12.0 leave  201 bridge=b2
        12.0 leave  L1a bridge=b2
        12.0 join   L1a bridge=b-201-trunk
        12.0 attended 201 201 trunk L1a destType=Bridge
        12.0 gone   201
        12.2 leave  trunk bridge=b-201-trunk
        12.2 leave  L1b bridge=b3
        12.2 join   trunk bridge=b3
        12.2 leave  L1a bridge=b-201-trunk
        12.2 gone   L1a L1b
        20.0 part   trunk 202 bridge=b3
        20.0 gone   trunk 202
    """
    )

    assert played.transfers() == [("attended", "201", "202", True)]
    assert played.call.answered_by == ("201", "202")
    assert played.leg("202").role is LegRole.CONSULTATION
    assert played.leg("202").talk_s == 8.0
    assert played.leg("201").talk_s == 4.0


def test_the_customer_leaves_while_his_employee_consults_by_code() -> None:
    played = play(
        ANSWERED
        + CONSULTED_BY_CODE
        + """
        12.0 leave  trunk bridge=b-201-trunk
        12.0 gone   trunk
        13.0 leave  201 L1a bridge=b2
        13.0 part   202 L1b bridge=b3
        13.0 gone   201 L1a L1b 202
    """
    )

    assert played.call.answered_by == ("201",)
    assert played.transfers() == [("attended", "201", "202", False)]


def test_an_outbound_call_that_is_transferred_stays_with_its_customer() -> None:
    played = play("""
        0.0  new    201 exten=89161112233
        0.1  dial   201 > trunk string=89161112233@trunk
        1.0  ring   trunk
        3.0  up     trunk
        3.0  end    201 > trunk ANSWER
        3.0  talk   trunk 201
        6.0  blind  201 trunk extension=202
        6.0  part   trunk 201
        6.0  gone   201
        6.1  dial   trunk > 202
        6.2  ring   202
        8.0  up     202
        8.0  end    trunk > 202 ANSWER
        8.0  talk   202 trunk
        10.0 part   202 trunk
        10.0 gone   trunk 202
    """)

    call = played.call
    assert (call.direction, call.outcome, call.answered_by) == (Direction.OUTBOUND, Outcome.REACHED, ("89161112233",))
    assert (call.caller_number, call.employees, call.talk_s) == ("201", ("201", "202"), 5.0)
    assert played.transfers() == [("blind", "201", "202", True)]


def test_an_internal_call_that_the_called_party_hands_on() -> None:
    played = play("""
        0.0  new    201 exten=202
        0.1  dial   201 > 202
        0.2  ring   202
        2.0  up     202
        2.0  end    201 > 202 ANSWER
        2.0  talk   202 201
        5.0  blind  202 201 extension=203
        5.0  part   202 201
        5.0  gone   202
        5.1  dial   201 > 203
        5.2  ring   203
        7.0  up     203
        7.0  end    201 > 203 ANSWER
        7.0  talk   203 201
        9.0  part   203 201
        9.0  gone   201 203
    """)

    assert (played.call.direction, played.call.answered_by) == (Direction.INTERNAL, ("202", "203"))
    assert played.transfers() == [("blind", "202", "203", True)]


def test_a_customer_who_is_transferred_into_a_conference_room() -> None:
    played = play(
        ANSWERED
        + """
        5.0  blind  201 trunk extension=800
        5.0  part   201 trunk
        5.0  gone   201
        5.1  join   trunk bridge=c1 type=base technology=softmix
        5.1  conference-join trunk room=800
        15.1 leave  trunk bridge=c1
        15.1 gone   trunk
    """
    )

    assert played.call.answered_by == ("201", "800")
    assert played.transfers() == [("blind", "201", "800", True)]
    assert played.call.talk_s == 13.0


def test_a_blind_transfer_into_the_voicemail_was_not_taken() -> None:
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
        15.1 app    trunk VoiceMail data=202@default,u
        25.0 gone   trunk
    """
    )

    assert (played.call.outcome, played.transfers()) == (Outcome.ANSWERED, [("blind", "201", "202", False)])


def test_parking_by_a_feature_code_and_coming_back() -> None:
    played = play(
        ANSWERED
        + """
        5.0  part   201 trunk
        5.0  park   trunk 201 space=702
        5.0  join   trunk bridge=lot type=parking technology=holding_bridge
        5.1  gone   201
        50.0 leave  trunk bridge=lot
        50.0 park-timeout trunk space=702
        50.1 dial   trunk > 201.2
        50.2 ring   201.2
        52.0 up     201.2
        52.0 end    trunk > 201.2 ANSWER
        52.0 talk   201.2 trunk
        55.0 part   201.2 trunk
        55.0 gone   trunk 201.2
    """
    )

    assert played.transfers() == [("park", "201", "702", True)]
    assert (played.call.answered_by, played.call.talk_s) == (("201",), 6.0)


def test_a_queue_member_reached_by_a_local_channel_is_picked_up_by_a_colleague() -> None:
    played = play("""
        0.0  new    trunk number=79161112233 exten=74951234567
        0.1  up     trunk
        0.2  queue-join trunk queue=sales position=1
        0.3  local  L1 exten=201 from=trunk
        0.3  agent-called trunk L1a queue=sales interface=Local/201@from-queue/n
        0.3  dial   trunk > L1a
        0.4  dial   L1b > 201
        0.5  ring   201 L1a
        4.0  new    202 exten=*8
        4.0  up     202
        4.0  pickup 202 201
        4.0  gone   201 cause=26
        4.0  end    L1b > 202 ANSWER
        4.0  talk   202 L1b bridge=b1
        4.1  end    trunk > L1a ANSWER
        4.1  queue-leave trunk queue=sales
        4.1  agent-connect trunk L1a queue=sales interface=Local/201@from-queue/n
        4.1  talk   L1a trunk bridge=b2
        9.1  gone   trunk L1a L1b 202
    """)

    assert (played.call.answered_by, played.call.rang) == (("202",), ("201",))
    assert [visit.answered_by for visit in played.one.queue_visits] == ["202"]
    assert played.transfers() == [("pickup", "201", "202", True)]


def test_click_to_call_by_a_local_channel() -> None:
    played = play("""
        0.0  local  L1 exten=201 context=click2call
        0.0  dial   - > L1a
        0.1  dial   L1b > 201
        0.3  ring   201 L1a
        2.0  up     201
        2.0  end    L1b > 201 ANSWER
        2.0  talk   201 L1b bridge=b1
        2.0  end    - > L1a ANSWER
        2.1  dial   L1a > trunk string=79161112233@trunk
        3.0  ring   trunk
        6.0  up     trunk
        6.0  end    L1a > trunk ANSWER
        6.0  talk   trunk L1a bridge=b2
        6.1  leave  201 bridge=b1
        6.1  leave  L1a bridge=b2
        6.1  join   201 bridge=b2
        6.1  leave  L1b bridge=b1
        6.1  gone   L1a L1b
        16.0 part   201 trunk bridge=b2
        16.0 gone   201 trunk
    """)

    call = played.call
    assert (call.direction, call.outcome, call.external_number) == (
        Direction.OUTBOUND, Outcome.REACHED, "79161112233",
    )  # fmt: skip
    assert (call.caller_number, call.called_number, call.rang) == ("201", "79161112233", ("201",))
    assert (call.talk_s, call.answered_by, call.employees) == (10.0, ("79161112233",), ("201",))


def test_two_customers_put_together_are_one_call() -> None:
    other = ANSWERED.replace("trunk", "trunk.3").replace("201", "201.3").replace("79161112233", "79164445566")
    played = play(
        ANSWERED
        + other
        + """
        6.0  leave  trunk bridge=b-201-trunk
        6.0  leave  201.3 bridge=b-201.3-trunk.3
        6.0  join   trunk bridge=b-201.3-trunk.3
        6.0  attended 201 201.3 trunk trunk.3
        6.0  gone   201 201.3
        9.0  leave  trunk trunk.3 bridge=b-201.3-trunk.3
        9.0  gone   trunk trunk.3
    """
    )

    assert (played.call.external_number, played.call.answered_by) == ("79161112233", ("201",))
    assert played.call.talk_s == 7.0


def test_a_call_over_midnight_and_a_change_of_clocks_is_as_long_as_it_was() -> None:
    """Unix time knows neither midnight nor summer time; nothing else is used."""
    played = play(ANSWERED + "\n 7202.0 part 201 trunk\n 7202.0 gone trunk 201")

    assert played.call.talk_s == 7200.0


def test_hostile_names_are_kept_as_they_came() -> None:
    played = play(ANSWERED.replace("number=79161112233", "number=79161112233 name=<script>alert(1)</script>=\"'"))

    assert played.call.caller_name == "<script>alert(1)</script>=\"'"


def test_a_call_of_an_hour_in_a_queue_that_rings_twenty_phones_is_put_together_without_a_stall() -> None:
    """Counted are steps, not seconds: four times the events may cost little more than four times the steps."""

    def steps(rounds: int) -> int:
        messages = Script().messages(offered_again(members=6, rounds=rounds))
        assembler = Assembler(Office(), pbx="pbx")
        for message in messages:
            assembler.feed(message)
        counted = 0

        def count(frame: FrameType, _event: str, _argument: Any) -> Any:
            nonlocal counted
            frame.f_trace_opcodes = True
            counted += 1
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            (facts,) = assembler.take(live=False).calls
        finally:
            sys.settrace(before)
        assert len(facts.legs) == 6 * rounds
        return counted

    assert steps(16) < 5 * steps(4)


def offered_again(*, members: int, rounds: int) -> str:
    """A caller who is offered to every member of his queue again and again, and gives up."""
    lines = ["0.0 new trunk number=79161112233", "0.1 up trunk", "0.2 queue-join trunk queue=sales position=1"]
    for turn in range(rounds):
        at = 1.0 + 20 * turn
        for member in range(201, 201 + members):
            half, phone = f"L{turn}-{member}", f"{member}.{turn}"
            lines += [
                f"{at} local {half} exten={member} from=trunk",
                f"{at} agent-called trunk {half}a queue=sales interface=Local/{member}@from-queue/n",
                f"{at} dial trunk > {half}a",
                f"{at} dial {half}b > {phone}",
                f"{at + 0.2} ring {phone} {half}a",
                f"{at + 15} end trunk > {half}a NOANSWER",
                f"{at + 15} end {half}b > {phone} CANCEL",
                f"{at + 15} gone {half}a {half}b {phone} cause=0",
            ]
    return "\n".join([*lines, f"{at + 19} queue-leave trunk queue=sales", f"{at + 19} gone trunk cause=0"])
