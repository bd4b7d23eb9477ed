"""What was not seen: cut links, restarts of the PBX, connecting in the middle of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.model import CallFacts, Gap, Outcome, Reason
from ingest.assembler import Assembler, Office
from ingest.stream import Message
from tests.ingest.play import START, Script

RINGING = """
    0.0  new    trunk number=79161112233 exten=74951234567
    0.1  dial   trunk > 201
    0.2  ring   201
"""
ANSWERED = (
    RINGING
    + """
    2.0  up     201
    2.0  end    trunk > 201 ANSWER
    2.0  talk   201 trunk
"""
)


@dataclass
class Link:
    """A PBX whose link can be cut."""

    assembler: Assembler = field(default_factory=lambda: Assembler(Office(), pbx="pbx"))
    script: Script = field(default_factory=Script)
    kept: dict[str, CallFacts] = field(default_factory=dict)
    gaps: dict[datetime, Gap] = field(default_factory=dict)

    def connect(self, at: float) -> None:
        self.assembler.connected(_at(at), next(self.script.sequence))

    def cut(self, at: float, cause: str = "link_cut") -> None:
        self.assembler.disconnected(_at(at), next(self.script.sequence), cause)

    def play(self, text: str) -> None:
        for message in self.script.messages(text):
            self.assembler.feed(message)

    def tell(self, name: str, at: float, **headers: str) -> None:
        """An event of the stream, or an answer to stock-taking: with the time of receipt only."""
        lines = [f"Event: {name}"] + [f"{key}: {value}" for key, value in headers.items()]
        raw = ("\r\n".join(lines) + "\r\n").encode()
        self.assembler.feed(Message(next(self.script.sequence), START + at, raw))

    def stock(self, at: float, **bridges: str) -> None:
        """CoreShowChannels: the channels that are there, and in which bridge."""
        for word, bridge in bridges.items():
            phone = self.script.phones[word]
            extra = {"BridgeId": bridge} if bridge else {}
            self.tell("CoreShowChannel", at, **phone.headers(), Duration="00:00:05", **extra)
        self.tell("CoreShowChannelsComplete", at)

    def calls(self, end: float) -> list[CallFacts]:
        self.assembler.finish(_at(end))
        batch = self.assembler.take(live=False)
        for gap in batch.gaps:
            self.gaps[gap.started_at] = gap
        for name in batch.retracted:
            self.kept.pop(name, None)
        for facts in batch.calls:
            self.kept[facts.call.call_id] = facts
        return sorted(self.kept.values(), key=lambda facts: facts.call.started_at)


def _at(at: float) -> datetime:
    return datetime.fromtimestamp(START + at, UTC)


def test_a_call_that_outlives_a_cut_is_whole_and_marked() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    link.cut(4)
    link.connect(7)
    link.stock(7, **{"trunk": "b-201-trunk", "201": "b-201-trunk"})
    link.play("11.0 part 201 trunk\n11.0 gone trunk 201")

    (facts,) = link.calls(12)

    assert (facts.call.talk_s, facts.call.incomplete) == (9.0, True)
    assert [(gap.cause, (gap.ended_at or gap.started_at).timestamp() - START) for gap in link.gaps.values()] == [
        ("start", 0.0),
        ("link_cut", 7.0),
    ]


def test_a_call_that_ended_in_the_gap_ends_where_it_was_last_seen() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    link.cut(4)
    link.connect(60)
    link.stock(60)

    (facts,) = link.calls(61)

    assert (facts.call.outcome, facts.call.duration_s, facts.call.incomplete) == (Outcome.ANSWERED, 4.0, True)


def test_a_call_that_a_crash_of_the_pbx_ended_says_so() -> None:
    link = Link()
    link.connect(0)
    link.play(RINGING)
    link.cut(4)
    link.connect(20)
    link.tell("FullyBooted", 20, Uptime="3")

    (facts,) = link.calls(21)

    assert (facts.call.outcome, facts.call.reason) == (Outcome.MISSED, Reason.SYSTEM_RESTART)
    assert (facts.call.duration_s, facts.call.incomplete) == (4.0, True)


def test_an_orderly_restart_is_the_reason_of_a_missed_call() -> None:
    link = Link()
    link.connect(0)
    link.play(
        RINGING
        + """
        5.0  end    trunk > 201 CANCEL
        5.0  gone   201 trunk cause=16
        6.0  Shutdown
    """
    )

    (facts,) = link.calls(7)

    assert (facts.call.outcome, facts.call.reason) == (Outcome.MISSED, Reason.SYSTEM_RESTART)


def test_fully_booted_on_a_reconnect_clears_nothing() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    link.cut(4)
    link.connect(5)
    link.tell("FullyBooted", 5, Uptime="90000")
    link.stock(5, **{"trunk": "b-201-trunk", "201": "b-201-trunk"})
    link.tell("FullyBooted", 5.2, Uptime="90000")
    link.play("11.0 part 201 trunk\n11.0 gone trunk 201")

    (facts,) = link.calls(12)

    assert facts.call.talk_s == 9.0


def test_unique_ids_that_repeat_after_a_restart_are_two_calls() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED + "\n4.0 part 201 trunk\n4.0 gone trunk 201")
    link.cut(5)
    link.connect(3600)
    again = Script()
    for message in again.messages(RINGING + "\n9.0 end trunk > 201 CANCEL\n9.0 gone 201 trunk cause=0"):
        later = message.raw.replace(b"Timestamp: 17953700", b"Timestamp: 17953736")
        link.assembler.feed(Message(next(link.script.sequence), message.received_at + 3600, later))

    first, second = link.calls(3700)

    assert first.call.call_id == "pbx-1795370000.1"
    assert second.call.call_id == "pbx-1795370000.1-1795373600"


def test_connecting_in_the_middle_of_a_conversation() -> None:
    link = Link()
    Script.messages(link.script, ANSWERED)  # happened before anybody listened
    link.connect(5)
    link.stock(5, **{"201": "b-201-trunk", "trunk": "b-201-trunk"})
    link.play("9.0 part 201 trunk\n9.0 gone trunk 201")

    (facts,) = link.calls(10)

    assert facts.call.call_id == "pbx-1795370000.1"
    assert (facts.call.external_number, facts.call.answered_by) == ("79161112233", ("201",))
    assert (facts.call.incomplete, facts.call.talk_s, facts.call.duration_s) == (True, 4.0, 9.0)


def test_nothing_stays_open_after_the_end() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)

    (facts,) = link.calls(8)

    assert (facts.call.duration_s, facts.call.incomplete) == (8.0, True)
    assert link.assembler.take().live is None


def test_a_late_bill_changes_nothing_but_its_own_facts() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED + "\n4.0 part 201 trunk\n4.0 gone trunk 201")
    before = link.assembler.take(live=False).calls[0]
    link.play("5.0 Cdr trunk recordingFile=2026/a.wav disposition=ANSWERED")
    after = link.assembler.take(live=False).calls[0]

    assert after.call.call_id == before.call.call_id
    assert [recording.file for recording in after.recordings] == ["2026/a.wav"]
    assert after.call.talk_s == before.call.talk_s


def test_live_calls_are_told_while_they_go_on() -> None:
    link = Link()
    link.connect(0)
    link.play(RINGING)
    ringing = link.assembler.take().live
    unchanged = link.assembler.take().live
    link.play("2.0 up 201\n2.0 end trunk > 201 ANSWER")
    taken = link.assembler.take().live  # and not put through yet: he is still whom it is for
    link.play("2.0 talk 201 trunk")
    talking = link.assembler.take().live
    link.play("4.0 part 201 trunk\n4.0 gone trunk 201")
    over = link.assembler.take().live

    assert ringing is not None and talking is not None
    assert [(call.state, call.ringing, call.talking) for call in ringing] == [("ringing", ("201",), ())]
    assert unchanged is None
    assert taken is None
    assert [(call.state, call.ringing, call.talking) for call in talking] == [("talking", (), ("201",))]
    assert over == ()


def test_a_clock_that_is_set_back_makes_no_call_shorter() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    link.play("-3590.0 part 201 trunk\n-3590.0 gone trunk 201")  # ten seconds after the start, and an hour back

    (facts,) = link.calls(20)

    assert facts.call.talk_s >= 0.0
    assert facts.call.duration_s >= 2.0
    assert facts.call.ended_at >= facts.call.started_at


def test_stock_is_dated_by_the_clock_of_the_pbx() -> None:
    """The PBX is ten minutes behind; its answers to stock-taking carry no time of their own."""
    link = Link()
    link.connect(600)
    for message in link.script.messages(ANSWERED):
        link.assembler.feed(Message(message.sequence, message.received_at + 600, message.raw))
    link.cut(604)
    link.connect(607)
    link.stock(607, **{"trunk": "b-201-trunk", "201": "b-201-trunk"})
    for message in link.script.messages("11.0 part 201 trunk\n11.0 gone trunk 201"):
        link.assembler.feed(Message(message.sequence, message.received_at + 600, message.raw))

    (facts,) = link.calls(612)

    assert (facts.call.talk_s, facts.call.duration_s) == (9.0, 11.0)


def test_another_start_time_is_a_restart_and_a_rounded_one_is_not() -> None:
    def with_second_start(time: str) -> CallFacts:
        link = Link()
        link.connect(0)
        link.assembler.feed(_status(next(link.script.sequence), "08:00:00"))
        link.play(RINGING)
        link.cut(4)
        link.connect(5)
        link.assembler.feed(_status(next(link.script.sequence), time))
        link.play("9.0 end trunk > 201 CANCEL\n9.0 gone 201 trunk cause=0")
        (facts,) = link.calls(10)
        return facts

    assert with_second_start("08:00:01").call.reason is Reason.CALLER_HUNG_UP
    assert with_second_start("09:30:00").call.reason is Reason.SYSTEM_RESTART


def test_a_start_time_that_is_damaged_harms_nothing() -> None:
    link = Link()
    link.connect(0)
    link.assembler.feed(_status(next(link.script.sequence), "08:00:00"))
    link.assembler.feed(_status(next(link.script.sequence), "08:00:00+03:00"))
    link.assembler.feed(_status(next(link.script.sequence), "yesterday"))
    link.play(RINGING + "\n9.0 end trunk > 201 CANCEL\n9.0 gone 201 trunk cause=0")

    (facts,) = link.calls(10)

    assert facts.call.reason is Reason.CALLER_HUNG_UP


def test_a_time_that_no_clock_can_show_harms_nothing() -> None:
    link = Link()
    link.connect(0)
    for number in range(300):  # each time the clock seems to be set back, and what is open is moved on
        year_2099, who = number % 2 == 0, 200 + number
        raw = (f"Event: Newstate\r\nTimestamp: {4.1e9 if year_2099 else START:.6f}\r\nChannelState: 5\r\n"
               f"Channel: PJSIP/{who}-1\r\nUniqueid: 1.{who}\r\nLinkedid: 1.1\r\n")  # fmt: skip
        link.assembler.feed(Message(next(link.script.sequence), START, raw.encode()))

    assert all(facts.call.ended_at >= facts.call.started_at for facts in link.calls(10))


def _status(sequence: int, time: str) -> Message:
    lines = ["Response: Success", "CoreStartupDate: 2026-11-22", f"CoreStartupTime: {time}", ""]
    return Message(sequence, START, "\r\n".join(lines).encode())


def test_a_stream_of_another_year_is_read_by_its_own_clock() -> None:
    """A capture played back much later: our clock says another day than the PBX's."""
    year = 365 * 86_400.0
    link = Link()
    Script.messages(link.script, ANSWERED)
    link.connect(year)
    link.stock(year + 5, **{"201": "b-201-trunk", "trunk": "b-201-trunk"})
    for number in range(600):
        raw = f"Event: Hold\r\nTimestamp: {START + 6:.6f}\r\nUniqueid: none.{number}\r\n".encode()
        link.assembler.feed(Message(next(link.script.sequence), START + year + 6, raw))
    for message in link.script.messages("9.0 part 201 trunk\n9.0 gone trunk 201"):
        link.assembler.feed(Message(message.sequence, message.received_at + year, message.raw))

    facts = next(found for found in link.calls(year + 10) if "1795370000.1" in found.call.channels)

    assert facts.call.started_at.timestamp() - START < 2.0
    assert 6.0 < facts.call.duration_s < 10.0


def test_a_hand_over_in_the_gap_is_seen_by_who_is_there_afterwards() -> None:
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    link.cut(4)
    Script.messages(link.script, "5.0 new 202 link=trunk number=202 context=from-internal\n5.5 up 202")
    link.connect(7)
    link.stock(7, **{"trunk": "b9", "202": "b9"})
    link.play("11.0 part trunk 202 bridge=b9\n11.0 gone trunk 202")

    (facts,) = link.calls(12)

    assert (facts.call.answered_by, facts.call.employees) == (("201", "202"), ("201", "202"))
    assert (facts.call.incomplete, facts.call.talk_s) == (True, 6.0)


def test_a_phone_that_rang_before_the_cut_and_talked_after_it() -> None:
    link = Link()
    link.connect(0)
    link.play(RINGING)
    link.cut(1)
    link.connect(5)
    link.script.phones["201"].state = "6"
    link.script.phones["trunk"].state = "6"
    link.stock(5, **{"trunk": "b9", "201": "b9"})
    link.play("9.0 part trunk 201 bridge=b9\n9.0 gone trunk 201")

    (facts,) = link.calls(10)

    assert (facts.call.outcome, facts.call.answered_by, facts.call.rang) == (Outcome.ANSWERED, ("201",), ("201",))
    assert facts.call.talk_s == 4.0


def test_a_stream_that_begins_twice_with_the_same_connection_keeps_one_row() -> None:
    """The link is cut and comes back again and again in one conversation."""
    link = Link()
    link.connect(0)
    link.play(ANSWERED)
    for second in range(4, 40, 4):
        link.cut(second)
        link.connect(second + 1)
        link.stock(second + 1, **{"trunk": "b-201-trunk", "201": "b-201-trunk"})
    link.play("50.0 part 201 trunk\n50.0 gone trunk 201")

    (facts,) = link.calls(51)

    assert facts.call.talk_s == 48.0


def test_two_parked_callers_that_stock_taking_names_stay_two_calls() -> None:
    """Both are in the bridge of the parking lot, and still run the Dial that brought them there."""
    link = Link()
    Script.messages(
        link.script,
        "0.0 new trunk number=79161112233 exten=74951234567\n0.0 new trunk.2 number=79164445566 exten=74951234567",
    )
    link.connect(5)
    for word in ("trunk", "trunk.2"):
        phone = link.script.phones[word]
        link.tell("CoreShowChannel", 5, **phone.headers(), Duration="00:00:05", Application="Dial", BridgeId="lot")
    link.tell("CoreShowChannelsComplete", 5)
    link.play("9.0 leave trunk trunk.2 bridge=lot\n9.0 gone trunk trunk.2")

    calls = [facts.call for facts in link.calls(10)]

    assert [call.external_number for call in calls] == ["79161112233", "79164445566"]
    assert {call.outcome for call in calls} == {Outcome.MISSED}
