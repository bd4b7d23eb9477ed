"""Channel event logging (`Event: CEL`) in the words of `ingest.events`.

For PBXs that send CEL and no channel events; where both come, the assembler leaves CEL out.
CEL tells neither ringing nor who dialled whom: the linked id stands for the latter.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from ingest.events import CallEvent, Channel, Kind
from ingest.stream import Message

_KINDS = {
    "CHAN_START": Kind.CHANNEL_NEW,
    "ANSWER": Kind.CHANNEL_STATE,
    "APP_START": Kind.CHANNEL_APP,
    "HANGUP": Kind.CHANNEL_LINK,  # its end is CHAN_END; this one tells the cause
    "CHAN_END": Kind.CHANNEL_GONE,
    "BRIDGE_ENTER": Kind.BRIDGE_ENTER,
    "BRIDGE_EXIT": Kind.BRIDGE_LEAVE,
    "BRIDGE_START": Kind.BRIDGE_ENTER,  # up to Asterisk 11: one event for both ends
    "BRIDGE_END": Kind.BRIDGE_LEAVE,
    "BLINDTRANSFER": Kind.TRANSFER_BLIND,
    "ATTENDEDTRANSFER": Kind.TRANSFER_ATTENDED,
    "PICKUP": Kind.PICKUP,
    "PARK_START": Kind.PARK,
    "PARK_END": Kind.PARK_END,
}


def translate_cel(message: Message, at: float) -> CallEvent | None:
    """The CEL event as a call event; None if calls do not depend on it."""
    fields = message.fields
    name = fields.get("EventName", "")
    kind = _KINDS.get(name)
    uniqueid = fields.get("UniqueID") or fields.get("Uniqueid") or ""
    if kind is None or not uniqueid:
        return None
    extra = _extra(fields.get("Extra", ""))
    channel = Channel(
        uniqueid,
        fields.get("Channel", ""),
        fields.get("LinkedID") or fields.get("Linkedid") or "",
        6 if name == "ANSWER" else None,
        fields.get("CallerIDnum", ""),
        fields.get("CallerIDname", ""),
        "",
        fields.get("Exten", ""),
        fields.get("Context", ""),
        fields.get("AccountCode", ""),
    )
    event = CallEvent(kind, message.sequence, at, channel, fields=_details(name, fields, extra), from_cel=True)
    if name in ("BRIDGE_ENTER", "BRIDGE_EXIT"):
        return event._replace(bridge=extra.get("bridge_id", ""))
    if name in ("BRIDGE_START", "BRIDGE_END"):
        peer = fields.get("Peer", "")
        return event._replace(bridge="|".join(sorted((channel.name, peer))))
    return _with_parties(event, name, extra)


def _with_parties(event: CallEvent, name: str, extra: Mapping[str, str]) -> CallEvent:
    """The other channels of a transfer, pickup or parking, which stand in `Extra`."""
    if name == "BLINDTRANSFER":
        return event._replace(other=_named(extra, "transferee_channel_"))
    if name == "ATTENDEDTRANSFER":
        more = (_named(extra, "channel2_"), _named(extra, "transfer_target_channel_"))
        known = tuple(channel for channel in more if channel is not None)
        return event._replace(other=_named(extra, "transferee_channel_"), more=known)
    if name == "PICKUP":  # it is told of the phone that rang
        return event._replace(
            channel=_named(extra, "pickup_channel_", extra.get("pickup_channel", "")), other=event.channel
        )
    if name == "PARK_END" and extra.get("retriever"):
        return event._replace(kind=Kind.UNPARK, other=_named(extra, "retriever_", extra["retriever"]))
    return event


def _details(name: str, fields: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    if name == "HANGUP":
        source = extra.get("hangupsource", "")
        asked = "yes" if source and source == fields.get("Channel") else ""
        return {"Cause": extra.get("hangupcause", ""), "DialStatus": extra.get("dialstatus", ""), "Asked": asked}
    if name == "APP_START":
        return {"Application": fields.get("Application", ""), "AppData": fields.get("AppData", "")}
    if name == "BLINDTRANSFER":
        return {"Extension": extra.get("extension", ""), "TransfereeName": extra.get("transferee_channel_name", "")}
    if name == "PARK_START":
        return {"ParkerDialString": extra.get("parker_dial_string", "")}
    if name in ("BRIDGE_START", "BRIDGE_END"):
        return {"PeerName": fields.get("Peer", ""), "BridgeType": "basic"}
    if name in ("BRIDGE_ENTER", "BRIDGE_EXIT"):
        technology = extra.get("bridge_technology", "")
        kind = "base" if fields.get("Application", "").lower() in ("confbridge", "meetme", "page") else "basic"
        return {"BridgeTechnology": technology, "BridgeType": kind, "Peer": fields.get("Peer", "")}
    return dict(extra)


def _named(extra: Mapping[str, str], prefix: str, name: str = "") -> Channel | None:
    uniqueid, name = extra.get(prefix + "uniqueid", ""), extra.get(prefix + "name") or name
    return Channel(uniqueid, name, "", None, "", "", "", "", "", "") if uniqueid or name else None


def _extra(text: str) -> dict[str, str]:
    if not text.startswith("{"):
        return {}
    try:
        loaded = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return {str(key): str(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}
