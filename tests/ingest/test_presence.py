"""Who is logged in, paused and on the phone: from events, from stock-taking, and after a loss of the link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.model import DeviceState, LiveMember, LivePhone
from ingest.assembler import Assembler, Office
from ingest.stream import Message, connections

SCENARIOS = Path(__file__).parents[1] / "scenarios"
NOON = 1_795_348_800.0


class Link:
    """Feeds messages to an assembler and keeps what was told last."""

    def __init__(self) -> None:
        self.assembler = Assembler(Office(), pbx="pbx")
        self.members: dict[tuple[str, str], LiveMember] = {}
        self.phones: dict[str, LivePhone] = {}
        self.ahead_s = 0.0  # of the PBX's clock
        self._sequence = 0

    def connect(self) -> None:
        self.assembler.connected(datetime.fromtimestamp(NOON + self._sequence, UTC), self._sequence)

    def say(self, name: str, **fields: str) -> None:
        self._sequence += 1
        at = NOON + self._sequence
        told = {"Event": name, "Timestamp": f"{at + self.ahead_s:.6f}", **fields}
        self.assembler.feed(Message(self._sequence, at, b"", told))
        self.take()

    def take(self) -> None:
        batch = self.assembler.take()
        if batch.members is not None:
            self.members = {(one.queue, one.party): one for one in batch.members}
        if batch.phones is not None:
            self.phones = {one.extension: one for one in batch.phones}

    def member(self, name: str, interface: str = "Local/201@from-queue/n", **fields: str) -> None:
        usual = {"Queue": "sales", "StateInterface": "PJSIP/201", "Membership": "dynamic", "Status": "1", "Paused": "0"}
        where = "Location" if name == "QueueMember" else "Interface"
        self.say(name, **(usual | {where: interface} | fields))


@pytest.fixture
def link() -> Link:
    made = Link()
    made.connect()
    return made


def test_a_member_is_free_rings_talks_and_is_paused_with_a_reason(link: Link) -> None:
    link.member("QueueMember", Name="Анна", CallsTaken="3")
    [anna] = link.members.values()
    assert (anna.name, anna.party, anna.state, anna.is_paused, anna.is_dynamic, anna.calls_taken) == (
        "Анна", "201", DeviceState.FREE, False, True, 3
    )  # fmt: skip

    link.member("QueueMemberStatus", Status="6")
    assert link.members["sales", "201"].state == "ringing"
    since = link.members["sales", "201"].state_since_at
    link.member("QueueMemberStatus", Status="6", CallsTaken="4")
    assert link.members["sales", "201"].state_since_at == since
    link.member("QueueMemberStatus", Status="5")
    assert link.members["sales", "201"].state == "out"

    link.member("QueueMemberPause", Status="1", Paused="1", PausedReason="Обед", LastPause=str(int(NOON)))
    paused = link.members["sales", "201"]
    assert (paused.is_paused, paused.pause_reason) == (True, "Обед")
    assert paused.paused_at == datetime.fromtimestamp(NOON, UTC)
    link.member("QueueMemberPause", Paused="0")
    assert link.members["sales", "201"].pause_reason is None


def test_who_left_while_nobody_listened_is_gone_after_stock_taking(link: Link) -> None:
    link.member("QueueMember")
    link.member("QueueMember", "PJSIP/202", StateInterface="PJSIP/202")
    link.member("QueueMemberRemoved", "PJSIP/202", StateInterface="PJSIP/202")
    assert set(link.members) == {("sales", "201")}
    link.member("QueueMemberAdded", "PJSIP/203", StateInterface="PJSIP/203")

    link.connect()
    link.member("QueueMember", "PJSIP/203", StateInterface="PJSIP/203")
    link.say("QueueStatusComplete")

    assert set(link.members) == {("sales", "203")}


@pytest.mark.parametrize(
    ("event", "fields", "state"),
    [
        ("DeviceStateChange", {"Device": "PJSIP/201", "State": "NOT_INUSE"}, DeviceState.FREE),
        ("DeviceStateChange", {"Device": "SIP/201", "State": "RINGING"}, DeviceState.RINGING),
        ("DeviceStateChange", {"Device": "PJSIP/201", "State": "ONHOLD"}, DeviceState.BUSY),
        ("DeviceStateChange", {"Device": "PJSIP/201", "State": "<script>"}, DeviceState.UNKNOWN),
        ("EndpointList", {"ObjectName": "201", "DeviceState": "Not in use"}, DeviceState.FREE),
        ("EndpointList", {"ObjectName": "201", "DeviceState": "Unavailable"}, DeviceState.OUT),
    ],
)
def test_phones_tell_their_state(link: Link, event: str, fields: Mapping[str, str], state: DeviceState) -> None:
    link.say(event, **fields)

    assert {phone.extension: phone.state for phone in link.phones.values()} == {"201": state}


def test_moments_are_told_by_our_clock_though_that_of_the_pbx_is_wrong(link: Link) -> None:
    link.ahead_s = -3600.0
    link.say("DeviceStateChange", Device="PJSIP/201", State="INUSE")
    link.ahead_s = 300.0
    link.member("QueueMemberPause", Paused="1", LastPause=str(int(NOON) + 301))

    assert link.phones["201"].state_since_at == datetime.fromtimestamp(NOON + 1, UTC)
    member = link.members["sales", "201"]
    assert member.state_since_at == datetime.fromtimestamp(NOON + 2, UTC)
    assert member.paused_at == datetime.fromtimestamp(NOON + 1, UTC)


def test_lines_queues_and_local_channels_are_no_phones(link: Link) -> None:
    for device in ("PJSIP/trunk", "Queue:sales", "Local/201@from-queue", "", "201", "PJSIP/201'; drop"):
        link.say("DeviceStateChange", Device=device, State="INUSE")

    assert link.phones == {}


def test_a_recorded_office_is_as_it_was_seen() -> None:
    link = Link()
    link.connect()
    for message in _recorded("queue_member_pause"):
        link.assembler.feed(message)
        link.take()
        ivan = link.members.get(("sales", "201"))
        if message.name == "QueueMemberPause" and message.fields["Paused"] == "1":
            assert ivan is not None
            assert (ivan.name, ivan.is_paused, ivan.pause_reason) == ("Ivan Petrov", True, "Lunch")

    assert not any(one.is_paused for one in link.members.values())
    assert {one.state for one in link.members.values()} == {DeviceState.FREE}


def _recorded(name: str) -> Iterator[Message]:
    for connection in connections([SCENARIOS / name]):
        yield from connection.messages()
