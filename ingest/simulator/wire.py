"""Messages of the manager interface as bytes: events of channels, bridges and queues in Asterisk's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

STATES = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up"}
CAUSES = {
    0: "Unknown", 1: "Unallocated (unassigned) number", 16: "Normal Clearing", 17: "User busy",
    19: "User alerting, no answer", 20: "Subscriber absent", 26: "Answered elsewhere",
    34: "Circuit/channel congestion", 127: "Interworking, unspecified",
}  # fmt: skip
UNKNOWN = "<unknown>"
_CLASSES = {
    "VarSet": "dialplan", "Newexten": "dialplan", "Cdr": "cdr", "FullyBooted": "system",
    "QueueCallerJoin": "agent", "QueueCallerLeave": "agent", "QueueCallerAbandon": "agent", "AgentCalled": "agent",
    "AgentConnect": "agent", "AgentComplete": "agent", "AgentRingNoAnswer": "agent", "QueueMemberStatus": "agent",
}  # fmt: skip
_TICK_S = 0.000_012  # between events of one moment

Field = tuple[str, object]


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """One channel while it lives."""

    name: str
    uniqueid: str
    linkedid: str
    state: int
    number: str
    caller_name: str
    context: str
    exten: str
    began_at: float
    connected: str = UNKNOWN
    connected_name: str = UNKNOWN
    priority: int = 1
    application: str = ""
    data: str = ""
    bridge: str = ""

    def fields(self, prefix: str = "") -> str:
        """The headers that show this channel."""
        p = prefix
        return (
            f"{p}Channel: {self.name}\r\n{p}ChannelState: {self.state}\r\n{p}ChannelStateDesc: {STATES[self.state]}\r\n"
            f"{p}CallerIDNum: {self.number}\r\n{p}CallerIDName: {self.caller_name}\r\n"
            f"{p}ConnectedLineNum: {self.connected}\r\n{p}ConnectedLineName: {self.connected_name}\r\n"
            f"{p}Language: ru\r\n{p}AccountCode: \r\n{p}Context: {self.context}\r\n{p}Exten: {self.exten}\r\n"
            f"{p}Priority: {self.priority}\r\n{p}Uniqueid: {self.uniqueid}\r\n{p}Linkedid: {self.linkedid}\r\n"
        )

    def goes(self, context: str, exten: str, priority: int = 1) -> None:
        """The dialplan sends it somewhere."""
        self.context, self.exten, self.priority = context, exten, priority


@dataclass(slots=True, kw_only=True, eq=False)
class Bridge:
    """A basic bridge and who is in it."""

    uniqueid: str
    members: list[Channel] = field(default_factory=list)

    def fields(self, prefix: str = "") -> str:
        p = prefix
        return (
            f"{p}BridgeUniqueid: {self.uniqueid}\r\n{p}BridgeType: basic\r\n{p}BridgeTechnology: simple_bridge\r\n"
            f"{p}BridgeCreator: {UNKNOWN}\r\n{p}BridgeName: {UNKNOWN}\r\n"
            f"{p}BridgeNumChannels: {len(self.members)}\r\n{p}BridgeVideoSourceMode: none\r\n"
        )


class Wire:
    """Stamps events and hands their bytes to `emit`."""

    def __init__(self, emit: Callable[[bytes], None], *, now: float) -> None:
        self.now = now  # set by whoever plays the office
        self.events = 0
        self._emit = emit
        self._last = now

    def event(self, name: str, *parts: str, more: Iterable[Field] = ()) -> None:
        """One event; `parts` are ready headers, `more` follow them."""
        self._last = max(self._last + _TICK_S, self.now)
        tail = "".join(f"{key}: {value}\r\n" for key, value in more)
        head = f"Event: {name}\r\nPrivilege: {_CLASSES.get(name, 'call')},all\r\nTimestamp: {self._last:.6f}\r\n"
        self._emit(f"{head}{''.join(parts)}{tail}\r\n".encode())
        self.events += 1

    @property
    def stamp(self) -> float:
        """The time of the latest event."""
        return self._last


def message(fields: Iterable[Field]) -> bytes:
    """A message that is no stamped event: an answer, or an item of a list."""
    return ("".join(f"{key}: {value}\r\n" for key, value in fields) + "\r\n").encode()
