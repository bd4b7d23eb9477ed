"""Streams of Asterisk 1.8 to 11: no linked ids, both ends of a bridge in one event, masquerades."""

from __future__ import annotations

import itertools

from data.model import Direction, LegResult, Outcome
from ingest.stream import Message
from tests.ingest.play import START, Played, assemble

STATES = {"ring": "5", "up": "6"}
RINGING = """
    0.0   Newchannel  SIP/mango-01   number=79161112233 exten=74951234567 context=from-trunk
    0.1   Newchannel  SIP/201-02     number= context=from-internal
    0.1   Dial        SIP/mango-01   SubEvent=Begin dest=SIP/201-02 Dialstring=201
    0.3   ring        SIP/201-02
"""
ANSWERED = (
    RINGING
    + """
    4.0   up          SIP/201-02
    4.0   Bridge      SIP/mango-01   Bridgestate=Link with=SIP/201-02
"""
)


def old(text: str) -> Played:
    """The facts of lines like `seconds  Event  channel  key=value …`, in the headers of old versions."""
    ids: dict[str, str] = {}
    numbers = itertools.count(1)
    messages = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        at, verb, name, *words = line.split()
        details = dict(word.split("=", 1) for word in words)
        uniqueid = ids.setdefault(name, f"{int(START)}.{next(numbers)}")
        headers = {"Event": "Newstate" if verb in STATES else verb, "Channel": name, "Uniqueid": uniqueid}
        if verb in STATES:
            headers["ChannelState"] = STATES[verb]
        if verb == "Newchannel":
            headers |= {"ChannelState": "0", "CallerIDNum": details.pop("number")}
        if "dest" in details:
            dest = details.pop("dest")
            headers |= {"UniqueID": uniqueid, "Destination": dest, "DestUniqueID": ids[dest]}
        if "with" in details:
            other = details.pop("with")
            headers |= {"Channel1": name, "Channel2": other, "Uniqueid1": uniqueid, "Uniqueid2": ids[other]}
        if verb == "Rename" and "<" not in details["Newname"]:
            ids[name], ids[details["Newname"]] = ids[details["Newname"]], uniqueid
        headers |= {key[0].upper() + key[1:]: value for key, value in details.items()}
        stamp = START + float(at)
        lines = [f"{key}: {value}" for key, value in headers.items()]
        lines.insert(1, f"Timestamp: {stamp:.6f}")
        messages.append(Message(number, stamp, ("\r\n".join(lines) + "\r\n").encode()))
    return assemble(messages)


def test_an_answered_call() -> None:
    played = old(
        ANSWERED
        + """
        14.0  Unlink      SIP/mango-01   with=SIP/201-02
        14.0  Hangup      SIP/201-02     Cause=16
        14.0  Dial        SIP/mango-01   SubEvent=End DialStatus=ANSWER
        14.0  Hangup      SIP/mango-01   Cause=16
    """
    )

    call = played.call
    assert (call.direction, call.outcome, call.answered_by) == (Direction.INBOUND, Outcome.ANSWERED, ("201",))
    assert (call.external_number, call.did, call.talk_s) == ("79161112233", "74951234567", 10.0)


def test_the_state_of_a_bridge_may_be_a_header() -> None:
    played = old(
        ANSWERED
        + """
        9.0   Bridge      SIP/mango-01   Bridgestate=Unlink with=SIP/201-02
        9.0   Hangup      SIP/201-02     Cause=16
        9.0   Hangup      SIP/mango-01   Cause=16
    """
    )

    assert played.call.talk_s == 5.0


def test_nobody_answers_and_the_end_of_the_dial_names_no_phone() -> None:
    played = old(
        RINGING
        + """
        20.0  Hangup      SIP/201-02     Cause=0
        20.0  Dial        SIP/mango-01   SubEvent=End DialStatus=NOANSWER
        20.1  Hangup      SIP/mango-01   Cause=19
    """
    )

    assert (played.call.outcome, played.call.rang) == (Outcome.MISSED, ("201",))
    assert played.leg("201").result is LegResult.NO_ANSWER


def test_of_two_phones_the_one_that_lost_was_answered_elsewhere() -> None:
    played = old(
        RINGING
        + """
        0.2   Newchannel  SIP/202-03     number= context=from-internal
        0.2   Dial        SIP/mango-01   SubEvent=Begin dest=SIP/202-03 Dialstring=202
        0.4   ring        SIP/202-03
        3.0   up          SIP/202-03
        3.0   Hangup      SIP/201-02     Cause=0
        3.1   Bridge      SIP/mango-01   Bridgestate=Link with=SIP/202-03
        9.1   Unlink      SIP/mango-01   with=SIP/202-03
        9.1   Hangup      SIP/202-03     Cause=16
        9.1   Dial        SIP/mango-01   SubEvent=End DialStatus=ANSWER
        9.1   Hangup      SIP/mango-01   Cause=16
    """
    )

    assert (played.call.answered_by, played.call.rang) == (("202",), ("201", "202"))
    assert played.leg("201").result is LegResult.ELSEWHERE


def test_a_local_channel_that_is_optimised_away_by_a_masquerade_leaves_the_phone() -> None:
    played = old("""
        0.0   Newchannel  SIP/mango-01   number=79161112233 exten=74951234567 context=from-trunk
        0.1   Newchannel  Local/201@grp-7;1  number= context=grp
        0.1   Newchannel  Local/201@grp-7;2  number= context=grp exten=201
        0.1   Dial        SIP/mango-01   SubEvent=Begin dest=Local/201@grp-7;1 Dialstring=201@grp
        0.2   Newchannel  SIP/201-02     number= context=from-internal
        0.2   Dial        Local/201@grp-7;2  SubEvent=Begin dest=SIP/201-02 Dialstring=201
        0.3   ring        SIP/201-02
        4.0   up          SIP/201-02
        4.0   Bridge      Local/201@grp-7;2  Bridgestate=Link with=SIP/201-02
        4.0   up          Local/201@grp-7;1
        4.0   Bridge      SIP/mango-01   Bridgestate=Link with=Local/201@grp-7;1
        4.1   Rename      SIP/201-02     Newname=SIP/201-02<MASQ>
        4.1   Rename      Local/201@grp-7;1  Newname=SIP/201-02
        4.1   Rename      SIP/201-02<MASQ>   Newname=Local/201@grp-7;1<ZOMBIE>
        4.2   Hangup      Local/201@grp-7;1  Cause=16
        4.2   Hangup      Local/201@grp-7;2  Cause=16
        14.0  Unlink      SIP/mango-01   with=SIP/201-02
        14.0  Hangup      SIP/201-02     Cause=16
        14.0  Hangup      SIP/mango-01   Cause=16
    """)

    assert (played.call.answered_by, played.call.rang, played.call.talk_s) == (("201",), ("201",), 10.0)
    assert [leg.party for leg in played.one.legs] == ["201"]


def test_an_attended_transfer_puts_the_customer_in_the_place_of_the_second_line() -> None:
    played = old(
        ANSWERED
        + """
        6.0   Hold        SIP/201-02     Status=On
        6.1   Newchannel  SIP/201-03     number=201 exten=202 context=from-internal
        6.2   Newchannel  SIP/202-04     number= context=from-internal
        6.2   Dial        SIP/201-03     SubEvent=Begin dest=SIP/202-04 Dialstring=202
        6.3   ring        SIP/202-04
        8.0   up          SIP/202-04
        8.0   Bridge      SIP/201-03     Bridgestate=Link with=SIP/202-04
        10.0  Transfer    SIP/201-02     TransferMethod=SIP TransferType=Attended TargetChannel=SIP/201-03
        10.0  Rename      SIP/mango-01   Newname=SIP/mango-01<MASQ>
        10.0  Rename      SIP/201-03     Newname=SIP/mango-01
        10.0  Rename      SIP/mango-01<MASQ>  Newname=SIP/201-03<ZOMBIE>
        10.0  Hangup      SIP/201-03     Cause=16
        10.0  Hangup      SIP/201-02     Cause=16
        18.0  Unlink      SIP/mango-01   with=SIP/202-04
        18.0  Hangup      SIP/202-04     Cause=16
        18.0  Hangup      SIP/mango-01   Cause=16
    """
    )

    assert played.call.answered_by == ("201", "202")
    assert played.transfers() == [("attended", "201", "202", True)]
    assert (played.call.talk_s, played.leg("202").talk_s) == (14.0, 8.0)


def test_a_blind_transfer() -> None:
    played = old(
        ANSWERED
        + """
        6.0   Transfer    SIP/201-02     TransferType=Blind TargetChannel=SIP/mango-01 TransferExten=202
        6.0   Unlink      SIP/mango-01   with=SIP/201-02
        6.0   Hangup      SIP/201-02     Cause=16
        6.1   Newchannel  SIP/202-04     number= context=from-internal
        6.1   Dial        SIP/mango-01   SubEvent=Begin dest=SIP/202-04 Dialstring=202
        6.2   ring        SIP/202-04
        8.0   up          SIP/202-04
        8.0   Bridge      SIP/mango-01   Bridgestate=Link with=SIP/202-04
        9.0   Unlink      SIP/mango-01   with=SIP/202-04
        9.0   Hangup      SIP/202-04     Cause=16
        9.0   Hangup      SIP/mango-01   Cause=16
    """
    )

    assert played.transfers() == [("blind", "201", "202", True)]
    assert (played.call.answered_by, played.call.talk_s) == (("201", "202"), 3.0)


def test_a_pickup_takes_the_place_of_the_phone_that_rang() -> None:
    played = old(
        RINGING
        + """
        3.0   Newchannel  SIP/202-03     number=202 exten=*8 context=from-internal
        3.1   Pickup      SIP/202-03     TargetChannel=SIP/201-02
        3.1   Rename      SIP/202-03     Newname=SIP/202-03<MASQ>
        3.1   Rename      SIP/201-02     Newname=SIP/202-03
        3.1   Rename      SIP/202-03<MASQ>  Newname=SIP/201-02<ZOMBIE>
        3.1   Hangup      SIP/201-02     Cause=16
        3.1   up          SIP/202-03
        3.2   Bridge      SIP/mango-01   Bridgestate=Link with=SIP/202-03
        9.2   Unlink      SIP/mango-01   with=SIP/202-03
        9.2   Hangup      SIP/202-03     Cause=16
        9.2   Hangup      SIP/mango-01   Cause=16
    """
    )

    assert (played.call.answered_by, played.call.rang, played.call.talk_s) == (("202",), ("201",), 6.0)
    assert played.transfers() == [("pickup", "201", "202", True)]


def test_a_queue_tells_its_visits_and_offers() -> None:
    played = old("""
        0.0   Newchannel  SIP/mango-01   number=79161112233 exten=74951234567 context=from-trunk
        0.1   up          SIP/mango-01
        1.0   Join        SIP/mango-01   Queue=sales Position=1
        1.1   Newchannel  SIP/201-02     number= context=from-internal
        1.1   AgentCalled SIP/mango-01   Queue=sales AgentCalled=SIP/201 ChannelCalling=SIP/mango-01 DestinationChannel=SIP/201-02
        1.2   ring        SIP/201-02
        9.0   up          SIP/201-02
        9.0   Leave       SIP/mango-01   Queue=sales
        9.0   AgentConnect SIP/mango-01  Queue=sales Channel=SIP/201-02 Member=SIP/201 BridgedChannel=1795370000.2 Holdtime=8
        9.0   Bridge      SIP/mango-01   Bridgestate=Link with=SIP/201-02
        19.0  Unlink      SIP/mango-01   with=SIP/201-02
        19.0  Hangup      SIP/201-02     Cause=16
        19.0  Hangup      SIP/mango-01   Cause=16
    """)  # noqa: E501 - the headers of one event

    visit = played.one.queue_visits[0]
    assert (visit.queue, visit.wait_s, visit.result, visit.answered_by) == ("sales", 8.0, "answered", "201")
    assert (played.call.rang, played.call.wait_s, played.leg("201").queue) == (("201",), 8.0, "sales")


def test_parking_and_taking_back() -> None:
    played = old(
        ANSWERED
        + """
        6.0   Unlink      SIP/mango-01   with=SIP/201-02
        6.0   ParkedCall  SIP/mango-01   Exten=701 From=SIP/201-02
        6.1   Hangup      SIP/201-02     Cause=16
        20.0  Newchannel  SIP/203-05     number=203 exten=701 context=from-internal
        20.1  UnParkedCall SIP/mango-01  Exten=701 From=SIP/203-05
        20.1  up          SIP/203-05
        20.1  Bridge      SIP/203-05     Bridgestate=Link with=SIP/mango-01
        22.1  Unlink      SIP/203-05     with=SIP/mango-01
        22.1  Hangup      SIP/203-05     Cause=16
        22.1  Hangup      SIP/mango-01   Cause=16
    """
    )

    assert played.transfers() == [("park", "201", "701", True), ("unpark", "701", "203", True)]
    assert (played.call.answered_by, played.call.talk_s) == (("201", "203"), 4.0)
