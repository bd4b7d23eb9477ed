"""The vocabulary of calls: every PBX's messages are translated into these few kinds of event."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What happened."""

    CHANNEL_NEW = "channel-new"
    CHANNEL_SEEN = "channel-seen"  # it lives, but its beginning was not seen: an answer to stock-taking
    CHANNEL_STATE = "channel-state"
    CHANNEL_CALLER = "channel-caller"  # its caller id changed
    CHANNEL_APP = "channel-app"  # the dialplan runs an application on it
    CHANNEL_LINK = "channel-link"  # nothing but its present linked id
    SWAP = "swap"  # one channel takes the place, and the name, of another: a masquerade
    CHANNEL_GONE = "channel-gone"
    HANGUP_ASKED = "hangup-asked"  # the far end hung up; without it the PBX did
    DIAL_BEGIN = "dial-begin"
    DIAL_END = "dial-end"
    LOCAL_PAIR = "local-pair"
    BRIDGE_ENTER = "bridge-enter"
    BRIDGE_LEAVE = "bridge-leave"
    QUEUE_JOIN = "queue-join"
    QUEUE_LEAVE = "queue-leave"
    QUEUE_ABANDON = "queue-abandon"
    QUEUE_SEEN = "queue-seen"  # waiting already when stock was taken
    AGENT_CALLED = "agent-called"
    AGENT_CONNECT = "agent-connect"
    AGENT_COMPLETE = "agent-complete"
    HOLD = "hold"
    UNHOLD = "unhold"
    TRANSFER_BLIND = "transfer-blind"
    TRANSFER_ATTENDED = "transfer-attended"
    PICKUP = "pickup"
    PARK = "park"
    UNPARK = "unpark"
    PARK_END = "park-end"  # timed out or given up
    CONFERENCE_JOIN = "conference-join"
    CONFERENCE_LEAVE = "conference-leave"
    SPY_START = "spy-start"
    SPY_STOP = "spy-stop"
    RECORD_FILE = "record-file"
    RECORD_START = "record-start"
    RECORD_STOP = "record-stop"
    OFFICE_NUMBER = "office-number"  # the dialplan noted which number was called
    BILL = "bill"  # a CDR: late, coarse, used where nothing better was seen
    MEMBER = "member"  # presence of an agent in a queue
    MEMBER_GONE = "member-gone"
    MEMBERS_TOLD = "members-told"  # stock-taking has named every member of every queue
    DEVICE = "device"  # what a phone does
    BOOTED = "booted"
    SHUTDOWN = "shutdown"
    STOCK_COMPLETE = "stock-complete"  # all living channels have been told
    STARTED_AT = "started-at"  # when the PBX came up, in its local time
    CONSULTATION = "consultation"  # a phone that holds this call called somebody else; made by the assembler
    CLOCK_STEP = "clock-step"  # the PBX's clock was set back; made by the assembler
    GAP = "gap"  # nobody listened from here on; made by the assembler


class Channel(NamedTuple):
    """A channel as an event shows it."""

    uniqueid: str
    name: str
    linkedid: str
    state: int | None  # 0 down, 4 dialling, 5 ringing, 6 up
    number: str
    caller_name: str
    connected: str
    exten: str
    context: str
    account: str


class CallEvent(NamedTuple):
    """One event of the vocabulary.

    channel: whom it is about; other: the second party (dialled, rang, parked by …);
    more: further parties of a transfer. fields: what the kind needs besides, see the sources.
    """

    kind: Kind
    sequence: int
    at: float  # unix time: the PBX's own where it tells one, else of receipt
    channel: Channel | None = None
    other: Channel | None = None
    more: tuple[Channel, ...] = ()
    bridge: str = ""
    fields: Mapping[str, str] = {}
    from_cel: bool = False


UNDIALLED = "Undialled"  # field of an offer by a queue that no dial event tells besides
FINISHED_FILE = "Finished"  # a field of RECORD_FILE: what the file will be called once the PBX has converted it

# Kinds that show a living channel: they alone may begin a call whose beginning was not seen.
LIFE_SIGNS = frozenset(
    {
        Kind.CHANNEL_NEW,
        Kind.CHANNEL_SEEN,
        Kind.CHANNEL_STATE,
        Kind.CHANNEL_APP,
        Kind.DIAL_BEGIN,
        Kind.LOCAL_PAIR,
        Kind.BRIDGE_ENTER,
        Kind.QUEUE_JOIN,
        Kind.AGENT_CALLED,
        Kind.AGENT_CONNECT,
        Kind.HOLD,
        Kind.TRANSFER_BLIND,
        Kind.TRANSFER_ATTENDED,
        Kind.PICKUP,
        Kind.PARK,
        Kind.UNPARK,
        Kind.CONFERENCE_JOIN,
        Kind.RECORD_FILE,
    }
)
