"""A few lines of a timeline in, the calls that they make out.

Each line is `seconds  verb  who [more]  key=value …`. A word for a channel is its device: `201`
is PJSIP/201, `201.2` its second channel, `trunk` PJSIP/trunk, `SIP/x` itself; `L1a` and `L1b` are
the halves of a Local channel made by `local L1 exten=… from=…`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.model import Call, CallFacts, Leg
from ingest.assembler import Assembler, Office
from ingest.stream import Message

START = 1_795_370_000.0


@dataclass
class Phone:
    """A channel of the played PBX."""

    name: str
    uniqueid: str
    linkedid: str
    number: str = ""
    title: str = ""
    exten: str = ""
    context: str = ""
    state: str = "0"

    def headers(self, prefix: str = "") -> dict[str, str]:
        return {
            prefix + "Channel": self.name,
            prefix + "ChannelState": self.state,
            prefix + "CallerIDNum": self.number or "<unknown>",
            prefix + "CallerIDName": self.title or "<unknown>",
            prefix + "ConnectedLineNum": "<unknown>",
            prefix + "Context": self.context,
            prefix + "Exten": self.exten,
            prefix + "Uniqueid": self.uniqueid,
            prefix + "Linkedid": self.linkedid,
        }


@dataclass
class Script:
    """Turns timelines into messages."""

    phones: dict[str, Phone] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    sequence: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def messages(self, text: str, start: float = START) -> list[Message]:
        found: list[Message] = []
        for line in text.strip().splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            details = dict(word.split("=", 1) for word in words[2:] if "=" in word)
            who = [word for word in words[2:] if "=" not in word and word != ">"]
            for name, headers in self.events(words[1], who, details, start + float(words[0])):
                found.append(self.message(name, headers, start + float(words[0])))
        return found

    def message(self, name: str, headers: dict[str, str], at: float) -> Message:
        lines = [f"Event: {name}", f"Timestamp: {at:.6f}"] + [f"{key}: {value}" for key, value in headers.items()]
        return Message(next(self.sequence), at, ("\r\n".join(lines) + "\r\n").encode())

    def channel(self, word: str, at: float, link: str | None, details: dict[str, str]) -> Phone:
        uniqueid = f"{int(at)}.{next(self.numbers)}"
        device = word.split(".")[0]
        name = device if "/" in device else f"PJSIP/{device}"
        short = device.rpartition("/")[2]
        phone = Phone(
            name=f"{name}-{len(self.phones):08x}",
            uniqueid=uniqueid,
            linkedid=link or uniqueid,
            number=details.get("number", short if short.isdigit() else ""),
            title=details.get("name", "").replace("_", " "),
            exten=details.get("exten", "s"),
            context=details.get("context", "from-internal" if short.isdigit() else "from-trunk"),
        )
        self.phones[word] = phone
        return phone

    def events(
        self, verb: str, who: list[str], details: dict[str, str], at: float
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """The events of one line, by the verb."""
        phones = self.phones
        if verb == "new":
            link = phones[details["link"]].linkedid if "link" in details else None
            phone = self.channel(who[0], at, link, details)
            phone.state = "4"
            yield "Newchannel", phone.headers()
        elif verb == "local":
            yield from self.local(who[0], details, at)
        elif verb == "dial":
            yield from self.dial(who, details, at)
        elif verb in ("ring", "up"):
            for word in who:
                phones[word].state = "5" if verb == "ring" else "6"
                yield "Newstate", phones[word].headers()
        elif verb == "end":
            parent = phones[who[0]].headers() if who[0] != "-" else {}
            extra = {"Forward": details["forward"]} if "forward" in details else {}
            yield "DialEnd", {**parent, **phones[who[1]].headers("Dest"), "DialStatus": who[2], **extra}
        elif verb in ("join", "leave"):
            yield from self.bridging("BridgeEnter" if verb == "join" else "BridgeLeave", who, details)
        elif verb in ("talk", "part"):
            name = "BridgeEnter" if verb == "talk" else "BridgeLeave"
            bridge = details.get("bridge", "b-" + "-".join(sorted(who)))
            yield from self.bridging(name, who, {"bridge": bridge})
        elif verb == "gone":
            for word in who:
                yield "Hangup", {**phones[word].headers(), "Cause": details.get("cause", "16")}
        elif verb == "app":
            yield "Newexten", {**phones[who[0]].headers(), "Application": who[1], "AppData": details.get("data", "")}
        elif verb == "link":
            phones[who[0]].linkedid = phones[who[1]].linkedid
        else:
            yield from self.special(verb, who, details)

    def local(self, word: str, details: dict[str, str], at: float) -> Iterator[tuple[str, dict[str, str]]]:
        link = self.phones[details["from"]].linkedid if "from" in details else None
        serial = len(self.phones)
        base = f"Local/{details['exten']}@{details.get('context', 'from-queue')}-{serial:08x}"
        for number, half in enumerate("ab", 1):
            uniqueid = f"{int(at)}.{next(self.numbers)}"
            link = link or uniqueid
            phone = Phone(
                name=f"{base};{number}",
                uniqueid=uniqueid,
                linkedid=link,
                exten=details["exten"],
                context=details.get("context", "from-queue"),
                state="0" if half == "a" else "4",
            )
            self.phones[word + half] = phone
            yield "Newchannel", phone.headers()

    def dial(self, who: list[str], details: dict[str, str], at: float) -> Iterator[tuple[str, dict[str, str]]]:
        parent = self.phones[who[0]] if who[0] != "-" else None
        for word in who[1:]:
            target = self.phones.get(word)
            if target is None:
                target = self.channel(word, at, parent.linkedid if parent else None, details)
                yield "Newchannel", target.headers()
            string = details.get("string", word.split(".")[0].rpartition("/")[2])
            begin = {**(parent.headers() if parent else {}), **target.headers("Dest"), "DialString": string}
            yield "DialBegin", begin

    def bridging(self, name: str, who: list[str], details: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        for word in who:
            yield (
                name,
                {
                    "BridgeUniqueid": details["bridge"],
                    "BridgeType": details.get("type", "basic"),
                    "BridgeTechnology": details.get("technology", "simple_bridge"),
                    **self.phones[word].headers(),
                },
            )

    def special(self, verb: str, who: list[str], details: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        first = self.phones[who[0]] if who and who[0] in self.phones else None
        other = self.phones[who[1]] if len(who) > 1 and who[1] in self.phones else None
        named = {key[0].upper() + key[1:]: value for key, value in details.items()}
        match verb:
            case "queue-join" | "queue-leave" | "queue-abandon":
                yield "QueueCaller" + verb[6:].capitalize(), {**_of(first), **named}
            case "agent-called" | "agent-connect":
                name = "AgentCalled" if verb == "agent-called" else "AgentConnect"
                yield name, {**_of(first), **_of(other, "Dest"), **named}
            case "hold" | "unhold":
                yield verb.capitalize(), _of(first)
            case "asked":
                yield "HangupRequest", _of(first)
            case "blind":
                yield (
                    "BlindTransfer",
                    {"Result": "Success", **_of(first, "Transferer"), **_of(other, "Transferee"), **named},
                )
            case "attended":
                yield (
                    "AttendedTransfer",
                    {
                        "Result": "Success",
                        **_of(first, "OrigTransferer"),
                        **_of(other, "SecondTransferer"),
                        **(_of(self.phones[who[2]], "Transferee") if len(who) > 2 else {}),
                        **(_of(self.phones[who[3]], "TransferTarget") if len(who) > 3 else {}),
                        **named,
                    },
                )
            case "pickup":
                yield "Pickup", {**_of(first), **_of(other, "Target")}
            case "park":
                yield (
                    "ParkedCall",
                    {**_of(first, "Parkee"), "ParkerDialString": "PJSIP/" + who[1], "ParkingSpace": details["space"]},
                )
            case "unpark":
                yield (
                    "UnParkedCall",
                    {**_of(first, "Parkee"), **_of(other, "Retriever"), "ParkingSpace": details["space"]},
                )
            case "park-timeout" | "park-give-up":
                name = "ParkedCallTimeOut" if verb == "park-timeout" else "ParkedCallGiveUp"
                yield name, {**_of(first, "Parkee"), "ParkingSpace": details["space"]}
            case "conference-join" | "conference-leave":
                yield "Confbridge" + verb[11:].capitalize(), {**_of(first), "Conference": details["room"]}
            case "spy":
                yield "ChanSpyStart", {**_of(first, "Spyer"), **_of(other, "Spyee")}
            case "file":
                yield "VarSet", {**_of(first), "Variable": "MIXMONITOR_FILENAME", "Value": details["value"]}
            case "caller":
                if first is not None:
                    first.number, first.title = details.get("number", first.number), details.get("name", first.title)
                yield "NewCallerid", _of(first)
            case _:
                yield verb, {**_of(first), **named}


def _of(phone: Phone | None, prefix: str = "") -> dict[str, str]:
    return phone.headers(prefix) if phone is not None else {}


@dataclass
class Played:
    """What came of a timeline."""

    facts: list[CallFacts]

    @property
    def one(self) -> CallFacts:
        assert len(self.facts) == 1, [facts.call for facts in self.facts]
        return self.facts[0]

    @property
    def call(self) -> Call:
        return self.one.call

    @property
    def calls(self) -> list[Call]:
        return [facts.call for facts in self.facts]

    def leg(self, party: str) -> Leg:
        legs = [leg for facts in self.facts for leg in facts.legs if leg.party == party]
        assert len(legs) == 1, legs
        return legs[0]

    def transfers(self) -> list[tuple[str, str | None, str | None, bool]]:
        return [
            (str(made.kind), made.from_party, made.to_party, made.completed)
            for facts in self.facts
            for made in facts.transfers
        ]


def play(text: str, office: Office | None = None) -> Played:
    """The facts of a timeline, in the order in which the calls began."""
    return assemble(Script().messages(text), office)


def assemble(messages: list[Message], office: Office | None = None, take_every: int = 0) -> Played:
    """The facts of messages, taken at the end, or also after every so many."""
    assembler = Assembler(office or Office(), pbx="pbx")
    begun = messages[0].received_at if messages else START
    assembler.connected(datetime.fromtimestamp(begun, UTC), 0)
    kept: dict[str, CallFacts] = {}
    for count, message in enumerate(messages, 1):
        assembler.feed(message)
        if take_every and count % take_every == 0:
            keep(kept, assembler)
    assembler.finish(datetime.fromtimestamp(messages[-1].received_at if messages else START, UTC))
    keep(kept, assembler)
    return Played(sorted(kept.values(), key=lambda facts: (facts.call.started_at, facts.call.call_id)))


def keep(kept: dict[str, CallFacts], assembler: Assembler) -> None:
    """Take what changed, as a store would."""
    batch = assembler.take(live=False)
    for name in batch.retracted:
        kept.pop(name, None)
    for facts in batch.calls:
        for name in facts.aliases:
            kept.pop(name, None)
        kept[facts.call.call_id] = facts
