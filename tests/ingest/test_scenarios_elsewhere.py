"""The recorded scenarios as another office would have sent them: no rule may know a name, a number or a context."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ingest.assembler import Assembler, Office
from ingest.assembler.times import moment
from ingest.replay import contract
from ingest.sources.ami_events import translate
from ingest.stream import Message, connections
from tests.ingest.play import keep

score_calls: Any = import_module("tests.tools.score_calls")  # a tool, outside the type check

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BIG = {"busy_hour", "busy_mini"}
NAMES = sorted(path.name for path in SCENARIOS.iterdir() if path.is_dir() and path.name not in BIG)
PEOPLE = {b"201": b"ivanov", b"202": b"anna.s", b"203": b"gxp2170-3", b"204": b"sklad", b"205": b"kassa-1"}
CONTEXTS = {
    b"from-trunk": b"zal", b"from-internal": b"kontora", b"from-queue": b"ochered", b"from-group": b"gruppa",
    b"outbound": b"naruzhu", b"click2call": b"zakaz", b"ext-local": b"mestnye",
}  # fmt: skip
_CONTEXT = re.compile(rb"(?<![\w-])(?:" + b"|".join(CONTEXTS) + rb")(?![\w-])")
Change = Callable[[bytes], bytes]


def other_names(raw: bytes) -> bytes:
    """Phones named by people, a trunk by its provider, contexts that tell nothing."""
    raw = re.sub(rb"PJSIP/(20\d)(?!\d)", lambda found: b"PJSIP/" + PEOPLE.get(found[1], b"user-" + found[1][:1]), raw)
    raw = re.sub(rb"(?<=DialString: )(20\d)(?=\r)", lambda found: PEOPLE.get(found[1], b"user-" + found[1][:1]), raw)
    raw = re.sub(rb"(?<=[@/])trunk(?=[-\r,&])", b"mango-msk", raw)
    return _CONTEXT.sub(lambda found: CONTEXTS[found[0]], raw)


def chan_sip_with_a_system_name(raw: bytes) -> bytes:
    raw = re.sub(rb"(?<=[\r\n: ,&])PJSIP/", b"SIP/", raw)
    raw = re.sub(rb"(?<=[@/])trunk(?=[-\r,&])", b"74951112233", raw)
    return re.sub(rb"(?<=[iI][dD]: )(\d{10}\.\d+)(?=\r)", rb"office-\1", raw)


def long_extensions(raw: bytes) -> bytes:
    """2xx becomes 452xx, queues and rooms too; times and other numbers stay."""
    lines = raw.split(b"\r\n")
    plain = (b"Timestamp", b"Uptime", b"Cause", b"EventTime", b"Duration", b"SequenceNumber", b"ChannelState:")
    number = re.compile(rb"(?<![\d.:])(2[0-3]\d|60[12]|610|800)(?![\d:])")
    return b"\r\n".join(line if line.startswith(plain) else number.sub(rb"45\1", line) for line in lines)


def local_customers(raw: bytes) -> bytes:
    """Customers show six digits, and the office has numbers of seven."""
    raw = re.sub(rb"(?<!\d)\+?79\d{4}(\d{5})(?!\d)", rb"3\1", raw)
    raw = re.sub(rb"(?<!\d)89\d{4}(\d{5})(?!\d)", rb"3\1", raw)
    return re.sub(rb"(?<!\d)(?:7495|7800)(\d{7})(?!\d)", rb"\1", raw)


def played(name: str, change: Change, keeps: Callable[[Message], bool] = lambda _: True) -> list[dict[str, object]]:
    """The calls of a scenario whose messages were changed one by one."""
    kept: dict[str, Any] = {}
    assembler = Assembler(Office(), pbx="pbx")
    sequence, last_at = 1, 0.0
    for number, connection in enumerate(connections([SCENARIOS / name])):
        messages = [
            Message(told.sequence, told.received_at, change(told.raw))
            for told in connection.messages(sequence)
            if keeps(told) and (translate(told) is not None or not told.name)  # the others tell nothing
        ]
        if number:
            assembler.disconnected(moment(last_at), sequence, "link_cut")
        assembler.connected(moment(max(messages[0].received_at, last_at)), messages[0].sequence)
        for message in messages:
            assembler.feed(message)
        sequence, last_at = messages[-1].sequence + 1, max(last_at, messages[-1].received_at)
    assembler.finish(moment(last_at))
    keep(kept, assembler)
    return [contract(facts) for facts in kept.values()]


def wrong(name: str, calls: list[dict[str, object]], change: Change) -> list[str]:
    truth = _changed(json.loads((SCENARIOS / name / "truth.json").read_text("utf-8")), change)
    score = score_calls.score_scenario(score_calls.read_scenario(name, truth, SCENARIOS / name), calls)
    return [
        f"{label}: {field}: expected {verdict.expected}, got {verdict.got}"
        for label, field, verdict in score.items()
        if not verdict.right
    ]


def _changed(truth: Any, change: Change) -> Any:
    if isinstance(truth, dict):
        return {key: _changed(value, change) for key, value in truth.items()}
    if isinstance(truth, list):
        return [_changed(value, change) for value in truth]
    return change(truth.encode()).decode() if isinstance(truth, str) else truth


def _same(raw: bytes) -> bytes:
    return raw


@pytest.mark.parametrize(
    ("events", "truths"),
    [
        (other_names, _same),
        (chan_sip_with_a_system_name, _same),
        (long_extensions, long_extensions),
        (local_customers, local_customers),
    ],
    ids=["names", "chan_sip", "extensions", "customers"],
)
def test_scenarios_of_an_office_with_other_names_and_numbers_give_their_calls(events: Change, truths: Change) -> None:
    found = {name: wrong(name, played(name, events), truths) for name in NAMES}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_scenarios_without_bills_and_channel_event_log_give_their_calls() -> None:
    found = {name: wrong(name, played(name, _same, lambda m: m.name not in ("CEL", "Cdr")), _same) for name in NAMES}

    assert {name: lines for name, lines in found.items() if lines} == {}


# What CEL does not tell, by scenario; everything else of these calls is right too.
NOT_IN_CEL = {
    "click_to_call": {"caller_name", "rang"},  # that the PBX dialled the employee, and rang him
    "click_to_call_customer_noanswer": {"caller_name", "rang"},
    "parking_timeout_comes_back": {"transfers"},  # the parking place
    "recording_split_legs": {"recordings"},  # the files of the two sides
    "transfer_attended_customer_hangs_up": {"transfers"},  # that somebody was on hold
    "transfer_blonde_by_feature_code": {"transfers", "ended_at"},  # whom the PBX called for the giver
}


def test_scenarios_told_by_the_channel_event_log_alone_give_their_calls() -> None:
    found = {}
    for name in set(NAMES) - {"connect_mid_call"}:  # it has no calls in CEL: the one began before, the other is cut
        lines = wrong(name, played(name, _same, lambda m: m.name in ("CEL", "VarSet", "")), _same)
        found[name] = [line for line in lines if line.split(": ")[1] not in NOT_IN_CEL.get(name, set())]

    assert {name: lines for name, lines in found.items() if lines} == {}
