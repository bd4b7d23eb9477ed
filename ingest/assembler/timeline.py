"""The ordered events of one group of channels, folded into its course."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ingest.assembler.lines import OPEN, App, Dial, Line, Shown, Span, Stay, Timeline
from ingest.assembler.places import Places
from ingest.events import UNDIALLED, CallEvent, Channel, Kind

ASSUMED = "Assumed"  # field of an end that was concluded, not seen; its value says from what
GAP_CAUSE = "Cause"
SHIFT = "Seconds"  # by how much the PBX's clock was set back
# Kinds that only a PBX with channel events sends; where one is there, CEL of the same call is left out.
_CHANNEL_EVENTS = frozenset(
    {Kind.CHANNEL_NEW, Kind.CHANNEL_STATE, Kind.BRIDGE_ENTER, Kind.DIAL_BEGIN, Kind.CHANNEL_SEEN}
)


def fold(events: Iterable[CallEvent]) -> Timeline:
    """The course of a group; events in the order of their sequence, each once."""
    events = list(events)
    if any(event.kind in _CHANNEL_EVENTS and not event.from_cel for event in events):
        events = [event for event in events if not event.from_cel]
    timeline = Timeline(from_cel=any(event.from_cel for event in events))
    folder = _Folder(timeline)
    shift = 0.0
    for event in events:
        if event.kind is Kind.CLOCK_STEP:
            shift += float(event.fields[SHIFT])
        folder.take(event._replace(at=event.at + shift) if shift else event)
    folder.close(events[-1].at + shift if events else 0.0)
    return timeline


class _Folder:
    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.places = Places(timeline.lines)
        self.by_name = self.places.by_name
        self.handlers: dict[Kind, Callable[[CallEvent], None]] = {
            Kind.CHANNEL_SEEN: self.seen,
            Kind.CHANNEL_STATE: self.state,
            Kind.CHANNEL_APP: self.app,
            Kind.CHANNEL_LINK: self.link,
            Kind.CHANNEL_GONE: self.gone,
            Kind.HANGUP_ASKED: self.asked,
            Kind.DIAL_BEGIN: self.dial_begin,
            Kind.DIAL_END: self.dial_end,
            Kind.BRIDGE_ENTER: self.enter,
            Kind.BRIDGE_LEAVE: self.leave,
            Kind.QUEUE_JOIN: self.timeline.queue_events.append,
            Kind.QUEUE_LEAVE: self.timeline.queue_events.append,
            Kind.QUEUE_ABANDON: self.timeline.queue_events.append,
            Kind.QUEUE_SEEN: self.timeline.queue_events.append,
            Kind.AGENT_CALLED: self.agent,
            Kind.AGENT_CONNECT: self.agent,
            Kind.HOLD: self.hold,
            Kind.UNHOLD: self.unhold,
            Kind.TRANSFER_BLIND: self.transfer,
            Kind.TRANSFER_ATTENDED: self.transfer,
            Kind.PICKUP: self.pickup,
            Kind.PARK: self.transfer,
            Kind.UNPARK: self.transfer,
            Kind.PARK_END: self.transfer,
            Kind.CONFERENCE_JOIN: self.timeline.conferences.append,
            Kind.CONFERENCE_LEAVE: self.timeline.conferences.append,
            Kind.SPY_START: self.timeline.spying.append,
            Kind.SPY_STOP: self.timeline.spying.append,
            Kind.RECORD_FILE: self.timeline.files.append,
            Kind.RECORD_START: self.timeline.record_marks.append,
            Kind.RECORD_STOP: self.timeline.record_marks.append,
            Kind.OFFICE_NUMBER: self.timeline.office_numbers.append,
            Kind.BILL: self.timeline.bills.append,
            Kind.CONSULTATION: self.timeline.consultations.append,
            Kind.SHUTDOWN: self.shutdown,
            Kind.GAP: self.gap,
        }

    def take(self, event: CallEvent) -> None:
        if event.kind in (Kind.BILL, Kind.SPY_START, Kind.SPY_STOP, Kind.CONSULTATION):
            self.handlers[event.kind](event)  # names channels that may be of other calls
            return
        if event.kind is Kind.SWAP:
            self.places.swap(event)
            return
        event = self.places.settle(event)
        if event.channel is not None:
            self.line(event.channel, event)
        if event.other is not None and event.kind is not Kind.PICKUP:
            self.line(event.other, event)
        for channel in event.more:
            self.line(channel, event)
        handler = self.handlers.get(event.kind)
        if handler is not None:
            handler(event)

    def line(self, channel: Channel, event: CallEvent) -> Line | None:
        """The line of a channel, made at its first sight, brought up to date."""
        line = self.timeline.lines.get(channel.uniqueid)
        if line is None:
            if not channel.uniqueid or event.kind in (Kind.CHANNEL_CALLER, Kind.CHANNEL_LINK):
                return None
            line = self.begin(channel, event)
        if channel.number or channel.caller_name:
            last = line.shown[-1] if line.shown else None
            if last is None or (last.number, last.name) != (channel.number, channel.caller_name):
                line.shown.append(Shown(event.at, channel.number, channel.caller_name))
        if channel.state == 5 and line.ringing_at is None:
            line.ringing_at = event.at
            line.sequences.append(event.sequence)
        elif channel.state == 6 and line.up_at is None:
            line.up_at = event.at
            line.sequences.append(event.sequence)
        return line

    def begin(self, channel: Channel, event: CallEvent) -> Line:
        line = Line(
            uniqueid=channel.uniqueid,
            name=channel.name,
            linkedid=channel.linkedid,
            began_at=event.at,
            exten=channel.exten,
            context=channel.context,
            account=channel.account,
            born_seen=event.kind is Kind.CHANNEL_NEW,
            position=len(self.timeline.lines),
            sequences=[event.sequence],
        )
        self.timeline.lines[channel.uniqueid] = line
        self.by_name[channel.name] = channel.uniqueid
        if line.is_local:
            self.timeline.pairs.setdefault(line.pair, []).append(channel.uniqueid)
        return line

    def seen(self, event: CallEvent) -> None:
        """An answer to stock-taking: how long it has been there, and in which bridge it is."""
        line = self.timeline.lines[_id(event)]
        fields = event.fields
        if not line.born_seen:
            line.began_at = min(line.began_at, event.at - seconds_told(fields))
            application = fields.get("Application", "").lower()
            if application and not line.apps:
                data = fields.get("ApplicationData") or fields.get("Data") or ""
                line.apps.append(App(event.at, application, data, event.sequence))
        line.dnid = line.dnid or fields.get("DNID", "")
        bridge = fields.get("BridgeId") or fields.get("BridgeID") or ""
        present = line.stays[-1] if line.stays and line.stays[-1].until == OPEN else None
        if present is not None and present.bridge != bridge:
            present.until = event.at
        if bridge and (present is None or present.bridge != bridge):
            line.stays.append(Stay(bridge, _kind_of_stock(fields), event.at, sequences=[event.sequence]))

    def state(self, event: CallEvent) -> None:
        """Ringing and Up were noted when the line was brought up to date."""

    def app(self, event: CallEvent) -> None:
        line = self.timeline.lines[_id(event)]
        name = event.fields.get("Application", "").lower()
        line.apps.append(App(event.at, name, event.fields.get("AppData", ""), event.sequence))

    def link(self, event: CallEvent) -> None:
        """CEL tells the cause apart from the end, and before or after it."""
        line = self.timeline.lines.get(_id(event))
        if line is not None and "Cause" in event.fields:
            line.cause = _number(event.fields["Cause"])
            line.sequences.append(event.sequence)
            line.dial_status = event.fields.get("DialStatus") or line.dial_status
            if event.fields.get("Asked") and line.asked_at is None:
                line.asked_at = event.at

    def gone(self, event: CallEvent) -> None:
        line = self.timeline.lines[_id(event)]
        if line.gone_at != OPEN and not (line.assumed_gone and ASSUMED not in event.fields):
            return
        line.gone_at = max(event.at, line.began_at)
        line.assumed_gone = event.fields.get(ASSUMED, "")
        if (cause := _number(event.fields.get("Cause", ""))) is not None:
            line.cause = cause
        line.sequences.append(event.sequence)
        for stay in line.stays:
            stay.until = min(stay.until, line.gone_at)
        for span in line.holds:
            span.until = min(span.until, line.gone_at)

    def asked(self, event: CallEvent) -> None:
        line = self.timeline.lines[_id(event)]
        if line.asked_at is None:
            line.asked_at = event.at
            line.sequences.append(event.sequence)

    def dial_begin(self, event: CallEvent) -> None:
        target = event.other or event.channel
        if target is None or target.uniqueid not in self.timeline.lines:
            return
        parent = event.channel if event.other is not None else None
        dial = Dial(
            parent=parent.uniqueid if parent else None,
            target=target.uniqueid,
            string=event.fields.get("DialString", ""),
            began_at=event.at,
            exten=parent.exten if parent else "",
            context=parent.context if parent else "",
            sequences=[event.sequence],
        )
        self.timeline.add_dial(dial)
        line = self.timeline.lines[target.uniqueid]
        if parent is not None and line.up_at is not None and line.born_seen and not line.was_dialled:
            self.took_over(dial, line)
            return
        line.dials.append(dial)
        line.linkedid = line.linkedid or target.linkedid
        if parent is not None:
            self.timeline.lines[parent.uniqueid].made_calls = True

    def took_over(self, dial: Dial, line: Line) -> None:
        """Some versions tell a pickup only so: the dial goes on with a line that is up already."""
        line.took_over = dial.picked_up = True
        for other in self.timeline.dials:
            if other.parent == dial.parent and other is not dial and other.status in (None, "CANCEL"):
                other.picked_up = True

    def dial_end(self, event: CallEvent) -> None:
        if event.other is None and event.channel is not None and not event.from_cel:
            self.dial_over(event, event.channel.uniqueid)
            return
        target = event.other or event.channel
        if target is None:
            return
        parent = event.channel.uniqueid if event.channel is not None and event.other is not None else None
        for dial in reversed(self.timeline.dials):
            if dial.target == target.uniqueid and (parent is None or dial.parent in (parent, None)):
                if dial.ended_at is None:  # the first end counts: a repeated one only says CANCEL again
                    dial.ended_at = event.at
                    dial.status = event.fields.get("DialStatus") or dial.status
                    dial.forward = event.fields.get("Forward")
                    dial.sequences.append(event.sequence)
                return

    def dial_over(self, event: CallEvent, parent: str) -> None:
        """The end of a Dial that names nobody who was dialled: it is the end for all of them."""
        said = event.fields.get("DialStatus")
        for dial in self.timeline.dials:
            if dial.parent != parent or dial.ended_at is not None:
                continue
            line = self.timeline.lines[dial.target]
            dial.ended_at = min(event.at, line.gone_at)
            dial.status = "CANCEL" if said == "ANSWER" and line.up_at is None else said
            dial.sequences.append(event.sequence)

    def enter(self, event: CallEvent) -> None:
        for channel in (event.channel, event.other):  # old versions tell both ends at once
            if channel is not None and channel.uniqueid in self.timeline.lines:
                self.enter_one(self.timeline.lines[channel.uniqueid], event)

    def enter_one(self, line: Line, event: CallEvent) -> None:
        kind = bridge_kind(event.fields)
        if line.stays and line.stays[-1].until == OPEN:
            if line.stays[-1].bridge == event.bridge:
                return
            line.stays[-1].until = event.at
        line.stays.append(Stay(event.bridge, kind, event.at, sequences=[event.sequence]))
        if event.from_cel and "PeerName" in event.fields:
            self.bring_peer(line, event)

    def bring_peer(self, line: Line, event: CallEvent) -> None:
        """The old CEL tells a bridge on one channel only; its partner is named, or whoever is up."""
        named = self.by_name.get(event.fields["PeerName"])
        for other in self.timeline.lines.values():
            up = other.up_at is not None and other.gone_at == OPEN and not other.is_local
            if other is not line and (other.uniqueid == named if named else up):
                other.stays.append(Stay(event.bridge, "basic", event.at, sequences=[event.sequence]))

    def leave(self, event: CallEvent) -> None:
        ends = [channel.uniqueid for channel in (event.channel, event.other) if channel is not None]
        leavers = [line for uniqueid in ends if (line := self.timeline.lines.get(uniqueid)) is not None]
        if event.from_cel and "PeerName" in event.fields:
            leavers = list(self.timeline.lines.values())
        for leaver in leavers:
            for stay in leaver.stays:
                if stay.bridge == event.bridge and stay.until == OPEN:
                    stay.until = max(event.at, stay.since)
                    stay.sequences.append(event.sequence)

    def agent(self, event: CallEvent) -> None:
        self.timeline.queue_events.append(event)
        if event.other is not None:
            if UNDIALLED in event.fields:
                self.offered(event, event.other.uniqueid)
            for dial in self.timeline.dials_to.get(event.other.uniqueid, ()):
                dial.queue = event.fields.get("Queue")

    def offered(self, event: CallEvent, target: str) -> None:
        """Queues of old versions tell no Dial."""
        parent, line = _id(event), self.timeline.lines.get(target)
        if line is None or parent not in self.timeline.lines or line.dials:
            return
        string = event.fields.get("Interface", "").partition("/")[2]
        dial = Dial(parent, target, string, line.began_at, "", "", sequences=[event.sequence])
        self.timeline.add_dial(dial)
        line.dials.append(dial)
        self.timeline.lines[parent].made_calls = True

    def hold(self, event: CallEvent) -> None:
        line = self.timeline.lines[_id(event)]
        if not line.holds or line.holds[-1].until != OPEN:
            line.holds.append(Span(event.at, sequences=[event.sequence]))

    def unhold(self, event: CallEvent) -> None:
        # An Unhold without a Hold comes at every transfer by REFER.
        line = self.timeline.lines[_id(event)]
        if line.holds and line.holds[-1].until == OPEN:
            line.holds[-1].until = max(event.at, line.holds[-1].since)
            line.holds[-1].sequences.append(event.sequence)

    def transfer(self, event: CallEvent) -> None:
        self.timeline.transfers.append(event)

    def pickup(self, event: CallEvent) -> None:
        self.timeline.transfers.append(event)
        if event.other is None:
            return
        target = event.other.uniqueid or self.by_name.get(event.other.name, "")
        for dial in self.timeline.dials:
            if dial.target == target:
                dial.picked_up = True

    def shutdown(self, event: CallEvent) -> None:
        self.timeline.shutdown_at = event.at

    def gap(self, event: CallEvent) -> None:
        self.timeline.gaps.append(Span(event.at, label=event.fields.get(GAP_CAUSE, "")))

    def close(self, last_at: float) -> None:
        lines = self.timeline.lines.values()
        self.timeline.started_at = min((line.began_at for line in lines), default=last_at)
        ends = [line.gone_at for line in lines]
        self.timeline.ended_at = max((end for end in ends if end != OPEN), default=last_at)
        if OPEN in ends:
            self.timeline.ended_at = max(last_at, self.timeline.ended_at)
        for event in self.timeline.queue_events:
            if event.kind is Kind.AGENT_CALLED and event.other is not None:
                for dial in self.timeline.dials_to.get(event.other.uniqueid, ()):
                    dial.queue = event.fields.get("Queue")


def bridge_kind(fields: Mapping[str, str]) -> str:
    """basic: two or more of one call; base: a conference; parking, holding: nobody hears anybody."""
    kind = fields.get("BridgeType", "") or "basic"
    if kind in ("basic", "parking"):
        return kind
    technology = fields.get("BridgeTechnology", "")
    if technology.startswith("holding"):
        return "holding"
    return "basic" if kind == "stasis" and not technology.startswith("softmix") else "base"


def _kind_of_stock(fields: Mapping[str, str]) -> str:
    """Stock-taking names a bridge, not its kind: the application that the channel runs tells it."""
    application = fields.get("Application", "").lower()
    if application in ("confbridge", "meetme", "page"):
        return "base"
    return "parking" if application in ("park", "parkandannounce") else "basic"


def _id(event: CallEvent) -> str:
    return event.channel.uniqueid if event.channel is not None else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def seconds_told(fields: Mapping[str, str]) -> float:
    """How long a channel has lived: "00:00:07", or whole seconds."""
    text = fields.get("Duration") or fields.get("Seconds") or ""
    try:
        parts = [int(part) for part in text.split(":")]
    except ValueError:
        return 0.0
    total = 0
    for part in parts[:3]:
        total = total * 60 + part
    return float(min(total, 30 * 86_400))
