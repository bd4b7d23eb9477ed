"""Asterisk's manager events in the words of `ingest.events`.

Most of a stream (VarSet, RTCP, Newexten of no interest) is dropped by name before a header is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.events import FINISHED_FILE, CallEvent, Channel, Kind
from ingest.sources import old_events as old
from ingest.sources.cel_events import translate_cel
from ingest.sources.headers import channel_of, channel_reader, moment, picked
from ingest.stream import Message

# Applications that tell something about a call; matched on the raw bytes.
APPLICATIONS = frozenset(
    {
        "dial", "queue", "voicemail", "voicemailmain", "minivmrecord", "confbridge", "meetme", "page", "followme",
        "background", "backgrounddetect", "waitexten", "read", "playback", "ivr", "directory", "dictate", "record",
        "park", "parkedcall", "parkandannounce", "chanspy", "extenspy", "pickup", "pickupchan", "gotoiftime",
        "busy", "congestion", "originate", "mixmonitor", "echo", "milliwatt", "musiconhold", "stasis", "agi", "answer",
        "disa",
    }
)  # fmt: skip
_VARIABLES = (b"MIXMONITOR_FILENAME", b"FROM_DID", b"__FROM_DID")
_RECORDING_EVENTS = {"StartRecording": Kind.RECORD_FILE, "StopRecording": Kind.RECORD_STOP}
_VARIABLE = b"\nVariable: "
_APPLICATION = b"\nApplication: "


def translate(message: Message) -> CallEvent | None:
    """The message as a call event; None if calls do not depend on it."""
    make = _MAKERS.get(message.name)
    return make(message) if make is not None else None


def _about(
    kind: Kind, *names: str, main: str = "", other: str | None = None, more: tuple[str, ...] = ()
) -> Callable[[Message], CallEvent | None]:
    """A maker of events of `kind` about the channel with prefix `main` (and `other`, and `more`)."""

    read_main, read_more = channel_reader(main), [channel_reader(prefix) for prefix in more]
    read_other = channel_reader(other) if other is not None else None

    def make(message: Message) -> CallEvent | None:
        fields = message.fields
        channel = read_main(fields)
        second = read_other(fields) if read_other is not None else None
        if channel is None and second is None:
            return None
        return CallEvent(
            kind,
            message.sequence,
            moment(message),
            channel,
            second,
            tuple([found for read in read_more if (found := read(fields)) is not None]) if read_more else (),
            fields.get("BridgeUniqueid", ""),
            picked(fields, names) if names else {},
        )

    return make


def _plain(kind: Kind, *names: str) -> Callable[[Message], CallEvent | None]:
    """A maker of events about no channel."""

    def make(message: Message) -> CallEvent | None:
        return CallEvent(kind, message.sequence, moment(message), fields=picked(message.fields, names))

    return make


_app = _about(Kind.CHANNEL_APP, "Application", "AppData")


def _newexten(message: Message) -> CallEvent | None:
    raw = message.raw
    if raw:
        start = raw.find(_APPLICATION) + len(_APPLICATION)
        end = raw.find(b"\n", start)
        application = raw[start:end].strip().decode("utf-8", "replace")
    else:
        application = message.fields.get("Application", "")
    return _app(message) if application.lower() in APPLICATIONS else None


_record_file = _about(Kind.RECORD_FILE, "Variable", "Value")


def _varset(message: Message) -> CallEvent | None:
    raw = message.raw
    if raw and not raw.startswith(_VARIABLES, raw.find(_VARIABLE) + len(_VARIABLE)):
        return None
    variable = message.fields.get("Variable", "")
    value = message.fields.get("Value", "")
    if not value:
        return None
    event = _record_file(message) if variable in ("MIXMONITOR_FILENAME", "FROM_DID", "__FROM_DID") else None
    if event is not None and variable != "MIXMONITOR_FILENAME":
        return event._replace(kind=Kind.OFFICE_NUMBER)
    return event


def _user_event(message: Message) -> CallEvent | None:
    """MikoPBX names the finished file of a recording, and the channel that is recorded by its name.

    Its dialplan sends the channel's headers too; its call worker sends the event by an action, without them.
    """
    fields = message.fields
    kind = _RECORDING_EVENTS.get(fields.get("UserEvent", ""))
    named = {name.lower(): value for name, value in fields.items()}
    file, name = named.get("recordingfile", ""), named.get("recchan", "")
    uniqueid = named.get("uniqueid", "")
    channel = channel_of(fields) or (channel_of({**fields, "Uniqueid": uniqueid}) if uniqueid else None)
    if name and (channel is None or channel.name != name):
        channel = Channel("", name, "", None, "", "", "", "", "", "")
    if kind is None or channel is None or (kind is Kind.RECORD_FILE and not file):
        return None
    return CallEvent(
        kind, message.sequence, moment(message), channel, fields={"Value": file, FINISHED_FILE: "1"} if file else {}
    )


def _conference_room(kind: Kind) -> Callable[[Message], CallEvent | None]:
    make = _about(kind, "Conference", "Meetme")

    def named(message: Message) -> CallEvent | None:
        event = make(message)
        if event is None:
            return None
        room = event.fields.get("Conference") or event.fields.get("Meetme") or ""
        return event._replace(fields={"Conference": room})

    return named


_dial_begin = _about(Kind.DIAL_BEGIN, "DialString", other="Dest")
_dial_end = _about(Kind.DIAL_END, "DialStatus", "Forward", other="Dest")


def _answer(message: Message) -> CallEvent | None:
    """Answers to actions: only CoreStatus matters, it tells when the PBX came up."""
    if b"CoreStartupTime" not in message.raw:
        return None
    return CallEvent(
        Kind.STARTED_AT,
        message.sequence,
        message.received_at,
        fields=picked(message.fields, ("CoreStartupDate", "CoreStartupTime")),
    )


_recorded_bill = _about(Kind.BILL, "RecordingFile", "recordingfile", "DID", "did")


def _bill(message: Message) -> CallEvent | None:
    """Of a CDR only the file and the office number are of use, where the dialplan writes them."""
    event = _recorded_bill(message)
    return event if event is not None and event.fields else None


_DEVICE = re.compile(rb"\nDevice: (?!Local/|Queue:|Custom:|Confbridge:|parking:|Message/)[A-Za-z0-9]+/")
_device_told = _plain(Kind.DEVICE, "Device", "State")


def _device(message: Message) -> CallEvent | None:
    """The state of a phone or line; those of Local channels and queues, the most of them, stay unread."""
    return _device_told(message) if not message.raw or _DEVICE.search(message.raw) else None


def _endpoint(message: Message) -> CallEvent:
    """The same in stock-taking: a PJSIP endpoint, its state in words."""
    fields = message.fields
    told = {"Device": f"PJSIP/{fields.get('ObjectName', '')}", "State": fields.get("DeviceState", "")}
    return CallEvent(Kind.DEVICE, message.sequence, moment(message), fields=told)


def _cel(message: Message) -> CallEvent | None:
    return translate_cel(message, moment(message))


_BRIDGE = ("BridgeType", "BridgeTechnology", "SwapUniqueid")
_MEMBER = (
    "Queue", "MemberName", "Name", "Interface", "Location", "StateInterface", "Paused", "PausedReason", "Reason",
    "LoginTime", "LastPause", "Status", "Membership", "CallsTaken", "LastCall",
)  # fmt: skip

_MAKERS: dict[str, Callable[[Message], CallEvent | None]] = {
    "Newchannel": _about(Kind.CHANNEL_NEW),
    "Newstate": _about(Kind.CHANNEL_STATE),
    "NewCallerid": _about(Kind.CHANNEL_CALLER),
    "Newexten": _newexten,
    "VarSet": _varset,
    "Hangup": _about(Kind.CHANNEL_GONE, "Cause"),
    "HangupRequest": _about(Kind.HANGUP_ASKED),
    "CoreShowChannel": _about(Kind.CHANNEL_SEEN, "Duration", "BridgeId", "Application", "ApplicationData", "DNID"),
    "Status": _about(Kind.CHANNEL_SEEN, "Seconds", "BridgeID", "Application", "Data", "DNID"),
    "CoreShowChannelsComplete": _plain(Kind.STOCK_COMPLETE),
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "Dial": old.dial,
    "Bridge": old.bridge,
    "Link": old.bridge,
    "Unlink": old.bridge,
    "Rename": old.rename,
    "Transfer": old.transfer,
    "LocalBridge": _about(Kind.LOCAL_PAIR, main="LocalOne", other="LocalTwo"),
    "BridgeEnter": _about(Kind.BRIDGE_ENTER, *_BRIDGE),
    "BridgeLeave": _about(Kind.BRIDGE_LEAVE, *_BRIDGE),
    "QueueCallerJoin": _about(Kind.QUEUE_JOIN, "Queue", "Position"),
    "QueueCallerLeave": _about(Kind.QUEUE_LEAVE, "Queue"),
    "QueueCallerAbandon": _about(Kind.QUEUE_ABANDON, "Queue", "HoldTime", "OriginalPosition"),
    "QueueEntry": _about(Kind.QUEUE_SEEN, "Queue", "Position", "Wait"),
    "Join": _about(Kind.QUEUE_JOIN, "Queue", "Position"),
    "Leave": _about(Kind.QUEUE_LEAVE, "Queue"),
    "AgentCalled": old.agent_called(_about(Kind.AGENT_CALLED, "Queue", "Interface", "MemberName", other="Dest")),
    "AgentConnect": old.agent_connect(
        _about(Kind.AGENT_CONNECT, "Queue", "Interface", "MemberName", "HoldTime", other="Dest")
    ),
    "AgentComplete": _about(Kind.AGENT_COMPLETE, "Queue", "Interface", "Reason", other="Dest"),
    "Hold": old.hold(_about(Kind.HOLD)),
    "Unhold": _about(Kind.UNHOLD),
    "BlindTransfer": _about(Kind.TRANSFER_BLIND, "Extension", "Result", main="Transferer", other="Transferee"),
    "AttendedTransfer": _about(
        Kind.TRANSFER_ATTENDED,
        "Result",
        "DestType",
        "SecondTransfererExten",
        main="OrigTransferer",
        other="Transferee",
        more=("SecondTransferer", "TransferTarget"),
    ),
    "Pickup": old.pickup(_about(Kind.PICKUP, other="Target")),
    "ParkedCall": old.parking(
        Kind.PARK,
        _about(Kind.PARK, "ParkingSpace", "ParkerDialString", "ParkingLot", main="Parkee", other="Parker"),
    ),
    "UnParkedCall": old.parking(Kind.UNPARK, _about(Kind.UNPARK, "ParkingSpace", main="Parkee", other="Retriever")),
    "ParkedCallTimeOut": old.parking(Kind.PARK_END, _about(Kind.PARK_END, "ParkingSpace", main="Parkee")),
    "ParkedCallGiveUp": old.parking(Kind.PARK_END, _about(Kind.PARK_END, "ParkingSpace", main="Parkee")),
    "ConfbridgeJoin": _conference_room(Kind.CONFERENCE_JOIN),
    "ConfbridgeLeave": _conference_room(Kind.CONFERENCE_LEAVE),
    "MeetmeJoin": _conference_room(Kind.CONFERENCE_JOIN),
    "MeetmeLeave": _conference_room(Kind.CONFERENCE_LEAVE),
    "ChanSpyStart": _about(Kind.SPY_START, main="Spyer", other="Spyee"),
    "ChanSpyStop": _about(Kind.SPY_STOP, main="Spyer", other="Spyee"),
    "MixMonitorStart": _about(Kind.RECORD_START),
    "MixMonitorStop": _about(Kind.RECORD_STOP),
    "UserEvent": _user_event,
    "Cdr": _bill,
    "CEL": _cel,
    "QueueMember": _plain(Kind.MEMBER, *_MEMBER),
    "QueueStatusComplete": _plain(Kind.MEMBERS_TOLD),
    "QueueMemberStatus": _plain(Kind.MEMBER, *_MEMBER),
    "QueueMemberAdded": _plain(Kind.MEMBER, *_MEMBER),
    "QueueMemberPause": _plain(Kind.MEMBER, *_MEMBER),
    "QueueMemberPaused": _plain(Kind.MEMBER, *_MEMBER),
    "QueueMemberRemoved": _plain(Kind.MEMBER_GONE, *_MEMBER),
    "DeviceStateChange": _device,
    "EndpointList": _endpoint,
    "FullyBooted": _plain(Kind.BOOTED, "Uptime"),
    "Shutdown": _plain(Kind.SHUTDOWN),
    "": _answer,
}
