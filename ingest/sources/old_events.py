"""Events as Asterisk 1.6 to 11 sent them, in the words of `ingest.events`.

These versions tell no linked ids; both ends of a bridge stand in one event; the end of a Dial does
not name who was dialled; and what later became swaps in bridges was a masquerade: a channel takes
the place, and by `Rename` the name, of another one, whose shell is hung up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingest.events import UNDIALLED, CallEvent, Channel, Kind
from ingest.sources.headers import channel_of, moment, named, picked
from ingest.stream import Message

Maker = Callable[[Message], CallEvent | None]


def bridge(message: Message) -> CallEvent | None:
    """`Bridge` (with its state), `Link` and `Unlink`: two channels begin or cease to hear each other."""
    fields = message.fields
    first, second = _numbered(fields, "1"), _numbered(fields, "2")
    if first is None or second is None:
        return None
    state = fields.get("Bridgestate", message.name).lower()
    kind = Kind.BRIDGE_LEAVE if state == "unlink" else Kind.BRIDGE_ENTER
    pair = "|".join(sorted((first.uniqueid, second.uniqueid)))
    return CallEvent(kind, message.sequence, moment(message), first, second, bridge=pair)


def dial(message: Message) -> CallEvent | None:
    """`Dial`: its beginning names both channels, its end only who dialled."""
    fields = message.fields
    begins = fields.get("SubEvent", "Begin") == "Begin"
    renamed = {
        **fields,
        "Channel": fields.get("Channel") or fields.get("Source", ""),
        "Uniqueid": fields.get("UniqueID") or fields.get("Uniqueid") or fields.get("SrcUniqueID", ""),
        "DestUniqueid": fields.get("DestUniqueID", ""),
        "DestChannel": fields.get("Destination", ""),
        "DialString": fields.get("Dialstring", ""),
    }
    names = ("DialString",) if begins else ("DialStatus",)
    caller, called = channel_of(renamed), channel_of({**_own(renamed, "Dest")}, "Dest")
    if caller is None and called is None:
        return None
    kind = Kind.DIAL_BEGIN if begins else Kind.DIAL_END
    return CallEvent(kind, message.sequence, moment(message), caller, called, fields=picked(renamed, names))


def rename(message: Message) -> CallEvent | None:
    """The channel takes the place of the one whose name it gets; the steps between are left out."""
    fields = message.fields
    name, new = fields.get("Channel", ""), fields.get("Newname", "")
    channel = channel_of(fields)
    if channel is None or not new or new.endswith((MASQUERADE, ZOMBIE)) or name.endswith(MASQUERADE):
        return None
    place = named(new)
    return CallEvent(Kind.SWAP, message.sequence, moment(message), channel, place)


MASQUERADE, ZOMBIE = "<MASQ>", "<ZOMBIE>"


def hold(otherwise: Maker) -> Maker:
    """`Hold` with a status, on or off."""
    return lambda message: _as(otherwise(message), Kind.UNHOLD if message.fields.get("Status") == "Off" else None)


def agent_called(otherwise: Maker) -> Maker:
    """`AgentCalled` with the name of the channel called instead of its headers."""

    def make(message: Message) -> CallEvent | None:
        fields = message.fields
        if "DestinationChannel" not in fields:
            return otherwise(message)
        caller = channel_of({"Channel": fields.get("ChannelCalling", ""), "Uniqueid": fields.get("Uniqueid", "")})
        told = {
            "Queue": fields.get("Queue", ""),
            "Interface": fields.get("AgentCalled", ""),
            "MemberName": fields.get("AgentName", ""),
            UNDIALLED: "yes",
        }
        called = named(fields["DestinationChannel"])
        return CallEvent(Kind.AGENT_CALLED, message.sequence, moment(message), caller, called, fields=told)

    return make


def agent_connect(otherwise: Maker) -> Maker:
    """`AgentConnect` whose channel is the member's, though its unique id is the caller's."""

    def make(message: Message) -> CallEvent | None:
        fields = message.fields
        if "BridgedChannel" not in fields:
            return otherwise(message)
        told = {
            "Queue": fields.get("Queue", ""),
            "Interface": fields.get("Member", ""),
            "MemberName": fields.get("MemberName", ""),
            "HoldTime": fields.get("Holdtime", ""),
        }
        caller = named("", fields.get("Uniqueid", ""))
        member = named(fields.get("Channel", ""), fields["BridgedChannel"])
        return CallEvent(Kind.AGENT_CONNECT, message.sequence, moment(message), caller, member, fields=told)

    return make


def transfer(message: Message) -> CallEvent | None:
    """`Transfer` of chan_sip: attended and blind in one event."""
    fields = message.fields
    giver = channel_of(fields)
    target = named(fields.get("TargetChannel", ""), fields.get("TargetUniqueid", ""))
    if giver is None:
        return None
    if fields.get("TransferType", "").lower() == "blind":
        told = {"Extension": fields.get("TransferExten", "")}
        return CallEvent(Kind.TRANSFER_BLIND, message.sequence, moment(message), giver, target, fields=told)
    return CallEvent(
        Kind.TRANSFER_ATTENDED,
        message.sequence,
        moment(message),
        giver,
        more=(target,) if target is not None else (),
        fields={"SecondTransfererExten": fields.get("TransferExten", "")},
    )


def pickup(otherwise: Maker) -> Maker:
    """`Pickup` that tells only the name of the channel that rang."""

    def make(message: Message) -> CallEvent | None:
        event, name = otherwise(message), message.fields.get("TargetChannel", "")
        return event._replace(other=named(name)) if event is not None and event.other is None else event

    return make


def parking(kind: Kind, otherwise: Maker) -> Maker:
    """`ParkedCall` and its kin, in which the parked channel has no prefix and the other only a name."""

    def make(message: Message) -> CallEvent | None:
        fields = message.fields
        if "ParkeeUniqueid" in fields or "ParkeeChannel" in fields:
            return otherwise(message)
        parked = named(fields.get("Channel", ""), fields.get("Uniqueid") or fields.get("UniqueID") or "")
        if parked is None:
            return None
        by = fields.get("From", "")
        told = {"ParkingSpace": fields.get("Exten", ""), "ParkerDialString": by.rpartition("-")[0]}
        other = named(by) if kind is Kind.UNPARK else None
        return CallEvent(kind, message.sequence, moment(message), parked, other, fields=told)

    return make


def _numbered(fields: Mapping[str, str], number: str) -> Channel | None:
    uniqueid = fields.get("Uniqueid" + number, "")
    return named(fields.get("Channel" + number, ""), uniqueid) if uniqueid else None


def _own(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name.startswith(prefix)}


def _as(event: CallEvent | None, kind: Kind | None) -> CallEvent | None:
    return event._replace(kind=kind) if event is not None and kind is not None else event
