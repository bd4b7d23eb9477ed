"""Framing and headers: any piece size, any garbage, the same messages."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import JournalError
from ingest.assembler import Assembler, Office
from ingest.stream import LIMIT_BYTES, Framer, Message, connections, parse_headers

SCENARIOS = Path(__file__).parents[1] / "scenarios"
EVENT = b"Event: Hold\r\nUniqueid: 1.2\r\n\r\n"


def framed(data: bytes, sizes: list[int], limit: int = LIMIT_BYTES) -> list[tuple[bytes, int]]:
    framer, place = Framer(limit), 0
    found: list[tuple[bytes, int]] = []
    while place < len(data):
        size = sizes[len(found) % len(sizes)]
        found += framer.feed(data[place : place + size])
        place += size
    return found


def test_messages_end_at_a_blank_line_of_either_kind() -> None:
    data = EVENT + b"Event: Unhold\nUniqueid: 1.2\n\n" + b"Event: Hangup\r\nUniqueid: 1.2\r\n\r\n"

    names = [Message(1, 0.0, raw).name for raw, _ in Framer().feed(data)]

    assert names == ["Hold", "Unhold", "Hangup"]


def test_the_offset_behind_a_message_is_told() -> None:
    assert [end for _, end in framed(EVENT * 3, [5])] == [len(EVENT), 2 * len(EVENT), 3 * len(EVENT)]


@given(
    st.lists(
        st.sampled_from([EVENT, b"\r\n", b"\n\n", b"garbage", b"x" * 300, b"\x00\xff\r\n", b"A:\r\n"]), max_size=30
    ),
    st.lists(st.integers(1, 64), min_size=1, max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_the_size_of_pieces_changes_no_message(parts: list[bytes], sizes: list[int]) -> None:
    data = b"".join(parts) + EVENT

    assert framed(data, sizes, limit=200) == framed(data, [len(data)], limit=200)


def test_a_message_without_an_end_takes_no_memory_and_stops_nothing() -> None:
    framer = Framer(limit=1000)

    found = [message for _ in range(1000) for message, _ in framer.feed(b"junk without end " * 10)]
    found += [message for message, _ in framer.feed(b"\r\n\r\n" + EVENT)]

    assert len(found) == 1 or all(len(message) <= 1000 for message in found)
    assert Message(1, 0.0, found[-1]).name == "Hold"
    assert (framer.oversized, len(framer.torn())) == (1, 0)


def test_an_oversized_event_keeps_its_first_whole_headers() -> None:
    raw = b"Event: Hangup\r\nUniqueid: 1.2\r\nNote: " + b"x" * 500 + b"\r\nCause: 16\r\n\r\n"

    (message, _), *_ = Framer(limit=100).feed(raw)

    assert parse_headers(message) == {"Event": "Hangup", "Uniqueid": "1.2"}


def test_a_torn_end_is_told_and_dropped() -> None:
    framer = Framer()
    framer.feed(EVENT + b"Event: Hang")

    assert framer.torn() == b"Event: Hang"
    assert [message for message, _ in framer.feed(EVENT)] == [EVENT[:-2]]


def test_headers_without_a_colon_are_skipped_and_repeated_ones_keep_the_first_value() -> None:
    fields = parse_headers(b"Event: X\r\nno colon here\r\nA: 1\r\nA: 2\r\nEmpty:\r\nTime: 10:20:30\r\n")

    assert fields == {"Event": "X", "A": "1", "Empty": "", "Time": "10:20:30"}


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert parse_headers(b"CallerIDName: \xd0\x9e\xd0\r\n")["CallerIDName"] == "О\ufffd"


def test_a_banner_before_the_first_answer_is_no_event() -> None:
    raw = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n"

    assert (Message(1, 0.0, raw).name, parse_headers(raw)["Response"]) == ("", "Success")


def test_a_folder_stands_for_its_connections_in_order(tmp_path: Path) -> None:
    (tmp_path / "events-10.ami").write_bytes(EVENT)
    (tmp_path / "events.ami.gz").write_bytes(gzip.compress(EVENT))
    (tmp_path / "events-2.ami").write_bytes(EVENT)

    assert [connection.path.name for connection in connections([tmp_path])] == [
        "events.ami.gz", "events-2.ami", "events-10.ami",
    ]  # fmt: skip


def test_a_message_was_received_with_the_piece_that_completed_it(tmp_path: Path) -> None:
    (tmp_path / "events.ami").write_bytes(EVENT + EVENT)
    (tmp_path / "times.csv").write_text(f"offset,unix_time\n0,100.5\n{len(EVENT) + 4},101.5\n")

    messages = [message for connection in connections([tmp_path]) for message in connection.messages()]

    assert [(message.sequence, message.received_at) for message in messages] == [(1, 100.5), (2, 101.5)]


def test_events_as_json_are_read_too(tmp_path: Path) -> None:
    events = [{"Event": "Newchannel", "Uniqueid": "a-1530020288.1"}, {"Event": "Hangup", "Variable": ["x", "y"]}]
    (tmp_path / "events.json").write_text(json.dumps(events))

    messages = list(connections([tmp_path])[0].messages())

    assert [message.name for message in messages] == ["Newchannel", "Hangup"]
    assert messages[0].received_at == 1530020288.0
    assert messages[1].received_at > messages[0].received_at
    assert messages[1].fields["Variable"] == "x"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("events.json", b"{no", "JSON"), ("events.ami.gz", b"\x1f\x8bno", "whole"), ("note.txt", b"", "no events.ami")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(JournalError, match=says):
        [list(connection.messages()) for connection in connections([tmp_path])]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="nowhere"):
        connections([tmp_path / "nowhere"])


def mutated(data: bytes, seed: int) -> bytes:
    """Real bytes with some flipped, dropped, repeated and swapped."""
    chance = random.Random(seed)
    bent = bytearray(data)
    for _ in range(len(bent) // 200):
        place = chance.randrange(len(bent))
        match chance.randrange(4):
            case 0:
                bent[place] = chance.randrange(256)
            case 1:
                del bent[place : place + chance.randrange(1, 40)]
            case 2:
                bent[place:place] = bent[place : place + chance.randrange(1, 200)]
            case _:
                bent[place:place] = bytes(chance.randrange(256) for _ in range(4))
    return bytes(bent)


@pytest.mark.parametrize("name", ["in_queue_answered_second", "transfer_attended_completed", "connect_mid_call"])
def test_mutated_streams_neither_crash_nor_hang_the_reader(name: str) -> None:
    data = gzip.decompress((SCENARIOS / name / "events.ami.gz").read_bytes())

    for seed in range(12):
        assembler = Assembler(Office(), pbx="pbx")
        for sequence, (raw, _) in enumerate(Framer().feed(mutated(data, seed)), 1):
            assembler.feed(Message(sequence, 1_795_371_083.0 + sequence / 1000, raw))
            if sequence % 200 == 0:
                assembler.take()
        batch = assembler.take()
        assert all(facts.call.duration_s >= 0 for facts in batch.calls)


@given(st.lists(st.dictionaries(
    st.sampled_from(["Event", "Uniqueid", "DestUniqueid", "Linkedid", "Channel", "DestChannel", "BridgeUniqueid",
                     "Timestamp", "DialStatus", "Queue", "Cause", "ChannelState", "Interface", "Paused", "Variable"]),
    st.sampled_from(["", "Newchannel", "DialBegin", "DialEnd", "BridgeEnter", "BridgeLeave", "Hangup", "Hold", "Pickup",
                     "QueueCallerJoin", "AgentConnect", "QueueMember", "CoreShowChannel", "Status", "BlindTransfer",
                     "AttendedTransfer", "ParkedCall", "UnParkedCall", "1.1", "1.2", "Local/1@a-1;1", "Local/1@a-1;2",
                     "PJSIP/201-1", "-", ";1", "٣", "nan", "inf", "1e400", "-5", "6", "MIXMONITOR_FILENAME"]),
), max_size=25))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_hostile_events_never_stop_the_assembler(events: list[dict[str, str]]) -> None:
    assembler = Assembler(Office(), pbx="pbx")

    for sequence, fields in enumerate(events, 1):
        raw = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        assembler.feed(Message(sequence, 1_795_371_083.0 + sequence, raw))
        assembler.take()

    assert assembler.oldest_open() is None or (assembler.oldest_open() or 0) >= 1
