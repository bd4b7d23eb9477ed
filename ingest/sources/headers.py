"""What headers of a manager event mean, whatever the event: its time, and the channels that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from ingest.events import Channel
from ingest.stream import Message

UNKNOWN = frozenset({"", "<unknown>", "unknown", "<null>", "(null)"})
_LATEST = 4_102_444_800.0  # the year 2100: what is beyond is no time


def moment(message: Message) -> float:
    """The PBX's own time of the event, else the time of receipt; unix."""
    try:
        at = float(message.fields["Timestamp"])
    except (KeyError, ValueError):
        return message.received_at
    return at if 0.0 < at < _LATEST else message.received_at


def channel_of(fields: Mapping[str, str], prefix: str = "") -> Channel | None:
    """The channel whose headers begin with `prefix`; None where the event names none."""
    return channel_reader(prefix)(fields)


@lru_cache(maxsize=64)
def channel_reader(prefix: str) -> Callable[[Mapping[str, str]], Channel | None]:
    """`channel_of` for one prefix, with the names of its headers made once."""
    name, uniqueid, old_uniqueid = prefix + "Channel", prefix + "Uniqueid", prefix + "UniqueID"
    linkedid, old_linkedid, state = prefix + "Linkedid", prefix + "LinkedID", prefix + "ChannelState"
    number, caller_name, connected = prefix + "CallerIDNum", prefix + "CallerIDName", prefix + "ConnectedLineNum"
    exten, context, account = prefix + "Exten", prefix + "Context", prefix + "AccountCode"

    def read(fields: Mapping[str, str]) -> Channel | None:
        get = fields.get
        found = get(uniqueid) or get(old_uniqueid) or ""
        if not found:
            return None
        said = get(state, "")
        return Channel(
            found,
            get(name, ""),
            get(linkedid) or get(old_linkedid) or "",
            int(said) if said.isascii() and said.isdigit() and len(said) < 4 else None,
            known(get(number, "")),
            known(get(caller_name, "")),
            known(get(connected, "")),
            get(exten, ""),
            get(context, ""),
            get(account, ""),
        )

    return read


def known(value: str) -> str:
    return "" if value in UNKNOWN else value


def picked(fields: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The headers of these names that say something."""
    return {name: fields[name] for name in names if fields.get(name)}


def named(name: str, uniqueid: str = "") -> Channel | None:
    """A channel of which only the name, or the name and the unique id, are told."""
    return Channel(uniqueid, name, "", None, "", "", "", "", "", "") if name or uniqueid else None
