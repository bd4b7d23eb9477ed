"""The switch of the pretend office: channels, dials, bridges and queues, told as Asterisk tells them.

The order of events is that of the captures of a real PBX; who calls whom and when is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from ingest.simulator.wire import CAUSES, UNKNOWN, Bridge, Channel, Wire

DOWN, RING, RINGING, UP = 0, 4, 5, 6
_DIAL_VARIABLES = (
    "DIALSTATUS", "DIALEDPEERNUMBER", "DIALEDPEERNAME", "ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME",
    "DIALEDTIME_MS", "RINGTIME", "RINGTIME_MS", "PROGRESSTIME",
)  # fmt: skip


class Pbx:
    """Living channels and bridges, and the verbs that change them."""

    def __init__(self, emit: Callable[[bytes], None], *, now: float, zone: ZoneInfo) -> None:
        self.wire = Wire(emit, now=now)
        self.started_at = now
        self.channels: dict[str, Channel] = {}
        self._zone = zone
        self._channels_made = 0
        self._devices_made = 0
        self._locals_made = 0
        self._bridges_made = 0

    # ------------------------------------------------------------------ channels

    def channel(
        self,
        device: str,
        *,
        number: str,
        name: str,
        context: str,
        exten: str,
        state: int,
        linked: Channel | None = None,
    ) -> Channel:
        """A new channel of a device; part of the call of `linked`, else the first of a call."""
        self._devices_made += 1
        return self._born(f"{device}-{self._devices_made:08x}", number, name, context, exten, state, linked)

    def local(self, exten: str, context: str, caller: Channel) -> tuple[Channel, Channel]:
        """Both halves of a Local channel."""
        pair = f"Local/{exten}@{context}-{self._locals_made:08x}"
        self._locals_made += 1
        one = self._born(f"{pair};1", UNKNOWN, UNKNOWN, context, exten, DOWN, caller)
        two = self._born(f"{pair};2", UNKNOWN, UNKNOWN, context, exten, RING, caller)
        two.number, two.caller_name = caller.number, caller.caller_name
        one.connected, one.connected_name = caller.number, caller.caller_name
        self.wire.event(
            "LocalBridge", one.fields("LocalOne"), two.fields("LocalTwo"),
            more=(("Context", context), ("Exten", exten), ("LocalOptimization", "No")),
        )  # fmt: skip
        return one, two

    def state(self, channel: Channel, state: int) -> None:
        channel.state = state
        self.wire.event("Newstate", channel.fields())

    def run(self, channel: Channel, application: str, data: str = "") -> None:
        """The dialplan runs an application on the channel."""
        channel.application, channel.data = application, data
        self.wire.event(
            "Newexten", channel.fields(),
            more=(("Extension", channel.exten), ("Application", application), ("AppData", data)),
        )  # fmt: skip
        channel.priority += 1

    def variable(self, channel: Channel, name: str, value: str = "") -> None:
        self.wire.event("VarSet", channel.fields(), more=(("Variable", name), ("Value", value)))

    def asks_to_hang_up(self, channel: Channel, cause: int | None = None) -> None:
        """The far end of the channel hung up."""
        self.wire.event("HangupRequest", channel.fields(), more=() if cause is None else (("Cause", cause),))

    def hang_up(self, channel: Channel, cause: int) -> None:
        """The channel is gone."""
        del self.channels[channel.uniqueid]
        self.wire.event("Hangup", channel.fields(), more=(("Cause", cause), ("Cause-txt", CAUSES[cause])))

    def soft_hang_up(self, channel: Channel, cause: int = 16) -> None:
        self.wire.event("SoftHangupRequest", channel.fields(), more=(("Cause", cause),))

    def _born(
        self, name: str, number: str, caller: str, context: str, exten: str, state: int, linked: Channel | None
    ) -> Channel:
        uniqueid = f"{int(self.wire.now)}.{self._channels_made}"
        self._channels_made += 1
        channel = Channel(
            name=name, uniqueid=uniqueid, linkedid=linked.linkedid if linked is not None else uniqueid, state=state,
            number=number, caller_name=caller, context=context, exten=exten, began_at=self.wire.now,
        )  # fmt: skip
        self.channels[uniqueid] = channel
        self.wire.event("Newchannel", channel.fields())
        return channel

    # ------------------------------------------------------------------ dialling

    def dial_variables(self, channel: Channel) -> None:
        """What Dial clears before it begins."""
        for name in _DIAL_VARIABLES:
            self.variable(channel, name)

    def dial(self, caller: Channel, target: Channel, dialled: str, exten: str) -> None:
        """Dialling of a channel begins; until it rings the target is as it was made."""
        target.exten = exten
        target.connected, target.connected_name = caller.number, caller.caller_name
        self.wire.event("NewConnectedLine", target.fields())
        self.wire.event("DialBegin", caller.fields(), target.fields("Dest"), more=(("DialString", dialled),))

    def rings(self, caller: Channel, target: Channel) -> None:
        self.state(target, RINGING)
        if not caller.bridge:
            caller.connected, caller.connected_name = target.number, target.caller_name
        self.wire.event("DialState", caller.fields(), target.fields("Dest"), more=(("DialStatus", "RINGING"),))

    def dial_ends(self, caller: Channel, target: Channel, status: str) -> None:
        self.wire.event("DialEnd", caller.fields(), target.fields("Dest"), more=(("DialStatus", status),))

    def rings_alone(self, phone: Channel) -> None:
        """A phone rings that the PBX calls by itself: there is no caller's channel."""
        self.wire.event("DialBegin", phone.fields("Dest"), more=(("DialString", phone.number),))
        self.state(phone, RINGING)
        self.wire.event("DialState", phone.fields("Dest"), more=(("DialStatus", "RINGING"),))

    def taken_alone(self, phone: Channel) -> None:
        """Somebody takes it."""
        self.state(phone, UP)
        self.wire.event("DialEnd", phone.fields("Dest"), more=(("DialStatus", "ANSWER"),))

    def records(self, channel: Channel, path: str) -> None:
        """A recording begins; the file is told by a variable only."""
        context, exten, priority = channel.context, channel.exten, channel.priority
        channel.goes("sub-rec", "s", 3)
        self.variable(channel, "MIXMONITOR_FILENAME", path)
        self.wire.event("MixMonitorStart", channel.fields())
        channel.goes(context, exten, priority)

    # ------------------------------------------------------------------ bridges

    def bridge(self, *channels: Channel) -> Bridge:
        """A new bridge with these channels, in the order in which they enter."""
        self._bridges_made += 1
        number = self._bridges_made
        bridge = Bridge(uniqueid=f"{number:08x}-5ca1-4ab1-8e55-{int(self.started_at) & 0xFFFFFFFFFFFF:012x}")
        self.wire.event("BridgeCreate", bridge.fields())
        for channel in channels:
            self.enters(bridge, channel)
        return bridge

    def enters(self, bridge: Bridge, channel: Channel) -> None:
        bridge.members.append(channel)
        channel.bridge = bridge.uniqueid
        self.wire.event("BridgeEnter", bridge.fields(), channel.fields())

    def leaves(self, bridge: Bridge, channel: Channel) -> None:
        bridge.members.remove(channel)
        channel.bridge = ""
        self.wire.event("BridgeLeave", bridge.fields(), channel.fields())
        if not bridge.members:
            self.wire.event("BridgeDestroy", bridge.fields())

    def holds(self, channel: Channel, other: Channel) -> None:
        """The phone of `channel` puts the other side on hold."""
        self.wire.event("Hold", channel.fields(), more=(("MusicClass", "default"),))
        self.music(other, begins=True)

    def takes_back(self, channel: Channel, other: Channel) -> None:
        self.wire.event("Unhold", channel.fields())
        self.music(other, begins=False)

    def music(self, channel: Channel, *, begins: bool) -> None:
        if begins:
            self.wire.event("MusicOnHoldStart", channel.fields(), more=(("Class", "default"),))
        else:
            self.wire.event("MusicOnHoldStop", channel.fields())

    # ------------------------------------------------------------------ records of calls

    def cdr(
        self,
        caller: Channel,
        target: Channel | None,
        *,
        destination: str,
        answered_at: float | None,
        disposition: str,
        did: str = "",
        recording: str = "",
    ) -> None:
        """The line for a pair of channels, in local time without a zone, as the PBX writes it."""
        end = self.wire.now
        self.wire.event(
            "Cdr",
            more=(
                ("AccountCode", ""), ("Source", caller.number), ("Destination", destination),
                ("DestinationContext", caller.context),
                ("CallerID", f'"{_blank(caller.caller_name)}" <{caller.number}>'),
                ("Channel", caller.name), ("DestinationChannel", target.name if target is not None else ""),
                ("LastApplication", caller.application), ("LastData", caller.data),
                ("StartTime", self._local(caller.began_at)),
                ("AnswerTime", self._local(answered_at) if answered_at is not None else ""),
                ("EndTime", self._local(end)), ("Duration", int(end - caller.began_at)),
                ("BillableSeconds", int(end - answered_at) if answered_at is not None else 0),
                ("Disposition", disposition), ("AMAFlags", "DOCUMENTATION"), ("UniqueID", caller.uniqueid),
                ("UserField", ""), ("LinkedID", caller.linkedid), ("DID", did), ("RecordingFile", recording),
            ),
        )  # fmt: skip

    def moment(self) -> datetime:
        """Now, in the PBX's own time zone."""
        return datetime.fromtimestamp(self.wire.now, self._zone)

    def _local(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _blank(name: str) -> str:
    return "" if name == UNKNOWN else name
